"""The front of size against held-out loss, and which model of it to take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...units.rules import Floats
from .rows import RuleFit, RuleRows

_DIGITS = 6  # of a loss in nats that count
_NODE = 0.12  # nats that a node of the description costs


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """A model with its held-out loss in each fold, (folds,)."""

    fit: RuleFit
    losses: Floats


def front(judged: Iterable[HeldOut]) -> tuple[RuleFit, ...]:
    """Those that no smaller one beats, smallest first, with the error of each difference."""
    found = [
        HeldOut(replace(one.fit, loss=round(float(one.losses.mean()), _DIGITS)), one.losses)
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
    return tuple(replace(one.fit, error=_error(one.losses - best)) for one in kept)


def _error(difference: Floats) -> float:
    """The standard error of a mean difference over folds."""
    if len(difference) < 2:
        return 0.0
    return round(float(difference.std(ddof=1) / np.sqrt(len(difference))), _DIGITS)


def chosen(models: Sequence[RuleFit], rows: RuleRows) -> int:
    """The place of the simplest model within one standard error of the best one.

    Near ties the shorter description decides: the fewer rows, the more a node has to gain.
    """
    best = models[-1].loss
    near = [k for k, fit in enumerate(models) if fit.loss <= best + fit.error]
    price = _NODE / max(1, len(rows.y))
    return min(near, key=lambda k: (round(models[k].loss + price * models[k].size, 9), k))
