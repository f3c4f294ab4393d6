"""From models over codes of bins to models over the table's columns, with the simplest numbers."""

from __future__ import annotations

from math import inf, nextafter
from typing import assert_never

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


def tidied(model: RuleModel) -> RuleModel:
    """The same answers with no unit twice or unused, in the order of first use.

    A split whose sides are the same is left out, and so are trees of nothing; what all leaves of a
    tree add is moved to the limits.
    """
    kept: list[RuleUnit] = []
    trees = tuple(_used(tree, model, kept) for tree in model.trees)
    if not model.limits:
        return RuleModel(tuple(kept), trees)
    shift, bare = 0, []
    for tree in trees:
        least = _least(tree)
        shift += least
        if tree != Leaf(least):
            bare.append(_moved(tree, -least))
    limits = tuple(limit - shift for limit in model.limits)
    return RuleModel(tuple(kept), tuple(bare), limits)


def _used(tree: Tree, model: RuleModel, kept: list[RuleUnit]) -> Tree:
    if isinstance(tree, Leaf):
        return tree
    if _same(tree.fires, tree.rests, model):
        return _used(tree.fires, model, kept)
    unit = _placed(tree.unit, model, kept)
    return Split(unit, _used(tree.fires, model, kept), _used(tree.rests, model, kept))


def _same(one: Tree, other: Tree, model: RuleModel) -> bool:
    """Whether two trees are one, split by split; leaves that split rows further are not."""
    if isinstance(one, Split) and isinstance(other, Split):
        return (
            model.units[one.unit] == model.units[other.unit]
            and _same(one.fires, other.fires, model)
            and _same(one.rests, other.rests, model)
        )
    return isinstance(one, Leaf) and one == other and bool(model.limits)


def _placed(place: int, model: RuleModel, kept: list[RuleUnit]) -> int:
    unit = model.units[place]
    if isinstance(unit, AtLeast):
        parts = tuple((_placed(k, model, kept), wanted) for k, wanted in unit.parts)
        unit = AtLeast(parts, unit.count)
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
    """A model over codes as one over the columns' own numbers and levels."""
    return RuleModel(
        tuple(_over_columns(unit, bins) for unit in model.units), model.trees, model.limits
    )


def _over_columns(unit: RuleUnit, bins: Bins) -> RuleUnit:
    match unit:
        case Below(column, limit):
            number = threshold(bins, column, int(limit) - 1)
            if column < bins.own:
                return Below(column, number)
            return SumBelow(bins.sums[column - bins.own], number)
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
    return simplest_number(nextafter(low, inf), high)
