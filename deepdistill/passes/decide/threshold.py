"""Linear thresholds: a weighted sum of columns compared with a constant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...ir.expr import Const, Expr, call
from .literals import Evaluated
from .lookup import affine
from .table import Ints, Mask

_STEPS = 10_000  # of the perceptron; separable tables of small features need fewer
_LARGEST_WEIGHT = 12
_LARGEST = 40_000_000  # rows times steps


def threshold(columns: Sequence[Evaluated], on: Mask) -> Expr | None:
    """``2 * a + b - c >= 2`` that holds on exactly these rows; None where none is found."""
    if on.all() or not on.any():
        return None
    rows = np.stack([c.values for c in columns], axis=1)
    weights = _perceptron(rows, on)
    return None if weights is None else _smallest(columns, rows, weights, on)


def compared(columns: Sequence[Evaluated], weights: Sequence[int], on: Mask) -> Expr | None:
    """A comparison of this weighted sum that holds on exactly these rows; None if there is none."""
    rows = np.stack([c.values for c in columns], axis=1)
    given = np.array(weights, dtype=np.int64)
    if on.all() or not on.any() or not given.any():
        return None
    for signed in (given, -given):
        if _separates(rows @ signed, on):
            return _smallest(columns, rows, signed, on)
    return None


def _smallest(columns: Sequence[Evaluated], rows: Ints, weights: Ints, on: Mask) -> Expr:
    """The comparison with smaller weights of the same directions where those separate too."""
    largest = int(np.abs(weights).max())
    for scale in range(1, _LARGEST_WEIGHT + 1):
        small = np.rint(weights * (scale / largest)).astype(np.int64)
        if _separates(rows @ small, on):
            weights = small
            break
    return _comparison(columns, rows, weights, on)


def _perceptron(rows: Ints, on: Mask) -> Ints | None:
    """Integer weights that separate the rows, by correcting the worst row each time."""
    center = (rows.max(axis=0) + rows.min(axis=0)) // 2
    bias = np.full((len(rows), 1), max(1, int(np.abs(rows - center).max())))
    signed = np.where(on[:, None], 1, -1) * np.append(rows - center, bias, axis=1)
    weights = np.zeros(signed.shape[1], dtype=np.int64)
    for _ in range(min(_STEPS, _LARGEST // len(rows))):
        margins = signed @ weights
        worst = int(margins.argmin())
        if margins[worst] > 0:
            return weights[:-1]
        weights += signed[worst]
    return None


def _separates(sums: Ints, on: Mask) -> bool:
    return bool(sums[on].min() > sums[~on].max())


def _comparison(columns: Sequence[Evaluated], rows: Ints, weights: Ints, on: Mask) -> Expr:
    """The sum compared with a constant, its sign chosen so that the first weight is positive."""
    sums = rows @ weights
    low, high = int(sums[~on].max()) + 1, int(sums[on].min())
    if (weights < 0).any() and (weights > 0).any() and low <= 1 and high >= 0:
        # two sums against each other read better than their difference
        more, less = (affine(columns, np.maximum(w, 0).tolist(), 0) for w in (weights, -weights))
        return call("ge" if low <= 0 else "gt", more, less)
    if weights[np.flatnonzero(weights)[0]] > 0:
        low, high, op = int(sums[~on].max()) + 1, int(sums[on].min()), "ge"
    else:
        weights, sums = -weights, -sums
        low, high, op = int(sums[on].max()), int(sums[~on].min()) - 1, "le"
    constant = min(range(low, high + 1), key=lambda c: (c < 0, abs(c)))
    return call(op, affine(columns, weights.tolist(), 0), Const(constant))
