"""Simplification, truth tables, and the shortest expressions for them."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deepdistill.ir.evaluate import Scope, evaluate_expr
from deepdistill.ir.expr import Call, Const, Expr, If, Read, Var, call, is_truth, size, walk
from deepdistill.ir.interval import Interval, bounds
from deepdistill.ir.notation import written
from deepdistill.ir.ops import OPERATIONS
from deepdistill.ir.parse import parse_expr
from deepdistill.ir.text import expr_text
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.ir.vector import evaluate_rows
from deepdistill.passes.decide.boolean import rank
from deepdistill.passes.decide.cover import two_level, two_level_dual
from deepdistill.passes.decide.literals import literals, view_of
from deepdistill.passes.decide.lookup import item
from deepdistill.passes.decide.shortest import shortest, tree
from deepdistill.passes.decide.table import Feature, TruthTable
from deepdistill.passes.simplify import simplify, with_few_choices

LIGHT = settings(max_examples=tries(30), deadline=None)


def value(expr: Expr, names: Mapping[str, int]) -> Any:
    """The value of an expression by the reference interpreter."""
    scope = Scope((), {})
    scope.names.update(names)
    return evaluate_expr(expr, scope)


# ---- simplify

RANGES = {"x": Interval(0, 3), "y": Interval(-2, 2), "a": Interval(0, 1), "b": Interval(0, 1)}

SPANS = [range(int(r.low), int(r.high) + 1) for r in RANGES.values()]
ROWS = np.array(list(itertools.product(*SPANS)))
EVERY = {name: ROWS[:, k] for k, name in enumerate(RANGES)}


def expressions() -> st.SearchStrategy[Expr]:
    """Numbers over two bits and two integers."""
    leaves: st.SearchStrategy[Expr] = st.sampled_from([*map(Var, RANGES), *map(Const, range(4))])
    bits: st.SearchStrategy[Expr] = st.sampled_from([Var("a"), Var("b"), Const(0), Const(1)])
    bits = st.recursive(
        bits,
        lambda inner: (
            st.builds(call, st.sampled_from(["bitand", "bitor", "bitxor"]), inner, inner)
            | st.builds(lambda e: call("sub", Const(1), e), inner)
        ),
        max_leaves=5,
    )

    def grow(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        binary = st.sampled_from(["add", "sub", "mul", "max", "min"])
        comparison = st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"])
        truth = st.builds(call, comparison, inner, inner)
        truth |= st.builds(call, st.sampled_from(["and", "or"]), truth, truth | bits)
        truth |= st.builds(lambda e: call("not", e), truth | bits)
        return (
            st.builds(call, binary, inner, inner)
            | st.builds(lambda e, m: call("mod", e, Const(m)), inner, st.integers(1, 4))
            | st.builds(If, truth | bits, inner, inner)
            | st.builds(lambda e: call("int", e), truth)
            | st.builds(lambda e: call("abs", e), inner)
        )

    return st.recursive(leaves | bits, grow, max_leaves=8)


@given(expressions())
@settings(max_examples=tries(150), deadline=None)
def test_simplify_keeps_every_value_and_never_grows(expr: Expr) -> None:
    short = simplify(expr, RANGES)
    assert size(short) <= size(expr)
    assert simplify(short, RANGES) == short
    expected = evaluate_rows(expr, EVERY)
    assert (evaluate_rows(short, EVERY) == expected).all()
    inside = bounds(expr, RANGES)
    assert inside.low <= expected.min() and expected.max() <= inside.high
    for row in range(0, len(expected), 17):  # the interpreter is the definition
        names = {name: int(column[row]) for name, column in EVERY.items()}
        assert value(expr, names) == value(short, names) == expected[row]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (call("and", Var("a"), Const(1)), Var("a")),
        (If(call("not", Var("a")), Const(0), Const(1)), Var("a")),
        (call("or", call("eq", Var("x"), Const(1)), call("eq", Var("x"), Const(3))),
         call("in", Var("x"), Const((1, 3)))),
        (call("add", call("add", Var("x"), Const(2)), Const(-2)), Var("x")),
        (call("ge", Var("x"), Const(0)), Const(1)),
        (call("item", Const((4, 5, 6, 7)), Var("x")), call("add", Var("x"), Const(4))),
    ],
)  # fmt: skip
def test_simplify_by_hand(before: Expr, after: Expr) -> None:
    assert simplify(before, RANGES) == after


# ---- tables


@st.composite
def tables(draw: st.DrawFn, most_rows: int = 40) -> TruthTable:
    """Random functions of one to four features, with and without absent rows."""
    shapes = st.sampled_from([(0, 1), (0, 1), (0, 1, 2), (0, 1, 2, 3), (-1, 0, 1), (1, 3)])
    values = draw(st.lists(shapes, min_size=1, max_size=4))
    rows = list(itertools.product(*values))
    if len(rows) > most_rows or draw(st.booleans()):
        count = draw(st.integers(1, min(most_rows, len(rows))))
        rows = draw(st.permutations(rows))[:count]
    outcomes = draw(st.sampled_from([(0, 1), (0, 1, 2), (-1, 0, 1), (2, 5)]))
    target = draw(st.lists(st.sampled_from(outcomes), min_size=len(rows), max_size=len(rows)))
    features = tuple(Feature(f"f{k}", v) for k, v in enumerate(values))
    return TruthTable(features, np.array(rows), np.array(target))


def tabulate(features: Mapping[str, tuple[int, ...]], function: Callable[..., int]) -> TruthTable:
    """The whole table of a function."""
    rows = list(itertools.product(*features.values()))
    return TruthTable(
        tuple(Feature(name, values) for name, values in features.items()),
        np.array(rows),
        np.array([function(*row) for row in rows]),
    )


def rule(number: int) -> TruthTable:
    """The elementary automaton of that number."""
    cells = {name: (0, 1) for name in ("left", "center", "right")}
    return tabulate(cells, lambda a, b, c: number >> (4 * a + 2 * b + c) & 1)


def life(born: tuple[int, ...], stays: tuple[int, ...]) -> TruthTable:
    """A life-like rule over the number of live neighbors and the cell."""
    return tabulate(
        {"neighbors": tuple(range(9)), "cell": (0, 1)},
        lambda n, cell: int(n in (stays if cell else born)),
    )


def check(table: TruthTable, expr: Expr) -> None:
    """The expression has the target's value, row by row, in the reference interpreter."""
    for row, target in zip(table.rows.tolist(), table.target.tolist(), strict=True):
        names = {f.name: v for f, v in zip(table.features, row, strict=True)}
        assert value(expr, names) == target
    assert not is_truth(expr)


