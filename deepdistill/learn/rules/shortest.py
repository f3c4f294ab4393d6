"""The same labels told more briefly: the smallest trees over a model's own conditions, and counts.

All that its conditions can show together is listed, and the search over it is exact.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from itertools import product
from math import prod

import numpy as np

from ...units.rules import (
    Among,
    AtLeast,
    Below,
    Leaf,
    Missing,
    Places,
    RuleModel,
    RuleUnit,
    Split,
    SumBelow,
    Tree,
    Truths,
)
from .snap import tidied

_MOST_CONDITIONS = 6
_MOST_CELLS = 96
_MOST_BOXES = 800  # ranges of all that is read, together
_KEPT = 4  # smallest trees of one part of the cells


@lru_cache(maxsize=1024)
def shortest(model: RuleModel) -> tuple[RuleModel, ...]:
    """Models with the same label for each row, over the same conditions.

    They are the trees of fewest splits, and where two labels turn on a count of conditions that;
    none for large models, and for those of one label.
    """
    units = tuple(unit for unit in model.units if not isinstance(unit, AtLeast))
    if not 0 < len(units) <= _MOST_CONDITIONS:
        return ()
    cells = _cells(units)
    if cells is None:
        return ()
    labels = _labels(model, units, cells)
    if len(np.unique(labels)) < 2:
        return ()
    trees = _Smallest(cells, labels).trees()
    models = [tidied(RuleModel(units, (tree,))) for tree in trees]
    counted = _counted(units, cells, labels)
    return tuple(models if counted is None else [*models, counted])


def _cells(units: tuple[RuleUnit, ...]) -> Truths | None:
    """Which units fire together for some value of what they read, (cells, units)."""
    if any(isinstance(unit, SumBelow) and unit.parts for unit in units):
        return None
    read = by_reading(units, range(len(units)))
    ways = patterns_of(units, read)
    if prod(len(way) * (len(way) + 1) // 2 for way in ways) > _MOST_BOXES:
        return None
    return crossed(read, ways, len(units), _MOST_CELLS)


def what_it_reads(unit: RuleUnit) -> Hashable:
    """The same for units of which one value tells all."""
    return (unit.weights, unit.parts) if isinstance(unit, SumBelow) else unit.columns


def by_reading(units: Sequence[RuleUnit], places: Iterable[int]) -> list[list[int]]:
    """These places of units, those together that read the same."""
    read: dict[Hashable, list[int]] = {}
    for k in places:
        read.setdefault(what_it_reads(units[k]), []).append(k)
    return list(read.values())


def patterns_of(units: Sequence[RuleUnit], read: list[list[int]]) -> list[list[tuple[bool, ...]]]:
    """For each group of units that read the same, which of them fire together."""
    return [_patterns([units[k] for k in places]) for places in read]


def crossed(
    read: list[list[int]], ways: list[list[tuple[bool, ...]]], count: int, most: int
) -> Truths | None:
    """All patterns together, (cells, ``count`` units); None where they are more than ``most``."""
    if prod(map(len, ways)) > most:
        return None
    cells = np.zeros((prod(map(len, ways)), count), dtype=bool)
    for row, patterns in enumerate(product(*ways)):
        for places, pattern in zip(read, patterns, strict=True):
            cells[row, places] = pattern
    return cells


def _patterns(units: list[RuleUnit]) -> list[tuple[bool, ...]]:
    """Which units that read the same fire for its values, each set of them once."""
    limits, levels, gone = set[float](), {-1}, {False}
    for unit in units:
        match unit:
            case Below(limit=limit) | SumBelow(limit=limit):
                limits.add(limit)
            case Among(levels=own):
                levels |= {*own}
            case Missing():
                gone = {False, True}
            case AtLeast():
                raise ValueError("a count reads other units")
    patterns: dict[tuple[bool, ...], None] = {}
    for value, level, missing in product([*sorted(limits), np.inf], sorted(levels), sorted(gone)):
        pattern = []
        for unit in units:
            match unit:
                case Below(limit=limit) | SumBelow(limit=limit):
                    # in the range up to the value, which it does not reach
                    pattern.append(not missing and value <= limit)
                case Among(levels=own):
                    pattern.append(not missing and level in own)
                case _:
                    pattern.append(missing)
        patterns[tuple(pattern)] = None
    return list(patterns)


def _labels(model: RuleModel, units: tuple[RuleUnit, ...], cells: Truths) -> Places:
    """The label in each cell, (cells,)."""
    fired = np.zeros((len(cells), len(model.units)), dtype=bool)
    for k, unit in enumerate(model.units):
        if isinstance(unit, AtLeast):
            held = np.sum([fired[:, one] == wanted for one, wanted in unit.parts], axis=0)
            fired[:, k] = held >= unit.count
        else:
            fired[:, k] = cells[:, units.index(unit)]
    sums = model.summed(fired)
    return np.searchsorted(model.limits, sums, side="right") if model.limits else sums


class _Smallest:
    """The smallest trees for sets of cells, a set as the bits of an integer."""

    def __init__(self, cells: Truths, labels: Places) -> None:
        self.all = (1 << len(cells)) - 1
        self.fires = [_bits(column) for column in cells.T]
        self.labels = [(label, _bits(labels == label)) for label in np.unique(labels).tolist()]
        self.known: dict[int, tuple[int, tuple[Tree, ...]]] = {}

    def trees(self) -> tuple[Tree, ...]:
        return self.best(self.all)[1]

    def best(self, cells: int) -> tuple[int, tuple[Tree, ...]]:
        """How many splits the labels of some cells take, and the trees that do with these."""
        if cells in self.known:
            return self.known[cells]
        smallest: tuple[int, tuple[Tree, ...]] | None = None
        for label, where in self.labels:
            if cells & ~where == 0:
                smallest = 0, (Leaf(label),)
        if smallest is None:
            least, trees = len(self.fires) ** len(self.fires), list[Tree]()
            for unit, fires in enumerate(self.fires):
                if not cells & fires or not cells & ~fires:
                    continue
                one, other = self.best(cells & fires), self.best(cells & ~fires)
                count = one[0] + other[0] + 1
                if count > least:
                    continue
                if count < least:
                    least, trees = count, []
                trees += [Split(unit, a, b) for a, b in product(one[1], other[1])]
            smallest = least, tuple(trees[:_KEPT])
        self.known[cells] = smallest
        return smallest


def _bits(truths: Truths) -> int:
    return sum(1 << k for k in np.flatnonzero(truths).tolist())


def _counted(units: tuple[RuleUnit, ...], cells: Truths, labels: Places) -> RuleModel | None:
    """At least so many of the conditions for the second of two labels, where that is all."""
    if len(units) < 2 or not set(labels.tolist()) <= {0, 1}:
        return None
    # a condition that counts holds more often where the second label is
    wanted = [
        bool(cells[labels == 1, k].mean() >= cells[labels == 0, k].mean())
        for k in range(len(units))
    ]
    held = (cells == np.array(wanted)).sum(axis=1)
    count = int(held[labels == 1].min())
    if count < 1 or int(held[labels == 0].max()) >= count:
        return None
    parts = tuple(enumerate(wanted))
    return RuleModel((*units, AtLeast(parts, count)), (Split(len(units), Leaf(1), Leaf(0)),))
