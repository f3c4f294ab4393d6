"""Tables with a column of numbers, as rules read steps of them: levels and missing values stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..ir.types import PLAIN_LAYOUT, TableLayout
from .opened import OpenedTable, answered, marks_of
from .problem import InputError
from .row_columns import TableColumn, checked_columns, row_columns, table_rows

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredTable:
    """Columns, the title of the target and its numbers (rows,).

    All else is as in :class:`deepdistill.data.labelled.LabelledTable`.
    """

    columns: tuple[TableColumn, ...]
    target: str
    y: Floats
    weights: Floats
    groups: NDArray[np.int64] | None = None
    order: NDArray[np.int64] | None = None
    others: tuple[str, ...] = ()
    marks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    layout: TableLayout = PLAIN_LAYOUT
    notes: tuple[str, ...] = ()

    @property
    def x(self) -> Floats:
        """The rows (rows, columns): numbers and places of levels; NaN where a value is missing."""
        return table_rows(self.columns, len(self.y))


def checked_measures(table: MeasuredTable) -> MeasuredTable:
    """The table; :class:`InputError` with a sentence where no step can be learned from it."""
    checked_columns(table.columns, table.target)
    if len(table.y) < 2:
        raise InputError(f"the table has {len(table.y)} usable rows: give at least 2")
    if not np.isfinite(table.y).all():
        raise InputError(
            f"the column {table.target!r:.60} has missing or infinite values: remove those rows"
        )
    if (table.y == table.y[0]).all():
        raise InputError(
            f"every row has {table.y[0]:g} in the column {table.target!r:.60}: steps tell numbers "
            "apart, so give rows of several"
        )
    return table


def measured(opened: OpenedTable, decimal: str | None = None) -> MeasuredTable:
    """The table of a target of numbers in an opened file; :class:`InputError` in one sentence."""
    opened = answered(opened)
    answers = opened.columns[opened.place]
    if answers.is_text:
        raise InputError(
            f"{answers.where(0)}, which is not a number: leave --form out for rules of classes"
        )
    read = row_columns(opened, decimal, number_target=True)
    y = read.readings[answers.title].numbers
    notes = opened.notes + [
        f"the column {one.title!r:.40} is the target itself: leave it out with --drop if it was "
        "made from it"
        for one in read.columns
        if not one.levels and not one.missing and _goes_with(one.values, y)
    ]
    return checked_measures(
        MeasuredTable(
            read.columns,
            answers.title,
            y,
            np.ones(len(y)),
            opened.groups,
            opened.order,
            (*opened.others, *read.left_out),
            marks_of(read.readings),
            opened.layout(read.folded),
            tuple(notes),
        )
    )


def _goes_with(column: Floats, y: Floats) -> bool:
    """Whether a column is the target, in another unit or as it is."""
    if len(y) < 3 or not np.ptp(column) > 0:
        return False
    scaled = [(one - one.min()) / np.ptp(one) if np.ptp(one) > 0 else one for one in (column, y)]
    return bool(np.allclose(scaled[0], scaled[1], atol=1e-9)) or bool(
        np.allclose(1 - scaled[0], scaled[1], atol=1e-9)
    )
