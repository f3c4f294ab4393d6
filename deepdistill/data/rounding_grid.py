"""Answers that were rounded: the grid they lie on, and the squared error that it makes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FINEST = 9  # decimals; more are the digits of doubles
_COARSEST = -6
_LEVELS = 20  # so many steps must lie between the least and the largest answer
_NEAR = 1e-6  # of a step
_FEWEST = 10  # rows


def rounding_step(y: NDArray[np.float64], x: NDArray[np.float64]) -> float:
    """The power of ten that all answers (rows,) are multiples of; 0 where none is, or by nature.

    Whole answers to whole rows (rows, columns) need not be rounded, nor classes and small counts.
    """
    decimals = _decimals(y)
    if decimals is None or len(y) < _FEWEST:
        return 0.0
    step = 10.0**-decimals
    natural = decimals <= 0 and _on_grid(x, decimals)
    return 0.0 if natural or np.ptp(y) < _LEVELS * step else step


def grid_step(y: NDArray[np.float64]) -> float:
    """The power of ten that all answers (rows,) are multiples of, rounded or not; 0 where none."""
    decimals = _decimals(y)
    return 0.0 if decimals is None else 10.0**-decimals


def rounding_error(step: float) -> float:
    """The mean squared error of answers rounded to multiples of a step (Sheppard's correction)."""
    return step * step / 12


def _decimals(y: NDArray[np.float64]) -> int | None:
    """The fewest decimals that write all answers."""
    return next((d for d in range(_COARSEST, _FINEST + 1) if _on_grid(y, d)), None)


def _on_grid(values: NDArray[np.float64], decimals: int) -> bool:
    with np.errstate(all="ignore"):
        scaled = values * 10.0**decimals
        largest = float(np.abs(scaled).max(initial=0.0))
        if not largest < 2.0**52 * _NEAR:
            return False
        return bool((np.abs(scaled - np.round(scaled)) <= _NEAR).all())
