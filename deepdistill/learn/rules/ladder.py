"""A logistic score in steps: an integer sum of numbers at even limits, and points for levels.

Each limit that the sum reaches gives one point; levels and missing values give as many as they are
worth beside it.
"""

from __future__ import annotations

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
from .columns import whole_weights
from .points import Fitted, logistic, targets

MOST_FEATURES = 7
_LEAST_GAIN = 0.7  # nats
_REACH = (0.03, 0.97)  # the quantiles between which the limits stand
_UNSURE = 3.0  # how far from even the logits are that limits tell apart
_LARGEST = 9  # points of a level
_MOST_CLASSES = 8  # that are told from the others by scores of their own
_FEATURES_OF_CLASS = 3


@dataclass(frozen=True, slots=True, eq=False)
class ScoreColumn:
    """A column of numbers, standardized, or a unit that fires; (rows,)."""

    values: Floats
    column: int
    spread: float
    unit: RuleUnit | None


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """A sum of columns with integer weights, what one of it adds to the logit, units, theirs."""

    weights: SumOf
    value: float
    middle: float  # of the sum, where the chance is one half
    units: tuple[RuleUnit, ...]
    logits: tuple[float, ...]


def scores(part: BinnedRows, x: Floats) -> list[Score]:
    """The likeliest scores of 1, 2, ... features of the table ``x`` (rows, columns)."""
    return _scores(_features(part, x), x, targets(part), part.weights, MOST_FEATURES)


def scores_of_classes(part: BinnedRows, x: Floats) -> list[Score]:
    """For each class the likeliest scores that tell it from all others."""
    features = [feature for feature in _features(part, x) if feature.unit is None]
    found: list[Score] = []
    for k in range(min(part.classes, _MOST_CLASSES)):
        target = (part.y == k).astype(float)
        if 0 < target.sum() < len(target):
            found += _scores(features, x, target, part.weights, _FEATURES_OF_CLASS)[1:]
    return found


def _scores(
    features: list[ScoreColumn], x: Floats, target: Floats, weights: Floats, most: int
) -> list[Score]:
    if not features:
        return []
    z = np.stack([feature.values for feature in features], axis=1)
    chosen: list[int] = []
    found: list[Score] = []
    fit = logistic(np.empty((len(z), 0)), target, weights, 1.0)
    while len(chosen) < min(most, len(features)):
        slope = fit.slope @ z
        middle = (fit.bend @ z) / fit.bend.sum()
        bend = fit.bend @ z**2 - middle**2 * fit.bend.sum()
        gains = np.round(slope**2 / (2 * bend + 2.0), 6)
        gains[chosen] = -1
        best = int(np.argmax(gains))
        if gains[best] < _LEAST_GAIN:
            break
        chosen.append(best)
        fit = logistic(z[:, chosen], target, weights, 1.0)
        made = _score([features[k] for k in chosen], fit, x)
        if made is not None:
            found.append(made)
    return found


def _features(part: BinnedRows, x: Floats) -> list[ScoreColumn]:
    bins = part.bins
    found: list[ScoreColumn] = []
    for j in range(bins.own):
        missing = part.codes[:, j] == bins.counts[j] + 1
        if bins.named[j]:
            often = np.bincount(part.codes[:, j], minlength=bins.width)[: bins.counts[j]]
            for code in np.flatnonzero(often >= 5).tolist():
                here = (part.codes[:, j] == code).astype(float)
                found.append(ScoreColumn(here, j, 1.0, Among(j, (code,))))
        elif bins.counts[j] > 1:
            known = x[~missing, j]
            if not len(known) or not float(known.std()) > 0:
                continue
            spread = float(known.std())
            values = np.where(missing, 0.0, (x[:, j] - float(known.mean())) / spread)
            found.append(ScoreColumn(values, j, spread, None))
        if missing.sum() >= 5:
            found.append(ScoreColumn(missing.astype(float), j, 1.0, Missing(j)))
    return found