@given(tables(most_rows=12))
@settings(max_examples=tries(15), deadline=None)
def test_shortest_is_exact_and_no_longer_than_the_plain_candidates(table: TruthTable) -> None:
    exact_and_short(table)


@pytest.mark.slow
@given(tables())
@settings(max_examples=tries(30), deadline=None)
def test_shortest_is_exact_on_large_tables(table: TruthTable) -> None:
    exact_and_short(table)


def exact_and_short(table: TruthTable) -> None:
    found = shortest(table)
    check(table, found)
    # by price, the first part of the rank: among equals the search need not see every form
    assert rank(found)[0] <= rank(tree(table))[0]
    lookup = item(view_of(table).columns, table.target)
    assert lookup is None or rank(found)[0] <= rank(lookup)[0]


@given(expressions())
@LIGHT
def test_rows_are_evaluated_as_the_interpreter_does(expr: Expr) -> None:
    expected = [value(expr, dict(zip(RANGES, row, strict=True))) for row in ROWS.tolist()]
    assert evaluate_rows(expr, EVERY).tolist() == expected


@given(tables())
@LIGHT
def test_two_level_forms_hold_exactly_where_they_should(table: TruthTable) -> None:
    on = table.target == table.target.max()
    assume(not on.all())
    view = view_of(table)
    pool = literals(view.columns, on)
    for form in (two_level(on, pool), two_level_dual(on, pool)):
        assert form is not None
        assert (table.retarget(on).target == evaluate_rows(form, table.columns())).all()


def test_features_the_target_can_do_without_are_dropped() -> None:
    table = tabulate({"a": (0, 1), "b": (0, 1, 2), "c": (0, 1)}, lambda a, b, c: a ^ c)
    assert [f.name for f in table.essential().features] == ["a", "c"]


def test_a_position_of_a_port_is_read() -> None:
    places = {f"rule{k}": (0, 1) for k in range(8)}
    cells = {name: (0, 1) for name in ("left", "center", "right")}
    table = tabulate({**cells, **places}, lambda a, b, c, *r: r[4 * a + 2 * b + c])
    features = tuple(
        Feature(f.name, f.values, ("rule", int(f.name[4:])) if f.name.startswith("rule") else None)
        for f in table.features
    )
    found = shortest(TruthTable(features, table.rows, table.target))
    index = call(
        "add",
        call("mul", Const(4), Var("left")),
        call("mul", Const(2), Var("center")),
        Var("right"),
    )
    assert found == Read("rule", (index,))
    scope = Scope((Port("rule", (Axis("fixed", size=8),), Integers(0, 1)),), {"rule": [0, 1] * 4})
    scope.names.update(left=1, center=0, right=1)
    assert evaluate_expr(found, scope) == 1


def test_the_answer_does_not_depend_on_earlier_calls() -> None:
    rng = np.random.default_rng(0)
    features = {"x": (0, 1, 2), "y": (0, 1), "z": (0, 1)}
    random = [tabulate(features, lambda *_: int(rng.integers(3))) for _ in range(2)]
    first = [shortest(table) for table in random]
    assert first == [shortest(table) for table in reversed(random)][::-1]


