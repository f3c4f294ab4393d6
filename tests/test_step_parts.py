"""Loops that answer at each step, part by part; and rules that never fall where they may not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.data.running import Run
from deepdistill.ir.compiled import compiled
from deepdistill.ir.expr import Var
from deepdistill.ir.parse import parse_program
from deepdistill.ir.text import expr_text
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.learn.programs import step_programs
from deepdistill.learn.programs.step_lists import (
    StepLists,
    late,
    names_in,
    of_each_prefix,
    prefixes,
    step_lists,
)
from deepdistill.learn.rules.monotone import is_monotone
from deepdistill.learn.rules.rows import RuleRows
from deepdistill.units.rules import Among, Below, Leaf, Missing, RuleModel, Split, SumBelow

LIST = (Axis("sequence"),)
NUMBERS = Port("numbers", LIST, Integers(0, 9))
ANSWERS = Port("result", LIST, Integers(0, 99))
RNG = np.random.default_rng(2)
INPUTS = [RNG.integers(0, 10, 2 + k % 9).tolist() for k in range(40)]

Rule = Callable[[list[int]], list[int]]


def problem(rule: Rule, inputs: Sequence[list[int]] = INPUTS) -> PairProblem:
    pairs = tuple(ExamplePair((one,), rule(one)) for one in inputs)
    return PairProblem("rule", (NUMBERS,), ANSWERS, pairs)


def steps(rule: Rule) -> StepLists:
    found = step_lists(problem(rule))
    assert found is not None
    return found


def heated(numbers: list[int]) -> list[int]:
    """On from 7 on, off below 3."""
    state, found = 0, []
    for x in numbers:
        state = 1 if x >= 7 else 0 if x < 3 else state
        found.append(state)
    return found


def above(numbers: list[int]) -> list[int]:
    """For how many steps it has been at least 4."""
    run, found = 0, []
    for x in numbers:
        run = run + 1 if x >= 4 else 0
        found.append(run)
    return found


def level(numbers: list[int]) -> list[int]:
    """Up to 3 with large numbers, down to 0 with small ones."""
    state, found = 0, []
    for x in numbers:
        state = min(state + 1, 3) if x >= 6 else max(state - 1, 0) if x < 4 else state
        found.append(state)
    return found


SEARCHES: dict[str, tuple[Any, Rule, str]] = {
    "zones": (step_programs._zones, heated, "1 if (x >= 7)"),
    "a level": (step_programs._zones, level, "min((state + 1), 3)"),
    "a run": (step_programs._long_runs, above, "((run + 1) if (x >= 4) else 0)"),
    "a long run": (
        step_programs._long_runs, lambda a: [int(k >= 2) for k in above(a)], "int((run >= 2))"
    ),
    "no long run": (
        step_programs._long_runs, lambda a: [9 if k >= 2 else 5 for k in above(a)],
        "(9 if (run >= 2) else 5)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SEARCHES)
def test_one_search_finds_what_it_is_for(name: str) -> None:
    search, rule, told = SEARCHES[name]
    found = list(search(steps(rule), Run()))
    assert any(told in str(one) for one in found), list(map(str, found))
    best = next(one for one in found if told in str(one))
    run = compiled(best)
    for _ in range(20):
        fresh = RNG.integers(0, 10, 30).tolist()
        assert run({"numbers": fresh}) == rule(fresh)


def test_searches_that_have_nothing_to_say() -> None:
    chance = steps(lambda a: RNG.integers(0, 3, len(a)).tolist())
    assert list(step_programs._zones(chance, Run())) == []
    assert list(step_programs._long_runs(chance, Run())) == []
    many = steps(lambda a: [x * (k + 1) for k, x in enumerate(a)])
    assert list(step_programs._zones(many, Run())) == []  # of too many answers


@pytest.mark.parametrize(
    "moves, told",
    [
        ({0: 0, 1: 1}, "state"), ({0: 2, 1: 2}, "2"), ({0: 1, 1: 2}, "(state + 1)"),
        ({1: 0, 2: 1}, "(state - 1)"), ({0: 1, 1: 2, 2: 2}, "min((state + 1), 2)"),
        ({0: 0, 1: 0, 2: 1}, "max((state - 1), 0)"),
        ({0: 2, 1: 0, 2: 1}, "(0 if (state == 1) else (2 if (state == 0) else 1))"),
    ],
)  # fmt: skip
def test_how_a_zone_moves_the_state(moves: dict[int, int], told: str) -> None:
    assert expr_text(step_programs._way(Var("state"), moves)) == told


def test_zones_by_hand() -> None:
    x, before, after = (np.array(own) for own in ([1, 9, 2, 8], [1, 0, 0, 1], [0, 1, 0, 1]))
    assert step_programs._zones_of(x, before, after) == [(1, {1: 0, 0: 0}), (3, {0: 1, 1: 1})]
    assert step_programs._zones_of(np.array([1, 1]), np.array([0, 0]), np.array([0, 1])) is None


def test_steps_of_lists_by_hand() -> None:
    pairs = [ExamplePair(([1, 2],), [3, 4]), *[ExamplePair(([5] * 6,), [6] * 6)] * 3]
    task = PairProblem("rule", (NUMBERS,), ANSWERS, tuple(pairs))
    found = step_lists(task)
    assert found is not None and found.x[:, 0].tolist() == [1, 2, 0, 0, 0, 0]
    assert found.y[:, 0].tolist() == [3, 4, 0, 0, 0, 0]
    assert found.going[:, 0].tolist() == [1, 1, 0, 0, 0, 0] and found.element == "x"
    assert [(one.inputs, one.output) for one in prefixes(found).given[:3]] == [
        (([1],), 3), (([1, 2],), 4), (([5],), 6),
    ]  # fmt: skip
    assert late(found.x[:3, :1], 1, 7).ravel().tolist() == [7, 1, 2]


@pytest.mark.parametrize(
    "pairs",
    [
        [([1, 2], [3])] * 12,
        [([1], [3])] * 12,
        [([1] * 9, [3] * 9)] * 3,
    ],
    ids=["other lengths", "few elements", "few lists"],
)
def test_what_are_no_steps(pairs: Any) -> None:
    given = tuple(ExamplePair((one,), told) for one, told in pairs)
    assert step_lists(PairProblem("rule", (NUMBERS,), ANSWERS, given)) is None
    number = Port("number", (), Integers(0, 9))
    assert step_lists(PairProblem("rule", (number,), ANSWERS, given)) is None


HEAD = "rule(numbers: sequence of 0..9) -> result:  of 0..99\n"
ENDS = {
    "a loop": (
        "  steps[] for each x of numbers:\n    first own = 0\n    own = max(own, x)\n    nothing\n"
        "  result = (own + 1)",
        lambda a: [max(a[: k + 1]) + 1 for k in range(len(a))],
    ),
    "a number of the list": (
        "  result = (total(numbers) - length(numbers))",
        lambda a: [sum(a[: k + 1]) - k - 1 for k in range(len(a))],
    ),
    "the size": (
        "  result = (size 0 of numbers * 2)", lambda a: [2 * k + 2 for k in range(len(a))],
    ),
    "one less": (
        "  result = item(numbers, (size 0 of numbers + -1))", lambda a: list(a),
    ),
    "two less": (
        "  result = max((size 0 of numbers + -2), 0)",
        lambda a: [max(k - 1, 0) for k in range(len(a))],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_an_answer_at_the_end_becomes_one_at_each_step(name: str) -> None:
    body, rule = ENDS[name]
    (found,) = of_each_prefix(steps(rule), parse_program(HEAD + body))
    run = compiled(found)
    for given in INPUTS[:10]:
        assert run({"numbers": given}) == rule(given)


def test_a_loop_whose_answer_asks_for_the_whole_list_is_left() -> None:
    body = ENDS["a loop"][0].replace("(own + 1)", "(own + length(numbers))")
    assert list(of_each_prefix(steps(above), parse_program(HEAD + body))) == []
    (_, answer) = parse_program(HEAD + body).body
    assert names_in(answer.value) == {"own", "numbers"}  # type: ignore[union-attr]


# ---- rules that may not fall


def rows(monotone: tuple[int, ...]) -> RuleRows:
    x = np.array([[0.0, 0.0], [1.0, 1.0]])
    return RuleRows(x, (0, 3), np.array([0, 1]), 2, np.ones(2), monotone=monotone)


CHANCES = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])


def leaves(tree: Any) -> list[int]:
    """The labels of the leaves in their order."""
    return [tree.value] if isinstance(tree, Leaf) else [*leaves(tree.fires), *leaves(tree.rests)]


KIND, LOW, OTHER = Among(1, (0, 1)), Below(0, 0.5), Among(1, (2,))


@pytest.mark.parametrize(
    "tree, rises",
    [
        (Split(0, Split(1, Leaf(0), Leaf(1)), Split(1, Leaf(0), Leaf(2))), True),
        (Split(0, Split(1, Leaf(1), Leaf(2)), Leaf(0)), True),  # another kind, not a higher number
        (Split(0, Split(1, Leaf(2), Leaf(0)), Leaf(2)), False),
        (Split(1, Split(0, Leaf(2), Leaf(0)), Split(0, Leaf(0), Leaf(1))), False),
        (Split(1, Split(0, Leaf(1), Leaf(0)), Split(0, Leaf(2), Leaf(0))), True),
        (Split(1, Split(2, Leaf(1), Leaf(0)), Split(0, Leaf(0), Leaf(2))), True),
        (Split(0, Split(2, Leaf(0), Split(1, Leaf(0), Leaf(2))), Leaf(1)), True),
        (Split(3, Split(1, Leaf(0), Leaf(1)), Split(1, Leaf(1), Leaf(2))), True),
        (Split(4, Leaf(0), Leaf(1)), False),  # a sum is no box
    ],
)
def test_raising_a_number_among_levels(tree: Any, rises: bool) -> None:
    units = (KIND, LOW, OTHER, Missing(1), SumBelow(((0, 1), (1, 1)), 3.0))
    model = RuleModel(units, (tree,))
    chances = CHANCES[leaves(tree)]
    assert is_monotone(model, chances, rows((1, 0))) == rises
    assert is_monotone(model, chances, rows((0, 0)))
