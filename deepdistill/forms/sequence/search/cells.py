"""The exact learner of a cell: from integer features to an integer, the shortest that fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from ....units.gates import AffineUnit, Cell
from .affine import affine
from .pieces import piecewise, table, weighted
from .update import IntArray, cell_measure, only

_ROWS = 500
_ROUNDS = 5
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23)
_LARGEST_DIVISOR = 40


@dataclass(frozen=True, slots=True, eq=False)
class Distinct:
    """The different rows of features, what is wanted there, and how often each was seen."""

    rows: IntArray
    target: IntArray
    count: IntArray

    def __len__(self) -> int:
        return len(self.target)


@dataclass(frozen=True, slots=True)
class Learned:
    """A cell that is exact on all rows and its measure."""

    cell: Cell
    measure: float


def mixed(columns: IntArray) -> IntArray:
    """One 64-bit number for each row; different rows have different ones but for accidents.

    Multiply and add with fixed odd numbers, then the finaliser of splitmix64.
    """
    total = np.zeros(len(columns), dtype=np.uint64)
    for k in range(columns.shape[1]):
        total = total * np.uint64(0x9E3779B97F4A7C15) + columns[:, k].astype(np.uint64)
        total ^= total >> np.uint64(30)
        total *= np.uint64(0xBF58476D1CE4E5B9)
        total ^= total >> np.uint64(27)
    return total.view(np.int64)


def distinct(rows: IntArray, target: IntArray) -> Distinct | None:
    """The different rows in a fixed mixed order; None where one of them has two targets."""
    keys = mixed(rows)
    _, first, inverse, count = np.unique(
        keys, return_index=True, return_inverse=True, return_counts=True
    )
    if (target[first][inverse] != target).any():
        return None
    return Distinct(rows[first], target[first], count)


def learn(
    rows: IntArray, target: IntArray, rich: bool = True, lists: bool = False
) -> Learned | None:
    """The shortest exact cell found for the rows; None where they contradict or none is found.

    ``rich`` allows pieces, ``lists`` long lists of bands, for which every distinct row should
    have been seen often.
    """
    all_rows = distinct(rows, target)
    return None if all_rows is None else learn_distinct(all_rows, rich, lists)


def learn_distinct(data: Distinct, rich: bool = True, lists: bool = False) -> Learned | None:
    """The same for different rows: learned from some, which rows that refute the cell join."""
    chosen = np.arange(min(len(data), _ROWS))
    for turn in range(_ROUNDS):
        wrong: IntArray | None = None
        rows, target = data.rows[chosen], data.target[chosen]
        for cell in candidates(rows, target, rich, lists and len(data) <= _ROWS):
            missed = np.flatnonzero(cell.columns(data.rows) != data.target)
            if not len(missed):
                return Learned(cell, cell_measure(cell))
            if wrong is None or len(missed) < len(wrong):
                wrong = missed
        if wrong is None or (turn and 10 * len(wrong) > len(data)):
            return None
        chosen = np.union1d(chosen, wrong[:: max(1, len(wrong) // 60)])
    return None


def candidates(rows: IntArray, target: IntArray, rich: bool, lists: bool) -> Iterator[Cell]:
    """Cells that are exact at the given rows: one linear unit, then pieces; shortest first."""
    single: list[Cell] = []
    if (target == target[0]).all():
        yield only(AffineUnit((0,) * rows.shape[1], int(target[0])))
        return
    straight = affine(rows, target)
    if straight is not None:
        single.append(only(straight))
        if cell_measure(single[0]) < 4:
            yield single[0]
            return
    single += [only(linear) for linear in _remainders(rows, target)]
    single += [only(linear) for linear in _quotients(rows, target)]
    if single and min(map(cell_measure, single)) < 5:
        yield from sorted(single, key=cell_measure)[:6]
        return
    if rich:
        single += piecewise(rows, target)
    yield from sorted(single, key=cell_measure)[:8]
    if lists and not single:
        listed = table(rows, target)
        if listed is not None:
            yield listed


def _remainders(rows: IntArray, target: IntArray) -> list[AffineUnit]:
    """Affine sums modulo m: by elimination where m is prime, else by trying small weights."""
    if target.min() < 0 or target.max() > 64:
        return []
    least = int(target.max()) + 1
    units: list[AffineUnit] = []
    for modulus in range(least, least + 2):
        if modulus in _PRIMES:
            linear = affine(rows, target, modulus)
            if linear is not None:
                units.append(linear)
    tried = _tried(rows.shape[1])
    sums = rows[:40] @ tried.T
    for modulus in range(max(least, 2), least + 2):
        for sign in (1, -1):
            bias = (target[:40, None] - sign * sums) % modulus
            for k in np.flatnonzero((bias == bias[:1]).all(axis=0))[:8]:
                weights = tuple(int(sign * w) for w in tried[k])
                units.append(AffineUnit(weights, int(bias[0, k]), 1, modulus))
    return units


@cache
def _tried(width: int) -> IntArray:
    """Small weight vectors to try, few weights first."""
    small = (1, 2, 3, 4, 5, -1, -2, -3)
    more = (*small, 6, 7, 8, 9, 10, 12, 16, -4, -5) if width <= 4 else small
    vectors = list(weighted(width, min(width, 2), more))
    if 3 <= width <= 7:
        vectors += [v for v in weighted(width, 3, (1, 2, -1)) if sum(w != 0 for w in v) == 3]
    vectors += [(1,) * k + (0,) * (width - k) for k in range(4, width + 1)]
    return np.array(vectors, dtype=np.int64)


def _quotients(rows: IntArray, target: IntArray) -> list[AffineUnit]:
    """Affine sums divided by d and rounded down, where both ends of the range show d."""
    levels = np.unique(target)
    if not 2 <= len(levels) <= 200:
        return []
    tried = _tried(rows.shape[1])
    tried = np.concatenate([tried, -tried])
    for part in (40, len(rows)):  # few rows leave few weights
        sums = rows[:part] @ tried.T
        order = np.argsort(target[:part], kind="stable")
        goals = target[:part][order]
        starts = np.flatnonzero(np.diff(goals, prepend=goals[0] - 1))
        low = np.minimum.reduceat(sums[order], starts, axis=0)
        high = np.maximum.reduceat(sums[order], starts, axis=0)
        rising = (high[:-1] < low[1:]).all(axis=0)
        tried, low, high = tried[rising], low[:, rising], high[:, rising]
    units = []
    for k in range(min(len(tried), 60)):
        spread = int(high[-1, k] - low[0, k]) + 1
        steps = int(levels[-1] - levels[0]) + 1
        for d in range(2, min(_LARGEST_DIVISOR, 2 * spread // steps + 2) + 1):
            least = int((levels * d - low[:, k]).max())
            most = int((levels * d + d - 1 - high[:, k]).min())
            if least > most:
                continue
            bias = min(max(least, 0), most)
            ends = (
                low[0, k] + bias == levels[0] * d and high[-1, k] + bias == levels[-1] * d + d - 1
            )
            if ends or (len(levels) > 3 and least == most):
                units.append(AffineUnit(tuple(int(w) for w in tried[k]), bias, d))
                break
    return units
