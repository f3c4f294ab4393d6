"""Pictures with one answer: what is told of their parts, rows, runs and regions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.data.running import Run
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.learn.programs.feature_answers import propose_conditions
from deepdistill.target.composed_source import composed_solver
from deepdistill.target.source import Provenance
from deepdistill.verify.solver import load_solver

Picture = list[list[int]]


def perimeter(cells: Picture) -> int:
    framed = np.pad(np.array(cells), 1)
    return int(np.abs(np.diff(framed, axis=0)).sum() + np.abs(np.diff(framed, axis=1)).sum())


def heavier_above(cells: Picture) -> int:
    half = len(cells) // 2
    return int(sum(map(sum, cells[:half])) > sum(map(sum, cells[len(cells) - half :])))


def longest_line(cells: Picture) -> int:
    runs = ["".join(map(str, row)).split("0") for row in cells]
    return max(len(run) for row in runs for run in row)


def same_upside_down(cells: Picture) -> int:
    return int(cells == cells[::-1])


def fullest_column(cells: Picture) -> int:
    return int(np.array(cells).sum(axis=0).argmax())


RULES: dict[str, Callable[[Picture], int]] = {
    "perimeter": perimeter,
    "heavier above": heavier_above,
    "longest line": longest_line,
    "same upside down": same_upside_down,
    "fullest column": fullest_column,
}


def drawn(rng: np.random.Generator, size: int) -> Picture:
    height, width = rng.integers(2, size + 1, 2)
    cells = rng.integers(0, 2, (height, width))
    if rng.integers(2):
        cells[(height + 1) // 2 :] = cells[: height // 2][::-1]
    found: Picture = cells.tolist()
    return found


@pytest.mark.parametrize("name", RULES)
def test_larger_pictures_are_answered_right(name: str) -> None:
    rule, rng = RULES[name], np.random.default_rng(4)
    shown = [drawn(rng, 6) for _ in range(200)]
    answers = [rule(cells) for cells in shown]
    axes = (Axis("grid"), Axis("grid"))
    problem = PairProblem(
        "rule",
        (Port("picture", axes, Integers(0, 1)),),
        Port("result", (), Integers(min(answers), max(answers))),
        tuple(ExamplePair((cells,), a) for cells, a in zip(shown, answers, strict=True)),
    )
    found = list(propose_conditions(problem, Run()))
    assert found and not found[0].missed
    solve = load_solver(
        composed_solver(found[0].program, Provenance("nothing", training_shape=())).encode(), "rule"
    )
    for _ in range(10):
        cells = drawn(rng, 30)
        assert evaluate(found[0].program, {"picture": cells}) == rule(cells) == solve(cells)
