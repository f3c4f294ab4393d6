"""Expressions and loops as Python text: parentheses, meaning on random programs, length."""

from __future__ import annotations

import ast
import itertools
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from effort import tries
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import all_integers, grid_port

from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Call, Const, Expr, If, Inside, Read, Sum, Var, call, children, size
from deepdistill.ir.program import Let, Map, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.target.body import function_body
from deepdistill.target.lower import Lowering
from deepdistill.target.source import expression
from deepdistill.target.words import describe

WRAP, BOUNDED = Axis("grid", wrap=True), Axis("grid")
BITS = Integers(0, 1)


def at(offset: int) -> Expr:
    return Read("cells", (call("add", Var("i"), Const(offset)) if offset else Var("i"),))


def row_program(lets: tuple[Let, ...], value: Expr) -> Program:
    port = Port("cells", (WRAP,), BITS)
    loop = Map("result", "cells", ("i",), lets, value)
    return Program("row", (port,), Port("result", (WRAP,), BITS), (loop,))


A, B, C = Var("a"), Var("b"), Var("c")
TEXTS: dict[str, Expr] = {
    "a or (b and c)": call("or", A, call("and", B, C)),
    "(a or b) and c": call("and", call("or", A, B), C),
    "not (a or b)": call("not", call("or", A, B)),
    "a ^ (b & c)": call("bitxor", A, call("bitand", B, C)),
    "a - (b - c)": call("sub", A, call("sub", B, C)),
    "a + b + c": call("add", A, call("add", B, C)),
    "a * (b + c) % 3": call("mod", call("mul", A, call("add", B, C)), Const(3)),
    "a // (b * c)": call("floordiv", A, call("mul", B, C)),
    "1 <= a + b <= 3": call("between", Const(1), call("add", A, B), Const(3)),
    "(a == b) == c": call("eq", call("eq", A, B), C),
    "(a if b else c) + 1": call("add", If(B, A, C), Const(1)),
    "a if b else b if c else 0": If(B, A, If(C, B, Const(0))),
    "(a if b else c) if c else 0": If(C, If(B, A, C), Const(0)),
    "a if (b if c else a) else 0": If(If(C, B, A), A, Const(0)),
    "a - 2 * b - c + 3": call(
        "add", A, call("mul", Const(-2), B), call("mul", Const(-1), C), Const(3)
    ),
    "a - 1": call("add", A, Const(-1)),
    "-a % 3": call("mod", call("sub", Const(0), A), Const(3)),
    "(0, 1, 1)[a]": call("item", Const((0, 1, 1)), A),
    "a in (2,)": call("in", A, Const((2,))),
    "max(a, b, -1)": call("max", A, B, Const(-1)),
}


@pytest.mark.parametrize("expected", TEXTS)
def test_parentheses(expected: str) -> None:
    program = row_program(tuple(Let(n, at(k)) for k, n in enumerate("abc", 1)), Const(0))
    assert expression(TEXTS[expected], program) == expected


def test_and_of_numbers_stays_a_truth_value() -> None:
    program = row_program((Let("a", call("add", at(0), at(1))),), Const(0))
    assert expression(call("add", call("and", A, at(0)), Const(1)), program) == (
        "(a != 0 and cells[i]) + 1"
    )
    assert expression(If(call("and", A, at(0)), Const(2), Const(1)), program) == (
        "2 if a and cells[i] else 1"
    )


# Random programs against the evaluator


@st.composite
def programs(draw: st.DrawFn) -> tuple[Program, list[Any]]:
    """A random program and inputs for it."""
    depth = draw(st.integers(1, 2))
    index = ("i", "j")[:depth]
    axes = tuple(draw(st.sampled_from((WRAP, BOUNDED))) for _ in index)
    domain = draw(st.sampled_from((BITS, Integers(0, 3), Integers(-1, 2))))
    # the ports' names are those that the printer would like to use itself
    cells = draw(st.sampled_from(("cells", "rows", "n", "result", "di", "line", "neighbors")))
    ports = (Port(cells, axes, domain), Port("rule", (Axis("fixed", size=4),), Integers(0, 3)))
    known = [Var(name) for name in index]
    lets = []
    for name in draw(st.lists(st.sampled_from(("neighbors", "row", "state", "a")), max_size=3)):
        lets.append(Let(name, draw(values(cells, index, tuple(known)))))
        known += [Var(name)] if Var(name) not in known else []
    value = draw(values(cells, index, tuple(known)))
    loop = Map("result", cells, index, tuple(lets), value)
    program = Program("f", ports, Port("result", axes, domain), (loop,))
    sizes = [draw(st.integers(1, 4)) for _ in index]
    cell = st.integers(domain.low, domain.high)
    rows = st.lists(cell, min_size=sizes[-1], max_size=sizes[-1])
    grid = rows if depth == 1 else st.lists(rows, min_size=sizes[0], max_size=sizes[0])
    return program, [draw(grid), draw(st.lists(st.integers(0, 3), min_size=4, max_size=4))]


