"""Tables with a column of labels, as rules are read from: numbers, levels and missing values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..ir.types import PLAIN_LAYOUT, Level, TableLayout
from .columns import CellColumn, is_missing
from .opened import (
    MOST_COLUMNS,
    TRUE_FALSE,
    OpenedTable,
    counts_rows,
    in_one_case,
    marks_of,
    open_table,
    read_numbers,
)
from .problem import InputError

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

MOST_LABELS = 100
_WHOLE = re.compile(r"-?\d{1,15}")
_ROWS_A_LEVEL = 2  # a column with fewer rows for each of its texts names the rows


@dataclass(frozen=True, slots=True, eq=False)
class TableColumn:
    """A column: its title, its numbers (rows,) or the places of its levels; NaN: missing."""

    title: str
    values: Floats
    levels: tuple[Level, ...] = ()

    @property
    def missing(self) -> int:
        """How many values are missing."""
        return int(np.isnan(self.values).sum())


@dataclass(frozen=True, slots=True, eq=False)
class LabelledTable:
    """Columns, the title of the target, its ``labels`` in order and the place of each row's.

    Rows of one of the ``groups`` (rows,) are held out together; with an ``order`` (rows,) the last
    ones are. ``weights`` (rows,) say how much a row counts. ``others`` are titles of columns that
    are no inputs, ``marks`` tells by title how a column writes numbers, ``layout`` what else the
    file has, ``notes`` what had to be assumed.
    """

    columns: tuple[TableColumn, ...]
    target: str
    labels: tuple[Level, ...]
    y: Places
    weights: Floats
    ordered: bool = False
    groups: Places | None = None
    order: Places | None = None
    others: tuple[str, ...] = ()
    marks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    layout: TableLayout = PLAIN_LAYOUT
    notes: tuple[str, ...] = ()

    @property
    def x(self) -> Floats:
        """The rows (rows, columns): numbers and places of levels; NaN where a value is missing."""
        if not self.columns:
            return np.empty((len(self.y), 0))
        return np.stack([column.values for column in self.columns], axis=1)


def checked_labels(table: LabelledTable) -> LabelledTable:
    """The table; :class:`InputError` with a sentence where no rule can be learned from it."""
    if not table.columns:
        raise InputError(f"the table has no column to tell {table.target!r:.60} by: give another")
    if len(table.columns) > MOST_COLUMNS:
        raise InputError(f"the table has {len(table.columns)} columns: give at most {MOST_COLUMNS}")
    if len(table.labels) < 2:
        told = repr(table.labels[0]) if table.labels else "nothing"
        raise InputError(
            f"every row has {told:.40} in the column {table.target!r:.60}: rules tell classes "
            "apart, so give rows of at least two"
        )
    if len(table.labels) > MOST_LABELS:
        raise InputError(
            f"the column {table.target!r:.60} has {len(table.labels):,} different values: rules "
            f"tell at most {MOST_LABELS} classes apart, so group them, or learn a formula"
        )
    for column in table.columns:
        if np.isinf(column.values).any():
            raise InputError(
                f"the column {column.title!r:.60} has infinite values: make them missing, or "
                "remove those rows"
            )
        if column.missing == len(table.y):
            raise InputError(f"the column {column.title!r:.60} has no value: leave it out")
    return table


def has_labels(opened: OpenedTable) -> bool:
    """Whether a target names classes: text, truths, or two whole numbers that come back."""
    column = _present(opened.columns[opened.place])
    counts = Counter(column.cells)
    two = len(counts) == 2 and min(counts.values()) > 1
    return column.is_text or (two and all(map(_WHOLE.fullmatch, counts)))


def read_labelled(
    path: Path,
    target: str,
    drop: Sequence[str] = (),
    features: Sequence[str] = (),
    encoding: str | None = None,
    decimal: str | None = None,
    groups: str | None = None,
    time_column: str | None = None,
) -> LabelledTable:
    """A CSV file that names its columns, one of which holds labels.

    The options are those of :func:`deepdistill.data.tables.read_table`. A missing value is one,
    but in the target; a column of text has as many levels as it likes, if they come back. Raises
    :class:`InputError` with one sentence.
    """
    return labelled(
        open_table(path, target, drop, features, encoding, groups, time_column), decimal
    )


def labelled(opened: OpenedTable, decimal: str | None = None) -> LabelledTable:
    """The same for a table that was opened."""
    notes = opened.notes
    answers = opened.columns[opened.place]
    count = len(answers.cells)
    if count < 2:
        raise InputError(
            f"{opened.sheet.path} has {count} usable row{'s'[: count != 1]}: give at least 2"
        )
    answers.refuse_missing()
    present = [_present(column) for column in opened.columns]
    for column in present:
        if not column.cells:
            column = next(one for one in opened.columns if one.title == column.title)
            column.refuse_missing(is_input=True)
        column.refuse_other_kinds()
    numbers = {
        k: column for k, column in enumerate(present) if not column.is_text and k != opened.place
    }
    readings = read_numbers(numbers, opened.sheet.delimiter, decimal, notes)
    columns: list[TableColumn] = []
    folded: list[str] = []
    for k, (column, whole) in enumerate(zip(present, opened.columns, strict=True)):
        if k == opened.place:
            continue
        here = np.array([not is_missing(cell) for cell in whole.cells], dtype=bool)
        values_ = np.full(len(here), np.nan)
        if k in readings:
            values_[here] = readings[k].numbers
            if here.all() and counts_rows(column.title, values_):
                notes.append(f"the column {column.title!r:.40} counts the rows and was left out")
                continue
            columns.append(TableColumn(column.title, values_))
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
        place = {text: float(k) for k, text in enumerate(levels)}
        values_[here] = [place[text] for text in cased.cells]
        columns.append(TableColumn(column.title, values_, levels))
    labels, y = _labels(answers, notes)
    counts = np.bincount(y)
    if len(counts) > 1 and counts.min() < 2:
        row = int(np.flatnonzero(y == counts.argmin())[0])
        raise InputError(
            f"{answers.where(row)}, and no other row has it: give more of them, or put them into "
            "another class"
        )
    notes += [
        f"the column {title!r:.40} is the target in other words: leave it out with --drop if it "
        "was made from it"
        for title in _told_alone(columns, y)
    ]
    left_out = {column.title for column in opened.columns} - {one.title for one in columns}
    others = (*opened.others, *(c.title for c in opened.columns if c.title in left_out))
    return checked_labels(
        LabelledTable(
            tuple(columns),
            answers.title,
            labels,
            y,
            np.ones(len(y)),
            groups=opened.groups,
            order=opened.order,
            others=tuple(title for title in others if title != answers.title),
            marks=marks_of({present[k].title: reading for k, reading in readings.items()}),
            layout=opened.layout(folded),
            notes=tuple(notes),
        )
    )


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


def _labels(column: CellColumn, notes: list[str]) -> tuple[tuple[Level, ...], Places]:
    """The labels in order, and which one each row has: whole numbers, truths or texts."""
    cased = in_one_case(column, notes)
    texts = sorted(set(cased.cells))
    labels: tuple[Level, ...] = tuple(texts)
    if all(map(_WHOLE.fullmatch, texts)):
        texts = sorted(texts, key=int)
        labels = tuple(int(text) for text in texts)
    elif not column.is_text:
        raise InputError(
            f"{column.where(0)}: rules tell classes apart, and this is a number: write classes as "
            "text or whole numbers, or learn a formula with --form formula"
        )
    elif len(texts) == 2:
        for true in TRUE_FALSE:
            texts = sorted(texts, key=lambda text: text.lower() == true)
        labels = tuple(texts)
    place = {text: k for k, text in enumerate(texts)}
    return labels, np.array([place[cell] for cell in cased.cells], dtype=np.int64)


def _told_alone(columns: Sequence[TableColumn], y: Places) -> Iterator[str]:
    """The columns of which each value belongs to one label and each label to one value."""
    kinds = len(np.unique(y))
    for column in columns:
        if not column.missing and len(np.unique(column.values)) == kinds:
            pairs = np.unique(np.stack([column.values, y]), axis=1)
            if pairs.shape[1] == kinds:
                yield column.title
