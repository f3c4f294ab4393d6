"""Networks over the items of one input: the same units at every number, cell, row or column.

Each item is described by *features*, integers that are sums over orbits of the input's positions:
the item's own number, a neighbour, the mirror image, the sum of a row, or how many other items are
smaller, equal or larger (one unit for each pair (i, j) of items, added up over j). Threshold units
of the features fire at some items, and a head makes the answer of them: how many fire, whether any
does, which one is first, or a number for each item. Nothing here depends on the number of items, so
that a network found at 5 items runs at 5,000.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, assert_never

import numpy as np

from ..ir.expr import NoAnswer
from ..ir.types import Port
from .groups import IntArray

Relation = Literal["less", "equal", "greater"]
Order = Literal["any", "before", "after"]


@dataclass(frozen=True, slots=True)
class Number:
    """The number at an offset from the item (one entry for each axis of the input).

    Beyond the border it is 0. With ``value`` it is 1 where the number is that one, else 0.
    """

    offset: tuple[int, ...]
    value: int | None = None


@dataclass(frozen=True, slots=True)
class InsideItem:
    """1 where the place at that offset lies inside the input, else 0."""

    offset: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mirror:
    """The number at the item's mirror image along one axis: place ``n - 1 - i`` of ``n``."""

    axis: int


@dataclass(frozen=True, slots=True)
class Line:
    """The sum of the numbers of the item, a whole row, column or input.

    With ``value`` it is how many of them are that one.
    """

    value: int | None = None


@dataclass(frozen=True, slots=True)
class Length:
    """How many places the input has along an axis."""

    axis: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """The item's own coordinate along an axis, from 0."""

    axis: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """Which element of the output is asked for, from 0, where the output is a sequence."""


Own: TypeAlias = Number | Mirror | Line | Place | Length | InsideItem | Turn


@dataclass(frozen=True, slots=True)
class Others:
    """How many other items compare so with this one: pair units (i, j) added up over j ≠ i.

    ``of`` is what is compared, ``order`` where the others stand. Only for items along one axis.
    """

    relation: Relation
    order: Order = "any"
    of: Number | Line = Number((0,))


Feature: TypeAlias = Own | Others


@dataclass(frozen=True, slots=True)
class Unit:
    """Fires at an item where ``low <= weights · features <= high``; None leaves a side open.

    A bound on one side is one threshold unit, on both sides two of them and their conjunction.
    """

    weights: tuple[int, ...]
    low: int | None = None
    high: int | None = None

    def fire(self, total: IntArray) -> IntArray:
        fired = np.ones(total.shape, dtype=bool)
        if self.low is not None:
            fired &= total >= self.low
        if self.high is not None:
            fired &= total <= self.high
        return fired.astype(np.int64)


@dataclass(frozen=True, slots=True)
class ItemSum:
    """``weights · features + bias`` at each item, where no unit is needed."""

    weights: tuple[int, ...]
    bias: int = 0


@dataclass(frozen=True, slots=True)
class Each:
    """One number for each item: what the linear unit gives, or 1 where a unit fires."""


@dataclass(frozen=True, slots=True)
class Added:
    """One number: ``scale`` times the sum over all items, plus ``bias``."""

    scale: int = 1
    bias: int = 0


@dataclass(frozen=True, slots=True)
class Some:
    """1 where a unit fires at some item, else 0; ``negated`` the other way round."""

    negated: bool = False


@dataclass(frozen=True, slots=True)
class Pick:
    """The first (or last) item at which a unit fires: its place, or what ``gives`` says.

    Where the output is a sequence there is one pick for each of its elements (see ``Turn``), as
    many as there are items. Where no unit fires there is no answer: :class:`NoAnswer`.
    """

    gives: Place | Number | Line
    last: bool = False


Head: TypeAlias = Each | Added | Some | Pick


