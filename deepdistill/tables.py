"""Tables of numbers with named columns: read from CSV files, checked, made fit for a search."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .files import read_bytes
from .names import identifier
from .problem import InputError

Floats = NDArray[np.float64]

_LARGEST_FILE = 512 * 2**20
_MOST_COLUMNS = 200
_MISSING = {"", "na", "nan", "null", "none", "?"}


@dataclass(frozen=True, slots=True, eq=False)
class NumberTable:
    """Inputs (rows, columns) with their titles, the target's title and its values (rows,)."""

    titles: tuple[str, ...]
    x: Floats
    target: str
    y: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """Identifiers for the columns, all different."""
        return identifiers(self.titles, (identifier(self.target),))


def identifiers(titles: Sequence[str], taken: Sequence[str] = ()) -> tuple[str, ...]:
    """Names that can stand in code, as near to the titles as can be, all different."""
    used = {*taken, "math", "json", "sys", "part"}
    result = []
    for title in titles:
        base = identifier(title)
        name, k = base, 2
        while name in used:
            name, k = f"{base.rstrip('_')}_{k}", k + 1
        used.add(name)
        result.append(name)
    return tuple(result)


def checked(x: Floats, y: Floats, titles: Sequence[str], target: str) -> NumberTable:
    """The table; :class:`InputError` with a sentence where nothing can be learned from it."""
    if len(y) < 2:
        raise InputError(f"the table has {len(y)} usable rows: give at least 2")
    if len(titles) > _MOST_COLUMNS:
        raise InputError(f"the table has {len(titles)} columns: give at most {_MOST_COLUMNS}")
    for title, column in [*zip(titles, x.T, strict=True), (target, y)]:
        if not np.isfinite(column).all():
            raise InputError(
                f"the column {title!r:.60} has missing or infinite values: remove those rows"
            )
    return NumberTable(tuple(titles), x, target, y)


def read_table(path: Path, target: str) -> NumberTable:
    """A CSV file whose first line names the columns; every other value is a number.

    Raises :class:`InputError` with one sentence for anything else.
    """
    try:
        text = read_bytes(path, _LARGEST_FILE).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not text in UTF-8: save the table as CSV") from None
    try:
        rows = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
    except csv.Error as error:
        raise InputError(f"{path} is not a CSV table: {error}") from None
    if not rows:
        raise InputError(f"{path} is empty: its first line names the columns")
    titles = [title.strip() for title in rows[0]]
    if titles.count(target) != 1:
        known = ", ".join(repr(title)[:30] for title in titles[:8])
        which = "no column" if target not in titles else "several columns"
        raise InputError(f"{path} has {which} {target!r:.60}: it has {known}")
    if len(titles) - 1 > _MOST_COLUMNS:
        raise InputError(f"{path} has {len(titles)} columns: give at most {_MOST_COLUMNS}")
    table = np.empty((len(rows) - 1, len(titles)))
    for k, row in enumerate(rows[1:]):
        if len(row) != len(titles):
            raise InputError(
                f"{path} has {len(row)} values in row {k + 2} where the first line has "
                f"{len(titles)}"
            )
        table[k] = [_number(path, k + 2, *pair) for pair in zip(titles, row, strict=True)]
    at = titles.index(target)
    others = [k for k in range(len(titles)) if k != at]
    return checked(table[:, others], table[:, at], [titles[k] for k in others], target)


def _number(path: Path, row: int, title: str, text: str) -> float:
    text = text.strip()
    where = f"{path} has {text!r:.40} in row {row}, column {title!r:.40}"
    if text.lower() in _MISSING:
        raise InputError(f"{where}: a value is missing there, remove the row or fill it in")
    try:
        value = float(text)
    except ValueError:
        raise InputError(
            f"{where}, which is not a number: leave the column out or code it"
        ) from None
    if not isfinite(value):
        raise InputError(f"{where}, which is not a finite number")
    return value
