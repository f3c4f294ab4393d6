"""Trees grown best first and cut back one split at a time, from a root that looks two ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ...units.rules import (
    Among,
    Below,
    Floats,
    Leaf,
    Places,
    RuleModel,
    RuleUnit,
    Split,
    Tree,
    Truths,
)
from .bins import BinnedRows
from .gains import CodedSplit, across, best_cut, information, steady, weighed
from .probabilities import class_counts, outcomes, reached

_PAIR_PRICE = 6.0  # nats that a first pair of columns has to gain over single splits


@dataclass(slots=True)
class _Node:
    """A node while a tree grows: its rows and the split that it may get."""

    rows: Places
    counts: Floats
    depth: int
    cut: CodedSplit | None
    unit: RuleUnit | None = None
    children: list[int] = field(default_factory=list)


def unit_fires(unit: RuleUnit, part: BinnedRows) -> Truths:
    """Where a unit that reads the columns alone fires, (rows,)."""
    part.check()
    return RuleModel((unit,), ()).fired(part.x)[:, 0]


def least_weight(part: BinnedRows) -> float:
    """The least weight of a leaf."""
    return max(2.0, min(25.0, len(part.y) / 150))


def trees(
    part: BinnedRows, most: int, depth: int | None = None, root: RuleUnit | None = None
) -> list[RuleModel]:
    """Trees of more and more splits, each cut back from the next larger one.

    ``depth`` bounds the conditions along a path; ``root`` is the first split where it is given.
    """
    nodes = _grown(part, 2 * most, part.total if depth is None else depth, root)
    labels = [int(np.argmax(steady(node.counts))) for node in nodes]
    own = [float(information(node.counts)) for node in nodes]
    models = [
        _model(nodes, order, labels) for order in cut_back([one.children for one in nodes], own)
    ]
    return [model for model in models if len(model.units) <= most]


def _grown(part: BinnedRows, most: int, depth: float, root: RuleUnit | None) -> list[_Node]:
    least = least_weight(part)
    nodes: list[_Node] = []

    def add(rows: Places, level: int) -> None:
        y, weights = part.y[rows], part.weights[rows]
        counts = weighed(y, weights, part.classes)
        may = level < depth and (counts > 0).sum() > 1
        cut = best_cut(part, part.codes[rows], y, weights, least) if may else None
        nodes.append(_Node(rows, counts, level, cut))

    add(np.arange(len(part.y)), 0)
    if root is not None and depth > 0:
        nodes[0].cut = CodedSplit(root, np.inf)
    for _ in range(most):
        waiting = [k for k, node in enumerate(nodes) if node.cut is not None]
        if not waiting:
            break
        node = nodes[max(waiting, key=lambda k: nodes[k].cut.gain)]  # type: ignore[union-attr]
        assert node.cut is not None
        node.unit, node.cut = node.cut.unit, None
        fires = unit_fires(node.unit, part)[node.rows]
        for here in (node.rows[fires], node.rows[~fires]):
            node.children.append(len(nodes))
            add(here, node.depth + 1)
    return nodes


def cut_back(children: Sequence[Sequence[int]], own: Sequence[float]) -> list[frozenset[int]]:
    """Which nodes stay split in trees of 1, 2, ... splits: the weakest subtree goes first.

    ``children`` are those of each node, none of a leaf; ``own`` is what each is worth as a leaf.
    """
    kept = {k for k, below in enumerate(children) if below}
    orders = [frozenset(kept)]
    while len(kept) > 1:
        gained: dict[int, float] = {}
        size: dict[int, int] = {}

        def walk(k: int, gained: dict[int, float] = gained, size: dict[int, int] = size) -> float:
            if k not in kept:
                return own[k]
            below = sum(walk(child) for child in children[k])
            size[k] = 1 + sum(size.get(child, 0) for child in children[k])
            gained[k] = below - own[k]
            return below

        walk(0)
        weakest = min(sorted(gained), key=lambda k: (round(gained[k] / size[k], 9), -k))
        gone = [weakest]
        while gone:
            k = gone.pop()
            if k in kept:
                kept.discard(k)
                gone += children[k]
        orders.append(frozenset(kept))
    return sorted((order for order in orders if order), key=len)


def _model(nodes: list[_Node], kept: frozenset[int], labels: list[int]) -> RuleModel:
    units: list[RuleUnit] = []

    def tree(k: int) -> Tree:
        node = nodes[k]
        if k not in kept:
            return Leaf(labels[k])
        assert node.unit is not None
        units.append(node.unit)
        place = len(units) - 1
        fires, rests = node.children
        return Split(place, tree(fires), tree(rests))

    root = tree(0)
    return RuleModel(tuple(units), (root,))


def paired_root(
    part: BinnedRows, coarse: int = 10, most_rows: int = 4000
) -> tuple[RuleUnit, float] | None:
    """The first split of the best pair of columns, and what splitting both of its sides gains.

    It finds what no single threshold shows, such as an exclusive or.
    """
    step = max(1, len(part.y) // most_rows)
    codes, y, weights = part.codes[::step], part.y[::step], part.weights[::step] * step
    groups, units = _groups(part, codes, coarse)
    columns = len(units)
    if columns < 2:
        return None
    width = coarse
    least = least_weight(part)
    before = float(information(weighed(y, weights, part.classes)))
    best: tuple[float, int, int] | None = None
    for i in range(columns):
        # counts of (group of i, group of j, class) for all j at once
        keys = (np.arange(columns) * width + groups[:, i : i + 1]) * width + groups
        keys = (keys * part.classes + y[:, None]).ravel()
        size = columns * width * width * part.classes
        sums = weighed(keys, np.repeat(weights, columns), size)
        shape = (columns, width, width, part.classes)
        both = sums.reshape(shape).cumsum(axis=1).cumsum(axis=2)
        first = both[:, :-1]
        last = both[:, -1:] - first
        reached = [_split(side, least) for side in (first, last)]
        for side in reached:
            side[i] = -np.inf
        total = reached[0].max(axis=0) + reached[1].max(axis=0)
        gains = steady(total - before)
        place = int(np.argmax(gains))
        gain = float(gains[place])
        if place < len(units[i]) and np.isfinite(gain) and (best is None or gain > best[0] + 1e-9):
            best = gain, i, place
    if best is None:
        return None
    return units[best[1]][best[2]], best[0]


def _split(side: Floats, least: float) -> Floats:
    """Log likelihood after the best split of one side by each column: (columns, thresholds)."""
    low, high = side[:, :, :-1], side[:, :, -1:] - side[:, :, :-1]
    value = information(low) + information(high)
    short = np.minimum(across(low), across(high))
    return np.asarray(np.where(short >= least, value, -np.inf).max(axis=2))


def _groups(part: BinnedRows, codes: Places, coarse: int) -> tuple[Places, list[list[RuleUnit]]]:
    """The rows' groups (rows, columns) in each column, and the unit between two groups."""
    groups = np.zeros(codes.shape, dtype=np.int64)
    units: list[list[RuleUnit]] = []
    for j in range(part.bins.columns):
        count = part.bins.counts[j]
        often = np.bincount(codes[:, j], minlength=part.bins.width)
        if part.bins.named[j]:
            top = np.argsort(-often[:count], kind="stable")[: coarse - 1]
            table = np.full(part.bins.width, len(top), dtype=np.int64)
            table[top] = np.arange(len(top))
            units.append([Among(j, tuple(sorted(map(int, top[: k + 1])))) for k in range(len(top))])
        else:
            middle = np.cumsum(often) - often / 2
            table = np.minimum((middle * coarse / max(1, often.sum())).astype(int), coarse - 1)
            ends = [int(np.searchsorted(table[:count], k, side="right")) for k in range(coarse - 1)]
            units.append([Below(j, float(end)) for end in ends])
        groups[:, j] = table[codes[:, j]]
    return groups, units


