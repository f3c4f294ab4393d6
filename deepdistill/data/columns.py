"""The cells of a table's columns: numbers in the ways that people write them, text, and neither."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..ir.types import MISSING
from .categories import MOST_LEVELS
from .problem import InputError

_DIGITS = re.compile(r"(?=[^0-9]*[0-9])[-+]?[0-9.,' ]+")  # a number as somebody writes it
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+", re.ASCII)
_CODE = re.compile(r"[0-9]{3,}")
_SIGNS = "%\u2030$\u20ac\u00a3\u00a5\u20b9"
_WITH_SIGN = re.compile(rf"[-+]?[{_SIGNS}]?\s*[-+]?\d[\d.,' ]*\s*[{_SIGNS}]?")
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AaPp][Mm])?"
_DATE = re.compile(
    rf"(?:\d{{4}}-\d{{1,2}}(?:-\d{{1,2}})?|\d{{4}}/\d{{1,2}}/\d{{1,2}}"
    rf"|\d{{1,2}}([./-])\d{{1,2}}\1(?:\d{{2}}|\d{{4}})"
    rf"|\d{{1,2}}[. -]{{1,2}}[^\W\d_]{{3,9}}[. -]{{1,2}}\d{{2,4}}"
    rf"|[^\W\d_]{{3,9}}\.? \d{{1,2}}, ?\d{{4}})"
    rf"(?:[T ]{_CLOCK}(?:Z| ?[+-]\d{{2}}:?\d{{2}}| ?UTC)?)?|{_CLOCK}"
)
_MINUS = "\u2212"
_TWINS = str.maketrans("\u00a0\u2007\u2009\u202f\u2019\u2212", "    '-")
"""Spaces, apostrophes and signs that typesetting has; one of them stands for all."""


@dataclass(frozen=True, slots=True)
class Convention:
    """How numbers are written: the decimal mark, and what parts groups of three digits."""

    decimal: str
    group: str

    def values(self, cells: Sequence[str]) -> NDArray[np.float64] | None:
        """The cells as numbers, (rows,); None where one is no number in this convention."""
        result = np.empty(len(cells))
        for k, cell in enumerate(cells):
            if (value := self.number(cell)) is None:
                return None
            result[k] = value
        return result

    def number(self, cell: str) -> float | None:
        """The number in a cell, None where there is none."""
        if self != _PLAIN:
            if not _PATTERNS[self].fullmatch(cell):
                return None
            cell = cell.replace(self.group, "").replace(self.decimal, ".")
        try:
            return None if "_" in cell else float(cell)  # Python alone reads 1_000 as a number
        except ValueError:
            return None


_PLAIN, _COMMA = Convention(".", ""), Convention(",", "")
_OTHERS = tuple(
    Convention(decimal, group)
    for group in ("", ",", ".", " ", "'")
    for decimal in ".,"
    if group != decimal and (decimal, group) != (".", "")
)


def _pattern(one: Convention) -> re.Pattern[str]:
    mark, group = re.escape(one.decimal), re.escape(one.group)
    whole = r"\d+" if not group else rf"(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+)"
    exponent = r"(?:[eE][+-]?\d+)?"
    return re.compile(rf"[+-]?(?:{whole}(?:{mark}\d*)?|{mark}\d+){exponent}", re.ASCII)


_PATTERNS = {one: _pattern(one) for one in _OTHERS}


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Numbers of a column, (rows,), and all conventions in which its cells say them."""

    conventions: list[Convention]
    numbers: NDArray[np.float64]

    @property
    def marks(self) -> set[str]:
        """The decimal marks of these conventions."""
        return {one.decimal for one in self.conventions}

    @property
    def is_plain(self) -> bool:
        """Whether Python would read these numbers."""
        return _PLAIN in self.conventions


