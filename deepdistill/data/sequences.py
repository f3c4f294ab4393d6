"""Problems from a user's own sequences: their form, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..ir.errors import InputError
from ..ir.names import identifier
from ..ir.types import Axis, Integers, Port, parse_axes
from .examples import (
    FEW_SAMPLES,
    OTHER_DOOR,
    Examples,
    GivenPairs,
    IntArray,
    Shape,
    integer_array,
)

CHECKED = (10, 100)
"""How many times the length of the given sequences the solver is judged at."""


def pairs_from_sequences(
    x: Any,
    y: Any,
    axes: str = "sequence",
    name: str = "mine",
    check_shapes: tuple[Shape, ...] | None = None,
) -> GivenPairs:
    """The problem of sequences of integers and of what is to be answered at each of their steps.

    ``x`` and ``y`` have the shape (samples, length) or (samples, length, channels); the lengths
    are equal, the channels need not be. What a step answers may depend on it and on those before.
    The values of ``x`` that are shown are those the solver takes. Where few samples are given, one
    that contradicts another is refused; among many it is a wrong label, and the certificate says
    how often the solver answers otherwise.

    Raises :class:`InputError` with a sentence for sequences that cannot be learned from.
    """
    for values, what in ((x, "x"), (y, "y")):
        if isinstance(values, Mapping):
            raise InputError("sequences are learned from one input: give one array with channels")
        _refuse_ragged(values, what)
    described, label = integer_array(x, "x"), integer_array(y, "y")
    for array, what in ((described, "x"), (label, "y")):
        if array.ndim not in (2, 3):
            raise InputError(
                f"{what} has the shape {array.shape}: sequences have the shape (samples, length) "
                "or (samples, length, channels)"
            )
    if len(described) != len(label):
        raise InputError(f"x holds {len(described)} sequences but y {len(label)}: give pairs")
    if described.shape[1] != label.shape[1]:
        raise InputError(
            f"the sequences of x have {described.shape[1]} steps but those of y {label.shape[1]}: "
            "each step needs its answer, padding must be declared by padding them yourself"
        )
    if len(described) < 2:
        raise InputError(
            "one sequence is not enough: give at least two, one to learn and one to judge"
        )
    inputs = _input(axes, described)
    refuse_contradictions(described, label)
    length = described.shape[1]
    if check_shapes is None:
        check_shapes = tuple((times * length,) for times in CHECKED)
    return GivenPairs(
        name=identifier(name),
        inputs=(inputs,),
        output=_port("result", label),
        training_shapes=(described.shape[1:],),
        check_shapes=tuple((shape[0], *described.shape[2:]) for shape in check_shapes),
        given=(Examples((described,), label),),
    )


def _refuse_ragged(values: Any, what: str) -> None:
    """Refuse sequences of unequal lengths, and steps of unequal numbers of channels."""
    if isinstance(values, np.ndarray) and values.dtype != object:
        return
    if not isinstance(values, Sequence | np.ndarray) or isinstance(values, str):
        return
    samples = [sample for sample in values if _is_list(sample)]
    lengths = sorted({len(sample) for sample in samples})
    if len(lengths) > 1:
        raise InputError(
            f"the sequences of {what} have unequal lengths ({lengths[0]} and {lengths[-1]}): "
            f"padding must be declared, not guessed; {OTHER_DOOR}"
        )
    channels = sorted({len(step) if _is_list(step) else 0 for sample in samples for step in sample})
    if len(channels) > 1:
        raise InputError(
            f"the steps of {what} have different numbers of channels ({channels[0]} and "
            f"{channels[-1]}): every step of every sample needs the same"
        )


def _is_list(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, list | tuple)


def _input(text: str, array: IntArray) -> Port:
    """The input's port; a second axis is that of the channels, named or not."""
    try:
        axes = parse_axes(text)
    except ValueError as error:
        raise InputError(str(error)) from None
    if len(axes) > 1 and (len(axes) != array.ndim - 1 or axes[1].kind != "fixed"):
        raise InputError(
            f"the axes {text!r} do not fit: give sequence, or sequence fixed where x has channels"
        )
    if len(axes) > 1 and axes[1].size not in (None, array.shape[2]):
        raise InputError(f"the axis {axes[1]} has another size in the data: {array.shape[2]}")
    return _port("numbers", array)


def _port(name: str, array: IntArray) -> Port:
    axes = (Axis("sequence"), *(Axis("fixed", size=size) for size in array.shape[2:]))
    return Port(name, axes, Integers(int(array.min()), int(array.max())))


def refuse_contradictions(x: IntArray, y: IntArray) -> None:
    """Refuse samples that answer the same steps otherwise than another, where there are few."""
    if len(x) > FEW_SAMPLES:
        return
    group = np.zeros(len(x), dtype=np.int64)  # of the samples that were equal up to here
    conflict: tuple[int, int, int] | None = None
    for t in range(x.shape[1]):
        steps = np.column_stack([group, x[:, t].reshape(len(x), -1)])
        _, group = np.unique(steps, axis=0, return_inverse=True)
        group = group.reshape(-1)
        answers = np.column_stack([group, y[:, t].reshape(len(y), -1)])
        _, first, kind, counts = np.unique(
            answers, axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        kind = kind.reshape(-1)
        usual: dict[int, int] = {}  # the answer that most samples of a group give
        for k in np.argsort(first, kind="stable").tolist():
            own = int(group[first[k]])
            if own not in usual or counts[k] > counts[usual[own]]:
                usual[own] = k
        other = np.flatnonzero(np.array([usual[int(g)] for g in group]) != kind)
        if len(other) and conflict is None:
            odd = int(other[0])
            conflict = (int(first[usual[int(group[odd])]]), odd, t)
    if conflict is not None:
        one, two = sorted(conflict[:2])
        raise InputError(
            f"samples {one} and {two} have the same input up to step {conflict[2]} and different "
            "outputs there: no program can compute both, remove one of them"
        )
