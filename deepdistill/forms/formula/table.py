"""A table to be told by a formula: what was handed over, and the search for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...data.copies import copied_rows
from ...data.examples import groups_apart
from ...data.laws import Law
from ...data.problem import InputError
from ...data.running import Run
from ...data.tables import NumberTable, checked
from ...ir.names import fresh
from ...ir.program import Formula
from ...ir.rounding import rounded
from ...ir.types import Level, Reals, TableLayout
from ..protocol import Trained
from .columns import UsedColumns, all_numbers, of_columns
from .network import FittedRows, Floats, TableFormula

if TYPE_CHECKING:
    from ...formula.extrapolation import Extrapolation
    from ...formula.regimes.notes import BorderNotes
    from ...formula.symbolic.backend import Backend, Fit
    from ...formula.symbolic.losses import Loss
    from ...formula.table_search import SearchedTable
    from ...formula.teaching.given import Teacher
    from ...formula.teaching.teach import Teaching
_HELD = 4  # one row in so many is held out where the rows are all that is known
_DRAWN = 5  # and where an oracle knows more
_LARGEST = 1e150  # its square is finite
_FEWEST = 10  # from smaller tables nothing is held out


@dataclass(frozen=True, slots=True, eq=False)
class TableTask:
    """A table of numbers, how it is to be searched, and the oracle where one is known.

    ``backend`` is ``auto``, ``sparse``, ``operon`` or ``pysr``; ``budget`` is an amount of work, 1
    being a usual search; ``teacher`` is ``none``, a penalty, ``auto`` or a function of rows. A
    ``strict`` solver refuses what lies outside the ranges of the table. ``teacher_error`` is the
    root mean squared error that the answers have, as those of a network; None where it is unknown;
    ``loss`` what errors cost: ``mse``, ``mae`` or ``huber``; or ``logistic``, of classes 1 and -1.
    ``weights`` (rows,) say how much each row counts in the search.
    """

    name: str
    table: NumberTable
    backend: str | Backend = "auto"
    operators: Sequence[str] | None = None
    budget: float = 1.0
    oracle: Callable[..., Any] | None = None
    regimes: bool = True
    teacher: bool | str | Teacher = False
    strict: bool = False
    teacher_error: float | None = 0.0
    loss: Loss = "mse"
    weights: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class RecalledLaw:
    """What a certificate and a formula tell of a table: its name, and a built-in law or None."""

    name: str
    law: Law | None


@dataclass(frozen=True, slots=True, eq=False)
class TableSearch:
    """What a search knows besides the formula: how it was found, and what the rows tell.

    ``answer`` is what was found, from which another formula of the front can be taken.
    """

    front: tuple[Fit, ...]
    backend: str
    teaching: Teaching | None
    outside: Extrapolation | None
    borders: BorderNotes
    singular: tuple[str, ...]
    learned_from: str
    recorded: Floats
    """Rows (rows, inputs) of which a few are recorded."""
    used: UsedColumns
    answer: SearchedTable


def searched(task: TableTask, run: Run) -> Trained:
    """The formula of a table; one row in four is held out and judges.

    Raises :class:`InputError` for unusable input.
    """
    from ...formula.symbolic.backend import KNOWN_OPERATORS
    from ...formula.symbolic.choose import chosen_backends
    from ...formula.symbolic.losses import LOSSES
    from ...formula.table_search import SearchSettings, search_table
    from ...target.formula_source import RESERVED

    table = task.table
    checked(table.x, table.y, table.titles, table.target)
    if not 0 <= task.budget < float("inf"):
        raise InputError(
            f"the budget is {task.budget!r:.40}: give a number from 0, 1 is a usual search"
        )
    if unknown := [name for name in task.operators or () if name not in KNOWN_OPERATORS]:
        raise InputError(
            f"there is no operator {unknown[0]!r:.40}: use some of {', '.join(KNOWN_OPERATORS)}"
        )
    classes = task.loss == "logistic"
    if not classes and task.loss not in LOSSES:
        raise InputError(f"there is no loss {task.loss!r:.40}: use one of {', '.join(LOSSES)}")
    if classes and not (np.abs(table.y) == 1).all():
        raise InputError("the loss 'logistic' is of two classes: give answers that are 1 or -1")
    backends = chosen_backends(task.backend)
    _, fitted = _split_of(task, run)
    settings = SearchSettings(
        backends,
        task.operators,
        task.budget,
        run,
        task.regimes,
        _requested(task.teacher),
        _noise_of(task.teacher_error),
        task.loss,
        _weights_of(task),
        outliers=not classes,
    )
    answer = search_table(table, fresh(task.name, RESERVED), fitted, settings)
    return _trained(task, run, answer)


def _weights_of(task: TableTask) -> Floats | None:
    if task.weights is None:
        return None
    weights = np.asarray(task.weights, dtype=np.float64)
    good = weights.shape == task.table.y.shape and (weights >= 0).all() and weights.any()
    if not good or not np.isfinite(weights).all():
        raise InputError("the weights of rows are numbers from 0 on, one a row, and not all are 0")
    return weights


def taken(task: TableTask, trained: Trained, run: Run, place: int) -> Trained:
    """The same search with the formula at that place of its front."""
    search: TableSearch = trained.details
    answer = search.answer.taking(_by_size(search.answer.front)[place])
    result = _trained(task, run, answer)
    return replace(result, notes=trained.notes, trials=trained.trials)


def _split_of(task: TableTask, run: Run) -> tuple[Any, Any]:
    share = _HELD if task.oracle is None else _DRAWN
    return _split(len(task.table.y), run.seed, share, task.table)


def _trained(task: TableTask, run: Run, answer: SearchedTable) -> Trained:
    """The formula of a search with all that the rows tell of it."""
    from ...formula.regimes.notes import border_notes
    from ...formula.singular_notes import singular_notes
    from .quality import outside_ranges
    from .support import left_out, rests_on_few

    table = task.table
    held, fitted = _split_of(task, run)
    law, answers = answer.law, table.y[held]
    teaching = answer.judged(table.x[held], answers)
    used, known, outside = all_numbers(law), None, None
    if task.oracle is None:
        known = _fitted(answer, table, held, fitted)
        if not known.classes:
            outside = answer.outside(_without(table, known.outliers))
        law, used = of_columns(law, table)
    else:  # it takes every column, and computes answers anew on each machine
        law, answers = _settled(law), _rounded(answers)
        outside = outside_ranges(law, task.oracle, run.seed)
    x = used.rows(table.x)
    if known is not None:
        copied = copied_rows(table.x, table.y, held, fitted)
        few, gaps = tuple(rests_on_few(law, x)), (*left_out(law, x), *copied)
        known = replace(known, thin=few, gaps=gaps)
    count = len(table.columns) - 1 - len(table.beside)
    columns = f"{count} column{'' if count == 1 else 's'}"
    learned = f"{len(fitted):,} rows of {columns} ({answer.backend})"
    front, meanings = counted_front(answer.front), table.notes
    if task.oracle is not None:
        meanings = table.meanings([scalar.name for scalar in law.inputs])
    return Trained(
        TableFormula(law, (x[held], answers), known, task.strict, _layout(law, table)),
        front=rounded_front(front),
        trials=()
        if teaching is None
        else tuple((t.strength, round(t.teacher, 4), round(t.student, 4)) for t in teaching.trials),
        notes=(*table.notes, *(() if teaching is None else (teaching.sentence(),))),
        details=TableSearch(
            front,
            answer.backend,
            teaching,
            outside,
            border_notes(law, x[fitted], table.y[fitted]),
            singular_notes(answer.law, table.x[fitted], table.y[fitted]),
            learned + "".join(f"; {text}" for text in meanings),
            x[held if len(held) else fitted],
            used,
            answer,
        ),
    )


def _layout(law: Formula, table: NumberTable) -> TableLayout:
    """What the solver has to know of the table besides its formula."""
    read = [scalar.title for scalar in (*law.inputs, law.output)]
    others = tuple(title for title in table.columns if title not in read)
    marks = tuple((title, *table.marks[title]) for title in read if title in table.marks)
    return replace(table.layout, others=others, marks=marks)


def _fitted(answer: SearchedTable, table: NumberTable, held: Any, fitted: Any) -> FittedRows:
    """What the fitted rows let expect of the others; outliers among both are named."""
    from .quality import fitted_classes, fitted_rows, is_gross

    off = fitted[list(answer.outliers)]
    kept = np.setdiff1d(fitted, off)
    answers, y = answer.answers(table.x[kept]), table.y[kept]
    saved = answer.saved(table.x[kept], y)
    if answer.loss == "logistic":
        return fitted_classes(answers, y, saved)
    expected = fitted_rows(answers, y, saved, bool((table.y == table.y[0]).all()))
    if len(off) and len(held):
        error = np.abs(answer.answers(table.x[held]) - table.y[held])
        off = np.sort([*off, *held[is_gross(error, expected.tolerance)]])
    left_out = len(fitted) - len(kept)
    return replace(
        expected,
        outliers=tuple(int(row) + 1 for row in off),
        missed=expected.missed + left_out,
        count=expected.count + left_out,
    )


def _without(table: NumberTable, rows: Sequence[int]) -> NumberTable:
    """The table without those rows, which count from 1."""
    kept = np.setdiff1d(np.arange(len(table.y)), np.array(rows, dtype=int) - 1)
    return replace(table, x=table.x[kept], y=table.y[kept])


def _requested(teacher: bool | str | Teacher) -> str | Teacher | None:
    """The penalty or the function that was asked for; None for no teacher."""
    from ...formula.teaching.given import as_teacher
    from ...formula.teaching.teach import TEACHERS

    if isinstance(teacher, bool):
        teacher = "auto" if teacher else "none"
    if isinstance(teacher, str) and teacher not in TEACHERS:
        raise InputError(f"there is no teacher {teacher!r:.40}: use one of {', '.join(TEACHERS)}")
    if not isinstance(teacher, str):
        return as_teacher(teacher)
    return None if teacher == "none" else teacher


def _noise_of(error: float | None) -> float | None:
    """The mean squared error of answers with that root of it; None where it is unknown."""
    if error is None:
        return None
    if isinstance(error, bool) or not isinstance(error, int | float) or not 0 <= error < _LARGEST:
        raise InputError(
            f"the teacher's error is {error!r:.40}: give a number from 0, the root mean squared "
            'error of its answers in their own units, or "auto"'
        )
    return float(error) ** 2


def _split(
    rows: int, seed: int, share: int = _DRAWN, table: NumberTable | None = None
) -> tuple[Any, Any]:
    """The rows that are held out, and those that are fitted.

    Raises :class:`InputError` where what belongs together leaves hardly a row to fit.
    """
    rng = np.random.default_rng([seed, 29])
    order = rng.permutation(rows)
    if rows < _FEWEST:
        return np.arange(0), np.arange(rows)
    held = order[: -(-rows // share) if share == _HELD else rows // share]
    if table is not None and table.order is not None:
        held = np.argsort(-table.order, kind="stable")[: len(held)]
        held = np.flatnonzero(table.order >= table.order[held].min())  # none of one time is split
    elif table is not None and table.groups is not None:
        held = groups_apart(table.groups, rng, share)
    held, fitted = np.sort(held), np.setdiff1d(np.arange(rows), held)
    if len(fitted) < 2:
        raise InputError(
            f"{len(held):,} of {rows:,} rows belong together and are held out: {len(fitted)} are "
            "left to learn from, so name another column of groups or times, or none"
        )
    return held, fitted


def counted_front(front: Sequence[Fit]) -> tuple[Fit, ...]:
    """The formulas as they are shown: in Python, and as large as that is; smallest first.

    The search counts operations and leaves, which takes no time.
    """
    counted = _counted(front)
    return tuple([counted[k] for k in _by_size(front)])


def _counted(front: Sequence[Fit]) -> list[Fit]:
    from ...formula.symbolic.program import readable
    from ...target.formula_source import expression_text
    from ...target.python import nodes

    fits = [replace(fit, expr=readable(fit.expr)) for fit in front]
    return [replace(fit, complexity=nodes(expression_text(fit.expr))) for fit in fits]


def _by_size(front: Sequence[Fit]) -> list[int]:
    """Places in the front of the search, as :func:`counted_front` has them."""
    counted = _counted(front)
    return sorted(range(len(front)), key=lambda k: (counted[k].complexity, counted[k].loss))


def rounded_front(front: Sequence[Fit]) -> tuple[tuple[int, float], ...]:
    """Sizes and errors to three digits, without what is then no better than a smaller formula."""
    result: list[tuple[int, float]] = []
    for fit in front:
        digits = float(f"{fit.loss:.3g}")
        if not result or digits < result[-1][1]:
            result.append((fit.complexity, digits))
    return tuple(result)


def _settled(law: Formula) -> Formula:
    """The formula with the range of its answers in 12 digits."""
    domain = law.output.domain
    low, high = _rounded(np.array([domain.low, domain.high])).tolist()
    return replace(law, output=replace(law.output, domain=Reals(low, high)))


def _rounded(answers: Any) -> Any:
    """Answers (rows,) to 12 digits of the largest."""
    largest = float(np.abs(answers).max(initial=0.0))
    return np.array([rounded(answer, largest) for answer in answers.tolist()])


def recorded_rows(
    solve: Callable[..., Any], formula: Formula, x: Floats
) -> tuple[tuple[tuple[float | Level | None, ...], float], ...]:
    """A few rows with the solver's answers."""
    result = []
    for row in map(formula.written, x[:5].tolist()):
        try:
            result.append((row, rounded(float(solve(*row)))))
        except ValueError:
            continue
    return tuple(result)


def one_line(formula: Formula) -> str:
    """The formula as one line of Python, intermediate values first."""
    from ...target.formula_source import formula_lines

    lets, value = formula_lines(formula)
    parts = [f"{name} = {source}" for name, source in lets]
    return "; ".join([*parts, f"{formula.output.name} = {value}"])
