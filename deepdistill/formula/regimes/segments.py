"""First parts of a table with noise: cuts along columns where low polynomials change.

Segmented regression by dynamic programming (Bellman 1961) over a grid of cuts, all segments solved
at once from running sums of products; the number of segments by description length.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement, pairwise
from math import inf, log

import numpy as np
from numpy.typing import NDArray

from ..symbolic.arrays import Floats

_EDGES = 48
_ROUNDS = 6
_MOST_SQUARED = 4  # with more columns parts are linear
_SPARE = 4  # rows that a part has more than coefficients
_TERM = 1.6  # nats for a term
_FAINT = 1e-12

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Groups of rows, and how long the table's description is with a polynomial in each."""

    groups: tuple[Places, ...]
    length: float
    variance: float


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """Terms (rows, terms) and how many of them, from the first on, a polynomial may have."""

    terms: Floats
    sizes: tuple[int, ...]
    y: Floats


def segments(x: Floats, y: Floats) -> Segments | None:
    """The groups that describe the table in the fewest nats; None where one group does."""
    model = _model(x, y)
    best: Segments | None = None
    for k in range(x.shape[1]):
        split = _along(x, model, k)
        if split is not None and (best is None or split.length < best.length):
            best = split
    if best is None or len(best.groups) < 2:
        return None
    groups = [inner for group in best.groups for inner in _inside(x, y, group, best.variance)]
    return Segments(tuple(groups), best.length, best.variance)


def _inside(x: Floats, y: Floats, group: Places, variance: float) -> list[Places]:
    """Groups within a group, where other columns cut it."""
    if x.shape[1] < 2 or len(group) < 4 * _SPARE:
        return [group]
    model = _model(x[group], y[group])
    options = [
        split
        for k in range(x.shape[1])
        if (split := _cut(x[group], model, k, variance)) is not None
    ]
    best = min(options, key=lambda split: split.length, default=None)
    return [group] if best is None else [group[inner] for inner in best.groups]


def _model(x: Floats, y: Floats) -> _Model:
    low, spread = x.min(axis=0), np.ptp(x, axis=0)
    unit = 2 * (x - low) / np.where(spread > 0, spread, 1) - 1
    rows, count = unit.shape
    columns = [np.ones(rows), *unit.T]
    sizes = [1, 1 + count]
    if count <= _MOST_SQUARED:
        for i, k in combinations_with_replacement(range(count), 2):
            columns.append(unit[:, i] * unit[:, k])
        sizes.append(len(columns))
    if count == 1:
        columns.append(unit[:, 0] ** 3)
        sizes.append(len(columns))
    return _Model(np.stack(columns, axis=1), tuple(sizes), y)


def _along(x: Floats, model: _Model, k: int) -> Segments | None:
    """Cuts along one column, with the noise that they leave."""
    rows = len(model.y)
    best: Segments | None = None
    sums = _sums(x, model, k)
    if sums is None:
        return None
    start = min(float(errors[0, -1]) for errors in sums.errors) / rows
    variance = max(start, _FAINT * float(np.var(model.y)))
    for _ in range(_ROUNDS):
        split = _dynamic(sums, variance)
        if best is None or split.length < best.length:
            best = split
        after = max(split.variance, _FAINT * float(np.var(model.y)))
        if after >= variance * 0.999:
            break
        variance = after
    return best


def _cut(x: Floats, model: _Model, k: int, variance: float) -> Segments | None:
    """Cuts along one column with known noise; None where there is none."""
    sums = _sums(x, model, k)
    split = None if sums is None else _dynamic(sums, variance)
    return None if split is None or len(split.groups) < 2 else split


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Rows in order, where cuts may be, and the errors of all segments for each size."""

    order: Places
    edges: Places
    errors: tuple[Floats, ...]
    sizes: tuple[int, ...]


def _sums(x: Floats, model: _Model, k: int) -> _Sums | None:
    order = np.argsort(x[:, k], kind="stable")
    values = x[order, k]
    rows = len(values)
    edges = np.unique(np.linspace(0, rows, _EDGES + 1).astype(np.int64))
    inner = [edge for edge in edges[1:-1].tolist() if values[edge] > values[edge - 1]]
    if len(np.unique(values)) <= _EDGES:
        inner = (np.flatnonzero(np.diff(values)) + 1).tolist()
    if not inner:
        return None
    edges = np.array([0, *inner, rows])
    terms, y = model.terms[order], model.y[order]
    square = _running(terms[:, :, None] * terms[:, None, :], edges)
    slope = _running(terms * y[:, None], edges)
    total = _running(y * y, edges)
    first, last = np.triu_indices(len(edges), 1)
    errors = []
    for size in model.sizes:
        table = np.full((len(edges), len(edges)), inf)
        enough = edges[last] - edges[first] >= size + _SPARE
        a, b = first[enough], last[enough]
        gram = (square[b] - square[a])[:, :size, :size]
        right = (slope[b] - slope[a])[:, :size]
        ridge = 1e-10 * np.trace(gram, axis1=1, axis2=2)[:, None, None] * np.eye(size)
        solved = np.linalg.solve(gram + ridge, right[:, :, None])[:, :, 0]
        table[a, b] = np.maximum(total[b] - total[a] - (right * solved).sum(axis=1), 0.0)
        errors.append(table)
    return _Sums(order, edges, tuple(errors), model.sizes)


def _running(values: Floats, edges: Places) -> Floats:
    sums = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
    return np.asarray(sums[edges])


def _dynamic(sums: _Sums, variance: float) -> Segments:
    """The cheapest cuts for a known noise."""
    rows = len(sums.order)
    digits = 0.5 * log(rows + 1)
    costs = np.stack(
        [
            error / (2 * variance) + size * (digits + _TERM)
            for error, size in zip(sums.errors, sums.sizes, strict=True)
        ]
    )
    kind = costs.argmin(axis=0)
    cost = costs.min(axis=0)
    price = log(rows + 1) + 3
    best = cost[0].copy()
    came = np.zeros(len(best), dtype=np.int64)
    for b in range(1, len(best)):
        options = best[1:b] + cost[1:b, b] + price
        if len(options) and options.min() < best[b]:
            came[b] = int(options.argmin()) + 1
            best[b] = options.min()
    cuts = [len(best) - 1]
    while cuts[-1]:
        cuts.append(int(came[cuts[-1]]))
    cuts.reverse()
    groups, left, terms = [], 0.0, 0
    for a, b in pairwise(cuts):
        groups.append(np.sort(sums.order[sums.edges[a] : sums.edges[b]]))
        left += float(sums.errors[kind[a, b]][a, b])
        terms += sums.sizes[kind[a, b]]
    noise = left / max(1, rows - terms)
    length = rows / 2 * log(max(left / rows, 1e-300)) + terms * (digits + _TERM)
    return Segments(tuple(groups), length + price * (len(groups) - 1), noise)
