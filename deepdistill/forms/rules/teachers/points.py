"""Trees whose leaves are added up → points: small whole numbers that give the same class.

Which leaves go together is found by walking the trees one after another with what each path leaves
of the columns; of two classes, points are taken that tell all these combinations apart as the model
does in its own arithmetic. Trees that ask the same are one tree. A tree by itself keeps its
branches, those left out that no row reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ....units.rules import Leaf, RuleModel, Tree
from ....units.teachers import NodeArrays, VotingTrees
from .conditions import ConditionUnits, ModelColumn, ModelCondition, PathColumn, condition_of

_MOST_COMBINATIONS = 4096
_MOST_STEPS = 40_000
_MOST_SUMS = 64
_MOST_TREES = 20
_SCALES = (*range(1, 21), 30, 40, 50, 100)
_LARGEST, _MOST_NODES = 1000, 500

Paths = Mapping[int, PathColumn]


def whole_tree(model: VotingTrees, columns: Sequence[ModelColumn], units: ConditionUnits) -> Tree:
    """The first of a model's trees, with the labels that it gives alone."""

    def label(node: int) -> int:
        sums = np.array([model.start]) + np.array([model.trees[0].values[node]])
        return int(model.decided(sums)[0])

    return _Branches(model, columns, units, 0, label).tree(0, _every(columns))


def pointed(model: VotingTrees, columns: Sequence[ModelColumn]) -> RuleModel | None:
    """Points of all trees, and the limit from which on the class is the second of two; or None."""
    if len(model.labels) != 2 or not 1 < len(model.trees) <= 5 * _MOST_TREES:
        return None
    groups = _alike(model.trees)
    if not 1 < len(groups) <= _MOST_TREES:
        return None
    walk = _Combinations(model, columns)
    try:
        cases = list(walk.all())
    except _TooManyLeaves:
        return None
    ends = {pair: k for k, pair in enumerate(sorted({p for leaves, _ in cases for p in leaves}))}
    firsts = [members[0] for members in groups]
    used = np.zeros((len(cases), len(ends)))
    for row, (leaves, _) in enumerate(cases):
        for tree, node in leaves:
            if tree in firsts:
                used[row, ends[tree, node]] = 1
    second = np.array([label == model.labels[1] for _, label in cases])
    if second.all() or not second.any():
        return None
    worth = _worth(model, groups, [*ends])
    points = _smallest(np.unique(used[second], axis=0), np.unique(used[~second], axis=0), worth)
    if points is None:
        return None
    limit = int((used[~second] @ points).max()) + 1
    named = dict(zip(ends, points.astype(np.int64).tolist(), strict=True))
    return _model(model, columns, firsts, named, limit)


