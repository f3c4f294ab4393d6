"""A table searched for a formula: columns brought to usual sizes, engines, regimes, a teacher."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.running import Run
from ..data.tables import NumberTable, identifiers
from ..ir.expr import Call, Const, Var
from ..ir.program import Formula
from ..ir.types import Reals, Scalar
from .extrapolation import Extrapolation, outer_rows
from .regimes.search import find_regimes
from .symbolic.backend import OPERATORS, Backend, Fit
from .symbolic.choose import FormulaChoice, Keep, search
from .symbolic.extrapolation import refitted
from .symbolic.program import formula, replaced
from .teaching.given import Teacher
from .teaching.student import values_at
from .teaching.teach import Teaching, taught_search

Floats: TypeAlias = NDArray[np.float64]

_EXTREME = 1e30  # squares of products of larger numbers overflow
_LARGEST_POWER = 300  # of ten; the next ones have few digits or none


@dataclass(frozen=True, slots=True, eq=False)
class SearchSettings:
    """Engines and how much they may do; ``teacher`` is a penalty, a function of rows or None."""

    backends: Sequence[Backend]
    operators: Sequence[str] | None
    budget: float
    run: Run
    regimes: bool
    teacher: str | Teacher | None


@dataclass(frozen=True, slots=True, eq=False)
class Scales:
    """Powers of ten that bring enormous and tiny columns near 1; 1 for all others."""

    columns: Floats
    target: float

    @staticmethod
    def of(table: NumberTable) -> Scales:
        return Scales(np.array([_scale(column) for column in table.x.T]), _scale(table.y))

    def taught(self, teacher: Teacher) -> Teacher:
        """The teacher as a function of scaled columns, in units of the scaled target."""
        return lambda rows: np.asarray(teacher(rows / self.columns), dtype=np.float64) * self.target


@dataclass(frozen=True, slots=True, eq=False)
class SearchedTable:
    """The law in the table's own names and units, and the front it was chosen from."""

    law: Formula
    front: tuple[Fit, ...]
    backend: str
    best: Fit
    names: tuple[str, ...]
    scales: Scales
    teaching: Teaching | None

    def judged(self, x: Floats, y: Floats) -> Teaching | None:
        """What is known of the teacher, with its score on rows that nobody has seen."""
        if self.teaching is None:
            return None
        seen = x * self.scales.columns
        return self.teaching.judged(seen, y * self.scales.target, values_at(self.best.expr, seen))

    def outside(self, table: NumberTable) -> Extrapolation | None:
        """How well the outermost rows are told by the formula refitted on the inner ones."""
        found = outer_rows(
            table.x * self.scales.columns,
            table.y * self.scales.target,
            refitted(self.best.expr, self.names),
        )
        return found and replace(found, worst=found.worst / self.scales.target)


def search_table(
    table: NumberTable, name: str, fitted: Any, settings: SearchSettings
) -> SearchedTable:
    """The best formula for some rows of a table (``fitted`` are their numbers)."""
    target = identifiers([table.target], (name,))[0]
    names = identifiers(table.titles, (target, name))
    columns = tuple(f"x{k}" for k in range(len(names)))
    scales = Scales.of(table)
    x, y = table.x[fitted] * scales.columns, table.y[fitted] * scales.target
    found, teaching = settings.run.or_best(lambda: _searched(x, y, columns, settings, scales))
    given = {
        column: Var(known) if scale == 1 else Call("mul", (Const(scale), Var(known)))
        for column, known, scale in zip(columns, names, scales.columns.tolist(), strict=True)
    }
    inputs = tuple(
        Scalar(known, Reals(float(column.min()), float(column.max())), title)
        for known, title, column in zip(names, table.titles, table.x.T, strict=True)
    )
    answers = Reals(float(table.y.min()), float(table.y.max()))
    height = scales.target
    law = formula(
        name,
        replaced(found.best.expr, given, height),
        inputs,
        Scalar(target, answers, table.target),
    )
    front = tuple(
        replace(fit, expr=replaced(fit.expr, given, height), loss=fit.loss / height / height)
        for fit in found.front
    )
    return SearchedTable(law, front, found.best.backend, found.best, columns, scales, teaching)


def _searched(
    x: Floats, y: Floats, columns: Sequence[str], settings: SearchSettings, scales: Scales
) -> tuple[FormulaChoice, Teaching | None]:
    operators = OPERATORS if settings.operators is None else settings.operators
    seed = settings.run.seed

    def engines(x: Floats, y: Floats, regimes: bool, keep: Keep | None = None) -> FormulaChoice:
        def in_regimes(long: bool, best: Fit | None) -> Fit | None:
            return find_regimes(x, y, columns, operators, seed, long, best, settings.run.check)

        return search(
            x,
            y,
            columns,
            backends=settings.backends,
            operators=operators,
            budget=settings.budget,
            seed=seed,
            run=settings.run,
            regimes=in_regimes if regimes and settings.budget > 0 else None,
            keep=keep,
        )

    def labelled(found: Callable[[], FormulaChoice], in_words: str) -> None:
        settings.run.keep(lambda: (found(), None), in_words)

    teacher = settings.teacher
    if teacher is None:
        return engines(x, y, settings.regimes, labelled), None
    return taught_search(
        x,
        y,
        teacher if isinstance(teacher, str) else scales.taught(teacher),
        lambda x, y: engines(x, y, settings.regimes, labelled),
        lambda x, y: engines(x, y, False),
        budget=settings.budget,
        seed=seed,
        progress=settings.run.say,
    )


def _scale(column: Floats) -> float:
    size = float(np.abs(column).max()) if len(column) else 0.0
    if size == 0 or 1 / _EXTREME < size < _EXTREME:
        return 1.0
    power = round(float(np.log10(size)))
    return float(10.0 ** -max(-_LARGEST_POWER, min(_LARGEST_POWER, power)))
