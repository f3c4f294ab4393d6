"""What is done at the end to elements that are kept: found from the answers, for any condition."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.ir.compiled import compiled
from deepdistill.ir.expr import Var
from deepdistill.ir.text import expr_text
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.learn.programs.enumeration.bodies import Conditions, bodies
from deepdistill.learn.programs.enumeration.elements import alone
from deepdistill.learn.programs.enumeration.goal import Goal
from deepdistill.learn.programs.enumeration.kept import of_kept
from deepdistill.learn.programs.enumeration.named import named
from deepdistill.learn.programs.enumeration.rearranged import LastOperations, rearranged
from deepdistill.learn.programs.enumeration.valued import Valued, frozen

LIST = (Axis("sequence"),)
NUMBERS = Port("numbers", LIST, Integers(0, 30))

Numbers = Sequence[int]

LISTS: dict[str, tuple[Callable[[Numbers], list[int]], str]] = {
    "in order": (lambda a: sorted(x for x in a if x > 4), "sorted([x"),
    "from the largest": (
        lambda a: sorted((x for x in a if x % 2 == 0), reverse=True), "reversed(sorted([x"
    ),
    "each once": (lambda a: list(dict.fromkeys(x % 4 for x in a)), "unique([(x % 4)"),
    "each once, in order": (lambda a: sorted({x for x in a if x % 3 == 0}), "sorted(unique([x"),
    "from the end": (lambda a: [x for x in a if x > 4][::-1], "reversed([x"),
    "the first two": (lambda a: [x for x in a if x % 3 == 0][:2], "prefix([x"),
    "the last three": (lambda a: [x for x in a if x % 2][-3:], "suffix([x"),
    "the two smallest": (lambda a: sorted(x for x in a if x % 2)[:2], "prefix(sorted([x"),
    "doubled, in order": (lambda a: sorted(2 * x for x in a if x < 9), "sorted([(x + x)"),
}  # fmt: skip
ONES: dict[str, tuple[Callable[[Numbers], int], str]] = {
    "the largest": (lambda a: max((x for x in a if x % 2 == 0), default=7), "maximum([x"),
    "the smallest": (lambda a: min((x for x in a if x > 9), default=0), "minimum([x"),
    "kinds": (lambda a: len({x for x in a if x > 9}), "distinct([x"),
    "each once": (lambda a: sum({x for x in a if x % 3 == 0}), "total(unique([x"),
    "from end to end": (
        lambda a: (lambda k: max(k) - min(k) if k else 0)([x for x in a if x % 2]),
        "(maximum([x for x in numbers if (0 < (x % 2))]) - minimum(",
    ),
    "the mean": (
        lambda a: (lambda k: sum(k) // len(k) if k else -1)([x for x in a if x > 9]), "total([x"
    ),
}  # fmt: skip


def drawn(rng: random.Random, count: int) -> list[list[int]]:
    return [[rng.randint(0, 30) for _ in range(rng.randint(1, 9))] for _ in range(count)]


def found_for(lists: Sequence[Numbers], goal: Goal) -> list[Valued]:
    """What both look for, of the elements of these lists."""
    elements = alone(Valued(Var("numbers"), "list", 3.0, tuple(map(frozen, lists))), "xyz", ())
    assert elements is not None
    made = bodies(elements, [], [4], 22.0, 150)
    conditions = Conditions(made, goal, 36.0, 1000)
    return [*rearranged(made, conditions, goal), *of_kept(made, conditions, goal)]


def means(one: Valued, oracle: Callable[[Numbers], Any], lists: Sequence[Numbers]) -> bool:
    """Whether an expression gives the answers, by the program that is written of it."""
    axes = LIST if one.kind == "list" else ()
    output = Port("answer", axes, Integers(-99, 999))
    pairs = [ExamplePair((a,), oracle(a)) for a in lists]
    problem = PairProblem("task", (NUMBERS,), output, tuple(pairs))
    run = compiled(named("task", problem.inputs, output, one.expr))
    return all(run({"numbers": list(a)}) == oracle(a) for a in lists)


@pytest.mark.parametrize("name", [*LISTS])
def test_lists_are_told_by_what_is_done_at_the_end(name: str) -> None:
    oracle, told = LISTS[name]
    rng = random.Random(name)
    lists = drawn(rng, 14)
    found = found_for(lists, Goal("list", tuple(frozen(oracle(a)) for a in lists)))
    best = min(found, key=lambda one: one.bits)
    assert told in expr_text(best.expr)
    assert all(means(one, oracle, lists) for one in found)
    assert means(best, oracle, drawn(rng, 60)), expr_text(best.expr)


@pytest.mark.parametrize("name", [*ONES])
def test_numbers_are_told_by_what_is_kept(name: str) -> None:
    oracle, told = ONES[name]
    rng = random.Random(name)
    lists = drawn(rng, 24)
    found = found_for(lists, Goal("number", tuple(oracle(a) for a in lists)))
    best = min(found, key=lambda one: one.bits)
    assert told in expr_text(best.expr)
    assert all(means(one, oracle, lists) for one in found)
    assert means(best, oracle, drawn(rng, 60)), expr_text(best.expr)


@given(st.lists(st.lists(st.integers(-3, 3), max_size=5), min_size=1, max_size=4))
def test_what_may_be_at_the_end_is_what_it_leaves_as_it_is(answers: list[list[int]]) -> None:
    """Operations are ruled out only where no list has the answers for a result."""
    for ops in ((("sorted",),), (("unique",), ("sorted",), ("reversed",)), (("unique",),)):
        end = LastOperations(ops)
        made = tuple(end.value(answer) for answer in answers)
        assert end.may_give(Goal("list", made))
        if not end.may_give(Goal("list", tuple(map(frozen, answers)))):
            assert made != tuple(map(frozen, answers))


def test_of_an_empty_list_no_condition_is_needed() -> None:
    lists = [[], *drawn(random.Random(0), 12)]

    def oracle(a: Numbers) -> int:
        return max(a) - min(a) if a else 7

    found = found_for(lists, Goal("number", tuple(map(oracle, lists))))
    best = min(found, key=lambda one: one.bits)
    text = "(maximum(numbers) - minimum(numbers)) if (length(numbers) >= 1) else 7"
    assert text in expr_text(best.expr)
    assert means(best, oracle, [[], *drawn(random.Random(1), 20)])
