"""Every law of the algebra keeps values and domain, on random parts and rows, by the evaluator."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, nan

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.formula.symbolic.algebra import NotFinite, normal
from deepdistill.formula.symbolic.arrays import operations, values
from deepdistill.formula.symbolic.domain import Domain
from deepdistill.formula.symbolic.program import formula
from deepdistill.formula.symbolic.shorten import shorter
from deepdistill.formula.symbolic.translate import symbol, to_sympy
from deepdistill.ir.domain import formula_gaps, gaps, is_total
from deepdistill.ir.evaluate import Scope, evaluate_expr, evaluate_formula
from deepdistill.ir.expr import Call, Const, Expr, If, Var, children, walk
from deepdistill.ir.interval import Interval, bounds
from deepdistill.ir.text import expr_text
from deepdistill.ir.types import Reals, Scalar
from deepdistill.target.formula_source import formula_solver, gaps_in_words
from deepdistill.target.source import Provenance
from deepdistill.verify.solver import load_solver

X, Y, Z = Var("x"), Var("y"), Var("z")
RANGES = {"x": (-2.0, 2.0), "y": (0.0, 3.0), "z": (0.5, 3.0)}
DOMAIN = Domain.of(RANGES)
ONE = Const(1)


def call(op: str, *args: Expr) -> Expr:
    return Call(op, args)


Three = Callable[[Expr, Expr, Expr], Expr]
LAWS: dict[str, Three] = {
    "u / u": lambda u, v, w: call("div", u, u),
    "u^2 / u": lambda u, v, w: call("div", call("pow", u, Const(2)), u),
    "1 / (1 / u)": lambda u, v, w: call("div", ONE, call("div", ONE, u)),
    "u^0": lambda u, v, w: call("pow", u, Const(0)),
    "0 log u": lambda u, v, w: call("add", v, call("mul", Const(0), call("log", u))),
    "log u - log u": lambda u, v, w: call("sub", call("log", u), call("log", u)),
    "exp(log u)": lambda u, v, w: call("exp", call("log", u)),
    "exp(log u / 2)": lambda u, v, w: call("exp", call("div", call("log", u), Const(2))),
    "exp(-2 log u)": lambda u, v, w: call("exp", call("mul", Const(-2), call("log", u))),
    "log(exp u)": lambda u, v, w: call("log", call("exp", u)),
    "sqrt(u)^2": lambda u, v, w: call("pow", call("sqrt", u), Const(2)),
    "sqrt u sqrt u": lambda u, v, w: call("mul", call("sqrt", u), call("sqrt", u)),
    "sqrt(u^2)": lambda u, v, w: call("sqrt", call("pow", u, Const(2))),
    "sqrt(1 / u)": lambda u, v, w: call("sqrt", call("div", ONE, u)),
    "sqrt u sqrt v": lambda u, v, w: call("mul", call("sqrt", u), call("sqrt", v)),
    "sqrt u / sqrt v": lambda u, v, w: call("div", call("sqrt", u), call("sqrt", v)),
    "sqrt(u v)": lambda u, v, w: call("sqrt", call("mul", u, v)),
    "log(u v)": lambda u, v, w: call("log", call("mul", u, v)),
    "log u + log v": lambda u, v, w: call("add", call("log", u), call("log", v)),
    "log u - log v": lambda u, v, w: call("sub", call("log", u), call("log", v)),
    "exp u exp v": lambda u, v, w: call("mul", call("exp", u), call("exp", v)),
    "|u| |v|": lambda u, v, w: call("mul", call("abs", u), call("abs", v)),
    "u v + u w": lambda u, v, w: call("add", call("mul", u, v), call("mul", u, w)),
    "u/w + v/w": lambda u, v, w: call("add", call("div", u, w), call("div", v, w)),
    "1 - 1/(1 + u)": lambda u, v, w: call("sub", ONE, call("div", ONE, call("add", ONE, u))),
    "u^2 v^2 / w^2": lambda u, v, w: call(
        "div",
        call("mul", call("pow", u, Const(2)), call("pow", v, Const(2))),
        call("pow", w, Const(2)),
    ),
    "u^2 - 2 u v + v^2": lambda u, v, w: call(
        "add",
        call("pow", u, Const(2)),
        call("mul", Const(-2), u, v),
        call("pow", v, Const(2)),
    ),
    "u^2 - v^2": lambda u, v, w: call("sub", call("pow", u, Const(2)), call("pow", v, Const(2))),
    "u / (u + v w)": lambda u, v, w: call("div", u, call("add", u, call("mul", v, w))),
    "3 u + 3 v": lambda u, v, w: call("add", call("mul", Const(3), u), call("mul", Const(3), v)),
    "-u - v": lambda u, v, w: call("sub", call("mul", Const(-1), u), v),
    "-u (v - w)": lambda u, v, w: call("mul", Const(-1), u, call("sub", v, w)),
    "cos(u - pi / 2)": lambda u, v, w: call(
        "cos", call("sub", u, call("div", call("pi"), Const(2)))
    ),
    "u^(3/2) / sqrt v": lambda u, v, w: call(
        "div", call("pow", u, Const(1.5)), call("sqrt", v)
    ),
}  # fmt: skip


def parts() -> st.SearchStrategy[Expr]:
    leaves = st.sampled_from([X, Y, Z])
    more: list[Expr] = [
        call("add", X, ONE),
        call("sub", Y, Z),
        call("mul", X, Y),
        call("add", call("pow", X, Const(2)), ONE),
        call("div", ONE, X),
        call("sqrt", X),
        call("log", Y),
        call("exp", X),
        call("sin", X),
        call("abs", X),
        Const(2),
    ]
    return st.one_of(leaves, st.sampled_from(more))


def rows() -> st.SearchStrategy[dict[str, float]]:
    # a grid of exact numbers, so that zeros are met and no sum is nearly 0 by rounding alone
    names = {
        name: st.integers(int(low * 8), int(high * 8)).map(lambda k: k / 8)
        for name, (low, high) in RANGES.items()
    }
    return st.fixed_dictionaries(names)


def at(expr: Expr, row: dict[str, float]) -> float:
    scope = Scope((), {})
    scope.names.update(row)
    return outcome(lambda: float(evaluate_expr(expr, scope)))


def scale(expr: Expr, row: dict[str, float]) -> float:
    """The largest size of a part: what roundings are relative to; nan for an unclear row."""
    sizes = [1.0]
    for node in walk(expr):
        found = abs(at(node, row))
        if isinstance(node, Call) and node.op in ("add", "sub"):
            largest = max(abs(at(child, row)) for child in children(node))
            if 0 < found < 1e-3 * largest:
                return nan
        if isfinite(found):
            sizes.append(found)
    return max(sizes)


def agree(before: Expr, after: Expr, row: dict[str, float]) -> None:
    size = max(scale(before, row), scale(after, row))
    first, second = at(before, row), at(after, row)
    if not size < 1e6:
        return
    shown = f"{expr_text(before)} and {expr_text(after)} at {row}: {first}, {second}"
    assert isfinite(first) == isfinite(second), shown
    if isfinite(first):
        assert abs(first - second) <= 1e-12 * size * max(1.0, abs(first)), shown


@pytest.mark.parametrize("law", LAWS)
def test_each_law_keeps_values_and_domain(law: str) -> None:
    @settings(max_examples=tries(20), deadline=None, derandomize=True)
    @given(parts(), parts(), parts(), rows())
    def kept(u: Expr, v: Expr, w: Expr, row: dict[str, float]) -> None:
        expr = LAWS[law](u, v, w)
        try:
            agree(expr, normal(expr, DOMAIN), row)
        except NotFinite:
            return
        agree(expr, shorter(expr, DOMAIN), row)

    kept()


def grown() -> st.SearchStrategy[Expr]:
    def more(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        binary = st.sampled_from(["add", "sub", "mul", "div"])
        unary = st.sampled_from(["exp", "log", "sqrt", "sin", "abs"])
        return st.one_of(
            st.builds(lambda op, a, b: call(op, a, b), binary, inner, inner),
            st.builds(lambda op, a: call(op, a), unary, inner),
            st.builds(lambda a, k: call("pow", a, Const(k)), inner, st.integers(-2, 3)),
        )

    leaves = st.one_of(st.sampled_from([X, Y, Z]), st.integers(-3, 4).map(Const))
    return st.recursive(leaves, more, max_leaves=9)


INPUTS = tuple(Scalar(name, Reals(*RANGES[name])) for name in RANGES)


@settings(max_examples=tries(120), deadline=None, derandomize=True)
@given(grown(), rows())
def test_shorter_formulas_keep_values_and_domain(expr: Expr, row: dict[str, float]) -> None:
    found = shorter(expr, DOMAIN)
    assert operations(found) <= operations(expr)
    agree(expr, found, row)


@settings(max_examples=tries(80), deadline=None, derandomize=True)
@given(grown(), rows())
def test_program_solver_arrays_and_sympy_agree(expr: Expr, row: dict[str, float]) -> None:
    """The formula with names, its rendered solver, whole columns and sympy: one value."""
    law = formula("law", expr, INPUTS, Scalar("answer", Reals(0, 1)))
    size = max(scale(expr, row), scale(shorter(expr, DOMAIN), row))
    if not size < 1e6:
        return
    source = formula_solver(law, Provenance("rows", version="0"))
    first = at(expr, row)
    bound = 1e-12 * size * max(1.0, abs(first))
    column = {name: np.array([value]) for name, value in row.items()}
    for found in (
        outcome(lambda: evaluate_formula(law, row)),
        outcome(lambda: load_solver(source.encode(), "law")(**row)),
        outcome(lambda: float(values(expr, column)[0])),
    ):
        assert isfinite(found) == isfinite(first)
        assert not isfinite(first) or abs(found - first) <= bound
    if isfinite(first):
        exact = to_sympy(expr).subs({symbol(name): value for name, value in row.items()}).evalf(30)
        assert abs(complex(exact) - first) <= bound


def outcome(compute: Callable[[], float]) -> float:
    try:
        found = compute()
    except (ArithmeticError, ValueError):
        return nan
    return found if isfinite(found) else nan


@settings(max_examples=tries(300), deadline=None, derandomize=True)
@given(grown(), rows())
def test_intervals_hold_every_value(expr: Expr, row: dict[str, float]) -> None:
    found = bounds(expr, DOMAIN.ranges)
    value = at(expr, row)
    if isfinite(value):
        slack = 1e-12 * max(1.0, scale(expr, row))
        assert not value < found.low - slack and not value > found.high + slack
    elif is_total(expr, DOMAIN.ranges):
        large = scale(expr, row)  # nothing is left but overflow
        assert not large < 1e6


@settings(max_examples=tries(300), deadline=None, derandomize=True)
@given(grown(), rows())
def test_gaps_are_where_there_is_no_value(expr: Expr, row: dict[str, float]) -> None:
    conditions = gaps(expr, DOMAIN.ranges)
    if not isfinite(at(expr, row)) and scale(expr, row) < 1e6:
        assert any(at(condition, row) != 0 for condition in conditions)


@pytest.mark.parametrize(
    "expr, expected",
    [
        (call("div", X, X), "x / x"),
        (call("div", Z, Z), "1"),
        (call("exp", call("log", X)), "exp(log(x))"),
        (call("exp", call("log", Z)), "z"),
        (call("pow", call("sqrt", X), Const(2)), "sqrt(x) ** 2"),
        (call("pow", call("sqrt", Y), Const(2)), "y"),
        (call("sqrt", call("pow", X, Const(2))), "abs(x)"),
        (call("add", call("log", X), call("log", call("add", X, Const(-1)))),
         "log(x) + log(x - 1)"),
        (call("add", call("log", Z), call("log", X)), "log(x * z)"),
        (call("sub", call("mul", X, Y), call("mul", X, Z)), "x * (y - z)"),
        (call("add", call("mul", Const(0.3), Y), call("mul", Const(-0.3), X)),
         "0.3 * (y - x)"),
        (call("add", call("pow", X, Const(2)), call("mul", Const(-2), X, Y),
              call("pow", Y, Const(2))), "(x - y) ** 2"),
        (call("div", call("mul", Z, Y), call("mul", Const(2), Z, call("add", X, Const(3)))),
         "y / (2 * (x + 3))"),
        (call("div", call("exp", Const(-6)),
              call("add", call("exp", call("mul", Const(-1.5), X)), call("exp", Const(-6)))),
         "1 / (exp(1.5 * (4 - x)) + 1)"),
        (call("cos", call("sub", X, call("div", call("pi"), Const(2)))), "sin(x)"),
        (call("sub", ONE, call("div", ONE, call("add", ONE, Y))), "y / (y + 1)"),
        (call("mul", call("abs", X), call("abs", call("sin", X))), "abs(x * sin(x))"),
    ],
)  # fmt: skip
def test_what_is_shortened_and_what_is_left(expr: Expr, expected: str) -> None:
    from deepdistill.target.formula_source import formula_lines

    law = formula("law", expr, INPUTS, Scalar("answer", Reals(0, 1)))
    assert formula_lines(law)[1].replace("math.", "") == expected


def test_a_branch_is_shortened_where_it_holds() -> None:
    part = call("exp", call("log", X))
    expr = If(call("gt", X, Const(0)), part, call("mul", Const(2), part))
    assert shorter(expr, DOMAIN) == If(call("gt", X, Const(0)), X, call("mul", Const(2), part))


def test_the_docstring_declares_where_there_is_no_value() -> None:
    expr = call("div", call("log", X), call("mul", Z, call("sub", Y, ONE)))
    law = formula("law", expr, INPUTS, Scalar("answer", Reals(0, 1)))
    assert gaps_in_words(law) == "It has no value where x <= 0 or where y = 1."
    assert gaps_in_words(law) in formula_solver(law, Provenance("rows", version="0"))
    total = formula("law", call("div", X, Z), INPUTS, Scalar("answer", Reals(0, 1)))
    assert not formula_gaps(total) and gaps_in_words(total) == ""


@pytest.mark.parametrize(
    "expr, low, high",
    [
        (call("mul", X, X), 0.0, 4.0),
        (call("exp", X), np.exp(-2), np.exp(2)),
        (call("sin", X), -1.0, 1.0),
        (call("cos", Y), np.cos(3), 1.0),
        (call("sin", call("mul", Const(0.5), Y)), 0.0, np.sin(1.5)),
        (call("div", ONE, Z), 1 / 3, 2.0),
        (call("pow", Z, Const(-2)), 1 / 9, 4.0),
        (call("max", X, ONE), 1.0, 2.0),
    ],
)
def test_intervals_of_real_parts(expr: Expr, low: float, high: float) -> None:
    found = bounds(expr, DOMAIN.ranges)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert bounds(call("div", ONE, X), DOMAIN.ranges) == Interval(-np.inf, np.inf)