@dataclass(frozen=True, slots=True, eq=False)
class ItemNetwork:
    """Units over the items of ``inputs[0]`` and a head.

    The items are the positions along ``axes`` of the input: ``(0, 1)`` the cells of a picture,
    ``(0,)`` its rows, ``(1,)`` its columns, ``()`` the input as a whole. ``units`` are either
    threshold units, of which any may fire, or one linear unit (for ``Each`` and ``Added``).
    """

    inputs: tuple[Port, ...]
    output: Port
    axes: tuple[int, ...]
    features: tuple[Feature, ...]
    units: tuple[Unit | ItemSum, ...]
    head: Head

    @property
    def turns(self) -> bool:
        """Whether the output is a sequence of picks."""
        return isinstance(self.head, Pick) and bool(self.output.axes)

    @property
    def weight_count(self) -> int:
        """How many weights are not zero."""
        return sum(sum(w != 0 for w in unit.weights) for unit in self.units)

    def run(self, inputs: Any) -> Any:
        """The answer for ``{port name: array}``: a NumPy array, of no axes where it is a number."""
        array = np.asarray(inputs[self.inputs[0].name], dtype=np.int64)
        columns = [read_feature(feature, array, self.axes, self.turns) for feature in self.features]
        shape = item_shape(array, self.axes)
        shape = (shape[0], *shape) if self.turns else shape  # output element first
        at_items = np.zeros(shape, dtype=np.int64)
        for unit in self.units:
            total = np.zeros(shape, dtype=np.int64)
            for weight, column in zip(unit.weights, columns, strict=True):
                if weight:
                    total = total + weight * column
            match unit:
                case ItemSum(_, bias):
                    at_items = at_items + total + bias
                case Unit():
                    at_items |= unit.fire(total)
                case _:
                    assert_never(unit)
        return self._answer(at_items, array)

    def _answer(self, at_items: IntArray, array: IntArray) -> IntArray:
        match self.head:
            case Each():
                return at_items
            case Added(scale, bias):
                return np.asarray(scale * at_items.sum() + bias, dtype=np.int64)
            case Some(negated):
                return np.asarray(int(at_items.any()) ^ negated, dtype=np.int64)
            case Pick(gives, last):
                fired = at_items if self.turns else at_items[None]
                if not fired.any(axis=1).all():
                    raise NoAnswer("no item fits")
                count = fired.shape[1]
                found = count - 1 - fired[:, ::-1].argmax(axis=1) if last else fired.argmax(axis=1)
                given = np.broadcast_to(read_feature(gives, array, self.axes, False), (count,))
                picked: IntArray = given[found]
                return picked if self.turns else np.asarray(picked[0])
            case _:
                assert_never(self.head)


def item_shape(array: IntArray, axes: tuple[int, ...]) -> tuple[int, ...]:
    """How many items there are along each of the axes."""
    return tuple(array.shape[axis] for axis in axes)


def read_feature(feature: Feature, array: IntArray, axes: tuple[int, ...], turns: bool) -> IntArray:
    """The feature at every item, in a shape that broadcasts over the items.

    With ``turns`` there is an axis in front for the elements of the output.
    """
    match feature:
        case Number(offset, value):
            moved = _moved(array, offset)
            inside = _moved(np.ones_like(array), offset)
            result = moved if value is None else ((moved == value) & (inside == 1)).astype(np.int64)
        case InsideItem(offset):
            result = _moved(np.ones_like(array), offset)
        case Mirror(axis):
            result = np.flip(array, axis)
        case Line(value):
            others = tuple(axis for axis in range(array.ndim) if axis not in axes)
            numbers = array if value is None else (array == value).astype(np.int64)
            result = numbers.sum(axis=others)
        case Length(axis):
            result = np.asarray(array.shape[axis], dtype=np.int64)
        case Place(axis):
            where = axes.index(axis)
            shape = [-1 if k == where else 1 for k in range(len(axes))]
            result = np.arange(array.shape[axis], dtype=np.int64).reshape(shape)
        case Turn():
            return np.arange(array.shape[axes[0]], dtype=np.int64)[:, None]
        case Others(relation, order, of):
            result = _count_others(relation, order, read_feature(of, array, axes, False))
        case _:
            assert_never(feature)
    return result[None] if turns and result.ndim else result


def _moved(array: IntArray, offset: tuple[int, ...]) -> IntArray:
    """``result[i] = array[i + offset]``, 0 beyond the border."""
    result = np.zeros_like(array)
    target, source = [], []
    for size, k in zip(array.shape, offset, strict=True):
        target.append(slice(max(0, -k), max(0, min(size, size - k))))
        source.append(slice(max(0, k), max(0, min(size, size + k))))
    result[tuple(target)] = array[tuple(source)]
    return result


def _count_others(relation: Relation, order: Order, own: IntArray) -> IntArray:
    if order == "any":
        ranked = np.sort(own)
        below = np.searchsorted(ranked, own, side="left")
        above = len(own) - np.searchsorted(ranked, own, side="right")
        match relation:
            case "less":
                return below
            case "equal":
                return len(own) - 1 - below - above
            case "greater":
                return above
            case _:
                assert_never(relation)
    index = np.arange(len(own))
    stands = index[None] < index[:, None] if order == "before" else index[None] > index[:, None]
    match relation:
        case "less":
            pairs = own[None] < own[:, None]
        case "equal":
            pairs = own[None] == own[:, None]
        case "greater":
            pairs = own[None] > own[:, None]
        case _:
            assert_never(relation)
    counted: IntArray = (pairs & stands).sum(axis=1, dtype=np.int64)
    return counted
