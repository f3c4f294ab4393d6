"""A table on one screen: table → formula → source → certificate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from . import __version__
from .finished import Finished
from .ir.rounding import rounded
from .ir.types import Reals
from .names import identifier
from .problem import InputError
from .progress import timed
from .tables import NumberTable, checked

if TYPE_CHECKING:
    from .explain import Explanation
    from .ir.program import Formula
    from .symbolic.backend import Fit
    from .teaching.given import Teacher
    from .teaching.teach import Teaching
    from .verify.certificate import Certificate
    from .verify.extrapolation import Extrapolation

STAGES = ("search", "render", "verify")

_HELD = 5  # one row in so many is held out
_FEWEST = 10  # from smaller tables nothing is held out


@dataclass(frozen=True, eq=False)
class Fitted(Finished):
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

    def explain(self, *row: Any) -> Explanation:
        """Why the formula has its value: its named parts and the regime that was taken.

        ``row`` are the arguments of :attr:`solve`, or one list or mapping of them. Raises
        :class:`InputError` where the formula has no value.
        """
        from .explaining import explain_answer

        return explain_answer(None, self.formula, self.solve, row)

    def __getstate__(self) -> dict[str, Any]:
        """For pickling: the loaded solver stays behind, its source goes along."""
        return {name: value for name, value in self.__dict__.items() if name != "solve"}

    @cached_property
    def report(self) -> str:
        """The report: one self-contained HTML page."""
        from .reporting import report_page

        trials = () if self.teaching is None else self.teaching.trials
        return report_page(
            self.certified_files(),
            front=tuple((fit.complexity, fit.loss) for fit in self.front),
            trials=tuple((trial.strength, trial.teacher, trial.student) for trial in trials),
        )

    def network_files(self) -> dict[str, bytes]:
        """The formula in place of a network, with the held-out rows."""
        from .weights.formula import formula_bytes

        return {"network.npz": formula_bytes(self.formula, self.held_out)}

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
    from .regimes.notes import border_notes
    from .render.formula_source import FormulaOrigin, formula_solver, formula_test
    from .symbolic.backend import KNOWN_OPERATORS
    from .symbolic.choose import chosen_backends
    from .table_search import SearchSettings, search_table
    from .verify.contract import keeping_formula_contract
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
    backends, notes = chosen_backends(backend)
    name = identifier(name)
    held, fitted = _split(len(table.y), seed)
    settings = SearchSettings(
        backends,
        operators,
        budget,
        seed,
        regimes,
        _asked(teacher),
        lambda text: say("search", text),
    )
    with timed("search", seconds, say):
        found = search_table(table, name, fitted, settings)
    law = found.law
    rows = (table.x[held], table.y[held])
    teaching = found.judged(*rows)
    if oracle is not None:  # it computes answers anew on each machine
        law, rows = _settled(law), (rows[0], _rounded(rows[1]))
    known = [scalar.name for scalar in law.inputs]
    count = len(known)
    with timed("render", seconds, say):
        origin = FormulaOrigin(
            f"{len(fitted):,} rows of {count} column{'' if count == 1 else 's'} "
            f"({found.backend})" + "".join(f"; {text}" for text in table.meanings(known)),
            (),
            (),
            __version__,
        )
        draft = formula_solver(law, origin)
        solve = load_solver(draft.encode(), name)
        origin = replace(origin, examples=_recorded(solve, table.x[held if len(held) else fitted]))
    with timed("verify", seconds, say):
        borders = border_notes(law, table.x[fitted], table.y[fitted])
        outside = found.outside(table) if oracle is None else outside_ranges(law, oracle, seed)
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
        certificate = keeping_formula_contract(certificate, solve, law)
    with timed("render", seconds, say):
        origin = replace(origin, checked=tuple(certificate.sentences()))
        code = formula_solver(law, origin)
        test_code = formula_test(law, origin)
    sealed = certificate.sealed(
        {
            "solver.py": code.encode(),
            "test_solver.py": test_code.encode(),
            "network.npz": formula_bytes(law, rows),
        }
    )
    return Fitted(
        name,
        law,
        found.front,
        found.backend,
        code,
        test_code,
        sealed,
        rows,
        notes,
        seconds,
        teaching,
        outside,
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


def _split(rows: int, seed: int) -> tuple[Any, Any]:
    order = np.random.default_rng([seed, 29]).permutation(rows)
    if rows < _FEWEST:
        return np.arange(0), np.arange(rows)
    return np.sort(order[: rows // _HELD]), np.sort(order[rows // _HELD :])


def _settled(law: Formula) -> Formula:
    """The formula with the range of its answers in 12 digits."""
    domain = law.output.domain
    low, high = _rounded(np.array([domain.low, domain.high])).tolist()
    return replace(law, output=replace(law.output, domain=Reals(low, high)))


def _rounded(answers: Any) -> Any:
    """Answers (rows,) to 12 digits of the largest."""
    largest = float(np.abs(answers).max(initial=0.0))
    return np.array([rounded(answer, largest) for answer in answers.tolist()])


def _recorded(solve: Callable[..., Any], x: Any) -> tuple[tuple[tuple[float, ...], float], ...]:
    """A few rows with the solver's answers."""
    result = []
    for row in x[:5].tolist():
        try:
            result.append((tuple(row), rounded(float(solve(*row)))))
        except ValueError:
            continue
    return tuple(result)
