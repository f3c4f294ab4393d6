"""Rules for the rows of a table: what is proposed, judged by held-out rows, and kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...data.running import CutOff, Run
from ...units.rules import Floats, Leaf, Places, RuleModel, Split, Tree
from .bins import Bins, binned, part
from .folds import Fold, folds
from .front import HeldOut, chosen, front
from .monotone import is_monotone
from .probabilities import (
    SHRINKS,
    class_counts,
    limits_of,
    log_loss,
    outcomes,
    possible_sums,
    reached,
    reaches_all,
    table,
)
from .proposals import Path, paths
from .rows import RuleFit, RuleRows, RuleSettings
from .size import size
from .snap import over_columns, tidied

__all__ = ["chosen", "learn_rules"]

_MOST_ROWS = 50_000
_CONSTANT = "constant"


def learn_rules(rows: RuleRows, settings: RuleSettings, run: Run) -> tuple[RuleFit, ...]:
    """The front of rule models, smallest first; each is better than all smaller ones.

    The first is a constant, so there is always one. Where the time is over the front is made from
    the folds judged by then, and ``run.cut_off`` says so; :class:`CutOff` before the first one.
    """
    if settings.balanced:
        rows = _balanced(rows)
    some = _sample(rows, run)
    bins = binned(some)
    losses = _Losses()
    proposed: list[Path] = []
    try:
        for number, fold in enumerate(cuts := folds(some, run.seed)):
            run.say(f"rules: fold {number + 1} of {len(cuts)}{losses.in_words()}")
            losses.add(_fold_losses(bins, some, fold, settings, run))
        run.say(f"rules: all rows{losses.in_words()}")
        for path in _all_paths(bins, some, np.arange(len(some.y)), settings, run):
            proposed.append(path)
    except CutOff as reason:
        if not proposed and not losses.folds:
            raise
        run.cut_off = str(reason)
        proposed = proposed or [_constant(bins)]
    return front(_judged(proposed, losses, rows, settings))


def _all_paths(
    bins: Bins, rows: RuleRows, some: Places, settings: RuleSettings, run: Run
) -> Iterator[Path]:
    yield _constant(bins)
    yield from paths(part(bins, rows, some), rows, settings, run)


def _constant(bins: Bins) -> Path:
    return Path(_CONSTANT, "", bins, [RuleModel((), (Leaf(0),))])


def _balanced(rows: RuleRows) -> RuleRows:
    """The rows weighted so that all classes count alike."""
    total = np.bincount(rows.y, rows.weights, rows.classes)
    weights = rows.weights / total[rows.y]
    return replace(rows, weights=weights / weights.mean())


def _sample(rows: RuleRows, run: Run) -> RuleRows:
    """All rows, or where these are too many a part of each class by chance."""
    count = len(rows.y)
    if count <= _MOST_ROWS:
        return rows
    run.say(f"rules: learned from {_MOST_ROWS} of the {count} rows, drawn within each class")
    mixed = np.random.default_rng(run.seed).permutation(count)
    order = mixed[np.argsort(rows.y[mixed], kind="stable")]
    places = np.linspace(0, count - 1, _MOST_ROWS).round().astype(np.int64)
    return rows.taken(np.sort(order[places]))


class _Losses:
    """Held-out losses of all paths, fold by fold: (steps, shrinks) each."""

    def __init__(self) -> None:
        self.folds = 0
        self._found: dict[str, list[Floats]] = defaultdict(list)

    def add(self, found: dict[str, Floats]) -> None:
        """The losses of one more fold; a path that was not proposed there counts as constant."""
        constant = found[f"{_CONSTANT}/"]
        for key in found.keys() | self._found.keys():
            earlier = self._found[key]
            earlier += [constant] * (self.folds - len(earlier))
            earlier.append(found.get(key, constant))
        self.folds += 1

    def at(self, key: str, step: int) -> Floats | None:
        """The losses of a step in each fold, (folds, shrinks)."""
        if key not in self._found:
            return None
        return np.array([one[min(step, len(one) - 1)] for one in self._found[key]])

    def in_words(self) -> str:
        if not self.folds:
            return ""
        best = min(
            (round(float(np.mean([one[-1].min() for one in found])), 4), key)
            for key, found in sorted(self._found.items())
        )
        return f"; best held-out log loss so far {best[0]:.4g} ({best[1].split('/')[0]})"


def _fold_losses(
    bins: Bins, rows: RuleRows, fold: Fold, settings: RuleSettings, run: Run
) -> dict[str, Floats]:
    """The losses of all paths on the rows held out, (steps, shrinks) each."""
    train, test = fold
    y, weights = rows.y[train], rows.weights[train]
    found: dict[str, Floats] = {}
    for path in _all_paths(bins, rows, train, settings, run):
        run.check()
        x, x_out = path.bins.x(train), path.bins.x(test)
        losses = []
        for model in path.models:
            here = reached(model, x)
            counts = class_counts(here, y, weights, outcomes(model), rows.classes)
            there = reached(model, x_out)
            tables = [table(model, counts, shrink) for shrink in SHRINKS]
            losses.append(
                [log_loss(rows_[there], rows.y[test], rows.weights[test]) for rows_ in tables]
            )
        if losses:
            found[path.key] = np.array(losses)
    return found


def _judged(
    proposed: list[Path], losses: _Losses, rows: RuleRows, settings: RuleSettings
) -> Iterator[HeldOut]:
    """All models that may be taken, over the columns, with probabilities from all rows."""
    for path in proposed:
        for step, model in enumerate(path.models):
            found = losses.at(path.key, step)
            if found is None:
                continue
            shrink = int(np.argmin(np.round(found.mean(axis=0), 7)))
            fit = _fitted(model, path, SHRINKS[shrink], rows, settings)
            if fit is not None:
                yield HeldOut(fit, found[:, shrink])


def _fitted(
    model: RuleModel, path: Path, shrink: float, rows: RuleRows, settings: RuleSettings
) -> RuleFit | None:
    """A model over the columns with its probabilities; nothing where it may not be taken."""
    model = over_columns(tidied(model), path.bins)
    if not model.trees:
        return None
    here = reached(model, rows.x)
    counts = class_counts(here, rows.y, rows.weights, outcomes(model), rows.classes)
    found = table(model, counts, shrink)
    sums = possible_sums(model.trees) if model.limits else ()
    if sums:
        limits = limits_of(sums, found)
        if not reaches_all(limits):
            return None
        model = replace(model, limits=limits)
    else:
        model = replace(model, trees=(_labelled(model.trees[0], found),))
    nodes = size(model, rows.levels)
    if settings.max_complexity is not None and nodes > settings.max_complexity and model.units:
        return None
    if settings.max_conditions is not None and conditions(model) > settings.max_conditions:
        return None
    if any(rows.monotone) and not is_monotone(model, found, rows):
        return None
    probabilities = tuple(tuple(row) for row in found.tolist())
    return RuleFit(model, probabilities, sums, nodes, 0.0, 0.0, path.source)


def conditions(model: RuleModel) -> int:
    """How many conditions one row may meet."""

    def deepest(tree: Tree) -> int:
        if isinstance(tree, Leaf):
            return 0
        unit = model.units[tree.unit]
        own = len(unit.parts) if hasattr(unit, "parts") else 1
        return own + max(deepest(tree.fires), deepest(tree.rests))

    return sum(deepest(tree) for tree in model.trees)


def _labelled(tree: Tree, rows: Floats) -> Tree:
    """The tree with the likeliest class in each leaf, the first of equals."""
    labels = iter(np.argmax(np.round(rows, 9), axis=1).tolist())

    def walk(node: Tree) -> Tree:
        if isinstance(node, Leaf):
            return Leaf(next(labels))
        fires = walk(node.fires)
        return Split(node.unit, fires, walk(node.rests))

    return walk(tree)
