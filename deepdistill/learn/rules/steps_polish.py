"""Thresholds of a tree of numbers chosen anew, each given all others, by the squared error."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from ...units.rules import Below, Floats, Leaf, Places, RuleModel, RuleUnit, Tree, leaf_places
from .bins import Bins
from .gains import steady, weighed

_SWEEPS = 3

Stepped: TypeAlias = tuple[RuleModel, Floats]
"""A tree over codes whose leaves are their places in order, and the mean of each."""


def polished_steps(
    given: Stepped, bins: Bins, rows: Places, goal: Floats, weights: Floats, least: float
) -> Stepped:
    """The tree whose thresholds part ``rows``, by place, better; leaves keep enough of them.

    ``goal`` and ``weights`` are those of the rows (rows,).
    """
    model, means = given
    (tree,) = model.trees
    units, codes, x = list(model.units), bins.codes[rows], bins.x(rows)
    best = given
    for _ in range(_SWEEPS):
        if not _swept(tree, units, means, bins, codes, x, goal, weights, least):
            break
        changed = RuleModel(tuple(units), (tree,))
        places = leaf_places((tree,), changed.fired(x))[:, 0]
        total = weighed(places, weights, len(means))
        if (total < least).any():
            break
        means = weighed(places, weights * goal, len(means)) / total
        best = changed, means
    return best


def _swept(
    root: Tree,
    units: list[RuleUnit],
    means: Floats,
    bins: Bins,
    codes: Places,
    x: Floats,
    goal: Floats,
    weights: Floats,
    least: float,
) -> bool:
    """Whether a threshold was moved, from the root on."""
    moved = False
    waiting = [(root, np.arange(len(goal)))]
    while waiting:
        tree, here = waiting.pop()
        if isinstance(tree, Leaf) or not len(here):
            continue
        unit = units[tree.unit]
        if isinstance(unit, Below):
            ends = [
                means[RuleModel(tuple(units), (side,)).sums(x[here])]
                for side in (tree.fires, tree.rests)
            ]
            saved = weights[here] * ((goal[here] - ends[1]) ** 2 - (goal[here] - ends[0]) ** 2)
            count, column = bins.counts[unit.column], codes[here, unit.column]
            below = np.cumsum(weighed(column, weights[here], bins.width)[:count])[:-1]
            enough = np.minimum(below, weights[here].sum() - below) >= least
            gains = np.cumsum(weighed(column, saved, bins.width)[:count])[:-1]
            gains = steady(np.where(enough, gains, -np.inf))
            place, old = int(np.argmax(gains)), int(unit.limit) - 1
            if gains[place] > gains[old]:
                units[tree.unit], moved = Below(unit.column, place + 1.0), True
        fires = RuleModel((units[tree.unit],), ()).fired(x[here])[:, 0]
        waiting += [(tree.fires, here[fires]), (tree.rests, here[~fires])]
    return moved
