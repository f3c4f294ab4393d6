"""Formulas as data: values on columns, derivatives, normal forms, description lengths."""

from __future__ import annotations

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.formula.symbolic.algebra import NotFinite, normal
from deepdistill.formula.symbolic.arrays import (
    complexity,
    operations,
    parametric,
    values,
)
from deepdistill.formula.symbolic.constants import refit
from deepdistill.formula.symbolic.named import near
from deepdistill.formula.symbolic.scoring import description_length
from deepdistill.ir.constants import free_constants
from deepdistill.ir.expr import Call, Const, Expr, Var

X = np.linspace(0.5, 3, 40)
COLUMNS = {"a": X, "b": X[::-1] + 0.25}
A, B = Var("a"), Var("b")


def formulas() -> st.SearchStrategy[Expr]:
    leaves = st.one_of(
        st.sampled_from([A, B]),
        st.floats(0.2, 3).map(Const),
        st.integers(1, 4).map(Const),
    )

    def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        return st.one_of(
            st.builds(
                lambda op, a, b: Call(op, (a, b)),
                st.sampled_from(["add", "sub", "mul", "div", "max"]),
                inner,
                inner,
            ),
            st.builds(
                lambda op, a: Call(op, (a,)),
                st.sampled_from(["exp", "log", "sqrt", "sin", "cos", "abs", "tanh"]),
                inner,
            ),
            st.builds(lambda a, k: Call("pow", (a, Const(k))), inner, st.integers(2, 3)),
        )

    return st.recursive(leaves, grown, max_leaves=8)


@settings(max_examples=tries(200), deadline=None, derandomize=True)
@given(formulas())
def test_the_normal_form_has_the_same_values(expr: Expr) -> None:
    before = values(expr, COLUMNS)
    if not np.isfinite(before).all() or np.abs(before).max() > 1e8:
        return
    try:
        after = values(normal(expr, frozenset(COLUMNS)), COLUMNS)
    except NotFinite:
        return  # a constant part of it has no value, such as 1 / (2 - 2)
    scale = 1e-7 * (1 + np.abs(before).max())
    assert np.abs(after - before).max() < scale


@settings(max_examples=tries(100), deadline=None, derandomize=True)
@given(formulas())
def test_the_jacobian_is_the_derivative(expr: Expr) -> None:
    function = parametric(expr)
    found, slopes = function.jacobian(COLUMNS, function.start, len(X))
    if not np.isfinite(slopes).all() or not np.isfinite(found).all() or np.abs(found).max() > 1e4:
        return
    for k in range(len(function.start)):
        ends = []
        for step in (-1e-6, 1e-6):
            moved = function.start.copy()
            moved[k] += step
            ends.append(np.broadcast_to(function(COLUMNS, moved), X.shape))
        numeric = (ends[1] - ends[0]) / 2e-6
        smooth = np.abs(numeric - slopes[:, k]) < 1e-3 * (1 + np.abs(slopes[:, k]))
        assert smooth.mean() > 0.9  # but for the corners of abs and max


@pytest.mark.parametrize(
    "expr, expected",
    [
        (Call("mul", (Const(2.0), Call("mul", (Const(3.0), A)))), Call("mul", (Const(6.0), A))),
        (Call("div", (A, A)), Const(1)),
        (Call("exp", (Call("log", (A,)),)), A),
        (Call("sqrt", (Call("mul", (A, A)),)), A),
        (Call("sub", (A, A)), Const(0)),
        (Call("cos", (Call("mul", (Const(-1), A)),)), Call("cos", (A,))),
    ],
)
def test_laws_of_the_normal_form(expr: Expr, expected: Expr) -> None:
    assert normal(expr, frozenset({"a"})) == expected


def test_the_root_of_a_square_keeps_the_sign_of_what_may_be_negative() -> None:
    expr = normal(Call("sqrt", (Call("mul", (A, A)),)), frozenset())
    assert values(expr, {"a": np.array([-2.0])}).tolist() == [2.0]


def test_free_and_whole_constants_are_told_apart() -> None:
    """Python says 2 == 2.0, and so do equal expressions: memory must not mix them up."""
    for _ in range(2):
        assert free_constants(normal(Call("mul", (Const(2.0), A)))) == [2.0]
        assert free_constants(normal(Call("mul", (Const(2), A)))) == []


def test_constants_are_refitted_in_double_precision() -> None:
    truth = Call("mul", (Const(2.5), Call("exp", (Call("mul", (Const(-0.7), A)),))))
    start = Call("mul", (Const(1.0), Call("exp", (Call("mul", (Const(-0.1), A)),))))
    found, loss = refit(start, COLUMNS, values(truth, COLUMNS))
    assert loss < 1e-25
    assert np.allclose(free_constants(found), [2.5, -0.7], rtol=1e-10)


def test_refitting_never_makes_it_worse() -> None:
    expr = Call("log", (Call("add", (A, Const(-5.0))),))
    found, loss = refit(expr, COLUMNS, X)
    assert found == expr and loss == np.inf


@pytest.mark.parametrize(
    "value, expected",
    [
        (8 / 3, Call("div", (Const(8), Const(3)))),
        (np.pi, Call("pi", ())),
        (-4.0, Const(-4)),
        (np.sqrt(2), Call("sqrt", (Const(2),))),
    ],
)
def test_numbers_with_names(value: float, expected: Expr) -> None:
    assert next(near(value, 1e-9)).expr == expected


def test_size_is_counted_as_people_count() -> None:
    expr = Call("add", (A, B, Call("mul", (Const(2), A))))
    assert (operations(expr), complexity(expr)) == (3, 7)


def test_a_shorter_formula_with_the_same_error_is_the_shorter_description() -> None:
    short, long = A, Call("add", (A, Const(1e-9)))
    assert description_length(short, 1e-3, 1, 100) < description_length(long, 1e-3, 1, 100)
    assert description_length(short, np.inf, 1, 100) == np.inf
