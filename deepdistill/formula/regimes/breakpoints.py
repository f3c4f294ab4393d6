"""The number at a border: where two formulas meet, else the simplest one between two rows."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from ...ir.expr import Expr
from ...ir.rounding import simplest_number
from ..symbolic.arrays import Floats, values
from .tree import Weights

_GRID = 129
_HALVINGS = 60
_ROOM = 2.0  # with noise formulas may meet that many times the span beyond it
_ROWS = 40
_SNAP = 1e-7  # of the border's size: how exactly a crossing of exact formulas is known


def breakpoint_between(
    low: float,
    high: float,
    weights: Weights,
    below: Expr | None,
    above: Expr | None,
    x: Floats,
    names: Sequence[str],
    tolerance: float,
    exact: bool,
) -> float:
    """A threshold in [low, high] for the direction, given the formulas on its two sides.

    Where the formulas meet there (within ``tolerance``, whatever the other columns are) it is
    their crossing, rounded as far as they stay together; else the simplest number. ``exact`` says
    that the formulas have no errors.
    """
    if below is not None and above is not None:
        room = 0.0 if exact else _ROOM * (high - low)
        crossing = _crossing(low - room, high + room, weights, below, above, x, names, tolerance)
        if crossing is not None:
            reach = _SNAP * max(abs(crossing), high - low) if exact else (high - low) / 4
            number = simplest_number(
                max(low - room, crossing - reach), min(high + room, crossing + reach)
            )
            apart = _apart(number, weights, below, above, x, names)
            return number if not exact or np.abs(apart).max() <= tolerance else crossing
    return simplest_number(low, high)


def _moved(place: float, weights: Weights, x: Floats, names: Sequence[str]) -> dict[str, Floats]:
    """The rows with one column changed so that the direction's sum is ``place``."""
    moved = x.copy()
    column, weight = weights[0]
    rest = sum((w * x[:, k] for k, w in weights[1:]), np.zeros(len(x)))
    moved[:, column] = (place - rest) / weight
    return {name: moved[:, k] for k, name in enumerate(names)}


def _apart(
    place: float, weights: Weights, below: Expr, above: Expr, x: Floats, names: Sequence[str]
) -> Floats:
    columns = _moved(place, weights, x[:: max(1, len(x) // _ROWS)], names)
    with np.errstate(all="ignore"):
        gaps = values(below, columns) - values(above, columns)
    return np.where(np.isfinite(gaps), gaps, np.inf)


def _crossing(
    low: float,
    high: float,
    weights: Weights,
    below: Expr,
    above: Expr,
    x: Floats,
    names: Sequence[str],
    tolerance: float,
) -> float | None:
    """The place where the formulas agree on all rows, if there is one."""
    margin = 1e-9 * max(abs(low), abs(high), 1e-300)
    grid = np.linspace(low - margin, high + margin, _GRID)
    apart = np.stack([_apart(place, weights, below, above, x, names) for place in grid.tolist()])
    size = np.abs(apart).max(axis=1)
    row = int(np.abs(apart[:, :]).sum(axis=0).argmax())
    line = apart[:, row]
    for k in np.flatnonzero(np.sign(line[:-1]) * np.sign(line[1:]) <= 0).tolist():
        a, b = float(grid[k]), float(grid[k + 1])
        start = float(line[k])
        for _ in range(_HALVINGS):
            middle = (a + b) / 2
            here = float(_apart(middle, weights, below, above, x, names)[row])
            a, b = (middle, b) if here * start > 0 else (a, middle)
        if np.abs(_apart(b, weights, below, above, x, names)).max() <= tolerance:
            return b if isfinite(b) else None
    best = int(size.argmin())  # they may touch without crossing
    a, b = float(grid[max(0, best - 1)]), float(grid[min(_GRID - 1, best + 1)])
    for _ in range(_HALVINGS):
        left, right = a + (b - a) / 3, b - (b - a) / 3
        at_left, at_right = (
            float(np.abs(_apart(place, weights, below, above, x, names)).max())
            for place in (left, right)
        )
        a, b = (a, right) if at_left <= at_right else (left, b)
    touch = (a + b) / 2
    close = np.abs(_apart(touch, weights, below, above, x, names)).max() <= tolerance
    return touch if close else None
