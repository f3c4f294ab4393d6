"""Programs built by hand: the exact code they print, and random ones against the evaluator."""

from __future__ import annotations

import ast
import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepdistill.describe import describe
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Call, Const, Expr, If, Inside, Read, Sum, Var, call, size
from deepdistill.ir.program import Let, Map, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.printer import Printer
from deepdistill.render import Provenance, expression, solver, solver_test
from deepdistill.statements import function_body

WRAP, BOUNDED = Axis("grid", wrap=True), Axis("grid")
BITS = Integers(0, 1)
I, J, DI, DJ, CELL, NEIGHBORS = map(Var, ("i", "j", "di", "dj", "cell", "neighbors"))
RING = tuple(p for p in itertools.product((-1, 0, 1), repeat=2) if p != (0, 0))
NEAR = Read("cells", (call("add", I, DI), call("add", J, DJ)))
BORN = call("eq", NEIGHBORS, Const(3))
LIFE = call("or", BORN, call("and", CELL, call("eq", NEIGHBORS, Const(2))))
PROVENANCE = Provenance("150 grids of 10 × 10", ("Exact.",), (), (10, 10), "0.1.0")


def grid_program(
    name: str, axis: Axis, lets: tuple[Let, ...], value: Expr, domain: Integers = BITS
) -> Program:
    cell = Let("cell", Read("cells", (I, J)))
    port = Port("cells", (axis, axis), domain)
    loop = Map("result", "cells", ("i", "j"), (cell, *lets), value)
    return Program(name, (port,), Port("result", port.axes, domain), (loop,))


def row_program(
    lets: tuple[Let, ...], value: Expr, axis: Axis = WRAP, extra: tuple[Port, ...] = ()
) -> Program:
    port = Port("cells", (axis,), BITS)
    loop = Map("result", "cells", ("i",), lets, value)
    return Program("row", (port, *extra), Port("result", (axis,), BITS), (loop,))


def at(offset: int) -> Expr:
    if offset == 0:
        return Read("cells", (I,))
    return Read("cells", (call("add", I, Const(offset)),))


def life(axis: Axis, body: Expr = NEAR) -> Program:
    lets = (Let("neighbors", Sum(("di", "dj"), RING, body)),)
    return grid_program("life", axis, lets, call("int", LIFE))


def wireworld() -> Program:
    heads = Let("heads", Sum(("di", "dj"), RING, call("eq", NEAR, Const(1))))
    conductor = If(call("in", Var("heads"), Const((1, 2))), Const(1), Const(3))
    value: Expr = Const(0)
    for state, new in ((3, conductor), (2, Const(3)), (1, Const(2))):
        value = If(call("eq", CELL, Const(state)), new, value)
    return grid_program("wireworld", WRAP, (heads,), value, Integers(0, 3))


def three() -> tuple[Let, ...]:
    return (Let("left", at(-1)), Let("center", at(0)), Let("right", at(1)))


LEFT, CENTER, RIGHT = Var("left"), Var("center"), Var("right")
RULE30 = row_program(three(), call("bitxor", LEFT, call("bitor", CENTER, RIGHT)))
LOOKUP = Read("rule", (call("add", call("mul", Const(4), LEFT), call("mul", Const(2), CENTER), RIGHT),))
UNIVERSAL = row_program(three(), LOOKUP, extra=(Port("rule", (Axis("fixed", size=8),), BITS),))
WINDOW = tuple((k,) for k in (-2, -1, 1, 2))
RADIUS_2 = row_program(
    (Let("near", Sum(("di",), WINDOW, Read("cells", (call("add", I, DI),)))),),
    call("int", call("between", Const(2), Var("near"), Const(3))),
)


def body_of(program: Program) -> str:
    """The public function's source without its docstring and check."""
    tree = ast.parse(solver(program, PROVENANCE))
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
    assert function.name == program.name
    return "\n".join(map(ast.unparse, function.body[2:]))


def golden(text: str) -> str:
    return ast.unparse(ast.parse(text))