OFFSETS = st.integers(-3, 3)
BINARY = ("add", "sub", "mul", "max", "min", "eq", "ne", "lt", "le", "gt", "ge", "and", "or")
BITWISE = ("bitand", "bitor", "bitxor")


def moved(base: Expr, offset: Expr) -> Expr:
    return base if offset == Const(0) else call("add", base, offset)


@cache
@st.composite
def neighborhoods(draw: st.DrawFn, depth: int) -> tuple[tuple[int, ...], ...]:
    sides = []
    for _ in range(depth):
        low = draw(st.integers(-2, 1))
        sides.append(range(low, low + draw(st.integers(1, 3))))
    box = tuple(itertools.product(*sides))
    around = tuple(point for point in box if any(point))
    some = tuple(draw(st.lists(st.tuples(*[OFFSETS] * depth), max_size=5)))
    return draw(st.sampled_from((box, around, some)))


@cache
def sums(cells: str, index: tuple[str, ...], inner: st.SearchStrategy[Expr]) -> Any:
    names = ("di", "dj")[: len(index)]
    place = tuple(call("add", Var(i), Var(d)) for i, d in zip(index, names, strict=True))
    read, inside = Read(cells, place), Inside(cells, place)
    bodies = [
        read,
        inside,
        call("eq", read, Const(1)),
        call("eq", read, Const(0)),
        call("in", read, Const((1, 3))),
        call("and", call("eq", read, Const(0)), inside),
        call("int", call("eq", read, Const(1))),
        call("mul", Var("di"), read),
        call("mul", call("add", read, Const(1)), inside),
    ]
    body = st.sampled_from(bodies) | inner.map(lambda e: call("mul", read, e))
    return st.builds(Sum, st.just(names), neighborhoods(len(index)), body)


@cache
def values(cells: str, index: tuple[str, ...], known: tuple[Expr, ...]) -> Any:
    """Expressions over the reads and the names known so far."""
    read = st.tuples(*[OFFSETS] * len(index)).map(
        lambda offset: tuple(moved(Var(i), Const(k)) for i, k in zip(index, offset, strict=True))
    )
    leaves = (
        st.integers(-2, 4).map(Const)
        | st.sampled_from(known)
        | read.map(lambda place: Read(cells, place))
        | read.map(lambda place: Inside(cells, place))
    )

    def extend(inner: Any) -> Any:
        return (
            st.builds(call, st.sampled_from(BINARY + BITWISE), inner, inner)
            | st.builds(call, st.sampled_from(("and", "or", "add", "bitxor")), inner, inner, inner)
            | st.builds(call, st.sampled_from(("not", "abs", "int")), inner)
            | st.builds(
                call, st.sampled_from(("floordiv", "mod")), inner, st.integers(1, 3).map(Const)
            )
            | st.builds(call, st.just("between"), st.integers(0, 1).map(Const), inner, inner)
            | st.builds(
                lambda op, x: call(op, x, Const((0, 2))), st.sampled_from(("in", "notin")), inner
            )
            | inner.map(lambda x: call("item", Const((3, 1, 2)), call("mod", x, Const(3))))
            | inner.map(lambda x: Read("rule", (x,)))
            | inner.map(lambda x: Read(cells, (x,) * len(index)))
            | st.builds(If, inner, inner, inner)
            | sums(cells, index, inner)
        )

    return st.recursive(leaves, extend, max_leaves=6)


