"""Columns in bins: what may be told apart by a threshold or a level, and what a bin stands for.

Models are searched over the codes of bins, and translated to the columns' own numbers at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...data.running import Check, endless
from ...units.row_readings import SeenRows
from ...units.rules import Below, Floats, Places, RuleModel, RuleUnit
from .rows import RuleRows

MOST_BINS = 256
_FEWEST_BINS = 48
_CELLS = 2800  # bins of all columns together
_LEVELS = 48  # levels of a column that may be named; rarer ones are all the others
_FEWEST = 3  # rows of a level that may be named


@dataclass(frozen=True, slots=True)
class SumOf:
    """A sum of numbers of the table's own columns, and of units that read them.

    Both come in pairs with their weights; a unit is 1 where it fires.
    """

    weights: tuple[tuple[int, int], ...]
    parts: tuple[tuple[RuleUnit, int], ...] = ()

    def values(self, x: Floats) -> Floats:
        """The sum for each row of a table (rows, columns), NaN where a number is missing."""
        total = np.zeros(len(x))
        for column, weight in self.weights:
            total += weight * x[:, column]
        for unit, weight in self.parts:
            total += weight * unit.values(SeenRows(x, np.zeros((len(x), 0), dtype=bool)))
        return _rounded(total)


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """All rows of a table by the codes of their bins, (rows, columns).

    A column has codes from 0 to ``counts[column] - 1``; then one for its rare levels and one for a
    missing value. ``lows`` and ``highs`` are the smallest and largest number of each bin, for a
    column of levels the place of the level. Behind the table's own columns stand ``sums`` of them.
    """

    codes: Places
    counts: tuple[int, ...]
    lows: tuple[Floats, ...]
    highs: tuple[Floats, ...]
    named: tuple[bool, ...]  # a column of levels
    missing: tuple[bool, ...]  # a column with a missing value
    sums: tuple[SumOf, ...] = ()

    @property
    def columns(self) -> int:
        return len(self.counts)

    @property
    def own(self) -> int:
        """How many columns are the table's own."""
        return len(self.counts) - len(self.sums)

    @property
    def width(self) -> int:
        """Codes that a column may have at most."""
        return max(self.counts, default=0) + 2

    def x(self, rows: Places) -> Floats:
        """The codes of rows as a table for a model over codes, NaN where a value is missing."""
        codes = self.codes[rows].astype(float, order="F")  # units read column by column
        codes[codes > np.array(self.counts, dtype=float)] = np.nan
        return codes

    def with_sums(self, x: Floats, sums: Sequence[SumOf]) -> Bins:
        """The same with columns that are sums of numbers, in the table ``x`` of all rows."""
        most = max(_FEWEST_BINS, self.width)
        return _joined(self, sums, [_of_numbers(total.values(x), most) for total in sums])

    def with_rungs(self, x: Floats, rungs: Sequence[tuple[SumOf, Floats]]) -> Bins:
        """The same with columns that are sums cut at limits, which grow; ``x`` is of all rows."""
        columns = [_cut(total.values(x), limits) for total, limits in rungs]
        return _joined(self, [total for total, _ in rungs], columns)


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    codes: Places
    lows: Floats
    highs: Floats
    named: bool
    missing: bool


def binned(rows: RuleRows, most: int | None = None) -> Bins:
    """The columns of a table in at most so many bins each, of about as many rows each.

    Where it is not said the more columns there are the fewer bins each one has.
    """
    if most is None:
        most = usual_bins(len(rows.levels))
    empty = np.empty((len(rows.x), 0), dtype=np.int64)
    columns = [
        _of_levels(rows.x[:, j], count) if count else _of_numbers(rows.x[:, j], most)
        for j, count in enumerate(rows.levels)
    ]
    codes = np.stack([column.codes for column in columns], axis=1) if columns else empty
    return Bins(
        codes,
        counts=tuple(len(column.lows) for column in columns),
        lows=tuple(column.lows for column in columns),
        highs=tuple(column.highs for column in columns),
        named=tuple(column.named for column in columns),
        missing=tuple(column.missing for column in columns),
    )


