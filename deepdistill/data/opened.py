"""A table as a search is to see it: which columns of a file are inputs, and how each is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..ir.types import TableLayout
from .columns import CellColumn, Reading, is_like_a_number, is_missing
from .dates import Dates, parts_of_dates
from .dialect import Sheet, further_down, read_sheet
from .examples import grouped
from .problem import InputError

MOST_COLUMNS = 200
TRUE_FALSE = {"true": "false", "yes": "no", "t": "f", "y": "n", "on": "off"}
_ROW_NUMBERS = re.compile(r"(?:.*[\W_])?(?:id|index|idx|nr|no|row|key)\.?|#|unnamed.*|")
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_BRACKETS = re.compile(r"\(.*\)|\[.*\]|<.*>|\{.*\}")


@dataclass(frozen=True, slots=True, eq=False)
class OpenedTable:
    """The columns of a file that a search is to see, inputs and the target, as cells.

    ``place`` is that of the target among them; ``groups`` and ``order`` (rows,) say which rows are
    held out together, and which last; ``others`` are the titles of columns that are no inputs. In
    ``notes`` stands what had to be assumed, in ``dates`` which columns were made of dates.
    """

    sheet: Sheet
    columns: tuple[CellColumn, ...]
    place: int
    others: tuple[str, ...]
    units: tuple[tuple[str, str], ...]
    groups: NDArray[np.int64] | None
    order: NDArray[np.int64] | None
    notes: list[str]
    dates: Dates = ()

    def layout(self, folded: Sequence[str]) -> TableLayout:
        """How the file is written; ``folded`` columns write true and false in several cases."""
        layout = self.sheet.layout
        return replace(layout, units=self.units, folded=tuple(folded), dates=self.dates)


def open_table(
    path: Path,
    target: str,
    drop: Sequence[str] = (),
    features: Sequence[str] = (),
    encoding: str | None = None,
    groups: str | None = None,
    time_column: str | None = None,
    dates: Sequence[str] = (),
    exact: bool = False,
) -> OpenedTable:
    """The columns of a CSV file; see :func:`deepdistill.data.tables.read_table` for the options.

    Columns of ``dates`` become those of :func:`deepdistill.data.dates.parts_of_dates`. Where names
    are ``exact`` no comma parts them.
    Raises :class:`InputError` with one sentence where a column is not there.
    """
    sheet = read_sheet(path, target, encoding)
    if sheet.titles.count(target) != 1:
        which = "no column" if target not in sheet.titles else "several columns"
        raise InputError(
            f"{path} has {which} {target!r:.60}: it has {_listed(sheet.titles)}"
            f"{further_down(sheet.lines, sheet.rows, target)}"
        )
    dropped = _chosen(drop, sheet, exact)
    wanted = _chosen(features, sheet, exact) if features else set(sheet.titles)
    beside = [name for name in (groups, time_column) if name is not None]
    for name in beside:
        dropped |= _chosen([name], sheet, exact)
    if target in dropped:
        raise InputError(f"the column {target!r:.60} is the target: it cannot be left out")
    places = [
        k
        for k, title in enumerate(sheet.titles)
        if title == target or (title in wanted and title not in dropped)
    ]
    nameless = {k for k in places if target and not sheet.titles[k]}
    if not all(is_missing(row[k].strip()) for row in sheet.rows for k in nameless):
        nameless = set()  # a solver could not tell those that have values from the empty ones
    twice, times = Counter(sheet.titles[k] for k in places if k not in nameless).most_common(1)[0]
    if times > 1:
        raise InputError(
            f"{path} has {times} columns {twice!r:.60}: give each a name of its own, or leave them "
            "out with --drop"
        )
    if len(places) - 1 > MOST_COLUMNS:
        raise InputError(
            f"{path} has {len(places)} columns: give at most {MOST_COLUMNS}, "
            "with --features or --drop"
        )
    notes: list[str] = []
    inputs = set(places)
    places += [sheet.titles.index(name) for name in beside]
    whole = [_column(sheet, k) for k in places]
    columns = _below_units(whole, notes)
    units = [(one.title, one.cells[0]) for one in whole if columns is not whole]
    by_name = dict(zip(beside, columns[len(columns) - len(beside) :], strict=True))
    columns = columns[: len(columns) - len(beside)]
    dated = _date_titles(_chosen(dates, sheet, exact), sheet, target, inputs)
    columns, made = parts_of_dates(columns, dated, notes)
    notes += [
        f"{one.title!r:.40} has digits with zeros before them, like {code!r:.20}: they were taken "
        "for names, not for quantities"
        for one in columns
        if one.has_codes
        for code in [min(cell for cell in one.cells if cell.startswith("0"))]
    ]
    together = None
    if groups is not None:
        together = grouped(by_name[groups].cells, len(columns[0].cells), "rows")
    return OpenedTable(
        sheet,
        tuple(columns),
        next(k for k, column in enumerate(columns) if column.title == target),
        (*(title for k, title in enumerate(sheet.titles) if k not in inputs), *_once(made)),
        tuple(units),
        together,
        None if time_column is None else _ranks(by_name[time_column]),
        notes,
        made,
    )


def answered(opened: OpenedTable) -> OpenedTable:
    """The rows that have a target; how many have none stands in the notes."""
    target = opened.columns[opened.place]
    kept = [k for k, cell in enumerate(target.cells) if not is_missing(cell)]
    gone = len(target.cells) - len(kept)
    if not gone or not kept:
        return opened
    first = next(k for k, cell in enumerate(target.cells) if is_missing(cell))
    have, were = ("has", "was") if gone == 1 else ("have", "were")
    opened.notes.append(
        f"{gone:,} of {len(target.cells):,} rows {have} no value in the column "
        f"{target.title!r:.40}, the first in line {target.lines[first]}, and {were} left out"
    )
    columns = tuple(
        replace(one, cells=[one.cells[k] for k in kept], lines=[one.lines[k] for k in kept])
        for one in opened.columns
    )
    groups, order = (None if one is None else one[kept] for one in (opened.groups, opened.order))
    return replace(opened, columns=columns, groups=groups, order=order)


def read_numbers(
    columns: Mapping[int, CellColumn],
    delimiter: str,
    decimal: str | None,
    notes: list[str],
    place: int,
) -> dict[int, Reading]:
    """How each column is read; those that can be read in two ways follow the others.

    The target stands at that ``place``; the others are inputs, which a solver has to read as well.
    """
    readings = {}
    for k, column in columns.items():
        ways = column.readings() if column.cells else [Reading([], np.empty(0))]
        if decimal is not None and column.cells:
            ways = [one for one in ways if decimal in one.marks]
        if not ways:
            raise column.no_numbers(decimal)
        readings[k] = ways
    certain = [ways[0].marks for ways in readings.values() if len(ways) == 1]
    known_marks = set().union(*(marks for marks in certain if len(marks) == 1))
    result = {}
    for k, ways in readings.items():
        column = columns[k]
        if len(ways) > 1 and not known_marks and delimiter == "," and ways[0].is_plain:
            told_here = {"."}  # a comma would have to be quoted
        else:
            told_here = known_marks
        fitting = [one for one in ways if len(ways) == 1 or one.marks & told_here]
        if len(fitting) != 1 or (len(ways) > 1 and len(told_here) != 1):
            row = int(np.argmax(ways[0].numbers != ways[1].numbers))
            first, second = (f"{one.numbers[row]:.15g}" for one in ways[:2])
            raise InputError(
                f"{column.where(row)}, which can be read in two ways, as {first} or {second}: "
                'say which mark begins the decimals, --decimal "." or --decimal ","'
            )
        result[k] = fitting[0]
        numbers = fitting[0].numbers
        if (grouped := column.grouped(fitting[0])) is not None:
            notes.append(f"{column.cell(grouped)}, was read as {numbers[grouped]:.15g}")
        if not np.isfinite(numbers).all():
            bad = int(np.flatnonzero(~np.isfinite(numbers))[0])
            raise InputError(
                f"{column.where(bad)}, which is not a finite number: write one, or remove the row"
            )
        column.refuse_rounded(fitting[0])
        if k != place:
            column.refuse_typeset()
    return result


def marks_of(readings: Mapping[str, Reading]) -> dict[str, tuple[str, str]]:
    """How each column writes numbers, whole ones as the others do; what Python reads is left out.

    Where several ways fit, it is the one with fewer marks.
    """
    decimals = {mark for one in readings.values() if len(one.marks) == 1 for mark in one.marks}
    result = {}
    for title, reading in readings.items():
        known = [one for one in reading.conventions if decimals <= {one.decimal}]
        ways = [(len(one.group), one.decimal != ".", one) for one in known or reading.conventions]
        best = min(ways, key=lambda way: way[:2])[2]
        if (best.decimal, best.group) != (".", ""):
            result[title] = (best.decimal, best.group)
    return result


def in_one_case(column: CellColumn, notes: list[str]) -> CellColumn:
    """The column with true and false each as it is written most often; others stay."""
    counts = Counter(column.cells)
    words = {cell.lower() for cell in counts}
    if len(words) == len(counts) or not any(words <= {*pair} for pair in TRUE_FALSE.items()):
        return column
    spelt = {cell.lower(): cell for cell in sorted(counts, key=lambda cell: (counts[cell], cell))}
    spellings = ", ".join(map(repr, sorted(counts)))
    notes.append(
        f"{column.title!r:.40} has {spellings}: small letters and capitals are the same there"
    )
    return replace(column, cells=[spelt[cell.lower()] for cell in column.cells])


def counts_rows(title: str, numbers: NDArray[np.float64]) -> bool:
    """Whether a column does nothing but number the rows."""
    steps = np.array_equal(numbers, numbers[:1] + np.arange(len(numbers)))
    return steps and len(numbers) > 2 and _ROW_NUMBERS.fullmatch(title.lower()) is not None


def _ranks(column: CellColumn) -> NDArray[np.int64]:
    """The place of each row in time: by number where all are numbers, else as ISO dates sort."""
    column.refuse_missing()
    try:
        values = np.array([float(cell) for cell in column.cells])
    except ValueError:
        for k, cell in enumerate(column.cells):
            if not _ISO.fullmatch(cell):
                raise InputError(
                    f"{column.where(k)}: {cell!r:.40} is no number and no date like 2024-01-31: "
                    "give such a column of times"
                ) from None
        values = np.array(column.cells)
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _column(sheet: Sheet, place: int) -> CellColumn:
    cells = [row[place].strip() for row in sheet.rows]
    return CellColumn(sheet.path, sheet.titles[place], cells, sheet.lines)


def _chosen(names: Sequence[str], sheet: Sheet, exact: bool) -> set[str]:
    """The titles that are named, one by one or, unless they are exact, parted by commas."""
    result = set()
    for text in names:
        whole = exact or text in sheet.titles
        for name in [text] if whole else map(str.strip, text.split(",")):
            if name not in sheet.titles:
                known = _listed(sheet.titles)
                raise InputError(f"{sheet.path} has no column {name!r:.60}: it has {known}")
            result.add(name)
    return result


def _date_titles(titles: set[str], sheet: Sheet, target: str, inputs: set[int]) -> set[str]:
    """The titles of the columns of dates; one that is no input is not asked."""
    if target in titles:
        raise InputError(f"the column {target!r:.60} is the target: it cannot give --dates")
    return {title for title in titles if sheet.titles.index(title) in inputs}


def _once(made: Dates) -> tuple[str, ...]:
    """The titles of the dates that columns were made of."""
    return tuple(dict.fromkeys(title for _, title, _ in made))


def _listed(titles: Sequence[str]) -> str:
    return ", ".join(repr(title)[:30] for title in titles[:8])


def _below_units(columns: list[CellColumn], notes: list[str]) -> list[CellColumn]:
    """The columns without a first row of units: words above what else are numbers throughout."""
    first = [column.cells[0] if column.cells else "" for column in columns]
    if not any(first) or len(columns[0].cells) < 3 or any(map(is_like_a_number, first)):
        return columns
    rest = [replace(one, cells=one.cells[1:], lines=one.lines[1:]) for one in columns]
    units = []
    for cell, column in zip(first, rest, strict=True):
        if column.is_text:
            if cell not in ("", "-") and cell in column.cells:
                return columns  # it is a value like those below
        elif cell:
            if is_missing(cell) or not column.readings():
                return columns
            units.append(cell)
    if not units or (len(units) == 1 and not _BRACKETS.fullmatch(units[0])):
        return columns
    text = ", ".join(f"{unit!r:.20}" for unit in units[:8])
    notes.append(f"line {columns[0].lines[0]} of the file was taken for units, not data: {text}")
    return rest
