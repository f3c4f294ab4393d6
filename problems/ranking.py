"""Ranking: one question about a list of numbers, the same at any length.

The numbers stand on a ``set`` axis: which one comes first in the list matters only for ties, where
the first one wins.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from deepdistill.data.problem import Axis, Integers, Port, Problem

__all__ = ["NAMES", "PATTERNS", "find"]

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]
Answer = Callable[[IntArray], IntArray]

PATTERNS: dict[str, str] = {}
"""Families of names that `find` knows besides `NAMES`, each with a sentence."""

_NUMBERS = Integers(-9999, 9999)
_LENGTHS = ((4,), (5,), (6,))
_CHECKS = ((1000,), (37,), (3,), (2,), (1,))
_COUNT = 240


def _numbers(rng: np.random.Generator, shape: Shape) -> tuple[IntArray, ...]:
    """Numbers from ranges that differ from list to list: with many, few or no equal ones."""
    spread = int(np.exp(rng.uniform(0, np.log(_NUMBERS.high))))
    low = int(rng.integers(_NUMBERS.low, _NUMBERS.high - spread + 1))
    return (rng.integers(low, low + spread + 1, size=shape),)


def _numbers_with_few_duplicates(rng: np.random.Generator, shape: Shape) -> tuple[IntArray, ...]:
    """Different numbers; in half of the lists one or more are repeated."""
    numbers = rng.choice(np.arange(_NUMBERS.low, _NUMBERS.high + 1), size=shape, replace=False)
    if rng.integers(2):
        for _ in range(rng.integers(1, 3)):
            source, target = rng.integers(shape[0], size=2)
            numbers[target] = numbers[source]
    return (numbers,)


def _numbers_with_majority(rng: np.random.Generator, shape: Shape) -> tuple[IntArray, ...]:
    """One number in more than half of the places, or in half of them and so in vain."""
    (numbers,) = _numbers(rng, shape)
    least = shape[0] // 2 + 1
    if rng.integers(4) == 0:
        places = rng.permutation(shape[0])[: least - 1]
        numbers[places] = numbers[places[:1]]
        return (numbers,)
    places = rng.permutation(shape[0])[: rng.integers(least, shape[0] + 1)]
    numbers[places] = numbers[places[0]]
    return (numbers,)


def _argmax(numbers: IntArray) -> IntArray:
    return np.asarray(np.argmax(numbers), dtype=np.int64)


def _argmin(numbers: IntArray) -> IntArray:
    return np.asarray(np.argmin(numbers), dtype=np.int64)


def _maximum(numbers: IntArray) -> IntArray:
    return np.asarray(numbers.max())


def _rank(numbers: IntArray) -> IntArray:
    """The place of each number in sorted order; equal ones keep their order."""
    places = np.empty_like(numbers)
    places[np.argsort(numbers, kind="stable")] = np.arange(len(numbers))
    return places


def _sort(numbers: IntArray) -> IntArray:
    return np.sort(numbers)


def _median(numbers: IntArray) -> IntArray:
    """The number in the middle of sorted order, the lower one of two."""
    return np.asarray(np.sort(numbers)[(len(numbers) - 1) // 2])


def _contains_duplicate(numbers: IntArray) -> IntArray:
    return np.asarray(len(np.unique(numbers)) < len(numbers), dtype=np.int64)


def _majority_element(numbers: IntArray) -> IntArray:
    values, counts = np.unique(numbers, return_counts=True)
    return np.asarray(values[counts.argmax()])


def _has_majority(numbers: IntArray) -> bool:
    """Whether a number has more than half of the places: without one no answer is right."""
    return bool(2 * np.unique(numbers, return_counts=True)[1].max() > len(numbers))


_INDEX = Integers(0, 2**31)  # a list may be as long as it likes
_SAMPLERS = {
    "contains_duplicate": _numbers_with_few_duplicates,
    "majority_element": _numbers_with_majority,
}
_PROMISES = {"majority_element": _has_majority}
_SET = (Axis("set"),)
_SEQUENCE = (Axis("sequence"),)

_NAMED: dict[str, tuple[Answer, Port, str]] = {
    "argmax": (
        _argmax,
        Port("result", (), _INDEX),
        "Where the largest number stands, the first one of equal ones.",
    ),
    "argmin": (
        _argmin,
        Port("result", (), _INDEX),
        "Where the smallest number stands, the first one of equal ones.",
    ),
    "maximum": (_maximum, Port("result", (), _NUMBERS), "The largest number."),
    "rank": (
        _rank,
        Port("result", _SET, _INDEX),
        "The place of each number in sorted order; equal ones keep their order.",
    ),
    "sort": (_sort, Port("result", _SEQUENCE, _NUMBERS), "The numbers in ascending order."),
    "median": (
        _median,
        Port("result", (), _NUMBERS),
        "The number in the middle of sorted order, the lower one of two.",
    ),
    "contains_duplicate": (
        _contains_duplicate,
        Port("result", (), Integers(0, 1)),
        "Whether two of the numbers are equal.",
    ),
    "majority_element": (
        _majority_element,
        Port("result", (), _NUMBERS),
        "The number that stands in more than half of the places, where there is one.",
    ),
}

NAMES: tuple[str, ...] = tuple(_NAMED)


def find(name: str) -> Problem | None:
    """The problem of that name, or None where this family has none."""
    if name not in _NAMED:
        return None
    oracle, output, summary = _NAMED[name]
    return Problem(
        name=name,
        inputs=(Port("numbers", _SET, _NUMBERS),),
        output=output,
        training_shapes=_LENGTHS,
        check_shapes=_CHECKS,
        training_count=_COUNT,
        sampler=_SAMPLERS.get(name, _numbers),
        oracle=oracle,
        promise=_PROMISES.get(name),
        summary=summary,
    )
