"""Rows at and near the breakpoints of a formula in regimes: there a wrong formula shows first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, isfinite, nextafter

import numpy as np

from ...ir.borders import comparisons
from ...ir.evaluate import Scope, evaluate_expr
from ...ir.expr import Call, Const, Expr, Var, uses
from ...ir.program import Formula

_NEAR = 1e-9  # of a column's range
_ROWS = 6  # rows for each breakpoint, each moved to it and to both sides


@dataclass(frozen=True, slots=True)
class Border:
    """Arguments at a breakpoint (``exactly``) or beside it, and the comparison it stands in."""

    row: tuple[float, ...]
    comparison: Call
    exactly: bool


def borders(formula: Formula, number: int) -> Iterator[Border]:
    """Rows in the sampled ranges, exactly at each breakpoint, next to it and near it."""
    rng = np.random.default_rng([number, 31])
    low = np.array([scalar.domain.low for scalar in formula.inputs])
    high = np.array([scalar.domain.high for scalar in formula.inputs])
    names = [scalar.name for scalar in formula.inputs]
    texts = [bool(scalar.levels) for scalar in formula.inputs]
    for comparison in comparisons(formula.value):
        places = [k for k, name in enumerate(names) if uses(comparison, name) and not texts[k]]
        rows = rng.uniform(low, high, (_ROWS, len(low)))
        for row in np.where(texts, np.rint(rows), rows).tolist():
            for k in places:
                at = _solved(comparison, names, row, k)
                step = _NEAR * float(high[k] - low[k])
                if at is None:
                    continue
                beside = (nextafter(at, -inf), nextafter(at, inf), at - step, at + step)
                for value in (at, *beside):
                    if low[k] <= value <= high[k]:
                        moved = (*row[:k], value, *row[k + 1 :])
                        yield Border(moved, comparison, value == at)


def _solved(comparison: Call, names: list[str], row: list[float], k: int) -> float | None:
    """The value of a column at which both sides, linear in it, are equal."""
    match comparison.args:
        case (Var(), Const(int() | float() as value)):
            return float(value)
    zero, one = (_difference(comparison, names, [*row[:k], t, *row[k + 1 :]]) for t in (0.0, 1.0))
    if zero is None or one is None or one == zero:
        return None
    root = -zero / (one - zero)
    return root if isfinite(root) else None


def _difference(comparison: Call, names: list[str], row: list[float]) -> float | None:
    scope = Scope((), {})
    scope.names.update(zip(names, row, strict=True))
    sides: tuple[Expr, ...] = comparison.args
    try:
        return float(evaluate_expr(sides[0], scope)) - float(evaluate_expr(sides[1], scope))
    except (ArithmeticError, ValueError, KeyError):  # not of the inputs alone
        return None
