"""Rows where the data live and a margin around: what a teacher is asked beyond its own rows."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .networks import standard

Floats: TypeAlias = NDArray[np.float64]

_NEIGHBOURS = 5
_OUTWARD = 0.5  # of the way to a neighbour, in the opposite direction: the margin
_CANDIDATES = 2  # drawn for each row that is kept
_MOST_ROWS = 1500  # distances between all rows are taken
_BLOCK = 200


def around(x: Floats, count: int, seed: int) -> Floats:
    """``count`` rows between the rows of ``x`` (rows, columns) and their nearest neighbours.

    Points lie on the line through a row and one of its neighbours, between them or as much as half
    of their distance beyond the row: columns that depend on each other go on doing so. Those far
    from all rows are kept less often, by the inverse of the squared distance to the third nearest
    row, an estimate of density up to its power.
    """
    rng = np.random.default_rng([seed, 31])
    if len(x) > _MOST_ROWS:
        x = x[np.sort(rng.permutation(len(x))[:_MOST_ROWS])]
    if len(x) < 2 or count < 1:
        return x[:0]
    unit = standard(x)[1]
    near, _ = _nearest(x / unit, x / unit, _NEIGHBOURS + 1)
    first = rng.integers(len(x), size=_CANDIDATES * count)
    others = near[first, rng.integers(1, near.shape[1], size=len(first))]
    share = rng.uniform(-_OUTWARD, 1.0, (len(first), 1))
    points = x[first] + share * (x[others] - x[first])
    _, distances = _nearest(points / unit, x / unit, 3)
    distance = distances[:, -1]
    typical = float(np.median(distance))
    weight = 1 / (1 + (distance / typical) ** 2) if typical > 0 else np.ones(len(points))
    kept = rng.choice(len(points), size=count, replace=False, p=weight / weight.sum())
    return np.asarray(points[np.sort(kept)])


def _nearest(points: Floats, rows: Floats, count: int) -> tuple[NDArray[np.int64], Floats]:
    """Indices of the nearest rows (points, count) and their distances, nearest first."""
    count = min(count, len(rows))
    indices, distances = [], []
    squares = (rows**2).sum(axis=1)
    for start in range(0, len(points), _BLOCK):
        block = points[start : start + _BLOCK]
        square = (block**2).sum(axis=1)[:, None] - 2 * block @ rows.T + squares
        order = np.argsort(square, axis=1, kind="stable")[:, :count]
        indices.append(order)
        distances.append(np.sqrt(np.maximum(np.take_along_axis(square, order, axis=1), 0)))
    return np.concatenate(indices), np.concatenate(distances)
