"""The best split of some rows: histograms of their bins, and what each threshold would gain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...units.rules import Among, Below, Floats, Missing, Places, RuleUnit
from .bins import BinnedRows, Bins

_DIGITS = 9  # of gains that are compared: later ones depend on the processor
_SHORT = 6  # an axis
_LEVEL_PRICE = 0.7  # nats that each further level of a set has to gain


def steady(values: Floats) -> Floats:
    """Numbers to compare without the digits that depend on the processor."""
    sizes = np.abs(values)
    sizes[~(sizes < np.inf)] = 0.0
    size = float(sizes.max(initial=0.0))
    if size == 0.0:
        return values
    return np.round(values, _DIGITS - int(np.ceil(np.log10(size))))


def weighed(keys: Places, weights: Floats, count: int) -> Floats:
    """The weight of each of ``count`` keys, (count,)."""
    return np.asarray(np.bincount(keys, weights, count), dtype=np.float64)


def across(values: Floats) -> Floats:
    """The sums along the last axis, which is short: NumPy's own takes its time there."""
    if not 0 < values.shape[-1] <= _SHORT:
        return np.asarray(values.sum(axis=-1))
    total = values[..., 0].copy()
    for k in range(1, values.shape[-1]):
        total += values[..., k]
    return total


def histogram(bins: Bins, codes: Places, values: Floats) -> Floats:
    """Sums of ``values`` (rows, k) in each bin of each column: (columns, width, k)."""
    columns, width = bins.columns, bins.width
    keys = (codes + np.arange(columns) * width).ravel()
    count = values.shape[1]
    sums = np.empty((columns * width, count))
    for k in range(count):
        spread = np.repeat(values[:, k], columns)
        sums[:, k] = weighed(keys, spread, columns * width)
    return sums.reshape(columns, width, count)


def class_histogram(bins: Bins, codes: Places, y: Places, weights: Floats, classes: int) -> Floats:
    """Weight of each class in each bin of each column: (columns, width, classes)."""
    columns, width = bins.columns, bins.width
    keys = ((codes + np.arange(columns) * width) * classes + y[:, None]).ravel()
    sums = weighed(keys, np.repeat(weights, columns), columns * width * classes)
    return sums.reshape(columns, width, classes)


def information(counts: Floats) -> Floats:
    """Log likelihood of rows with these ``counts`` (..., classes), at their own shares."""
    total = across(counts)
    return np.asarray(across(_logged(counts)) - _logged(total))


def _logged(counts: Floats) -> Floats:
    """x · log x, 0 where nothing is."""
    logs = np.log(np.where(counts > 0, counts, 1.0))
    logs *= counts
    return logs


@dataclass(frozen=True, slots=True)
class CodedSplit:
    """A unit over codes, and what a split by it gains in log likelihood."""

    unit: RuleUnit
    gain: float


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """All splits of some rows, by what fires: (columns, width, k), with the sums of all rows (k,).

    ``order`` has for each column the order in which its bins come to the firing side.
    """

    bins: Bins
    fires: Floats
    rests: Floats
    order: Places
    present: Places  # bins of a column of levels that hold rows, (columns,)
    single: bool  # one bin fires instead of all up to one
    numbers: bool  # thresholds of numbers are among them


def sides(bins: Bins, sums: Floats, rank: Floats) -> Iterator[Sides]:
    """All splits by a threshold or by a set of levels, then those by one bin.

    ``rank`` (columns, width) says in which order the levels of a column may come together; sets are
    taken from both of its ends.
    """
    columns, width = bins.columns, bins.width
    total = sums.sum(axis=1)[:, None, :]
    named = np.flatnonzero(bins.named)
    rows = across(np.abs(sums[named])) > 0
    for way in (1, -1) if len(named) else (1,):
        order = np.broadcast_to(np.arange(width), (columns, width))
        order = order.copy() if len(named) else order
        present = np.zeros(columns, dtype=np.int64)
        ordered = sums.copy() if len(named) else sums
        for j, held in zip(named.tolist(), rows, strict=True):
            count = bins.counts[j]
            key = np.where(held[:count], steady(way * rank[j, :count]), np.inf)
            order[j, :count] = np.argsort(key, kind="stable")
            present[j] = int(held[:count].sum())
            ordered[j] = sums[j, order[j]]
        fires = np.cumsum(ordered, axis=1)
        yield Sides(bins, fires, total - fires, order, present, False, way > 0)
    if any(bins.missing):
        yield Sides(bins, sums, total - sums, order, present, True, True)


