"""Sines and cosines made one: equal to the sum they stand for, and free phases in one form."""

from __future__ import annotations

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.formula.symbolic.algebra import normal
from deepdistill.formula.symbolic.angles import one_angle
from deepdistill.formula.symbolic.arrays import values
from deepdistill.formula.symbolic.neighbours import smaller
from deepdistill.formula.symbolic.sparse import Sparse
from deepdistill.ir.expr import Call, Const, Expr, Var, walk
from deepdistill.ir.text import expr_text

T, K = Var("t"), Var("k")
COLUMNS = {"t": np.linspace(0.1, 6, 80), "k": np.linspace(2, 1, 80) ** 2}
NUMBERS = st.one_of(st.floats(-5, 5).filter(lambda c: abs(c) > 0.01), st.integers(1, 4))


def call(op: str, *args: Expr) -> Expr:
    return Call(op, args)


ANGLES = st.builds(lambda c, v: call("mul", Const(c), v), NUMBERS, st.sampled_from([T, K]))
SHARED = st.sampled_from([(), (K,), (K, K), (call("exp", T), call("sqrt", K))])


def same(a: Expr, b: Expr) -> bool:
    return bool(np.allclose(values(a, COLUMNS), values(b, COLUMNS), rtol=1e-9, atol=1e-9))


@settings(max_examples=tries(80), deadline=None, derandomize=True)
@given(NUMBERS, NUMBERS, ANGLES, SHARED, st.booleans())
def test_a_sine_and_a_cosine_of_one_angle(
    a: float, b: float, u: Expr, shared: tuple[Expr, ...], below: bool
) -> None:
    terms = [
        call("mul", Const(a), *shared, call("sin", u)),
        call("mul", Const(b), call("cos", u), *shared),
    ]
    if below:
        terms = [call("div", term, T) for term in terms]
    whole = call("add", *terms, K)
    (merged,) = one_angle(whole.args)
    assert same(whole, merged)
    assert expr_text(merged).count("cos") == 1 and "sin" not in expr_text(merged)


@settings(max_examples=tries(80), deadline=None, derandomize=True)
@given(NUMBERS, st.sampled_from([1, -1]), ANGLES, ANGLES, SHARED, st.booleans())
def test_products_of_sines_and_cosines_are_those_of_sums(
    a: float, sign: int, u: Expr, v: Expr, shared: tuple[Expr, ...], cosine: bool
) -> None:
    if u == v:
        return
    first, second = ("cos", "cos"), ("sin", "sin")
    if not cosine:
        first, second = ("sin", "cos"), ("cos", "sin")
    terms = [
        call("mul", Const(a), *shared, call(first[0], u), call(first[1], v)),
        call("mul", Const(sign * a), call(second[0], u), call(second[1], v), *shared),
    ]
    found = list(one_angle(terms))
    assert found and all(same(call("add", *terms), one) for one in found)


def test_what_does_not_belong_together_stays() -> None:
    two = call("mul", Const(2.0), T)
    for terms in (
        [call("sin", T), call("cos", K)],
        [call("sin", T), call("sin", T)],
        [call("mul", K, call("sin", T)), call("cos", T)],
        [
            call("mul", call("sin", T), call("cos", K)),
            call("mul", call("cos", T), call("sin", two)),
        ],
        [
            call("mul", call("sin", T), call("cos", K)),
            call("mul", Const(3.0), call("cos", T), call("sin", K)),
        ],
        [T, Const(1.5), call("div", T, Const(0))],
    ):
        assert list(one_angle(terms)) == []


def test_the_merged_sum_is_a_smaller_neighbour() -> None:
    expr = call("add", call("sin", T), call("cos", T), Const(1.0))
    assert any(same(expr, other) for other in smaller(expr, COLUMNS))


@settings(max_examples=tries(80), deadline=None, derandomize=True)
@given(st.floats(-40, 40), st.sampled_from(["sin", "cos"]))
def test_a_free_phase_is_at_most_a_quarter_turn(phase: float, op: str) -> None:
    expr = call(op, call("add", T, Const(phase)))
    found = normal(expr)
    assert same(expr, found)
    assert all(abs(number) <= np.pi / 2 + 1e-9 for number in constants(found))


def constants(expr: Expr) -> list[float]:
    match expr:
        case Const(float() as value):
            return [value]
        case Call(_, args):
            return [number for arg in args for number in constants(arg)]
        case _:
            return []


def test_a_phase_that_is_no_free_number_stays() -> None:
    assert normal(call("sin", call("add", T, Const(9)))) == call("sin", call("add", T, Const(9)))


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_a_decaying_oscillation_is_one_product(noise: float) -> None:
    rng = np.random.default_rng(4)
    t, k = rng.uniform(0, 6, 200), rng.uniform(0.2, 1, 200)
    y = 3 * np.exp(-k * t) * np.cos(2 * t)
    y += noise * y.std() * rng.normal(size=200)
    operators = ("add", "mul", "div", "exp", "sin", "cos")
    front = Sparse().fit(np.column_stack([t, k]), y, ["t", "k"], operators, 1.0, 0)
    best = min((fit for fit in front if fit.complexity < 16), key=lambda fit: fit.loss)
    assert best.loss < 2 * (noise * y.std()) ** 2 + 1e-20


@settings(max_examples=tries(60), deadline=None, derandomize=True)
@given(NUMBERS, NUMBERS, NUMBERS, st.sampled_from([1, -1]), SHARED, st.sampled_from(["sin", "cos"]))
def test_two_waves_that_are_a_standing_one(
    a: float, c: float, d: float, sign: int, shared: tuple[Expr, ...], op: str
) -> None:
    u, v = call("mul", Const(c), T), call("mul", Const(d), K)
    waves = call(op, call("add", u, v)), call(op, call("sub", u, v))
    whole = call(
        "add",
        *(call("mul", Const(n), *shared, one) for n, one in zip((a, sign * a), waves, strict=True)),
    )
    first, *_ = one_angle(whole.args)
    assert same(whole, first)
    assert not any(isinstance(node, Call) and node.op in ("add", "sub") for node in walk(first)), (
        expr_text(first)
    )