# ---- known rules


def print_python(expr: Expr) -> str:
    """An expression in Python, with all the brackets."""
    match expr:
        case Const(number):
            return str(number)
        case Var(name):
            return name
        case If(test, then, otherwise):
            return f"({print_python(then)} if {print_python(test)} else {print_python(otherwise)})"
        case Call("item", (table, index)):
            return f"{print_python(table)}[{print_python(index)}]"
        case Call("int" | "abs" | "max" | "min", args):
            return f"{expr.op}({', '.join(map(print_python, args))})"
        case Call("not", (arg,)):
            return f"(not {print_python(arg)})"
        case Call("between", (low, x, high)):
            return f"({print_python(low)} <= {print_python(x)} <= {print_python(high)})"
        case Call("and" | "or" as op, args):
            return "(" + f" {op} ".join(map(print_python, args)) + ")"
        case Call(op, args):
            return f"({written(OPERATIONS[op].python, list(map(print_python, args)))})"
        case _:
            raise NotImplementedError


def nodes(text: str) -> int:
    """The number of nodes of a Python expression."""
    return sum(1 for _ in ast.walk(ast.parse(text, mode="eval").body))


@given(tables(most_rows=9))
@settings(max_examples=tries(15), deadline=None)
def test_size_counts_what_python_counts(table: TruthTable) -> None:
    expr = shortest(table)
    assert size(expr) == nodes(print_python(expr))


def test_all_rules_are_no_longer_than_two_level_forms() -> None:
    """No elementary rule is longer than sympy's minimal DNF and CNF; five are shorter.

    Three rules are one negation; ``~cell`` is not a bit, so ``1 - cell`` stands against it.
    """
    sympy = pytest.importorskip("sympy")
    cells = sympy.symbols("left center right")
    for number in range(256):
        table = rule(number)
        found = shortest(table)
        check(table, found)
        for node in walk(found):  # no riddles such as left < right
            if isinstance(node, Call) and node.op in ("lt", "gt", "le", "ge"):
                assert any(isinstance(arg, Const) for arg in node.args)
        ones = [list(map(int, row)) for row in table.rows[table.target == 1]]
        forms = [str(form(cells, ones)) for form in (sympy.SOPform, sympy.POSform)]
        shortest_form = min(nodes(form) for form in forms)
        if number in (15, 51, 85):
            assert (size(found), shortest_form) == (5, 4)
        else:
            assert size(found) <= shortest_form
        if number in (30, 45, 90, 105, 150):
            assert size(found) < shortest_form


n, cell = Var("neighbors"), Var("cell")
left, center, right = map(Var, ("left", "center", "right"))


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (rule(30), call("bitxor", left, call("bitor", center, right))),
        (rule(90), call("bitxor", left, right)),
        (rule(150), call("bitxor", left, center, right)),
        (rule(105), call("sub", Const(1), call("bitxor", left, center, right))),
        (rule(184), If(center, right, left)),
        (
            life((3,), (2, 3)),
            call("int", call("or", call("eq", n, Const(3)),
                             call("and", cell, call("eq", n, Const(2))))),
        ),
        (life((2,), ()), call("int", call("and", call("not", cell), call("eq", n, Const(2))))),
        (
            tabulate({"neighbors": tuple(range(9)), "cell": (0, 1, 2, 3)},
                     lambda n, c: (c + 1) % 4 if n >= 2 else c),
            If(call("ge", n, Const(2)),
               call("mod", call("add", cell, Const(1)), Const(4)), cell),
        ),
        (tabulate({"left": (0, 1, 2), "right": (0, 1, 2)}, max), call("max", left, right)),
    ],
)  # fmt: skip
def test_known_rules(table: TruthTable, expected: Expr) -> None:
    assert shortest(table) == expected


CHOICES = {
    "(x if (a == 2) else (x if (b == 2) else 1))": "(x if ((a == 2) or (b == 2)) else 1)",
    "((1 if (b >= 1) else x) if (a == 0) else x)": "(1 if ((a == 0) and (b >= 1)) else x)",
    "[(x if (a == 0) else (1 if (b > x) else x)) for x in digits]":
        "[(1 if ((a != 0) and (b > x)) else x) for x in digits]",
    "((x - x) if (a == 1) else b)": "((x - x) if (a == 1) else b)",
}  # fmt: skip


@pytest.mark.parametrize("text", CHOICES)
@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(-3, 3))
def test_choices_between_the_same_values_are_one(text: str, a: int, b: int, x: int) -> None:
    expr = parse_expr(text)
    shorter = with_few_choices(expr)
    assert expr_text(shorter) == CHOICES[text]
    names: dict[str, Any] = {"a": a, "b": b, "x": x, "digits": [x, a, b]}
    assert value(shorter, names) == value(expr, names)
