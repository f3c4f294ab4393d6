"""A logistic score in steps: a sum of numbers and of units with integer weights, cut at limits.

One limit stands where both labels are as likely; the others in even steps from it, half of the log
odds and half of the information of the rows (their chances' variance): where many rows that are
not sure are close together the steps are small, as rows within one step are not told apart. The
label asks the sum for that one alone, its probability for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...ir.rounding import simplest_number
from ...units.rules import (
    Among,
    Below,
    Floats,
    Leaf,
    Missing,
    RuleModel,
    RuleUnit,
    Split,
    Tree,
)
from .bins import BinnedRows, Bins, SumOf
from .columns import adds_up, whole_weights
from .points import Fitted, logistic, targets

_FEATURES = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 19, 24, 30)
_ROWS_A_FEATURE = 10
_LEAST_GAIN = 0.2  # nats
_RIDGE = 1.0
_TAIL = 0.03  # the share of rows beyond the first and the last limit
_TAIL_ROWS = 5
_REACH = 2.5  # log odds that limits tell apart in any case, and more with more of them
_REACH_A_STEP = 0.25
_SURE = 30.0  # log odds
_GRID = 2001  # places that are looked at for limits
MOST_CLASSES = 8  # that are told from the others by scores of their own
_FEATURES_OF_CLASS = 3
_FEATURES_OF_TREES = 7
_FEWEST = 5  # rows of a level, or of missing values


@dataclass(frozen=True, slots=True, eq=False)
class ScoreColumn:
    """A column of numbers, standardized, or a unit that fires; (rows,)."""

    values: Floats
    column: int
    spread: float
    unit: RuleUnit | None


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """A sum with integer weights, what one of it adds to the log odds, and where these are even.

    ``gone`` has for each column of its numbers that may be missing the log odds of rows without it.
    """

    total: SumOf
    value: float
    middle: float
    gone: tuple[tuple[int, float], ...] = ()


def scores(part: BinnedRows, x: Floats) -> list[Score | None]:
    """The likeliest scores of more and more features of the table ``x`` (rows, columns).

    Nothing in the place of one that no integers stand for.
    """
    counts = feature_counts(part)
    made = likeliest(list(features(part, x)), x, targets(part), part.weights, counts)
    return [score for score, _ in made]


def feature_counts(part: BinnedRows) -> list[int]:
    """How many features the scores of so many rows have."""
    most = max(2, len(part.y) // _ROWS_A_FEATURE)
    return [count for count in _FEATURES if count <= most]


def scores_of_classes(part: BinnedRows, x: Floats) -> list[Score]:
    """For each class the likeliest scores that tell it from all others."""
    numbers = [feature for feature in features(part, x) if feature.unit is None]
    known: list[Score] = []
    for k in range(min(part.classes, MOST_CLASSES)):
        target = (part.y == k).astype(float)
        if 0 < target.sum() < len(target):
            counts = range(2, _FEATURES_OF_CLASS + 1)
            made = likeliest(numbers, x, target, part.weights, counts)
            known += [score for score, _ in made if score is not None]
    return known


def likeliest(
    given: list[ScoreColumn], x: Floats, target: Floats, weights: Floats, counts: Sequence[int]
) -> Iterator[tuple[Score | None, float]]:
    """The scores of so many features, each the best one to add to those before, with their losses.

    Nothing in the place of a score that no integers stand for.
    """
    if not given:
        return
    z = np.stack([feature.values for feature in given], axis=1)
    squares = z * z
    chosen: list[int] = []
    fit = logistic(z[:, chosen], target, weights, _RIDGE)
    while len(chosen) < min(max(counts), len(given)):
        gains = _gains(z, squares, z[:, chosen], fit)
        gains[chosen] = -1
        best = int(np.argmax(gains))
        if gains[best] < _LEAST_GAIN:
            break
        chosen.append(best)
        fit = logistic(z[:, chosen], target, weights, _RIDGE, np.append(fit.weights, 0.0))
        if len(chosen) in counts:
            yield _score([given[k] for k in chosen], z[:, chosen], fit, x), fit.loss


def _gains(z: Floats, squares: Floats, taken: Floats, fit: Fitted) -> Floats:
    """What each feature would add to the likelihood beside those taken, in nats."""
    basis = np.column_stack([np.ones(len(z)), taken])
    bent = basis * fit.bend[:, None]
    across = bent.T @ z
    inner = bent.T @ basis + _RIDGE * np.eye(basis.shape[1])
    # what the others tell of it already is no gain
    own = fit.bend @ squares - (across * np.linalg.solve(inner, across)).sum(axis=0)
    return np.asarray(np.round((fit.slope @ z) ** 2 / (2 * (np.maximum(own, 0.0) + _RIDGE)), 6))


def features(part: BinnedRows, x: Floats) -> Iterator[ScoreColumn]:
    """What a score may add up of the rows ``x`` (rows, columns) of a part."""
    bins = part.bins
    for j in range(bins.own):
        missing = part.codes[:, j] == bins.counts[j] + 1
        if bins.named[j]:
            often = np.bincount(part.codes[:, j], minlength=bins.width)[: bins.counts[j]]
            kept = np.flatnonzero(often >= _FEWEST).tolist()
            if len(kept) == 2 and int(often.sum()) == len(part.codes):
                kept = kept[1:]  # that it has the one says all of the other
            for code in kept:
                here = (part.codes[:, j] == code).astype(float)
                yield ScoreColumn(here, j, 1.0, Among(j, (int(bins.lows[j][code]),)))
        elif bins.counts[j] > 1:
            known = x[~missing, j]
            if not len(known) or not adds_up(known) or not float(known.std()) > 0:
                continue
            spread = float(known.std())
            values = np.where(missing, 0.0, (x[:, j] - float(known.mean())) / spread)
            yield ScoreColumn(values, j, spread, None)
        if missing.sum() >= _FEWEST:
            yield ScoreColumn(missing.astype(float), j, 1.0, Missing(j))


def _score(given: list[ScoreColumn], z: Floats, fit: Fitted, x: Floats) -> Score | None:
    """The fitted weights as integers; nothing where there are none, or a single unit."""
    logits = fit.weights[0] + z @ fit.weights[1:]
    numbers = {feature.column for feature in given if feature.unit is None}
    # rows without one of the numbers have a branch of their own
    kept = [
        k
        for k, feature in enumerate(given)
        if not (isinstance(feature.unit, Missing) and feature.column in numbers)
    ]
    given = [given[k] for k in kept]
    if not numbers and len(given) == 1:
        return None
    spread = np.array([feature.spread for feature in given])
    own = z[:, kept] - fit.bend @ z[:, kept] / fit.bend.sum()
    bend = (own * fit.bend[:, None]).T @ own * np.outer(spread, spread)
    pair = whole_weights(fit.weights[1:][kept] / spread, bend)
    if pair is None:
        return None
    whole, value = pair
    plain = np.array([feature.unit is None for feature in given])
    signs = np.sign(whole)
    if (int(signs[plain].sum()), int(signs.sum()), int(signs[0])) < (0, 0, 0):
        whole, value = -whole, -value  # as few are taken away as can be
    total = total_of(given, whole.tolist())
    sums = total.values(x)
    known = ~np.isnan(sums)
    share = fit.bend[known] / fit.bend[known].sum() if known.any() else fit.bend[known]
    middle = float(share @ sums[known] - share @ logits[known] / value)
    gone = []
    for column in sorted(numbers):
        missing = np.isnan(x[:, column])
        if missing.any():
            gone.append((column, float(logits[missing].mean())))
    return Score(total, value, middle, tuple(gone))


def total_of(features: Sequence[ScoreColumn], whole: Sequence[int]) -> SumOf:
    """The sum, levels of one column and one weight as one set."""
    weights: list[tuple[int, int]] = []
    sets: dict[tuple[int, int], tuple[int, ...]] = {}
    parts: list[tuple[RuleUnit, int]] = []
    for feature, weight in zip(features, whole, strict=True):
        match feature.unit:
            case None:
                weights.append((feature.column, weight))
            case Among(column, levels):
                sets[column, weight] = (*sets.get((column, weight), ()), *levels)
            case unit:
                parts.append((unit, weight))
    parts += [
        (Among(column, tuple(sorted(levels))), weight) for (column, weight), levels in sets.items()
    ]
    return SumOf(tuple(sorted(weights)), tuple(parts))


def with_scores(bins: Bins, x: Floats, scores: Sequence[Score | None]) -> Bins:
    """The table with a column for each short score that sums several columns."""
    sums = [score.total for score in scores if score is not None]
    sums = [one for one in sums if 1 < len(one.weights) + len(one.parts) <= _FEATURES_OF_TREES]
    return bins.with_sums(x, list(dict.fromkeys(sums)))


def ladders(
    part: BinnedRows, x: Floats, scores: Sequence[Score | None], steps: int
) -> tuple[Bins, list[RuleModel]]:
    """A model for each score, over codes of the table with a column for each one.

    In the place of none stands the one before, at first a single leaf. ``x`` are all rows of the
    table.
    """
    some = x[part.rows]
    rungs = [(score.total, limits_of(score, some, steps)) for score in scores if score is not None]
    bins = part.bins.with_rungs(x, rungs)
    column = part.bins.columns
    models = [RuleModel((), (Leaf(0),))]
    for score in scores:
        may = score is not None and bins.counts[column] > 1
        models.append(_ladder(bins, column, score, part.classes) if score and may else models[-1])
        column += score is not None
    return bins, models[1:]


def limits_of(score: Score, x: Floats, steps: int) -> Floats:
    """At most so many limits between the rows' sums, one where the chances are even."""
    sums = score.total.values(x)
    sums = np.sort(sums[~np.isnan(sums)])
    if len(sums) < 2:
        return np.empty(0)
    tail = min(_TAIL, max(_TAIL_ROWS / len(sums), 0.002))
    reach = (_REACH + _REACH_A_STEP * steps) / abs(score.value)
    low, high = np.quantile(sums, (tail, 1 - tail))
    inside = low < score.middle < high
    if inside:
        low, high = max(low, score.middle - reach), min(high, score.middle + reach)
    if not high > low:
        low, high = float(sums.min()), float(sums.max())
    if not high > low:
        return np.empty(0)
    grid = np.linspace(low, high, _GRID)
    gained = np.append(0.0, np.cumsum(_information(score.value * (sums - score.middle))))
    share = gained[np.searchsorted(sums, grid)] / gained[-1]
    way = (share - share[0]) / max(share[-1] - share[0], 1e-9) + np.arange(_GRID) / (_GRID - 1)
    gap = way[-1] / (steps + 1)
    own = float(np.interp(score.middle, grid, way)) if inside else gap
    places = np.arange(-steps - 1, steps + 2)
    at = own + gap * places
    # the limit of the label is told more exactly than the others
    room = gap * np.where(places == 0, 0.05, 0.2)
    inner = (at > gap / 4) & (at < way[-1] - gap / 4)
    ends = np.interp(np.stack([at - room, at + room], axis=1)[inner], way, grid)
    return np.unique([simplest_number(*pair) for pair in ends.tolist()])


def _information(logits: Floats) -> Floats:
    """What rows of these log odds tell of them, (rows,): those of sure labels tell next to none."""
    chances = 1 / (1 + np.exp(-np.clip(logits, -_SURE, _SURE)))
    return np.asarray(chances * (1 - chances))


def _ladder(bins: Bins, column: int, score: Score, classes: int) -> RuleModel:
    """One tree: a branch for each missing number, then the limits one by one."""
    steps = bins.counts[column] - 1
    rising = score.value > 0
    units: list[RuleUnit] = [Below(column, float(code + 1)) for code in range(steps)]
    tree: Tree = Leaf(steps if rising else 0)
    for code in reversed(range(steps)):
        tree = Split(code, Leaf(code if rising else steps - code), tree)
    between = (bins.highs[column][:-1] + bins.lows[column][1:]) / 2
    for missing, logit in score.gone:
        points = int((score.value * (between - score.middle) < logit).sum())
        units.append(Missing(missing))
        tree = Split(len(units) - 1, Leaf(points), tree)
    return RuleModel(tuple(units), (tree,), tuple(range(1, classes)))