def _smallest(
    over: NDArray[np.float64], under: NDArray[np.float64], worth: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Whole numbers of leaves whose sums are all larger in some rows than in others; or None.

    Their sum is as small as an integer program finds it within a fixed amount of work; where it
    finds none, they are what leaves are ``worth``, rounded.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    count = len(worth)
    rows = np.vstack([np.column_stack([over, -np.ones(len(over))]),
                      np.column_stack([-under, np.ones(len(under))])])  # fmt: skip
    least = np.concatenate([np.zeros(len(over)), np.ones(len(under))])
    solution = milp(
        np.append(np.ones(count), 1e-3),
        constraints=LinearConstraint(rows, least, np.inf),
        integrality=np.ones(count + 1),
        bounds=Bounds(0, _LARGEST),
        options={"node_limit": _MOST_NODES},
    )
    tried = [] if solution.x is None else [np.rint(solution.x[:count])]
    tried += [np.rint(worth * scale / worth.max()) for scale in _SCALES if worth.max() > 0]
    return next((one for one in tried if (over @ one).min() > (under @ one).max()), None)


def _every(columns: Sequence[ModelColumn]) -> dict[int, PathColumn]:
    return {k: PathColumn.of(column) for k, column in enumerate(columns)}


def _alike(trees: Sequence[NodeArrays]) -> list[list[int]]:
    """The places of trees that ask the same in the same order, together."""
    groups: dict[object, list[int]] = {}
    for place, one in enumerate(trees):
        key = (one.feature, one.threshold, one.left, one.right, one.missing_left)
        groups.setdefault(key, []).append(place)
    return list(groups.values())


def _worth(
    model: VotingTrees, groups: Sequence[Sequence[int]], ends: Sequence[tuple[int, int]]
) -> NDArray[np.float64]:
    """What each leaf adds to the second class, above the least that its tree adds."""
    worth = np.zeros(len(ends))
    for members in groups:
        here = [k for k, (tree, _) in enumerate(ends) if tree == members[0]]
        for k in here:
            for member in members:
                values = model.trees[member].values[ends[k][1]]
                worth[k] += values[0] if len(values) == 1 else values[1] - values[0]
        worth[here] -= worth[here].min()
    return worth


def _model(
    model: VotingTrees,
    columns: Sequence[ModelColumn],
    firsts: Sequence[int],
    points: Mapping[tuple[int, int], int],
    limit: int,
) -> RuleModel | None:
    units, trees = ConditionUnits(columns), list[Tree]()
    for tree in firsts:

        def value(node: int, tree: int = tree) -> int:
            return points.get((tree, node), 0)

        one = _Branches(model, columns, units, tree, value).tree(0, _every(columns))
        if one != Leaf(0):
            trees.append(one)
    sums = {0}
    for one in trees:
        sums = {total + leaf for total in sums for leaf in _values(one)}
        if len(sums) > _MOST_SUMS:  # each is one line of what the solver tells of probabilities
            return None
    return units.model(trees, (limit,)) if trees else None


def _values(tree: Tree) -> set[int]:
    return {tree.value} if isinstance(tree, Leaf) else _values(tree.fires) | _values(tree.rests)


class _TooManyLeaves(Exception):
    """More combinations of leaves than are looked at."""


class _Combinations:
    """All leaves that some row reaches together, and the class that the model then gives."""

    def __init__(self, model: VotingTrees, columns: Sequence[ModelColumn]) -> None:
        self.model, self.columns = model, columns
        self.steps = self.count = 0
        self.asked: dict[tuple[int, int], ModelCondition] = {}

    def all(self) -> Iterator[tuple[tuple[tuple[int, int], ...], int]]:
        return self._walk(0, 0, (), tuple(self.model.start), _every(self.columns))

    def _walk(
        self,
        tree: int,
        node: int,
        leaves: tuple[tuple[int, int], ...],
        sums: tuple[float, ...],
        known: Paths,
    ) -> Iterator[tuple[tuple[tuple[int, int], ...], int]]:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise _TooManyLeaves
        if tree == len(self.model.trees):
            self.count += 1
            if self.count > _MOST_COMBINATIONS:
                raise _TooManyLeaves
            yield leaves, int(self.model.decided(np.array([sums]))[0])
            return
        arrays = self.model.trees[tree]
        if arrays.left[node] < 0:
            added = tuple(a + b for a, b in zip(sums, arrays.values[node], strict=True))
            yield from self._walk(tree + 1, 0, (*leaves, (tree, node)), added, known)
            return
        if (tree, node) not in self.asked:
            self.asked[tree, node] = condition_of(self.model, self.columns, tree, node)
        condition = self.asked[tree, node]
        sides = known[condition.column].parted(condition)
        for child, side in zip((arrays.left[node], arrays.right[node]), sides, strict=True):
            if side.possible:
                left = {**known, condition.column: side}
                yield from self._walk(tree, child, leaves, sums, left)


class _Branches:
    """One tree of a model, without branches that no row reaches; ``value`` is that of a leaf."""

    def __init__(
        self,
        model: VotingTrees,
        columns: Sequence[ModelColumn],
        units: ConditionUnits,
        place: int,
        value: Callable[[int], int],
    ) -> None:
        self.model, self.columns, self.units = model, columns, units
        self.place, self.value = place, value

    def tree(self, node: int, known: Paths) -> Tree:
        arrays = self.model.trees[self.place]
        if arrays.left[node] < 0:
            return Leaf(self.value(node))
        condition = condition_of(self.model, self.columns, self.place, node)
        fires, rests = known[condition.column].parted(condition)
        sides = [
            self.tree(child, {**known, condition.column: left})
            for child, left in ((arrays.left[node], fires), (arrays.right[node], rests))
            if left.possible
        ]
        return sides[0] if len(sides) == 1 else self.units.split(condition, *sides)
