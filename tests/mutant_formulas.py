"""Formulas and what becomes of the mutants of their solvers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from mutant_trials import OUTPUTS, SECONDS, Endless, Outcome, limited, same_code
from mutants import Mutant
from table_formulas import read_formula

from deepdistill.data.problem import InputError
from deepdistill.forms.formula.inputs import FormulaInputs
from deepdistill.ir.borders import comparisons
from deepdistill.ir.expr import Call, Const, Expr, If, Var
from deepdistill.ir.program import Formula, Let
from deepdistill.ir.types import Reals, Scalar
from deepdistill.target.formula_source import formula_solver
from deepdistill.target.source import Provenance
from deepdistill.verify.contract import broken_promise
from deepdistill.verify.judge import judge
from deepdistill.verify.solver import load_solver


def _formula(name: str, value: Expr, *body: Let, **ranges: tuple[float, float]) -> Formula:
    inputs = tuple(Scalar(known, Reals(*span)) for known, span in ranges.items())
    return Formula(name, inputs, Scalar("result", Reals(-100.0, 100.0)), body, value)


_X, _Y, _Z = Var("x"), Var("y"), Var("z")
_SPEED = Call("sqrt", (Call("add", (Call("power", (_X, Const(2))), Call("mul", (_Y, _Y)))),))

FORMULAS = (
    _formula(
        "energy",
        Call("mul", (Const(0.5), _X, Call("power", (_Y, Const(2))))),
        x=(0.5, 5.0),
        y=(-3.0, 3.0),
    ),
    _formula(
        "decay",
        Call(
            "add",
            (Call("mul", (_X, Call("exp", (Call("div", (_Y, Const(-2.5))),)))), Const(0.25)),
        ),
        x=(1.0, 4.0),
        y=(0.0, 6.0),
    ),
    _formula(
        "lift",
        Call("sub", (Call("mul", (Var("speed"), _Z)), Call("div", (_X, Var("speed"))))),
        Let("speed", _SPEED),
        x=(1.0, 3.0),
        y=(1.0, 3.0),
        z=(-2.0, 2.0),
    ),
    _formula(
        "tariff",
        If(
            Call("le", (_X, Const(2.0))),
            Call("mul", (_X, _Y)),
            Call("add", (Call("mul", (Const(3.0), _X)), Call("log", (_Y,)))),
        ),
        x=(0.0, 5.0),
        y=(1.0, 4.0),
    ),
)
"""Formulas with powers, roots, exponentials, a named part and a breakpoint."""


def formula_source(formula: Formula) -> str:
    return formula_solver(formula, Provenance("rows that were made up", version="0"))


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """A formula, the text of its solver and rows with its values."""

    formula: Formula
    source: str
    rows: tuple[Any, Any]


@cache
def law(name: str) -> Law:
    """One of :data:`FORMULAS`, or a law of the gallery."""
    if (folder := OUTPUTS / name).is_dir():
        formula, rows = read_formula((folder / "network.npz").read_bytes(), name)
        return Law(formula, (folder / "solver.py").read_text(), rows)
    (formula,) = (one for one in FORMULAS if one.name == name)
    source = formula_source(formula)
    original = load_solver(source.encode(), "solver")
    low, high = _ranges(formula)
    x = np.random.default_rng(97).uniform(low, high, (20, len(low)))
    return Law(formula, source, (x, np.array([original(*row) for row in x.tolist()])))


def _ranges(formula: Formula) -> tuple[Any, Any]:
    spans = [(scalar.domain.low, scalar.domain.high) for scalar in formula.inputs]
    low, high = np.array(spans).T
    return low, high


def formula_outcome(one: Law, mutant: Mutant) -> Outcome:
    """What becomes of a mutant of a formula's solver."""
    formula = one.formula
    original = load_solver(one.source.encode(), "solver")
    rng = np.random.default_rng(96)
    low, high = _ranges(formula)
    try:
        with limited(SECONDS):
            solve = load_solver(mutant.value.encode(), "solver")
            space = FormulaInputs(
                formula.name, formula, one.rows, undecided=tuple(comparisons(formula.value))
            )
            if broken_promise(solve, space.contract()) is not None:
                return "rejected"
            if not judge(space, solve).ok:
                return "rejected"
            if same_code(one.source, mutant.value):
                return "proved equal"
            calls = [tuple(row) for row in rng.uniform(low, high, (5000, len(low))).tolist()]
            odd = (0.0, -1.0, 1e308, -1e308, 1e-300, "1", None, math.nan, [], True)
            calls += [
                (*row[:k], value, *row[k + 1 :])  # type: ignore[misc]
                for row in calls[:20]
                for k in range(len(low))
                for value in odd
            ]
            if all(_close(original, solve, call) for call in calls):
                return "equal as far as tested"
            return "survived"
    except (InputError, Endless):
        return "rejected"


def _close(original: Any, mutant: Any, call: tuple[Any, ...]) -> bool:
    answers = []
    for solve in (original, mutant):
        try:
            answers.append(solve(*call))
        except ValueError:
            answers.append("raises ValueError")
        except Exception as error:
            answers.append(type(error).__name__)
    one, other = answers
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-300)
    return bool(one == other)
