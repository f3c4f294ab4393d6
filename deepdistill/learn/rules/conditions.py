"""Counts of conditions, "at least k of n" and "all of n", found by changing one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...units.rules import AtLeast, Floats, Leaf, Places, RuleModel, RuleUnit, Split, Truths
from .bins import BinnedRows, coarser, finer
from .gains import (
    across,
    allowed,
    class_histogram,
    class_rank,
    enough,
    information,
    sides,
    steady,
    unit_at,
    weighed,
)
from .trees import least_weight, unit_fires

_SWEEPS = 4
_BETTER = 1e-6
_SURE = 3  # conditions that are tried in any case; further ones while each one pays
_PAYS = 2.0  # nats
MOST_ROWS = 6000
COARSE = 24  # bins of a column while conditions are looked for


@dataclass(frozen=True, slots=True)
class Wanted:
    """A unit over codes, and whether it has to fire."""

    unit: RuleUnit
    fires: bool


@dataclass(frozen=True, slots=True)
class CountedConditions:
    """At least ``count`` of these conditions hold; what a split by that gains in log likelihood."""

    parts: tuple[Wanted, ...]
    count: int
    gain: float

    def units(self, first: int) -> tuple[RuleUnit, ...]:
        """The units of the conditions, from place ``first`` on, and the count of them."""
        if len(self.parts) == 1:
            return (self.parts[0].unit,)
        places = tuple((first + k, part.fires) for k, part in enumerate(self.parts))
        return (*(part.unit for part in self.parts), AtLeast(places, self.count))

    def model(self) -> RuleModel:
        """A tree of one split."""
        units = self.units(0)
        fires, rests = Leaf(1), Leaf(0)
        if len(self.parts) == 1 and not self.parts[0].fires:
            fires, rests = rests, fires
        return RuleModel(units, (Split(len(units) - 1, fires, rests),))


def holds(part: Wanted, rows: BinnedRows) -> Truths:
    """Where a condition holds, (rows,)."""
    return np.asarray(unit_fires(part.unit, rows) == part.fires)


def single(part: BinnedRows, rows: Places, distinct: bool) -> list[CountedConditions]:
    """The best condition of each column by itself, or just of all, best first."""
    least = least_weight(part)
    always = np.zeros(part.classes)
    candidates = _best(part, rows, rows, always, least, distinct, frozenset())
    return sorted(candidates, key=lambda one: -one.gain)


def improved(start: CountedConditions, part: BinnedRows, rows: Places) -> CountedConditions:
    """The conditions changed one at a time, each to the best given all others."""
    best = start
    least = least_weight(part)
    held = [holds(one, part)[rows] for one in best.parts]
    for _ in range(_SWEEPS):
        before = best.gain
        for k in range(len(best.parts)):
            changed = _replaced(best, held, k, part, rows, least)
            if changed is not None and changed.gain > best.gain + _BETTER:
                best = changed
                held[k] = holds(best.parts[k], part)[rows]
        if best.gain <= before + _BETTER:
            break
    return best


def extended(
    start: CountedConditions, count: int, part: BinnedRows, rows: Places
) -> CountedConditions | None:
    """One more condition, with the number that have to hold."""
    held = [holds(one, part)[rows] for one in start.parts]
    dummy = CountedConditions((*start.parts, start.parts[0]), count, -np.inf)
    longer = _replaced(dummy, [*held, held[0]], len(held), part, rows, least_weight(part))
    return None if longer is None else improved(longer, part, rows)


def gain_of(
    parts: Sequence[Wanted], count: int, part: BinnedRows, rows: Places
) -> CountedConditions:
    """Some conditions with what they gain."""
    held = np.sum([holds(one, part)[rows] for one in parts], axis=0) >= count
    y, weights = part.y[rows], part.weights[rows]
    fires = weighed(y[held], weights[held], part.classes)
    rests = weighed(y[~held], weights[~held], part.classes)
    gain = information(fires) + information(rests) - information(fires + rests)
    return CountedConditions(tuple(parts), count, float(steady(np.array([float(gain)]))[0]))


def _replaced(
    start: CountedConditions,
    held: list[Truths],
    k: int,
    part: BinnedRows,
    rows: Places,
    least: float,
) -> CountedConditions | None:
    """The best condition in the place of one of them."""
    others = [here for place, here in enumerate(held) if place != k]
    count = np.sum(others, axis=0) if others else np.zeros(len(rows), dtype=np.int64)
    sure = count >= start.count
    always = weighed(part.y[rows[sure]], part.weights[rows[sure]], part.classes)
    open_rows = rows[count == start.count - 1]
    kept = tuple(one for place, one in enumerate(start.parts) if place != k)
    used = frozenset(one.unit.column for one in kept if hasattr(one.unit, "column"))
    taken = used if start.count < len(start.parts) else frozenset()
    choices = _best(part, open_rows, rows, always, least, False, taken)
    if not choices:
        return None
    parts = [*start.parts]
    parts[k] = choices[0].parts[0]
    return CountedConditions(tuple(parts), start.count, choices[0].gain)


def _best(
    part: BinnedRows,
    open_rows: Places,
    rows: Places,
    always: Floats,
    least: float,
    each: bool,
    taken: frozenset[int],
) -> list[CountedConditions]:
    """The best condition on the open rows, or the best of each column.

    Where it holds they fire, together with rows of the classes ``always``; all others rest.
    """
    part.check()
    if not len(open_rows):
        return []
    y, weights = part.y[open_rows], part.weights[open_rows]
    sums = class_histogram(part.bins, part.codes[open_rows], y, weights, part.classes)
    everything = weighed(part.y[rows], part.weights[rows], part.classes)
    opened = sums[0].sum(axis=0)
    never = everything - always - opened
    before = float(information(everything))
    tops: dict[int, tuple[float, RuleUnit, bool]] = {}
    for side in sides(part.bins, sums, class_rank(sums, opened)):
        price = allowed(side)
        price = np.where(enough(side, min(least, 2.0)), price, np.inf)
        for fires in (True, False):
            inner, outer = (side.fires, side.rests) if fires else (side.rests, side.fires)
            inner, outer = inner + always, outer + never
            gains = information(inner) + information(outer) - before - price
            short = np.minimum(across(inner), across(outer))
            gains = steady(np.where(short >= least, gains, -np.inf))
            gains[list(taken)] = -np.inf
            places = np.argmax(gains, axis=1)
            for column, place in enumerate(places.tolist()):
                gain = float(gains[column, place])
                if np.isfinite(gain) and (column not in tops or gain > tops[column][0] + _BETTER):
                    tops[column] = gain, unit_at(side, column, place), fires
    ranked = sorted(tops.items(), key=lambda item: (-item[1][0], item[0]))
    return [
        CountedConditions((Wanted(unit, fires),), 1, gain)
        for _, (gain, unit, fires) in (ranked if each else ranked[:1])
    ]


def counts(given: BinnedRows, most: int) -> list[RuleModel]:
    """For 2, 3, ... conditions the best count "at least k of them", as trees of one split."""
    part, ends = coarser(given, COARSE)
    rows = np.arange(0, len(part.y), max(1, len(part.y) // MOST_ROWS))
    alone = single(part, rows, True)
    if not alone:
        return []
    models = []
    earlier = {1: alone[0]}
    gained = alone[0].gain
    for size in range(2, most + 1):
        by_count: dict[int, CountedConditions] = {}
        for count in range(1, size + 1):
            tried = [
                extended(earlier[held], count, part, rows)
                for held in (count - 1, count)
                if held in earlier
            ]
            if len(alone) >= size > count > 1:
                top = [one.parts[0] for one in alone[:size]]
                tried.append(improved(gain_of(top, count, part, rows), part, rows))
            kept = [one for one in tried if one is not None]
            if kept:
                by_count[count] = max(kept, key=lambda one: round(one.gain, 7))
        if not by_count:
            break
        best = max(by_count.values(), key=lambda one: round(one.gain, 7))
        if size > _SURE and best.gain < gained + _PAYS:
            break
        gained = best.gain
        models.append(finer(best.model(), given.bins, ends))
        earlier = by_count
    return models
