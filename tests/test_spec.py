"""What programs may contain after each stage, and that those of the gallery keep to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from gallery import NAMES, programs
from strategies import BITS, at, grid_port, grid_program, life_program

from deepdistill.ir.expr import Call, Const, Expr, First, Read, Size, Sum, Total, Var, call
from deepdistill.ir.parse import parse_formula, parse_program
from deepdistill.ir.program import ConstantTable, Fill, Formula, Let, Map, Program, Scan
from deepdistill.ir.spec import BrokenProgram, Stage, check
from deepdistill.ir.types import Axis, Port, Reals, Scalar

SECONDS = ("brians_brain", "wireworld", "alternating_last3", "day_and_night", "von_neumann")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n in SECONDS)) for n in NAMES]
)
def test_the_gallery_keeps_to_the_spec_and_is_read_back(name: str) -> None:
    lifted, program = programs(name)
    if isinstance(program, Formula):
        check(program, "formula")
        assert parse_formula(str(program)) == program
        return
    assert isinstance(lifted, Program)
    check(lifted, "lifted")
    check(program, "printed")
    for one in (lifted, program):
        found = parse_program(str(one))
        assert found == one and repr(found) == repr(one)


LIST = Port("numbers", (Axis("set"),), BITS)
NUMBER = Port("answer", (), BITS)
N = Size("numbers")


def about(value: Expr) -> Program:
    return Program("mine", (LIST,), NUMBER, (Let("answer", value),))


def mapped(value: Expr, *body: Let) -> Program:
    return grid_program(value, body, dimensions=1)


ELEMENT = Read("numbers", (Var("k"),))
SEARCH = First("k", Const(0), N, call("eq", ELEMENT, Const(1)), Var("k"))
SCAN = Scan("answer", "numbers", ("x",), (Let("c", Const(0)),), (Let("c", Var("x")),), (Var("c"),))
BROKEN: dict[str, tuple[Program, Stage]] = {
    "the name b before it is bound": (about(Var("b")), "shortened"),
    "the name k before it is bound": (
        about(call("add", Total("k", Const(0), N, ELEMENT), Var("k"))),
        "shortened",
    ),
    "the operation nand": (about(Call("nand", (N, N))), "shortened"),
    "add of 1 arguments": (about(Call("add", (N,))), "shortened"),
    "not of 2 arguments": (about(Call("not", (N, N))), "shortened"),
    "the operation sorted": (about(call("item", call("sorted", Var("numbers")), N)), "lifted"),
    "the operation exp": (about(call("exp", N)), "shortened"),
    r"the constant \(1, 2\)": (about(call("add", N, Const((1, 2)))), "shortened"),
    "the constant inf": (about(Const(float("inf"))), "shortened"),
    "the constant True": (about(Const(True)), "shortened"),
    "the array numbers where a number": (
        about(call("eq", Var("numbers"), Var("numbers"))),
        "shortened",
    ),
    "a read of others": (about(Read("others", (N,))), "shortened"),
    "2 places in numbers": (about(Read("numbers", (N, N))), "shortened"),
    "axis 1 of numbers": (about(Size("numbers", 1)), "shortened"),
    "an axis of others": (about(Size("others")), "shortened"),
    "points of other than": (mapped(Sum(("d",), ((1, 2),), at(0))), "shortened"),
    "a search inside an expression": (about(call("add", SEARCH, Const(1))), "printed"),
    "nothing is bound to answer": (replace(about(N), body=(Let("b", N),)), "shortened"),
    "the name 'my cells' is no": (replace(about(N), name="my cells"), "shortened"),
    "the name 'lambda' is no": (mapped(Var("row"), Let("lambda", Const(1))), "shortened"),
    "two inputs have one name": (replace(about(N), inputs=(LIST, LIST)), "shortened"),
    "2 coordinates for 1 axes": (
        replace(about(N), body=(Map("answer", "numbers", ("i", "j"), (), N),)),
        "shortened",
    ),
    "a map like others": (
        replace(about(N), body=(Map("answer", "others", ("i",), (), N),)),
        "shortened",
    ),
    "a negative size": (replace(about(N), body=(Fill("answer", ("i",), (-1,), N),)), "shortened"),
    "1 coordinates of answer": (
        replace(about(N), body=(Fill("answer", ("i",), (2, 2), N),)),
        "shortened",
    ),
    "other points of answer": (
        replace(about(N), body=(Fill("answer", ("i",), (2,), N, ((0, 1),)),)),
        "shortened",
    ),
    "a scan over others": (replace(about(N), body=(replace(SCAN, over="others"),)), "shortened"),
    "2 channels of numbers": (
        replace(about(N), body=(replace(SCAN, element=("x", "y")),)),
        "shortened",
    ),
}


@pytest.mark.parametrize("described", BROKEN)
def test_a_broken_program_is_told(described: str) -> None:
    program, stage = BROKEN[described]
    with pytest.raises(BrokenProgram, match=described):
        check(program, stage)


def test_the_values_of_a_loop_that_appends_none_are_not_there() -> None:
    with pytest.raises(BrokenProgram, match="nothing is bound to answer"):
        check(replace(about(N), body=(replace(SCAN, values=()),)), "shortened")


WHOLE: dict[str, Callable[[], Program]] = {
    "life": life_program,
    "scan": lambda: replace(about(N), body=(SCAN,)),
    "search": lambda: about(SEARCH),
    "list": lambda: about(call("sorted", Var("numbers"))),
    "equal": lambda: about(call("int", call("same", Var("numbers"), Var("numbers")))),
    "table": lambda: replace(about(Read("w", (Const(0),))), tables=(ConstantTable("w", (1, 2)),)),
    "fill": lambda: replace(
        about(N), body=(Fill("f", ("i",), (N,), Var("i")), Let("answer", Read("f", (N,))))
    ),
    "grid": lambda: replace(grid_program(at(0, 0)), inputs=(grid_port(),)),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_program_is_let_through(name: str) -> None:
    check(WHOLE[name](), "printed")


def test_formulas_have_operations_of_their_own() -> None:
    x = Scalar("x", Reals(0.0, 1.0))
    check(Formula("mine", (x,), x, (), call("exp", Var("x"))), "formula")
    for value in (call("mod", Var("x"), Const(2)), call("exp", Var("y"))):
        with pytest.raises(BrokenProgram):
            check(Formula("mine", (x,), x, (), value), "formula")
