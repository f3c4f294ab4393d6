"""Programs over items as Python: the exact code, its length, its speed, and random ones run."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import shape_references
from effort import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from item_networks import (
    BY_HAND,
    CELL,
    NUMBER,
    NUMBERS,
    PICTURE,
    networks,
    of_numbers,
    of_picture,
    random_input,
)

from deepdistill.ir.expr import NoAnswer
from deepdistill.ir.program import Program
from deepdistill.ir.types import Integers, Port
from deepdistill.passes.items import shorten_items
from deepdistill.target.item_source import item_solver, item_solver_test
from deepdistill.target.source import Provenance
from deepdistill.units.gates import Gate
from deepdistill.units.heads import Pick, Some
from deepdistill.units.item_readings import Feature, Line, Others
from deepdistill.units.items import ItemNetwork
from deepdistill.units.lift import lift

PROVENANCE = Provenance("240 lists of 5 numbers", ("Exact.",), (), (5,), "0.1.0")
NONE = "no answer"


def program_for(name: str) -> Program:
    return shorten_items(lift(BY_HAND[name], name))


def function_of(source: str) -> ast.FunctionDef:
    """The first function without its docstring and check."""
    function = next(e for e in ast.parse(source).body if isinstance(e, ast.FunctionDef))
    while isinstance(function.body[0], ast.Expr) or "_check" in ast.unparse(function.body[0]):
        del function.body[0]
    return function


def body_of(name: str) -> str:
    function = function_of(item_solver(program_for(name), PROVENANCE))
    return "\n".join(map(ast.unparse, function.body))


def solver_of(program: Program) -> Callable[..., Any]:
    module: dict[str, Any] = {"__name__": "solver"}
    exec(item_solver(program, PROVENANCE), module)
    solve: Callable[..., Any] = module["solve"]
    return solve


def golden(text: str) -> str:
    return ast.unparse(ast.parse(text))


BODIES = {
    "argmax": "return numbers.index(max(numbers))",
    "argmin": "return numbers.index(min(numbers))",
    "last_argmax": "return len(numbers) - (numbers[::-1].index(max(numbers)) + 1)",
    "maximum": "return max(numbers)",
    "rank": """
return [
    sum(other < number for other in numbers) + numbers[:i].count(number)
    for i, number in enumerate(numbers)
]
""",
    "sort": "return sorted(numbers)",
    "descending": "return sorted(numbers, reverse=True)",
    "third": """
if len(numbers) < 3:
    raise ValueError("there is no answer: too few numbers")
return sorted(numbers)[2]
""",
    "median": "return sorted(numbers)[(len(numbers) - 1) // 2]",
    "contains_duplicate": "return int(len(set(numbers)) < len(numbers))",
    "majority_element": """
for number in numbers:
    if 2 * numbers.count(number) > len(numbers):
        return number
raise ValueError("there is no answer: no number fits")
""",
    "touches_border": """
return int(
    any(picture[0]) or any(row[0] or row[-1] for row in picture) or any(picture[-1])
)
""",
    "is_symmetric": "return int(all(row == row[::-1] for row in picture))",
    "count_filled_rows": "return sum(all(row) for row in picture)",
    "has_square": """
rows, columns = len(picture), len(picture[0])
return int(
    any(
        picture[i][j] and picture[i][j + 1] and picture[i + 1][j] and picture[i + 1][j + 1]
        for i in range(rows - 1)
        for j in range(columns - 1)
    )
)
""",
    "longest_row": """
