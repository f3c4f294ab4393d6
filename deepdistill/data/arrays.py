"""Problems from a user's own arrays: which form they have, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..ir.alphabet import alphabet
from ..ir.errors import InputError
from ..ir.names import identifier
from ..ir.types import Axis, Integers, Port, parse_axes
from .examples import (
    FEW_SAMPLES,
    LARGEST,
    MOST_NOISE,
    Examples,
    GivenPairs,
    IntArray,
    Shape,
    integer_array,
)
from .sequences import pairs_from_sequences

_MANY = 20  # answers of which a number would take more than two
_WIDEST_INTEGER_RANGE = 256


def pairs_from_arrays(
    x: Any,
    y: Any,
    axes: str | Mapping[str, str],
    name: str = "mine",
    check_shapes: tuple[Shape, ...] | None = None,
) -> GivenPairs:
    """What a user's own pairs tell of their problem.

    ``x`` and ``y`` hold integers, sample axis first: shape (samples, *sizes) with one size for
    each axis of ``axes``. There is no oracle: part of the pairs is held out and judges.

    - ``"grid(wrap) grid(wrap)"`` and the like, ``y`` of the shape of ``x``: an automaton. Several
      input ports are given as mappings of port name to array and to axes; the first one sets the
      output's shape.
    - ``"grid(bounded) grid(bounded)"`` and the like, ``y`` of shape (samples,): a question about
      pictures.
    - ``"set"``, ``y`` of shape (samples,) or (samples, n): a question about n numbers.
    - ``"sequence"``, ``x`` and ``y`` of shape (samples, length) or (samples, length, channels): a
      rule that goes from step to step, see
      :func:`deepdistill.data.sequences.pairs_from_sequences`.

    A few labels may be wrong: where samples of the same input have different outputs, what most of
    them say is learned. Raises :class:`InputError` with a sentence for arrays that cannot be
    learned from.
    """
    if isinstance(axes, str) and axes.split()[:1] == ["sequence"]:
        return pairs_from_sequences(x, y, axes, name, check_shapes)
    if isinstance(x, Mapping):
        arrays: Mapping[str, Any] = x
    else:
        arrays = {"numbers" if isinstance(axes, str) and axes.split() == ["set"] else "cells": x}
    texts: Mapping[str, str] = axes if isinstance(axes, Mapping) else dict.fromkeys(arrays, axes)
    if set(arrays) != set(texts):
        raise InputError("x and axes name different ports: give each input its axes")
    if not arrays:
        raise InputError("x names no inputs: give at least one array")
    words = {name: f"x[{name!r}]" if len(arrays) > 1 else "x" for name in arrays}
    columns = [integer_array(values, words[name]) for name, values in arrays.items()]
    label = integer_array(y, "y")
    symbols = _alphabets([texts[name] for name in arrays], columns, label)
    *columns, label = map(_in_places, [*columns, label], symbols)
    ports = [
        _spelt(_port(identifier(port_name), texts[port_name], column, words[port_name]), own)
        for port_name, column, own in zip(arrays, columns, symbols, strict=False)
    ]
    names = [port.name for port in ports] + ["result"]
    for port_name in names:
        if names.count(port_name) > 1:
            raise InputError(
                f"two ports are called {port_name!r}: rename one, the output is 'result'"
            )
    _refuse_shapes(ports, columns)
    output = _spelt(_output(ports, columns, label), symbols[-1])
    if len(label) < 2:
        raise InputError(
            "one sample is not enough: give at least two, one to learn and one to judge"
        )
    _refuse_contradictions(columns, label)
    sizes = columns[0].shape[1:]
    larger = tuple(10 * size for size in sizes)
    return GivenPairs(
        name=identifier(name),
        inputs=tuple(ports),
        output=output,
        training_shapes=(sizes,),
        check_shapes=check_shapes if check_shapes is not None else (larger,),
        given=(Examples(tuple(columns), label),),
    )


def _alphabets(
    texts: Sequence[str], columns: Sequence[IntArray], label: IntArray
) -> list[tuple[int, ...]]:
    """What stands for the states 0, 1, … in each grid and last in the answers, where others do."""
    none: list[tuple[int, ...]] = [()] * (len(columns) + 1)
    grids = [all(word.startswith("grid") for word in text.split()) for text in texts]
    if label.shape == columns[0].shape[:1] and len(columns) == 1:  # its cells may be added up
        numbers = np.unique(columns[0]).tolist()
        own = alphabet(numbers, states=False) if grids == [True] else ()
        return [own, _classes(numbers, label)]
    if label.shape != columns[0].shape or not grids[0]:
        return none
    values = [np.unique(array).tolist() for array in (*columns, label)]
    alphabets = [
        alphabet(own) if grid else () for own, grid in zip(values, [*grids, True], strict=True)
    ]
    if set(values[-1]) <= set(values[0]):  # then an answer can be an input again
        alphabets[-1] = alphabets[0]
    return alphabets


def _classes(numbers: list[int], label: IntArray) -> tuple[int, ...]:
    """Two answers of many that are names of classes, where they are no numbers of the input."""
    answers = np.unique(label).tolist()
    two = len(answers) == 2 and answers != [0, 1] and len(label) >= _MANY
    return tuple(answers) if two and (len(numbers) > 2 or not set(answers) <= set(numbers)) else ()


def _in_places(array: IntArray, symbols: tuple[int, ...]) -> IntArray:
    """The places of the symbols in place of them."""
    return np.searchsorted(symbols, array).astype(np.int64) if symbols else array


def _spelt(port: Port, symbols: tuple[int, ...]) -> Port:
    if not symbols:
        return port
    return replace(port, domain=Integers(0, len(symbols) - 1), symbols=symbols)


def _refuse_many_states(array: IntArray, what: str) -> None:
    """Refuse what is too wide for the states of a cell; a domain always contains 0."""
    low, high = int(array.min()), int(array.max())
    if max(high, 0) - min(low, 0) >= _WIDEST_INTEGER_RANGE:
        raise InputError(
            f"{what} ranges from {low} to {high}: states may span at most "
            f"{_WIDEST_INTEGER_RANGE} integers, 0 among them"
        )


def _port(name: str, text: str, array: IntArray, what: str) -> Port:
    try:
        axes = parse_axes(text)
    except ValueError as error:
        raise InputError(str(error)) from None
    sizes = array.shape[1:]
    if len(axes) != len(sizes):
        raise InputError(
            f"the axes {text!r} name {len(axes)} dimensions but each sample has {len(sizes)}: "
            "the first dimension of the array counts the samples"
        )
    fixed = []
    for axis, size in zip(axes, sizes, strict=True):
        if axis.kind == "fixed" and axis.size not in (None, size):
            raise InputError(f"the axis {axis} has another size in the data: {size}")
        fixed.append(Axis("fixed", size=size) if axis.kind == "fixed" else axis)
    if not any(axis.kind == "set" for axis in axes):
        _refuse_many_states(array, what)
    return Port(name, tuple(fixed), _states(array))


def _states(array: IntArray) -> Integers:
    return Integers(min(0, int(array.min())), max(1, int(array.max())))


def _output(ports: list[Port], columns: list[IntArray], label: IntArray) -> Port:
    """The output's port, from the shape of the labels."""
    first, shape = ports[0], columns[0].shape
    items = any(axis.kind == "set" for axis in first.axes)
    if label.shape == shape and not items:
        _refuse_many_states(label, "y")
        return Port("result", first.axes, _states(label))
    if label.shape != shape and label.shape != shape[:1]:
        raise InputError(
            f"y has the shape {label.shape} but x has {shape}: "
            "each output needs as many cells as its input, or is one number"
        )
    if len(ports) > 1:
        raise InputError(
            "an answer of one number, or one about a set, is learned from one input: give one array"
        )
    if any(axis.wrap for axis in first.axes):
        raise InputError(
            f"the axes {' '.join(map(str, first.axes))!r} wrap around, and an answer of one number "
            "is learned from pictures with borders: give grid(bounded) for each dimension"
        )
    answers = _states(label)
    if not answers.is_bits:  # at other sizes there may be other answers
        answers = Integers(0 if answers.low == 0 else -LARGEST, LARGEST)
    return Port("result", first.axes if label.shape == shape else (), answers)


