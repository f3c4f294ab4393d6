"""Programs as text."""

from __future__ import annotations

from deepdistill.ir.expr import Call, Const, If, Inside, Read, Sum, Total, Var, call
from deepdistill.ir.program import Let, Map, Program
from deepdistill.ir.text import expr_text
from deepdistill.ir.types import Integers, Port, parse_axes

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
