"""Linear forms: arithmetic of sums, and how sums and comparisons are written."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.ir.evaluate import Scope, evaluate_expr
from deepdistill.ir.expr import Const, Expr, Var, call
from deepdistill.ir.linear import LinearForm, compared, expr_of, form_of, weighted

NAMES = ("a", "b", "c")
FORMS = st.builds(
    lambda weights, constant: weighted(
        {Var(n): w for n, w in zip(NAMES, weights, strict=True) if w}, constant
    ),
    st.tuples(*[st.integers(-3, 3)] * 3),
    st.integers(-4, 4),
)
VALUES = st.tuples(*[st.integers(-5, 5)] * 3).map(lambda v: dict(zip(NAMES, v, strict=True)))


def value(expr: Expr, names: dict[str, int]) -> int:
    scope = Scope((), {})
    scope.names.update(names)
    found = evaluate_expr(expr, scope)
    assert isinstance(found, int)
    return found


@given(FORMS, FORMS, st.integers(-3, 3), VALUES)
@settings(deadline=None)
def test_forms_add_up(
    one: LinearForm[Expr], two: LinearForm[Expr], factor: int, names: dict[str, int]
) -> None:
    total = one.plus(two, factor)
    first, second = value(expr_of(one), names), value(expr_of(two), names)
    assert value(expr_of(total), names) == first + factor * second
    assert all(total.terms.values()) and all(one.scaled(factor).terms.values())
    assert value(expr_of(one.scaled(factor)), names) == factor * first
    assert form_of(expr_of(one)) == one


@given(FORMS, st.sampled_from(["ge", "le", "eq", "ne"]), st.integers(-4, 4), VALUES)
@settings(deadline=None)
def test_comparisons_hold_where_the_sums_do(
    form: LinearForm[Expr], op: str, bound: int, names: dict[str, int]
) -> None:
    form = LinearForm(form.terms)
    found = value(call(op, expr_of(form), Const(bound)), names)
    assert value(compared(op, form, bound), names) == found


def test_sums_are_written_plus_before_minus() -> None:
    form = weighted({Var("a"): -1, Var("b"): 2}, -3)
    assert str(expr_of(form)) == str(
        call("add", call("mul", Const(2), Var("b")), call("mul", Const(-1), Var("a")), Const(-3))
    )
    assert compared("ge", weighted({Var("a"): 1, Var("b"): -1}), 1) == call(
        "gt", Var("a"), Var("b")
    )
    assert expr_of(weighted({})) == Const(0)
    assert weighted({Var("a"): 4}, 5).divided(2) == weighted({Var("a"): 2}, 2)
