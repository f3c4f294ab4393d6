"""Steps of numbers: trees of least squares whose leaves are means, cut back by held-out rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import floor, inf, log10
from typing import TypeAlias

import numpy as np

from ...data.parallel import mapped
from ...data.running import Check, Run
from ...ir.rounding import rounded
from ...units.rules import (
    Floats,
    Leaf,
    Places,
    RuleModel,
    RuleUnit,
    Split,
    Tree,
    leaf_places,
    leaves,
    numbered,
)
from .bins import Bins, binned
from .folds import GLANCED, GLANCED_ROWS, PARALLEL, Fold, folds
from .gains import CodedSplit, allowed, histogram, sides, steady, unit_at
from .monotone import is_monotone
from .rows import RuleRows
from .snap import over_columns, tidied
from .steps_polish import Stepped, polished_steps
from .trees import cut_back, steps_of

_MOST_ROWS = 50_000
_MOST_SPLITS = 24
_STRATA = 10
_ERRORS = 1.0  # standard errors that a simpler tree may be worse
_REPEATS = 2  # of the folds at most: more of them are no independent judges
_NODE = 0.5  # nats that a node of the description has to gain on all rows
_MOST_OF_OTHERS = 12  # splits of those from another one than the best
_MOST_POLISHED = 8  # splits
_SHORT = 0.1  # of a mean's standard error that its rounding may be off

Size: TypeAlias = Callable[[RuleModel, Sequence[float]], int]


@dataclass(frozen=True, slots=True)
class StepSettings:
    """What the steps must keep to: their largest size, and the most conditions on a path.

    ``size`` counts the nodes of Python's ``ast`` in a tree's decision, with its numbers.
    """

    size: Size
    max_complexity: int | None = None
    max_conditions: int | None = None


@dataclass(frozen=True, slots=True)
class StepFit:
    """A tree of the front: its leaves are the places of ``values``, one for each in their order.

    ``loss`` is the share of the mean's squared error that is left on held-out rows (mean over
    folds), ``error`` the standard error of its difference to the best of the front.
    """

    model: RuleModel
    values: tuple[float, ...]
    size: int
    loss: float
    error: float
    source: str = "tree of least squares"


def least_weight(rows: int) -> float:
    """The least weight of a leaf."""
    return max(3.0, min(25.0, rows / 150))


def strata(y: Floats) -> Places:
    """Rows (rows,) in about ten groups of like numbers, to be held out in like shares."""
    edges = np.quantile(y, np.linspace(0, 1, _STRATA + 1)[1:-1])
    return np.searchsorted(np.unique(edges), y, side="right")


def learn_steps(
    rows: RuleRows, y: Floats, settings: StepSettings, run: Run
) -> tuple[tuple[StepFit, ...], int]:
    """The front of trees for numbers ``y`` (rows,), smallest first, and the place of the one taken.

    The classes of the ``rows`` are the groups of :func:`strata`. The first tree is a constant.
    Where the time is over or the run is interrupted the folds that were judged by then decide, and
    ``run.cut_off`` says so. Folds of tables that are not small are judged by ``run.n_jobs``
    workers; the front does not depend on them.
    """
    some = _sample(rows, run)
    few, few_y = rows.taken(some), y[some]
    bins = binned(few)
    unit = float(np.abs(few_y).max()) or 1.0  # squares of enormous numbers overflow
    middle, spread = float((few_y / unit).mean()), float((few_y / unit).std()) or 1.0
    goal = (few_y / unit - middle) / spread
    most = min(_MOST_SPLITS, max(2, len(few_y) // 8))
    losses: list[Floats] = []
    if few.x.size > GLANCED:  # so that there is an answer soon
        look = _sample(few, run, GLANCED_ROWS)
        glanced = learn_steps(few.taken(look), few_y[look], settings, run)
        if run.cut_off:
            return glanced
    grower = _Grower(bins, goal, few.weights, few, run.check)
    trees: list[Stepped] = []
    parts = [part for repeat in folds(few, run.seed)[:_REPEATS] for part in repeat]

    def front() -> tuple[tuple[StepFit, ...], int]:
        kept = []
        for k, (tree, means) in enumerate(trees if losses else trees[:1]):
            own = tidied(over_columns(tree, bins))
            fit = _fitted(own, (means * spread + middle) * unit, rows, y, settings)
            if fit is not None:
                kept.append((fit, np.array([one[k] for one in losses] or [1.0])))
        return _front(kept, len(few_y))

    def judged(fold_losses: Floats) -> None:
        losses.append(fold_losses)
        run.keep(front, f"{min(np.mean(losses, axis=0)):.3g} of the squared error held out is left")
        run.say(f"rules: fold {len(losses)} of {len(parts)} judged")

    def searched() -> tuple[tuple[StepFit, ...], int]:
        run.say("rules: steps proposed by all rows")
        trees.extend(_paths(grower, np.arange(len(goal)), most, settings))
        tasks = [(grower, fold, most, settings) for fold in parts]
        mapped(_fold_losses, tasks, run.n_jobs if few.x.size > PARALLEL else 1, judged)
        return front()

    answer: tuple[tuple[StepFit, ...], int] = run.or_best(searched)
    return answer


def _front(judged: list[tuple[StepFit, Floats]], rows: int) -> tuple[tuple[StepFit, ...], int]:
    """Those that no smaller one beats, and the place of the simplest that is near the best."""
    kept: list[tuple[StepFit, Floats]] = []
    for fit, losses in sorted(judged, key=lambda one: (one[0].size, round(one[1].mean(), 6))):
        loss = round(float(losses.mean()), 6)
        if not kept or loss < kept[-1][0].loss:
            if kept and kept[-1][0].size == fit.size:
                kept.pop()
            kept.append((replace(fit, loss=loss), losses))
    best = kept[-1]
    fits = []
    for fit, losses in kept:
        off = losses - best[1]
        error = float(off.std(ddof=1)) / len(off) ** 0.5 if len(off) > 1 else 0.0
        fits.append(replace(fit, error=round(error, 6)))
    for place, fit in enumerate(fits):
        # a node costs so many nats of all rows, by the likelihood of normal errors
        price = 2 * _NODE / rows * fits[-1].loss * (fits[-1].size - fit.size)
        if fit.loss <= fits[-1].loss + (_ERRORS * fit.error if place else 0.0) + price:
            return tuple(fits), place
    return tuple(fits), len(fits) - 1


def _sample(rows: RuleRows, run: Run, most: int = _MOST_ROWS) -> Places:
    """All rows, or where these are too many a part of each group by chance."""
    count = len(rows.y)
    if count <= most:
        return np.arange(count)
    run.say(f"rules: learned from {most} of {count} rows, drawn among like numbers")
    mixed = np.random.default_rng(run.seed).permutation(count)
    order = mixed[np.argsort(rows.y[mixed], kind="stable")]
    return np.sort(order[np.linspace(0, count - 1, most).round().astype(np.int64)])


@dataclass(slots=True, eq=False)
class _Knot:
    """A node while a tree grows: its rows, the mean within its bounds, the split it may get."""

    rows: Places
    depth: int
    low: float
    high: float
    sums: Floats
    cut: CodedSplit | None
    unit: RuleUnit | None = None
    children: list[int] = field(default_factory=list)

    @property
    def mean(self) -> float:
        return min(max(float(self.sums[1] / self.sums[0]), self.low), self.high)

    @property
    def worth(self) -> float:
        """What the mean saves of the squared error around 0."""
        return 2 * self.mean * float(self.sums[1]) - self.mean**2 * float(self.sums[0])


@dataclass(frozen=True, slots=True, eq=False)
class _Grower:
    """What trees are grown for: standardized numbers ``goal`` (rows,) and weights of rows."""

    bins: Bins
    goal: Floats
    weights: Floats
    table: RuleRows
    check: Check

    def grown(
        self, rows: Places, most: int, depth: float, root: CodedSplit | None = None
    ) -> list[_Knot]:
        """A tree of so many splits at most, the best one first, or the ``root`` that is given."""
        least = least_weight(len(rows))
        nodes: list[_Knot] = []

        def add(here: Places, level: int, low: float, high: float) -> None:
            self.check()
            weights = self.weights[here]
            sums = np.array([weights.sum(), (weights * self.goal[here]).sum()])
            cut = self._cut(here, least) if level < depth else None
            cut = root if root is not None and not nodes else cut
            nodes.append(_Knot(here, level, low, high, sums, cut))

        add(rows, 0, -inf, inf)
        for _ in range(most):
            waiting = [k for k, node in enumerate(nodes) if node.cut is not None]
            if not waiting:
                break
            place = max(waiting, key=lambda k: (nodes[k].cut.gain, -k))  # type: ignore[union-attr]
            node = nodes[place]
            assert node.cut is not None
            node.unit, node.cut = node.cut.unit, None
            fires = RuleModel((node.unit,), ()).fired(self.bins.x(node.rows))[:, 0]
            parts = (node.rows[fires], node.rows[~fires])
            bounds = self._bounds(node, parts)
            for here, (low, high) in zip(parts, bounds, strict=True):
                node.children.append(len(nodes))
                add(here, node.depth + 1, low, high)
        return nodes

    def _bounds(
        self, node: _Knot, parts: tuple[Places, Places]
    ) -> tuple[tuple[float, float], tuple[float, float]]:
        """What both sides keep between; a column that is bound parts them in the middle."""
        sign = self._sign(node.unit)
        if not sign:
            return (node.low, node.high), (node.low, node.high)
        means = [np.average(self.goal[here], weights=self.weights[here]) for here in parts]
        middle = min(max(float(sum(means)) / 2, node.low), node.high)
        below, above = (node.low, middle), (middle, node.high)
        return (below, above) if sign > 0 else (above, below)

    def _sign(self, unit: RuleUnit | None) -> int:
        bound = self.table.monotone
        return bound[unit.columns[0]] if bound and unit is not None and unit.columns else 0

    def _cut(self, rows: Places, least: float) -> CodedSplit | None:
        """The split of some rows that saves most of the squared error, in its units."""
        if self.bins.columns == 0 or len(rows) < 2 * least:
            return None
        goal, weights = self.goal[rows], self.weights[rows]
        sums = histogram(self.bins, self.bins.codes[rows], np.stack([weights, weights * goal], 1))
        total, first = float(weights.sum()), float((weights * goal).sum())
        noise = float((weights * (goal - first / total) ** 2).sum()) / total
        if not noise > 1e-18:
            return None
        with np.errstate(invalid="ignore", divide="ignore"):
            rank = np.where(sums[:, :, 0] > 0, -sums[:, :, 1] / sums[:, :, 0], 0.0)
        best: CodedSplit | None = None
        for splits in sides(self.bins, sums, rank):
            count, mean = self._means(splits.fires)
            other, away = self._means(splits.rests)
            gains = count * mean**2 + other * away**2 - first**2 / total
            # a set of levels costs nats, of which the squared error counts 2 noise each
            gains = np.where(np.minimum(count, other) >= least, gains, -inf)
            gains = gains - 2 * noise * allowed(splits)
            if any(self.table.monotone):
                sign = np.array(self.table.monotone)[:, None]
                gains = np.where((away - mean) * sign >= 0, gains, -inf)
            gains = steady(gains)
            column, place = np.unravel_index(int(np.argmax(gains)), gains.shape)
            gain, known = float(gains[column, place]), best.gain if best else 1e-12
            # of two that save as much it is the missing value that is told
            if gain > known or (splits.single and gain >= known):
                best = CodedSplit(unit_at(splits, int(column), int(place)), gain)
        return best

    @staticmethod
    def _means(side: Floats) -> tuple[Floats, Floats]:
        count = side[:, :, 0]
        with np.errstate(invalid="ignore", divide="ignore"):
            return count, np.where(count > 1e-9, side[:, :, 1] / count, 0.0)


def _paths(grower: _Grower, rows: Places, most: int, settings: StepSettings) -> list[Stepped]:
    """Trees of at most 0, 1, 2, ... splits over codes, with the standardized mean of each leaf."""
    depth = inf if settings.max_conditions is None else settings.max_conditions
    first = grower.grown(rows, 2 * most, depth)
    # what both sides of the first split ask next may tell more before it
    below = [first[child].unit for child in first[0].children]
    roots = [CodedSplit(unit, inf) for unit in dict.fromkeys(below) if unit is not None]
    few = min(2 * most, _MOST_OF_OTHERS)
    grown = [first, *(grower.grown(rows, few, depth, root) for root in roots)]
    judged: list[tuple[int, float, list[_Knot], frozenset[int]]] = []
    for nodes in grown:
        own = [node.worth for node in nodes]
        for kept in (frozenset[int](), *cut_back([node.children for node in nodes], own)):
            worth = round(sum(own[k] for k in _ends(nodes, kept)), 9)
            judged.append((len(kept), worth, nodes, kept))
    trees = []
    for step in (0, *steps_of(most)):
        small = [one for one in judged if one[0] <= step]
        _, _, nodes, kept = max(small, key=lambda one: (one[1], -one[0]))
        tree = _tree(nodes, kept)
        if 0 < len(kept) <= _MOST_POLISHED and not any(grower.table.monotone):
            here = (rows, grower.goal[rows], grower.weights[rows])
            tree = polished_steps(tree, grower.bins, *here, least_weight(len(rows)))
        trees.append(tree)
    return trees


def _ends(nodes: list[_Knot], kept: frozenset[int]) -> list[int]:
    """The leaves of a tree of which these nodes stay split."""
    inner = {child for k in kept for child in nodes[k].children}
    return [k for k in inner | {0} if k not in kept]


def _tree(nodes: list[_Knot], kept: frozenset[int]) -> Stepped:
    units: list[RuleUnit] = []
    means: list[float] = []

    def tree(k: int) -> Tree:
        node = nodes[k]
        if k not in kept or node.unit is None:
            means.append(node.mean)
            return Leaf(len(means) - 1)
        units.append(node.unit)
        place = len(units) - 1
        fires = tree(node.children[0])
        return Split(place, fires, tree(node.children[1]))

    root = tree(0)
    return RuleModel(tuple(units), (root,)), np.array(means)


def _fold_losses(grower: _Grower, fold: Fold, most: int, settings: StepSettings) -> Floats:
    """The share of the squared error around 0, the mean of all, left on rows held out: (steps,)."""
    train, test = fold
    x, y, w = grower.bins.x(test), grower.goal[test], grower.weights[test]
    plain = float((w * y**2).sum()) or 1.0
    left = []
    for model, means in _paths(grower, train, most, settings):
        off = y - means[leaf_places(model.trees, model.fired(x))[:, 0]]
        left.append(float((w * off**2).sum()) / plain)
    return np.array(left)


def _fitted(
    model: RuleModel, means: Floats, rows: RuleRows, y: Floats, settings: StepSettings
) -> StepFit | None:
    """A tree over the columns with the means of all rows; nothing if it may not be.

    Where a column is bound it keeps the ``means`` that are in order.
    """
    order = [leaf.value for leaf in leaves(model.trees[0])]
    model = replace(model, trees=(numbered(model.trees[0]),))
    if any(rows.monotone):
        values = tuple(float(f"{mean:.6g}") for mean in means[order].tolist())
        places = np.unique(values, return_inverse=True)[1]
        tree = _with_values(model.trees[0], places.tolist())
        if not is_monotone(replace(model, trees=(tree,)), np.eye(places.max() + 1)[places], rows):
            return None
    else:
        values = _leaf_means(leaf_places(model.trees, model.fired(rows.x))[:, 0], y, rows.weights)
    size = settings.size(model, values)
    if settings.max_complexity is not None and size > settings.max_complexity and model.units:
        return None
    return StepFit(model, values, size, 0.0, 0.0)


def _with_values(tree: Tree, values: Sequence[int]) -> Tree:
    """The tree with these values in the places of its leaves."""
    if isinstance(tree, Leaf):
        return Leaf(values[tree.value])
    return Split(tree.unit, _with_values(tree.fires, values), _with_values(tree.rests, values))


def _leaf_means(places: Places, y: Floats, weights: Floats) -> tuple[float, ...]:
    """The mean of each leaf in as few digits as its standard error allows."""
    unit = float(np.abs(y).max()) or 1.0  # squares of enormous numbers overflow
    y = y / unit
    total = np.bincount(places, weights)
    mean = np.bincount(places, weights * y) / total
    spread = np.bincount(places, weights * (y - mean[places]) ** 2) / total
    errors = np.sqrt(spread * np.bincount(places, weights**2)) / total
    means = []
    for one, error in zip((mean * unit).tolist(), (errors * unit).tolist(), strict=True):
        if error > 1e-9 * max(abs(one), unit * 1e-9):
            one = round(one, -floor(log10(2 * _SHORT * error))) + 0.0
        means.append(rounded(one))
    return tuple(means)
