"""Data frames and arrays of any kind as the columns that rules read: numbers, levels, missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.problem import InputError
from ..data.row_columns import TableColumn
from ..ir.types import Level
from .columns import columns_of, is_gone

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ColumnCode:
    """How a column becomes numbers: as it is, or the places of its levels."""

    title: str
    levels: tuple[Level, ...] = ()

    def values(self, column: Any) -> Floats:
        """The column's numbers (rows,): NaN where one is missing, -1 for a level never seen."""
        if not self.levels:
            return _numbers(self.title, column)
        place = {str(level): float(k) for k, level in enumerate(self.levels)}
        found = [np.nan if is_gone(v) else place.get(str(v), -1.0) for v in _objects(column)]
        return np.array(found, dtype=np.float64)


def codes_of(X: Any, titles: Sequence[str]) -> tuple[ColumnCode, ...]:
    """How each column of the rows to learn from is read."""
    return tuple(
        ColumnCode(title, _levels(title, column))
        for title, column in zip(titles, columns_of(X), strict=True)
    )


def encoded(codes: Sequence[ColumnCode], X: Any) -> Floats:
    """The rows (rows, columns) of a data frame or an array."""
    found = [code.values(column) for code, column in zip(codes, columns_of(X), strict=True)]
    return np.stack(found, axis=1)


def table_columns(
    codes: Sequence[ColumnCode], x: Floats, further: bool = False
) -> tuple[TableColumn, ...]:
    """The columns of a table of labels, texts with ``further`` levels or not."""
    return tuple(
        TableColumn(code.title, values, code.levels, further and _is_text(code.levels))
        for code, values in zip(codes, x.T, strict=True)
    )


def _is_text(levels: Sequence[Level]) -> bool:
    return any(isinstance(level, str) for level in levels)


def _levels(title: str, column: Any) -> tuple[Level, ...]:
    """The levels of a column of text, categories or truths; none of a column of numbers."""
    kind = getattr(getattr(column, "dtype", None), "kind", "O")
    if kind in "mM":
        raise InputError(
            f"the column {title!r:.60} holds dates: give numbers, or its year and month"
        )
    if kind in "iufc":
        return ()
    values = [value for value in _objects(column) if not is_gone(value)]
    if kind == "b" or (values and all(isinstance(v, bool | np.bool_) for v in values)):
        return (False, True)
    if getattr(getattr(column, "dtype", None), "categories", None) is None and not any(
        isinstance(value, str) for value in values
    ):
        return ()
    return tuple(sorted({str(value) for value in values}))


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
