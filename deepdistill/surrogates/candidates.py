"""Formulas judged where they are to stand: shorter ones that serve the labels as well are taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..formula.symbolic.backend import Fit
from ..formula.symbolic.knee import knee
from .certify import in_place
from .formulas import DistilledFormulas
from .search import FrontRow, OutputSearch

_MOST_OUTPUTS, _MOST_TRIED = 4, 12
_AS_WELL = 1.1  # times the least squared error of all
_ROUNDINGS = 1e-9
_NONE = 1e-18  # of what a constant leaves, what is no error


def chosen_in_place(
    searched: Sequence[OutputSearch], placed: Callable[[Sequence[OutputSearch]], DistilledFormulas]
) -> list[OutputSearch]:
    """The formulas with which the whole model is as right on fitted batches, the shortest ones.

    ``placed`` makes of what was searched, outputs or mixes of them, what takes the block's place.
    The batches that judge in the end have no part in it. Where labels are classes, or no batch was
    fitted as a whole, nothing is changed: a share of right answers tells too little.
    """
    chosen = list(searched)
    for k, one in enumerate(searched[:_MOST_OUTPUTS]):
        rows = [row for row in one.front if row.complexity <= one.complexity][-_MOST_TRIED:]
        if len(rows) < 2:
            continue
        errors = []
        for row in rows:
            tried = replace(one, expr=row.expr, complexity=row.complexity, front=(row,))
            accuracy, _, _ = in_place(placed([*chosen[:k], tried, *chosen[k + 1 :]]), fitted=True)
            if accuracy is None or accuracy.measure != "R2":
                return chosen
            errors.append(1 - accuracy.after)
        most = _AS_WELL * min(errors) + _ROUNDINGS
        best = next(row for row, error in zip(rows, errors, strict=True) if error <= most)
        chosen[k] = _taken(one, best)
    return chosen


def _taken(one: OutputSearch, best: FrontRow | Fit) -> OutputSearch:
    """The output by a formula that is enough: what it leaves is the network's own error."""
    known = one.teacher_error
    if known is None and best.loss > _NONE * max(row.loss for row in one.front):
        known = best.loss**0.5
    return replace(one, expr=best.expr, complexity=best.complexity, teacher_error=known)


def as_right(formulas: DistilledFormulas) -> bool:
    """Whether the whole model is known to be as right on fitted batches as with its own block."""
    accuracy, _, _ = in_place(formulas, fitted=True)
    if accuracy is None or accuracy.measure != "R2":
        return False
    return 1 - accuracy.after <= _AS_WELL * (1 - accuracy.before) + _ROUNDINGS


def at_the_knee(one: OutputSearch, variance: float) -> OutputSearch:
    """The formula of the front at which the loss falls most steeply a node, if it is shorter."""
    rows = [row for row in one.front if row.complexity <= one.complexity]
    best = knee([Fit(row.expr, row.loss, row.complexity, "") for row in rows], variance, False)
    return one if best is None else _taken(one, best)
