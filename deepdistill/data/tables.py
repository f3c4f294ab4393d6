"""Tables of numbers with named columns: read from CSV files, checked, made fit for a search."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..ir.names import fresh, identifier
from ..ir.types import PLAIN_LAYOUT, TableLayout
from .categories import Category, category
from .columns import CellColumn, Reading, is_like_a_number, is_missing
from .dialect import Sheet, read_sheet
from .examples import grouped
from .problem import InputError

Floats = NDArray[np.float64]

_MOST_COLUMNS = 200
_LONGEST_TITLE = 300
_TRUE_FALSE = {"true": "false", "yes": "no", "t": "f", "y": "n", "on": "off"}
_ROW_NUMBERS = re.compile(r"(?:.*[\W_])?(?:id|index|idx|nr|no|row|key)\.?|#|unnamed.*|")
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_BRACKETS = re.compile(r"\(.*\)|\[.*\]|<.*>|\{.*\}")


@dataclass(frozen=True, slots=True, eq=False)
class NumberTable:
    """Inputs (rows, columns) with their titles, the target's title and its values (rows,).

    ``categories`` are the text columns that became indicators, with the place of the first one;
    ``truths`` the places of columns that hold True and False. ``beside`` are the titles of columns
    that are no inputs, and ``marks`` tells by title how a column writes numbers: decimal mark and
    what parts thousands, where that is not Python's way; ``layout`` says what else the file has
    besides names and rows. ``notes`` are sentences on what had to be
    assumed where the table was read. Rows of one of the ``groups`` (rows,) are held out together;
    with an ``order`` (rows,) the last ones are.
    """

    titles: tuple[str, ...]
    x: Floats
    target: str
    y: Floats
    categories: tuple[tuple[int, Category], ...] = ()
    notes: tuple[str, ...] = ()
    groups: NDArray[np.int64] | None = None
    order: NDArray[np.int64] | None = None
    truths: tuple[int, ...] = ()
    beside: tuple[str, ...] = ()
    marks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    layout: TableLayout = PLAIN_LAYOUT

    @property
    def columns(self) -> tuple[str, ...]:
        """The titles of all columns of the table, those of text and the target among them."""
        found: list[str] = []
        last = 0
        for place, one in self.categories:
            found += [*self.titles[last:place], one.title]
            last = place + len(one.described)
        return (*found, *self.titles[last:], self.target, *self.beside)

    @property
    def names(self) -> tuple[str, ...]:
        """Identifiers for the columns, all different."""
        return identifiers(self.titles, (identifier(self.target),))

    def meanings(self, names: Sequence[str]) -> tuple[str, ...]:
        """What the indicators mean and what was assumed, in sentences.

        ``names`` are those of all inputs.
        """
        described = (
            one.sentence(names[place : place + len(one.described)])
            for place, one in self.categories
            if one.described
        )
        return (*described, *self.notes)


def identifiers(titles: Sequence[str], taken: Sequence[str] = ()) -> tuple[str, ...]:
    """Names that can stand in code, as near to the titles as can be, all different."""
    used = {*taken, "math", "json", "sys", "part"}
    result = []
    for title in titles:
        name = fresh(identifier(title), used | (set(titles) - {title}))
        used.add(name)
        result.append(name)
    return tuple(result)


def checked(
    x: Floats,
    y: Floats,
    titles: Sequence[str],
    target: str,
    categories: Sequence[tuple[int, Category]] = (),
    notes: Sequence[str] = (),
) -> NumberTable:
    """The table; :class:`InputError` with a sentence where nothing can be learned from it."""
    if len(y) < 2:
        raise InputError(f"the table has {len(y)} usable row{'s'[: len(y) != 1]}: give at least 2")
    if not titles:
        raise InputError(
            f"the table has no input for {target!r:.60}: give another column, and not one text only"
        )
    if len(titles) > _MOST_COLUMNS:
        raise InputError(f"the table has {len(titles)} columns: give at most {_MOST_COLUMNS}")
    for title, column in [*zip(titles, x.T, strict=True), (target, y)]:
        if len(title) > _LONGEST_TITLE:
            raise InputError(
                f"the column {title!r:.60} has a name of {len(title):,} characters: shorten it, "
                f"{_LONGEST_TITLE} are enough"
            )
        if not np.isfinite(column).all():
            raise InputError(
                f"the column {title!r:.60} has missing or infinite values: remove those rows"
            )
    return NumberTable(tuple(titles), x, target, y, tuple(categories), tuple(notes))


def read_table(
    path: Path,
    target: str,
    drop: Sequence[str] = (),
    features: Sequence[str] = (),
    encoding: str | None = None,
    decimal: str | None = None,
    groups: str | None = None,
    time_column: str | None = None,
) -> NumberTable:
    """A CSV file that names its columns; text with few levels becomes indicators.

    ``drop`` names columns to leave out, ``features`` those to take, each name alone or several
    parted by commas. How numbers are written is told from all of them, or by ``decimal``, their
    decimal mark; see :mod:`deepdistill.data.columns`, and :mod:`deepdistill.data.dialect` for the
    rest. Rows that have the same in the column ``groups`` are held out together, and with a
    ``time_column`` the latest ones; neither is an input. What had to be assumed stands in the
    table's notes. A row of units below the names is left out. Raises :class:`InputError` with one
    sentence for anything else.
    """
    sheet = read_sheet(path, target, encoding)
    if sheet.titles.count(target) != 1:
        which = "no column" if target not in sheet.titles else "several columns"
        raise InputError(f"{path} has {which} {target!r:.60}: it has {_shown(sheet.titles)}")
    dropped = _chosen(drop, sheet)
    wanted = _chosen(features, sheet) if features else set(sheet.titles)
    beside = [name for name in (groups, time_column) if name is not None]
    for name in beside:
        dropped |= _chosen([name], sheet)
    if target in dropped:
        raise InputError(f"the column {target!r:.60} is the target: it cannot be left out")
    places = [
        k
        for k, title in enumerate(sheet.titles)
        if title == target or (title in wanted and title not in dropped)
    ]
    if len(places) - 1 > _MOST_COLUMNS:
        raise InputError(
            f"{path} has {len(places)} columns: give at most {_MOST_COLUMNS}, "
            "with --features or --drop"
        )
    notes: list[str] = []
    inputs = set(places)
    places += [sheet.titles.index(name) for name in beside]
    whole = [_column(sheet, k) for k in places]
    columns = _below_units(whole, notes)
    units = [(one.title, one.cells[0]) for one in whole if columns is not whole]
    told = dict(zip(beside, columns[len(columns) - len(beside) :], strict=True))
    columns = columns[: len(columns) - len(beside)]
    for column in columns:
        column.refuse_missing(is_input=column.title != target)
        column.refuse_other_kinds()
    open_ = {k: column for k, column in enumerate(columns) if not column.is_text}
    readings = _numbers(open_, sheet.delimiter, decimal, notes)
    numbers = {k: reading.numbers for k, reading in readings.items()}
    names, folded = list[str](), list[str]()
    parts: list[Floats] = [np.empty((len(columns[0].cells), 0))]
    categories: list[tuple[int, Category]] = []
    place = next(k for k, column in enumerate(columns) if column.title == target)
    y = numbers[place] if place in numbers else _truths(columns[place], notes)
    for k, column in enumerate(columns):
        if k == place:
            continue
        if k in numbers:
            if _counts_rows(column.title, numbers[k]):
                notes.append(
                    f"the column {column.title!r:.40} counts the rows: leave it out with --drop if "
                    "it is only their number"
                )
            names.append(column.title)
            parts.append(numbers[k][:, None])
        else:
            cased = _in_one_case(column, notes)
            folded += [column.title] * (cased is not column)
            try:
                found = category(column.title, cased.cells)
            except InputError as error:
                raise InputError(f"{column.where(0)}: {error} with --drop") from None
            categories.append((len(names), found))
            names += found.titles
            parts.append(found.indicators(cased.cells))
    table = checked(np.concatenate(parts, axis=1), y, names, target, categories, notes)
    return replace(
        table,
        groups=None if groups is None else grouped(told[groups].cells, len(y), "rows"),
        order=None if time_column is None else _ranks(told[time_column]),
        beside=tuple(title for k, title in enumerate(sheet.titles) if k not in inputs),
        marks=_marks({columns[k].title: reading for k, reading in readings.items()}),
        layout=replace(sheet.layout, units=tuple(units), folded=tuple(folded)),
    )


def _marks(readings: Mapping[str, Reading]) -> dict[str, tuple[str, str]]:
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


def _chosen(names: Sequence[str], sheet: Sheet) -> set[str]:
    """The titles that are named, one by one or parted by commas."""
    result = set()
    for text in names:
        for name in [text] if text in sheet.titles else map(str.strip, text.split(",")):
            if name not in sheet.titles:
                known = _shown(sheet.titles)
                raise InputError(f"{sheet.path} has no column {name!r:.60}: it has {known}")
            result.add(name)
    return result


def _shown(titles: Sequence[str]) -> str:
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
    told = ", ".join(f"{unit!r:.20}" for unit in units[:8])
    notes.append(f"line {columns[0].lines[0]} of the file was taken for units, not data: {told}")
    return rest


def _numbers(
    columns: Mapping[int, CellColumn], delimiter: str, decimal: str | None, notes: list[str]
) -> dict[int, Reading]:
    """How each column is read; those that can be read in two ways follow the others."""
    readings = {}
    for k, column in columns.items():
        found = column.readings() if column.cells else [Reading([], np.empty(0))]
        if decimal is not None and column.cells:
            found = [one for one in found if decimal in one.marks]
        if not found:
            raise column.no_numbers(decimal)
        readings[k] = found
    certain = [found[0].marks for found in readings.values() if len(found) == 1]
    told = set().union(*(marks for marks in certain if len(marks) == 1))
    result = {}
    for k, found in readings.items():
        column = columns[k]
        if len(found) > 1 and not told and delimiter == "," and found[0].is_plain:
            told_here = {"."}  # a comma would have to be quoted
        else:
            told_here = told
        fitting = [one for one in found if len(found) == 1 or one.marks & told_here]
        if len(fitting) != 1 or (len(found) > 1 and len(told_here) != 1):
            place = int(np.argmax(found[0].numbers != found[1].numbers))
            first, second = (f"{one.numbers[place]:.15g}" for one in found[:2])
            raise InputError(
                f"{column.where(place)}, which can be read in two ways, as {first} or {second}: "
                'say which mark begins the decimals, --decimal "." or --decimal ","'
            )
        result[k] = fitting[0]
        numbers = fitting[0].numbers
        if (grouped := column.grouped(fitting[0])) is not None:
            notes.append(f"{column.cell(grouped)}, was read as {numbers[grouped]:.15g}")
        if not np.isfinite(numbers).all():
            bad = int(np.flatnonzero(~np.isfinite(numbers))[0])
            raise InputError(f"{column.where(bad)}, which is not a finite number")
        column.refuse_rounded(fitting[0])
    return result


def _counts_rows(title: str, numbers: Floats) -> bool:
    steps = np.array_equal(numbers, numbers[:1] + np.arange(len(numbers)))
    return steps and len(numbers) > 2 and _ROW_NUMBERS.fullmatch(title.lower()) is not None


def _in_one_case(column: CellColumn, notes: list[str]) -> CellColumn:
    """The column with true and false each as it is written most often; others stay."""
    counts = Counter(column.cells)
    words = {cell.lower() for cell in counts}
    if len(words) == len(counts) or not any(words <= {*pair} for pair in _TRUE_FALSE.items()):
        return column
    spelt = {cell.lower(): cell for cell in sorted(counts, key=lambda cell: (counts[cell], cell))}
    told = ", ".join(map(repr, sorted(counts)))
    notes.append(f"{column.title!r:.40} has {told}: small letters and capitals are the same there")
    return replace(column, cells=[spelt[cell.lower()] for cell in column.cells])


def _truths(column: CellColumn, notes: list[str]) -> Floats:
    """A target of two words for true and false as 1 and 0."""
    words = {cell.lower() for cell in column.cells}
    for true, false in _TRUE_FALSE.items():
        if words <= {true, false}:
            told = sorted(set(column.cells), key=lambda cell: cell.lower() == false)
            said = [f"{int(cell.lower() == true)} where the table has {cell!r}" for cell in told]
            notes.append(f"{column.title!r:.40} is {', '.join(said)}")
            return np.array([float(cell.lower() == true) for cell in column.cells])
    raise InputError(
        f"{column.where(0)}, which is not a number: a formula computes numbers, so write 1 for one "
        "text and 0 for the others"
    )
