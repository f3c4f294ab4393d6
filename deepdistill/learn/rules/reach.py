"""Which sums of points any row can have: thresholds of one column do not hold in all ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...units.rules import AtLeast, RuleModel, Tree, splits
from .probabilities import possible_sums
from .shortest import by_reading, crossed, patterns_of, what_it_reads

_MOST_CELLS = 4096


def reachable_sums(model: RuleModel) -> tuple[int, ...]:
    """The sums of points that values of the columns can have, increasing, and perhaps some more.

    Sums of columns are taken for values of their own; what many columns decide together may have
    every sum of its points.
    """
    sums = {0}
    for trees, read in _apart(model):
        own = _sums_of(model, trees, read)
        sums = {total + value for total in sums for value in own}
    return tuple(sorted(sums))


def _sums_of(model: RuleModel, trees: tuple[Tree, ...], read: list[list[int]]) -> set[int]:
    """What the points of some trees add up to, which read these units by what these read."""
    ways = patterns_of(model.units, read)
    fired = crossed(read, ways, len(model.units), _MOST_CELLS)
    if fired is None:
        return set(possible_sums(trees))
    for k, unit in enumerate(model.units):
        if isinstance(unit, AtLeast):
            held = np.sum([fired[:, place] == wanted for place, wanted in unit.parts], axis=0)
            fired[:, k] = held >= unit.count
    return set(replace(model, trees=trees).summed(fired).tolist())


def _apart(model: RuleModel) -> Iterator[tuple[tuple[Tree, ...], list[list[int]]]]:
    """The trees in parts that read nothing in common, with the units of each by what they read."""
    parts: list[tuple[tuple[Tree, ...], set[int]]] = []
    for tree in model.trees:
        trees: tuple[Tree, ...] = (tree,)
        units = _plain(model, {split.unit for split in splits(tree)})
        keys = {what_it_reads(model.units[k]) for k in units}
        for part in [
            one for one in parts if keys & {what_it_reads(model.units[k]) for k in one[1]}
        ]:
            parts.remove(part)
            trees, units = (*part[0], *trees), units | part[1]
        parts.append((trees, units))
    for trees, units in parts:
        yield trees, by_reading(model.units, sorted(units))


def _plain(model: RuleModel, units: set[int]) -> set[int]:
    """The units that read columns among these and what these read."""
    plain: set[int] = set()
    for k in units:
        unit = model.units[k]
        plain |= _plain(model, set(unit.units)) if isinstance(unit, AtLeast) else {k}
    return plain
