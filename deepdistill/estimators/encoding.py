"""Data frames and arrays of any kind as the columns that rules read: numbers, levels, missing.

A column of dates is several of numbers: the year, the month, the day of the week, and days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.dates import PARTS, Dates, parts_of, title_of
from ..data.problem import InputError
from ..data.row_columns import TableColumn
from ..ir.types import Level
from .columns import columns_of, is_gone, level_text, refuse_folded, texts_as

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ColumnCode:
    """How a column becomes numbers: as it is, the places of its levels, or a part of its dates.

    ``source`` is the title of the column at ``place``.
    """

    title: str
    place: int
    levels: tuple[Level, ...] = ()
    part: str = ""
    source: str = ""

    def values(self, column: Any) -> Floats:
        """The column's numbers (rows,): NaN where one is missing, -1 for a level never seen."""
        if self.part:
            return _of_dates(column, self.part)
        if not self.levels:
            return _numbers(self.title, column)
        place = {str(level): float(k) for k, level in enumerate(self.levels)}
        values = _objects(column)
        texts = texts_as(self.levels, ["" if is_gone(v) else level_text(v) for v in values])
        codes = [
            np.nan if is_gone(v) else place.get(text, -1.0)
            for v, text in zip(values, texts, strict=True)
        ]
        return np.array(codes, dtype=np.float64)


def codes_of(X: Any, titles: Sequence[str]) -> tuple[ColumnCode, ...]:
    """How each column of the rows to learn from is read.

    A part that is one in all dates is left out. :class:`InputError` where two titles are one.
    """
    codes: list[ColumnCode] = []
    for k, (title, column) in enumerate(zip(titles, columns_of(X), strict=True)):
        if not is_dates(column):
            levels = _levels(title, column)
            refuse_folded(title, levels, any(map(is_gone, _objects(column))) if levels else False)
            codes.append(ColumnCode(title, k, levels, source=title))
            continue
        for part in PARTS:
            own = ColumnCode(title_of(title, part), k, (), part, title)
            if own.title in titles:
                raise InputError(
                    f"there is a column {own.title!r:.60}, which the dates of {title!r:.60} would "
                    "make: rename one"
                )
            values = own.values(column)
            if len(np.unique(values[~np.isnan(values)])) > 1:
                codes.append(own)
    return tuple(codes)


def encoded(codes: Sequence[ColumnCode], X: Any) -> Floats:
    """The rows (rows, columns) of a data frame or an array."""
    columns = columns_of(X)
    numbers = [code.values(columns[code.place]) for code in codes]
    return np.stack(numbers, axis=1) if numbers else np.empty((len(X), 0))


def table_columns(
    codes: Sequence[ColumnCode], x: Floats, further: bool = False
) -> tuple[TableColumn, ...]:
    """The columns of a table of labels, texts with ``further`` levels or not."""
    return tuple(
        TableColumn(code.title, values, code.levels, further and _is_text(code.levels))
        for code, values in zip(codes, x.T, strict=True)
    )


def dates_of(codes: Sequence[ColumnCode]) -> Dates:
    """For each column that was made of dates its title, that of the dates, and the part."""
    return tuple((code.title, code.source, code.part) for code in codes if code.part)


def is_dates(column: Any) -> bool:
    """Whether a column holds dates, with a time or without."""
    if getattr(getattr(column, "dtype", None), "kind", "O") == "M":
        return True
    if getattr(getattr(column, "dtype", None), "kind", "O") != "O":
        return False
    values = [value for value in _objects(column) if not is_gone(value)]
    return bool(values) and all(isinstance(value, date) for value in values)


def _of_dates(column: Any, part: str) -> Floats:
    """A part of dates (rows,), NaN where one is missing; texts are read as ISO writes them."""
    if isinstance(column, np.ndarray) and column.dtype.kind == "M":
        column = column.astype("datetime64[D]")  # as objects nanoseconds are whole numbers
    known: dict[str, float] = {}
    numbers = []
    for value in _objects(column):
        text = "" if is_gone(value) else str(value)
        if text not in known:
            parts = parts_of(text)
            if parts is None and text:
                raise InputError(f"{text!r:.40} is no date like 2024-01-31")
            known[text] = np.nan if parts is None else float(parts[part])
        numbers.append(known[text])
    return np.array(numbers, dtype=np.float64)


def _is_text(levels: Sequence[Level]) -> bool:
    return any(isinstance(level, str) for level in levels)


def _levels(title: str, column: Any) -> tuple[Level, ...]:
    """The levels of a column of text, categories or truths; none of a column of numbers."""
    kind = getattr(getattr(column, "dtype", None), "kind", "O")
    if kind == "m":
        raise InputError(f"the column {title!r:.60} holds spans of time: give numbers, as of days")
    if kind in "iufc":
        return ()
    values = [value for value in _objects(column) if not is_gone(value)]
    if kind == "b" or (values and all(isinstance(v, bool | np.bool_) for v in values)):
        return (False, True)
    if getattr(getattr(column, "dtype", None), "categories", None) is None and not any(
        isinstance(value, str) for value in values
    ):
        return ()
    return tuple(sorted({level_text(value) for value in values}))


def _objects(column: Any) -> list[Any]:
    return list(np.asarray(column, dtype=object))


def _numbers(title: str, column: Any) -> Floats:
    kind = getattr(getattr(column, "dtype", None), "kind", "O")
    if kind in "iuf":
        return np.asarray(column, dtype=np.float64)
    try:
        return np.array(
            [np.nan if is_gone(value) else float(value) for value in _objects(column)],
            dtype=np.float64,
        )
    except TypeError:
        raise TypeError(
            f"the column {title!r:.60} holds what is neither: argument must be a string or a number"
        ) from None
    except ValueError:
        raise InputError(
            f"the column {title!r:.60} holds something that is no number: give numbers or text"
        ) from None
