"""Rule lists: each rule a conjunction of up to three conditions on the rows left over so far."""

from __future__ import annotations

import numpy as np

from ...units.rules import Leaf, RuleModel, RuleUnit, Split, Tree
from .bins import BinnedRows, coarser, finer
from .conditions import COARSE, CountedConditions, extended, holds, single

_CONDITIONS = 3
_PRICE = 3.0  # nats that a further condition has to gain


def rule_lists(given: BinnedRows, most: int) -> list[RuleModel]:
    """Lists of 1, 2, ... rules."""
    part, ends = coarser(given, COARSE)
    left = np.arange(len(part.y))
    rules: list[CountedConditions] = []
    models: list[RuleModel] = []
    while len(rules) < most and len(left) > 1:
        rule = _best_rule(part, left)
        if rule is None:
            break
        rules.append(rule)
        held = np.all([holds(one, part)[left] for one in rule.parts], axis=0)
        left = left[~held]
        models.append(finer(_model(rules), given.bins, ends))
    return models


def _best_rule(part: BinnedRows, rows: np.ndarray) -> CountedConditions | None:
    alone = single(part, rows, False)
    if not alone or alone[0].gain <= _PRICE:
        return None
    best = rule = alone[0]
    for size in range(2, _CONDITIONS + 1):
        more = extended(rule, size, part, rows)
        if more is None:
            break
        rule = more
        if rule.gain > best.gain + _PRICE * (len(rule.parts) - len(best.parts)):
            best = rule
    return best


def _model(rules: list[CountedConditions]) -> RuleModel:
    units: list[RuleUnit] = []
    for rule in rules:
        units += rule.units(len(units))
    end = len(units)
    tree: Tree = Leaf(0)
    for rule in reversed(rules):
        place = end - 1
        one = len(rule.parts) == 1
        end -= 1 if one else len(rule.parts) + 1
        if one and not rule.parts[0].fires:
            tree = Split(place, tree, Leaf(0))
        else:
            tree = Split(place, Leaf(0), tree)
    return RuleModel(tuple(units), (tree,))