def _refuse_shapes(ports: list[Port], columns: list[IntArray]) -> None:
    """Refuse ports that cannot be learned from, and inputs that do not go together."""
    if len({len(array) for array in columns}) > 1:
        raise InputError("the inputs have different numbers of samples")
    first = ports[0]
    kinds = [axis.kind for axis in first.axes]
    if kinds != ["set"] and set(kinds) != {"grid"}:
        raise InputError(
            f"the axes {' '.join(map(str, first.axes))!r} of {first.name!r} are not those of a "
            "grid: the first input takes grid(wrap) or grid(bounded) for each dimension, or is a "
            "single set"
        )
    for port, array in zip(ports, columns, strict=True):
        if not port.is_fixed and port.axes != first.axes:
            raise InputError(
                f"the axes of {port.name!r} must be those of {first.name!r}, or all fixed"
            )
        if not port.is_fixed and array.shape != columns[0].shape:
            raise InputError(
                f"{port.name!r} has the shape {array.shape} but {first.name!r} has "
                f"{columns[0].shape}: grids need the same sizes"
            )


def _refuse_contradictions(columns: list[IntArray], label: IntArray) -> None:
    """Refuse samples with the same inputs and different outputs that are no few wrong labels."""
    flat = np.concatenate([array.reshape(len(array), -1) for array in columns], axis=1)
    seen: dict[bytes, list[int]] = {}
    for k, row in enumerate(flat):
        seen.setdefault(row.tobytes(), []).append(k)
    odd = 0
    pair: tuple[int, int] | None = None
    for same in seen.values():
        answers = label[same].reshape(len(same), -1)
        if len(same) == 1 or (answers == answers[0]).all():
            continue
        if pair is None:
            pair = same[0], same[int(np.argmax((answers != answers[0]).any(axis=1)))]
        odd += sum(
            len(column) - int(np.unique(column, return_counts=True)[1].max())
            for column in answers.T
        )
    if pair is None:
        return
    if len(label) <= FEW_SAMPLES:
        raise InputError(
            f"samples {pair[0]} and {pair[1]} have the same input and different outputs: "
            "no program can compute both, remove one of them"
        )
    if odd > MOST_NOISE * label.size:
        raise InputError(
            f"samples {pair[0]} and {pair[1]} have the same input and different outputs, and "
            f"{odd:,} of {label.size:,} answers are such: that is too many for wrong labels, give "
            "what else the answer depends on as a further input"
        )
