"""Tables with a column of labels, as rules are read from: numbers, levels and missing values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..ir.types import PLAIN_LAYOUT, Level, TableLayout
from .columns import CellColumn, is_missing
from .opened import TRUE_FALSE, OpenedTable, answered, in_one_case, marks_of, open_table
from .problem import InputError
from .row_columns import TableColumn, checked_columns, row_columns, table_rows

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

MOST_LABELS = 100
_MOST_NUMBERS = 10  # whole numbers that are classes where rules are asked for
_FEW_NUMBERS = 6  # and where nothing is, if so many rows have each
_ROWS_A_NUMBER = 5
_NUMBERS = (int, float, np.integer, np.floating)
_WHOLE = re.compile(r"-?\d{1,15}")


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
        return table_rows(self.columns, len(self.y))


def checked_labels(table: LabelledTable) -> LabelledTable:
    """The table; :class:`InputError` with a sentence where no rule can be learned from it."""
    checked_columns(table.columns, table.target)
    if len(table.labels) < 2:
        label = repr(table.labels[0]) if table.labels else "nothing"
        raise InputError(
            f"every row has {label:.40} in the column {table.target!r:.60}: rules tell classes "
            "apart, so give rows of at least two"
        )
    if len(table.labels) > MOST_LABELS:
        raise InputError(
            f"the column {table.target!r:.60} has {len(table.labels):,} different values: rules "
            f"tell at most {MOST_LABELS} classes apart, so group them, or learn a formula"
        )
    return table


def has_labels(opened: OpenedTable) -> bool:
    """Whether a target names classes: text, truths, or few whole numbers that come back."""
    column = opened.columns[opened.place]
    counts = Counter(cell for cell in column.cells if not is_missing(cell))
    few = len(counts) == 2 and min(counts.values()) > 1
    if 2 < len(counts) <= _FEW_NUMBERS:
        few = min(counts.values()) >= _ROWS_A_NUMBER
    return column.is_text or (few and all(map(_WHOLE.fullmatch, counts)))


def names_classes(opened: OpenedTable) -> bool:
    """Whether rules of a target are to give classes: text, truths, or few whole numbers."""
    column = opened.columns[opened.place]
    counts = Counter(cell for cell in column.cells if not is_missing(cell))
    few = 1 < len(counts) <= _MOST_NUMBERS and min(counts.values()) > 1
    return column.is_text or not counts or (few and all(map(_WHOLE.fullmatch, counts)))


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
    but rows without a target are left out; a column of text has as many levels as it likes, if they
    come back. Raises :class:`InputError` with one sentence.
    """
    return labelled(
        open_table(path, target, drop, features, encoding, groups, time_column), decimal
    )


def labelled(
    opened: OpenedTable, decimal: str | None = None, order: Sequence[str] | None = None
) -> LabelledTable:
    """The same for a table that was opened; ``order`` names the labels in their order."""
    opened = answered(opened)
    notes, answers = opened.notes, opened.columns[opened.place]
    read = row_columns(opened, decimal, number_target=False)
    columns = read.columns
    labels, y = _labels(answers, notes)
    ordered = order is not None
    if order is not None:
        labels, y = in_order(labels, y, order, answers.title)
    elif len(labels) > 2 and not any(isinstance(label, str) for label in labels):
        ordered = True
        notes.append(f"the numbers of {answers.title!r:.40} are taken in their order")
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
        for title in determined_columns(columns, y)
    ]
    return checked_labels(
        LabelledTable(
            columns,
            answers.title,
            labels,
            y,
            np.ones(len(y)),
            ordered,
            groups=opened.groups,
            order=opened.order,
            others=(*opened.others, *read.left_out),
            marks=marks_of(read.readings),
            layout=opened.layout(read.folded),
            notes=tuple(notes),
        )
    )


def _labels(column: CellColumn, notes: list[str]) -> tuple[tuple[Level, ...], Places]:
    """The labels in order, and which one each row has: whole numbers, truths or texts.

    Digits with zeros before them are texts: as numbers they would lose these.
    """
    cased = in_one_case(column, notes)
    texts = sorted(set(cased.cells))
    labels: tuple[Level, ...] = tuple(texts)
    whole = all(map(_WHOLE.fullmatch, texts))
    if whole and all(str(int(text)) == text for text in texts):
        texts = sorted(texts, key=int)
        labels = tuple(int(text) for text in texts)
    elif whole and not column.has_codes:
        odd = next(text for text in texts if str(int(text)) != text)
        notes.append(
            f"the labels of {column.title!r:.40} are texts: as a number {odd!r:.20} would be "
            f"{int(odd)}"
        )
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


def in_order(
    labels: Sequence[Level], y: Places, order: Sequence[Any], target: str
) -> tuple[tuple[Level, ...], Places]:
    """The labels in the order named, and the place of each row's; :class:`InputError` if not all.

    A label may be named as its text.
    """
    texts = [str(one).strip() for one in order]
    known = {str(label): k for k, label in enumerate(labels)}
    missing = [text for text in known if text not in texts]
    unknown = [text for text in texts if text not in known]
    if missing or unknown or len(set(texts)) < len(texts):
        wrong = f"no row has {unknown[0]!r:.40}" if unknown else "one is named twice"
        wrong = f"{missing[0]!r:.40} is not named" if missing else wrong
        listing = ", ".join(map(str, labels[:10]))
        raise InputError(
            f"the order of the labels of {target!r:.40} has to name each once, {listing:.200}: "
            f"{wrong}"
        )
    places = [known[text] for text in texts]
    new = np.argsort(places, kind="stable")
    return tuple(labels[place] for place in places), new[y].astype(np.int64)


def class_weights(
    labels: Sequence[Level], y: Places, weights: Mapping[Any, Any], target: str
) -> Floats:
    """What each row counts where ``weights`` has some of the labels, the others counting 1.

    A label may be named as its text. :class:`InputError` for what is no label, or no weight.
    """
    known = {str(label): k for k, label in enumerate(labels)}
    named: set[str] = set()
    result = np.ones(len(labels))
    for label, weight in weights.items():
        if str(label) not in known:
            listing = ", ".join(map(str, labels[:10]))
            raise InputError(
                f"class_weight has {label!r:.40}, which is no label of {target!r:.40}: name some "
                f"of {listing:.200}"
            )
        if not isinstance(weight, _NUMBERS) or not 0 < weight < np.inf:
            raise InputError(
                f"class_weight has {weight!r:.40} for {label!r:.40}: give a number above 0"
            )
        if str(label) in named:
            raise InputError(f"class_weight has the label {label!s:.40} twice: name it once")
        named.add(str(label))
        result[known[str(label)]] = weight
    return result[y]


def determined_columns(columns: Sequence[TableColumn], y: Places) -> Iterator[str]:
    """The columns of which each value belongs to one label and each label to one value."""
    kinds = len(np.unique(y))
    for column in columns:
        if not column.missing and len(np.unique(column.values)) == kinds:
            pairs = np.unique(np.stack([column.values, y]), axis=1)
            if pairs.shape[1] == kinds:
                yield column.title
