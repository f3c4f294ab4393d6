"""The first threshold unit, in a declared order, that does what a goal asks.

Units are found by exhaustive search over sparse vectors of small integer weights, each with its
thresholds in closed form (:mod:`.item_goals`), not by gradient. The order: fewest columns, one
threshold before a band of two, smallest weights, earliest columns. Candidates are screened on a few
samples, then on more, and the first one that survives all of them is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from math import ceil, floor, gcd
from typing import Literal

import numpy as np

from ..data.running import Check, endless
from ..ir.rounding import simplest_integer
from ..units.groups import FloatArray, IntArray
from ..units.item_readings import Number
from .item_features import FeatureTable
from .item_goals import Goal, thresholds

LARGEST = {1: 1, 2: 2, 3: 2}
"""The largest weight by how many columns have one."""
_WIDEST_SMALL_BAND = 3
_LARGEST_OF_SUM = 1_000_000
_MIDDLES = {1: 24, 2: 8, 3: 4}
_AT_ONCE = 4_000_000  # totals held at the same time
_SCREENS = (6, 30)


Shape = Literal["threshold", "band", "outside"]
SHAPES: tuple[Shape, ...] = ("threshold", "band", "outside")
Bounds = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class UnitFit:
    """Integer weights of the columns, and for each unit its bounds; None leaves a side open."""

    weights: tuple[int, ...]
    bounds: tuple[Bounds, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Survivors:
    index: IntArray
    a: FloatArray
    b: FloatArray


def weight_vectors(columns: int, count: int, usable: int | None = None) -> IntArray:
    """All coprime weight vectors of ``count`` of the first ``usable`` columns, first one positive.

    Shape (vectors, columns), in the declared order.
    """
    if count == 0:
        return np.zeros((1, columns), dtype=np.int64)
    sizes = range(-LARGEST[count], LARGEST[count] + 1)
    values = [
        value
        for value in product(sizes, repeat=count)
        if value[0] > 0 and all(value) and gcd(*value) == 1
    ]
    values.sort(key=lambda value: (sum(map(abs, value)), value[::-1]))
    chosen = np.array(list(combinations(range(usable or columns), count)), dtype=np.int64)
    if not len(chosen):
        return np.zeros((0, columns), dtype=np.int64)
    vectors = np.zeros((len(values), len(chosen), columns), dtype=np.int64)
    for k, value in enumerate(values):
        vectors[k, np.arange(len(chosen))[:, None], chosen] = value
    # by sum of weights, then by columns
    total = np.array([sum(map(abs, value)) for value in values])
    order = np.lexsort(
        (
            np.repeat(np.arange(len(values)), len(chosen)),
            np.tile(np.arange(len(chosen)), len(values)),
            np.repeat(total, len(chosen)),
        )
    )
    return vectors.reshape(-1, columns)[order]


def screens(label: IntArray) -> tuple[IntArray, ...]:
    """Growing selections of groups, the kinds of labels in turn; the last one holds all."""
    order = np.random.default_rng(0).permutation(len(label))
    seen: dict[int, int] = {}
    turn = np.zeros(len(label), dtype=np.int64)
    for k in order:
        turn[k] = seen.get(int(label[k]), 0)
        seen[int(label[k])] = int(turn[k]) + 1
    order = order[np.argsort(turn[order], kind="stable")]
    return (*(np.sort(order[:size]) for size in _SCREENS if size < len(order)), np.sort(order))


def find_unit(
    table: FeatureTable,
    goal: Goal,
    vectors: IntArray,
    groups: tuple[IntArray, ...],
    shape: Shape,
    small: bool,
    check: Check = endless,
) -> UnitFit | None:
    """The first vector with which some threshold is right, or some band, or all outside a band.

    Outside a band fires one of two units. With ``small`` the threshold, or the middle of the band,
    is hardly more than 1 away from 0, and the band is narrow. ``check`` is called often and
    may raise.
    """
    if not len(vectors) or (shape != "threshold" and not vectors[0].any()):
        return None
    if shape == "threshold":
        both = np.stack([vectors, -vectors], axis=1).reshape(-1, vectors.shape[1])
        first = _first_one(table, goal, both, None, groups, shape, small, check)
        return None if first is None else _one_sided(both[first[0]], *first, small)
    middles = _middles(table, int((vectors[0] != 0).sum()), groups[0], small)
    pairs = np.repeat(vectors, len(middles), axis=0)
    each = np.tile(middles, len(vectors))
    first = _first_one(table, goal, pairs, each, groups, shape, small, check)
    if first is None:
        return None
    k, a, b = first
    weights, middle = tuple(map(int, pairs[k])), middles[k % len(middles)]
    if shape == "band":  # -|2 t - middle| >= b
        return UnitFit(weights, ((ceil((middle + b) / 2), floor((middle - b) / 2)),))
    reach = a + 1  # |2 t - middle| > a, the widest firing
    low, high = floor((middle - reach) / 2), ceil((middle + reach) / 2)
    return UnitFit(weights, ((high, None), (None, low)))


def _middles(table: FeatureTable, count: int, groups: IntArray, small: bool) -> FloatArray:
    """Twice the middles of the bands that are tried; for single columns also what is read."""
    reach = min(3, _MIDDLES[count]) if small else _MIDDLES[count]
    middles = sorted(range(-reach, reach + 1), key=lambda c: (abs(c), c))
    if count == 1 and not small:
        read = np.unique(table.x[groups][table.real[groups]])
        if len(read) <= 400:
            middles += [int(2 * value) for value in read if abs(2 * value) > reach]
    return np.array(middles, dtype=float)


def _one_sided(weights: IntArray, k: int, a: float, b: float, small: bool) -> UnitFit:
    if not weights.any():
        return UnitFit(tuple(map(int, weights)), ((None, None),))
    # integers between a and b are as good as b
    low = int(b) if a == -np.inf else simplest_integer(floor(a) + 1, int(b), ceil((a + b + 1) / 2))
    if small:
        low = max(-1, min(1, low))
    if k % 2:  # the vectors at odd places are turned round
        return UnitFit(tuple(map(int, -weights)), ((None, -low),))
    return UnitFit(tuple(map(int, weights)), ((low, None),))


def _first_one(
    table: FeatureTable,
    goal: Goal,
    vectors: IntArray,
    middles: FloatArray | None,
    groups: tuple[IntArray, ...],
    shape: Shape,
    small: bool,
    check: Check,
) -> tuple[int, float, float] | None:
    width = max(1, _AT_ONCE // (len(groups[0]) * table.x.shape[1]))
    for start in range(0, len(vectors), width):
        check()
        chunk = slice(start, start + width)
        part = None if middles is None else middles[chunk]
        left = _screened(table, goal, vectors[chunk], part, groups, shape, small)
        if len(left.index):
            return start + int(left.index[0]), float(left.a[0]), float(left.b[0])
    return None


def _screened(
    table: FeatureTable,
    goal: Goal,
    vectors: IntArray,
    middles: FloatArray | None,
    groups: tuple[IntArray, ...],
    shape: Shape,
    small: bool,
) -> _Survivors:
    index = np.arange(len(vectors))
    a = b = np.zeros(0)
    for chosen in groups:
        x, real = table.x[chosen], table.real[chosen]
        width = max(1, _AT_ONCE // (x.shape[0] * x.shape[1]))
        bounds = []
        for part in _parts(index, width):
            totals = x @ vectors[part].T.astype(float)
            if middles is not None:
                totals = np.abs(2 * totals - middles[part])
            if shape == "band":
                totals = -totals
            totals[~real] = -np.inf
            bounds.append(thresholds(goal, totals, chosen))
        a = np.concatenate([low for low, _ in bounds]) if bounds else np.zeros(0)
        b = np.concatenate([high for _, high in bounds]) if bounds else np.zeros(0)
        fits = (a < b) & np.isfinite(b)
        if small:
            if shape == "threshold":
                fits &= (a < 1) & (b >= -1)
            else:
                fits &= np.abs(b) <= _WIDEST_SMALL_BAND
        index, a, b = index[fits], a[fits], b[fits]
        if not len(index):
            break
    return _Survivors(index, a, b)


def _parts(index: IntArray, width: int) -> Iterator[IntArray]:
    for start in range(0, len(index), width):
        yield index[start : start + width]


def find_sum(
    x: FloatArray, y: IntArray, count: int, check: Check = endless
) -> tuple[tuple[int, ...], int] | None:
    """Integer weights of ``count`` columns, and a bias, with ``x @ weights + bias == y``.

    ``x`` is (rows, columns). Least squares on each choice of columns in closed form, rounded and
    then checked on every row; of several the one of smallest weights, then of earliest columns.
    """
    best: tuple[tuple[int, tuple[int, ...]], tuple[int, ...], int] | None = None
    spread = x - x.mean(axis=0)
    scale = spread.std(axis=0)
    varied = np.flatnonzero(scale > 0)  # a constant column is a bias
    spread = spread / np.where(scale > 0, scale, 1)
    gram, moment = spread.T @ spread, spread.T @ (y - y.mean())
    for chosen in combinations(map(int, varied), count):
        check()
        picked = list(chosen)
        if count:
            square = gram[np.ix_(picked, picked)]
            if np.linalg.matrix_rank(square, hermitian=True) < count:
                continue
            solved = np.linalg.solve(square, moment[picked]) / scale[picked]
            if np.abs(solved).max() > _LARGEST_OF_SUM:
                continue
            weights = np.round(solved).astype(np.int64)
            if not weights.all():
                continue
        else:
            weights = np.zeros(0, dtype=np.int64)
        rest = y - (x[:, picked] @ weights.astype(float))
        bias = int(rest[0])
        if (rest != bias).any():
            continue
        key = (int(np.abs(weights).sum()) + abs(bias), chosen)
        if best is None or key < best[0]:
            full = np.zeros(x.shape[1], dtype=np.int64)
            full[picked] = weights
            best = key, tuple(map(int, full)), bias
    return None if best is None else (best[1], best[2])


def find_conjunction(
    table: FeatureTable, goal: Goal, groups: tuple[IntArray, ...]
) -> UnitFit | None:
    """A literal and a count, the first such unit: the first column on or off, and how many others.

    The weight of the first column is the smallest with which it decides whatever the count is, so
    that the unit is right also at borders and sizes that no example shows. Column 0 is a bit, the
    others are sums of ``m`` bits.
    """
    vectors, lows = [], []
    columns = len(table.columns)
    for k in range(1, columns):
        m = len(table.columns[k])
        if m < 2 or (m == 2 and isinstance(table.columns[k][0], Number)):
            continue  # two cells are a pattern
        for weight in range(1, m + 1):
            # on, at most weight - 1; on, at least m + 1 - weight; off, the same two
            for own, other, low in (
                (weight, -1, 1),
                (weight, 1, m + 1),
                (-weight, -1, 1 - weight),
                (-weight, 1, m + 1 - weight),
            ):
                vector = np.zeros(columns, dtype=np.int64)
                vector[0], vector[k] = own, other
                vectors.append(vector)
                lows.append(low)
    left = _screened(table, goal, np.array(vectors), None, groups, "threshold", False)
    for index, a, b in zip(left.index, left.a, left.b, strict=True):
        if a < lows[index] <= b:
            return UnitFit(tuple(map(int, vectors[index])), ((lows[index], None),))
    return None
