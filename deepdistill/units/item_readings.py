"""What a unit reads of an item of lists and pictures: numbers, lines, places, comparisons.

Values are integer arrays that broadcast over the items.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from ..ir.expr import Const, Expr, Read, Total, Var, call
from ..ir.types import Integers
from .archive import FARTHEST_OFFSET
from .groups import IntArray
from .readings import Kind, OffsetReading, UnitReading
from .site import ItemTerms, LiftScope, Seen, Site, plus

Relation = Literal["less", "equal", "greater"]
Order = Literal["any", "before", "after"]
_RELATIONS: Mapping[Relation, str] = {"less": "lt", "equal": "eq", "greater": "gt"}
_STANDS: Mapping[Order, str] = {"any": "ne", "before": "lt", "after": "gt"}


class PlaceReading(OffsetReading):
    """A reading of an item that is one place of the input."""

    __slots__ = ()

    def refusal(self, site: Site) -> str:
        if len(self.offset) != site.depth or any(abs(k) > FARTHEST_OFFSET for k in self.offset):
            return "an offset does not fit the input"
        return "" if site.single else "single numbers are read of items that are not single places"


@dataclass(frozen=True, slots=True)
class Number(PlaceReading):
    """The number at an offset from the item (one entry for each axis of the input).

    Beyond the border it is 0. With ``value`` it is 1 where the number is that one, else 0.
    """

    offset: tuple[int, ...]
    value: int | None = None

    @property
    def reads(self) -> tuple[Kind, int]:
        return ("number", 0) if self.value is None else ("indicator", self.value)

    def words(self, site: Site) -> tuple[str, ...]:
        what = f"number at {_signed(self.offset)}" if any(self.offset) else "own number"
        return (what,) if self.value is None else (f"{what} is {self.value}",)


@dataclass(frozen=True, slots=True)
class InsideItem(PlaceReading):
    """1 where the place at that offset lies inside the input, else 0."""

    offset: tuple[int, ...]

    @property
    def reads(self) -> tuple[Kind, int]:
        return "inside", 0

    def words(self, site: Site) -> tuple[str, ...]:
        return (f"inside at {_signed(self.offset)}",)


def _signed(offset: tuple[int, ...]) -> str:
    return ", ".join(f"{k:+d}" for k in offset)


@dataclass(frozen=True, slots=True)
class Mirror:
    """The number at the item's mirror image along one axis: place ``n - 1 - i`` of ``n``."""

    axis: int

    def values(self, seen: Seen) -> IntArray:
        return np.flip(seen.array, self.axis)

    def expression(self, scope: LiftScope) -> Expr:
        place = [*scope.own]
        place[self.axis] = scope.end(self.axis)
        return Read(scope.site.inputs[0].name, tuple(place))

    def term(self, terms: ItemTerms) -> Any:
        place = [*terms.item]
        place[self.axis] = terms.sizes[self.axis] - 1 - place[self.axis]
        return terms.stands(*place)

    def words(self, site: Site) -> tuple[str, ...]:
        return ("mirror image", f"along axis {self.axis}")

    def refusal(self, site: Site) -> str:
        if not site.single:
            return "a mirror image is read of items that are not single places"
        return _axis_refusal(self.axis, site)


@dataclass(frozen=True, slots=True)
class Line:
    """The sum of the numbers of the item, a whole row, column or input.

    With ``value`` it is how many of them are that one.
    """

    value: int | None = None

    def values(self, seen: Seen) -> IntArray:
        others = tuple(axis for axis in range(seen.array.ndim) if axis not in seen.site.axes)
        numbers = seen.array
        if self.value is not None:
            numbers = (numbers == self.value).astype(np.int64)
        total: IntArray = numbers.sum(axis=others)
        return total

    def expression(self, scope: LiftScope) -> Expr:
        read: Expr = Read(scope.site.inputs[0].name, scope.own)
        read = read if self.value is None else call("int", call("eq", read, Const(self.value)))
        for axis in reversed(range(scope.site.depth)):
            if axis not in scope.site.axes:
                read = Total(scope.index(axis), Const(0), scope.size(axis), read)
        return read

    def term(self, terms: ItemTerms) -> Any:
        site = terms.site
        known = dict(zip(site.axes, terms.item, strict=True))
        missing = [axis for axis in range(site.depth) if axis not in known]

        def added(known: dict[int, Any], left: list[int]) -> Any:
            if not left:
                number = terms.stands(*(known[axis] for axis in range(site.depth)))
                return number if self.value is None else terms.choose(number == self.value, 1, 0)
            axis, *rest = left
            bounds = site.inputs[0].domain if self.value is None else Integers(0, 1)
            return terms.along(
                axis, lambda k: added(known | {axis: k}, rest), None if rest else bounds
            )

        return added(known, missing)

    def words(self, site: Site) -> tuple[str, ...]:
        return ("sum of the line",) if self.value is None else (f"how many are {self.value}",)

    def refusal(self, site: Site) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Length:
    """How many places the input has along an axis."""

    axis: int = 0

    def values(self, seen: Seen) -> IntArray:
        return np.asarray(seen.array.shape[self.axis], dtype=np.int64)

    def expression(self, scope: LiftScope) -> Expr:
        return scope.size(self.axis)

    def term(self, terms: ItemTerms) -> Any:
        return terms.sizes[self.axis]

    def words(self, site: Site) -> tuple[str, ...]:
        return (f"length of axis {self.axis}",)

    def refusal(self, site: Site) -> str:
        return _axis_refusal(self.axis, site)


