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
from .tables import NumberTable, identifiers

if TYPE_CHECKING:
    from .ir.program import Formula
    from .symbolic.backend import Fit
    from .verify.certificate import Certificate

STAGES = ("search", "render", "verify")

_HELD = 5  # one row in so many is held out
_EXTREME = 1e60  # squares of products of larger numbers overflow
_FEWEST = 10  # smaller tables are not split


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

    def files(self) -> dict[str, bytes]:
        """What :meth:`save` writes, by file name."""
        from .weights.formula import formula_bytes

        return {
            "solver.py": self.code.encode(),
            "test_solver.py": self.test_code.encode(),
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
) -> Fitted:
    """Read a formula from a table of numbers.

    ``backend`` is ``auto``, ``sparse``, ``operon`` or ``pysr``; ``budget`` is an amount of work, 1
    being a usual search. One row in five is held out and judges. The same seed gives the same
    formula. Raises :class:`InputError` for unusable input.
    """
    from .ir.expr import Call, Const, Var
    from .ir.types import Reals, Scalar
    from .render.formula_source import FormulaOrigin, formula_solver, formula_test
    from .symbolic.backend import OPERATORS
    from .symbolic.choose import chosen_backends, search
    from .symbolic.program import formula, replaced
    from .verify.formula_judge import certify_formula
    from .verify.recheck import load_solver
    from .weights.formula import formula_bytes

    say = progress or (lambda stage, text: None)
    seconds: dict[str, float] = {}
    backends, notes = chosen_backends(backend)
    name = identifier(name)
    target = identifiers([table.target], (name,))[0]
    names = identifiers(table.titles, (target, name))
    held, fitted = _split(len(table.y), seed)
    with timed("search", seconds, say):
        columns = [f"x{k}" for k in range(len(names))]
        scales = [_scale(column) for column in table.x.T]
        height = _scale(table.y)
        found = search(
            table.x[fitted] * np.array(scales),
            table.y[fitted] * height,
            columns,
            backends=backends,
            operators=OPERATORS if operators is None else operators,
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
    with timed("render", seconds, say):
        origin = FormulaOrigin(
            f"{len(fitted):,} rows of {len(names)} column{'' if len(names) == 1 else 's'} "
            f"({found.best.backend})",
            (),
            (),
            __version__,
        )
        draft = formula_solver(law, origin)
        solve = load_solver(draft.encode(), name)
        origin = replace(origin, examples=_recorded(solve, table.x[held]))
    with timed("verify", seconds, say):
        certificate = certify_formula(name, law, solve, rows, seed, oracle=oracle)
    with timed("render", seconds, say):
        origin = replace(origin, checked=tuple(certificate.sentences()))
        code = formula_solver(law, origin)
        test_code = formula_test(law, origin)
    sealed = certificate.sealed(
        {"solver.py": code.encode(), "network.npz": formula_bytes(law, rows)}
    )
    return Fitted(
        name, law, front, found.best.backend, code, test_code, sealed, rows, notes, seconds
    )


def _split(rows: int, seed: int) -> tuple[Any, Any]:
    order = np.random.default_rng([seed, 29]).permutation(rows)
    if rows < _FEWEST:
        return np.arange(rows), np.arange(rows)
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
    return float(10.0 ** -round(np.log10(size)))
