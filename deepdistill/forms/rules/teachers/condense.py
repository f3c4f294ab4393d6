"""Trees and forests → one tree with few leaves, exactly: the same label in every cell.

The thresholds of all trees cut the columns into atoms, and the rows into cells in which a model
gives one label. Where the cells are few each is asked for, and a tree is grown by the conditions of
the model until every leaf has cells of one label. Of a single tree its own branches are taken,
those left out that no row reaches and those made one that give the same; what is shorter is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ....units.rules import Leaf, RuleModel, Tree, leaves
from ....units.teachers import VotingTrees
from .conditions import (
    ColumnAtoms,
    ConditionUnits,
    End,
    Floats,
    ModelColumn,
    ModelCondition,
    condition_of,
)
from .points import pointed, whole_tree
from .reading import NotExact

Labels: TypeAlias = NDArray[np.int64]
Ask: TypeAlias = Callable[[Floats], Labels]

MOST_CELLS = 20_000
MOST_LEAVES = 64
_UNIFORM = (1.0, 0.5, 0.1)  # of the weight of cells, the rest is the rows'


def condensed(
    model: VotingTrees, columns: Sequence[ModelColumn], x: Floats, ask: Ask
) -> list[RuleModel]:
    """Rules over the columns that give a model's class for every row, in one way or in two.

    One is a tree whose leaves are labels of the model, the other one adds up points and counts the
    limits that they reach: its answers are the places of two classes. ``x`` are rows (rows,
    columns) that say which cells matter; ``ask`` is the model itself, which has to agree with its
    arrays wherever it is asked. Raises :class:`NotExact`.
    """
    conditions = _conditions(model, columns)
    atoms = [_atoms(column, columns[column], some) for column, some in conditions.items()]
    cells = prod(map(len, atoms))
    units = ConditionUnits(columns)
    trees: list[Tree] = []
    _agree(model, ask, _beside(atoms, x))
    if len(model.trees) == 1:
        trees.append(whole_tree(model, columns, units))
    if cells <= MOST_CELLS:
        labels = _labels(model, atoms, x, ask)
        density = _density(atoms, x, labels.shape)
        for share in _UNIFORM:
            weights = share / cells + (1 - share) * density
            grown = _Growth(labels, weights, atoms, conditions, units)
            try:
                trees.append(grown.tree([np.arange(len(one)) for one in atoms]))
            except _TooMany:
                continue
    models = []
    if trees and _size(best := min(trees, key=_size)) <= MOST_LEAVES:
        models.append(units.model([best]))
    if (points := pointed(model, columns)) is not None:
        models.append(points)
    if not models and cells > MOST_CELLS and len(model.trees) > 1:
        raise NotExact(
            f"its thresholds cut the columns into {cells:,} cells, more than {MOST_CELLS:,}, and "
            "few points do not add up to it"
        )
    if not models:
        raise NotExact(f"one tree for all of it has more than {MOST_LEAVES} leaves")
    return models


def _size(tree: Tree) -> int:
    return sum(1 for _ in leaves(tree))


def _conditions(
    model: VotingTrees, columns: Sequence[ModelColumn]
) -> dict[int, list[ModelCondition]]:
    """What the trees ask of each column, in the order of the ends."""
    conditions: dict[int, dict[ModelCondition, None]] = {}
    for place, arrays in enumerate(model.trees):
        for node, left in enumerate(arrays.left):
            if left >= 0:
                one = condition_of(model, columns, place, node)
                conditions.setdefault(one.column, {})[one] = None
    for column, some in conditions.items():
        if columns[column].optional:
            for one in [*some]:  # with the missing ones on the other side, and these alone
                some[replace(one, missing=not one.missing)] = None
            nothing: End = frozenset() if columns[column].levels else -np.inf
            some[ModelCondition(column, nothing, True)] = None
    return {column: sorted(conditions[column], key=_order) for column in sorted(conditions)}


def _order(one: ModelCondition) -> tuple[float, tuple[int, ...], bool]:
    if isinstance(one.end, frozenset):
        return 0.0, tuple(sorted(one.end)), one.missing
    return one.end, (), one.missing


def _atoms(column: int, known: ModelColumn, conditions: Sequence[ModelCondition]) -> ColumnAtoms:
    ends = {one.end for one in conditions if isinstance(one.end, float) and np.isfinite(one.end)}
    return ColumnAtoms(
        column, tuple(sorted(ends)), known.levels, known.optional, known.low, known.high
    )


def _rows(atoms: Sequence[ColumnAtoms], x: Floats, upper: bool) -> Floats:
    """A row for each cell, (cells, columns)."""
    cells = np.array(list(product(*(one.values(upper) for one in atoms))))
    rows = np.tile(x[0], (len(cells), 1))
    rows[:, [one.column for one in atoms]] = cells
    return rows


def _labels(model: VotingTrees, atoms: Sequence[ColumnAtoms], x: Floats, ask: Ask) -> Labels:
    """The label of each cell: at both of its ends the model says what its arrays say."""
    rows = _rows(atoms, x, True)
    labels = _agree(model, ask, rows)
    if not np.array_equal(labels, _agree(model, ask, _rows(atoms, x, False))):
        raise NotExact("its answers are not those of its arrays between two thresholds")
    return labels.reshape([len(one) for one in atoms])


def _agree(model: VotingTrees, ask: Ask, rows: Floats) -> Labels:
    labels = model.run(rows)
    if not np.array_equal(labels, ask(rows)):
        raise NotExact("its answers are not those of its arrays")
    return labels


def _beside(atoms: Sequence[ColumnAtoms], x: Floats) -> Floats:
    """Rows with one column at each of its ends, and just above it."""
    parts = [x]
    for one in atoms:
        for upper in (True, False):
            values = one.values(upper)
            some = np.repeat(x[:20], len(values), axis=0)
            some[:, one.column] = np.tile(values, len(x[:20]))
            parts.append(some)
    return np.concatenate(parts)


def _density(atoms: Sequence[ColumnAtoms], x: Floats, shape: tuple[int, ...]) -> Floats:
    """The share of the rows in each cell."""
    density = np.zeros(shape)
    np.add.at(density, tuple(one.places(x[:, one.column]) for one in atoms), 1 / len(x))
    return density


class _TooMany(Exception):
    """A tree with more leaves than are wanted."""


class _Growth:
    """A tree over cells, grown by the condition that tells their labels apart best."""

    def __init__(
        self,
        labels: Labels,
        weights: Floats,
        atoms: Sequence[ColumnAtoms],
        conditions: Mapping[int, Sequence[ModelCondition]],
        units: ConditionUnits,
    ) -> None:
        self.labels, self.weights, self.units = labels, weights, units
        self.kinds = np.unique(labels).tolist()
        self.asked = [[(one, atom.fires(one)) for one in conditions[atom.column]] for atom in atoms]
        self.count = 0

    def tree(self, region: list[Labels]) -> Tree:
        labels = self.labels[np.ix_(*region)] if region else self.labels
        first = int(labels.flat[0])
        if (labels == first).all():
            self.count += 1
            if self.count > 2 * MOST_LEAVES:
                raise _TooMany
            return Leaf(first)
        weights = self.weights[np.ix_(*region)]
        best: tuple[float, int, ModelCondition, NDArray[np.bool_]] | None = None
        for axis, conditions in enumerate(self.asked):
            others = tuple(k for k in range(len(region)) if k != axis)
            totals = np.stack(
                [np.where(labels == kind, weights, 0).sum(axis=others) for kind in self.kinds]
            )
            for condition, mask in conditions:
                here = mask[region[axis]]
                if here.all() or not here.any():
                    continue
                mixed = round(
                    _entropy(totals[:, here].sum(axis=1)) + _entropy(totals[:, ~here].sum(axis=1)),
                    12,
                )
                if best is None or mixed < best[0]:
                    best = (mixed, axis, condition, here)
        assert best is not None, "cells of different labels differ in some condition"
        _, axis, condition, here = best
        sides = []
        for chosen in (here, ~here):
            inside = list(region)
            inside[axis] = region[axis][chosen]
            sides.append(self.tree(inside))
        return self.units.split(condition, *sides)


def _entropy(weights: Floats) -> float:
    """How mixed weights of labels are, times their sum."""
    total = weights.sum()
    some = weights[weights > 0]
    return float(-(some * np.log(some / total)).sum()) if total > 0 else 0.0
