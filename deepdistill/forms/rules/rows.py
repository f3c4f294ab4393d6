"""The rows of a table that rules are learned from: held out, each once, and what they read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...data.examples import groups_apart
from ...data.labelled import LabelledTable
from ...data.measured import MeasuredTable
from ...data.problem import InputError
from ...data.running import whole
from ...data.tables import identifiers
from ...ir.names import fresh, identifier
from ...ir.types import Level, Reals, Scalar, TableLayout
from ...target.formula_source import RESERVED
from ...target.label_source import PROBABILITY
from ...units.rules import RuleModel, columns_read, renumbered
from .network import Floats, Places

RowTable: TypeAlias = LabelledTable | MeasuredTable
_PARTS = 10
_FEW_ROWS = 3
"""Rows of a level that may be named by itself, where the table has ten times as many."""
_FEWEST = 12  # rows; from smaller tables nothing is held out

_Kind = TypeVar("_Kind", np.int64, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class ReadRows:
    """The columns that rules read, ``inputs``, and the rows of these alone (rows, inputs).

    ``model`` is over their places; ``layout`` is of the table, with its other columns.
    """

    inputs: tuple[Scalar, ...]
    output: Scalar
    model: RuleModel
    x: Floats
    layout: TableLayout


def refuse_limits(complexity: int | None, most_conditions: int | None) -> None:
    """:class:`InputError` for limits of rules that are no whole numbers from 1 on."""
    limits = {"max_complexity": complexity, "max_conditions": most_conditions}
    for name, limit in limits.items():
        if limit is not None and whole(limit) < 1:
            raise InputError(f"{name} is {limit!r:.40}: give a whole number from 1 on, or None")


def split_rows(table: RowTable, seed: int, share: float) -> tuple[Places, Places]:
    """The rows that nobody looks at, and those that are learned from; answers in like shares."""
    rows = len(table.y)
    rng = np.random.default_rng([seed, 37])
    if rows < _FEWEST or share * rows < 1:
        return np.arange(0), np.arange(rows)
    every = max(2, round(1 / share))
    if table.order is not None:
        held = np.argsort(-table.order, kind="stable")[: rows // every]
        held = np.flatnonzero(table.order >= table.order[held].min())
    elif table.groups is not None:
        held = groups_apart(table.groups, rng, every)
    else:
        order = rng.permutation(rows)
        order = order[np.argsort(table.y[order], kind="stable")]
        held = order[int(rng.integers(every)) :: every]
    held = np.sort(held)
    return held, np.setdiff1d(np.arange(rows), held)


def each_once(
    x: Floats,
    y: NDArray[_Kind],
    weights: Floats,
    groups: Places | None,
    kinds: NDArray[_Kind] | None = None,
) -> tuple[Floats, NDArray[_Kind], Floats, Places | None]:
    """Each different row in order, with the weights of all its copies, and in few parts of these.

    So a row of weight 2 counts as two rows, and the order of the rows does not matter. A row with
    many copies is in several parts: that all of them have one answer is not held out at once.
    Weights that are no counts, as those of ``kinds`` (rows,) of rows are not, get a mean of 1.
    """
    copies, weights = _counted(weights, np.zeros(len(y)) if kinds is None else kinds)
    last = np.zeros(len(y), dtype=np.int64) if groups is None else groups
    keys = np.column_stack([np.where(np.isnan(x), np.inf, x), y, last])
    _, first, place = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    total = np.bincount(place.ravel(), weights, len(first)).astype(np.float64)
    parts = np.bincount(place.ravel(), copies, len(first))
    parts = np.clip(np.floor(parts + 1e-9), 1, _PARTS).astype(np.int64)
    first = np.repeat(first, parts)
    total = np.repeat(total / parts, parts)
    return x[first], y[first], total, None if groups is None else groups[first]


def _counted(weights: Floats, kinds: NDArray[Any]) -> tuple[Floats, Floats]:
    """How many copies each row stands for (rows,), and the weights that go with them.

    Multiples of the least weight are counts, but where all rows of a kind have one weight.
    """
    some = weights > 0
    if not some.any():
        return weights, weights
    often = weights / weights[some].min()
    of_kinds = all(len(np.unique(weights[some & (kinds == kind)])) < 2 for kind in np.unique(kinds))
    if of_kinds or np.abs(often - np.rint(often)).max() > 1e-9 * often.max():
        often = some.astype(np.float64)
    return often, weights if (often == weights).all() else weights / float(weights[some].mean())


def read_rows(table: RowTable, model: RuleModel, answers: Sequence[Level]) -> ReadRows:
    """The columns of a table that a model over all of them reads; ``answers`` are what it gives."""
    used = columns_read(model)
    titles = [column.title for column in table.columns]
    taken = (identifier(table.target), PROBABILITY, "solve", *(set(table.others) - set(titles)))
    names = identifiers(titles, taken)
    inputs = []
    for k in used:
        column = table.columns[k]
        present = column.values[~np.isnan(column.values)]
        low, high = (float(present.min()), float(present.max()))
        domain = Reals(0.0, len(column.levels) - 1.0) if column.levels else Reals(low, high)
        further = column.open or _has_rare(present, len(column.levels))
        gone = column.missing > 0
        inputs.append(Scalar(names[k], domain, titles[k], column.levels, gone, further))
    output = Scalar(
        fresh(identifier(table.target), {*RESERVED, PROBABILITY, *(s.name for s in inputs)}),
        Reals(0.0, len(answers) - 1.0),
        table.target,
        tuple(answers),
    )
    others = tuple(title for title in titles if title not in {one.title for one in inputs})
    read = [*titles, table.target]
    return ReadRows(
        tuple(inputs),
        output,
        renumbered(model, {k: place for place, k in enumerate(used)}),
        table.x[:, used],
        replace(
            table.layout,
            others=(*others, *table.others),
            marks=tuple((t, *table.marks[t]) for t in read if t in table.marks),
        ),
    )


def _has_rare(places: Floats, levels: int) -> bool:
    """Whether levels that hardly a row has taught what is done with all others, unseen ones too."""
    often = np.bincount(places.astype(np.int64), minlength=levels) if levels else np.empty(0)
    rare = often[(often > 0) & (often < _FEW_ROWS)]
    return len(places) > 10 * _FEW_ROWS and float(rare.sum()) >= _FEW_ROWS


def recorded_labels(solve: Any, inputs: Sequence[Scalar], x: Floats) -> tuple[Any, ...]:
    """A few rows (rows, inputs) with the solver's answers."""
    rows = [tuple(s.written(v) for s, v in zip(inputs, row, strict=True)) for row in x[:5].tolist()]
    return tuple((row, solve(*row)) for row in rows)
