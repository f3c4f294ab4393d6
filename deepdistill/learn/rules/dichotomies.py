"""Nested dichotomies: one class after another is told from those that are left, each by a score.

A score is cut at limits as one alone is: its class has the steps beyond the even one to itself, and
the last two classes share all steps of theirs (Frank and Kramer 2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...units.rules import (
    Below,
    Floats,
    Leaf,
    Missing,
    Places,
    RuleModel,
    RuleUnit,
    Split,
    Tree,
    Truths,
)
from .bins import BinnedRows, Bins
from .gains import information, weighed
from .ladder import (
    MOST_CLASSES,
    Score,
    ScoreColumn,
    feature_counts,
    features,
    likeliest,
    limits_of,
)
from .points import lost_nats
from .probabilities import curves

_GLANCED, _GLANCED_ROWS = 3, 4000  # features and rows by which it is chosen which class is next
_FEWEST = 5  # rows in which a class is the likelier one
_STEPS = 10
_PRICES = (24.0, 12.0, 6.0, 3.0, 1.5, 0.7)  # nats that each feature of a score has to gain
_USUAL_PRICE = 6.0


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A class that is told from others: the rows of both, (rows of the part,), and its scores.

    There is a score for each price of a feature.
    """

    here: Truths
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """A score of so many features, and the log loss that it leaves, in nats."""

    left: float
    count: int
    score: Score

    def cost(self, price: float) -> float:
        return round(self.left + price * self.count, 6)


def dichotomies(part: BinnedRows, x: Floats) -> tuple[Bins, list[RuleModel]]:
    """Models of more and more features, over codes with a column for each score.

    ``x`` are all rows of the table (rows, columns). No model where there are too many classes, or
    one has no score.
    """
    own = x[part.rows]
    stages = _stages(part, own)
    if not stages:
        return part.bins, []
    rungs = [
        (stage.scores[level].total, limits_of(stage.scores[level], own[stage.here], _STEPS))
        for level in range(len(_PRICES))
        for stage in stages
    ]
    bins = part.bins.with_rungs(x, rungs)
    models = [RuleModel((), (Leaf(0),))]
    for level in range(len(_PRICES)):
        first = part.bins.columns + level * len(stages)
        columns = range(first, first + len(stages))
        if all(bins.counts[column] > 1 for column in columns):
            scores = [stage.scores[level] for stage in stages]
            models.append(Nested(bins, scores, columns).model())
        else:
            models.append(models[-1])
    return bins, models[1:]


def _stages(part: BinnedRows, x: Floats) -> list[Stage]:
    """The classes in the order in which they are told; all that are left share the last stage.

    Those that are nowhere likelier than all others are not told from them.
    """
    classes = np.unique(part.y).tolist()
    if not 2 < part.classes <= MOST_CLASSES:
        return []
    here = np.ones(len(part.y), dtype=bool)
    stages: list[Stage] = []
    while len(classes) > 1:
        some, rows = _taken(part, np.flatnonzero(here)), x[here]
        place, tells = _next(some, rows, classes if len(classes) > 2 else classes[:1])
        judged = _judged(some, list(features(some, rows)), rows, place, feature_counts(some))
        if not judged:
            break
        scores = [min(judged, key=lambda one: one.cost(price)).score for price in _PRICES]
        stages.append(Stage(here, tuple(scores)))
        if not tells:
            break
        classes.remove(place)
        here = here & (part.y != place)
    return stages


