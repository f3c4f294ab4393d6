"""Constants of a formula, refitted by least squares in double precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from ...ir.expr import Expr
from .arrays import Columns, Floats, parametric, values
from .losses import RowErrors

_HUGE = 1e150  # errors beyond it count as infinite: their squares are
_STEPS_REFUSED = 8
_ROUNDS = 12  # of least squares with new weights
_FEWEST_STEPS = 4  # of each of them


def mean_square(expr: Expr, columns: Columns, y: Floats) -> float:
    """Mean squared error; infinite where the formula is undefined in any row."""
    return mean_square_of(values(expr, columns), y)


def cost(expr: Expr, columns: Columns, y: Floats, errors: RowErrors) -> float:
    """The same by any loss, in squared units."""
    if errors.is_plain:
        return mean_square(expr, columns, y)
    with np.errstate(all="ignore"):
        return errors.of(values(expr, columns) - y)


def mean_square_of(answers: Floats, y: Floats) -> float:
    with np.errstate(all="ignore"):
        error = answers - y
        if not np.abs(error).max() < _HUGE:
            return float("inf")
        return float(error @ error) / len(y)


Bent: TypeAlias = Callable[[Floats], tuple[Floats, Floats]]
"""What is to be near the answers instead of a formula's values (rows,), and its slope by them."""


def refit(
    expr: Expr,
    columns: Columns,
    y: Floats,
    most: int = 100,
    roots: Floats | None = None,
    bent: Bent | None = None,
) -> tuple[Expr, float]:
    """The formula with its floats refitted, and its mean squared error, never a worse one.

    ``roots`` (rows,) multiply the errors, where rows count more or less.
    Levenberg-Marquardt with Marquardt's scaling (Moré 1978), at most so many steps.
    """
    function = parametric(expr)
    constants = function.start
    rows = len(y)
    with np.errstate(all="ignore"):
        parts = function.forward(columns, constants)
    fitted, slopes = function.slopes(parts, rows)
    if roots is not None:
        fitted, slopes, y = fitted * roots, slopes * roots[:, None], y * roots
    if bent is not None:
        fitted, slopes = _bent(fitted, slopes, bent)
    loss = mean_square_of(fitted, y)
    if not 0 < len(constants) <= rows:
        return expr, loss
    damping, still = 1e-3, 0
    for _ in range(most):
        if not loss < np.inf or not np.isfinite(slopes).all():
            break
        with np.errstate(over="ignore"):  # what changes so steeply is not moved
            scale = np.sqrt((slopes * slopes).sum(axis=0))
        scale[scale == 0] = 1.0
        unit = slopes / scale
        square, slope = unit.T @ unit, unit.T @ (y - fitted)
        before = loss
        for _ in range(_STEPS_REFUSED):
            damped = square + damping * np.eye(len(constants))
            try:
                moved = constants + np.linalg.solve(damped, slope) / scale
            except np.linalg.LinAlgError:
                damping *= 10
                continue
            with np.errstate(all="ignore"):
                there = function.forward(columns, moved)
                answers = _full(np.asarray(there[-1], dtype=np.float64), rows)
                if bent is not None:
                    answers = bent(answers)[0]
                trial = mean_square_of(answers if roots is None else answers * roots, y)
            if trial < loss:
                constants, parts, loss = moved, there, trial
                damping = max(damping / 10, 1e-15)
                break
            damping = max(damping * 8, 1e-12)
        if not loss < before:
            break
        still = still + 1 if loss > before * (1 - 1e-6) else 0
        if still >= 2:
            break
        fitted, slopes = function.slopes(parts, rows)
        if roots is not None:
            fitted, slopes = fitted * roots, slopes * roots[:, None]
        if bent is not None:
            fitted, slopes = _bent(fitted, slopes, bent)
    return function.filled(constants), loss


def refit_by(
    expr: Expr, columns: Columns, y: Floats, errors: RowErrors, most: int = 100
) -> tuple[Expr, float]:
    """The same by any loss: least squares again and again, with weights that follow the errors.

    Its loss is never worse, either.
    """
    if errors.is_plain:
        return refit(expr, columns, y, most)
    if errors.chances is not None:
        with np.errstate(all="ignore"):
            expr, _ = refit(expr, columns, np.zeros(len(y)), most, bent=errors.deviance)
        return expr, cost(expr, columns, y, errors)
    with np.errstate(all="ignore"):
        best, loss = expr, errors.of(values(expr, columns) - y)
    if not loss < np.inf:
        expr, _ = refit(expr, columns, y, most)
    steps = most if errors.loss == "mse" else max(_FEWEST_STEPS, most // _ROUNDS)
    for _ in range(_ROUNDS):
        with np.errstate(all="ignore"):
            left = values(expr, columns) - y
        if not np.isfinite(left).all():
            break
        expr, _ = refit(expr, columns, y, steps, np.sqrt(errors.pull(left)))
        with np.errstate(all="ignore"):
            now = errors.of(values(expr, columns) - y)
        if not now < loss * (1 - 1e-9):
            break
        best, loss = expr, now
    return best, loss


def _bent(answers: Floats, slopes: Floats, bent: Bent) -> tuple[Floats, Floats]:
    answers, by = bent(answers)
    return answers, slopes * by[:, None]


def _full(answers: Floats, rows: int) -> Floats:
    return np.broadcast_to(answers, (rows,)) if answers.ndim == 0 else answers