LIFE_BODY = """
rows, columns = len(cells), len(cells[0])
result = []
for i in range(rows):
    row = []
    for j in range(columns):
        cell = cells[i][j]
        neighbors = sum(cells[(i + di) % rows][(j + dj) % columns] for di, dj in NEIGHBORS)
        row.append(int(neighbors == 3 or (cell and neighbors == 2)))
    result.append(row)
return result
"""
BOUNDED_LIFE_BODY = """
rows, columns = len(cells), len(cells[0])
result = []
for i in range(rows):
    nearby = cells[max(i - 1, 0) : i + 2]
    row = []
    for j in range(columns):
        cell = cells[i][j]
        neighbors = sum(sum(line[max(j - 1, 0) : j + 2]) for line in nearby) - cell
        row.append(int(neighbors == 3 or (cell and neighbors == 2)))
    result.append(row)
return result
"""
WIREWORLD_BODY = """
rows, columns = len(cells), len(cells[0])
result = []
for i in range(rows):
    row = []
    for j in range(columns):
        cell = cells[i][j]
        heads = sum(cells[(i + di) % rows][(j + dj) % columns] == 1 for di, dj in NEIGHBORS)
        if cell == 1:
            state = 2
        elif cell == 2:
            state = 3
        elif cell == 3:
            state = 1 if heads in (1, 2) else 3
        else:
            state = 0
        row.append(state)
    result.append(row)
return result
"""
RULE30_BODY = """
n = len(cells)
result = []
for i in range(n):
    left = cells[i - 1]
    center = cells[i]
    right = cells[(i + 1) % n]
    result.append(left ^ (center | right))
return result
"""
UNIVERSAL_BODY = RULE30_BODY.replace(
    "left ^ (center | right)", "rule[4 * left + 2 * center + right]"
)
RADIUS_2_BODY = """
n = len(cells)
result = []
for i in range(n):
    near = sum(cells[(i + di) % n] for di in (-2, -1, 1, 2))
    result.append(int(2 <= near <= 3))
return result
"""
GOLDEN = {
    "life": (life(WRAP), LIFE_BODY),
    "bounded life": (life(BOUNDED), BOUNDED_LIFE_BODY),
    "wireworld": (wireworld(), WIREWORLD_BODY),
    "rule 30": (RULE30, RULE30_BODY),
    "universal": (UNIVERSAL, UNIVERSAL_BODY),
    "radius 2": (RADIUS_2, RADIUS_2_BODY),
    "bounded row": (
        row_program((), call("bitxor", at(-1), at(2)), BOUNDED),
        "n = len(cells)\nreturn [(cells[i - 1] if i > 0 else 0) ^ "
        "(cells[i + 2] if i + 2 < n else 0) for i in range(n)]",
    ),
}


@pytest.mark.parametrize("program, expected", GOLDEN.values(), ids=GOLDEN)
def test_the_printed_function(program: Program, expected: str) -> None:
    assert body_of(program) == golden(expected)


READ_1 = call("eq", NEAR, Const(1))
SUMS = {
    "sum(line[max(j - 1, 0):j + 2].count(1) for line in nearby) - (cell == 1)": (BOUNDED, RING, READ_1),
    "sum((value in (1, 3) for line in nearby for value in line[max(j - 1, 0):j + 2]))"
    " - (cell in (1, 3))": (BOUNDED, RING, call("in", NEAR, Const((1, 3)))),
    "sum(line[max(j - 1, 0):j + 2].count(0) for line in nearby) - (cell == 0)": (
        BOUNDED, RING, call("and", call("eq", NEAR, Const(0)), Inside("cells", NEAR.index))
    ),
    "sum(cells[i][max(j - 1, 0):j + 2])": (BOUNDED, ((0, -1), (0, 0), (0, 1)), NEAR),
    "sum(sum(line[j + 1:j + 3]) for line in nearby)": (BOUNDED, ((1, 1), (1, 2)), NEAR),
    "sum(cells[(i + di) % rows][(j + dj) % columns] for di in range(-2, 3)"
    " for dj in range(-2, 3)) - cell": (
        WRAP, tuple(p for p in itertools.product(range(-2, 3), repeat=2) if p != (0, 0)), NEAR
    ),
    "sum(cells[(i + di) % rows][j - 1] for di in range(4))": (
        WRAP, tuple((k, -1) for k in range(4)), NEAR
    ),
    "cells[i][j - 1] + cells[i][(j + 1) % columns]": (WRAP, ((0, -1), (0, 1)), NEAR),
    "sum(cells[i + di][j + dj] for di, dj in OFFSETS if 0 <= i + di < rows"
    " and 0 <= j + dj < columns)": (BOUNDED, ((-2, 0), (0, -1), (1, 3)), NEAR),
    "2 * cell": (WRAP, ((0, 0), (0, 0)), NEAR),
    "cells[i - 1][j]": (WRAP, ((-1, 0),), NEAR),
    "0": (WRAP, (), NEAR),
}  # fmt: skip


