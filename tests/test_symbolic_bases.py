"""Exponentials whose rate is the logarithm of a plain number are told as its powers."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepdistill.formula.symbolic.arrays import values
from deepdistill.formula.symbolic.bases import with_bases
from deepdistill.formula.symbolic.choose import search
from deepdistill.formula.symbolic.program import readable
from deepdistill.formula.symbolic.sparse import Sparse
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
    one = Call("log", (T,))
    twice = Call("exp", (Call("mul", (one, one)),))
    assert expr_text(readable(twice)) == "math.pow(t, math.log(t))"


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (-4.605170185988, "math.pow(((0.01 * t) + 1), k)"),
        (0.69314718056, "math.pow(((2 * t) + 200), k)"),
        (0.7, "math.exp((k * (math.log((t + 100)) + 0.7)))"),
    ],
)
def test_a_factor_of_what_is_raised_goes_into_it(rate: float, text: str) -> None:
    inner = Call("log", (Call("add", (T, Const(100))),))
    expr = Call("exp", (Call("mul", (K, Call("add", (inner, Const(rate))))),))
    assert expr_text(readable(with_bases(expr))) == text


@pytest.mark.slow
def test_compound_interest_with_a_rate_of_its_own_is_found() -> None:
    rng = np.random.default_rng(8)
    rate, start = rng.uniform(0, 12, 150).round(2), rng.uniform(10, 90, 150).round(1)
    years = rng.integers(0, 9, 150).astype(float)
    answers = start * (1 + rate / 100) ** years
    names = ["rate", "start", "years"]
    found = search(np.stack([rate, start, years], axis=1), answers, names, backends=[Sparse()])
    later = {"rate": np.array([15.0]), "start": np.array([100.0]), "years": np.array([20.0])}
    np.testing.assert_allclose(values(found.best.expr, later), 100 * 1.15**20, rtol=1e-9)


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