sums = [sum(row) for row in picture]
return sums.index(max(sums))
""",
}


@pytest.mark.parametrize("name", BODIES)
def test_the_code_is_what_one_would_write(name: str) -> None:
    assert body_of(name) == golden(BODIES[name])


REFERENCES = {**shape_references.RANKING, **shape_references.SHAPES}


@pytest.mark.parametrize("name", [name for name in BY_HAND if name in REFERENCES])
def test_the_code_is_at_most_half_as_long_again_as_the_reference(name: str) -> None:
    own = function_of(item_solver(program_for(name), PROVENANCE))
    reference = function_of(inspect.getsource(REFERENCES[name]))
    lengths = [len([e for part in f.body for e in ast.walk(part)]) for f in (own, reference)]
    assert 2 * lengths[0] <= 3 * lengths[1]


@pytest.mark.parametrize("name", [name for name in BY_HAND if name in REFERENCES])
def test_solvers_agree_with_the_references(name: str) -> None:
    solve, rng = solver_of(program_for(name)), Random(1)
    for _ in range(60):
        cells = random_input(rng, BY_HAND[name].inputs[0], 12)
        if name == "majority_element":
            cells += [cells[0]] * len(cells)
        assert solve(cells) == REFERENCES[name](cells)


@pytest.mark.parametrize("negated", [False, True])
@pytest.mark.parametrize("low, high", [(None, 0), (1, None), (None, 1), (2, None)])
@pytest.mark.parametrize(
    "features, axes", [((CELL,), (0, 1)), ((Line(),), (0,)), ((Line(0),), (1,))]
)
def test_questions_inside_questions_keep_their_sense(
    features: tuple[Feature, ...],
    axes: tuple[int, ...],
    low: int | None,
    high: int | None,
    negated: bool,
) -> None:
    network, rng = of_picture(features, Gate.of((1,), low, high), Some(negated), axes), Random(0)
    solve = solver_of(shorten_items(lift(network, "mine")))
    for _ in range(40):
        cells = random_input(rng, PICTURE, 3)
        assert solve(cells) == expected(network, cells)


@pytest.mark.parametrize("relation", ["less", "equal", "greater"])
@pytest.mark.parametrize("order", ["any", "before", "after"])
@pytest.mark.parametrize("high", [None, 0])
@pytest.mark.parametrize("negated", [False, True])
def test_questions_about_pairs_keep_their_sense(
    relation: Any, order: Any, high: int | None, negated: bool
) -> None:
    unit = Gate.of((1,), 1 if high is None else None, high)
    network, rng = of_numbers((Others(relation, order),), (unit,), Some(negated)), Random(0)
    solve = solver_of(shorten_items(lift(network, "mine")))
    for _ in range(40):
        cells = random_input(rng, NUMBERS, 4)
        assert solve(cells) == expected(network, cells)


def test_columns_are_searched_from_the_end_too() -> None:
    port, rng = Port("picture", PICTURE.axes, Integers(0, 2)), Random(0)
    head, unit = Pick(Line(), last=True), Gate.of((1,), 1, 1)
    network = ItemNetwork((port,), NUMBER, (1,), (Line(1),), (unit,), head)
    solve = solver_of(shorten_items(lift(network, "mine")))
    for _ in range(40):
        cells = random_input(rng, port, 4)
        assert answer(solve, cells) == expected(network, cells)


def answer(solve: Callable[..., Any], cells: Any) -> Any:
    try:
        return solve(cells)
    except ValueError as error:
        assert "there is no answer" in str(error)
        return NONE


def expected(network: ItemNetwork, cells: Any) -> Any:
    try:
        return network.run({network.inputs[0].name: np.array(cells)}).tolist()
    except NoAnswer:
        return NONE


@settings(max_examples=tries(40), suppress_health_check=list(HealthCheck))
@given(networks(), st.randoms(use_true_random=False))
def test_solvers_compute_what_their_networks_compute(network: ItemNetwork, rng: Random) -> None:
    lifted = lift(network, "mine")
    solvers = [solver_of(lifted), solver_of(shorten_items(lifted))]
    for _ in range(8):
        cells = random_input(rng, network.inputs[0])
        right = expected(network, cells)
        for solve in solvers:
            found = answer(solve, cells)
            assert found == right
            assert type(found) is type(right)


@pytest.mark.parametrize("name", BY_HAND)
def test_large_inputs_take_a_second_or_so(name: str) -> None:
    solve, rng = solver_of(program_for(name)), Random(0)
    if BY_HAND[name].inputs == (NUMBERS,):
        cells: Any = [rng.randint(-9999, 9999) for _ in range(500)]
        cells += [7] * 501 if name == "majority_element" else [rng.randint(-9, 9)] * 500
    else:
        assert BY_HAND[name].inputs == (PICTURE,)
        cells = [[0] * 600 for _ in range(600)]
    start = time.process_time()
    solve(cells)
    assert time.process_time() - start < 10  # of a machine that may do much else


@pytest.mark.parametrize("name", BY_HAND)
def test_the_summary_says_what_is_computed(name: str) -> None:
    summary = ast.get_docstring(ast.parse(item_solver(program_for(name), PROVENANCE))) or ""
    first = " ".join(summary.split("\n\n")[0].split())
    assert first[0].isupper()
    assert first.endswith(".")
    if name in SUMMARIES:
        assert first == SUMMARIES[name]


SUMMARIES = {
    "argmax": (
        "Where the largest of the numbers stands, counted from 0, the first one of equal ones."
    ),
    "maximum": "The largest of the numbers.",
    "sort": "The numbers in ascending order.",
    "median": "Number (len(numbers) - 1) // 2, counted from 0, of the numbers in ascending order.",
    "contains_duplicate": "Whether two of the numbers are equal: 1 if so, else 0.",
    "majority_element": (
        "The first number with `2 * numbers.count(number) > len(numbers)`; a ValueError where "
        "there is none."
    ),
    "count_filled_rows": "How often `all(row)` holds, for row in picture.",
    "is_symmetric": "Whether `all(row == row[::-1] for row in picture)`: 1 if so, else 0.",
}


@pytest.mark.parametrize("name", ["sort", "third", "has_square"])
def test_the_test_beside_the_solver_passes(name: str, tmp_path: Path) -> None:
    program, network = program_for(name), BY_HAND[name]
    rng = Random(3)
    cells = random_input(rng, network.inputs[0])
    while expected(network, cells) == NONE:
        cells = random_input(rng, network.inputs[0])
    shape = (5,) * len(network.inputs[0].axes)
    examples = (((cells,), expected(network, cells)),)
    provenance = Provenance("a network", (), examples, shape, "0.1.0")
    (tmp_path / "solver.py").write_text(item_solver(program, provenance), encoding="utf-8")
    test = tmp_path / "test_solver.py"
    test.write_text(item_solver_test(program, provenance), encoding="utf-8")
    chosen = "not what_the_network_computes"  # no network lies beside it here
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", chosen, str(test)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("bad", [[], [[1, 2], [1]], [[2]], "11", [[0.5]], None, 3, [1, 0]])
def test_bad_pictures_are_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match="picture"):
        solver_of(program_for("has_square"))(bad)