def tree_paths(part: BinnedRows, most: int, depth: int | None) -> list[list[RuleModel]]:
    """Trees of more and more splits: from the best first split, and where it may pay a pair."""
    plain = trees(part, most, depth)
    if depth is not None and depth < 2:
        return [plain]
    pair = paired_root(part)
    if pair is None:
        return [plain]
    unit, gain = pair
    before = max((tree_gain(part, one) for one in plain if len(one.units) < 3), default=0.0)
    return [plain, trees(part, most, depth, unit)] if gain > before + _PAIR_PRICE else [plain]


def tree_gain(part: BinnedRows, model: RuleModel) -> float:
    """What a tree gains in log likelihood over a single leaf."""
    places = reached(model, part.x)
    counts = class_counts(places, part.y, part.weights, outcomes(model), part.classes)
    return float(information(counts).sum() - information(counts.sum(axis=0)))


def steps_of(most: int) -> list[int]:
    """How many splits the trees of a path have, closely at first."""
    return [k for k in (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 21, 24) if k <= most]


def at_steps(models: Sequence[RuleModel], most: int) -> list[RuleModel]:
    """For each step of a path the largest model with no more units, at first a single leaf."""
    largest = []
    for step in steps_of(most):
        small = [one for one in models if len(one.units) <= step]
        largest.append(small[-1] if small else RuleModel((), (Leaf(0),)))
    return largest
