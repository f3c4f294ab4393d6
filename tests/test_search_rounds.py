"""One round of the search for small programs: of each kind of answer a task that it tells."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.data.running import Run
from deepdistill.ir.compiled import compiled
from deepdistill.ir.spec import check
from deepdistill.ir.text import expr_text
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.learn.programs.enumeration.named import named
from deepdistill.learn.programs.enumeration.proposing import shortest_expressions
from deepdistill.learn.programs.enumeration.search import Effort, SearchRound

SMALL = Effort(36.0, 60, 2, 20.0, 60, 30.0, 300, 80, 20, 10, 60.0)
"""Every part of a round, but few of each."""

LIST, PICTURE = (Axis("sequence"),), (Axis("grid"), Axis("grid"))
NUMBERS = Port("numbers", LIST, Integers(0, 9))
OTHERS = Port("others", LIST, Integers(0, 9))
WORD = Port("word", LIST, Integers(0, 2), tuple("abc"))
CELLS = Port("cells", PICTURE, Integers(0, 3))

Oracle = Callable[..., Any]
TASKS: dict[str, tuple[Sequence[Port], tuple[Axis, ...], Oracle, str]] = {
    "one of two": (
        (NUMBERS,), (), lambda a: sum(a) if len(a) > 3 else a[0], "(total(numbers) if "
    ),
    "enough": ((NUMBERS,), (), lambda a: int(sum(a) >= 10), "(total(numbers) >= 10)"),
    "letters": ((WORD,), (), lambda a: a.count(1), "count(word, 1)"),
    "a number a letter": (
        (WORD,), LIST, lambda a: [(4, 0, 7)[x] for x in a], "[(4, 0, 7)[x] for x in word]"
    ),
    "three in a row": ((NUMBERS,), LIST, lambda a: [*a, max(a), *a], "single(maximum(numbers))"),
    "two lists": (
        (NUMBERS, OTHERS), (), lambda a, b: sum(x * y for x, y in zip(a, b, strict=True)),
        "for x, y in zip(numbers, others)",
    ),
    "cells beside": (
        (CELLS,), PICTURE, lambda a: [[*row[1:], 0] for row in a], "cells[i, (j + 1)]"
    ),
    "rows": ((CELLS,), LIST, lambda a: [sum(row) for row in a], "[total(row) for row in cells]"),
}  # fmt: skip


def drawn(ports: Sequence[Port], rng: random.Random, size: int) -> tuple[Any, ...]:
    def value(port: Port) -> Any:
        most = port.domain.high
        if len(port.axes) == 1:
            return [rng.randint(0, most) for _ in range(size)]
        rows, columns = size % 4 + 1, size % 3 + 1
        return [[rng.randint(0, most) for _ in range(columns)] for _ in range(rows)]

    return tuple(map(value, ports))


@pytest.mark.parametrize("name", TASKS)
def test_the_first_that_is_found_is_right_on_fresh_inputs(name: str) -> None:
    ports, axes, oracle, told = TASKS[name]
    rng = random.Random(name)
    given = [drawn(ports, rng, 1 + k % 6) for k in range(20)]
    pairs = [ExamplePair(inputs, oracle(*inputs)) for inputs in given]
    problem = PairProblem(
        "task", tuple(ports), Port("answer", axes, Integers(0, 999)), tuple(pairs)
    )
    best = SearchRound(problem, pairs, SMALL, Run()).hits()[0]
    assert told in expr_text(best.expr)
    program = named("task", problem.inputs, problem.output, best.expr)
    check(program, "composed")
    run = compiled(program)
    for k in range(30):
        inputs = drawn(ports, rng, 1 + k % 9)
        case = {port.name: value for port, value in zip(ports, inputs, strict=True)}
        assert run(case) == oracle(*inputs), expr_text(best.expr)


def test_a_limit_that_few_examples_leave_open_is_looked_at_again() -> None:
    """A rounder limit fits the first few; what misses some of the others joins them."""
    rng = random.Random(0)
    lists = [[rng.randint(0, 50) for _ in range(rng.randint(1, 9))] for _ in range(60)]
    pairs = tuple(ExamplePair((a,), min((x for x in a if x >= 21), default=-1)) for a in lists)
    numbers = Port("numbers", LIST, Integers(0, 50))
    problem = PairProblem("task", (numbers,), Port("answer", (), Integers(-1, 50)), pairs)
    best = min(shortest_expressions(problem, SMALL, Run()), key=lambda one: len(expr_text(one)))
    assert "(x >= 21)" in expr_text(best)
