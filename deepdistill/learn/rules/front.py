"""The front of size against held-out loss, and which model of it to take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...units.rules import Floats
from .rows import RuleFit, RuleRows

_DIGITS = 6  # of a loss in nats that count
_NODE = 0.02  # nats that a node of the decision has to gain on all rows
_LONG, _FURTHER = 50, 0.05  # nodes that are read at once; what each further one has to gain besides
_SAME = 0.3  # nats of a node that changes no label
_CHANCE = 1.5  # nats that a further number of the chances has to gain
_SEARCHED = 6.0  # nats that the best of many thresholds has to gain over a plain score
_ERRORS = 0.1  # standard errors by which rules have to be better than none

EVEN = "ladder"
"""The source of scores whose limits are steps of one kind: none is chosen by itself."""

NESTED = "nested scores"
"""That of one such score a class, each for the rows that those before leave."""

SEVERAL = "scores of classes"
"""That of a sum for each class, the largest of which is the answer."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """A model of a path with its held-out losses (folds,), and how its leaves are shrunk."""

    fit: RuleFit
    losses: Floats
    shrink: float
    key: str


def front(judged: Iterable[HeldOut], rows: RuleRows) -> list[HeldOut]:
    """Those that no smaller one beats, smallest first, with the error of each difference.

    What is beaten is the held-out loss with what the chances take to tell: what was searched for
    among many does not take the place of a plain score for a loss that chance alone makes smaller.
    """
    pool = [
        replace(one, fit=replace(one.fit, loss=round(float(one.losses.mean()), _DIGITS)))
        for one in judged
    ]
    costs = {id(one): round(one.fit.loss + _chances_price(one.fit, rows), _DIGITS) for one in pool}
    pool.sort(key=lambda one: (one.fit.size, costs[id(one)]))
    kept: list[HeldOut] = []
    for one in pool:
        cheaper = not kept or costs[id(one)] < costs[id(kept[-1])]
        if cheaper and (not kept or one.fit.size > kept[-1].fit.size):
            kept.append(one)
    best = kept[-1].losses
    return [replace(one, fit=replace(one.fit, error=_error(one.losses - best))) for one in kept]


def _error(difference: Floats) -> float:
    """The standard error of a mean difference over folds."""
    if len(difference) < 2:
        return 0.0
    return round(float(difference.std(ddof=1) / np.sqrt(len(difference))), _DIGITS)


def chosen(models: Sequence[RuleFit], rows: RuleRows) -> int:
    """The place of the model that takes least to tell.

    What is compared is the held-out loss of all rows with the length of the description: the fewer
    rows, the more each node has to gain. Without any rules it may be worse by a part of the
    standard error, and so may fewer nodes that give each row the same label.
    """
    costs = [
        fit.loss + _chances_price(fit, rows) + _length(fit) / max(1, len(rows.y)) for fit in models
    ]
    least = min(round(cost, _DIGITS) for cost in costs)
    for place, (fit, cost) in enumerate(zip(models, costs, strict=True)):
        room = _ERRORS * fit.error if fit.model.is_constant else 0.0
        if round(cost, _DIGITS) <= least + room:
            return _same(models, place, rows)
    return len(models) - 1


def _same(models: Sequence[RuleFit], place: int, rows: RuleRows) -> int:
    """The place of the smallest model with the labels of that at a place, if it is no worse.

    Sums of classes tell most rows apart as fewer weights do, and have other labels elsewhere.
    """
    taken = models[place]
    if taken.model.scores is not None:
        return place
    labels = taken.model.run(rows.x)
    for k, fit in enumerate(models[:place]):
        room = fit.error + _SAME * (taken.size - fit.size) / max(1, len(rows.y))
        near = round(fit.loss - taken.loss - room, _DIGITS) <= 0
        if near and not fit.model.is_constant and (fit.model.run(rows.x) == labels).all():
            return k
    return place


def _length(fit: RuleFit) -> float:
    """What the decision takes to be told, in nats."""
    scores = fit.model.scores  # of which each sum is read by itself
    sums = 1 if scores is None else sum(1 for one in scores.classes if one.terms)
    return _NODE * fit.size + _FURTHER * max(0, fit.size - _LONG * sums)


def _chances_price(fit: RuleFit, rows: RuleRows) -> float:
    """What the chances take to be told, nats a row: those of sums lie on a curve of two numbers.

    What was searched for among many is better on the rows held out by chance alone; a plain score
    is one of few, and its curve is that of its weights.
    """
    numbers = len(set(fit.probabilities))
    if fit.sums:
        numbers = min(2, numbers)
    if fit.source in (NESTED, SEVERAL):  # a curve for each class but the last
        return _CHANCE * (rows.classes - 1) / max(1, len(rows.y))
    plain = fit.source == EVEN or fit.model.is_constant
    nats = _CHANCE if plain else _CHANCE * numbers * (rows.classes - 1) + _SEARCHED
    return nats / max(1, len(rows.y))
