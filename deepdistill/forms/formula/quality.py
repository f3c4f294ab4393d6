"""How well a formula fits rows that were held out, and what it does outside the sampled ranges."""

from __future__ import annotations

from collections.abc import Callable
from math import frexp
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...formula.extrapolation import Extrapolation, beyond_ranges, spread_of
from ...ir.evaluate import evaluate_formula
from ...ir.program import Formula
from ...ir.rounding import reported_error

Floats: TypeAlias = NDArray[np.float64]

POOR, NOTHING = 0.5, 0.02  # R2 below which the certificate warns in plain words


def formula_at(formula: Formula, row: tuple[float, ...]) -> float | None:
    """The formula's value; None where it has none."""
    names = [scalar.name for scalar in formula.inputs]
    try:
        value = evaluate_formula(formula, dict(zip(names, row, strict=True)))
    except (ArithmeticError, ValueError):
        return None
    return value if np.isfinite(value) else None


def outside_ranges(
    formula: Formula, oracle: Callable[..., Floats], number: int
) -> Extrapolation | None:
    """The formula against an oracle outside the sampled ranges."""

    def predict(x: Floats) -> Floats:
        answers = [formula_at(formula, tuple(row)) for row in x.tolist()]
        return np.array(answers, dtype=np.float64)

    low = np.array([scalar.domain.low for scalar in formula.inputs])
    high = np.array([scalar.domain.high for scalar in formula.inputs])
    return beyond_ranges(predict, oracle, low, high, number)


def quality_sentence(formula: Formula, rows: tuple[Floats, Floats]) -> str:
    """How well the formula fits held-out rows, in words."""
    x, y = rows
    answers = [formula_at(formula, tuple(row)) for row in x.tolist()]
    missing = sum(value is None for value in answers)
    if missing:
        return f"no value on {missing} of {len(y)} held-out rows"
    if not len(y):
        return "the table is too small to hold rows out, so how well the formula fits is not known"
    values = np.array(answers, dtype=np.float64)
    size = float(max(np.abs(y).max(), np.abs(values).max()))
    # squares of enormous numbers overflow, those of tiny ones vanish
    unit = 2.0 ** (frexp(size)[1] - 1) if size > 0 else 1.0
    error = values / unit - y / unit
    described = reported_error(float(np.abs(error).max()), spread_of(y / unit))
    worst = f"largest error {described * unit:.3g}"
    spread = float(np.var(y / unit))
    if not spread > 0:
        return f"{worst} on {len(y)} held-out rows"
    score = 1 - float(np.mean(error**2)) / spread
    return f"R2 {score:.6f}, {worst} on {len(y)} held-out rows{_warning(score)}"


def _warning(score: float) -> str:
    """Plain words where a formula fits badly."""
    if score <= NOTHING:
        return ": it tells nothing that the mean of the answers does not tell"
    if score < POOR:
        return ": it explains less than half of how the answers vary"
    return ""
