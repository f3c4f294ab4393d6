"""Networks over the columns of a table: threshold units, trees of their outputs, and a head.

A unit reads one column (``age < 30``), a small weighted sum (``2 * npreg + age >= 44``),
of a set of levels, of a missing value, or a count of other units. Trees choose by units until a
leaf; the head takes the one tree's leaf for the answer, adds up the points of all leaves, or has a
sum of columns and units for each answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from .class_scores import ClassScores, largest
from .row_readings import (
    Among,
    AtLeast,
    Below,
    Floats,
    Missing,
    RuleUnit,
    SeenRows,
    SumBelow,
    Truths,
)

__all__ = [
    "Among",
    "AtLeast",
    "Below",
    "ClassScores",
    "Floats",
    "Leaf",
    "Missing",
    "Places",
    "RuleModel",
    "RuleUnit",
    "Split",
    "SumBelow",
    "Tree",
    "Truths",
    "columns_read",
    "leaf_places",
    "leaves",
    "numbered",
    "renumbered",
    "splits",
    "used_units",
    "with_values",
]

Places: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a tree gives: the place of an answer, or points that are added up."""

    value: int


@dataclass(frozen=True, slots=True)
class Split:
    """One branch where a unit fires, the other one where it does not."""

    unit: int
    fires: Leaf | Split
    rests: Leaf | Split


Tree: TypeAlias = Leaf | Split


@dataclass(frozen=True, slots=True)
class RuleModel:
    """Units, each over columns or over units before it, trees of them, and the head.

    Without ``limits`` there is one tree, and its leaves are places of answers. With them the points
    of all trees are added up: the answer is how many of the limits, which grow, the sum reaches.
    With ``scores`` there is no tree: the answer is the place of the largest of them.
    """

    units: tuple[RuleUnit, ...]
    trees: tuple[Tree, ...]
    limits: tuple[int, ...] = ()
    scores: ClassScores | None = None

    @property
    def is_constant(self) -> bool:
        """Whether nothing is read."""
        return not self.units and self.scores is None

    def fired(self, x: Floats) -> Truths:
        """Which units fire, (rows, units), for rows (rows, columns): numbers and places of levels.

        A missing value is NaN.
        """
        fired = np.zeros((len(x), len(self.units)), dtype=bool, order="F")
        seen = SeenRows(x, fired)
        for k, unit in enumerate(self.units):
            fired[:, k] = unit.values(seen)
        return fired

    def sums(self, x: Floats) -> Places:
        """The leaf's value, or the points of all trees added up, (rows,)."""
        return self.summed(self.fired(x))

    def class_sums(self, x: Floats) -> Floats:
        """The sum of each class, (rows, classes), of a model with scores."""
        assert self.scores is not None
        return self.scores.sums(SeenRows(x, self.fired(x)))

    def summed(self, fired: Truths) -> Places:
        """The leaf's value, or all points, (rows,), from which units fire, (rows, units)."""
        total = np.zeros(len(fired), dtype=np.int64)
        for tree in self.trees:
            total += _value(tree, fired)
        return total

    def run(self, x: Floats) -> Places:
        """The place of the answer for each row, (rows,)."""
        if self.scores is not None:
            return largest(self.class_sums(x))
        sums = self.sums(x)
        return np.searchsorted(self.limits, sums, side="right") if self.limits else sums


def leaves(tree: Tree) -> Iterator[Leaf]:
    """All leaves, those of firing units first."""
    match tree:
        case Leaf():
            yield tree
        case Split(_, fires, rests):
            yield from leaves(fires)
            yield from leaves(rests)
        case _:
            assert_never(tree)


def splits(tree: Tree) -> Iterator[Split]:
    """All splits, the root first."""
    if isinstance(tree, Split):
        yield tree
        yield from splits(tree.fires)
        yield from splits(tree.rests)


def used_units(model: RuleModel) -> list[RuleUnit]:
    """The units that the trees or the scores read, with those that these read."""
    places: dict[int, None] = {}

    def add(place: int) -> None:
        for part in model.units[place].units:
            add(part)
        places[place] = None

    for tree in model.trees:
        for split in splits(tree):
            add(split.unit)
    for place in model.scores.units if model.scores is not None else ():
        add(place)
    return [model.units[place] for place in places]


def columns_read(model: RuleModel) -> list[int]:
    """The columns that a model reads, in their order."""
    own = model.scores.columns if model.scores is not None else ()
    return sorted({*own, *(column for unit in used_units(model) for column in unit.columns)})


def renumbered(model: RuleModel, places: dict[int, int]) -> RuleModel:
    """The same model over other places of its columns; what reads others stays unread."""

    def place(column: int) -> int:
        return places.get(column, 0)

    scores = None if model.scores is None else model.scores.moved(place)
    return replace(model, units=tuple(unit.moved(place) for unit in model.units), scores=scores)


def leaf_places(trees: Sequence[Tree], fired: Truths) -> Places:
    """Which leaf of each tree, in the order of :func:`leaves`, a row reaches: (rows, trees)."""
    return np.stack([_value(numbered(tree), fired) for tree in trees], axis=1)


def numbered(tree: Tree) -> Tree:
    """The tree with its leaves' places as values, in the order of :func:`leaves`."""
    return with_values(tree, count())


def with_values(tree: Tree, values: Iterator[int]) -> Tree:
    """The tree with other values of its leaves, in the order of :func:`leaves`."""
    if isinstance(tree, Leaf):
        return Leaf(next(values))
    fires = with_values(tree.fires, values)
    return Split(tree.unit, fires, with_values(tree.rests, values))


def _value(tree: Tree, fired: Truths) -> Places:
    result = np.empty(len(fired), dtype=np.int64)

    def fill(node: Tree, rows: Places) -> None:
        if isinstance(node, Leaf):
            result[rows] = node.value
            return
        here = fired[rows, node.unit]
        fill(node.fires, rows[here])
        fill(node.rests, rows[~here])

    fill(tree, np.arange(len(fired)))
    return result
