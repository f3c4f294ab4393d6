"""A table on one screen: table → formula → source → certificate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import __version__
from .names import identifier
from .pipeline import timed
from .problem import InputError
from .tables import NumberTable, checked, identifiers

if TYPE_CHECKING:
    from .ir.program import Formula
    from .symbolic.backend import Fit
    from .symbolic.choose import Found
    from .teaching.given import Teacher
    from .teaching.teach import Teaching
    from .verify.certificate import Certificate
    from .verify.extrapolation import Extrapolation

STAGES = ("search", "render", "verify")

_HELD = 5  # one row in so many is held out
_EXTREME = 1e30  # squares of products of larger numbers overflow
_LARGEST_POWER = 300  # of ten; the next ones have few digits or none
_FEWEST = 10  # from smaller tables nothing is held out


@dataclass(frozen=True, eq=False)
class Fitted:
    """A formula read from a table: the solver, the front it was chosen from, what was checked."""

    name: str
    formula: Formula
    front: tuple[Fit, ...]
    backend: str
    code: str
    test_code: str
    certificate: Certificate
    held_out: tuple[Any, Any]
    notes: tuple[str, ...]
    seconds: dict[str, float]
    teaching: Teaching | None = None
    extrapolation: Extrapolation | None = None

    @property
    def text(self) -> str:
        """The formula as one line of Python, intermediate values first."""
        from .render.formula_source import formula_lines

        lets, value = formula_lines(self.formula)
        parts = [f"{name} = {source}" for name, source in lets]
        return "; ".join([*parts, f"{self.formula.output.name} = {value}"])

    @cached_property
    def solve(self) -> Callable[..., float]:
        """The solver, loaded from its source."""
        from .verify.recheck import load_solver

        return load_solver(self.code.encode(), self.name)

    def __getstate__(self) -> dict[str, Any]:
        """For pickling: the loaded solver stays behind, its source goes along."""
        return {name: value for name, value in self.__dict__.items() if name != "solve"}

    @cached_property
    def report(self) -> str:
        """The report: one self-contained HTML page."""
        from .reporting import report_page

        trials = () if self.teaching is None else self.teaching.trials
        return report_page(
            self._certified(),
            attempts=self.notes,
            front=tuple((fit.complexity, fit.loss) for fit in self.front),
            trials=tuple((trial.strength, trial.teacher, trial.student) for trial in trials),
        )

    def _repr_html_(self) -> str:
        from .report import shown_in_frame

        return shown_in_frame(self.report, self.name)

    def files(self) -> dict[str, bytes]:
        """What :meth:`save` writes, by file name."""
        return {
            **self._certified(),
            "test_solver.py": self.test_code.encode(),
            "report.html": self.report.encode(),
        }

    def _certified(self) -> dict[str, bytes]:
        from .weights.formula import formula_bytes

        return {
            "solver.py": self.code.encode(),
            "network.npz": formula_bytes(self.formula, self.held_out),
            "certificate.json": self.certificate.text().encode(),
        }

    def save(self, folder: Path | str) -> Path:
        """Write ``folder/<name>/``, whole or not at all; return that path."""
        from .folder import write_folder

        return write_folder(Path(folder) / self.name, self.files())

    def __repr__(self) -> str:
        state = "certified" if self.certificate.ok else "FAILED"
        return f"<formula {self.text!r}: {state}>"


def fit_table(
    table: NumberTable,
    *,
    name: str = "mine",
    backend: str = "auto",
    operators: Sequence[str] | None = None,
    budget: float = 1.0,
    seed: int = 0,
    oracle: Callable[..., Any] | None = None,
    progress: Callable[[str, str], None] | None = None,
    regimes: bool = True,
    teacher: bool | str | Teacher = False,
) -> Fitted:
    """Read a formula from a table of numbers.

    ``backend`` is ``auto``, ``sparse``, ``operon`` or ``pysr``; ``budget`` is an amount of work, 1
    being a usual search. One row in five is held out and judges. The same seed gives the same
    formula. Without ``regimes`` it is one formula for all rows.

    ``teacher`` is ``none`` (or False), ``auto`` (or True), ``jacobian``, ``lipschitz``,
    ``hessian``, or any function from rows (rows, columns) to answers (rows,): with one, formulas
    that follow a smooth network are compared with one that follows the labels, and what serves
    held-out labels best is kept. Raises :class:`InputError` for unusable input.
    """
    from .ir.expr import Call, Const, Var
    from .ir.types import Reals, Scalar
    from .regimes.notes import border_notes
    from .regimes.search import find_regimes
    from .render.formula_source import FormulaOrigin, formula_solver, formula_test
    from .symbolic.backend import KNOWN_OPERATORS, OPERATORS
    from .symbolic.choose import chosen_backends, search
    from .symbolic.extrapolation import refitted
    from .symbolic.program import formula, replaced
    from .teaching.student import values_at
    from .teaching.teach import taught_search
    from .verify.extrapolation import outer_rows
    from .verify.formula_judge import certify_formula, outside_ranges
    from .verify.recheck import load_solver
    from .weights.formula import formula_bytes

    say = progress or (lambda stage, text: None)
    seconds: dict[str, float] = {}
    table = checked(table.x, table.y, table.titles, table.target, table.categories)
    if not 0 <= budget < float("inf"):
        raise InputError(f"the budget is {budget!r:.40}: give a number from 0, 1 is a usual search")
    if unknown := [name for name in operators or () if name not in KNOWN_OPERATORS]:
        raise InputError(
            f"there is no operator {unknown[0]!r:.40}: use some of {', '.join(KNOWN_OPERATORS)}"
        )
    asked = _asked(teacher)
    backends, notes = chosen_backends(backend)
    name = identifier(name)
    target = identifiers([table.target], (name,))[0]
    names = identifiers(table.titles, (target, name))
    held, fitted = _split(len(table.y), seed)
    with timed("search", seconds, say):
        columns = [f"x{k}" for k in range(len(names))]
        scales = [_scale(column) for column in table.x.T]
        height = _scale(table.y)
        x, y = table.x[fitted] * np.array(scales), table.y[fitted] * height
        known = OPERATORS if operators is None else operators

        def searched(x: Any, y: Any, regimes: bool) -> Found:
            return search(
                x,
                y,
                columns,
                backends=backends,
                operators=known,
                budget=budget,
                seed=seed,
                progress=lambda text: say("search", text),
                regimes=(lambda long, best: find_regimes(x, y, columns, known, seed, long, best))
                if regimes and budget > 0
                else None,
            )

        teaching = None
        if asked is None:
            found = searched(x, y, regimes)
        else:
            found, teaching = taught_search(
                x,
                y,
                asked if isinstance(asked, str) else _rescaled(asked, np.array(scales), height),
                lambda x, y: searched(x, y, regimes),
                lambda x, y: searched(x, y, False),
                budget=budget,
                seed=seed,
                progress=lambda text: say("search", text),
            )
        scalars = tuple(
            Scalar(known, Reals(float(column.min()), float(column.max())), title)
            for known, title, column in zip(names, table.titles, table.x.T, strict=True)
        )
        low, high = float(table.y.min()), float(table.y.max())
        given = {
            column: Var(known) if scale == 1 else Call("mul", (Const(scale), Var(known)))
            for column, known, scale in zip(columns, names, scales, strict=True)
        }
        law = formula(
            name,
            replaced(found.best.expr, given, height),
            scalars,
            Scalar(target, Reals(low, high), table.target),
        )
        front = tuple(
            replace(fit, expr=replaced(fit.expr, given, height), loss=fit.loss / height / height)
            for fit in found.front
        )
    rows = (table.x[held], table.y[held])
    if teaching is not None:
        seen = table.x[held] * np.array(scales)
        teaching = teaching.judged(seen, rows[1] * height, values_at(found.best.expr, seen))
    with timed("render", seconds, say):
        origin = FormulaOrigin(
            f"{len(fitted):,} rows of {len(names)} column{'' if len(names) == 1 else 's'} "
            f"({found.best.backend})" + "".join(f"; {text}" for text in table.meanings(names)),
            (),
            (),
            __version__,
        )
        draft = formula_solver(law, origin)
        solve = load_solver(draft.encode(), name)
        origin = replace(origin, examples=_recorded(solve, table.x[held if len(held) else fitted]))
    with timed("verify", seconds, say):
        borders = border_notes(law, table.x[fitted], table.y[fitted])
        if oracle is not None:
            outside = outside_ranges(law, oracle, seed)
        else:
            outside = outer_rows(
                table.x * np.array(scales),
                table.y * height,
                refitted(found.best.expr, columns),
            )
            outside = outside and replace(outside, worst=outside.worst / height)
        certificate = certify_formula(
            name,
            law,
            solve,
            rows,
            seed,
            oracle=oracle,
            notes=borders.notes if teaching is None else (*borders.notes, teaching.sentence()),
            undecided=borders.undecided,
            outside=outside,
        )
    with timed("render", seconds, say):
        origin = replace(origin, checked=tuple(certificate.sentences()))
        code = formula_solver(law, origin)
        test_code = formula_test(law, origin)
    sealed = certificate.sealed(
        {"solver.py": code.encode(), "network.npz": formula_bytes(law, rows)}
    )
    engine = found.best.backend
    return Fitted(
        name, law, front, engine, code, test_code, sealed, rows, notes, seconds, teaching, outside
    )


def _asked(teacher: bool | str | Teacher) -> str | Teacher | None:
    """The penalty or the function that was asked for; None for no teacher."""
    from .teaching.given import as_teacher
    from .teaching.teach import TEACHERS

    if isinstance(teacher, bool):
        teacher = "auto" if teacher else "none"
    if isinstance(teacher, str) and teacher not in TEACHERS:
        raise InputError(f"there is no teacher {teacher!r:.40}: use one of {', '.join(TEACHERS)}")
    if not isinstance(teacher, str):
        return as_teacher(teacher)
    return None if teacher == "none" else teacher


def _rescaled(teacher: Teacher, scales: Any, height: float) -> Teacher:
    """The teacher as a function of scaled columns, in units of the scaled target."""
    return lambda rows: np.asarray(teacher(rows / scales), dtype=np.float64) * height


def _split(rows: int, seed: int) -> tuple[Any, Any]:
    order = np.random.default_rng([seed, 29]).permutation(rows)
    if rows < _FEWEST:
        return np.arange(0), np.arange(rows)
    return np.sort(order[: rows // _HELD]), np.sort(order[rows // _HELD :])


def _recorded(solve: Callable[..., Any], x: Any) -> tuple[tuple[tuple[float, ...], float], ...]:
    """A few rows with the solver's answers."""
    result = []
    for row in x[:5].tolist():
        try:
            result.append((tuple(row), float(solve(*row))))
        except ValueError:
            continue
    return tuple(result)


def _scale(column: Any) -> float:
    """A power of ten that brings enormous and tiny numbers near 1; 1 for all others."""
    size = float(np.abs(column).max()) if len(column) else 0.0
    if size == 0 or 1 / _EXTREME < size < _EXTREME:
        return 1.0
    power = round(float(np.log10(size)))
    return float(10.0 ** -max(-_LARGEST_POWER, min(_LARGEST_POWER, power)))