def run(program: Program, arguments: list[Any]) -> Any:
    """The printed function, without templates and black, on these arguments."""
    lowering = Lowering(program)
    names = ", ".join(port.name for port in program.inputs)
    lines = [
        f"def {program.name}({names}):",
        *(f"    {x}" for x in function_body(program, lowering)),
    ]
    scope: dict[str, Any] = dict(lowering.constants)
    exec("\n".join(lines), scope)
    return scope[program.name](*arguments)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=tries(300),
    suppress_health_check=list(HealthCheck),
)
@given(programs())
def test_the_printed_function_computes_what_the_program_means(
    example: tuple[Program, list[Any]],
) -> None:
    program, arguments = example
    arrays = {port.name: a for port, a in zip(program.inputs, arguments, strict=True)}
    result = run(program, arguments)
    assert result == evaluate(program, arrays)
    assert all_integers(result)
    assert describe(program).endswith(".")


def pure(leaves: Any) -> Any:
    two = st.sampled_from(("eq", "lt", "sub", "mul", "bitand", "bitxor", "max"))
    return st.recursive(
        leaves,
        lambda inner: (
            st.builds(call, two, inner, inner)
            | st.builds(call, st.sampled_from(("not", "int", "abs")), inner)
            | st.builds(If, inner, inner, inner)
            | inner.map(lambda x: call("item", Const((0, 1, 1)), x))
            | inner.map(lambda x: call("in", x, Const((1, 2))))
            | inner.map(lambda x: call("between", Const(1), x, Const(2)))
        ),
        max_leaves=8,
    )


def is_written_shorter(expr: Expr, truth: bool = False) -> bool:
    """Whether there is less to write: where it is asked whether something is 0, and of a bit."""
    match expr:
        case Call("int", (arg,)):
            return truth or is_written_shorter(arg)
        case Call("eq", (_, Const(0))) if truth:
            return True
        case Call("lt" | "sub", (Const(0), _)):  # a bit itself, and -a
            return True
        case Call("not", (arg,)):
            return is_written_shorter(arg, True)
        case If(condition, then, otherwise):
            either = (then, otherwise)
            asked = is_written_shorter(condition, True)
            return asked or any(is_written_shorter(part, truth) for part in either)
        case _:
            return any(map(is_written_shorter, children(expr)))


@settings(derandomize=True, deadline=None, max_examples=tries(200))
@given(pure(st.sampled_from((A, B, C)) | st.integers(0, 5).map(Const)))
def test_size_counts_the_nodes_of_the_printed_expression(expr: Expr) -> None:
    assume(not is_written_shorter(expr))
    program = row_program(tuple(Let(n, at(k)) for k, n in enumerate("abc", 1)), Const(0))
    tree = ast.parse(expression(expr, program), mode="eval").body
    assert size(expr) == sum(1 for _ in ast.walk(tree))


@pytest.mark.parametrize("axis", [WRAP, BOUNDED], ids=str)
def test_three_dimensions(axis: Axis) -> None:
    names, steps = ("i", "j", "k"), ("di", "dj", "dk")
    place = tuple(call("add", Var(n), Var(d)) for n, d in zip(names, steps, strict=True))
    around = tuple(p for p in itertools.product((-1, 0, 1), repeat=3) if any(p))
    total = Let("neighbors", Sum(steps, around, Read("cells", place)))
    port = Port("cells", (axis,) * 3, BITS)
    loop = Map("result", "cells", names, (total,), call("eq", Var("neighbors"), Const(2)))
    program = Program("space", (port,), Port("result", port.axes, BITS), (loop,))
    cells = [[[(x * y + z) % 3 % 2 for z in range(4)] for y in range(3)] for x in range(2)]
    assert run(program, [cells]) == evaluate(program, {"cells": cells})
    assert "the 26 surrounding cells" in describe(program)


def test_a_name_may_be_that_of_an_array_that_is_read() -> None:
    line, rule = grid_port("di", dimensions=1), Port("rule", (Axis("fixed", size=4),), BITS)
    left = Sum(("di",), ((-1,),), Read("di", (call("add", Var("i"), Var("di")),)))
    body = (Map("result", "di", ("i",), (), Read("rule", (left,))),)
    program = Program("f", (line, rule), replace(line, name="result"), body)
    arguments = [[0, 1, 0], [1, 0, 0, 0]]
    assert run(program, arguments) == evaluate(program, {"di": [0, 1, 0], "rule": [1, 0, 0, 0]})