@pytest.mark.parametrize("expected", SUMS)
def test_sums_over_neighbors(expected: str) -> None:
    axis, points, body = SUMS[expected]
    lets = (Let("neighbors", Sum(("di", "dj"), points, body)),)
    program = grid_program("life", axis, lets, NEIGHBORS, Integers(0, 3))
    assert f"neighbors = {golden(expected)}\n" in body_of(program)


A, B, C = Var("a"), Var("b"), Var("c")
TEXTS = {
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
    "a - 1": call("add", A, Const(-1)),
    "(0, 1, 1)[a]": call("item", Const((0, 1, 1)), A),
    "a in (2,)": call("in", A, Const((2,))),
    "max(a, b, -1)": call("max", A, B, Const(-1)),
}


@pytest.mark.parametrize("expected", TEXTS)
def test_parentheses(expected: str) -> None:
    program = row_program(tuple(Let(n, at(k)) for k, n in enumerate("abc", 1)), CENTER)
    assert expression(TEXTS[expected], program) == expected


def test_and_of_numbers_stays_a_truth_value() -> None:
    program = row_program((Let("a", call("add", at(0), at(1))),), Const(0))
    assert expression(call("add", call("and", A, at(0)), Const(1)), program) == (
        "(a != 0 and cells[i]) + 1"
    )
    assert expression(If(call("and", A, at(0)), Const(2), Const(1)), program) == (
        "2 if a and cells[i] else 1"
    )


def test_a_long_table_becomes_a_constant() -> None:
    table = Const(tuple(k % 3 for k in range(12)))
    lets = (Let("neighbors", Sum(("di", "dj"), RING, NEAR)),)
    source = solver(grid_program("t", WRAP, lets, call("item", table, NEIGHBORS)), PROVENANCE)
    assert "BY_NEIGHBORS = (0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2)" in source
    assert "BY_NEIGHBORS[neighbors]" in source


DESCRIPTIONS = {
    "Each new cell is 1 if neighbors == 3 or (cell and neighbors == 2), else 0; neighbors is the "
    "number of 1s among the 8 surrounding cells. The grid wraps around.": life(WRAP),
    "Each new cell is 2 if cell == 1, 3 if cell == 2, 1 if cell == 3 and heads in (1, 2), 3 if "
    "cell == 3, else 0; heads is the number of 1s among the 8 surrounding cells. The grid wraps "
    "around.": wireworld(),
    "Each new cell is left ^ (center | right); left, center and right are the cell to the left, "
    "the cell itself and the cell to the right. The list wraps around.": RULE30,
    "Each new cell is entry 4 * left + 2 * center + right of rule; left, center and right are the "
    "cell to the left, the cell itself and the cell to the right. The list wraps around.": UNIVERSAL,
    "Each new cell is 1 if 2 <= near <= 3, else 0; near is the number of 1s among the 2 cells on "
    "either side. The list wraps around.": RADIUS_2,
}


@pytest.mark.parametrize("expected", DESCRIPTIONS)
def test_the_description(expected: str) -> None:
    assert describe(DESCRIPTIONS[expected]) == expected


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
        call("mul", Var("di"), read),
        call("mul", call("add", read, Const(1)), inside),
    ]
    body = st.sampled_from(bodies) | inner.map(lambda e: call("mul", read, e))
    return st.builds(Sum, st.just(names), neighborhoods(len(index)), body)


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
    printer = Printer(program)
    names = ", ".join(port.name for port in program.inputs)
    lines = [f"def {program.name}({names}):", *(f"    {x}" for x in function_body(program, printer))]
    scope: dict[str, Any] = dict(printer.constants)
    exec("\n".join(lines), scope)
    return scope[program.name](*arguments)


def all_integers(nested: Any) -> bool:
    return all(map(all_integers, nested)) if isinstance(nested, list) else type(nested) is int


@settings(
    derandomize=True, deadline=None, max_examples=400, suppress_health_check=list(HealthCheck)
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


BOOLEAN = ("and", "or", "not", "eq", "le", "bitxor")


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


@settings(derandomize=True, deadline=None, max_examples=200)
@given(pure(st.sampled_from((A, B, C)) | st.integers(0, 5).map(Const)))
def test_size_counts_the_nodes_of_the_printed_expression(expr: Expr) -> None:
    program = row_program(tuple(Let(n, at(k)) for k, n in enumerate("abc", 1)), CENTER)
    tree = ast.parse(expression(expr, program), mode="eval").body
    assert size(expr) == sum(1 for _ in ast.walk(tree))