@dataclass(frozen=True, slots=True)
class CellColumn:
    """The cells of one column as they stand in the file, and their lines there."""

    path: Path
    title: str
    cells: Sequence[str]
    lines: Sequence[int]

    @property
    def is_text(self) -> bool:
        """Whether there is a value and none is a number, as somebody writes numbers."""
        present = [cell for cell in self.cells if not is_missing(cell)]
        return bool(present) and (self.has_codes or not any(map(is_like_a_number, present)))

    @property
    def has_codes(self) -> bool:
        """Whether it has few names of digits, all of one length: ``00123`` is no quantity."""
        present = [cell for cell in self.cells if not is_missing(cell)]
        if not all(map(_CODE.fullmatch, present)):  # of most columns the first cell tells
            return False
        counts = Counter(present)
        alike = len({len(cell) for cell in counts}) == 1
        often = 1 < len(counts) <= MOST_LEVELS and min(counts.values()) > 1
        return alike and often and any(cell.startswith("0") for cell in counts)

    def refuse_missing(self, is_input: bool = False) -> None:
        """:class:`InputError` where a value is missing; an input can be left out."""
        missing = [k for k, cell in enumerate(self.cells) if is_missing(cell)]
        if not missing:
            return
        drop = f"leave it out with --drop {shlex.quote(self.title)}" if is_input else ""
        if len(missing) == len(self.cells):
            raise InputError(
                f"{self.path} has no value in the column {self.title!r:.60}: {drop or 'fill it in'}"
            )
        column = f", or where the column is of no use {drop}" if is_input else ""
        raise InputError(
            f"{self.where(missing[0])}: a value is missing there, remove the row or fill it in"
            f"{column}"
        )

    def refuse_rounded(self, reading: Reading) -> None:
        """:class:`InputError` where numbers beyond 2^53 that differ are the same as floats."""
        known: dict[float, tuple[Decimal, int]] = {}
        for k in np.flatnonzero(np.abs(reading.numbers) >= 2.0**53).tolist():
            way, cell = reading.conventions[0], self.cells[k].translate(_TWINS)
            if way.group:
                cell = cell.replace(way.group, "")
            exact = Decimal(cell.replace(way.decimal, "."))
            other, first = known.setdefault(float(reading.numbers[k]), (exact, k))
            if other != exact:
                raise InputError(
                    f"{self.where(k)}, which as a float is the same as {self.cells[first]!r:.40} "
                    f"in line {self.lines[first]}: subtract what such numbers have in common, or "
                    "leave the column out with --drop if it only names the rows"
                )

    def refuse_typeset(self) -> None:
        """:class:`InputError` for a minus that is none on a keyboard: no solver reads it."""
        typeset = next((k for k, cell in enumerate(self.cells) if _MINUS in cell), None)
        if typeset is not None:
            raise InputError(
                f"{self.where(typeset)}, whose minus is the typographic sign U+2212, which solvers "
                "do not read: put - in its place throughout the file"
            )

    def refuse_other_kinds(self) -> None:
        """:class:`InputError` for dates, and for numbers with a sign of percent or money."""
        if self.cells and all(_DATE.fullmatch(cell) for cell in self.cells):
            raise InputError(
                f"{self.where(0)}, which is a date or a time: take year, month, weekday and days "
                f"of dates like 2024-01-31 with --dates {shlex.quote(self.title)}, write it as "
                f"numbers, or leave the column out with --drop {shlex.quote(self.title)}"
            )
        signs = any(cell[-1:] in _SIGNS or cell[:1] in _SIGNS for cell in self.cells if cell)
        if signs and all(_WITH_SIGN.fullmatch(cell) for cell in self.cells):
            raise InputError(
                f"{self.where(0)}, which is a number with a sign: write the number alone and put "
                "the sign into the column's name, or leave the column out with --drop"
            )

    def readings(self) -> list[Reading]:
        """The numbers that the cells may be, all together; none where they are not numbers."""
        cells = [cell.translate(_TWINS) for cell in self.cells]
        possible: list[Reading] = []
        candidates: tuple[Convention, ...] = _OTHERS
        if (plain := _PLAIN.values(cells)) is not None:
            possible.append(Reading([_PLAIN], plain))
            pointed = [cell for cell in cells if "." in cell]
            if not pointed:
                possible[0].conventions.append(_COMMA)  # it says nothing of the mark
            if not pointed or not all(map(_GROUPED.fullmatch, pointed)):
                return possible
            candidates = (Convention(",", "."),)
        for convention in candidates:
            values = convention.values(cells)
            if values is None:
                continue
            for known in possible:
                if np.array_equal(known.numbers, values):
                    known.conventions.append(convention)
                    break
            else:
                possible.append(Reading([convention], values))
        return possible

    def grouped(self, reading: Reading) -> int | None:
        """The first row where the reading has groups of three digits, None where it has none."""
        if any(not one.group for one in reading.conventions):
            return None
        groups = [one.group for one in reading.conventions]
        cells = enumerate(cell.translate(_TWINS) for cell in self.cells)
        return next((k for k, cell in cells if any(group in cell for group in groups)), None)

    def no_numbers(self, decimal: str | None) -> InputError:
        """The sentence on the first cell that stands out, with that decimal mark."""
        known = [one for one in (_PLAIN, *_OTHERS) if decimal in (None, one.decimal)]
        cells = [cell.translate(_TWINS) for cell in self.cells]
        odd, like = [k for k, cell in enumerate(cells) if not is_like_a_number(cell)], ""
        if not odd:  # each is a number, but no one way of writing them gives all
            way = next((one for one in known if one.number(cells[0]) is not None), known[0])
            odd = [k for k, cell in enumerate(cells) if way.number(cell) is None]
            like = " written like those above it" if odd[0] else ""
        if decimal is not None:
            like = f" with the decimal mark {decimal!r}"
        return InputError(
            f"{self.where(odd[0])}, which is not a number{like}: write the column as numbers "
            "throughout, as text throughout, or leave it out with --drop"
        )

    def where(self, k: int) -> str:
        """``x.csv has 'red' in line 2, column 'y'``."""
        return f"{self.path} has {self.cell(k)}"

    def cell(self, k: int) -> str:
        """``'red' in line 2, column 'y'``."""
        return f"{self.cells[k]!r:.40} in line {self.lines[k]}, column {self.title!r:.40}"


def is_missing(cell: str) -> bool:
    """Whether the cell says that there is no value."""
    return cell.lower() in MISSING


def is_like_a_number(cell: str) -> bool:
    """Whether somebody may have written a number there."""
    cell = cell.translate(_TWINS)
    if _PLAIN.number(cell) is not None or _DIGITS.fullmatch(cell):
        return True
    return _COMMA.number(cell) is not None
