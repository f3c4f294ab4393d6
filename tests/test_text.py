"""Programs as text, and back."""

from __future__ import annotations

import pytest
from effort import tries
from hypothesis import given, settings
from strategies import expressions

from deepdistill.ir.expr import Call, Const, Expr, If, Inside, Read, Size, Sum, Total, Var, call
from deepdistill.ir.ops import OPERATIONS
from deepdistill.ir.parse import parse_expr, parse_formula, parse_program
from deepdistill.ir.program import ConstantTable, Fill, Formula, Let, Map, Program, Scan
from deepdistill.ir.text import expr_text
from deepdistill.ir.types import Integers, Port, Reals, Scalar, parse_axes

CELLS = Port("cells", parse_axes("grid(wrap)"), Integers(0, 1))
RESULT = Port("result", parse_axes("grid(wrap)"), Integers(0, 1))


def test_a_program_prints_one_line_a_statement() -> None:
    both = Sum(("d",), ((-1,), (1,)), Read("cells", (call("add", Var("i"), Var("d")),)))
    rule = Map("result", "cells", ("i",), (Let("both", both),), call("eq", Var("both"), Const(1)))
    program = Program("edge", (CELLS,), RESULT, (Let("unused", Const(7)), rule))
    assert str(program) == (
        "edge(cells: grid(wrap) of 0..1) -> result: grid(wrap) of 0..1\n"
        "  unused = 7\n"
        "  result[i] for each position of cells:\n"
        "    both = sum(cells[(i + d)] for d in {(-1,), (1,)})\n"
        "    (both == 1)"
    )


def test_every_node_prints() -> None:
    a, b = Var("a"), Var("b")
    assert expr_text(If(a, Const(1), b)) == "(1 if a else b)"
    assert expr_text(Inside("cells", (a,))) == "inside cells[a]"
    assert expr_text(Call("item", (Const((4, 5)), a))) == "(4, 5)[a]"
    assert expr_text(call("max", a, b)) == "max(a, b)"
    assert expr_text(call("not", call("and", a, b))) == "not((a and b))"
    assert expr_text(call("in", a, Const((1, 2)))) == "(a in (1, 2))"
    assert expr_text(call("between", Const(1), a, Const(3))) == "(1 <= a <= 3)"
    assert expr_text(Total("k", Const(0), b, Var("k"))) == "sum(k for 0 <= k < b)"
    points = tuple((k,) for k in range(12))
    assert expr_text(Sum(("k",), points, Var("k")), short=True).endswith("(8,), ...})")


def test_an_array_is_named_by_its_operation() -> None:
    """``numbers[k]`` is a read, so the element of a named list is written as a call."""
    numbers, k = Var("numbers"), Var("k")
    assert expr_text(Call("item", (numbers, k))) == "item(numbers, k)"
    assert expr_text(call("same", numbers, call("reversed", numbers))) == (
        "same(numbers, reversed(numbers))"
    )


@pytest.mark.parametrize("op", OPERATIONS)
def test_every_operation_is_read_back(op: str) -> None:
    count = 2 if OPERATIONS[op].arity is None else OPERATIONS[op].arity
    expr = Call(op, tuple(map(Var, "abc"[:count])))
    assert parse_expr(expr_text(expr)) == expr


@given(expressions())
@settings(max_examples=tries(300), deadline=None)
def test_every_expression_is_read_back(expr: Expr) -> None:
    found = parse_expr(expr_text(expr))
    assert found == expr and repr(found) == repr(expr)


def test_every_statement_is_read_back() -> None:
    i, x = Var("i"), Var("x")
    port = Port("cells", parse_axes("grid(wrap) fixed(2)"), Integers(-1, 1))
    program = Program(
        "all_kinds",
        (port, CELLS),
        RESULT,
        (
            Let("table", Const(3)),
            Map("moved", "cells", ("i",), (), Read("cells", (i,))),
            Fill("square", ("i", "j"), (3, Size("cells")), i),
            Fill("listed", ("i", "j"), (2,), i, ((0, 1), (1, 0))),
            Fill("none", ("i",), (), i, ()),
            Scan(
                "result",
                "cells",
                ("x", "y"),
                (Let("first", Const(0)), Let("carry", Const(1))),
                (Let("first", call("add", Var("first"), x)),),
                (x, Var("first")),
            ),
        ),
        (ConstantTable("weights", ((1, -2), (3, 4))), ConstantTable("shares", (0.5, -1e-05, 2.0))),
    )
    assert parse_program(str(program)) == program
    assert "first carry = 1" in str(program)
    short = program.text(short=True)
    assert short == str(program)  # nothing in it is long


def test_a_short_text_cuts_lists_of_points() -> None:
    points = tuple((k,) for k in range(12))
    fill = Fill("result", ("i",), (12,), Sum(("k",), points, Var("k")), points)
    program = Program("long", (CELLS,), RESULT, (fill,))
    assert program.text(short=True).count("(8,), ...}") == 2
    assert parse_program(str(program)) == program
    with pytest.raises(ValueError, match="cannot read"):
        parse_program(program.text(short=True))


def test_a_formula_is_read_back() -> None:
    inputs = (Scalar("mass", Reals(0.5, 2.0), 'in "kg"\n'), Scalar("speed", Reals(-1e-9, 1e22)))
    energy = call("mul", Const(0.5), Var("mass"), Var("square"))
    body = (Let("square", call("power", Var("speed"), Const(2))),)
    formula = Formula("energy", inputs, Scalar("joule", Reals(0, 1)), body, energy)
    assert parse_formula(str(formula)) == formula
    assert str(formula).endswith("\n  square = (speed ** 2)\n  (0.5 * mass * square)")


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ("(a + b", r"expected \)"),
        ("(a + b - c)", "without parentheses"),
        ("cube(a)", "no operation 'cube'"),
        ("(a ; b)", "cannot read"),
        ("a b", "expected the end"),
        ("sum(a for k in {(1,})", "expected a number"),
        ("(a eq b)", "no operator 'eq'"),
        ("", "expected a name"),
    ],
)
def test_other_texts_are_refused(text: str, described: str) -> None:
    with pytest.raises(ValueError, match=described):
        parse_expr(text)
