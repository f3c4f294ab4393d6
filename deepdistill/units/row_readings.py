"""What the units of rules read of a row: a column, a sum, that a value is missing, other units.

Each says all that is known of it, as the other readings do: its ``values`` for all rows at once are
the definition, its ``expression`` is what a lifted network says of it, and its ``term`` is what a
proof holds that against.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Any, Protocol, Self, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..ir.expr import Call, Const, Expr, Var, negated
from ..ir.linear import weighted_sum
from ..ir.types import Scalar
from .site import TermLogic

Floats: TypeAlias = NDArray[np.float64]
Truths: TypeAlias = NDArray[np.bool_]
Place: TypeAlias = Callable[[int], int]
Term = TypeVar("Term")

NO, YES = Const(0), Const(1)


@dataclass(frozen=True, slots=True, eq=False)
class SeenRows:
    """Numbers and places of levels of rows (rows, columns), NaN where a value is missing.

    ``fired`` (rows, units) says of the units that stand before which of them fire.
    """

    x: Floats
    fired: Truths


class RowScope(Protocol):
    """What is known of the columns where a unit becomes an expression."""

    def column(self, place: int) -> Scalar: ...

    def known(self, column: int) -> bool:
        """Whether the column has a value for certain."""

    def unit(self, place: int) -> Expr:
        """Whether another unit fires."""

    def named(self, name: str, value: Expr) -> Var:
        """A value that has a name of its own."""


class RowTerms(TermLogic, Protocol):
    """What a prover says of the columns of a row, and of the units that stand before."""

    def number(self, column: int) -> Any: ...
    def missing(self, column: int) -> Any: ...
    def fires(self, place: int) -> Any: ...

    def real(self, value: float) -> Any:
        """A float as the number that it is."""


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """What reads one column, and no other unit."""

    column: int

    @property
    def columns(self) -> tuple[int, ...]:
        """The columns that it reads itself."""
        return (self.column,)

    @property
    def units(self) -> tuple[int, ...]:
        """The units that it reads."""
        return ()

    def moved(self, place: Place) -> Self:
        """The same of a column that stands at another place."""
        return replace(self, column=place(self.column))


@dataclass(frozen=True, slots=True)
class Below(ColumnReading):
    """Fires where a column of numbers is less than ``limit``; a missing value never is."""

    limit: float

    def values(self, seen: SeenRows) -> Truths:
        return np.asarray(seen.x[:, self.column] < self.limit)

    def expression(self, scope: RowScope) -> Expr:
        name = Var(scope.column(self.column).name)
        return _where(scope, self.columns, Call("lt", (name, Const(plain(self.limit)))))

    def term(self, terms: RowTerms) -> Any:
        below = terms.number(self.column) < terms.real(self.limit)
        return terms.every(terms.opposite(terms.missing(self.column)), below)


@dataclass(frozen=True, slots=True)
class Among(ColumnReading):
    """Fires where a column has one of these ``levels``, by place; a missing value is none."""

    levels: tuple[int, ...]

    def values(self, seen: SeenRows) -> Truths:
        return np.isin(seen.x[:, self.column], self.levels)

    def expression(self, scope: RowScope) -> Expr:
        """None of the other levels, where these are fewer."""
        scalar = scope.column(self.column)
        others = [k for k in range(len(scalar.levels)) if k not in self.levels]
        if len(others) < len(self.levels) and not (scalar.optional or scalar.open):
            return joined("and", [Call("ne", (Var(scalar.name), Const(k))) for k in others])
        return joined("or", [Call("eq", (Var(scalar.name), Const(k))) for k in self.levels])

    def term(self, terms: RowTerms) -> Any:
        one = terms.some(*[terms.number(self.column) == level for level in self.levels])
        return terms.every(terms.opposite(terms.missing(self.column)), one)


@dataclass(frozen=True, slots=True)
class Missing(ColumnReading):
    """Fires where a column has no value."""

    def values(self, seen: SeenRows) -> Truths:
        return np.isnan(seen.x[:, self.column])

    def expression(self, scope: RowScope) -> Expr:
        name = Var(scope.column(self.column).name)
        return NO if scope.known(self.column) else Call("missing", (name,))

    def term(self, terms: RowTerms) -> Any:
        return terms.missing(self.column)


@dataclass(frozen=True, slots=True)
class SumBelow:
    """Fires where a weighted sum is less than ``limit``; not where one of its numbers is missing.

    ``weights`` are pairs of a column of numbers and its weight, ``parts`` of a unit before, which
    is 1 where it fires.
    """

    weights: tuple[tuple[int, int], ...]
    limit: float
    parts: tuple[tuple[int, int], ...] = ()

    @property
    def columns(self) -> tuple[int, ...]:
        return tuple(column for column, _ in self.weights)

    @property
    def units(self) -> tuple[int, ...]:
        return tuple(place for place, _ in self.parts)

    def moved(self, place: Place) -> SumBelow:
        return replace(self, weights=tuple((place(column), w) for column, w in self.weights))

    def over(self, place: Place) -> SumBelow:
        """The same of units that stand at other places."""
        return replace(self, parts=tuple((place(k), weight) for k, weight in self.parts))

    def values(self, seen: SeenRows) -> Truths:
        terms = [(weight, seen.x[:, column]) for column, weight in self.weights]
        terms += [(weight, seen.fired[:, k].astype(np.float64)) for k, weight in self.parts]
        total = np.sum([weight * values for weight, values in in_order(terms)], axis=0)
        return np.broadcast_to(total < self.limit, (len(seen.x),))

    def number_at(self, column: int, row: Sequence[float], fired: Sequence[bool]) -> float:
        """The number of a column with which the sum of a row is at its limit; NaN for none.

        All else is as in the ``row``, where units have ``fired``.
        """
        own = sum(weight for place, weight in self.weights if place == column)
        rest = sum(weight * row[place] for place, weight in self.weights if place != column)
        rest += sum(weight * bool(fired[k]) for k, weight in self.parts)
        return (self.limit - rest) / own if own else nan

    def expression(self, scope: RowScope) -> Expr:
        """A sum of what is never missing has a name, and is compared under it."""
        terms: list[tuple[int, Expr]] = []
        for column, weight in self.weights:
            terms.append((weight, Var(scope.column(column).name)))
        terms += [(weight, scope.unit(place)) for place, weight in self.parts]
        total = weighted_sum(in_order(terms), 0)
        if not any(scope.column(column).optional for column in self.columns):
            total = scope.named("total", total)
        return _where(scope, self.columns, Call("lt", (total, Const(plain(self.limit)))))

    def term(self, terms: RowTerms) -> Any:
        there = [terms.opposite(terms.missing(column)) for column in self.columns]
        numbers = [weight * terms.number(column) for column, weight in self.weights]
        numbers += [terms.choose(terms.fires(k), weight, 0) for k, weight in self.parts]
        return terms.every(*there, terms.total(*numbers) < terms.real(self.limit))


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Fires where at least ``count`` of some units, by place, are as wanted; they stand before."""

    parts: tuple[tuple[int, bool], ...]
    count: int

    @property
    def columns(self) -> tuple[int, ...]:
        return ()

    @property
    def units(self) -> tuple[int, ...]:
        return tuple(place for place, _ in self.parts)

    def moved(self, place: Place) -> AtLeast:
        return self

    def over(self, place: Place) -> AtLeast:
        """The same of units that stand at other places."""
        return replace(self, parts=tuple((place(k), wanted) for k, wanted in self.parts))

    def values(self, seen: SeenRows) -> Truths:
        counts = np.sum([seen.fired[:, k] == wanted for k, wanted in self.parts], axis=0)
        return np.broadcast_to(counts >= self.count, (len(seen.x),))

    def expression(self, scope: RowScope) -> Expr:
        return at_least(scope, self.parts, self.count)

    def term(self, terms: RowTerms) -> Any:
        held = [terms.choose(terms.fires(k) == wanted, 1, 0) for k, wanted in self.parts]
        return terms.total(*held) >= self.count


