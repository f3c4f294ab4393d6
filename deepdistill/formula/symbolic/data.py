"""The table a formula is polished on: fitted rows, held-out rows, and what is known of columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np

from ...ir.expr import Expr
from .arrays import Columns, Floats
from .constants import cost, refit_by
from .domain import Domain
from .losses import PLAIN, RowErrors
from .scoring import WITHIN, description_length

_FEW = 100  # about so many rows serve to look at a formula
_HELD = 5  # one row in so many is held out
_EXACT = 1e-20  # relative squared error of a formula that is exact but for roundings
_INDEPENDENT = 12
_SMOOTH = 100  # rows: more of them say no more of a smooth error


@dataclass(frozen=True, slots=True, eq=False)
class FitRows:
    """Fitted and held-out rows of named columns, and the ranges of these columns.

    A few of the fitted rows stand apart for quick looks. ``box`` are the ranges of the whole table.
    ``noise`` is the mean squared error that the answers are known to have; 0 where none is. It is
    ``smooth`` where a network makes it: neighbouring rows then err alike. ``errors`` say what an
    error costs in each of these three groups of rows.
    """

    columns: Columns
    y: Floats
    held_columns: Columns
    held_y: Floats
    domain: Domain
    few_columns: Columns
    few_y: Floats
    box: Domain
    noise: float = 0.0
    smooth: bool = False
    errors: RowErrors = PLAIN
    held_errors: RowErrors = PLAIN
    few_errors: RowErrors = PLAIN

    @staticmethod
    def of(
        x: Floats,
        y: Floats,
        names: Sequence[str],
        seed: int,
        box: Floats | None = None,
        noise: float = 0.0,
        errors: RowErrors = PLAIN,
        smooth: bool = False,
    ) -> FitRows:
        """Split rows at random; with fewer than ten all rows serve both ends.

        ``box`` (2, columns) has the ends of the ranges in which the formula is to be believed.
        """
        rows = len(y)
        order = np.random.default_rng([seed, 11]).permutation(rows)
        held, fitted = np.sort(order[: rows // _HELD]), np.sort(order[rows // _HELD :])
        if rows < 2 * _HELD:
            held = fitted = np.arange(rows)
        ends = zip(names, x.min(axis=0).tolist(), x.max(axis=0).tolist(), strict=True)
        domain = Domain.of({name: (low, high) for name, low, high in ends})
        wide = domain
        if box is not None:
            wide = Domain.of(dict(zip(names, map(tuple, box.T.tolist()), strict=True)))
        few = fitted[:: max(1, len(fitted) // _FEW)]
        return FitRows(
            {name: x[fitted, k] for k, name in enumerate(names)},
            y[fitted],
            {name: x[held, k] for k, name in enumerate(names)},
            y[held],
            domain,
            {name: x[few, k] for k, name in enumerate(names)},
            y[few],
            wide,
            noise,
            smooth,
            errors.taken(fitted),
            errors.taken(held),
            errors.taken(few),
        )

    @property
    def every(self) -> tuple[Columns, Floats]:
        """All rows, fitted ones first."""
        if np.array_equal(self.y, self.held_y):  # too few to stand apart
            return self.columns, self.y
        columns = {
            name: np.concatenate([column, self.held_columns[name]])
            for name, column in self.columns.items()
        }
        return columns, np.concatenate([self.y, self.held_y])

    @property
    def every_errors(self) -> RowErrors:
        """What errors cost in all rows."""
        if np.array_equal(self.y, self.held_y):
            return self.errors
        weights, chances = (
            None if one is None or other is None else np.concatenate([one, other])
            for one, other in (
                (self.errors.weights, self.held_errors.weights),
                (self.errors.chances, self.held_errors.chances),
            )
        )
        return replace(self.errors, weights=weights, chances=chances)

    @property
    def variance(self) -> float:
        """What the answers cost told by a number: their variance, where errors are squared."""
        return self.errors.spread(self.y)

    def length(self, expr: Expr, loss: float) -> float:
        """Description length with the loss on the fitted rows."""
        rows = len(self.y)
        if self.smooth and self.noise:
            rows = min(rows, _SMOOTH)
        return description_length(expr, loss, self.variance, rows, self.noise)

    @property
    def enough(self) -> float:
        """The loss at which nothing is left to explain but roundings and known noise."""
        return max(_EXACT * self.variance, WITHIN * self.noise, self.errors.least)

    @property
    def independent(self) -> int:
        """How many rows have errors of their own; those that a teacher makes are smooth."""
        return len(self.y) if self.noise == 0 else min(len(self.y), _INDEPENDENT)

    def refit(self, expr: Expr, most: int = 200) -> tuple[Expr, float]:
        return refit_by(expr, self.columns, self.y, self.errors, most)

    def glance(self, expr: Expr, most: int) -> tuple[Expr, float]:
        """Refitted on few rows only; the loss is that of these rows."""
        return refit_by(expr, self.few_columns, self.few_y, self.few_errors, most)

    def loss(self, expr: Expr) -> float:
        return cost(expr, self.columns, self.y, self.errors)

    def held_loss(self, expr: Expr) -> float:
        return cost(expr, self.held_columns, self.held_y, self.held_errors)

    def slack(self) -> float:
        """By how much a held-out loss may seem worse though nothing has changed but noise."""
        return 1 + log(len(self.held_y) + 1) / max(1, len(self.held_y))
