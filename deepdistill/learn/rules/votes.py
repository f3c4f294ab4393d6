"""Models from a trained network: its units as sums of columns with integers, counted or voting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...data.running import Run
from ...units.rules import AtLeast, Below, Floats, Places, RuleModel, RuleUnit, Truths
from .bins import BinnedRows, SumOf, coarser, finer, with_bins
from .columns import adds_up, whole_weights
from .conditions import COARSE, CountedConditions, Wanted, gain_of, improved, single
from .gains import weighed
from .points import targets

_FEWEST_ROWS = 100
_MOST_ROWS = 2000
_MOST_COLUMNS = 16
_TOLD = 230.0  # nats


@dataclass(frozen=True, slots=True, eq=False)
class VotingUnits:
    """The rows with the units' sums as columns, and the conditions that vote for the last class."""

    part: BinnedRows
    conditions: tuple[Wanted, ...]


def voting_units(part: BinnedRows, x: Floats, run: Run) -> VotingUnits | None:
    """The units of a network trained on the table ``x`` (rows, columns); nothing without sums.

    Tables that are too small, or have fewer than two columns of numbers, are not asked.
    """
    columns = np.array([k for k in _numbers(part) if adds_up(x[:, k])], dtype=np.int64)
    if len(part.y) < _FEWEST_ROWS or len(columns) < 2:
        return None
    from .network import trained_units  # torch takes its time

    every = np.arange(0, len(part.y), -(-len(part.y) // _MOST_ROWS))
    numbers = x[part.rows[:, None], columns]
    middle = np.nanmean(numbers, axis=0)
    spread = np.nanstd(numbers, axis=0)
    z = np.nan_to_num((numbers - middle) / spread)
    units = trained_units(z[every], targets(part)[every], part.weights[every], run.seed, run.check)
    voters: list[tuple[SumOf, Truths]] = []
    for unit in units:
        kept = np.flatnonzero(unit.weights)
        if not len(kept) or unit.vote == 0.0 or unit.fires.all() or not unit.fires.any():
            continue
        raw = unit.weights[kept] / spread[kept]
        made = whole_weights(raw, _bend(raw, z[:, kept] * spread[kept], part.weights))
        if made is not None:
            votes = unit.fires if unit.vote > 0 else ~unit.fires
            pairs = sorted(zip(columns[kept].tolist(), made[0].tolist(), strict=True))
            voters.append((_upright(pairs), votes))
    sums = list(dict.fromkeys(total for total, _ in voters if len(total.weights) > 1))
    if not sums:
        return None
    more = with_bins(part, part.bins.with_sums(x, sums))
    conditions = [_condition(more, weights, every, votes) for weights, votes in voters]
    kept_ones = tuple(dict.fromkeys(one for one in conditions if one is not None))
    return VotingUnits(more, kept_ones) if kept_ones else None


def _numbers(part: BinnedRows) -> Places:
    """The columns of numbers; where there are many, those that tell most by themselves."""
    every = np.arange(len(part.y))
    alone = [one.parts[0].unit for one in single(part, every, True)]
    own = [unit.column for unit in alone if isinstance(unit, Below)]
    return np.array(sorted(own[:_MOST_COLUMNS]), dtype=np.int64)


def _bend(raw: Floats, numbers: Floats, weights: Floats) -> Floats:
    """What changes of a unit's weights cost, where the whole sum tells so many nats."""
    own = numbers - weights @ numbers / weights.sum()
    bend = (own * weights[:, None]).T @ own
    whole = float(raw @ bend @ raw)
    return np.asarray(bend * (2 * _TOLD / whole) if whole > 0 else bend)


def _upright(pairs: Sequence[tuple[int, int]]) -> SumOf:
    """The sum or its negative, whichever starts with a plus; of one column the column."""
    if len(pairs) == 1:
        return SumOf(((pairs[0][0], 1),))
    sign = 1 if pairs[0][1] > 0 else -1
    return SumOf(tuple((column, sign * weight) for column, weight in pairs))


def _condition(part: BinnedRows, total: SumOf, rows: Places, votes: Truths) -> Wanted | None:
    """The threshold of a sum that parts the rows most as the unit's vote does."""
    bins = part.bins
    alone = len(total.weights) == 1
    column = total.weights[0][0] if alone else bins.own + bins.sums.index(total)
    count = bins.counts[column]
    codes = part.codes[rows, column]
    known = codes < count
    signs = np.where(votes, part.weights[rows], -part.weights[rows])
    each = weighed(codes[known], signs[known], count)
    below = np.round(np.cumsum(each)[:-1], 6)
    if not len(below):
        return None
    # what is below votes for the class as much as what is not votes against it
    fires, rests = below, round(float(each.sum()), 6) - below
    gaps = np.round(fires - rests, 6)
    place = int(np.argmax(np.abs(gaps)))
    return Wanted(Below(column, float(place + 1)), bool(gaps[place] > 0))


def counted(voters: VotingUnits) -> list[RuleModel]:
    """At least so many of 1, 2, ... conditions, as trees of one split: one is left out at a time.

    Each set of conditions is changed one at a time to what is likeliest.
    """
    part, ends = coarser(voters.part, COARSE)
    start = [_coarse(one, ends) for one in voters.conditions]
    rows = np.arange(len(part.y))
    models: list[RuleModel] = []
    while start:
        tried = (
            [start] if not models else [[*start[:k], *start[k + 1 :]] for k in range(len(start))]
        )
        best: CountedConditions | None = None
        for parts in tried:
            for count in range(1, len(parts) + 1):
                one = gain_of(parts, count, part, rows)
                if best is None or one.gain > best.gain + 1e-6:
                    best = one
        assert best is not None
        best = improved(best, part, rows)
        start = list(best.parts)
        models.append(finer(best.model(), voters.part.bins, ends))
        if len(start) == 1:
            break
    return models[::-1]


def _coarse(wanted: Wanted, ends: tuple[Places, ...]) -> Wanted:
    """A condition over the nearest coarse bins."""
    unit = wanted.unit
    assert isinstance(unit, Below)
    last = ends[unit.column]
    place = int(np.argmin(np.abs(last[:-1] - (unit.limit - 1)))) if len(last) > 1 else 0
    return Wanted(Below(unit.column, float(place + 1)), wanted.fires)


def sets_of_units(models: list[RuleModel]) -> list[list[RuleUnit]]:
    """The conditions of counts, for points."""
    return [[unit for unit in model.units if not isinstance(unit, AtLeast)] for model in models]
