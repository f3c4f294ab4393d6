"""Probabilities of the classes for each leaf, or for each sum of points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np

from ...units.rules import (
    ClassScores,
    Floats,
    Leaf,
    Places,
    RuleModel,
    Tree,
    Truths,
    leaf_places,
    leaves,
)
from .chains import curves_along
from .gains import weighed
from .rows import RuleFit

_POOLED = 200.0  # the shrink by which all that have one answer go together
SHARED = 1000.0
"""The shrink by which all that have one answer have one share of noise: the label tells all."""
SHRINKS = (0.3, 2.0, 16.0, 64.0, _POOLED, SHARED)
"""How many rows of its parent a leaf is mixed with, and how a curve is flattened: folds say."""

SPREADS = (1.4, 1.2, 1.0, 0.85, 0.7, 0.5)
"""By how much the sums of classes are worth more or less than they were fitted, for each shrink."""

_LINE_ROWS = 8.0  # rows of the fitted curve that a sum is mixed with, times the shrink
_STRAIGHT = 16.0  # from this shrink on the curve alone counts, beyond it a flatter one
_FLAT = 0.7  # of the slope
_RIDGE = 0.002
_STEPS = 16
_POOL_ROWS = 100.0  # rows of the pool that each one is mixed with
_FEW_ROWS = 2.0
_TINY = 1e-4  # the least probability
_DOUBT = 0.5  # rows of all that any class may still have anywhere


def possible_sums(trees: tuple[Tree, ...]) -> tuple[int, ...]:
    """All sums of one leaf's points a tree, increasing."""
    sums = {0}
    for tree in trees:
        values = {leaf.value for leaf in leaves(tree)}
        sums = {total + value for total in sums for value in values}
    return tuple(sorted(sums))


def reached(model: RuleModel, x: Floats) -> Places:
    """Which leaf, or which of the possible sums, each row reaches, by place: (rows,)."""
    return reached_of(model, model.fired(x))


def reached_of(model: RuleModel, fired: Truths) -> Places:
    """The same from which units fire, (rows, units)."""
    if model.limits:
        return np.searchsorted(possible_sums(model.trees), model.summed(fired))
    return leaf_places(model.trees, fired)[:, 0]


def chances(fit: RuleFit, x: Floats) -> Floats:
    """The chances of the classes for rows of the table (rows, columns): (rows, classes)."""
    if fit.model.scores is not None:
        return fit.model.scores.chances(fit.model.class_sums(x))
    return np.array(fit.probabilities)[reached(fit.model, x)]


def outcomes(model: RuleModel) -> int:
    """How many leaves, or possible sums, a model has."""
    if model.limits:
        return len(possible_sums(model.trees))
    return sum(1 for _ in leaves(model.trees[0]))


def class_counts(places: Places, y: Places, weights: Floats, count: int, classes: int) -> Floats:
    """The weight of each class in each of ``count`` places, (places, classes)."""
    sums = weighed(places * classes + y, weights, count * classes)
    return sums.reshape(count, classes)


def table(model: RuleModel, counts: Floats, shrink: float) -> Floats:
    """A row of class probabilities for each leaf or possible sum, from the weights of classes."""
    return tables(model, counts, (shrink,))[0]


def tables(model: RuleModel, counts: Floats, shrinks: Sequence[float] = SHRINKS) -> list[Floats]:
    """The same for each of the ``shrinks``."""
    own = cache(_of_points(model, counts) if model.limits else _of_leaves(model, counts))
    made = []
    for shrink in shrinks:
        if shrink < _POOLED:
            made.append(own(shrink))
            continue
        pooled = _pooled(own(_FEW_ROWS), counts, shrink)
        made.append(_in_order(pooled, counts.sum(axis=1)) if model.limits else pooled)
    return made


def held_out_chances(
    model: RuleModel, x: Floats, y: Places, weights: Floats, classes: int, x_out: Floats
) -> Iterator[Floats]:
    """For each of the shrinks the chances of other rows ``x_out``, (rows, classes).

    They are from the rows ``x`` (rows, what the model reads) with their classes and weights; sums
    of classes have chances of their own.
    """
    if model.scores is not None:
        sums = model.class_sums(x_out)
        for spread in SPREADS:
            yield spread_out(model.scores, spread).chances(sums)
        return
    counts = class_counts(reached(model, x), y, weights, outcomes(model), classes)
    there = reached(model, x_out)
    for known in tables(model, counts):
        yield known[there]


