"""Whether a rule model moves with a column only as demanded: decided by its leaves' boxes."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from ...units.rules import (
    Among,
    AtLeast,
    Below,
    Floats,
    Leaf,
    Missing,
    RuleModel,
    RuleUnit,
    SumBelow,
    Tree,
)
from .rows import RuleRows

_SLIGHT = 1e-9


def is_monotone(model: RuleModel, rows: Floats, table: RuleRows) -> bool:
    """Whether raising one column that is bound never moves the answer the wrong way.

    ``rows`` are the class probabilities of each leaf, or of each sum of points. True only where it
    holds for all values of the columns; a unit that cannot be decided on counts as a breach.
    """
    for column, sign in enumerate(table.monotone):
        if sign and not all(_moves(model, tree, rows, column, sign) for tree in model.trees):
            return False
    return True


def _moves(model: RuleModel, tree: Tree, rows: Floats, column: int, sign: int) -> bool:
    boxes = list(_boxes(model, tree, _Box({}, {})))
    if any(box is None for box, _ in boxes) and _reads(model, column):
        return False
    if model.limits:
        values = np.array([float(leaf.value) for _, leaf in boxes])[:, None]
        answers = values[:, 0]
    else:
        # both the answer and the chance of each class or a later one
        values = np.cumsum(rows[:, ::-1], axis=1)[:, ::-1][:, 1:]
        answers = np.array([float(leaf.value) for _, leaf in boxes])
    for a, (low, _) in enumerate(boxes):
        for b, (high, _) in enumerate(boxes):
            if low is None or high is None or not low.meets_below(high, column):
                continue
            if ((values[b] - values[a]) * sign < -_SLIGHT).any():
                return False
            if (answers[b] - answers[a]) * sign < 0:
                return False
    return True


def _reads(model: RuleModel, column: int) -> bool:
    return any(column in unit.columns for unit in model.units)


@dataclass(frozen=True, slots=True)
class _Box:
    """What a leaf demands: ranges [low, high) of numbers, and levels that stay; others are free."""

    ranges: dict[int, tuple[float, float]]
    levels: dict[int, tuple[frozenset[int], bool]]  # these, or all but these

    def meets_below(self, other: _Box, column: int) -> bool:
        """Whether a row here can come there by raising the column alone."""
        mine = self.ranges.get(column, (-inf, inf))
        theirs = other.ranges.get(column, (-inf, inf))
        if mine == theirs or not theirs[1] > mine[0]:
            return False
        for read in self.ranges.keys() & other.ranges.keys() - {column}:
            (a, b), (c, d) = self.ranges[read], other.ranges[read]
            if max(a, c) >= min(b, d):
                return False
        for read in self.levels.keys() & other.levels.keys():
            (these, here), (those, there) = self.levels[read], other.levels[read]
            if here and there and not these & those:
                return False
            if here != there and (these <= those if here else those <= these):
                return False
        return True


def _boxes(model: RuleModel, tree: Tree, box: _Box | None) -> list[tuple[_Box | None, Leaf]]:
    if isinstance(tree, Leaf):
        return [(box, tree)]
    fires = _cut(box, model.units[tree.unit], True)
    rests = _cut(box, model.units[tree.unit], False)
    return [*_boxes(model, tree.fires, fires), *_boxes(model, tree.rests, rests)]


def _cut(box: _Box | None, unit: RuleUnit, fires: bool) -> _Box | None:
    """The box where a unit fires or rests; nothing where it is no box."""
    if box is None:
        return None
    match unit:
        case Below(column, limit):
            low, high = box.ranges.get(column, (-inf, inf))
            cut = (low, min(high, limit)) if fires else (max(low, limit), high)
            return _Box({**box.ranges, column: cut}, box.levels)
        case Among(column, levels):
            here, inside = box.levels.get(column, (frozenset(), False))
            new = frozenset(levels)
            if fires:
                kept = (here & new if inside else new - here), True
            else:
                kept = (here - new, True) if inside else (here | new, False)
            return _Box(box.ranges, {**box.levels, column: kept})
        case Missing():
            return box  # whether a value is missing is no matter of raising it
        case SumBelow() | AtLeast():
            return None
