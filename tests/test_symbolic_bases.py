"""Exponentials whose rate is the logarithm of a plain number are told as its powers."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepdistill.formula.symbolic.bases import with_bases
from deepdistill.formula.symbolic.program import readable
from deepdistill.ir.arithmetic import power
from deepdistill.ir.expr import Call, Const, Expr, Var
from deepdistill.ir.interval import Interval
from deepdistill.ir.text import expr_text

T, K = Var("t"), Var("k")


def growing(rate: float, *rest: Expr) -> Expr:
    return Call("exp", (Call("mul", (Const(rate), *rest)),))


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (growing(0.69314718056, T), "(2 ** t)"),
        (growing(-0.693147180560, T), "(0.5 ** t)"),
        (growing(0.0487901641694, T, K), "(1.05 ** (t * k))"),
        (Call("add", (growing(2.30258509299, T), Const(3))), "((10 ** t) + 3)"),
        (growing(-0.5, T), "math.exp((-0.5 * t))"),  # a plain rate stays
        (growing(0.6931, T), "math.exp((0.6931 * t))"),  # too few digits to be sure
        (growing(0.69314718156, T), "math.exp((0.69314718156 * t))"),  # another number
    ],
)
def test_the_base_is_told_where_the_rate_is_its_logarithm(expr: Expr, text: str) -> None:
    assert expr_text(readable(with_bases(expr))) == text


def test_what_is_raised_to_a_column_is_told_as_its_power() -> None:
    expr = Call("exp", (Call("mul", (K, Call("log", (T,)))),))
    assert expr_text(readable(expr)) == "math.pow(t, k)"


@given(st.integers(2, 999), st.integers(0, 2))
def test_every_base_of_three_digits_is_found(figures: int, places: int) -> None:
    base = figures / 10**places
    rate = float(f"{log(base):.12g}")
    if rate and len(f"{abs(rate):.12g}".replace(".", "").strip("0")) > 8:
        assert with_bases(growing(rate, T)) == Call("pow", (Const(base), T))


@given(st.floats(0.1, 9), st.floats(0, 5), st.floats(-4, 4), st.floats(0, 5), st.floats(0, 1))
def test_a_power_lies_in_its_interval(
    low: float, width: float, start: float, length: float, share: float
) -> None:
    found = power(Interval(low, low + width), Interval(start, start + length))
    value = (low + share * width) ** (start + share * length)
    assert found.low <= value * (1 + 1e-12) and value <= found.high * (1 + 1e-12)
