"""What flows in over the borders of a picture: holes told and counted."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.data.running import Run
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.learn.programs.feature_answers import propose_conditions

Rows = list[list[int]]


def enclosed(cells: Rows) -> set[tuple[int, int]]:
    """The zeros from which no way over zeros leads out."""
    left = {(i, j) for i, row in enumerate(cells) for j, cell in enumerate(row) if not cell}
    height, width = len(cells), len(cells[0])
    found = [(i, j) for i, j in left if i in (0, height - 1) or j in (0, width - 1)]
    while found:
        i, j = found.pop()
        if (i, j) in left:
            left.remove((i, j))
            found += [(i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)]
    return left


def ringed(rng: random.Random, size: int) -> Rows:
    """One or two rectangles, most of them hollow, some broken open."""
    height, width = rng.randint(4, size), rng.randint(4, size)
    cells = [[0] * width for _ in range(height)]
    for _ in range(rng.randint(1, 2)):
        top, left = rng.randrange(height - 2), rng.randrange(width - 2)
        bottom, right = rng.randint(top + 2, height - 1), rng.randint(left + 2, width - 1)
        hollow, broken = rng.random() < 0.7, rng.random() < 0.3
        for i in range(top, bottom + 1):
            for j in range(left, right + 1):
                rim = i in (top, bottom) or j in (left, right)
                cells[i][j] = int(rim or not hollow)
        cells[top][left + 1] = int(not broken)
    return cells


def parts(cells: Rows) -> int:
    """How many enclosed places there are, by sides that touch."""
    left, count = enclosed(cells), 0
    while left:
        count, found = count + 1, [min(left)]
        while found:
            i, j = found.pop()
            if (i, j) in left:
                left.remove((i, j))
                found += [(i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)]
    return count


CASES: dict[str, tuple[Callable[[Rows], int], int]] = {
    "told": (lambda cells: int(bool(enclosed(cells))), 60),
    "cells counted": (lambda cells: len(enclosed(cells)), 30),
    "counted": (parts, 60),
}


@pytest.mark.parametrize("name", CASES)
def test_holes(name: str) -> None:
    oracle, count = CASES[name]
    rng = random.Random(4)
    pictures = [ringed(rng, 7) for _ in range(count)]
    pairs = tuple(ExamplePair((cells,), oracle(cells)) for cells in pictures)
    port = Port("cells", (Axis("grid"), Axis("grid")), Integers(0, 1))
    problem = PairProblem("holes", (port,), Port("answer", (), Integers(0, 99)), pairs)
    found = next(one for one in propose_conditions(problem, Run()) if not one.missed)
    assert "flooded_in" in str(found.program)
    for _ in range(5):
        cells = ringed(rng, 20)
        assert evaluate(found.program, {"cells": cells}) == oracle(cells)
