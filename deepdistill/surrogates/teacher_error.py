"""How far a network is off: given, told by its floats, by other networks or by its labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.problem import InputError

if TYPE_CHECKING:
    from ..modules.calls import BlockCalls

Floats: TypeAlias = NDArray[np.float64]

_FINE = 1e-12  # a relative step of floats from which on they are as good as exact
_ROUNDINGS = 2.0  # of the largest answer, what a network's own roundings add up to


def teacher_errors(
    given: Any,
    y: Floats,
    precision: float,
    others: Callable[[Sequence[Any]], Floats],
    labels: Callable[[], Floats],
) -> list[float]:
    """The standard error of each of a network's outputs (rows, outputs).

    ``precision`` is the relative step of its floats. ``others`` answers for other networks
    (networks, rows, outputs) and ``labels`` says how far the labels are off (rows, outputs); either
    is asked where ``given`` says so. Raises :class:`InputError` for what is no error.
    """
    if isinstance(given, str):
        if given == "auto":
            rough = precision > _FINE
            return [float(_ROUNDINGS * precision * np.abs(one).max()) * rough for one in y.T]
        if given == "labels":
            return [float(one) for one in np.sqrt(np.mean(labels() ** 2, axis=0))]
        raise _no_error(given)
    models = list(given) if isinstance(given, list | tuple) else [given]
    if models and all(callable(one) or hasattr(one, "predict") for one in models):
        every = np.concatenate([y[None], others(models)])
        return [float(one) for one in np.sqrt(np.mean(np.var(every, axis=0, ddof=1), axis=0))]
    several = [given] * y.shape[1] if isinstance(given, int | float) else given
    if not isinstance(several, Sequence):
        raise _no_error(given)
    if not all(type(one) in (int, float) and 0 <= one < 1e150 for one in several):
        raise _no_error(given)
    if len(several) != y.shape[1]:
        raise InputError(
            f"{len(several)} standard errors are given for {y.shape[1]} outputs: give one for each"
        )
    return [float(one) for one in several]


def alike_answers(
    models: Sequence[Any], path: str, calls: BlockCalls, places: Sequence[int], rows: int, seed: int
) -> Floats:
    """What other networks (networks, rows, outputs) answer where this one was captured."""
    from ..modules.calls import captured

    _refuse_part(path)
    alike = [captured(one, path, list(calls.batches), rows, seed) for one in models]
    if not all(np.array_equal(one.x, calls.x) for one in alike):
        raise InputError("the networks of teacher_error are given other inputs: give fewer rows")
    return np.stack([one.y[:, list(places)] for one in alike])


def errors_by_labels(
    model: Any, path: str, calls: BlockCalls, places: Sequence[int], labels: Any
) -> Floats:
    """How far a model is off its labels (rows, outputs)."""
    from ..modules.whole import label_errors

    _refuse_part(path)
    if labels is None or len(places) < calls.y.shape[1]:
        raise InputError("teacher_error is 'labels': give labels, and distill all outputs")
    return label_errors(model, calls.batches, labels, calls.y.shape[1])


def _refuse_part(path: str) -> None:
    """Other networks and labels speak of the whole model only."""
    if path:
        raise InputError(
            f"teacher_error is to be told for {path!r} by what speaks of the whole model: "
            "give a standard error, or the path ''"
        )


def _no_error(given: Any) -> InputError:
    return InputError(
        f"teacher_error is {given!r:.40}: give a standard error from 0, one for all outputs or "
        "one for each, 'auto', 'labels', or networks trained alike from other seeds"
    )
