"""Answers at each step: filters with bounds, carried lists, alarms by zones, choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.data.running import Run
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.learn.programs.step_programs import propose_steps
from deepdistill.target.composed_source import composed_solver
from deepdistill.target.source import Provenance
from deepdistill.verify.solver import load_solver

Rule = Callable[[Sequence[int]], list[int]]


def controlled(numbers: Sequence[int]) -> list[int]:
    """A controller with proportional and differential parts, between 0 and 30."""
    found, level, before = [], 0, 0
    for x in numbers:
        error = x - level
        level = min(max(level + (3 * error + 2 * (error - before)) // 5, 0), 30)
        before = error
        found.append(level)
    return found


def top_of_three(numbers: Sequence[int]) -> list[int]:
    found: list[int] = []
    stack: list[int] = []
    for x in numbers:
        stack = stack[:-1] if x == 2 else [*stack, x][-3:]
        found.append(stack[-1] if stack else 2)
    return found


def largest_of_five(numbers: Sequence[int]) -> list[int]:
    return [max(numbers[max(0, k - 4) : k + 1]) for k in range(len(numbers))]


def held(numbers: Sequence[int]) -> list[int]:
    """On above 70, off only after two below 20."""
    found, on, low = [], 0, 0
    for x in numbers:
        low = low + 1 if x < 20 else 0
        on = 1 if x > 70 else 0 if low >= 2 else on
        found.append(on)
    return found


def counter(numbers: Sequence[int]) -> list[int]:
    found, level = [], 2
    for x in numbers:
        level = min(level + 1, 5) if x else max(level - 1, 0)
        found.append(level)
    return found


def steady(numbers: Sequence[int]) -> list[int]:
    """The last number that stood there twice."""
    found, kept, last = [], 0, 0
    for x in numbers:
        kept = x if x == last else kept
        last = x
        found.append(kept)
    return found


RULES: dict[str, tuple[Rule, int, int]] = {
    "controlled": (controlled, 40, 40),
    "a stack of three": (top_of_three, 2, 60),
    "the largest of five": (largest_of_five, 20, 40),
    "an alarm that is held": (held, 99, 150),
    "a counter that stops": (counter, 1, 30),
    "steady": (steady, 4, 40),
}


@pytest.mark.parametrize("name", RULES)
def test_the_rule_is_right_on_longer_lists(name: str) -> None:
    rule, high, count = RULES[name]
    rng = np.random.default_rng(3)
    lists = [rng.integers(0, high + 1, rng.integers(1, 25)).tolist() for _ in range(count)]
    pairs = tuple(ExamplePair((one,), rule(one)) for one in lists)
    top = max(max(pair.output) for pair in pairs)
    numbers = Port("numbers", (Axis("sequence"),), Integers(0, high))
    result = Port("result", (Axis("sequence"),), Integers(0, top))
    problem = PairProblem("rule", (numbers,), result, pairs)
    (found,) = propose_steps(problem, Run())
    assert not found.missed
    code = composed_solver(found.program, Provenance("nothing", training_shape=()))
    solve = load_solver(code.encode(), "rule")
    for _ in range(5):
        fresh = rng.integers(0, high + 1, 200).tolist()
        assert list(evaluate(found.program, {"numbers": fresh})) == rule(fresh)
        assert solve(fresh) == rule(fresh)


def test_answers_of_chance_get_no_program() -> None:
    rng = np.random.default_rng(8)
    lists = [rng.integers(0, 50, 20).tolist() for _ in range(20)]
    pairs = tuple(ExamplePair((one,), rng.integers(0, 9, 20).tolist()) for one in lists)
    numbers = Port("numbers", (Axis("sequence"),), Integers(0, 49))
    result = Port("result", (Axis("sequence"),), Integers(0, 8))
    assert not list(propose_steps(PairProblem("rule", (numbers,), result, pairs), Run()))
