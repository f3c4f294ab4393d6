"""What a head asks of a threshold unit, as the interval of thresholds with which it is right.

Each goal answers one question in closed form, for many candidate units at once: given the totals
of the candidates at every item, between which values ``a < low <= b`` may the threshold lie so that
the unit that fires from ``low`` on gives every label? No gradient and no trial of thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never

import numpy as np

from ..units.groups import FloatArray, IntArray

Bounds = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """The unit fires at just these items: ``label`` (groups, items), -1 where there is none."""

    label: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Exists:
    """The unit fires somewhere in just these groups: ``label`` (groups,)."""

    label: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class CountsGoal:
    """The unit fires so many times in each group: ``count`` (groups,)."""

    count: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class FirstGoal:
    """The first item (or the last one) that fires is one of the ``right`` ones (groups, items).

    In a group without a right one none fires: there is no answer.
    """

    right: IntArray
    last: bool = False


Goal: TypeAlias = Labels | Exists | CountsGoal | FirstGoal


def thresholds(goal: Goal, totals: FloatArray, groups: IntArray) -> Bounds:
    """The bounds ``(a, b)`` of each candidate; it is possible where ``a < b``.

    ``totals`` is (groups, items, candidates), -inf where there is no item.
    """
    match goal:
        case Labels(label):
            chosen = label[groups]
            on, off = totals[chosen == 1], totals[chosen == 0]
            return off.max(axis=0, initial=-np.inf), on.min(axis=0, initial=np.inf)
        case Exists(label):
            highest = totals.max(axis=1)
            on, off = highest[label[groups] == 1], highest[label[groups] == 0]
            return off.max(axis=0, initial=-np.inf), on.min(axis=0, initial=np.inf)
        case CountsGoal(count):
            wanted = count[groups]
            falling = -np.sort(-totals, axis=1)
            some, rest = np.flatnonzero(wanted > 0), np.flatnonzero(wanted < totals.shape[1])
            lowest = falling[some, wanted[some] - 1]
            beyond = falling[rest, wanted[rest]]
            return beyond.max(axis=0, initial=-np.inf), lowest.min(axis=0, initial=np.inf)
        case FirstGoal(right, last):
            return _first(totals, right[groups], last)
        case _:
            assert_never(goal)


def _first(totals: FloatArray, right: IntArray, last: bool) -> Bounds:
    """The highest possible threshold is the total at a right item: each of them is tried."""
    if last:
        totals, right = totals[:, ::-1], right[:, ::-1]
    before = np.maximum.accumulate(totals, axis=1)
    before = np.concatenate([np.full_like(before[:, :1], -np.inf), before[:, :-1]], axis=1)
    # A right item is first for thresholds in (before, total]; a threshold is good where it lies in
    # one such interval of each group.
    silent = totals[~right.any(axis=1)].max(axis=(0, 1), initial=-np.inf)
    groups, places = np.nonzero(right)
    if not len(groups):
        return silent, np.full(totals.shape[2], np.inf)
    floor, top = before[groups, places], totals[groups, places]
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    a, b = np.full(totals.shape[2], -np.inf), np.full(totals.shape[2], -np.inf)
    for k in range(len(top)):
        low = top[k]
        within = (floor < low) & (low <= top)
        good = np.logical_or.reduceat(within, starts, axis=0).all(axis=0) & (
            low > np.maximum(b, silent)
        )
        if good.any():
            b[good] = low[good]
            held = np.where(within[:, good], floor[:, good], -np.inf)
            a[good] = np.maximum(held.max(axis=0), silent[good])
    return a, b
