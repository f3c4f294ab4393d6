"""Expressions changed: replacing, substituting past binders, laws to a fixed point."""

from __future__ import annotations

from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import expressions

from deepdistill.ir.evaluate import Scope, evaluate_expr
from deepdistill.ir.expr import Call, Const, Expr, First, Sum, Total, Var, call, children, rebuild
from deepdistill.ir.names import LONGEST, fresh
from deepdistill.ir.rewrite import (
    binds,
    bottomup,
    free_names,
    mapped,
    replace,
    replace_each,
    settled,
    substitute,
    topdown,
)

A, B, K, PLACE = Var("a"), Var("b"), Var("k"), Var("i")


def test_replacing_takes_the_outermost() -> None:
    twice = call("add", A, call("add", A, B))
    assert replace(twice, call("add", A, B), A) == call("add", A, A)
    assert replace(twice, A, call("add", A, A)) == call(
        "add", call("add", A, A), call("add", call("add", A, A), B)
    )
    assert replace_each(twice, {A: B, B: A}) == call("add", B, call("add", B, A))
    assert topdown(twice, lambda part: Const(1) if part == twice else None) == Const(1)


def test_what_is_bound_stays() -> None:
    total = Total("k", K, call("add", K, A), call("mul", K, A))
    assert free_names(total) == {"k", "a"}  # its ends lie outside
    assert substitute(total, {"k": Const(5), "a": B}) == Total(
        "k", Const(5), call("add", Const(5), B), call("mul", K, B)
    )
    both = Sum(("i", "j"), ((0, 1),), call("add", PLACE, A))
    assert free_names(both) == {"a"}
    assert substitute(both, {"i": Const(5)}) == both


def test_no_name_is_caught() -> None:
    """``sum(k * a for k)`` with k for a is not ``sum(k * k for k)``."""
    total = Total("k", Const(0), Const(3), call("mul", K, A))
    found = substitute(total, {"a": K})
    assert found == Total("k_2", Const(0), Const(3), call("mul", Var("k_2"), K))
    search = First("k", Const(0), A, call("eq", K, A), call("add", K, Var("k_2")))
    found = substitute(search, {"a": call("sub", K, Const(1))})
    assert isinstance(found, First) and found.name == "k_3"
    assert free_names(found) == {"k", "k_2"}
    pairs = Sum(("i", "k"), ((1, 2),), call("mul", PLACE, K, A))
    found = substitute(pairs, {"a": call("add", PLACE, K)})
    assert isinstance(found, Sum) and found.names == ("i_2", "k_2")
    assert free_names(found) == {"i", "k"}


def small() -> st.SearchStrategy[Expr]:
    """Expressions of numbers and of sums that bind their names."""
    leaf = st.one_of(st.integers(-3, 3).map(Const), st.sampled_from([A, B, K]))
    points = st.just(((0,), (2,)))

    def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        ends = st.integers(0, 2).map(Const)
        names = st.sampled_from(["a", "k"])
        return st.one_of(
            st.builds(
                lambda op, a, b: call(op, a, b), st.sampled_from(["add", "mul"]), inner, inner
            ),
            st.builds(Total, names, ends, st.just(Const(3)), inner),
            st.builds(Sum, names.map(lambda name: (name,)), points, inner),
        )

    return st.recursive(leaf, grown, max_leaves=6)


def value(expr: Expr, **names: int) -> object:
    """The value, each sum in a scope of its own."""
    scope = Scope((), {})
    scope.names.update(names)
    return evaluate_expr(_apart(expr), scope)


def _apart(expr: Expr, count: list[int] | None = None) -> Expr:
    """The same expression, no two of whose sums bind one name: the interpreter keeps bindings."""
    count = count if count is not None else [0]
    count[0] += 1
    new = f"own_{count[0]}"
    match expr:
        case Total(name, start, stop, body):
            ends = (_apart(part, count) for part in (start, stop))
            return Total(new, *ends, _apart(_renamed(body, name, new), count))
        case Sum((name,), points, body):
            return Sum((new,), points, _apart(_renamed(body, name, new), count))
        case _:
            return mapped(expr, lambda part: _apart(part, count))


def _renamed(expr: Expr, old: str, new: str) -> Expr:
    if expr == Var(old):
        return Var(new)
    if old in binds(expr):  # the ends of these sums are constants
        return expr
    return rebuild(expr, tuple(_renamed(part, old, new) for part in children(expr)))


@given(small(), small(), st.integers(-3, 3), st.integers(-3, 3), st.integers(-3, 3))
@settings(max_examples=tries(200), deadline=None)
def test_substituting_is_evaluating_first(expr: Expr, put: Expr, a: int, b: int, k: int) -> None:
    inner = value(put, a=a, b=b, k=k)
    assert isinstance(inner, int)
    assert value(substitute(expr, {"a": put}), a=a, b=b, k=k) == value(expr, a=inner, b=b, k=k)


@given(expressions())
@settings(max_examples=tries(100), deadline=None)
def test_changing_nothing_gives_the_same(expr: Expr) -> None:
    assert mapped(expr, lambda part: part) == expr == bottomup(expr, lambda part: part)
    assert substitute(expr, {}) == expr == substitute(expr, {"a": A})
    assert settled(expr, lambda part: None) == expr


def test_a_law_is_applied_until_it_settles() -> None:
    def double(part: Expr) -> Expr | None:
        match part:
            case Call("not", (Call("not", (inner,)),)):
                return inner
            case _:
                return None

    deep: Expr = A
    for _ in range(7):
        deep = call("not", deep)
    assert settled(call("and", deep, B), double) == call("and", call("not", A), B)


def test_fresh_names() -> None:
    assert fresh("cell", set()) == "cell"
    assert fresh("cell", {"cell", "cell_2"}) == "cell_3"
    assert fresh("max_", {"max_"}) == "max_2"
    long = "x" * LONGEST
    assert fresh(long, {long}) == "x" * (LONGEST - 2) + "_2"
