"""Formulas judged where they are to stand: shorter ones that serve the labels as well are taken."""

from __future__ import annotations

from dataclasses import replace
from math import log

from .certify import in_place
from .distilled import DistilledModule
from .search import OutputSearch

_MOST_OUTPUTS, _MOST_TRIED = 4, 12
_AS_WELL = 1.1  # times the least squared error of all
_ROUNDINGS = 1e-9
_EXPLAINED = 1e-3  # of the variance is left at most
_NOTHING = 1e-20  # relative losses below it are roundings
_STEP = 5  # nodes, about one operation with what it works on


def chosen_in_place(found: DistilledModule) -> DistilledModule:
    """The formulas with which the whole model is as right on fitted batches, the shortest ones.

    The batches that judge in the end have no part in it. Where labels are classes, or no batch was
    fitted as a whole, nothing is changed: a share of right answers tells too little.
    """
    for k in range(min(_MOST_OUTPUTS, len(found.outputs))):
        one = found.outputs[k]
        rows = [row for row in one.front if row.complexity <= one.complexity][-_MOST_TRIED:]
        if len(rows) < 2 or found.source.mixing is not None:
            continue
        errors = []
        for row in rows:
            outputs = list(found.outputs)
            outputs[k] = replace(one, expr=row.expr, complexity=row.complexity)
            tried = DistilledModule(found.source, outputs, found.at_hand)
            accuracy, _, _ = in_place(tried, fitted=True)
            if accuracy is None or accuracy.measure != "R2":
                return found
            errors.append(1 - accuracy.after)
        most = _AS_WELL * min(errors) + _ROUNDINGS
        best = next(row for row, error in zip(rows, errors, strict=True) if error <= most)
        outputs = list(found.outputs)
        outputs[k] = replace(one, expr=best.expr, complexity=best.complexity)
        found = DistilledModule(found.source, outputs, found.at_hand)
    return found


def at_the_knee(one: OutputSearch, variance: float) -> OutputSearch:
    """The formula of the front at which the loss falls most steeply a node, if it is shorter.

    Where nothing is known but the block: what completes a law saves all but the network's error,
    and what is added to it hardly a thing.
    """
    rows = [row for row in one.front if row.complexity <= one.complexity]
    heights = [log(max(row.loss, _NOTHING * variance)) for row in rows]
    best, steepest = None, 0.0
    for k, row in enumerate(rows):
        before = [j for j in range(k) if rows[j].complexity <= row.complexity - _STEP]
        if not before or row.loss > _EXPLAINED * variance:
            continue
        j = before[-1]
        fall = (heights[j] - heights[k]) / (row.complexity - rows[j].complexity)
        if fall > steepest:
            best, steepest = row, fall
    if best is None:
        return one
    return replace(one, expr=best.expr, complexity=best.complexity)
