"""A sum of numbers and of units for each class of a table: the largest one gives the label.

The chances of the classes grow with the exponential of their sums (multinomial logistic scores).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from math import nan
from operator import add
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..ir.expr import Call, Const, Expr, If, Var
from ..ir.linear import times
from ..ir.rounding import rounded
from .row_readings import Floats, Place, RowScope, RowTerms, SeenRows, in_order, plain

Places: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClassScore:
    """The sum of one class: ``weights`` of columns, ``points`` of units that fire, a constant.

    ``weights`` has a column, its weight, and what counts in place of both where the value is
    missing; ``points`` a unit by its place, and its weight.
    """

    weights: tuple[tuple[int, int, float], ...]
    points: tuple[tuple[int, int], ...]
    constant: float

    @property
    def terms(self) -> int:
        """How many terms are added up besides the constant."""
        return len(self.weights) + len(self.points)

    def values(self, seen: SeenRows) -> Floats:
        """The sum for each row, (rows,)."""
        terms: list[tuple[int, Floats]] = []
        for column, weight, gone in self.weights:
            x = seen.x[:, column]
            terms.append((weight, np.where(np.isnan(x), gone, weight * x)))
        for place, points in self.points:
            terms.append((points, points * seen.fired[:, place].astype(np.float64)))
        if self.constant or not terms:
            terms.append((1 if self.constant > 0 else -1, np.full(len(seen.x), self.constant)))
        return reduce(add, [values for _, values in in_order(terms)])

    def expression(self, scope: RowScope) -> Expr:
        terms: list[tuple[int, Expr]] = []
        for column, weight, gone in self.weights:
            name = Var(scope.column(column).name)
            term = times(weight, name)
            if not scope.known(column):
                term = If(Call("present", (name,)), term, Const(plain(gone)))
            terms.append((weight, term))
        terms += [(points, times(points, scope.unit(place))) for place, points in self.points]
        if self.constant or not terms:
            terms.append((1 if self.constant > 0 else -1, Const(plain(self.constant))))
        parts = [term for _, term in in_order(terms)]
        return parts[0] if len(parts) == 1 else Call("add", tuple(parts))

    def term(self, terms: RowTerms) -> Any:
        parts = [terms.real(self.constant)]
        for column, weight, gone in self.weights:
            number = weight * terms.number(column)
            parts.append(terms.choose(terms.missing(column), terms.real(gone), number))
        parts += [terms.choose(terms.fires(place), points, 0) for place, points in self.points]
        return terms.total(*parts)

    def weight_of(self, column: int) -> int:
        """What one more of a column adds."""
        return sum(weight for place, weight, _ in self.weights if place == column)


@dataclass(frozen=True, slots=True)
class ClassScores:
    """A sum for each class by place; one of a sum is ``worth`` so many nats.

    No chance is less than ``least``, and what is left is shared in proportion to the exponentials.
    """

    classes: tuple[ClassScore, ...]
    worth: float
    least: float

    @property
    def columns(self) -> tuple[int, ...]:
        """The columns of numbers that are added up."""
        return tuple(sorted({column for one in self.classes for column, _, _ in one.weights}))

    @property
    def units(self) -> tuple[int, ...]:
        """The units that are added up."""
        return tuple(sorted({place for one in self.classes for place, _ in one.points}))

    @property
    def share(self) -> float:
        """What the exponentials share."""
        return rounded(1 - len(self.classes) * self.least)

    def sums(self, seen: SeenRows) -> Floats:
        """All sums, (rows, classes)."""
        return np.stack([one.values(seen) for one in self.classes], axis=1)

    def chances(self, sums: Floats) -> Floats:
        """The chances of the classes by the sums (rows, classes)."""
        powers = np.exp(self.worth * (sums - sums.max(axis=1, keepdims=True)))
        return np.asarray(self.least + self.share * powers / powers.sum(axis=1, keepdims=True))

    def moved(self, place: Place) -> ClassScores:
        """The same over columns that stand at other places."""
        classes = (
            replace(one, weights=tuple((place(k), w, gone) for k, w, gone in one.weights))
            for one in self.classes
        )
        return replace(self, classes=tuple(classes))

    def crossings(self, column: int, row: Sequence[float], sums: Sequence[float]) -> list[float]:
        """The numbers of a column where two sums of a row are equal, all else as it is."""
        found = []
        for k, one in enumerate(self.classes):
            for j, other in enumerate(self.classes[:k]):
                slope = one.weight_of(column) - other.weight_of(column)
                found.append(row[column] - (sums[k] - sums[j]) / slope if slope else nan)
        return found


def largest(sums: Floats) -> Places:
    """The place of the largest sum of each row (rows, classes), the first of equals: (rows,).

    Sums that are no numbers (of columns beyond what floats can add up) are as Python's ``max`` has
    them.
    """
    place, most = np.zeros(len(sums), dtype=np.int64), sums[:, 0]
    for k in range(1, sums.shape[1]):
        more = sums[:, k] > most
        place, most = np.where(more, k, place), np.where(more, sums[:, k], most)
    return place