def _next(part: BinnedRows, x: Floats, classes: Sequence[int]) -> tuple[int, bool]:
    """The class that few features tell best, and whether it is the likelier one anywhere."""
    glanced = np.arange(0, len(x), 1 + len(x) // _GLANCED_ROWS)
    part, x = _taken(part, glanced), x[glanced]
    own = list(features(part, x))
    costs = []
    for place in classes:
        judged = _judged(part, own, x, place, range(1, _GLANCED + 1))
        best = min(judged, key=lambda one: one.cost(_USUAL_PRICE), default=None)
        if best is not None:
            costs.append((not _tells(best.score, x), best.cost(_USUAL_PRICE), place))
    return (min(costs)[2], not min(costs)[0]) if costs else (classes[0], False)


def _tells(score: Score, x: Floats) -> bool:
    """Whether a class is the likelier one in some rows (rows, columns)."""
    beyond = (score.total.values(x) - score.middle) * np.sign(score.value) > 0
    return int(beyond.sum()) >= _FEWEST


def _taken(part: BinnedRows, some: Places) -> BinnedRows:
    return replace(
        part,
        rows=part.rows[some],
        codes=part.codes[some],
        x=part.x[some],
        y=part.y[some],
        weights=part.weights[some],
    )


def _judged(
    part: BinnedRows, own: list[ScoreColumn], x: Floats, place: int, counts: Sequence[int]
) -> list[_Judged]:
    """The scores that tell a class, judged by what they leave with a ridge and without one.

    A ridge alone takes many features where one tells all, and none of it takes any.
    """
    target = (part.y == place).astype(float)
    judged = []
    made = likeliest(own, x, target, part.weights, counts)
    for count, (score, loss) in zip(counts, made, strict=False):
        part.check()
        if score is not None:
            left = (loss + _left(score, x, target, part.weights)) / 2
            judged.append(_Judged(left, count, score))
    return judged


def _left(score: Score, x: Floats, target: Floats, weights: Floats) -> float:
    """The log loss of a logistic curve along a score, in nats; rows without it have one share."""
    sums = score.total.values(x) * np.sign(score.value)
    hit, gone = weights * target, np.isnan(sums)
    alone = np.array([hit[gone].sum(), (weights - hit)[gone].sum()])
    loss = -float(information(alone))
    values, where = np.unique(sums[~gone], return_inverse=True)
    if len(values):
        weight = weighed(where, weights[~gone], len(values))
        hits = weighed(where, hit[~gone], len(values))
        p = np.clip(curves(values, weight[None], hits[None])[0], 1e-9, 1 - 1e-9)
        loss += lost_nats(p[where], target[~gone], weights[~gone])
    return loss


class Nested:
    """One tree of scores: the steps of each on the side of its class, the next ones on the other.

    All leaves have one value: their rows say what they answer.
    """

    def __init__(self, bins: Bins, scores: Sequence[Score], columns: Sequence[int]) -> None:
        self.bins, self.scores, self.columns = bins, scores, columns
        self.units: dict[RuleUnit, int] = {}

    def model(self) -> RuleModel:
        tree = self.told(0)
        return RuleModel(tuple(self.units), (tree,))

    def told(self, k: int) -> Tree:
        score, column = self.scores[k], self.columns[k]
        count = self.bins.counts[column]
        even = self.even(k)
        if k == len(self.scores) - 1:
            tree = self.steps(column, 0, count)
        elif even is None:
            return self.told(k + 1)
        else:
            below, rest = self.unit(Below(column, float(even))), self.told(k + 1)
            sides = (rest, self.steps(column, even, count))
            if score.value < 0:
                sides = (self.steps(column, 0, even), rest)
            tree = Split(below, *sides)
        for missing, _ in score.gone:
            tree = Split(self.unit(Missing(missing)), Leaf(0), tree)
        return tree

    def even(self, k: int) -> int | None:
        """The code of the limit where a class is as likely as all others; None for none."""
        column, middle = self.columns[k], self.scores[k].middle
        lows, highs = self.bins.lows[column], self.bins.highs[column]
        if not highs[0] < middle <= lows[-1]:
            return None
        return 1 + int(np.argmin(np.abs((highs[:-1] + lows[1:]) / 2 - middle)))

    def steps(self, column: int, first: int, end: int) -> Tree:
        """A leaf for each code from the first to before the end."""
        tree: Tree = Leaf(0)
        for code in reversed(range(first + 1, end)):
            tree = Split(self.unit(Below(column, float(code))), Leaf(0), tree)
        return tree

    def unit(self, unit: RuleUnit) -> int:
        return self.units.setdefault(unit, len(self.units))
