"""Columns of dates as numbers: the year, the month, the day of the week, and days since 1970."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from .columns import CellColumn, is_missing
from .problem import InputError

PARTS = ("year", "month", "weekday", "days")
"""What a date tells: weekdays are 1 to 7 from Monday on, days are counted from 1970-01-01."""

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ].*)?")
_FIRST = date(1970, 1, 1)

Dates = tuple[tuple[str, str, str], ...]
"""For each column that was made: its title, that of the dates, and the part of these."""


def parts_of_dates(
    columns: Sequence[CellColumn], titles: Collection[str], notes: list[str]
) -> tuple[list[CellColumn], Dates]:
    """The columns with a column for each part of the dates in those of these titles.

    A part that is one in all rows is left out. Raises :class:`InputError` where a cell is no date
    as ISO writes it.
    """
    expanded: list[CellColumn] = []
    made: list[tuple[str, str, str]] = []
    taken = {column.title for column in columns}
    for column in columns:
        if column.title not in titles:
            expanded.append(column)
            continue
        numbers = [_numbers(column, k) for k in range(len(column.cells))]
        own = []
        for part in PARTS:
            title = title_of(column.title, part)
            if title in taken:
                raise InputError(
                    f"{column.path} has a column {title!r:.60}, which --dates would make of "
                    f"{column.title!r:.60}: rename one, or leave one out with --drop"
                )
            cells = ["" if known is None else str(known[part]) for known in numbers]
            if len({cell for cell in cells if cell}) > 1:
                own.append(part)
                expanded.append(replace(column, title=title, cells=cells))
                made.append((title, column.title, part))
        listed = ", ".join(own) or "nothing, since all are one"
        notes.append(f"the dates of {column.title!r:.40} give {listed}")
    return expanded, tuple(made)


def title_of(title: str, part: str) -> str:
    """What the column is called that a part of dates makes."""
    return f"{title}{' ' if ' ' in title else '_'}{part}"


def _numbers(column: CellColumn, row: int) -> Mapping[str, int] | None:
    """The parts of the date in a cell, nothing where a value is missing."""
    cell = column.cells[row]
    if is_missing(cell):
        return None
    if (parts := parts_of(cell)) is None:
        raise InputError(
            f"{column.where(row)}, which is no date like 2024-01-31: write dates in this way, or "
            "leave the column out of --dates"
        )
    return parts


def with_parts(row: Mapping[str, Any], dates: Dates) -> dict[str, Any]:
    """A row by column with the parts of its dates; what is no date, or missing, gives none."""
    extended = dict(row)
    for title, source, part in dates:
        if source in row and title not in row:
            parts = parts_of(str(row[source]))
            extended[title] = None if parts is None else parts[part]
    return extended


def parts_of(text: str) -> Mapping[str, int] | None:
    """The parts of a date as ISO writes it; nothing of any other text."""
    match = _ISO.fullmatch(text.strip())
    try:
        day = date.fromisoformat(match[1] if match else "")
    except ValueError:
        return None
    days = (day - _FIRST).days
    return dict(zip(PARTS, (day.year, day.month, day.isoweekday(), days), strict=True))
