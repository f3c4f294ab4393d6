"""Errors outside the sampled ranges: measured and told, never claimed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..ir.rounding import reported_error

Floats: TypeAlias = NDArray[np.float64]
Predict: TypeAlias = Callable[[Floats], Floats]

BEYOND = 0.5  # of a range, on both sides of it
_ROWS = 300
_TRIES = 50
_OUTER = 5  # the outermost one row in so many
_FEWEST = 10  # rows in the inner part
_VALUES = 10  # a column with fewer different values has no inside


@dataclass(frozen=True, slots=True)
class Extrapolation:
    """A coefficient of determination and the largest error on ``rows`` rows outside.

    ``without`` of them have no value; ``how`` says which rows these are. The score is minus
    infinity where the answers do not vary or no row has a value.
    """

    score: float
    worst: float
    rows: int
    without: int
    how: str

    @property
    def sentence(self) -> str:
        text = f"{self.how}: "
        if self.score > -inf:
            text += f"R2 {self.score:.6f}, "
        if self.rows > self.without:
            text += f"largest error {self.worst:.3g} on {self.rows - self.without} rows"
        if self.without:
            text += f"{', ' if self.rows > self.without else ''}no value on {self.without}"
        return text


def spread_of(answers: Floats) -> float:
    """The scale of errors: least answer to largest, the answer itself where there is but one."""
    return float(np.ptp(answers)) or float(np.abs(answers).max())


def _compared(answers: Floats, truth: Floats, how: str) -> Extrapolation:
    good = np.isfinite(answers)
    answers, truth, rows = answers[good], truth[good], len(truth)
    score, worst = -inf, inf
    if len(truth):
        unit = max(float(np.abs(truth).max()), float(np.abs(answers).max())) or 1.0
        error = answers / unit - truth / unit
        worst = reported_error(float(np.abs(error).max()), spread_of(truth / unit)) * unit
        spread = float(np.var(truth / unit))
        if spread > 0:
            score = 1 - float(np.mean(error**2)) / spread
    return Extrapolation(score, worst, rows, int((~good).sum()), how)


def beyond_ranges(
    predict: Predict, oracle: Callable[..., Floats], low: Floats, high: Floats, number: int
) -> Extrapolation | None:
    """Against an oracle, on rows outside the box from ``low`` to ``high`` (columns,).

    Rows for which the oracle has no finite answer are drawn again; None where there are hardly any.
    """
    rng = np.random.default_rng([number, 37])
    margin = BEYOND * (high - low)
    x = np.empty((0, len(low)))
    truth = np.empty(0)
    for _ in range(_TRIES):
        drawn = rng.uniform(low - margin, high + margin, (_ROWS, len(low)))
        drawn = drawn[((drawn < low) | (drawn > high)).any(axis=1)]
        with np.errstate(all="ignore"):
            answers = np.asarray(oracle(*drawn.T), dtype=np.float64)
        good = np.isfinite(answers)
        x, truth = np.concatenate([x, drawn[good]]), np.concatenate([truth, answers[good]])
        if len(truth) >= _ROWS:
            how = f"outside the ranges, by up to {BEYOND:.0%} of them"
            return _compared(predict(x[:_ROWS]), truth[:_ROWS], how)
    return None


def outer_rows(
    x: Floats, y: Floats, refitted: Callable[[Floats, Floats], Predict]
) -> Extrapolation | None:
    """Without an oracle: the outermost fifth of the rows, the formula refitted on the inner ones.

    A row is as far out as its outermost column, in half ranges from the middle. None where there
    are too few rows or no column of many values.
    """
    wide = [k for k in range(x.shape[1]) if len(np.unique(x[:, k])) >= _VALUES]
    count = len(y) // _OUTER
    if not wide or len(y) - count < _FEWEST:
        return None
    low, high = x[:, wide].min(axis=0), x[:, wide].max(axis=0)
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    order = np.argsort((np.abs(x[:, wide] - middle) / half).max(axis=1), kind="stable")
    inner, outer = np.sort(order[:-count]), np.sort(order[-count:])
    how = f"the outermost fifth of the rows, by the formula refitted on the other {len(inner)}"
    return _compared(refitted(x[inner], y[inner])(x[outer]), y[outer], how)
