"""What is searched for in the place of a block: its outputs, mixes of them, or one strength."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .central import CentralOutputs, central_outputs
from .columns import NamedColumns, RequestedColumns
from .radius import DerivedLength, is_round, known_lengths, lengths
from .rotate import Mixing, simpler_mix
from .search import CallRows, OutputSearch, output_of
from .weighing import is_singular, relative

if TYPE_CHECKING:
    from ..formula.symbolic.losses import RowErrors

Floats: TypeAlias = NDArray[np.float64]

_STRENGTH = "strength"


@dataclass(frozen=True, slots=True, eq=False)
class SearchAims:
    """Columns, and the answers to be told by them.

    ``rows`` have the answers (rows, aims), ``outputs`` their names and places. With a ``mixing``
    they are mixes of the block's outputs; where these are ``central``, one strength tells them all.
    ``lengths`` are columns that nobody named and the outputs depend on.
    """

    named: NamedColumns
    table: Mapping[str, Floats]
    rows: CallRows
    outputs: tuple[tuple[str, int], ...]
    mixing: Mixing | None = None
    central: CentralOutputs | None = None
    lengths: tuple[DerivedLength, ...] = ()

    @property
    def length_notes(self) -> list[str]:
        """What a user is to know of lengths that were derived."""
        each = " and ".join(f"{one.name} = {one.text}" for one in self.lengths)
        smoothed = "the outputs depend on it, and where it is 0 a network smooths them"
        return [f"{each} was derived: {smoothed}"] if each else []

    @property
    def notes(self) -> list[str]:
        """What a user is to know of them."""
        if self.mixing is None:
            return []
        outputs, mixes = len(self.mixing.offset), len(self.mixing.names)
        sentences = [f"the {outputs} outputs are mixes of {mixes}"] if mixes < outputs else []
        if self.central is not None:
            sentences.append(
                f"the outputs are an image of {' and '.join(self.central.length.group)} times one "
                "strength, which was searched for all of them at once"
            )
        return sentences

    def taken(self, y: Floats, differences: bool = False) -> Floats:
        """Answers (..., rows, outputs) of the block, or of alike ones, as they are searched."""
        if self.mixing is None:
            return y
        if self.central is None:
            return np.asarray(y @ self.mixing.forward)
        answers = y + self.mixing.offset if differences else y
        return self.central.strengths(answers)[..., None]

    @property
    def columns(self) -> NamedColumns:
        """The columns that formulas of the aims may speak of: a strength has no direction."""
        if self.central is None:
            return self.named
        group = self.central.length.group
        return replace(
            self.named, spoken=tuple(one for one in self.named.spoken if one not in group)
        )

    def searches(
        self, searched: Sequence[OutputSearch], y: Floats, errors: RowErrors
    ) -> list[OutputSearch]:
        """What was found, for each output or mix of the block's answers (rows, outputs).

        ``errors`` say what an error of a strength costs in fitted rows.
        """
        if self.central is None:
            return list(searched)
        from ..formula.symbolic.domain import Domain

        (one,), fitted = searched, ~self.rows.held
        mixes = self.central.mixes(y[fitted])
        columns = {name: values[fitted] for name, values in self.table.items()}
        ends = {name: (float(v.min()), float(v.max())) for name, v in columns.items()}
        result = []
        for k, name in enumerate(self.central.mixing.names):
            exprs = [
                self.central.component(k, expr, Domain.of(ends))
                for expr in (one.expr, *(row.expr for row in one.front))
            ]
            output = output_of((name, k), exprs, columns, mixes[:, k], errors)
            result.append(replace(output, teacher_error=one.teacher_error))
        return result


def aims_of(
    rows: CallRows, requested: RequestedColumns, outputs: Sequence[tuple[str, int]], rotated: bool
) -> SearchAims:
    """What to search for in the columns that are requested.

    Lengths that the outputs depend on are derived, unless the user says what is.
    """
    aims = search_aims(rows, requested.named(), outputs, rotated)
    if requested.derive is not None:
        return aims
    inner = {column: values[~rows.held] for column, values in aims.table.items()}
    new = lengths(inner, aims.named.spoken, aims.rows.y[~rows.held], (*inner, *requested.taken))
    if not new:
        return aims
    named = requested.deriving({one.name: one.text for one in new}).named()
    return replace(search_aims(rows, named, outputs, rotated), lengths=tuple(new))


def search_aims(
    rows: CallRows,
    named: NamedColumns,
    outputs: Sequence[tuple[str, int]],
    rotated: bool,
) -> SearchAims:
    """The outputs (names and places) themselves, or where they are ``rotated`` simpler mixes."""
    table = named.table(rows.x)
    aims = SearchAims(named, table, rows, tuple(outputs))
    if not rotated:
        return aims
    for length in known_lengths(table, named.spoken):
        central = central_outputs(rows.y, table, length, ~rows.held)
        if central is None:
            continue
        aims = replace(aims, outputs=((_STRENGTH, 0),), mixing=central.mixing, central=central)
        aims = replace(aims, rows=replace(rows, y=aims.taken(rows.y)))
        others = [one for one in aims.columns.spoken if one != length.name]
        inner = {name: one[~rows.held] for name, one in table.items()}
        if is_round(inner, length, others, aims.rows.y[~rows.held, 0]):
            return aims
    mixing = _simpler(rows, table, named)
    names = tuple((name, k) for k, name in enumerate(mixing.names))
    mixed = replace(rows, y=rows.y @ mixing.forward)
    return SearchAims(named, table, mixed, names, mixing)


def _simpler(rows: CallRows, table: Mapping[str, Floats], named: NamedColumns) -> Mixing:
    """The simpler mixes of the outputs of fitted rows; where one is singular by relative sizes."""
    y = rows.y[~rows.held]
    inner = {column: values[~rows.held] for column, values in table.items()}
    size = np.sqrt(((y - np.median(y, axis=0)) ** 2).sum(axis=1))
    return simpler_mix(y, inner, named.spoken, relative(size) if is_singular(size) else None)
