"""Which formula holds where: cuts along columns or small whole combinations, and categories.

Each row has a loss under each formula. A chain of intervals along one direction is found exactly,
by dynamic programming over the sorted rows; chains nest where one direction is not enough. A tree
of labels alone (CART) would not do: where formulas meet, a row belongs to several of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log
from typing import TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from ..symbolic.backend import Floats

_SLACK = 1.92  # nats by which a cut may be worse and still be possible (95 %)
_CELLS = 500  # places for cuts in the dynamic programme; then every row is one
_DEEPEST = 3
_WIDEST = 2  # directions whose chains are grown further
_MOST_CUTS = 12  # in one chain
_CATEGORIES = 8  # a column of at most so many whole numbers may be a category
_RATIOS = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2))
_MOST_PAIRED = 6  # columns

Weights: TypeAlias = tuple[tuple[int, int], ...]
"""A direction: columns with whole weights."""


@dataclass(frozen=True, slots=True)
class RegimeLeaf:
    """Here one formula holds."""

    label: int


@dataclass(frozen=True, slots=True)
class Cut:
    """A threshold unit: its sum is at most ``low`` in rows of ``below``, at least ``high`` above.

    The threshold lies between the two, one of them included.
    """

    weights: Weights
    low: float
    high: float
    below: Tree
    above: Tree


@dataclass(frozen=True, slots=True)
class Cases:
    """A category: values with the formula that holds for them."""

    column: int
    groups: tuple[tuple[tuple[int, ...], int], ...]


Tree: TypeAlias = RegimeLeaf | Cut | Cases


@dataclass(frozen=True, slots=True, eq=False)
class _Chain:
    """Labels in order along a direction, and between which values each cut lies."""

    weights: Weights
    labels: tuple[int, ...]
    spans: tuple[tuple[float, float], ...]
    cost: float


def partition(x: Floats, losses: Floats) -> tuple[Tree, float]:
    """The tree of least cost for losses in nats (rows, formulas), and that cost."""
    columns = [k for k in range(x.shape[1]) if np.ptp(x[:, k]) > 0]
    price = log(len(x) + 1) + log(max(1, len(columns))) + 3
    directions: list[Weights] = [((k, 1),) for k in columns]
    if losses.shape[1] < 2:
        return RegimeLeaf(0), float(losses.sum())
    tree, cost = _grown(x, losses, directions, price, _DEEPEST)
    least = float(losses.min(axis=1).sum()) + price * (losses.shape[1] - 1)
    if cost > least + price / 2 and 1 < len(columns) <= _MOST_PAIRED:
        slanted = list(_slanted(columns))
        dear = price + log(len(slanted))
        for weights in slanted:
            chain = _chain(_along(x, weights), losses, weights, dear, single=True)
            if chain is not None and chain.cost < cost:
                tree, cost = _tree_of(chain, list(map(RegimeLeaf, chain.labels))), chain.cost
    return _settled(tree, x, losses), cost


def _settled(tree: Tree, x: Floats, losses: Floats) -> Tree:
    """The same tree with every cut between the rows that need it there, inner cuts first."""
    if not isinstance(tree, Cut) or len(x) < 2:
        return tree
    values = _along(x, tree.weights)
    over = values > tree.low
    below = _settled(tree.below, x[~over], losses[~over])
    above = _settled(tree.above, x[over], losses[over])
    places, inverse = np.unique(values, return_inverse=True)
    rows = np.arange(len(x))
    sums = np.zeros((len(places), 2))
    for k, part in enumerate((below, above)):
        np.add.at(sums[:, k], inverse, losses[rows, labels_of(part, x)])
    _, (last, first) = _span(sums, 0)
    return Cut(tree.weights, float(places[last]), float(places[first]), below, above)


def labels_of(tree: Tree, x: Floats) -> NDArray[np.int64]:
    """The formula of each row (rows,)."""
    match tree:
        case RegimeLeaf(label):
            return np.full(len(x), label)
        case Cases(column, groups):
            result = np.full(len(x), groups[-1][1])
            for members, label in groups:
                result[np.isin(x[:, column], members)] = label
            return result
        case Cut(weights, low, high, below, above):
            values = _along(x, weights)
            over = values > (low + high) / 2
            return np.where(over, labels_of(above, x), labels_of(below, x))
        case _:
            assert_never(tree)


def _slanted(columns: Sequence[int]) -> Iterator[Weights]:
    for i, k in combinations(columns, 2):
        for a, b in _RATIOS:
            yield (i, a), (k, b)
            yield (i, a), (k, -b)


def _along(x: Floats, weights: Weights) -> Floats:
    return np.asarray(sum(weight * x[:, k] for k, weight in weights), dtype=np.float64)


def _grown(
    x: Floats, losses: Floats, directions: Sequence[Weights], price: float, depth: int
) -> tuple[Tree, float]:
    total = losses.sum(axis=0)
    best: Tree = RegimeLeaf(int(total.argmin()))
    cost = float(total.min())
    if depth == 0 or len(x) < 2 or cost < price:
        return best, cost
    chains, halves = [], []
    for weights in directions:
        values = _along(x, weights)
        chain, half = (_chain(values, losses, weights, price, single) for single in (False, True))
        if chain is not None:
            chains.append(chain)
        if half is not None and (chain is None or len(chain.spans) > 1):
            halves.append(half)
        (column, _), *_ = weights
        cases = _cases(x[:, column], losses, column, price)
        if cases is not None and cases[1] < cost:
            best, cost = cases
    chains.sort(key=lambda chain: chain.cost)
    halves.sort(key=lambda chain: chain.cost)
    for chain in (*chains[:_WIDEST], *halves[:_WIDEST]):
        if chain.cost - price * len(chain.spans) < 1e-9 or not chain.spans:
            parts: list[Tree] = list(map(RegimeLeaf, chain.labels))
            chain_cost = chain.cost
        else:
            parts, chain_cost = _parts(x, losses, directions, price, depth, chain)
        if chain_cost < cost:
            best, cost = _tree_of(chain, parts), chain_cost
    return best, cost


def _parts(
    x: Floats,
    losses: Floats,
    directions: Sequence[Weights],
    price: float,
    depth: int,
    chain: _Chain,
) -> tuple[list[Tree], float]:
    """Trees for the intervals of a chain, with the cost of everything."""
    values = _along(x, chain.weights)
    place = np.zeros(len(x), dtype=np.int64)
    for low, _ in chain.spans:
        place += values > low
    parts, total = [], price * len(chain.spans)
    for k in range(len(chain.labels)):
        rows = place == k
        part, cost = _grown(x[rows], losses[rows], directions, price, depth - 1)
        parts.append(part)
        total += cost
    return parts, total


def _tree_of(chain: _Chain, parts: Sequence[Tree]) -> Tree:
    tree = parts[-1]
    for part, (low, high) in zip(parts[-2::-1], chain.spans[::-1], strict=True):
        tree = Cut(chain.weights, low, high, part, tree)
    return tree


def _cases(column: Floats, losses: Floats, k: int, price: float) -> tuple[Cases, float] | None:
    """The best formula for each value of a category."""
    values = np.unique(column)
    if not 2 <= len(values) <= _CATEGORIES or not np.equal(values, np.round(values)).all():
        return None
    groups: dict[int, list[int]] = {}
    cost = 0.0
    for value in values.tolist():
        total = losses[column == value].sum(axis=0)
        groups.setdefault(int(total.argmin()), []).append(int(value))
        cost += float(total.min())
    apart = len(groups) == len(values)  # then it is a category rather than a number
    cost += price * (len(groups) - 1) + (-1e-6 if apart else log(2) * len(values))
    if len(groups) < 2:
        return None
    order = sorted(groups.items(), key=lambda item: (len(item[1]), item[1]))
    return Cases(k, tuple((tuple(members), label) for label, members in order)), cost


def _chain(
    values: Floats, losses: Floats, weights: Weights, price: float, single: bool
) -> _Chain | None:
    """The cheapest sequence of intervals, each with one formula; of two with a ``single`` cut."""
    places, inverse = np.unique(values, return_inverse=True)
    if len(places) < 2:
        return None
    sums = np.zeros((len(places), losses.shape[1]))
    np.add.at(sums, inverse, losses)
    starts = np.unique(np.linspace(0, len(places), _CELLS + 1).astype(int)[:-1])
    if len(places) <= _CELLS:
        starts = np.arange(len(places))
    cells = np.add.reduceat(sums, starts, axis=0)
    if single:
        votes = np.zeros_like(sums)
        np.add.at(votes, inverse, _votes(losses))
        cuts, labels = _halved(cells, np.add.reduceat(votes, starts, axis=0))
    else:
        cuts, labels = _cheapest(cells, price)
    if not 0 < len(cuts) <= _MOST_CUTS:
        return None
    spans, edges = [], [0, *(int(starts[cut]) for cut in cuts), len(places)]
    for k in range(1, len(edges) - 1):
        span = edges[k] - 1, edges[k]
        if not single:
            first, last = edges[k - 1], edges[k + 1]
            edges[k], span = _span(sums[first:last, [labels[k - 1], labels[k]]], first)
        spans.append((float(places[span[0]]), float(places[span[1]])))
    inside = [sums[a:b, label].sum() for a, b, label in zip(edges, edges[1:], labels, strict=False)]
    return _Chain(weights, tuple(labels), tuple(spans), float(sum(inside)) + price * len(cuts))


def _cheapest(cells: Floats, price: float) -> tuple[list[int], list[int]]:
    """Where the label changes, and the labels, by dynamic programming (Viterbi)."""
    count, kinds = cells.shape
    came = np.zeros((count, kinds), dtype=np.int64)
    cost = cells[0].copy()
    every = np.arange(kinds)
    for i in range(1, count):
        best = int(cost.argmin())
        stays = cost <= cost[best] + price
        came[i] = np.where(stays, every, best)
        cost = np.where(stays, cost, cost[best] + price) + cells[i]
    label = int(cost.argmin())
    cuts, labels = [], [label]
    for i in range(count - 1, 0, -1):
        before = int(came[i, label])
        if before != label:
            cuts.append(i)
            labels.append(before)
            label = before
    return cuts[::-1], labels[::-1]


def _votes(losses: Floats) -> Floats:
    """1 for the formula of a row, in rows that only one formula explains."""
    ordered = np.sort(losses, axis=1)
    clear = ordered[:, 1] - ordered[:, 0] > 1
    return np.asarray((losses == ordered[:, :1]) & clear[:, None], dtype=np.float64)


def mixture(losses: Floats) -> float:
    """Nats to tell the formula of each row one by one."""
    return float(_mixture(_votes(losses).sum(axis=0, keepdims=True))[0])


def _halved(cells: Floats, votes: Floats) -> tuple[list[int], list[int]]:
    """The single cut whose sides are purest, which may be cut again, and the labels there."""
    under = np.cumsum(votes, axis=0)[:-1]
    at = int((_mixture(under) + _mixture(votes.sum(axis=0) - under)).argmin())
    return [at + 1], [int(side.sum(axis=0).argmin()) for side in (cells[: at + 1], cells[at + 1 :])]


def _mixture(votes: Floats) -> Floats:
    """Entropy in nats of all votes in each row."""
    total = votes.sum(axis=1, keepdims=True)
    share = votes / np.maximum(total, 1)
    return -np.asarray((votes * np.log(np.maximum(share, 1e-300))).sum(axis=1))


def _span(sums: Floats, first: int) -> tuple[int, tuple[int, int]]:
    """The best cut of places from ``first`` on, with the losses of both sides.

    Also the last place that is surely below and the first that is surely above.
    """
    gain = np.cumsum(sums[:, 0] - sums[:, 1])
    # a cut after place t costs gain[t] plus what does not depend on t
    costs = gain[:-1]
    best = int(costs.argmin())
    good = np.flatnonzero(costs <= costs[best] + _SLACK)
    return first + best + 1, (first + int(good[0]), first + int(good[-1]) + 1)
