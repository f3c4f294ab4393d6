"""Rules for the rows of a table: what is proposed, judged by held-out rows, and kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

import numpy as np

from ...data.running import CutOff, Run
from ...units.rules import Floats, Leaf, Places, RuleModel
from .bins import Bins, binned, part
from .finish import finished, fitted
from .folds import Fold, folds
from .front import HeldOut, chosen, front
from .probabilities import (
    SHRINKS,
    class_counts,
    log_loss,
    outcomes,
    reached,
    tables,
)
from .proposals import Keys, Path, paths
from .rows import RuleFit, RuleRows, RuleSettings
from .snap import over_columns, tidied

__all__ = ["chosen", "learn_rules"]

_MOST_ROWS = 50_000
_CONSTANT = "constant"


def learn_rules(rows: RuleRows, settings: RuleSettings, run: Run) -> tuple[RuleFit, ...]:
    """The front of rule models, smallest first; each is better than all smaller ones.

    The first is a constant, so there is always one. Where the time is over the front is made from
    the folds judged by then, and ``run.cut_off`` says so; :class:`CutOff` before the first one.
    """
    if not (rows.weights > 0).all():
        rows = rows.taken(np.flatnonzero(rows.weights > 0))
    if settings.balanced:
        rows = _balanced(rows)
    some = _sample(rows, run)
    bins = binned(some)
    losses = _Losses()
    repeats = folds(some, run.seed)
    if not any(repeats):
        return _without_folds(bins, some, settings)
    run.say("rules: proposed by all rows")
    proposed: list[Path] = [_constant(bins)]
    wanted: Keys = None
    try:
        proposed += paths(part(bins, some, np.arange(len(some.y))), some, settings, run)
        for number, repeat in enumerate(repeats):
            if number:
                # what no part of the front is by now, and not near the best, is left out
                wanted = _near(_held_out(proposed, losses, some, settings), some)
                proposed = [path for path in proposed if path.key in wanted]
            for place, fold in enumerate(repeat):
                count = f"{number * len(repeat) + place + 1} of {len(repeats) * len(repeat)}"
                run.say(f"rules: fold {count}{losses.in_words()}")
                losses.add(_fold_losses(bins, some, fold, settings, run, wanted))
    except CutOff as reason:
        if not losses.folds:
            raise
        run.cut_off = str(reason)
    taken = front(_held_out(proposed, losses, some, settings), some)
    # finer thresholds may leave splits without use, and so change the sizes
    done = [finished(one, some, rows, settings) for one in taken]
    return tuple(one.fit for one in front(done, some))


def _without_folds(bins: Bins, rows: RuleRows, settings: RuleSettings) -> tuple[RuleFit, ...]:
    """The constant alone, for rows that are too few or too much of one group to hold any out."""
    every = np.arange(len(rows.y))
    losses = _Losses()
    losses.add(_path_losses([_constant(bins)], rows, every, every))
    only = _held_out([_constant(bins)], losses, rows, settings)
    return tuple(one.fit for one in front(only, rows))


def _near(judged: Iterator[HeldOut], rows: RuleRows) -> frozenset[str]:
    """The keys of what is on the front, or within one standard error of the best."""
    found = list(judged)
    best = min(found, key=lambda one: round(float(one.losses.mean()), 7)).losses
    keys = {one.key for one in front(found, rows)}
    for one in found:
        away = one.losses - best
        if away.mean() <= away.std(ddof=1) / np.sqrt(len(away)):
            keys.add(one.key)
    return frozenset(keys | {f"{_CONSTANT}/"})


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
        """The losses of one more fold; a path that found nothing there counts as constant."""
        constant = found[f"{_CONSTANT}/"]
        for key in sorted(found.keys() | self._found.keys()):
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
    bins: Bins,
    rows: RuleRows,
    fold: Fold,
    settings: RuleSettings,
    run: Run,
    wanted: Keys,
) -> dict[str, Floats]:
    """The losses of all paths on the rows held out, (steps, shrinks) each."""
    train, test = fold
    given = part(bins, rows, train)
    found = chain([_constant(bins)], paths(given, rows, settings, run, wanted))
    return _path_losses(found, rows, train, test)


def _path_losses(
    proposed: Iterable[Path], rows: RuleRows, train: Places, test: Places
) -> dict[str, Floats]:
    y, weights = rows.y[train], rows.weights[train]
    found: dict[str, Floats] = {}
    for path in proposed:
        x, x_out = path.bins.x(train), path.bins.x(test)
        losses = []
        for model in path.models:
            here = reached(model, x)
            counts = class_counts(here, y, weights, outcomes(model), rows.classes)
            there = reached(model, x_out)
            losses.append(
                [
                    log_loss(chances[there], rows.y[test], rows.weights[test])
                    for chances in tables(model, counts)
                ]
            )
        if losses:
            found[path.key] = np.array(losses)
    return found


def _held_out(
    proposed: list[Path], losses: _Losses, rows: RuleRows, settings: RuleSettings
) -> Iterator[HeldOut]:
    """All models that may be taken, over the columns, with probabilities from all rows."""
    for path in proposed:
        for step, model in enumerate(path.models):
            found = losses.at(path.key, step)
            if found is None:
                continue
            place = int(np.argmin(np.round(found.mean(axis=0), 7)))
            shrink = SHRINKS[place]
            own = over_columns(tidied(model), path.bins)
            fit = fitted(own, rows, settings, shrink, path.source)
            if fit is not None:
                yield HeldOut(fit, found[:, place], shrink, path.key)
