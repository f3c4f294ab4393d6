"""The front of size against held-out loss, and which model of it to take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...units.rules import Floats
from .rows import RuleFit, RuleRows

_DIGITS = 6  # of a loss in nats that count
_NODE = 0.12  # nats that a node of the description has to gain on all rows
_ERRORS = 0.7  # standard errors that a simpler model may be worse
_ERRORS_OF_OTHERS = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """A model of a path with its held-out losses (folds,), and how its leaves are shrunk."""

    fit: RuleFit
    losses: Floats
    shrink: float
    key: str


def front(judged: Iterable[HeldOut]) -> list[HeldOut]:
    """Those that no smaller one beats, smallest first, with the error of each difference."""
    found = [
        replace(one, fit=replace(one.fit, loss=round(float(one.losses.mean()), _DIGITS)))
        for one in judged
    ]
    found.sort(key=lambda one: (one.fit.size, one.fit.loss))
    kept: list[HeldOut] = []
    for one in found:
        if not kept or one.fit.loss < kept[-1].fit.loss:
            if kept and one.fit.size == kept[-1].fit.size:
                kept.pop()
            kept.append(one)
    best = kept[-1].losses
    return [replace(one, fit=replace(one.fit, error=_error(one.losses - best))) for one in kept]


def _error(difference: Floats) -> float:
    """The standard error of a mean difference over folds."""
    if len(difference) < 2:
        return 0.0
    return round(float(difference.std(ddof=1) / np.sqrt(len(difference))), _DIGITS)


def chosen(models: Sequence[RuleFit], rows: RuleRows) -> int:
    """The place of the simplest model within one standard error of the best one.

    A shorter description may cost more: the fewer rows, the more each node has to gain. Points are
    harder to read than a tree or a list, and have to be nearer to the best; so has a constant.
    """
    best = models[-1]
    price = _NODE / max(1, len(rows.y))
    for place, fit in enumerate(models):
        room = (
            _ERRORS if fit.model.units and not fit.model.limits else _ERRORS_OF_OTHERS
        ) * fit.error + price * (best.size - fit.size)
        if fit.loss <= best.loss + room:
            return place
    return len(models) - 1
