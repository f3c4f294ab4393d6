"""Units at every item, and the heads that make one answer of what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ..ir.expr import Call, Const, Expr, First, NoAnswer, Total, call
from ..ir.linear import weighted_sum
from ..ir.program import Fill, Let, Statement
from ..ir.rewrite import substitute
from .gates import AffineUnit, Gate
from .groups import IntArray
from .item_readings import ItemReading, Line, Number, Place
from .site import ItemTerms, LiftScope, Seen, Site

Answer: TypeAlias = tuple[tuple[Any, ...], Any, Any]
"""An answer in a proof: the sizes of its axes, its element, whether there is an answer."""


@dataclass(frozen=True, slots=True)
class ItemUnits:
    """Units of the same features at every item.

    Either threshold units, of which any may fire, or one linear unit.
    """

    features: tuple[ItemReading, ...]
    units: tuple[Gate | AffineUnit, ...]

    @property
    def sums(self) -> tuple[AffineUnit, ...]:
        return tuple(unit.sum if isinstance(unit, Gate) else unit for unit in self.units)

    @property
    def linear(self) -> AffineUnit | None:
        """The one linear unit, where there is no other."""
        first = next(iter(self.units), None)
        return first if isinstance(first, AffineUnit) else None

    def values(self, seen: Seen) -> IntArray:
        """What the linear unit gives at each item, or 1 where a unit fires.

        Where the output is a sequence, its elements stand along an axis in front.
        """
        shape = seen.shape
        at_items = np.zeros((shape[0], *shape) if seen.site.turns else shape, dtype=np.int64)
        columns = self._read(lambda feature: feature.values(seen), 0)
        if self.linear is not None:
            at_items += self.linear.run(columns)
        for unit in self._gates():
            at_items |= unit.fires(columns)
        return at_items

    def number(self, scope: LiftScope) -> Expr:
        """What Each and Added take from an item."""
        if self.linear is not None:
            return self.linear.expression(self._expressions(scope))
        return call("int", self.condition(scope))

    def condition(self, scope: LiftScope) -> Expr:
        """Whether any unit fires at the item."""
        features = self._expressions(scope)
        tests = tuple(unit.expression(features) for unit in self._gates())
        if not tests:
            return Const(0)
        return tests[0] if len(tests) == 1 else Call("or", tests)

    def number_term(self, terms: ItemTerms) -> Any:
        if self.linear is not None:
            return self.linear.term(terms, self.feature_terms(terms))
        return terms.choose(self.fires(terms), 1, 0)

    def fires(self, terms: ItemTerms) -> Any:
        features = self.feature_terms(terms)
        return terms.some(*(unit.term(terms, features) for unit in self._gates()))

    def feature_terms(self, terms: ItemTerms) -> list[Any]:
        return self._read(lambda feature: feature.term(terms), 0)

    def refusal(self, site: Site) -> str:
        """Why items of this site have no such units; empty where they have."""
        refusals = [feature.refusal(site) for feature in self.features]
        refusals += [unit.refusal(len(self.features)) for unit in self.sums]
        alone = len(self.units) == 1 or all(isinstance(unit, Gate) for unit in self.units)
        return next(filter(None, refusals), "" if alone else "a linear unit stands beside others")

    def _gates(self) -> list[Gate]:
        return [unit for unit in self.units if isinstance(unit, Gate)]

    def _expressions(self, scope: LiftScope) -> list[Expr]:
        return self._read(lambda feature: feature.expression(scope), Const(0))

    def _read(self, read: Callable[[ItemReading], Any], unread: Any) -> list[Any]:
        """What is read of each feature that has a weight."""
        weights = list(zip(*(unit.weights for unit in self.sums), strict=True))
        weighed = weights or [()] * len(self.features)
        return [
            read(feature) if any(own) else unread
            for feature, own in zip(self.features, weighed, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Each:
    """One number for each item: what the linear unit gives, or 1 where a unit fires."""

    def values(self, at_items: IntArray, seen: Seen) -> IntArray:
        return at_items

    def statement(self, units: ItemUnits, scope: LiftScope) -> Statement:
        axes, value = scope.site.axes, units.number(scope)
        if not axes:
            return Let(scope.output, value)
        sizes = tuple(scope.size(axis) for axis in axes)
        return Fill(scope.output, tuple(scope.index(axis) for axis in axes), sizes, value)

    def answer(self, units: ItemUnits, terms: ItemTerms, requested: tuple[Any, ...]) -> Answer:
        sizes = tuple(terms.sizes[axis] for axis in terms.site.axes)
        return sizes, units.number_term(terms.at(*requested)), terms.every()

    def words(self, site: Site) -> tuple[str, ...]:
        return ("one answer", "for each item")

    def refusal(self, site: Site, units: ItemUnits, answers: int) -> str:
        return _axes_refusal(answers, len(site.axes))


@dataclass(frozen=True, slots=True)
class Added:
    """One number: ``scale`` times the sum over all items, plus ``bias``."""

    scale: int = 1
    bias: int = 0

    def values(self, at_items: IntArray, seen: Seen) -> IntArray:
        return np.asarray(self.scale * at_items.sum() + self.bias, dtype=np.int64)

    def statement(self, units: ItemUnits, scope: LiftScope) -> Statement:
        total = _over_items(scope, units.number(scope))
        return Let(scope.output, weighted_sum([(self.scale, total)], self.bias))

    def answer(self, units: ItemUnits, terms: ItemTerms, requested: tuple[Any, ...]) -> Answer:
        def added(item: tuple[Any, ...]) -> Any:
            left = terms.site.axes[len(item) :]
            if not left:
                return units.number_term(terms.at(*item))
            if len(left) == 1 and units.linear is None:
                return terms.count(left[0], lambda k: units.fires(terms.at(*item, k)))
            return terms.along(left[0], lambda k: added((*item, k)))

        return (), self.scale * added(()) + self.bias, terms.every()

    def words(self, site: Site) -> tuple[str, ...]:
        times = "" if self.scale == 1 else f"{self.scale} × "
        plus = "" if not self.bias else f" {'+' if self.bias > 0 else '−'} {abs(self.bias)}"
        return (f"{times}sum over all{plus}",)

    def refusal(self, site: Site, units: ItemUnits, answers: int) -> str:
        return _axes_refusal(answers, 0)


@dataclass(frozen=True, slots=True)
class Some:
    """1 where a unit fires at some item, else 0; ``negated`` the other way round."""

    negated: bool = False

    def values(self, at_items: IntArray, seen: Seen) -> IntArray:
        return np.asarray(int(at_items.any()) ^ self.negated, dtype=np.int64)

    def statement(self, units: ItemUnits, scope: LiftScope) -> Statement:
        count = _over_items(scope, call("int", units.condition(scope)))
        some = call("eq", count, Const(0)) if self.negated else call("ge", count, Const(1))
        return Let(scope.output, call("int", some))

    def answer(self, units: ItemUnits, terms: ItemTerms, requested: tuple[Any, ...]) -> Answer:
        """For two axes, whether any row has such a place."""

        def somewhere(item: tuple[Any, ...]) -> Any:
            left = terms.site.axes[len(item) :]
            if not left:
                return units.fires(terms.at(*item))
            return terms.count(left[0], lambda k: somewhere((*item, k))) >= 1

        negated = int(self.negated)
        return (), terms.choose(somewhere(()), 1 - negated, negated), terms.every()

    def words(self, site: Site) -> tuple[str, ...]:
        return ("1 where no unit fires",) if self.negated else ("1 where any unit fires",)

    def refusal(self, site: Site, units: ItemUnits, answers: int) -> str:
        return _bits_refusal(units) or _axes_refusal(answers, 0)


@dataclass(frozen=True, slots=True)
class Pick:
    """The first (or last) item at which a unit fires: its place, or what ``gives`` says.

    Where the output is a sequence there is one pick for each of its elements (see ``Turn``), as
    many as there are items. Where no unit fires there is no answer: :class:`NoAnswer`.
    """

    gives: Place | Number | Line
    last: bool = False

    def values(self, at_items: IntArray, seen: Seen) -> IntArray:
        turns = seen.site.turns
        fired = at_items if turns else at_items[None]
        if not fired.any(axis=1).all():
            raise NoAnswer("no item fits")
        count = fired.shape[1]
        places = count - 1 - fired[:, ::-1].argmax(axis=1) if self.last else fired.argmax(axis=1)
        given = np.broadcast_to(self.gives.values(seen), (count,))
        picked: IntArray = given[places]
        return picked if turns else np.asarray(picked[0])

    def statement(self, units: ItemUnits, scope: LiftScope) -> Statement:
        """One search, or one for each element of the output."""
        (axis,) = scope.site.axes
        here, size = scope.index(axis), scope.size(axis)
        condition, value = units.condition(scope), self.gives.expression(scope)
        if self.last:  # the last item is the first one from the end
            end = {here: scope.end(axis)}
            condition, value = substitute(condition, end), substitute(value, end)
        search = First(here, Const(0), size, condition, value)
        if not scope.site.turns:
            return Let(scope.output, search)
        return Fill(scope.output, (scope.fresh("turn"),), (size,), search)

    def answer(self, units: ItemUnits, terms: ItemTerms, requested: tuple[Any, ...]) -> Answer:
        (axis,) = terms.site.axes
        place, answered = terms.first(axis, lambda k: units.fires(terms.at(k)), self.last)
        sizes = (terms.sizes[axis],) if requested else ()
        return sizes, self.gives.term(terms.at(place)), answered

    def words(self, site: Site) -> tuple[str, ...]:
        which = "last" if self.last else "first"
        return (f"the {which} item that fires:", *self.gives.words(site))

    def refusal(self, site: Site, units: ItemUnits, answers: int) -> str:
        if len(site.axes) != 1:
            return "its head picks what is no item along one axis"
        refusal = self.gives.refusal(site) or _bits_refusal(units)
        return refusal or _axes_refusal(answers, min(answers, 1))  # one, or one for each item


Head: TypeAlias = Each | Added | Some | Pick


def _over_items(scope: LiftScope, value: Expr) -> Expr:
    for axis in reversed(scope.site.axes):
        value = Total(scope.index(axis), Const(0), scope.size(axis), value)
    return value


def _axes_refusal(answers: int, expected: int) -> str:
    return "" if answers == expected else "its output does not have the axes of its head's answer"


def _bits_refusal(units: ItemUnits) -> str:
    return "" if units.linear is None else "a linear unit stands before a head that needs bits"
