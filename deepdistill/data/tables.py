"""Tables of numbers with named columns, as formulas are read from: checked, text as indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..ir.names import fresh, identifier
from ..ir.types import PLAIN_LAYOUT, TableLayout
from .categories import Category, category
from .columns import CellColumn, is_missing
from .opened import (
    MOST_COLUMNS,
    TRUE_FALSE,
    OpenedTable,
    answered,
    counts_rows,
    in_one_case,
    marks_of,
    open_table,
    read_numbers,
)
from .problem import InputError

Floats = NDArray[np.float64]

_LONGEST_TITLE = 300


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
        titles: list[str] = []
        last = 0
        for place, one in self.categories:
            titles += [*self.titles[last:place], one.title]
            last = place + len(one.described)
        return (*titles, *self.titles[last:], self.target, *self.beside)

    @property
    def names(self) -> tuple[str, ...]:
        """Identifiers for the columns, all different."""
        return self.names_beside(identifier(self.target))

    def names_beside(self, target: str) -> tuple[str, ...]:
        """The same where the target is called so; none is the title of another column."""
        further = set(self.columns) - set(self.titles)
        return identifiers(self.titles, (target, *further))

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
    """Names that can stand in code, as near to the titles as can be, all different.

    None is one of those ``taken``, as other columns are called, or the title of another one.
    """
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
    if len(titles) > MOST_COLUMNS:
        raise InputError(f"the table has {len(titles)} columns: give at most {MOST_COLUMNS}")
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
    table's notes. A row of units below the names is left out, and so are empty columns without a
    name. Raises :class:`InputError` with one sentence for anything else.
    """
    opened = open_table(path, target, drop, features, encoding, groups, time_column)
    return number_table(opened, decimal)


def number_table(opened: OpenedTable, decimal: str | None = None) -> NumberTable:
    """The same for a table that was opened."""
    with_target = answered(opened)
    if len(with_target.columns[0].cells) > 1:  # else what is missing is why there is no formula
        opened = with_target
    opened = _without_empty(opened)
    target = opened.columns[opened.place].title
    columns, place, notes = opened.columns, opened.place, opened.notes
    for column in columns:
        column.refuse_missing(is_input=column.title != target)
        column.refuse_other_kinds()
    open_ = {k: column for k, column in enumerate(columns) if not column.is_text}
    readings = read_numbers(open_, opened.sheet.delimiter, decimal, notes, place)
    numbers = {k: reading.numbers for k, reading in readings.items()}
    names, folded = list[str](), list[str]()
    parts: list[Floats] = [np.empty((len(columns[0].cells), 0))]
    categories: list[tuple[int, Category]] = []
    y = numbers[place] if place in numbers else _truths(columns[place], notes)
    for k, column in enumerate(columns):
        if k == place:
            continue
        if k in numbers:
            if counts_rows(column.title, numbers[k]):
                notes.append(
                    f"the column {column.title!r:.40} counts the rows: leave it out with --drop if "
                    "it is only their number"
                )
            names.append(column.title)
            parts.append(numbers[k][:, None])
        else:
            cased = in_one_case(column, notes)
            folded += [column.title] * (cased is not column)
            try:
                text_category = category(column.title, cased.cells)
            except InputError as error:
                raise InputError(f"{column.where(0)}: {error} with --drop") from None
            categories.append((len(names), text_category))
            names += text_category.titles
            parts.append(text_category.indicators(cased.cells))
    table = checked(np.concatenate(parts, axis=1), y, names, target, categories, notes)
    return replace(
        table,
        groups=opened.groups,
        order=opened.order,
        beside=opened.others,
        marks=marks_of({columns[k].title: reading for k, reading in readings.items()}),
        layout=opened.layout(folded),
    )


def _without_empty(opened: OpenedTable) -> OpenedTable:
    """The columns but for empty ones without a name, as spreadsheets write them."""
    empty = [
        k
        for k, one in enumerate(opened.columns)
        if k != opened.place and not one.title and all(map(is_missing, one.cells))
    ]
    if not empty:
        return opened
    several = f"{len(empty)} columns without a name have no value and were left out"
    one_alone = "a column without a name has no value and was left out"
    opened.notes.append(one_alone if len(empty) == 1 else several)
    return replace(
        opened,
        columns=tuple(one for k, one in enumerate(opened.columns) if k not in empty),
        place=opened.place - sum(k < opened.place for k in empty),
        others=(*opened.others, *[""] * len(empty)),
    )


def _truths(column: CellColumn, notes: list[str]) -> Floats:
    """A target of two words for true and false as 1 and 0."""
    words = {cell.lower() for cell in column.cells}
    for true, false in TRUE_FALSE.items():
        if words <= {true, false}:
            spellings = sorted(set(column.cells), key=lambda cell: cell.lower() == false)
            said = [
                f"{int(cell.lower() == true)} where the table has {cell!r}" for cell in spellings
            ]
            notes.append(f"{column.title!r:.40} is {', '.join(said)}")
            return np.array([float(cell.lower() == true) for cell in column.cells])
    raise InputError(
        f"{column.where(0)}, which is not a number: a formula computes numbers, so write 1 for one "
        "text and 0 for the others"
    )