def usual_bins(columns: int) -> int:
    """How many bins each of so many columns has at most where it is not said."""
    return min(MOST_BINS, max(_FEWEST_BINS, _CELLS // max(1, columns)))


def _rounded(total: Floats) -> Floats:
    """Sums of numbers without their last bits, which are no difference between rows."""
    largest = float(np.nanmax(np.abs(total), initial=0.0))
    if largest == 0.0:
        return total
    return np.asarray(np.round(total, 12 - int(np.ceil(np.log10(largest)))))


def _joined(bins: Bins, sums: Sequence[SumOf], columns: Sequence[_Column]) -> Bins:
    return replace(
        bins,
        codes=np.column_stack([bins.codes, *(column.codes for column in columns)]),
        counts=(*bins.counts, *(len(column.lows) for column in columns)),
        lows=(*bins.lows, *(column.lows for column in columns)),
        highs=(*bins.highs, *(column.highs for column in columns)),
        named=(*bins.named, *(column.named for column in columns)),
        missing=(*bins.missing, *(column.missing for column in columns)),
        sums=(*bins.sums, *sums),
    )


def _cut(values: Floats, limits: Floats) -> _Column:
    """A bin between each two limits that part any rows."""
    known = ~np.isnan(values)
    where = np.searchsorted(limits, values[known], side="right")
    kept, where = np.unique(where, return_inverse=True)
    lows, highs = np.full(len(kept), np.inf), np.full(len(kept), -np.inf)
    np.minimum.at(lows, where, values[known])
    np.maximum.at(highs, where, values[known])
    codes = np.full(len(values), len(kept) + 1, dtype=np.int64)
    codes[known] = where
    return _Column(codes, lows, highs, False, not known.all())


def _of_numbers(values: Floats, most: int) -> _Column:
    """Bins of single values, or where these are too many of about equally many rows."""
    known = ~np.isnan(values)
    distinct, where, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    bins = np.arange(len(distinct))
    if len(distinct) > most:
        middle = np.cumsum(counts) - counts / 2
        bins = np.unique((middle * most / counts.sum()).astype(int), return_inverse=True)[1]
    starts = np.searchsorted(bins, np.arange(bins[-1] + 1)) if len(distinct) else np.array([], int)
    ends = np.append(starts[1:], len(distinct)) - 1 if len(distinct) else starts
    codes = np.full(len(values), len(starts) + 1, dtype=np.int64)
    codes[known] = bins[where]
    return _Column(codes, distinct[starts], distinct[ends], False, not known.all())


def _of_levels(values: Floats, count: int) -> _Column:
    """A bin for each frequent level, by place."""
    known = ~np.isnan(values)
    places = values[known].astype(np.int64)
    often = np.bincount(places, minlength=count)
    enough = _FEWEST if len(values) > 10 * _FEWEST else 1
    kept = [int(k) for k in np.argsort(-often, kind="stable")[:_LEVELS] if often[k] >= enough]
    kept.sort()
    code = np.full(count, len(kept), dtype=np.int64)
    code[kept] = np.arange(len(kept))
    codes = np.full(len(values), len(kept) + 1, dtype=np.int64)
    codes[known] = code[places]
    places_of = np.array(kept, dtype=float)
    return _Column(codes, places_of, places_of, True, not known.all())


@dataclass(frozen=True, slots=True, eq=False)
class BinnedRows:
    """Some rows of a table in bins, to learn from, and their places in it (rows,).

    Their codes (rows, columns), the same as numbers with NaN for a missing value, classes and
    weights (rows,). With ``ordered`` classes, of which two always are, points may be added up.
    ``check`` is called often by what searches them and may raise.
    """

    bins: Bins
    rows: Places
    codes: Places
    x: Floats
    y: Places
    weights: Floats
    classes: int
    ordered: bool
    monotone: tuple[int, ...]
    check: Check = endless

    @property
    def total(self) -> float:
        return float(self.weights.sum())


def part(bins: Bins, rows: RuleRows, some: Places, check: Check = endless) -> BinnedRows:
    """Some rows of the table, by place."""
    return BinnedRows(
        bins,
        some,
        bins.codes[some],
        bins.x(some),
        rows.y[some],
        rows.weights[some],
        rows.classes,
        rows.ordered or rows.classes == 2,
        rows.monotone,
        check,
    )


def with_bins(given: BinnedRows, bins: Bins) -> BinnedRows:
    """The same rows with more columns."""
    some = given.rows
    return replace(given, bins=bins, codes=bins.codes[some], x=bins.x(some))


def coarser(given: BinnedRows, most: int) -> tuple[BinnedRows, tuple[Places, ...]]:
    """The rows in fewer bins, and for each column of numbers the last fine bin of each coarse one.

    Columns of levels stay as they are.
    """
    bins = given.bins
    codes = given.codes.copy()
    counts, ends = list(bins.counts), []
    for j, count in enumerate(bins.counts):
        if bins.named[j] or count <= most:
            ends.append(np.arange(count))
            continue
        often = np.bincount(given.codes[:, j], minlength=count + 2)[:count]
        middle = np.cumsum(often) - often / 2
        group = np.unique((middle * most / max(1, often.sum())).astype(int), return_inverse=True)[1]
        counts[j] = int(group[-1]) + 1
        ends.append(np.searchsorted(group, np.arange(counts[j]), side="right") - 1)
        extra = [counts[j], counts[j] + 1]  # rare levels and missing values
        codes[:, j] = np.append(group, extra)[given.codes[:, j]]
    merged = replace(
        bins,
        codes=codes,
        counts=tuple(counts),
        lows=tuple(np.zeros(count) for count in counts),
        highs=tuple(np.zeros(count) for count in counts),
    )
    every = np.arange(len(codes))
    return replace(given, bins=merged, rows=every, codes=codes, x=merged.x(every)), tuple(ends)


def finer(model: RuleModel, bins: Bins, ends: tuple[Places, ...]) -> RuleModel:
    """A model over coarse codes as one over the codes of ``bins``."""

    def fine(unit: RuleUnit) -> RuleUnit:
        if isinstance(unit, Below) and not bins.named[unit.column]:
            return Below(unit.column, float(ends[unit.column][int(unit.limit) - 1] + 1))
        return unit

    return replace(model, units=tuple(map(fine, model.units)))