RuleUnit: TypeAlias = Below | Among | Missing | SumBelow | AtLeast
"""The units that a file can hold."""


def at_least(scope: RowScope, parts: Sequence[tuple[int, bool]], count: int) -> Expr:
    """Whether so many of some units are as wanted: all, any, or a count that has a name."""
    if not 0 < count <= len(parts):
        return NO if count > 0 else YES
    tests = [scope.unit(k) if wanted else opposite(scope.unit(k)) for k, wanted in parts]
    if count in (1, len(tests)):
        return joined("or" if count == 1 else "and", tests)
    return Call("ge", (scope.named("count", Call("add", tuple(tests))), Const(count)))


def joined(op: str, tests: Sequence[Expr]) -> Expr:
    """Whether all of some tests hold (``and``), or any of them (``or``)."""
    ends, neutral = (NO, YES) if op == "and" else (YES, NO)
    kept = [test for test in dict.fromkeys(tests) if test != neutral]
    if ends in kept or not kept:
        return ends if ends in kept else neutral
    return kept[0] if len(kept) == 1 else Call(op, tuple(kept))


def opposite(test: Expr) -> Expr:
    """What holds where a test does not; the parts of ``and`` and ``or`` by themselves."""
    match test:
        case Call("and" | "or" as op, args):
            return joined("or" if op == "and" else "and", list(map(opposite, args)))
        case Const(value):
            return Const(int(not value))
        case _:
            return negated(test)


def in_order(terms: list[tuple[int, Term]]) -> list[tuple[int, Term]]:
    """Terms with their weights as they are added and written: a sum does not begin with a minus."""
    first = next((k for k, (weight, _) in enumerate(terms) if weight > 0), 0)
    return [terms[first], *terms[:first], *terms[first + 1 :]] if terms else []


def _where(scope: RowScope, columns: Sequence[int], test: Expr) -> Expr:
    """The test where all of these columns have a value."""
    open_ = [Var(scope.column(k).name) for k in columns if not scope.known(k)]
    return joined("and", [*(Call("present", (name,)) for name in open_), test])


def plain(limit: float) -> int | float:
    """A limit as it is written: whole numbers without a point."""
    return int(limit) if float(limit).is_integer() and abs(limit) < 2**53 else float(limit)