@dataclass(frozen=True, slots=True)
class Place:
    """The item's own coordinate along an axis, from 0."""

    axis: int = 0

    def values(self, seen: Seen) -> IntArray:
        where = seen.site.axes.index(self.axis)
        shape = [-1 if k == where else 1 for k in range(len(seen.site.axes))]
        return np.arange(seen.array.shape[self.axis], dtype=np.int64).reshape(shape)

    def expression(self, scope: LiftScope) -> Expr:
        return Var(scope.index(self.axis))

    def term(self, terms: ItemTerms) -> Any:
        return terms.item[terms.site.axes.index(self.axis)]

    def words(self, site: Site) -> tuple[str, ...]:
        return (f"place along axis {self.axis}",)

    def refusal(self, site: Site) -> str:
        return "" if self.axis in site.axes else f"the items have no place along axis {self.axis}"


@dataclass(frozen=True, slots=True)
class Turn:
    """Which element of the output is asked for, from 0, where the output is a sequence."""

    def values(self, seen: Seen) -> IntArray:
        """One row for each element."""
        return np.arange(seen.shape[0], dtype=np.int64)[:, None]

    def expression(self, scope: LiftScope) -> Expr:
        return Var(scope.fresh("turn"))

    def term(self, terms: ItemTerms) -> Any:
        return terms.turn

    def words(self, site: Site) -> tuple[str, ...]:
        return ("place in the answer",)

    def refusal(self, site: Site) -> str:
        return "" if site.turns else "a feature asks for the turn where there is one answer"


@dataclass(frozen=True, slots=True)
class Others:
    """How many other items compare so with this one: pair units (i, j) added up over j ≠ i.

    ``of`` is what is compared, ``order`` where the others stand. Only for items along one axis.
    """

    relation: Relation
    order: Order = "any"
    of: Number | Line = Number((0,))

    def values(self, seen: Seen) -> IntArray:
        own = self.of.values(seen)
        if self.order == "any":
            ranked = np.sort(own)
            below = np.searchsorted(ranked, own, side="left")
            above = len(own) - np.searchsorted(ranked, own, side="right")
            counted = {"less": below, "equal": len(own) - 1 - below - above, "greater": above}
            return counted[self.relation]
        index = np.arange(len(own))
        stands = getattr(operator, _STANDS[self.order])(index[None], index[:, None])
        compares = getattr(operator, _RELATIONS[self.relation])(own[None], own[:, None])
        pairs: IntArray = (stands & compares).sum(axis=1, dtype=np.int64)
        return pairs

    def expression(self, scope: LiftScope) -> Expr:
        """Pairs of items counted; an item is neither smaller nor larger than itself."""
        (axis,) = scope.site.axes
        array = scope.site.inputs[0].name
        if (self.of, scope.site.depth) != (Number((0,)), 1):
            array = scope.array(self.of, "sums" if self.of == Line() else "values")
        own, other, size = Var(scope.index(axis)), scope.fresh("other"), scope.size(axis)
        theirs, mine = Read(array, (Var(other),)), Read(array, (own,))
        test = call("int", call(_RELATIONS[self.relation], theirs, mine))
        if self.order == "before":
            return Total(other, Const(0), own, test)
        if self.order == "after":
            return Total(other, plus(own, 1), size, test)
        count = Total(other, Const(0), size, test)
        return plus(count, -1) if self.relation == "equal" else count

    def term(self, terms: ItemTerms) -> Any:
        (axis,), (own,) = terms.site.axes, terms.item
        stands = getattr(operator, _STANDS[self.order])
        compare = getattr(operator, _RELATIONS[self.relation])

        def compares(other: Any) -> Any:
            holds = compare(self.of.term(terms.at(other)), self.of.term(terms))
            return terms.every(stands(other, own), holds)

        return terms.count(axis, compares)

    def words(self, site: Site) -> tuple[str, ...]:
        where = "" if self.order == "any" else f" {self.order} it"
        what = {"less": "smaller", "equal": "equal", "greater": "larger"}[self.relation]
        more = () if self.of == Number((0,)) else (f"by {self.of.words(site)[0]}",)
        return (f"{what} others{where}", *more)

    def refusal(self, site: Site) -> str:
        if len(site.axes) != 1:
            return "other items are compared where items are not along one axis"
        return self.of.refusal(site)


def _axis_refusal(axis: int, site: Site) -> str:
    return "" if 0 <= axis < site.depth else "a feature has an axis that is not there"


Own: TypeAlias = Number | Mirror | Line | Place | Length | InsideItem | Turn
Feature: TypeAlias = Own | Others
"""The readings of items that a file can hold."""

ItemReading: TypeAlias = UnitReading[Seen, ItemTerms]
