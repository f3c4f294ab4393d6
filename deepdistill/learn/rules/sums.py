"""Sums of trees that are grown together, each split where all of them gain most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...units.rules import Floats, Leaf, RuleModel, RuleUnit, Split, Tree, Truths
from .bins import BinnedRows
from .points import Fitted, logistic, next_condition, targets, whole_points
from .trees import unit_fires

_DEEPEST = 3
_LARGEST = 6  # points


@dataclass(slots=True, eq=False)
class _Grown:
    """A leaf of a growing tree, or a split of it: where its rows are, (rows,)."""

    here: Truths
    depth: int
    unit: RuleUnit | None = None
    children: tuple[_Grown, ...] = ()

    def leaves(self) -> list[_Grown]:
        if not self.children:
            return [self]
        return [leaf for child in self.children for leaf in child.leaves()]


def sums_of_trees(part: BinnedRows, most: int) -> list[RuleModel]:
    """Sums of trees with 2, 3, ... splits in all, their leaves rounded to small integers."""
    target, weights = targets(part), part.weights
    roots: list[_Grown] = []
    models: list[RuleModel] = []
    fit = logistic(np.empty((len(target), 0)), target, weights)
    for _ in range(most):
        place = _best_place(part, fit, roots)
        if place is None:
            break
        node, unit = place
        if node is None:
            node = _Grown(np.ones(len(target), dtype=bool), 0)
            roots.append(node)
        fires = unit_fires(unit, part)
        node.unit = unit
        node.children = tuple(_Grown(node.here & side, node.depth + 1) for side in (fires, ~fires))
        fit = logistic(_features(roots), target, weights)
        # sums of trees of one split each are proposed as points
        if any(leaf.depth > 1 for root in roots for leaf in root.leaves()):
            models.append(_model(roots, whole_points(_features(roots), part, _LARGEST), part))
    return models


def _features(roots: list[_Grown]) -> Floats:
    """Where each leaf but the last of each tree is reached, (rows, leaves)."""
    columns = [leaf.here for root in roots for leaf in root.leaves()[:-1]]
    return np.stack(columns, axis=1).astype(float)


def _best_place(
    part: BinnedRows, fit: Fitted, roots: list[_Grown]
) -> tuple[_Grown | None, RuleUnit] | None:
    """The leaf to split, nothing for a new tree, and the unit that splits it."""
    taken = [root.unit for root in roots if root.unit is not None]
    candidates: list[tuple[tuple[float, RuleUnit] | None, _Grown | None]]
    candidates = [(next_condition(part, fit, taken), None)]
    leaves = [leaf for root in roots for leaf in root.leaves() if leaf.depth < _DEEPEST]
    candidates += [(next_condition(part, fit, [], leaf.here), leaf) for leaf in leaves]
    known = [(*one, leaf) for one, leaf in candidates if one is not None]
    if not known:
        return None
    _, unit, where = max(known, key=lambda item: item[0])
    return where, unit


def _model(roots: list[_Grown], points: np.ndarray, part: BinnedRows) -> RuleModel:
    units: list[RuleUnit] = []
    values = iter(points.tolist())

    def tree(node: _Grown, last: _Grown) -> Tree:
        if node is last:
            return Leaf(0)
        if node.unit is None:
            return Leaf(next(values))
        units.append(node.unit)
        place = len(units) - 1
        fires = tree(node.children[0], last)
        return Split(place, fires, tree(node.children[1], last))

    trees = tuple(tree(root, root.leaves()[-1]) for root in roots)
    return RuleModel(tuple(units), trees, tuple(range(1, part.classes)))
