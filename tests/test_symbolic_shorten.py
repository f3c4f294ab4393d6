"""Shorter formulas: what people would write, the same values, never more operations."""

from __future__ import annotations

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.formula.symbolic.arrays import operations, values
from deepdistill.formula.symbolic.domain import Domain
from deepdistill.formula.symbolic.shorten import sampled, shorter
from deepdistill.ir.expr import Call, Const, Expr, Var
from deepdistill.ir.interval import Interval
from deepdistill.ir.text import expr_text

A, B, C = Var("a"), Var("b"), Var("c")
POSITIVE = Domain.within({name: Interval(0.5, 5.0) for name in "abc"})
ANY = Domain.within({name: Interval(-5.0, 5.0) for name in "abc"})


def add(*parts: Expr) -> Expr:
    return Call("add", parts)


def mul(*parts: Expr) -> Expr:
    return Call("mul", parts)


def div(a: Expr, b: Expr) -> Expr:
    return Call("div", (a, b))


def square(a: Expr) -> Expr:
    return Call("pow", (a, Const(2)))


def root(a: Expr) -> Expr:
    return Call("sqrt", (a,))


def exp(a: Expr) -> Expr:
    return Call("exp", (a,))


CASES = [
    (add(mul(A, B), mul(A, C)), 2),  # a (b + c)
    (mul(B, root(add(square(div(A, B)), Const(1)))), 4),  # sqrt(a^2 + b^2)
    (mul(root(A), root(B)), 2),  # sqrt(a b)
    (add(square(A), mul(Const(2), A, B), square(B)), 2),  # (a + b)^2
    (add(square(A), mul(Const(-1), square(B))), 3),  # (a - b)(a + b)
    (mul(exp(A), exp(B)), 2),  # exp(a + b)
    (add(Call("log", (A,)), mul(Const(-1), Call("log", (B,)))), 2),  # log(a / b)
    (mul(Const(2), A, Call("cos", (B,)), Call("sin", (B,))), 3),  # a sin(2 b)
]


@pytest.mark.parametrize("expr, most", CASES, ids=lambda case: str(case)[:20])
def test_what_a_person_would_write(expr: Expr, most: int) -> None:
    found = shorter(expr, POSITIVE)
    assert operations(found) <= most, expr_text(found)


def test_whole_coefficients_stay_whole() -> None:
    """3 a + 2 b + 2 c, not 2 (1.5 a + b + c); what all have in common comes out as ever."""
    whole = add(mul(Const(3), A), mul(Const(2), B), mul(Const(2), C))
    assert shorter(whole, POSITIVE) == whole
    same = add(mul(Const(2), A), mul(Const(2), B), mul(Const(2), C))
    assert shorter(same, POSITIVE) == mul(Const(2), add(A, B, C))


def test_no_ratio_of_two_short_numbers_is_written_for_as_many_operations() -> None:
    """a (1.113 - 1.11 / b), not 1.113 a (b - 0.9973045822102427) / b."""
    spring = add(mul(Const(1.113), A), mul(Const(-1.11), div(A, B)))
    told = expr_text(shorter(spring, POSITIVE))
    assert "1.113" in told and "1.11 " in told and "0.99" not in told


def test_a_root_takes_in_only_what_is_positive() -> None:
    expr = CASES[1][0]
    found = shorter(expr, ANY)
    columns = {"a": np.array([3.0]), "b": np.array([-4.0])}
    assert values(found, columns)[0] == values(expr, columns)[0] == -5.0


@settings(max_examples=tries(40), deadline=None)
@given(
    number=st.sampled_from([2, -1, 0.75, 4]),
    inner=st.sampled_from([A, mul(Const(3), A), add(A, B), div(A, Const(2))]),
    power=st.sampled_from([1, 2, -1]),
    beside=st.sampled_from([C, exp(C)]),
)
def test_a_sine_times_its_cosine_is_one_sine(
    number: float, inner: Expr, power: int, beside: Expr
) -> None:
    waves = [Call("pow", (Call(f, (inner,)), Const(power))) for f in ("sin", "cos")]
    expr = mul(Const(number), beside, *waves)
    found = shorter(expr, POSITIVE)
    columns = sampled(["a", "b", "c"], POSITIVE)
    assert np.allclose(values(found, columns), values(expr, columns), rtol=1e-9)
    assert "cos" not in expr_text(found)


def formulas() -> st.SearchStrategy[Expr]:
    leaves = st.sampled_from([A, B, C, Const(2), Const(-1), Const(3)])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(add, inner, inner),
            st.builds(mul, inner, inner),
            st.builds(div, inner, st.sampled_from([A, B, C])),
            st.builds(square, inner),
            st.builds(root, st.builds(square, inner)),
            st.builds(exp, st.sampled_from([A, B, C])),
        ),
        max_leaves=6,
    )


@settings(max_examples=tries(60), deadline=None)
@given(formulas(), st.sampled_from([POSITIVE, ANY]))
def test_the_same_values_with_no_more_operations(expr: Expr, domain: Domain) -> None:
    found = shorter(expr, domain)
    assert operations(found) <= operations(expr)
    columns = sampled(["a", "b", "c"], domain)
    before, after = values(expr, columns), values(found, columns)
    good = np.isfinite(before)
    assert (good == np.isfinite(after)).all()
    size = float(np.abs(before[good]).max()) if good.any() else 0.0
    assert (np.abs(before[good] - after[good]) <= 1e-12 * size).all()
