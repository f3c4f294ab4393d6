"""Thresholds and levels chosen anew, one unit at a time: by likelihood and by brevity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from ...units.rules import (
    Among,
    AtLeast,
    Below,
    Floats,
    Missing,
    Places,
    RuleModel,
    RuleUnit,
    Truths,
)
from .bins import BinnedRows, Bins
from .gains import allowed, histogram, sides, steady, unit_at
from .probabilities import class_counts, outcomes, reached_of, table

_SWEEPS = 2
_DIGIT = 2.3  # nats that each digit of a threshold after the first has to gain: one of ten
_OTHER = 1.0  # nats that another column has to gain
_BETTER = 1e-6
_ALIKE = 1.0  # nats that rows may like a shorter number less that is far away: less than one row
_DOUBT = 0.5  # rows that each place may have of a class that it does not show
_FINEST = 17

Span: TypeAlias = tuple[int, int]
"""The least and the largest limit over codes that a unit may have."""


def digits(low: Floats, high: Floats) -> Floats:
    """How many digits the shortest number above ``low`` and not above ``high`` has."""
    size = np.maximum(np.abs(low), np.abs(high))
    fewest = np.full(low.shape, float(_FINEST))
    top = np.floor(np.log10(np.where(size > 0, size, 1.0)))
    for extra in range(_FINEST, -1, -1):
        step = 10.0 ** (top - extra)
        # 6 times 0.1 lies above 0.6, and is no number between that and 0.601
        between = np.floor(high / step + 1e-9) > np.floor(low / step + 1e-9)
        fewest = np.where(between, extra + 1.0, fewest)
    return np.where((low < 0) & (high >= 0), 1.0, fewest)


def prices(bins: Bins) -> Floats:
    """What the number of each threshold costs in nats, (columns, width)."""
    price = np.zeros((bins.columns, bins.width))
    for j in range(bins.columns):
        if not bins.named[j] and bins.counts[j] > 1:
            price[j, : bins.counts[j] - 1] = digits(bins.highs[j][:-1], bins.lows[j][1:])
    return np.asarray(_DIGIT * np.maximum(price - 1, 0))


def polished(
    model: RuleModel, part: BinnedRows, price: Floats, spans: Sequence[Span | None] | None = None
) -> RuleModel:
    """The model with units that are likelier, or as likely and shorter.

    ``price`` is that of :func:`prices` for the same columns. With ``spans`` each unit keeps its
    column, and its threshold moves within its own, or to a shorter number that the rows like as
    well; one that has none stays.
    """
    for _ in range(_SWEEPS):
        changed = False
        for k, unit in enumerate(model.units):
            if isinstance(unit, AtLeast) or (spans is not None and spans[k] is None):
                continue
            better = _better(model, k, part, price, None if spans is None else spans[k])
            if better is not None:
                units = (*model.units[:k], better, *model.units[k + 1 :])
                model = replace(model, units=units)
                changed = True
        if not changed:
            break
    return model


def _better(
    model: RuleModel, k: int, part: BinnedRows, price: Floats, span: Span | None
) -> RuleUnit | None:
    """A unit in the place of the unit ``k`` that gains more than it costs."""
    part.check()
    fired = model.fired(part.x)
    here = reached_of(model, fired)
    counts = class_counts(here, part.y, part.weights, outcomes(model), part.classes)
    # no place is surer than its own rows: where all of a few agree, one more row may not
    floor = _DOUBT / (counts.sum(axis=1, keepdims=True) + 1)
    chances = np.log(np.maximum(table(model, counts, 1.0), floor))
    logs = [chances[_forced(model, k, fires, fired), part.y] for fires in (True, False)]
    difference = part.weights * (logs[0] - logs[1])
    open_rows = np.flatnonzero(difference)
    if not len(open_rows):
        return None
    codes, weights = part.codes[open_rows], part.weights[open_rows]
    values = np.stack([difference[open_rows], weights], axis=1)
    sums = histogram(part.bins, codes, values)
    with np.errstate(invalid="ignore", divide="ignore"):
        rank = np.where(sums[:, :, 1] > 0, -sums[:, :, 0] / sums[:, :, 1], 0.0)
    now = model.units[k]
    others = [unit for place, unit in enumerate(model.units) if place != k]
    old_gain = _gain(now, part, open_rows, difference)
    old = old_gain - _cost(now, others, price)
    best: tuple[float, RuleUnit] | None = None
    for splits in sides(part.bins, sums, rank):
        weight = np.minimum(splits.fires[:, :, 1], splits.rests[:, :, 1])
        cost = allowed(splits) + (0.0 if splits.single else price)
        cost = cost + np.where(np.arange(part.bins.columns) == _column(now), 0.0, _OTHER)[:, None]
        if not splits.single:
            for unit in others:
                if isinstance(unit, Below):
                    cost[unit.column, int(unit.limit) - 1] = 0.0
        if span is not None:
            far = np.ones(cost.shape, dtype=bool)
            far[_column(now), span[0] - 1 : span[1]] = splits.single
            if isinstance(now, Below) and not splits.single:
                own = price[now.column]
                kept = splits.fires[now.column, :, 0] >= old_gain - _ALIKE
                far[now.column] &= ~(kept & (own < own[int(now.limit) - 1]))
            cost = np.where(far, np.inf, cost)
        gains = steady(np.where(weight >= 2.0, splits.fires[:, :, 0] - cost, -np.inf))
        column, place = np.unravel_index(int(np.argmax(gains)), gains.shape)
        gain = float(gains[column, place])
        if np.isfinite(gain) and (best is None or gain > best[0]):
            best = gain, unit_at(splits, int(column), int(place))
    if best is None or best[0] <= old + _BETTER or best[1] == now:
        return None
    return best[1]


def _gain(unit: RuleUnit, part: BinnedRows, rows: Places, difference: Floats) -> float:
    """How much likelier the rows are where a unit fires as it does."""
    fires = RuleModel((unit,), ()).fired(part.x[rows])[:, 0]
    return float(difference[rows][fires].sum())


def _cost(unit: RuleUnit, others: list[RuleUnit], price: Floats) -> float:
    """What the number of a unit costs; nothing where another one has it."""
    if isinstance(unit, Below) and unit not in others:
        return float(price[unit.column, int(unit.limit) - 1])
    return 0.0


def _column(unit: RuleUnit) -> int:
    match unit:
        case Below(column, _) | Among(column, _) | Missing(column):
            return column
        case _:
            return -1


def _forced(model: RuleModel, k: int, fires: bool, fired: Truths) -> Places:
    """Which leaf or sum each row reaches where a unit is as given, by place: (rows,)."""
    fired = fired.copy()
    fired[:, k] = fires
    for place in range(k + 1, len(model.units)):
        unit = model.units[place]
        if isinstance(unit, AtLeast):
            held = np.sum([fired[:, one] == wanted for one, wanted in unit.parts], axis=0)
            fired[:, place] = held >= unit.count
    return reached_of(model, fired)
