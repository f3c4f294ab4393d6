"""A sum of columns and units for each class, with integer weights: sparse multinomial scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...ir.rounding import simplest_number
from ...units.class_scores import ClassScore, ClassScores
from ...units.rules import Floats, Leaf, Missing, RuleModel, RuleUnit
from .bins import BinnedRows
from .columns import whole_weights
from .ladder import ScoreColumn, features, total_of
from .multinomial import MultinomialFit, Weighed, constants_of, sparse_fits
from .probabilities import least_chance

RIDGES = (0.3, 3.0)
"""What holds the weights back, in two ways: folds say which one."""

_COUNTS = (2, 3, 4, 5, 6, 8, 10, 12, 15, 19, 24, 30, 38, 48, 60, 76, 96)
_MOST_CLASSES = 20
_ROWS_A_WEIGHT, _WEIGHTS_A_CLASS = 3, 12
_SEARCHED_ROWS = 6000  # by which it is chosen what is added up
_ROOM = 0.04  # nats by which constants may be off
_BIT = 0.15  # nats that a further bit of a weight has to tell
_FEW = 2  # digits of what one of a sum is worth


def class_scores(part: BinnedRows, x: Floats, ridge: float) -> list[RuleModel]:
    """Models of more and more weights over the columns ``x`` of the part (rows, columns).

    None where there are too many classes, or nothing tells them.
    """
    if not 2 < part.classes <= _MOST_CLASSES:
        return []
    given = list(features(part, x))
    if not given:
        return []
    z = np.stack([feature.values for feature in given], axis=1)
    every = Weighed(z, part.y, part.weights, part.classes)
    some = np.arange(0, len(z), 1 + len(z) // _SEARCHED_ROWS)
    few = Weighed(z[some], part.y[some], part.weights[some] * (len(z) / len(some)), part.classes)
    most = max(2, min(len(z) // _ROWS_A_WEIGHT, _WEIGHTS_A_CLASS * part.classes))
    counts = [count for count in _COUNTS if count <= most]
    models = [RuleModel((), (Leaf(0),))]
    for fit in sparse_fits(few, ridge, counts):
        part.check()
        models.append(_model(given, fit, every, x) or models[-1])
    return models[1:]


def _model(
    given: Sequence[ScoreColumn], fit: MultinomialFit, rows: Weighed, x: Floats
) -> RuleModel | None:
    """The fitted weights as integers; nothing where no integers stand for them."""
    spread = np.array([given[j].spread for _, j in fit.pairs])
    pair = whole_weights(fit.weights / spread, fit.bend * np.outer(spread, spread), _BIT)
    if pair is None:
        return None
    whole, value = pair
    worth = float(f"{value:.{_FEW}g}")
    by_class: list[list[tuple[ScoreColumn, int]]] = [[] for _ in range(rows.classes)]
    for (k, j), weight in zip(fit.pairs, whole.tolist(), strict=True):
        by_class[k].append((given[j], weight))
    units: list[RuleUnit] = []
    classes = tuple(_score(own, x, _ROOM / worth, units) for own in by_class)
    least = float(f"{least_chance(float(rows.weights.sum())):.{_FEW}g}")
    model = RuleModel(tuple(units), (), scores=ClassScores(classes, worth, least))
    return _with_constants(model, x, rows)


def _score(
    own: Sequence[tuple[ScoreColumn, int]], x: Floats, room: float, units: list[RuleUnit]
) -> ClassScore:
    """The sum of a class without its constant; where a number is missing its mean stands for it."""
    numbers = {one.column for one, _ in own if one.unit is None}
    gone = {one.column: w for one, w in own if isinstance(one.unit, Missing)}
    kept = [
        pair for pair in own
        if not (isinstance(pair[0].unit, Missing) and pair[0].column in numbers)
    ]  # fmt: skip
    total = total_of([one for one, _ in kept], [weight for _, weight in kept])
    weights = []
    for column, weight in total.weights:
        there = x[:, column][~np.isnan(x[:, column])]
        middle = weight * float(there.mean()) + gone.get(column, 0)
        weights.append((column, weight, simplest_number(middle - room, middle + room)))
    for unit, _ in total.parts:
        if unit not in units:
            units.append(unit)
    points = tuple((units.index(unit), weight) for unit, weight in total.parts)
    return ClassScore(tuple(weights), points, 0.0)


def _with_constants(model: RuleModel, x: Floats, rows: Weighed) -> RuleModel:
    """The likeliest constants beside the sums, in few digits; that of a class with none is 0."""
    scores = model.scores
    assert scores is not None
    sums = model.class_sums(x)
    own = constants_of(scores.worth * sums, rows) / scores.worth
    fewest = min(range(rows.classes), key=lambda k: scores.classes[k].terms)
    own, room = own - own[fewest], _ROOM / scores.worth
    classes = tuple(
        replace(one, constant=simplest_number(at - room, at + room))
        for one, at in zip(scores.classes, own.tolist(), strict=True)
    )
    return replace(model, scores=replace(scores, classes=classes))