def allowed(splits: Sides) -> Floats:
    """The price of each split, (columns, width): infinite where it is none."""
    bins = splits.bins
    places = np.arange(bins.width)
    counts = np.array(bins.counts)[:, None]
    named = np.array(bins.named)[:, None]
    missing = np.array(bins.missing)[:, None]
    if splits.single:
        # a sum is missing where any of its numbers is: only these are asked
        own = np.arange(bins.columns)[:, None] < bins.own
        return np.where(missing & own & (places == counts + 1), 0.0, np.inf)
    last = np.where(named, splits.present[:, None] - 1, counts - 1)
    # the last threshold parts nothing but rare and missing values from the rest
    may = places < last
    price = np.where(named, _LEVEL_PRICE * places, 0.0 if splits.numbers else np.inf)
    return np.where(may, price, np.inf)


def unit_at(splits: Sides, column: int, place: int) -> RuleUnit:
    """The unit over codes that a split stands for."""
    bins = splits.bins
    if splits.single:
        return Missing(column)
    if bins.named[column]:
        return Among(column, tuple(sorted(int(k) for k in splits.order[column, : place + 1])))
    return Below(column, float(place + 1))


def best_cut(
    part: BinnedRows, codes: Places, y: Places, weights: Floats, least: float
) -> CodedSplit | None:
    """The split of some rows that gains most, with at least so much weight on both sides."""
    part.check()
    if part.bins.columns == 0 or len(y) < 2:
        return None
    sums = class_histogram(part.bins, codes, y, weights, part.classes)
    everything = sums[0].sum(axis=0)
    before = float(information(everything))
    best: CodedSplit | None = None
    for splits in sides(part.bins, sums, class_rank(sums, everything)):
        gains = information(splits.fires) + information(splits.rests) - before
        gains = np.where(enough(splits, least), gains - allowed(splits), -np.inf)
        if part.monotone:
            gains = np.where(_bound(part, splits), gains, -np.inf)
        gains = steady(gains)
        column, place = np.unravel_index(int(np.argmax(gains)), gains.shape)
        gain = float(gains[column, place])
        # what no threshold does better, a missing value says more plainly
        better = best is None or gain > best.gain or (splits.single and gain == best.gain)
        if gain > 0 and better:
            best = CodedSplit(unit_at(splits, int(column), int(place)), gain)
    return best


def class_rank(sums: Floats, everything: Floats) -> Floats:
    """The share of the most frequent class but one half of it in each bin, (columns, width)."""
    main = int(np.argmax(steady(everything)))
    total = across(sums)
    return np.asarray(np.where(total > 0, -sums[:, :, main] / np.where(total > 0, total, 1.0), 0.0))


def enough(splits: Sides, least: float) -> Floats:
    """Where both sides of a split hold at least so much weight, (columns, width)."""
    short = np.minimum(across(splits.fires), across(splits.rests))
    return np.asarray(short >= least)


def _bound(part: BinnedRows, splits: Sides) -> Floats:
    """Where the mean class moves as a column that is bound demands, (columns, width)."""
    places = np.arange(part.classes)
    with np.errstate(invalid="ignore", divide="ignore"):
        low = splits.fires @ places / splits.fires.sum(axis=2)
        high = splits.rests @ places / splits.rests.sum(axis=2)
    sign = np.zeros(part.bins.columns)
    sign[: len(part.monotone)] = part.monotone
    return np.asarray((high - low) * sign[:, None] >= 0)