def _score(features: list[ScoreColumn], fit: Fitted, x: Floats) -> Score | None:
    """The fitted weights as integers for numbers, and logits for units."""
    numbers = [k for k, feature in enumerate(features) if feature.unit is None]
    others = [k for k, feature in enumerate(features) if feature.unit is not None]
    pairs: SumOf = ()
    value = middle = 0.0
    real = fit.weights[1:]
    # rows count as much as their answer is unsure
    unsure = fit.bend / fit.bend.sum()
    logit = fit.weights[0] + np.stack([feature.values for feature in features], axis=1) @ real
    if numbers:
        z = np.stack([features[k].values for k in numbers], axis=1)
        spread = np.array([features[k].spread for k in numbers])
        raw = real[numbers] / spread
        whole = whole_weights(raw, z * spread, unsure)
        if whole is None:
            return None
        kept = sorted(
            (features[k].column, int(w)) for k, w in zip(numbers, whole, strict=True) if w
        )
        pairs = tuple(kept)
        if len(pairs) == 1:
            pairs, whole = ((pairs[0][0], 1),), np.where(whole != 0, 1, 0)
        # what one of the integer sum is worth: the least squares to the fitted sum
        fitted, sums = (z * spread) @ raw, (z * spread) @ whole
        sums = sums - unsure @ sums
        value = float((unsure * fitted) @ sums) / float((unsure * sums) @ sums)
        total = np.sum([weight * x[:, column] for column, weight in pairs], axis=0)
        known = ~np.isnan(total)
        if value == 0.0 or not known.any():
            return None
        share = unsure[known] / unsure[known].sum()
        middle = float(share @ total[known] - share @ logit[known] / value)
    units = tuple(features[k].unit for k in others)
    return Score(
        pairs,
        value,
        middle,
        tuple(u for u in units if u is not None),
        tuple(float(real[k]) for k in others),
    )


def with_scores(bins: Bins, x: Floats, found: list[Score]) -> Bins:
    """The table with a column for each score that sums several columns, the sums of all rows."""
    sums = [score.weights for score in found if len(score.weights) > 1]
    return bins.with_sums(x, list(dict.fromkeys(sums)))


def ladder(part: BinnedRows, score: Score, steps: int) -> RuleModel:
    """A score with its sum cut in even steps, and points for its units."""
    units: list[RuleUnit] = []
    trees: list[Tree] = []
    step = max((abs(logit) for logit in score.logits), default=1.0) / 3
    if score.weights:
        column = _column_of(part.bins, score.weights)
        sign = 1 if score.value > 0 else -1
        worth = abs(score.value)
        codes = part.codes[:, column]
        known = codes[codes < part.bins.counts[column]]
        lows, highs = part.bins.lows[column], part.bins.highs[column]
        low, high = np.quantile((lows[known] + highs[known]) / 2, _REACH)
        reach = _UNSURE / abs(score.value)
        low, high = max(low, score.middle - reach), min(high, score.middle + reach)
        if not high > low:
            return RuleModel((), (), (1,))
        limits, gap = np.linspace(low, high, steps + 2, retstep=True)
        step = worth * float(gap)
        for exact in limits[1:-1].tolist():
            limit = simplest_number(exact - gap / 5, exact + gap / 5)
            code = int((highs < limit).sum())
            unit = Below(column, float(code))
            if 0 < code < part.bins.counts[column] and unit not in units:
                units.append(unit)
                fires, rests = (0, 1) if sign > 0 else (1, 0)
                trees.append(Split(len(units) - 1, Leaf(fires), Leaf(rests)))
    for level, points in _worth(score, step):
        units.append(level)
        trees.append(Split(len(units) - 1, Leaf(max(points, 0)), Leaf(max(-points, 0))))
    return RuleModel(tuple(units), tuple(trees), tuple(range(1, part.classes)))


def _worth(score: Score, step: float) -> list[tuple[RuleUnit, int]]:
    """The units with the points that they are worth; levels of one worth are one set."""
    found: list[tuple[RuleUnit, int]] = []
    sets: dict[tuple[int, int], tuple[int, ...]] = {}
    for unit, logit in zip(score.units, score.logits, strict=True):
        points = int(np.clip(np.rint(logit / step), -_LARGEST, _LARGEST)) if step > 0 else 0
        if points and isinstance(unit, Among):
            key = unit.column, points
            sets[key] = (*sets.get(key, ()), *unit.levels)
        elif points:
            found.append((unit, points))
    found += [
        (Among(column, tuple(sorted(levels))), points) for (column, points), levels in sets.items()
    ]
    return found


def _column_of(bins: Bins, weights: SumOf) -> int:
    if len(weights) == 1:
        return weights[0][0]
    return bins.own + bins.sums.index(weights)


def ladders(part: BinnedRows, found: list[Score], steps: int) -> list[RuleModel]:
    """A model for each score that has points."""
    models = [ladder(part, score, steps) for score in found]
    return [model for model in models if model.trees]
