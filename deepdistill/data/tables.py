"""Tables of numbers with named columns: read from CSV files, checked, made fit for a search."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..ir.names import fresh, identifier
from .categories import Category, category
from .files import read_bytes
from .problem import InputError

Floats = NDArray[np.float64]

_LARGEST_FILE = 128 * 2**20
_MOST_COLUMNS = 200
_MOST_CELLS = 4 * 10**6  # each takes a hundred bytes while it is text
_LONGEST_TITLE = 300
_MISSING = {"", "na", "nan", "null", "none", "?"}
_DELIMITERS = ",;\t|"
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_DIGITS = re.compile(r"(?=[^0-9]*[0-9])[-+]?[0-9.,' ]+")  # a number as somebody writes it
_PERHAPS_THOUSANDS = re.compile(r"[+-]?\d{1,3},\d{3}")


@dataclass(frozen=True, slots=True, eq=False)
class NumberTable:
    """Inputs (rows, columns) with their titles, the target's title and its values (rows,).

    ``categories`` are the text columns that became indicators, with the place of the first one.
    """

    titles: tuple[str, ...]
    x: Floats
    target: str
    y: Floats
    categories: tuple[tuple[int, Category], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Identifiers for the columns, all different."""
        return identifiers(self.titles, (identifier(self.target),))

    def meanings(self, names: Sequence[str]) -> tuple[str, ...]:
        """What the indicators mean, in sentences; ``names`` are those of all inputs."""
        return tuple(
            one.sentence(names[place : place + len(one.described)])
            for place, one in self.categories
            if one.described
        )


def identifiers(titles: Sequence[str], taken: Sequence[str] = ()) -> tuple[str, ...]:
    """Names that can stand in code, as near to the titles as can be, all different."""
    used = {*taken, "math", "json", "sys", "part"}
    result = []
    for title in titles:
        name = fresh(identifier(title), used)
        used.add(name)
        result.append(name)
    return tuple(result)


def checked(
    x: Floats,
    y: Floats,
    titles: Sequence[str],
    target: str,
    categories: Sequence[tuple[int, Category]] = (),
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
    return NumberTable(tuple(titles), x, target, y, tuple(categories))


def read_table(path: Path, target: str) -> NumberTable:
    """A CSV file whose first line names the columns; text with few levels becomes indicators.

    Separated by commas, semicolons, tabs or bars; where commas do not separate they may be decimal
    points. Raises :class:`InputError` with one sentence for anything else.
    """
    data = read_bytes(path, _LARGEST_FILE)
    try:
        delimiter = _delimiter(data, target)
        rows, left = [], _MOST_CELLS
        for row in _rows(data, delimiter):
            left -= len(row)
            if left < 0:
                raise InputError(f"{path} has more than {_MOST_CELLS:,} cells: give fewer rows")
            if row:
                rows.append(row)
    except UnicodeDecodeError:
        raise InputError(f"{path} is not text in UTF-8: save the table as CSV") from None
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
    for k, row in enumerate(rows[1:]):
        if len(row) != len(titles):
            raise InputError(
                f"{path} has {len(row)} values in row {k + 2} where the first line has "
                f"{len(titles)}"
            )
    columns = [
        _Column(path, title, [row[k].strip() for row in rows[1:]], delimiter != ",")
        for k, title in enumerate(titles)
    ]
    (y,) = (column.numbers() for column in columns if column.title == target)
    names: list[str] = []
    parts: list[Floats] = [np.empty((len(y), 0))]
    categories: list[tuple[int, Category]] = []
    for column in columns:
        if column.title == target:
            continue
        if column.is_text:
            found = category(column.title, column.texts())
            categories.append((len(names), found))
            names += found.titles
            parts.append(found.indicators(column.cells))
        else:
            names.append(column.title)
            parts.append(column.numbers()[:, None])
    return checked(np.concatenate(parts, axis=1), y, names, target, categories)


def _rows(data: bytes, delimiter: str) -> Iterator[list[str]]:
    """The rows of a table, decoded one after another; ``csv.Error``, ``UnicodeDecodeError``."""
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")
    return csv.reader(text, delimiter=delimiter, strict=True)


def _delimiter(data: bytes, target: str) -> str:
    """The separator by which the first line has the target, and most columns."""
    best, chosen = (False, 1), ","
    for delimiter in _DELIMITERS:
        try:
            first = next((row for row in _rows(data, delimiter) if row), [])
            titles = [title.strip() for title in first]
        except csv.Error:
            continue
        if (score := (target in titles, len(titles))) > best:
            best, chosen = score, delimiter
    return chosen


@dataclass(frozen=True, slots=True)
class _Column:
    """The cells of one column as they stand in the file."""

    path: Path
    title: str
    cells: list[str]
    commas: bool  # as decimal points

    @property
    def is_text(self) -> bool:
        """Whether there is a value and none is a number."""
        present = [cell for cell in self.cells if cell.lower() not in _MISSING]
        return bool(present) and not any(
            self._number(cell) is not None or _DIGITS.fullmatch(cell) for cell in present
        )

    def texts(self) -> list[str]:
        """The cells, none missing."""
        for k, cell in enumerate(self.cells):
            self._refuse_missing(k, cell)
        return self.cells

    def numbers(self) -> Floats:
        """The cells as numbers, (rows,)."""
        result = np.empty(len(self.cells))
        for k, cell in enumerate(self.cells):
            self._refuse_missing(k, cell)
            value = self._number(cell)
            if value is None:
                raise InputError(
                    f"{self._where(k, cell)}, which is not a number: "
                    "write the column as numbers throughout, as text throughout, or leave it out"
                )
            if not isfinite(value):
                raise InputError(f"{self._where(k, cell)}, which is not a finite number")
            result[k] = value
        self._refuse_ambiguous()
        return result

    def _number(self, cell: str) -> float | None:
        if self.commas and _DECIMAL_COMMA.fullmatch(cell):
            cell = cell.replace(",", ".")
        try:
            return None if "_" in cell else float(cell)  # Python alone reads 1_000 as a number
        except ValueError:
            return None

    def _refuse_missing(self, k: int, cell: str) -> None:
        if cell.lower() in _MISSING:
            raise InputError(
                f"{self._where(k, cell)}: a value is missing there, remove the row or fill it in"
            )

    def _refuse_ambiguous(self) -> None:
        """1,234 is a decimal number or one with a thousands separator: nobody can tell."""
        commas = [k for k, cell in enumerate(self.cells) if "," in cell]
        if commas and all(_PERHAPS_THOUSANDS.fullmatch(self.cells[k]) for k in commas):
            k = commas[0]
            raise InputError(
                f"{self._where(k, self.cells[k])}, which can be read in two ways: "
                "write decimal points and no thousands separators"
            )

    def _where(self, k: int, cell: str) -> str:
        return f"{self.path} has {cell!r:.40} in row {k + 2}, column {self.title!r:.40}"
