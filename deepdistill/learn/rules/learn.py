"""Rules for the rows of a table: what is proposed, judged by held-out rows, and kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

import numpy as np

from ...data.parallel import mapped
from ...data.running import Run
from ...units.rules import Floats, Leaf, Places, RuleModel, SumBelow, splits
from .bins import Bins, binned, part
from .finish import briefly, finished, fitted
from .folds import GLANCED, GLANCED_ROWS, PARALLEL, Fold, folds
from .front import HeldOut, chosen, front
from .probabilities import (
    SHARED,
    SHRINKS,
    class_counts,
    held_out_chances,
    log_loss,
    outcomes,
    reached,
    table,
)
from .proposals import NETWORK, Keys, Path, paths
from .rows import RuleFit, RuleRows, RuleSettings
from .snap import over_columns, tidied

__all__ = ["chosen", "learn_rules"]

_MOST_ROWS = 50_000
_QUICK = frozenset({"tree/", "counts/", "rule list/"})
_CONSTANT = "constant"
_NETWORK_GAIN = 15.0  # nats that a network has to gain over all that is no larger


def learn_rules(rows: RuleRows, settings: RuleSettings, run: Run) -> tuple[RuleFit, ...]:
    """The front of rule models, smallest first; each is better than all smaller ones.

    The first is a constant, so there is always one. Where the time is over or the run is
    interrupted, the front is made from what was judged by then, and ``run.cut_off`` says so;
    :class:`CutOff` where nothing was. Folds of tables that are not small are judged by
    ``run.n_jobs`` workers; the front does not depend on them.
    """
    if not (rows.weights > 0).all():
        rows = rows.taken(np.flatnonzero(rows.weights > 0))
    if settings.balanced:
        rows = _balanced(rows)
    if len(rows.y) > _MOST_ROWS:
        run.say(f"rules: learned from {_MOST_ROWS} of {len(rows.y)} rows, drawn within each class")
    some = _sample(rows, _MOST_ROWS, run.seed)
    repeats = folds(some, run.seed)
    if not any(repeats):
        return _without_folds(some, settings)

    def searched() -> tuple[RuleFit, ...]:
        if some.x.size > GLANCED:
            # so that there is an answer soon
            few = _sample(some, GLANCED_ROWS, run.seed)
            glance = _FrontSearch(few, rows, settings, run)
            glance.propose(_QUICK)
            glance.judge(folds(few, run.seed)[0][:1], " of a first look", 1)
            run.check()
        search = _FrontSearch(some, rows, settings, run)
        search.propose(None)
        search.drop(_idle_network(search.proposed, some))
        jobs = run.n_jobs if some.x.size > PARALLEL else 1
        for number, repeat in enumerate(repeats):
            if number:
                # what no part of the front is by now, and not near the best, is left out
                search.drop({path.key for path in search.proposed} - _near(search.held_out(), some))
            which = f" of {len(repeat)}{', again' if number else ''}"
            search.judge(repeat, which, jobs)
        return search.front()

    fits: tuple[RuleFit, ...] = run.or_best(searched)
    return fits


class _FrontSearch:
    """What is proposed for some rows, and what the folds judged so far say of it.

    The chances of leaves are those of all ``rows``.
    """

    def __init__(self, some: RuleRows, rows: RuleRows, settings: RuleSettings, run: Run) -> None:
        self.some, self.rows, self.settings, self.run = some, rows, settings, run
        self.bins = binned(some)
        self.proposed = [_constant(self.bins)]
        self.losses = _Losses()

    def propose(self, wanted: Keys) -> None:
        """All that is proposed for all rows, or what has these keys."""
        every = part(self.bins, self.some, np.arange(len(self.some.y)), self.run.check)
        for path in paths(every, self.some, self.settings, self.run, wanted):
            self.run.say(f"rules: {path.source} for all rows")
            self.proposed.append(path)

    def drop(self, keys: Set[str]) -> None:
        """Leave out paths."""
        self.proposed = [path for path in self.proposed if path.key not in keys]

    def judge(self, repeat: list[Fold], which: str, jobs: int | None) -> None:
        """Judge what was proposed by the rows held out in each fold."""
        wanted = frozenset(path.key for path in self.proposed)
        tasks = [
            (self.bins, self.some, fold, self.settings, self.run, wanted, f"fold {k + 1}{which}")
            for k, fold in enumerate(repeat)
        ]
        mapped(_fold_losses, tasks, jobs, self._judged)

    def _judged(self, losses: dict[str, Floats]) -> None:
        self.losses.add(losses)
        self.run.keep(self.front, self._in_words())
        self.run.say(f"rules: judged {self.losses.folds} times")

    def _in_words(self) -> str:
        known = {path.key: path for path in self.proposed if path.models}
        key, step, loss = self.losses.best(known.keys())
        path = known[key]
        model = tidied(over_columns(path.models[min(step, len(path.models) - 1)], path.bins))
        nodes = self.settings.size(model)
        return f"held-out log loss {loss:.4g} of size {nodes} ({path.source})"

    def held_out(self) -> Iterator[HeldOut]:
        return _held_out(self.proposed, self.losses, self.some, self.settings)

    def front(self) -> tuple[RuleFit, ...]:
        taken = front(self.held_out(), self.some)
        # finer thresholds may leave splits without use, and so change the sizes
        fine = [finished(one, self.some, self.rows, self.settings) for one in taken]
        return tuple(one.fit for one in front(fine, self.some))


def _without_folds(rows: RuleRows, settings: RuleSettings) -> tuple[RuleFit, ...]:
    """The constant alone, for rows that are too few or too much of one group to hold any out."""
    every = np.arange(len(rows.y))
    alone = _FrontSearch(rows, rows, settings, Run())
    alone.losses.add(_path_losses(alone.proposed, rows, every, every))
    return tuple(one.fit for one in front(alone.held_out(), rows))


def _idle_network(proposed: list[Path], rows: RuleRows) -> frozenset[str]:
    """The keys of the network's paths where it fits its own rows no better than others.

    It is trained anew for each fold, and that takes its time.
    """
    measures: dict[bool, list[tuple[int, float]]] = {True: [], False: []}
    for path in proposed:
        if path.own is not None:
            continue
        x = path.x(np.arange(len(rows.y)))
        for model in path.models:
            counts = class_counts(
                reached(model, x), rows.y, rows.weights, outcomes(model), rows.classes
            )
            lost = -float((counts * np.log(table(model, counts, SHRINKS[1]))).sum())
            own = tidied(over_columns(model, path.bins))
            measures[path.variant == NETWORK].append((_parts(own), lost))
    for parts, lost in measures[True]:
        least = min((o for count, o in measures[False] if count <= parts), default=np.inf)
        if round(least - lost, 6) > _NETWORK_GAIN:
            return frozenset()
    return frozenset(path.key for path in proposed if path.variant == NETWORK)


def _parts(model: RuleModel) -> int:
    """About how long a model is whose leaves have no answers yet: splits, units, sums once."""
    sums = {unit.weights for unit in model.units if isinstance(unit, SumBelow)}
    inner = sum(1 for tree in model.trees for _ in splits(tree))
    return inner + len(model.units) + sum(map(len, sums))


def _near(judged: Iterator[HeldOut], rows: RuleRows) -> frozenset[str]:
    """The keys of what is on the front, or within one standard error of the best."""
    pool = list(judged)
    best = min(pool, key=lambda one: round(float(one.losses.mean()), 7)).losses
    keys = {one.key for one in front(pool, rows)}
    for one in pool:
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


def _sample(rows: RuleRows, most: int, seed: int) -> RuleRows:
    """All rows, or where these are too many a part of each class by chance."""
    count = len(rows.y)
    if count <= most:
        return rows
    mixed = np.random.default_rng(seed).permutation(count)
    order = mixed[np.argsort(rows.y[mixed], kind="stable")]
    places = np.linspace(0, count - 1, most).round().astype(np.int64)
    return rows.taken(np.sort(order[places]))


class _Losses:
    """Held-out losses of all paths, fold by fold: (steps, shrinks) each."""

    def __init__(self) -> None:
        self.folds = 0
        self._found: dict[str, list[Floats]] = defaultdict(list)

    def add(self, losses: dict[str, Floats]) -> None:
        """The losses of one more fold; a path that found nothing there counts as constant."""
        constant = losses[f"{_CONSTANT}/"]
        for key in sorted(losses.keys() | self._found.keys()):
            earlier = self._found[key]
            earlier += [constant] * (self.folds - len(earlier))
            earlier.append(losses.get(key, constant))
        self.folds += 1

    def at(self, key: str, step: int) -> Floats | None:
        """The losses of a step in each fold, (folds, shrinks)."""
        if key not in self._found:
            return None
        return np.array([one[min(step, len(one) - 1)] for one in self._found[key]])

    def best(self, keys: Set[str]) -> tuple[str, int, float]:
        """The key and the first step with the least mean loss, and that."""
        candidates = []
        for key in sorted(keys & self._found.keys()):
            for step in range(max(len(one) for one in self._found[key])):
                losses = self.at(key, step)
                assert losses is not None
                candidates.append((round(float(losses.mean(axis=0).min()), 4), step, key))
        loss, step, key = min(candidates)
        return key, step, loss


def _fold_losses(
    bins: Bins,
    rows: RuleRows,
    fold: Fold,
    settings: RuleSettings,
    run: Run,
    wanted: Keys,
    which: str,
) -> dict[str, Floats]:
    """The losses of all paths on the rows held out, (steps, shrinks) each."""
    train, test = fold
    given = part(bins, rows, train, run.check)

    def proposed() -> Iterator[Path]:
        yield _constant(bins)
        for path in paths(given, rows, settings, run, wanted):
            run.say(f"rules: {path.source} in {which}")
            yield path

    return _path_losses(proposed(), rows, train, test)


def _path_losses(
    proposed: Iterable[Path], rows: RuleRows, train: Places, test: Places
) -> dict[str, Floats]:
    y, weights = rows.y[train], rows.weights[train]
    path_losses: dict[str, Floats] = {}
    for path in proposed:
        x, x_out = path.x(train), path.x(test)
        losses = [
            [
                log_loss(told, rows.y[test], rows.weights[test])
                for told in held_out_chances(model, x, y, weights, rows.classes, x_out)
            ]
            for model in path.models
        ]
        if losses:
            path_losses[path.key] = np.array(losses)
    return path_losses


def _held_out(
    proposed: list[Path], losses: _Losses, rows: RuleRows, settings: RuleSettings
) -> Iterator[HeldOut]:
    """All models that may be taken, over the columns, with probabilities from all rows."""
    for path in proposed:
        for step, model in enumerate(path.models):
            step_losses = losses.at(path.key, step)
            if step_losses is None:
                continue
            place = int(np.argmin(np.round(step_losses.mean(axis=0), 7)))
            shrink = SHRINKS[place]
            own = over_columns(tidied(model), path.bins)
            fit = fitted(own, rows, settings, shrink, path.source)
            if fit is not None:
                # of points that became one tree the shares of leaves are taken anew
                leaves_now = bool(own.limits) and not fit.model.limits
                kept = SHRINKS[1] if leaves_now else shrink
                yield HeldOut(fit, step_losses[:, place], kept, path.key)
            brief = briefly(own, rows, settings, path.source)
            if brief is not None:
                yield HeldOut(brief, step_losses[:, SHRINKS.index(SHARED)], SHARED, path.key)
