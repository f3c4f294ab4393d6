"""What a network over items answers, as counts: the definition in :mod:`deepdistill.units.items`.

Written from that definition and from nothing else; the program has an encoding of its own. Integers
are the mathematical ones: NumPy's 64 bits are taken to be enough for every sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import assert_never

import z3

from ...units.items import (
    Added,
    Each,
    Feature,
    InsideItem,
    ItemNetwork,
    ItemSum,
    Length,
    Line,
    Mirror,
    Number,
    Others,
    Pick,
    Place,
    Some,
    Turn,
    Unit,
)
from .counts import Counts
from .described import Described
from .encode import NotEncoded, Term, added


@dataclass(frozen=True, slots=True)
class NetworkTerms:
    """The terms of one network, for an input of the given ``sizes``, at most the counts' own."""

    network: ItemNetwork
    counts: Counts
    sizes: tuple[Term, ...]

    def described(self, requested: tuple[Term, ...]) -> Described:
        """The element of the answer at the index ``asked``, which lies inside."""
        network, head = self.network, self.network.head
        yes = z3.BoolVal(True)
        if any(axis.wrap for axis in network.inputs[0].axes):
            raise NotEncoded("an input that wraps around")
        match head:
            case Each():
                if len(requested) != len(network.axes):
                    raise NotEncoded("items that are no elements of the output")
                sizes = tuple(self.sizes[axis] for axis in network.axes)
                return Described(sizes, self.number(requested), yes)
            case Added(scale, bias):
                return Described((), scale * self.over_items() + bias, yes)
            case Some(negated):
                some = self.some_item()
                return Described((), z3.If(some, 1 - int(negated), int(negated)), yes)
            case Pick():
                return self.pick(head, requested)
            case _:
                assert_never(head)

    def pick(self, head: Pick, requested: tuple[Term, ...]) -> Described:
        if len(self.network.axes) != 1 or len(requested) != int(self.network.turns):
            raise NotEncoded("a pick among items along two axes")
        (axis,) = self.network.axes
        turn = requested[0] if requested else None

        def fires(place: Term) -> Term:
            inside = z3.And(place >= 0, place < self.sizes[axis])
            return z3.And(inside, self.fires((place,), turn))

        found = self.counts.first(axis, fires, head.last)
        answered = self.counts.count(axis, fires) >= 1
        self.hints(axis, turn)
        sizes = (self.sizes[axis],) if requested else ()
        return Described(sizes, self.feature(head.gives, (found,), None), answered)

    def number(self, item: tuple[Term, ...]) -> Term:
        """What stands at an item, for Each and Added."""
        units = self.network.units
        linear = [unit for unit in units if isinstance(unit, ItemSum)]
        if not linear:
            return z3.If(self.fires(item, None), 1, 0)
        if len(linear) < len(units):
            raise NotEncoded("linear units among threshold units")
        return added(*(self.weighted(u.weights, item, None) + u.bias for u in linear))

    def fires(self, item: tuple[Term, ...], turn: Term | None) -> Term:
        """Whether any unit fires at an item."""
        tests = []
        for unit in self.network.units:
            if not isinstance(unit, Unit):
                raise NotEncoded("a linear unit that fires")
            total = self.weighted(unit.weights, item, turn)
            low = [] if unit.low is None else [total >= unit.low]
            high = [] if unit.high is None else [total <= unit.high]
            tests.append(z3.And(*low, *high))
        return z3.Or(*tests)

    def some_item(self) -> Term:
        """Whether a unit fires anywhere: for two axes, whether in any row that has such a place."""

        def somewhere(item: tuple[Term, ...]) -> Term:
            if len(item) == len(self.network.axes):
                return self.fires(item, None)
            axis = self.network.axes[len(item)]
            return (
                self.counts.count(axis, lambda k: self._inside(axis, k, somewhere((*item, k)))) >= 1
            )

        return somewhere(())

    def over_items(self) -> Term:
        """The numbers of all items, added up."""
        threshold = all(isinstance(unit, Unit) for unit in self.network.units)

        def added(item: tuple[Term, ...]) -> Term:
            if len(item) == len(self.network.axes):
                return self.number(item)
            axis = self.network.axes[len(item)]
            if threshold and len(item) == len(self.network.axes) - 1:
                return self.counts.count(
                    axis, lambda k: self._inside(axis, k, self.fires((*item, k), None))
                )
            place = self.counts.running(axis)
            inside = self._inside(axis, place, z3.BoolVal(True))
            return self.counts.total(axis, place, inside, added((*item, place)), None)

        return added(())

    def _inside(self, axis: int, place: Term, condition: Term) -> Term:
        return z3.And(place >= 0, place < self.sizes[axis], condition)

    def weighted(self, weights: tuple[int, ...], item: tuple[Term, ...], turn: Term | None) -> Term:
        terms = [
            int(weight) * self.feature(feature, item, turn)
            for weight, feature in zip(weights, self.network.features, strict=True)
            if weight
        ]
        return added(z3.IntVal(0), *terms)

    def feature(self, feature: Feature, item: tuple[Term, ...], turn: Term | None) -> Term:
        """A feature at an item, given by its places along the network's axes."""
        counts, axes = self.counts, self.network.axes
        match feature:
            case Number(offset, value):
                place = self._cell(item, offset)
                inside = self._within(place)
                if value is None:
                    return z3.If(inside, counts.array(*place), 0)
                return z3.If(z3.And(inside, counts.array(*place) == value), 1, 0)
            case InsideItem(offset):
                return z3.If(self._within(self._cell(item, offset)), 1, 0)
            case Mirror(axis):
                place = self._cell(item, (0,) * counts.depth)
                end = self.sizes[axis] - 1 - place[axis]
                return counts.array(*place[:axis], end, *place[axis + 1 :])
            case Line(value):
                return self._line(dict(zip(axes, item, strict=True)), value)
            case Length(axis):
                return self.sizes[axis]
            case Place(axis) if axis in axes:
                return item[axes.index(axis)]
            case Turn() if turn is not None:
                return turn
            case Others():
                return self._others(feature, item)
            case Place() | Turn():
                raise NotEncoded(f"{feature}")
            case _:
                assert_never(feature)

    def _cell(self, item: tuple[Term, ...], offset: tuple[int, ...]) -> tuple[Term, ...]:
        if self.network.axes != tuple(range(self.counts.depth)):
            raise NotEncoded("numbers of items that are more than one place")
        return tuple(k + step if step else k for k, step in zip(item, offset, strict=True))

    def _within(self, place: tuple[Term, ...]) -> Term:
        return z3.And(*(z3.And(k >= 0, k < n) for k, n in zip(place, self.sizes, strict=True)))

    def _line(self, own: dict[int, Term], value: int | None) -> Term:
        """The sum of an item's elements, or how many of them are one value."""
        counts = self.counts
        missing = [axis for axis in range(counts.depth) if axis not in own]
        if not missing:
            element = counts.array(*(own[axis] for axis in range(counts.depth)))
            return element if value is None else z3.If(element == value, 1, 0)
        axis = missing[0]
        place = counts.running(axis)
        inside = self._inside(axis, place, z3.BoolVal(True))
        inner = self._line(own | {axis: place}, value)
        if len(missing) > 1:
            return counts.total(axis, place, inside, inner, None)
        if value is not None or counts.is_bits:
            return counts.counted(axis, place, z3.And(inside, inner == 1))
        return counts.total(axis, place, inside, inner, counts.domain)

    def _others(self, feature: Others, item: tuple[Term, ...]) -> Term:
        """How many other items compare so with this one."""
        if len(item) != 1:
            raise NotEncoded("items that are compared along two axes")
        (axis,), (own,) = self.network.axes, item

        def compares(other: Term) -> Term:
            theirs = self.feature(feature.of, (other,), None)
            mine = self.feature(feature.of, item, None)
            match feature.order:
                case "any":
                    stands = other != own
                case "before":
                    stands = other < own
                case "after":
                    stands = other > own
                case _:
                    assert_never(feature.order)
            match feature.relation:
                case "less":
                    holds = theirs < mine
                case "equal":
                    holds = theirs == mine
                case "greater":
                    holds = theirs > mine
                case _:
                    assert_never(feature.relation)
            return self._inside(axis, other, z3.And(stands, holds))

        return self.counts.count(axis, compares)

    def hints(self, axis: int, turn: Term | None) -> None:
        """Places that a pick by rank finds: among the items as large as one, the k-th.

        Such a place exists wherever there are more than k of them. Here k is the largest that the
        unit's bound allows.
        """
        for unit in self.network.units:
            for index, feature in enumerate(self.network.features):
                match feature:
                    case Others("equal", "before") if isinstance(unit, Unit):
                        hint = partial(self._ranked, axis, turn, unit, index, feature)
                        if unit.weights[index] and self._bound(unit, index) is not None:
                            self.counts.hints.append((axis, hint))

    def _bound(self, unit: Unit, index: int) -> int | None:
        """What bounds a feature of a unit from above."""
        return unit.high if unit.weights[index] > 0 else unit.low

    def _ranked(
        self, axis: int, turn: Term | None, unit: Unit, index: int, feature: Others, like: Term
    ) -> Term:
        weight, bound = unit.weights[index], self._bound(unit, index)
        rest = tuple(0 if k == index else w for k, w in enumerate(unit.weights))
        left = bound - self.weighted(rest, (like,), turn)
        k = (left if weight > 0 else -left) / z3.IntVal(abs(weight))

        def alike(place: Term) -> Term:
            own, other = (self.feature(feature.of, (item,), None) for item in (place, like))
            return self._inside(axis, place, own == other)

        return self.counts.kth(axis, alike, k)
