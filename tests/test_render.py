"""Programs built by hand: the exact code they print, and random ones against the evaluator."""

from __future__ import annotations

import ast
import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Const, Expr, If, Inside, Read, Sum, Var, call
from deepdistill.ir.program import Let, Map, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.target.source import Provenance, solver, solver_test
from deepdistill.target.words import describe

WRAP, BOUNDED = Axis("grid", wrap=True), Axis("grid")
BITS = Integers(0, 1)
ROW, COLUMN, CELL, NEIGHBORS = map(Var, ("i", "j", "cell", "neighbors"))
RING = tuple(p for p in itertools.product((-1, 0, 1), repeat=2) if p != (0, 0))
NEAR = Read("cells", (call("add", ROW, Var("di")), call("add", COLUMN, Var("dj"))))
BORN = call("eq", NEIGHBORS, Const(3))
LIFE = call("or", BORN, call("and", CELL, call("eq", NEIGHBORS, Const(2))))
PROVENANCE = Provenance("150 grids of 10 × 10", ("Exact.",), (), (10, 10), "0.1.0")


def grid_program(
    name: str, axis: Axis, lets: tuple[Let, ...], value: Expr, domain: Integers = BITS
) -> Program:
    cell = Let("cell", Read("cells", (ROW, COLUMN)))
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
        return Read("cells", (ROW,))
    return Read("cells", (call("add", ROW, Const(offset)),))


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
BOTH = call("bitand", LEFT, CENTER, RIGHT)
RULE110 = row_program(three(), call("bitxor", call("bitor", CENTER, RIGHT), BOTH))
LOOKUP = Read(
    "rule", (call("add", call("mul", Const(4), LEFT), call("mul", Const(2), CENTER), RIGHT),)
)
UNIVERSAL = row_program(three(), LOOKUP, extra=(Port("rule", (Axis("fixed", size=8),), BITS),))
WINDOW = tuple((k,) for k in (-2, -1, 1, 2))
RADIUS_2 = row_program(
    (Let("near", Sum(("di",), WINDOW, Read("cells", (call("add", ROW, Var("di")),)))),),
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
return [cells[i - 1] ^ (cells[i] | cells[(i + 1) % n]) for i in range(n)]
"""
RULE110_BODY = """
n = len(cells)
result = []
for i in range(n):
    left = cells[i - 1]
    center = cells[i]
    right = cells[(i + 1) % n]
    result.append((center | right) ^ (left & center & right))
return result
"""
UNIVERSAL_BODY = """
n = len(cells)
return [rule[4 * cells[i - 1] + 2 * cells[i] + cells[(i + 1) % n]] for i in range(n)]
"""
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
    "rule 110": (RULE110, RULE110_BODY),
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
SUMS: dict[str, tuple[Axis, tuple[tuple[int, ...], ...], Expr]] = {
    "sum(line[max(j - 1, 0):j + 2].count(1) for line in nearby) - (cell == 1)": (
        BOUNDED, RING, call("int", READ_1)
    ),
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
    "cell to the left, the cell itself and the cell to the right. "
    "The list wraps around.": UNIVERSAL,
    "Each new cell is 1 if 2 <= near <= 3, else 0; near is the number of 1s among the 2 cells on "
    "either side. The list wraps around.": RADIUS_2,
}


@pytest.mark.parametrize("expected", DESCRIPTIONS)
def test_the_description(expected: str) -> None:
    assert describe(DESCRIPTIONS[expected]) == expected


# The module around the function


def load(program: Program, provenance: Provenance = PROVENANCE) -> dict[str, Any]:
    scope: dict[str, Any] = {"__name__": "solver"}
    exec(compile(solver(program, provenance), "solver.py", "exec"), scope)
    return scope


@pytest.mark.parametrize("program, _", GOLDEN.values(), ids=GOLDEN)
def test_the_module_is_the_program_at_any_size(program: Program, _: str) -> None:
    solve = load(program)["solve"]
    rng = np.random.default_rng(1)
    for sizes in ((1, 1), (1, 2), (2, 1), (2, 2), (3, 5), (40, 30)):
        arrays = {}
        for port in program.inputs:
            shape = (8,) if port.is_fixed else sizes[: len(port.axes)]
            arrays[port.name] = rng.integers(0, port.domain.high + 1, size=shape)
        lists = {name: array.tolist() for name, array in arrays.items()}
        expected = evaluate(program, lists)
        assert solve(*lists.values()) == expected
        assert solve(*arrays.values()) == expected
        assert solve(*(array.astype(float) for array in arrays.values())) == expected


def test_the_same_program_gives_the_same_bytes() -> None:
    assert solver(life(WRAP), PROVENANCE) == solver(life(WRAP), PROVENANCE)


@pytest.mark.parametrize(
    "bad, sentence",
    [
        ([], "cells holds [] in place of a non-empty list"),
        ([[]], "cells holds [] in place of a non-empty list"),
        ([[0, 1], [0]], "cells is ragged: its rows differ in length"),
        ([[0, 2]], "cells holds 2, not an integer from 0 to 1"),
        ([[0, float("nan")]], "cells holds nan, not an integer from 0 to 1"),
        ([["1"]], "cells holds '1', not an integer from 0 to 1"),
        ([[1 + 0j]], "cells holds (1+0j), not an integer from 0 to 1"),
        ([[[0]]], "cells holds [0], not an integer from 0 to 1"),
    ],
)
def test_bad_input_raises_a_sentence(bad: Any, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        load(life(WRAP))["solve"](bad)
    assert str(caught.value) == sentence


def test_ports_must_fit_together() -> None:
    mask = Port("mask", (WRAP,), BITS)
    program = row_program((), call("bitand", at(0), Read("mask", (ROW,))), extra=(mask,))
    solve = load(program)["solve"]
    assert solve([1, 1], [0, 1]) == [0, 1]
    with pytest.raises(ValueError, match="mask and cells must have the same size"):
        solve([1, 1], [0])
    with pytest.raises(ValueError, match="rule has 2 entries where 8 are needed"):
        load(UNIVERSAL)["solve"]([1], [0, 1])


@pytest.mark.parametrize(
    "text, status, answer",
    [
        ('{"cells": [0, 1], "rule": [0, 1, 1, 1, 1, 0, 0, 0]}', 0, "[0, 1]"),
        ("[[0, 1], [0, 1, 1, 1, 1, 0, 0, 0]]", 0, "[0, 1]"),
        ("[[0, 1]]", 2, "give a list of cells and rule, or an object with these keys"),
        ("[[0, 2], [0]]", 2, "cells holds 2, not an integer from 0 to 1"),
        ("[[0", 2, "the input is not JSON: Expecting ',' delimiter: line 1 column 4 (char 3)"),
        ("[" * 100_000, 2, "the input is not JSON: "),
    ],
)
def test_the_command_line(tmp_path: Path, text: str, status: int, answer: str) -> None:
    path = tmp_path / "solver.py"
    path.write_text(solver(UNIVERSAL, PROVENANCE), encoding="utf-8")
    command = [sys.executable, str(path)]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert (done.stderr if status else done.stdout).startswith(answer)
    assert len((done.stderr + done.stdout).splitlines()) == 1


HOSTILE = (
    '""" \nimport os; os.abort()\n"""',
    "ends in a backslash \\",
    'quote at the end "',
    "\\" * 200,
    "{{ 7 * 7 }} {% raise %} {# #}",
    "tab\tnull\0bell\a right-to-left \u202e line \u2028 surrogate \ud800",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_users_never_becomes_code(text: str) -> None:
    provenance = Provenance(text, (text, text), (), (10, 10), text)
    source = solver(life(WRAP), provenance)
    clean = ast.parse(solver(life(WRAP), PROVENANCE))
    tree = ast.parse(source)
    assert [ast.dump(node) for node in tree.body[1:]] == [ast.dump(n) for n in clean.body[1:]]
    assert all(char.isprintable() for char in source.replace("\n", ""))
    compile(source.encode(), "solver.py", "exec")


@pytest.mark.parametrize("name", ["sum", "class", "_x", "a b", "x\n", "solve", "1a", "", "X"])
def test_unsafe_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in Python code"):
        solver(grid_program(name, WRAP, (), CELL), PROVENANCE)
    with pytest.raises(ValueError, match="cannot stand in Python code"):
        solver(grid_program("f", WRAP, (Let(name, Const(1)),), CELL), PROVENANCE)


def write_folder(folder: Path, program: Program) -> None:
    shape = (10, 10)[: len(program.inputs[0].axes)]
    rng = np.random.default_rng(0)
    examples = []
    for _ in range(2):
        arrays = {
            port.name: rng.integers(0, 2, size=(8,) if port.is_fixed else shape).tolist()
            for port in program.inputs
        }
        examples.append((tuple(arrays.values()), evaluate(program, arrays)))
    provenance = Provenance("a few grids", (), tuple(examples), shape, "0.1.0")
    folder.mkdir()
    (folder / "solver.py").write_text(solver(program, provenance), encoding="utf-8")
    (folder / "test_solver.py").write_text(solver_test(program, provenance, 1), encoding="utf-8")


def run_pytest(folder: Path) -> str:
    options = ["-q", "-W", "error", "-p", "no:cacheprovider", "--import-mode=importlib"]
    command = [sys.executable, "-m", "pytest", *options, "-k", "not network", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout


def test_the_generated_tests_pass_and_catch_a_wrong_solver(tmp_path: Path) -> None:
    for name, program in (("a", life(BOUNDED)), ("b", UNIVERSAL), ("c", wireworld())):
        write_folder(tmp_path / name, program)
    outcome = run_pytest(tmp_path)
    assert "passed" in outcome and "failed" not in outcome
    solver_file = tmp_path / "b" / "solver.py"
    source = solver_file.read_text(encoding="utf-8")
    assert "cells[i - 1]" in source
    solver_file.write_text(source.replace("cells[i - 1]", "cells[i - 2]"), encoding="utf-8")
    outcome = run_pytest(tmp_path / "b")
    assert "FAILED test_solver.py::test_recorded_examples" in outcome
    assert "FAILED test_solver.py::test_a_change_is_seen_no_farther_than_the_radius" in outcome
