"""Programs in English: the same words for the same expressions, wherever they stand."""

from __future__ import annotations

import pytest

from deepdistill.ir.expr import Call, Const, Expr, If, Read, Size, Sum, Var, call
from deepdistill.ir.program import Fill, Let, Map, Program, Scan, Statement
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.target.words import describe

DIGITS = Integers(0, 9)
ROW = Port("cells", (Axis("grid"),), Integers(0, 1))
STEPS = Port("numbers", (Axis("sequence"),), DIGITS)
FOUR = Port("numbers", (Axis("fixed", size=4),), DIGITS)
PICTURE = Port("picture", (Axis("set"), Axis("set")), Integers(0, 1))
X, S, AT, T = Var("number"), Var("state"), Var("i"), Var("t")


def program(port: Port, *body: Statement) -> Program:
    return Program("mine", (port,), Port(body[-1].name, port.axes, DIGITS), body)


def scan(value: Expr, *body: Let) -> Scan:
    return Scan("result", "numbers", ("number",), (Let("state", Const(0)),), body, (value,))


def mapped(port: Port, value: Expr, *body: Let) -> Map:
    return Map("result", port.name, ("t" if port is STEPS else "i",), body, value)


BIG = call("gt", X, Const(4))
TOP = call("maximum", Var("numbers"))
CHOICE = If(call("gt", S, Const(1)), call("int", BIG), Const(3))
DEEP = If(call("gt", S, Const(1)), If(BIG, Const(1), Const(2)), Const(3))
ADDED = Let("state", call("add", S, X))
BEYOND = Read("picture", (call("add", AT, Const(1)), AT))
PREFIX = call("prefix", Var("numbers"), call("add", T, Const(1)))
AROUND = Sum(("k",), ((-1,), (1,)), Read("cells", (call("add", AT, Var("k")),)))
CELL = Let("cell", Read("cells", (AT,)))
NEAR = If(Var("cell"), call("between", Const(1), AROUND, Const(2)), call("eq", AROUND, Const(2)))
DESCRIBED: dict[str, Program] = {
    "Each answer is 1 if state > 1 and number > 4, 2 if state > 1, else 3; state starts as 0 and "
    "becomes state + number at each step.": program(STEPS, scan(DEEP, ADDED)),
    "Each answer is (1 if number > 4, else 0) if state > 1, else 3; state starts as 0 and "
    "becomes state + number at each step.": program(STEPS, scan(CHOICE, ADDED)),
    "Top is the largest of the numbers. Each answer is number * top, for each number by itself.":
        program(
            STEPS,
            Let("top", TOP),
            Scan("result", "numbers", ("number",), (), (), (call("mul", X, Var("top")),)),
        ),
    "Each answer is numbers[t - 1], at place t; before the start everything is 0.":
        program(STEPS, mapped(STEPS, Read("numbers", (call("sub", T, Const(1)),)))),
    "Each answer is the largest of numbers[:t + 1], at place t.":
        program(STEPS, mapped(STEPS, call("maximum", PREFIX))),
    "Each new cell is 1 if (1 <= cells[i - 1] + cells[i + 1] <= 2 if cell else cells[i - 1] + "
    "cells[i + 1] == 2), else 0. Beyond the border every cell counts as 0.":
        program(ROW, mapped(ROW, NEAR, CELL)),
    "The list of `numbers[i] + 1` for i at 1 and 3.":
        program(
            FOUR,
            Fill("result", ("i",), (), call("add", Read("numbers", (AT,)), Const(1)), ((1,), (3,))),
        ),
    "The list of `picture[i + 1][i]` for i in range(len(picture)). Beyond the border everything "
    "is 0.": program(PICTURE, Fill("result", ("i",), (Size("picture"),), BEYOND)),
}  # fmt: skip


@pytest.mark.parametrize("text", DESCRIBED)
def test_statements_of_all_kinds_are_described(text: str) -> None:
    assert describe(DESCRIBED[text]) == text


def test_operations_are_told_in_the_words_of_their_row() -> None:
    scores = Call("list", (call("sign", X), call("int", BIG)))
    told = describe(program(STEPS, scan(call("argmax", scores), ADDED)))
    assert told.startswith("Each answer is argmax([sign(number), number > 4]); ")
