"""From models over codes of bins to models over the table's columns, with the simplest numbers."""

from __future__ import annotations

from collections.abc import Hashable
from math import inf, nextafter
from typing import TypeAlias, assert_never

from ...ir.rounding import simplest_number
from ...units.rules import (
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
from .bins import Bins

Key: TypeAlias = Hashable
"""What a unit reads."""


def tidied(model: RuleModel) -> RuleModel:
    """The same answers with no unit twice or unused, in the order of first use.

    A split that the splits above it have decided is left out, and one whose sides add the same
    points; what all leaves of a tree add is moved to the limits.
    """
    if model.scores is not None:
        return model
    kept: list[RuleUnit] = []
    trees = tuple(_used(_reachable(tree, model, {}), model, kept) for tree in model.trees)
    if not model.limits:
        return RuleModel(tuple(kept), trees)
    shift, bare = 0, []
    for tree in trees:
        least = _least(tree)
        shift += least
        if tree != Leaf(least):
            bare.append(_moved(tree, -least))
    limits = tuple(limit - shift for limit in model.limits)
    return RuleModel(tuple(kept), tuple(_together(bare)), limits)


def _together(trees: list[Tree]) -> list[Tree]:
    """Trees of one split each by the same unit as one tree."""
    stumps: dict[int, tuple[int, int]] = {}
    others: list[Tree] = []
    for tree in trees:
        match tree:
            case Split(unit, Leaf(fires), Leaf(rests)):
                a, b = stumps.get(unit, (0, 0))
                stumps[unit] = a + fires, b + rests
            case _:
                others.append(tree)
    merged: list[Tree] = [
        Split(unit, Leaf(fires - min(fires, rests)), Leaf(rests - min(fires, rests)))
        for unit, (fires, rests) in stumps.items()
        if fires != rests
    ]
    return [*merged, *others]


def _reachable(tree: Tree, model: RuleModel, known: dict[Key, tuple[float, float]]) -> Tree:
    """The tree without splits that are decided by what is ``known``: what is read, in a range."""
    if isinstance(tree, Leaf):
        return tree
    key, limit = reading(tree.unit, model)
    low, high = known.get(key, (-inf, inf))
    if high <= limit:
        return _reachable(tree.fires, model, known)
    if low >= limit:
        return _reachable(tree.rests, model, known)
    fires = _reachable(tree.fires, model, {**known, key: (low, limit)})
    rests = _reachable(tree.rests, model, {**known, key: (limit, high)})
    same = isinstance(fires, Leaf) and fires == rests and bool(model.limits)
    return fires if same else Split(tree.unit, fires, rests)


def reading(place: int, model: RuleModel) -> tuple[Key, float]:
    """What a unit compares with which limit; a unit with none fires below 1 and rests from 1 on."""
    match model.units[place]:
        case Below(column, limit):
            return column, limit
        case SumBelow(weights, limit, parts):
            return (weights, tuple((model.units[k], weight) for k, weight in parts)), limit
        case AtLeast(parts, count):
            units = tuple((model.units[k], wanted) for k, wanted in parts)
            return (units, count), 1.0
        case unit:
            return unit, 1.0


def _used(tree: Tree, model: RuleModel, kept: list[RuleUnit]) -> Tree:
    if isinstance(tree, Leaf):
        return tree
    unit = _placed(tree.unit, model, kept)
    return Split(unit, _used(tree.fires, model, kept), _used(tree.rests, model, kept))


def _placed(place: int, model: RuleModel, kept: list[RuleUnit]) -> int:
    unit = model.units[place]
    if isinstance(unit, AtLeast | SumBelow):
        unit = unit.over(lambda k: _placed(k, model, kept))
    if unit not in kept:
        kept.append(unit)
    return kept.index(unit)


def _least(tree: Tree) -> int:
    return tree.value if isinstance(tree, Leaf) else min(_least(tree.fires), _least(tree.rests))


def _moved(tree: Tree, by: int) -> Tree:
    if isinstance(tree, Leaf):
        return Leaf(tree.value + by)
    return Split(tree.unit, _moved(tree.fires, by), _moved(tree.rests, by))


def over_columns(model: RuleModel, bins: Bins) -> RuleModel:
    """A model over codes as one over the columns' own numbers and levels; scores read these."""
    if model.scores is not None:
        return model
    units: list[RuleUnit] = []
    places: list[int] = []
    for unit in model.units:
        own = _over_columns(unit, bins, units)
        units.append(own.over(places.__getitem__) if isinstance(own, AtLeast) else own)
        places.append(len(units) - 1)

    def walk(tree: Tree) -> Tree:
        if isinstance(tree, Leaf):
            return tree
        return Split(places[tree.unit], walk(tree.fires), walk(tree.rests))

    return RuleModel(tuple(units), tuple(map(walk, model.trees)), model.limits)


def _over_columns(unit: RuleUnit, bins: Bins, before: list[RuleUnit]) -> RuleUnit:
    """The unit over columns; those that it adds up come ``before`` it."""
    match unit:
        case Below(column, limit):
            number = threshold(bins, column, int(limit) - 1)
            if column < bins.own:
                return Below(column, number)
            total = bins.sums[column - bins.own]
            if len(total.weights) == 1 and total.weights[0][1] == 1 and not total.parts:
                return Below(total.weights[0][0], number)
            before += [part for part, _ in total.parts if part not in before]
            parts = tuple((before.index(part), weight) for part, weight in total.parts)
            return SumBelow(total.weights, number, parts)
        case Among(column, chosen):
            return Among(column, tuple(int(bins.lows[column][k]) for k in chosen))
        case Missing(column) if column >= bins.own:
            raise ValueError("a sum of columns is never asked whether it is missing")
        case Missing() | AtLeast():
            return unit
        case SumBelow():
            raise ValueError("over codes a sum is a column")
        case _:
            assert_never(unit)


def threshold(bins: Bins, column: int, last: int) -> float:
    """The simplest number above bin ``last`` and not above the next one."""
    low, high = float(bins.highs[column][last]), float(bins.lows[column][last + 1])
    # 0.601 as it is stored lies below what it stands for, and is still the number to write
    simplest = simplest_number(nextafter(low, inf), nextafter(high, inf))
    return simplest if low < simplest <= high else simplest_number(nextafter(low, inf), high)
