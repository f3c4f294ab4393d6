"""The conditions that trees ask of columns, as units of rules, and the cells between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ....units.rules import (
    Among,
    AtLeast,
    Below,
    Leaf,
    Missing,
    RuleModel,
    RuleUnit,
    Split,
    SumBelow,
    Tree,
)
from ....units.teachers import VotingTrees

Floats: TypeAlias = NDArray[np.float64]
End: TypeAlias = float | frozenset[int]


@dataclass(frozen=True, slots=True)
class ModelColumn:
    """A column of the rows: how many levels it has (0: numbers), whether values may be missing."""

    levels: int
    optional: bool
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ModelCondition:
    """Fires up to the ``end`` of a column of numbers, or at some levels, and where told: missing.

    An infinite end lets no number pass, or all of them.
    """

    column: int
    end: End
    missing: bool


def condition_of(
    model: VotingTrees, columns: Sequence[ModelColumn], tree: int, node: int
) -> ModelCondition:
    """What a node asks of its row, where rows that fire go left."""
    arrays = model.trees[tree]
    feature, threshold = model.features[arrays.feature[node]], arrays.threshold[node]
    gone = arrays.missing_left[node]
    if feature.fill is not None:
        gone = feature.passes(math.nan, threshold)
    gone = gone and columns[feature.column].optional
    if feature.levels:
        passing = [k for k in range(len(feature.levels)) if feature.passes(float(k), threshold)]
        return ModelCondition(feature.column, frozenset(passing), gone)
    return ModelCondition(feature.column, feature.last(threshold), gone)


@dataclass(frozen=True, slots=True)
class PathColumn:
    """What a path leaves of a column: numbers in (low, high], or levels; whether it is missing."""

    low: float
    high: float
    levels: frozenset[int]
    gone: bool

    @staticmethod
    def of(column: ModelColumn) -> PathColumn:
        return PathColumn(-np.inf, np.inf, frozenset(range(column.levels)), column.optional)

    @property
    def possible(self) -> bool:
        return self.gone or bool(self.levels) or self.low < self.high

    def parted(self, condition: ModelCondition) -> tuple[PathColumn, PathColumn]:
        """What is left where a condition fires, and where it does not."""
        end, gone = condition.end, condition.missing
        fires, rests = (
            replace(self, gone=self.gone and gone),
            replace(self, gone=self.gone and not gone),
        )
        if isinstance(end, frozenset):
            return PathColumn(0.0, 0.0, self.levels & end, fires.gone), PathColumn(
                0.0, 0.0, self.levels - end, rests.gone
            )
        return replace(fires, high=min(self.high, end)), replace(rests, low=max(self.low, end))


@dataclass(slots=True)
class ConditionUnits:
    """Units of conditions, each once."""

    columns: Sequence[ModelColumn]
    units: list[RuleUnit] = field(default_factory=list)

    def place(self, unit: RuleUnit) -> int:
        if unit not in self.units:
            self.units.append(unit)
        return self.units.index(unit)

    def split(self, condition: ModelCondition, fires: Tree, rests: Tree) -> Tree:
        """The choice by a condition; no split where both sides are alike."""
        if fires == rests:
            return fires
        column, end = condition.column, condition.end
        optional = self.columns[column].optional
        if isinstance(end, frozenset):
            every = len(end) == self.columns[column].levels
            there: RuleUnit | bool = (
                every if every or not end else Among(column, tuple(sorted(end)))
            )
        elif math.isinf(end):
            there = end > 0
        else:
            there = Below(column, math.nextafter(end, math.inf))
        if isinstance(there, bool):
            if not optional or there == condition.missing:
                return fires if there else rests
            pair = (rests, fires) if there else (fires, rests)
            return Split(self.place(Missing(column)), *pair)
        if not condition.missing:
            return Split(self.place(there), fires, rests)
        parts = ((self.place(there), True), (self.place(Missing(column)), True))
        return Split(self.place(AtLeast(parts, 1)), fires, rests)

    def chosen(self, unit: RuleUnit, fires: Tree, rests: Tree) -> Tree:
        """The choice by a unit; no split where both sides are alike."""
        return fires if fires == rests else Split(self.place(unit), fires, rests)

    def model(self, trees: Sequence[Tree], limits: tuple[int, ...] = ()) -> RuleModel:
        """The trees with no more units than they read."""
        kept = ConditionUnits(self.columns)

        def taken(place: int) -> int:
            unit = self.units[place]
            match unit:
                case AtLeast(parts, count):
                    unit = AtLeast(tuple((taken(k), wanted) for k, wanted in parts), count)
                case SumBelow(parts=(_, *_) as parts):
                    unit = replace(unit, parts=tuple((taken(k), w) for k, w in parts))
            return kept.place(unit)

        def rebuilt(tree: Tree) -> Tree:
            if isinstance(tree, Leaf):
                return tree
            place = taken(tree.unit)
            return Split(place, rebuilt(tree.fires), rebuilt(tree.rests))

        rebuilt_trees = tuple(map(rebuilt, trees))
        return RuleModel(tuple(kept.units), rebuilt_trees, limits)


@dataclass(frozen=True, slots=True)
class ColumnAtoms:
    """The atoms of one column: intervals up to each of the ``ends`` and above, or its levels.

    Where values may be missing, one more atom stands for that.
    """

    column: int
    ends: tuple[float, ...]
    levels: int
    optional: bool
    low: float
    high: float

    def __len__(self) -> int:
        return (self.levels or len(self.ends) + 1) + self.optional

    def values(self, upper: bool) -> Floats:
        """One value of each atom: its last one, or its first one."""
        if self.levels:
            numbers = [float(k) for k in range(self.levels)]
        elif upper:
            numbers = [
                *self.ends,
                max([self.high, *(math.nextafter(e, math.inf) for e in self.ends)]),
            ]
        else:
            numbers = [min([self.low, *self.ends])]
            numbers += [math.nextafter(end, math.inf) for end in self.ends]
        return np.array([*numbers, *([math.nan] if self.optional else [])])

    def places(self, values: Floats) -> NDArray[np.int64]:
        """The atom of each value (rows,)."""
        gone = np.isnan(values)
        known = np.where(gone, 0, values)
        atoms = known if self.levels else np.searchsorted(self.ends, known, side="left")
        return np.where(gone, len(self) - 1, atoms).astype(np.int64)

    def fires(self, condition: ModelCondition) -> NDArray[np.bool_]:
        """Which atoms a condition fires at."""
        if isinstance(condition.end, frozenset):
            fired = np.array([k in condition.end for k in range(self.levels)])
        else:
            fired = np.array(
                [*(end <= condition.end for end in self.ends), condition.end == math.inf]
            )
        return np.append(fired, condition.missing) if self.optional else fired