def spread_out(scores: ClassScores, spread: float) -> ClassScores:
    """The sums of classes, each worth so many times as much."""
    return replace(scores, worth=float(f"{spread * scores.worth:.2g}"))


def log_loss(probabilities: Floats, y: Places, weights: Floats) -> float:
    """The mean negative log likelihood in nats."""
    each = np.log(probabilities[np.arange(len(y)), y])
    return -float((each * weights).sum() / weights.sum())


def bounded(probabilities: Floats, weight: float) -> Floats:
    """Probabilities adding up to 1, to 9 digits, none surer than all rows of ``weight`` bear."""
    mixed = np.maximum(probabilities, least_chance(weight))
    return np.asarray(np.round(mixed / mixed.sum(axis=1, keepdims=True), 9))


def least_chance(weight: float) -> float:
    """The least probability of any class that rows of a weight in all bear."""
    return max(_TINY, _DOUBT / (weight + 1))


def _pooled(rows: Floats, counts: Floats, shrink: float) -> Floats:
    """Each mixed with all others that have the same likeliest class: one share of noise."""
    labels = np.argmax(np.round(rows, 9), axis=1)
    result = np.empty_like(counts)
    for label in np.unique(labels).tolist():
        here = labels == label
        whole = counts[here].sum(axis=0) + 1 / counts.shape[1]
        share = whole / whole.sum()
        result[here] = share
        if shrink < SHARED:
            result[here] = (counts[here] + _POOL_ROWS * share) / (
                counts[here].sum(axis=1, keepdims=True) + _POOL_ROWS
            )
    return bounded(result, float(counts.sum()))


def _in_order(rows: Floats, weights: Floats) -> Floats:
    """The nearest chances of sums whose chance of a class or a later one never falls."""
    above = np.ones((len(rows), rows.shape[1] + 1))
    above[:, -1] = 0.0
    for k in range(1, rows.shape[1]):
        line = _rising(rows[:, k:].sum(axis=1), weights + _FEW_ROWS)
        above[:, k] = np.minimum(line, above[:, k - 1])
    return bounded(above[:, :-1] - above[:, 1:], float(weights.sum()))


def _of_leaves(model: RuleModel, counts: Floats) -> Callable[[float], Floats]:
    """The shares of leaves mixed with those of what they are parts of; of chains with curves."""
    tree, along = model.trees[0], curves_along(model, counts)
    total = counts.sum(axis=0)

    def shrunk(shrink: float) -> Floats:
        result = np.empty_like(counts)
        shares = [(total + 1 / counts.shape[1]) / (total.sum() + 1)]
        for first, end, parent in _spans(tree):
            here = counts[first:end].sum(axis=0)
            shares.append((here + shrink * shares[parent]) / (here.sum() + shrink))
            if end == first + 1:
                result[first] = shares[-1]
        for one in along:
            line = one.shares(_FLAT if shrink > _STRAIGHT else 1.0)
            if shrink < _STRAIGHT:
                rows, here = _LINE_ROWS * shrink, counts[one.first : one.end]
                line = (here + rows * line) / (here.sum(axis=1, keepdims=True) + rows)
            result[one.first : one.end] = line
        return bounded(result, float(total.sum()))

    return shrunk


def _spans(tree: Tree) -> list[tuple[int, int, int]]:
    """For each node, the root first: its first leaf, the one after its last, its parent from 1."""
    spans: list[tuple[int, int, int]] = []

    def walk(node: Tree, first: int, parent: int) -> int:
        place = len(spans)
        spans.append((first, first + 1, parent))
        if isinstance(node, Leaf):
            return first + 1
        end = walk(node.rests, walk(node.fires, first, place + 1), place + 1)
        spans[place] = first, end, parent
        return end

    walk(tree, 0, 0)
    return spans


def _of_points(model: RuleModel, counts: Floats) -> Callable[[float], Floats]:
    """Curves along the possible sums, mixed with the shares of each sum."""
    sums = np.array(possible_sums(model.trees))
    lines = cache(lambda flat: _lines(sums, counts, flat))
    return lambda shrink: _mixed(lines(_FLAT if shrink > _STRAIGHT else 1.0), counts, shrink)


