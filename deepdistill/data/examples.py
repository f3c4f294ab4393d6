"""Labelled examples, and what a user's own pairs tell of the problem that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..ir.errors import InputError
from ..ir.types import Port

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]

OTHER_DOOR = "pairs of any lengths go to Problem.from_examples or `deepdistill distill --examples`"
"""Where samples of several shapes are welcome."""

MOST_NOISE = 1 / 8
"""No rule is believed to be behind labels of which it misses a larger share."""

FEW_SAMPLES = 20
"""Among so few samples no wrong label is told from a mistake in the data."""

LARGEST = 2**31
"""No integer of a user's arrays is farther from 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Labelled examples of one size: arrays of integers (samples, *sizes), inputs by port.

    ``answered`` is False for samples that have no right answer, whose label means nothing. Samples
    of one ``group`` belong together, and are held out together. ``number`` says which of the
    samples that were handed over each one is, from 0.
    """

    inputs: tuple[IntArray, ...]
    output: IntArray
    answered: NDArray[np.bool_] | None = None
    group: IntArray | None = None
    number: IntArray | None = None

    def __len__(self) -> int:
        return len(self.output)

    @property
    def shape(self) -> Shape:
        """The size of the first input, the sample axis left out."""
        return self.inputs[0].shape[1:]

    @property
    def size_in_words(self) -> str:
        """``10 x 10``."""
        return " x ".join(map(str, self.shape))

    def take(self, index: IntArray | slice) -> Examples:
        """The selected samples."""
        answered = None if self.answered is None else self.answered[index]
        group = None if self.group is None else self.group[index]
        number = None if self.number is None else self.number[index]
        columns = tuple(array[index] for array in self.inputs)
        return Examples(columns, self.output[index], answered, group, number)

    def numbered(self, first: int = 0) -> Examples:
        """The same, counted from ``first`` on."""
        return replace(self, number=np.arange(first, first + len(self), dtype=np.int64))


def joined(groups: Sequence[Examples]) -> Examples:
    """Several groups of one size as one."""
    answered = None
    if any(group.answered is not None for group in groups):
        answered = np.concatenate(
            [np.ones(len(g), dtype=bool) if g.answered is None else g.answered for g in groups]
        )
    columns = zip(*(group.inputs for group in groups), strict=True)
    inputs = tuple(np.concatenate(column) for column in columns)
    belonging = _all_or_none([group.group for group in groups])
    number = _all_or_none([group.number for group in groups])
    output = np.concatenate([group.output for group in groups])
    return Examples(inputs, output, answered, belonging, number)


def _all_or_none(parts: Sequence[IntArray | None]) -> IntArray | None:
    known = [part for part in parts if part is not None]
    return np.concatenate(known) if len(known) == len(parts) else None


def grouped(values: Any, count: int, what: str = "samples") -> IntArray:
    """A number for each of so many samples, the same for those whose values are the same.

    Raises :class:`InputError` where there is not one value for each.
    """
    try:
        array = np.asarray(values)
    except ValueError:
        array = np.zeros(())
    if array.shape != (count,):
        raise InputError(
            f"groups has the shape {array.shape}: give one value for each of the {count} {what}"
        )
    if array.dtype == object:
        array = np.array([repr(value) for value in array.tolist()])
    kinds, numbers = np.unique(array, return_inverse=True)
    if len(kinds) < 2:
        raise InputError(f"all {what} are of one group: nothing can be held out")
    return numbers.astype(np.int64)


def apart(examples: Examples, rng: np.random.Generator, share: int) -> IntArray:
    """The samples to hold out, at least one in ``share``; groups stay together."""
    count = len(examples)
    order = rng.permutation(count)
    if examples.group is None:
        return order[: -(-count // share)] if count > 1 else order[:0]
    return groups_apart(examples.group, rng, share)


def groups_apart(groups: IntArray, rng: np.random.Generator, share: int) -> IntArray:
    """Whole groups, at least one sample in ``share``, never all of them."""
    chosen: list[IntArray] = []
    for group in rng.permutation(np.unique(groups))[:-1]:
        if share * sum(map(len, chosen)) >= len(groups):
            break
        chosen.append(np.flatnonzero(groups == group))
    return np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class GivenPairs:
    """What pairs of arrays tell of a problem; each name is that of :class:`Problem`."""

    name: str
    inputs: tuple[Port, ...]
    output: Port
    training_shapes: tuple[Shape, ...]
    check_shapes: tuple[Shape, ...]
    given: tuple[Examples, ...]


def integer_array(values: Any, what: str) -> IntArray:
    """The values as integers; :class:`InputError` with a sentence where they are not."""
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(
            f"{what} is ragged: every sample must have the same shape; {OTHER_DOOR}"
        ) from None
    if array.dtype == object:
        raise InputError(
            f"{what} is ragged or not numeric: give one array of integers; {OTHER_DOOR}"
        )
    if array.size == 0:
        raise InputError(f"{what} is empty: give at least two samples")
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise InputError(f"{what} contains NaN or infinity: give integers")
        if (array != np.round(array)).any():
            raise InputError(f"{what} contains numbers that are not integers: states are integers")
    elif array.dtype.kind not in "biu":
        raise InputError(f"{what} has the type {array.dtype}: give integers")
    low, high = int(array.min()), int(array.max())
    if max(abs(low), abs(high)) > LARGEST:
        raise InputError(f"{what} contains values beyond 2^31: states are small integers")
    return array.astype(np.int64)
