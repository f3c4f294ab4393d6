"""Columns of few levels: a formula with as many constants meets any answers there."""

from __future__ import annotations

import numpy as np

from ...ir.expr import Call, Const, Expr, If, Var, children, walk
from ...ir.rewrite import mapped
from .arrays import Columns, parametric

_MOST = 8  # levels; a column of more of them is as good as a number
_FEWEST = 3  # two levels are met by any slope


def meets_any_levels(expr: Expr, columns: Columns) -> bool:
    """Whether a formula's constants could meet any answers at the few levels of a column.

    As a polynomial of the third degree meets any four: that tells of the levels, not of a law. So
    it is where the slopes by the constants, all other columns at rest, have the levels' full rank.
    """
    function = parametric(_all_free(expr))
    for name in sorted({node.name for node in walk(expr) if isinstance(node, Var)}):
        levels = np.unique(columns[name])
        count = len(levels)
        if not _FEWEST <= count <= min(_MOST, len(function.start)):
            continue
        rest = {other: np.full(count, column.max()) for other, column in columns.items()}
        with np.errstate(all="ignore"):
            _, slopes = function.jacobian({**rest, name: levels}, function.start, count)
            unit = slopes / np.linalg.norm(slopes, axis=0)
        unit = unit[:, np.isfinite(unit).all(axis=0)]
        if unit.shape[1] >= count and np.linalg.matrix_rank(unit, tol=1e-9) == count:
            return True
    return False


def _all_free(expr: Expr) -> Expr:
    """The formula with floats for all its constants but exponents."""
    match expr:
        case Const(int() as value):
            return Const(float(value))
        case Call("pow" | "power" as op, (base, exponent)):
            return Call(op, (_all_free(base), exponent))
        case Call() | If() if children(expr):
            return mapped(expr, _all_free)
        case _:
            return expr