def _lines(sums: Places, counts: Floats, flat: float) -> Floats:
    """The chances of class 1 or later, 2 or later, ... by curves, (classes - 1, sums)."""
    hits = np.cumsum(counts[:, :0:-1], axis=1)[:, ::-1].T
    weight = np.broadcast_to(counts.sum(axis=1), hits.shape)
    return curves(sums.astype(float), weight, hits, flat)


def _mixed(lines: Floats, counts: Floats, shrink: float) -> Floats:
    """Class probabilities (sums, classes): curves mixed with the shares of each sum."""
    above = np.ones((len(counts), counts.shape[1] + 1))
    above[:, -1] = 0.0
    weight = counts.sum(axis=1)
    for k, line in enumerate(lines, 1):
        if shrink < _STRAIGHT:
            rows = _LINE_ROWS * shrink
            hits = counts[:, k:].sum(axis=1)
            line = _rising((hits + rows * line) / (weight + rows), weight + rows)
        above[:, k] = np.minimum(line, above[:, k - 1])
    return bounded(above[:, :-1] - above[:, 1:], float(weight.sum()))


def curves(sums: Floats, weight: Floats, hits: Floats, flat: float = 1.0) -> Floats:
    """The chances of logistic curves through shares of hits at sums: (curves, sums), all three.

    None falls. The slopes are ``flat`` times those of the largest likelihood, about where these
    tell most.
    """
    spread = max(float(sums[-1] - sums[0]), 1.0)
    z = (sums - float(sums.sum()) / len(sums)) / spread
    powers = np.stack([np.ones_like(z), z, z * z], axis=1)
    start = (hits.sum(axis=1) + 0.5) / (weight.sum(axis=1) + 1)
    low, slope = np.log(start / (1 - start)), np.zeros(len(weight))
    for _ in range(_STEPS):
        expected, p = _expected(low, slope, z, weight)
        bend = (expected * (1 - p)) @ powers
        gap = (hits - expected) @ powers[:, :2]
        a, b, c = bend[:, 0] + 1e-6, bend[:, 1], bend[:, 2] + _RIDGE
        u, v = gap[:, 0], gap[:, 1] - _RIDGE * slope
        whole = a * c - b * b
        first, second = (c * u - b * v) / whole, (a * v - b * u) / whole
        low = low + np.minimum(np.maximum(first, -3.0), 3.0)
        slope = np.maximum(slope + np.minimum(np.maximum(second, -6.0), 6.0), 0.0)
        if float(np.maximum(np.abs(first), np.abs(second)).max()) < 1e-4:
            break
    if flat != 1.0:
        expected, p = _expected(low, slope, z, weight)
        bend = (expected * (1 - p)) @ powers
        low = low + (1 - flat) * slope * bend[:, 1] / (bend[:, 0] + 1e-6)
        slope = flat * slope
    return _expected(low, slope, z, weight)[1]


def _expected(low: Floats, slope: Floats, z: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """The hits that curves expect, and their chances, (curves, sums) both."""
    line = low[:, None] + slope[:, None] * z
    p = 1 / (1 + np.exp(-np.minimum(np.maximum(line, -30.0), 30.0)))
    return np.asarray(weight * p), np.asarray(p)


def _rising(values: Floats, weights: Floats) -> Floats:
    """The nearest values that never fall: neighbours out of order are pooled."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        pools.append((value, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, v, m), (b, w, n) = pools[-2:]
            pools[-2:] = [((a * v + b * w) / (v + w), v + w, m + n)]
    return np.concatenate([np.full(count, value) for value, _, count in pools])


def limits_of(sums: tuple[int, ...], rows: Floats, seen: Truths) -> tuple[int, ...]:
    """From which sums on the answer is at least class 1, 2, ...: the likelier side.

    On both sides of each limit is a sum that was ``seen``, (sums,).
    """
    known = np.flatnonzero(seen)
    above = np.cumsum(rows[:, ::-1], axis=1)[:, ::-1]
    limits = []
    for k in range(1, rows.shape[1]):
        place = int(np.searchsorted(above[:, k] >= 0.5, True))
        limits.append(sums[min(max(place, int(known[0]) + 1), int(known[-1]))])
    return tuple(max(limits[: k + 1]) for k in range(len(limits)))


def reaches_all(limits: tuple[int, ...]) -> bool:
    """Whether the limits grow, so that each class has a sum of its own."""
    return all(a < b for a, b in pairwise(limits))
