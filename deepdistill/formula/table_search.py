"""A table searched for a formula: columns brought to usual sizes, engines, regimes, a teacher."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.rounding_grid import grid_step, rounding_error, rounding_step
from ..data.running import Run
from ..data.tables import NumberTable, identifiers
from ..ir.expr import Call, Const, Expr, Var
from ..ir.program import Formula
from ..ir.types import Reals, Scalar
from .extrapolation import Extrapolation, outer_rows
from .outliers import Places, confirmed, far_off, suspects
from .regimes.search import exact_regimes, find_regimes
from .symbolic.backend import OPERATORS, Backend, Fit
from .symbolic.choose import FormulaChoice, Keep, search
from .symbolic.constants import mean_square_of
from .symbolic.extrapolation import refitted
from .symbolic.losses import Loss, RowErrors, nats
from .symbolic.program import formula, replaced
from .symbolic.scoring import description_length
from .teaching.given import Teacher
from .teaching.student import values_at
from .teaching.teach import Teaching, taught_search

Floats: TypeAlias = NDArray[np.float64]

_CLOSER = 0.2  # of the usual error, what a law without outliers must leave at most
_EXTREME = 1e30  # squares of products of larger numbers overflow
_LARGEST_POWER = 300  # of ten; the next ones have few digits or none


@dataclass(frozen=True, slots=True, eq=False)
class SearchSettings:
    """Engines and how much they may do; ``teacher`` is a penalty, a function of rows or None.

    ``noise`` is the mean squared error that the answers are known to have, in their own units,
    None where only the front can tell; answers that are rounded have that of their grid. It is
    ``smooth`` where neighbouring rows err alike, as a network's do.
    ``loss`` says what errors cost, ``weights`` (rows of the table,) how much each row counts; rows
    with gross errors are looked for where there are ``outliers``. Formulas ``known`` from before
    are of the table's columns, and are looked at first.
    """

    backends: Sequence[Backend]
    operators: Sequence[str] | None
    budget: float
    run: Run
    regimes: bool
    teacher: str | Teacher | None
    noise: float | None = 0.0
    loss: Loss = "mse"
    weights: Floats | None = None
    outliers: bool = True
    known: tuple[Expr, ...] = ()
    smooth: bool = False

    def noise_of(self, y: Floats, x: Floats) -> float | None:
        """The noise of answers (rows,) of the table to rows (rows, columns)."""
        if self.noise is None:
            return None
        return max(self.noise, rounding_error(rounding_step(y, x)))


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
    """The law in the table's own names and units, and the front it was chosen from.

    ``outliers`` are the fitted rows that were left out, by their place among them; ``candidates``
    has the front in the names and units of the search. ``noise`` is the mean squared error of the
    answers that the front told, where nobody knew of it.
    """

    law: Formula
    front: tuple[Fit, ...]
    backend: str
    best: Fit
    names: tuple[str, ...]
    scales: Scales
    teaching: Teaching | None
    outliers: tuple[int, ...] = ()
    candidates: tuple[Fit, ...] = ()
    loss: Loss = "mse"
    noise: float | None = None

    def taking(self, place: int) -> SearchedTable:
        """The same with the formula at that place of the front."""
        fit, best = self.front[place], self.candidates[place]
        law = formula(self.law.name, fit.expr, self.law.inputs, self.law.output)
        return replace(self, law=law, backend=fit.backend, best=best, outliers=self.outliers)

    def answers(self, x: Floats) -> Floats:
        """The law's values at rows of the table; infinite beyond the numbers that there are."""
        with np.errstate(over="ignore"):
            return values_at(self.best.expr, x * self.scales.columns) / self.scales.target

    def saved(self, x: Floats, y: Floats) -> float:
        """Nats by which the law and its errors are shorter than the mean and its own.

        Answers of few digits are no surer than their digits: 3, 5 and 9 lie on many a line.
        """
        expr, scaled = self.best.expr, y * self.scales.target
        mean, variance = Const(float(np.mean(scaled))), float(np.var(scaled))
        answers = values_at(expr, x * self.scales.columns)
        grid = rounding_error(grid_step(y) * self.scales.target)
        left = max(mean_square_of(answers, scaled), grid)
        if self.loss == "logistic":
            errors = RowErrors.of_loss(self.loss, None, scaled)
            left, variance = errors.of(answers - scaled), errors.spread(scaled)
        plain = description_length(mean, variance, variance, len(y))
        return plain - description_length(expr, left, variance, len(y))

    def judged(self, x: Floats, y: Floats) -> Teaching | None:
        """What is known of the teacher, with its score on rows that nobody has seen."""
        if self.teaching is None:
            return None
        seen = x * self.scales.columns
        return self.teaching.judged(seen, y * self.scales.target, values_at(self.best.expr, seen))

    def outside(self, table: NumberTable) -> Extrapolation | None:
        """How well the outermost rows are told by the formula refitted on the inner ones."""
        quality = outer_rows(
            table.x * self.scales.columns,
            table.y * self.scales.target,
            refitted(self.best.expr, self.names),
        )
        return quality and replace(quality, worst=quality.worst / self.scales.target)


