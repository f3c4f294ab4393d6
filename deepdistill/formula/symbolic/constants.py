"""Constants of a formula, refitted by least squares in double precision."""

from __future__ import annotations

import numpy as np

from ...ir.expr import Expr
from .arrays import Columns, Floats, parametric, values

_HUGE = 1e150  # errors beyond it count as infinite: their squares are
_STEPS_REFUSED = 8


def mean_square(expr: Expr, columns: Columns, y: Floats) -> float:
    """Mean squared error; infinite where the formula is undefined in any row."""
    return mean_square_of(values(expr, columns), y)


def mean_square_of(found: Floats, y: Floats) -> float:
    with np.errstate(all="ignore"):
        error = found - y
        if not np.abs(error).max() < _HUGE:
            return float("inf")
        return float(error @ error) / len(y)


def refit(expr: Expr, columns: Columns, y: Floats, most: int = 100) -> tuple[Expr, float]:
    """The formula with its floats refitted, and its mean squared error, never a worse one.

    Levenberg-Marquardt with Marquardt's scaling (Moré 1978), at most so many steps.
    """
    function = parametric(expr)
    constants = function.start
    rows = len(y)
    found, slopes = function.jacobian(columns, constants, rows)
    loss = mean_square_of(found, y)
    if not 0 < len(constants) <= rows:
        return expr, loss
    damping, still = 1e-3, 0
    for _ in range(most):
        if not loss < np.inf or not np.isfinite(slopes).all():
            break
        scale = np.sqrt((slopes * slopes).sum(axis=0))
        scale[scale == 0] = 1.0
        unit = slopes / scale
        square, slope = unit.T @ unit, unit.T @ (y - found)
        before = loss
        for _ in range(_STEPS_REFUSED):
            damped = square + damping * np.eye(len(constants))
            try:
                moved = constants + np.linalg.solve(damped, slope) / scale
            except np.linalg.LinAlgError:
                damping *= 10
                continue
            trial = mean_square_of(_full(function(columns, moved), rows), y)
            if trial < loss:
                constants, loss = moved, trial
                damping = max(damping / 10, 1e-15)
                break
            damping = max(damping * 8, 1e-12)
        if not loss < before:
            break
        still = still + 1 if loss > before * (1 - 1e-6) else 0
        if still >= 2:
            break
        found, slopes = function.jacobian(columns, constants, rows)
    return function.filled(constants), loss


def _full(found: Floats, rows: int) -> Floats:
    return np.broadcast_to(found, (rows,)) if found.ndim == 0 else found
