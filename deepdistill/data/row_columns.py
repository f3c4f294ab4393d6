"""The columns of a table that rules may read: numbers, places of levels, missing values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..ir.types import Level
from .columns import CellColumn, Reading, is_missing
from .opened import MOST_COLUMNS, OpenedTable, counts_rows, in_one_case, read_numbers
from .problem import InputError

Floats = NDArray[np.float64]

_ROWS_A_LEVEL = 2  # a column with fewer rows for each of its texts names the rows


@dataclass(frozen=True, slots=True, eq=False)
class TableColumn:
    """A column: its title, its numbers (rows,) or the places of its levels; NaN: missing.

    An ``open`` one may have further levels that no row shows.
    """

    title: str
    values: Floats
    levels: tuple[Level, ...] = ()
    open: bool = False

    @property
    def missing(self) -> int:
        """How many values are missing."""
        return int(np.isnan(self.values).sum())


@dataclass(frozen=True, slots=True, eq=False)
class RowColumns:
    """The columns of a file that rules may read, and how the file writes them.

    ``readings`` are by title those of numbers, of the target too where it is one; ``folded`` are
    titles of columns that write true and false in several cases, ``left_out`` those of columns that
    are no inputs. The sentences of what was assumed are added to the notes of the opened table.
    """

    columns: tuple[TableColumn, ...]
    readings: Mapping[str, Reading]
    folded: tuple[str, ...]
    left_out: tuple[str, ...]


def row_columns(opened: OpenedTable, decimal: str | None, number_target: bool) -> RowColumns:
    """The columns of an opened table; :class:`InputError` where one cannot be read.

    With a ``number_target`` the target is read as numbers, too, and may tell the decimal mark.
    """
    notes, place = opened.notes, opened.place
    count = len(opened.columns[place].cells)
    if count < 2:
        raise InputError(
            f"{opened.sheet.path} has {count} usable row{'s'[: count != 1]}: give at least 2"
        )
    opened.columns[place].refuse_missing()
    present = [_present(column) for column in opened.columns]
    empty = [k for k, column in enumerate(present) if not column.cells]
    for column in present:
        column.refuse_other_kinds()
    numbers = {
        k: column
        for k, column in enumerate(present)
        if column.cells and not column.is_text and (number_target or k != place)
    }
    readings = read_numbers(numbers, opened.sheet.delimiter, decimal, notes, place)
    columns: list[TableColumn] = []
    folded: list[str] = []
    for k, (column, whole) in enumerate(zip(present, opened.columns, strict=True)):
        if k == place or k in empty:
            continue
        here = np.array([not is_missing(cell) for cell in whole.cells], dtype=bool)
        values = np.full(len(here), np.nan)
        if k in readings:
            values[here] = readings[k].numbers
            if here.all() and counts_rows(column.title, values):
                notes.append(f"the column {column.title!r:.40} counts the rows and was left out")
                continue
            columns.append(TableColumn(column.title, values))
            continue
        cased = in_one_case(column, notes)
        folded += [column.title] * (cased is not column)
        levels = _levels(cased, whole)
        if levels is None:
            notes.append(
                f"the column {column.title!r:.40} has a text of its own in nearly every row and "
                "was left out"
            )
            continue
        place_of = {text: float(k) for k, text in enumerate(levels)}
        values[here] = [place_of[text] for text in cased.cells]
        columns.append(TableColumn(column.title, values, levels))
    if empty and not columns:
        opened.columns[empty[0]].refuse_missing(is_input=True)
    notes += [
        f"the column {opened.columns[k].title!r:.40} has no value and was left out" for k in empty
    ]
    kept = {one.title for one in columns} | {opened.columns[place].title}
    return RowColumns(
        tuple(columns),
        {present[k].title: reading for k, reading in readings.items()},
        tuple(folded),
        tuple(column.title for column in opened.columns if column.title not in kept),
    )


def checked_columns(columns: Sequence[TableColumn], target: str) -> None:
    """:class:`InputError` with a sentence where no rule can be learned from the columns."""
    if not columns:
        raise InputError(f"the table has no column to tell {target!r:.60} by: give another")
    if len(columns) > MOST_COLUMNS:
        raise InputError(f"the table has {len(columns)} columns: give at most {MOST_COLUMNS}")
    for column in columns:
        if np.isinf(column.values).any():
            raise InputError(
                f"the column {column.title!r:.60} has infinite values: make them missing, or "
                "remove those rows"
            )
    if all(column.missing == len(column.values) for column in columns):
        title = columns[0].title
        raise InputError(f"the column {title!r:.60} has no value: give columns that have some")


def table_rows(columns: Sequence[TableColumn], count: int) -> Floats:
    """The rows (rows, columns): numbers and places of levels; NaN where a value is missing."""
    if not columns:
        return np.empty((count, 0))
    return np.stack([column.values for column in columns], axis=1)


def _present(column: CellColumn) -> CellColumn:
    """The cells that have a value."""
    kept = [k for k, cell in enumerate(column.cells) if not is_missing(cell)]
    if len(kept) == len(column.cells):
        return column
    cells, lines = [column.cells[k] for k in kept], [column.lines[k] for k in kept]
    return CellColumn(column.path, column.title, cells, lines)


def _levels(column: CellColumn, whole: CellColumn) -> tuple[Level, ...] | None:
    """The texts in order; None where nearly every row has its own."""
    levels = tuple(sorted(set(column.cells)))
    if len(levels) > 1 and len(whole.cells) < _ROWS_A_LEVEL * len(levels):
        return None
    return levels