def search_table(
    table: NumberTable, name: str, fitted: Any, settings: SearchSettings
) -> SearchedTable:
    """The best formula for some rows of a table (``fitted`` are their numbers)."""
    target = identifiers([table.target], (name,))[0]
    names = table.names_beside(target)
    columns = tuple(f"x{k}" for k in range(len(names)))
    scales = Scales.of(table)
    x, y = table.x[fitted] * scales.columns, table.y[fitted] * scales.target
    noise = settings.noise_of(table.y[fitted], table.x[fitted])
    box = np.stack([table.x.min(axis=0), table.x.max(axis=0)]) * scales.columns

    weights = None if settings.weights is None else settings.weights[fitted]
    sizes = scales.columns.tolist()
    inner = _times(names, columns, [1 / size for size in sizes])
    before = tuple(replaced(expr, inner, 1 / scales.target) for expr in settings.known)

    def searched(x: Floats, y: Floats, rows: Places) -> tuple[FormulaChoice, Teaching | None]:
        some = replace(settings, weights=None if weights is None else weights[rows], known=before)
        outcome: tuple[FormulaChoice, Teaching | None] = settings.run.or_best(
            lambda: _searched(x, y, box, columns, some, scales, noise)
        )
        return outcome

    if settings.outliers:
        choice, teaching, outliers = _without_outliers(x, y, searched)
    else:
        choice, teaching, outliers = *searched(x, y, np.arange(len(y))), ()
    given = _times(columns, names, sizes)
    inputs = tuple(
        Scalar(known, Reals(float(column.min()), float(column.max())), title)
        for known, title, column in zip(names, table.titles, table.x.T, strict=True)
    )
    answers = Reals(float(table.y.min()), float(table.y.max()))
    height = scales.target
    law = formula(
        name,
        replaced(choice.best.expr, given, height),
        inputs,
        Scalar(target, answers, table.target),
    )
    front = tuple(
        replace(
            fit,
            expr=replaced(fit.expr, given, height),
            loss=nats(fit.loss) if settings.loss == "logistic" else fit.loss / height / height,
        )
        for fit in choice.front
    )
    return SearchedTable(
        law, front, choice.best.backend, choice.best, columns, scales, teaching, outliers,
        choice.front, settings.loss, choice.noise and choice.noise / height**2,
    )  # fmt: skip


def _without_outliers(
    x: Floats,
    y: Floats,
    searched: Callable[[Floats, Floats, Places], tuple[FormulaChoice, Teaching | None]],
) -> tuple[FormulaChoice, Teaching | None, tuple[int, ...]]:
    """The search without rows that may be gross errors; with them where its law clears them.

    Rows that only the law found makes suspect are left out where one without them is far closer.
    """

    def without(off: Places) -> tuple[FormulaChoice, Teaching | None, Places]:
        kept = np.setdiff1d(np.arange(len(y)), off)
        choice, teaching = searched(x[kept], y[kept], kept)
        return choice, teaching, confirmed(off, values_at(choice.best.expr, x), y)

    off = suspects(x, y)
    if len(off):
        choice, teaching, wrong = without(off)
        if 2 * len(wrong) > len(off):
            return choice, teaching, tuple(wrong.tolist())
    choice, teaching = searched(x, y, np.arange(len(y)))
    errors = np.abs(values_at(choice.best.expr, x) - y)
    off = far_off(errors, x, y)
    if len(off):
        other, again, wrong = without(off)
        closer = np.abs(values_at(other.best.expr, x) - y)
        if 2 * len(wrong) > len(off) and np.median(closer) < _CLOSER * np.median(errors):
            return other, again, tuple(wrong.tolist())
    return choice, teaching, ()


def _searched(
    x: Floats,
    y: Floats,
    box: Floats,
    columns: Sequence[str],
    settings: SearchSettings,
    scales: Scales,
    noise: float | None,
) -> tuple[FormulaChoice, Teaching | None]:
    operators = OPERATORS if settings.operators is None else settings.operators
    seed = settings.run.seed

    def engines(x: Floats, y: Floats, regimes: bool, keep: Keep | None = None) -> FormulaChoice:
        check = settings.run.check
        exact = cache(partial(exact_regimes, x, y, columns, operators, seed, check=check))

        def in_regimes(long: bool, best: Fit | None) -> Fit | None:
            return find_regimes(x, y, columns, operators, seed, long, best, check, exact)

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
            box=box,
            noise=noise and noise * scales.target**2,
            loss=settings.loss,
            weights=settings.weights,
            known=settings.known,
            smooth=settings.smooth,
        )

    def labelled(latest: Callable[[], FormulaChoice], in_words: str) -> None:
        settings.run.keep(lambda: (latest(), None), in_words)

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


def _times(
    names: Sequence[str], others: Sequence[str], factors: Sequence[float]
) -> dict[str, Expr]:
    """What stands for names in other columns: these times a factor."""
    return {
        name: Var(other) if factor == 1 else Call("mul", (Const(factor), Var(other)))
        for name, other, factor in zip(names, others, factors, strict=True)
    }


def _scale(column: Floats) -> float:
    size = float(np.abs(column).max()) if len(column) else 0.0
    if size == 0 or 1 / _EXTREME < size < _EXTREME:
        return 1.0
    power = round(float(np.log10(size)))
    return float(10.0 ** -max(-_LARGEST_POWER, min(_LARGEST_POWER, power)))
