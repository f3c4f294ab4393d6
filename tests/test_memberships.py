"""Sets of values that follow from answers: as few as tell them, in programs and in their code."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import deepdistill as dd
from deepdistill.data.running import Run
from deepdistill.ir.expr import Call, Const, Var
from deepdistill.learn.programs.enumeration.elements import alone
from deepdistill.learn.programs.enumeration.goal import Goal
from deepdistill.learn.programs.enumeration.memberships import among, memberships
from deepdistill.learn.programs.enumeration.proposing import enumerated
from deepdistill.learn.programs.enumeration.valued import Valued
from deepdistill.target.body import function_body
from deepdistill.target.pair_words import PairLowering
from deepdistill.target.spelt import spelt

NAMES = tuple("xyzrkij")


@given(
    st.lists(st.lists(st.integers(0, 5), max_size=8), min_size=12, max_size=20),
    st.sets(st.integers(0, 5), min_size=2, max_size=4),
    st.booleans(),
)
def test_what_follows_gives_the_answers(
    lists: list[list[int]], chosen: set[int], is_any: bool
) -> None:
    counts = [sum(x in chosen for x in own) for own in lists]
    answers = tuple(int(n > 0) if is_any else n for n in counts)
    elements = alone(Valued(Var("a"), "list", 3.0, tuple(map(tuple, lists)), "letter"), NAMES, ())
    if elements is None or len({x for own in lists for x in own}) < 3:
        return
    found = [set(values) for _, values in memberships(elements, Goal("number", answers))]
    right = [
        values
        for values in found
        for told in [[sum(x in values for x in own) for own in lists]]
        if tuple(told) == answers
        or tuple(len(own) - n for own, n in zip(lists, told, strict=True)) == answers
        or tuple(int(n > 0) for n in told) == answers
        or tuple(int(n == 0) for n in told) == answers
    ]
    assert found == right  # nothing is handed on that does not give the answers
    few = {x for own in lists for x in own} & chosen
    ways = [[sum(x in values for x in own) for own in lists] for values in found]
    alike = [
        len(values)
        for values, way in zip(found, ways, strict=True)
        if tuple(int(n > 0) if is_any else n for n in way) == answers
    ]
    assert not alike or len(few) < 2 or min(alike) <= len(few)


def parted(own: tuple[Any, ...], first: set[Any]) -> tuple[Any, ...]:
    return tuple(sorted(own, key=lambda x: x not in first))


@given(
    st.lists(st.lists(st.integers(0, 5), max_size=8).map(tuple), min_size=4, max_size=20),
    st.sets(st.integers(0, 5), min_size=2, max_size=4),
)
def test_values_that_come_first_follow_from_answers(
    lists: list[tuple[int, ...]], chosen: set[int]
) -> None:
    answers = tuple(parted(own, chosen) for own in lists)
    elements = alone(Valued(Var("a"), "list", 3.0, tuple(lists), "letter"), NAMES, ())
    if elements is None or len({x for own in lists for x in own}) < 3:
        return
    found = [set(values) for _, values in memberships(elements, Goal("list", answers))]
    pairs = zip(lists, answers, strict=True)
    if any(own != answer and len(chosen & {*own}) > 1 for own, answer in pairs):
        assert any(tuple(parted(own, one) for own in lists) == answers for one in found)


def test_the_values_that_come_first_are_as_few_as_can_be() -> None:
    lists = ((0, 1, 2, 3), (4, 1, 0), (3, 0, 2), (2, 3, 1))
    elements = alone(Valued(Var("a"), "list", 3.0, lists, "letter"), NAMES, ())
    assert elements is not None
    answers = tuple(parted(own, {0, 2}) for own in lists)
    assert (0, 2) in [values for _, values in memberships(elements, Goal("list", answers))]
    changed = ((0, 2, 3, 1), *answers[1:])  # the last two have changed places
    assert {v for _, v in memberships(elements, Goal("list", changed))} == {(0, 1, 2, 3, 4)}


def test_what_no_set_gives_has_none() -> None:
    lists = ((0, 1, 2), (0, 1), (2, 2), (1,))
    elements = alone(Valued(Var("a"), "list", 3.0, lists, "letter"), NAMES, ())
    assert elements is not None
    assert not list(memberships(elements, Goal("number", (3, 0, 1, 1))))
    assert not list(among([Valued(Var("a"), "number", 3.0, (0, 1, 2, 2), "letter")],
                          Goal("number", (1, 0, 1, 0))))  # fmt: skip
    (one,) = among([Valued(Var("a"), "number", 3.0, (0, 1, 2, 1), "letter")],
                   Goal("number", (1, 0, 1, 0)))  # fmt: skip
    assert one.expr == Call("in", (Var("a"), Const((0, 2))))


ASKED: dict[str, tuple[Callable[[str], object], str]] = {
    "kept": (lambda text: "".join(x for x in text if x not in "aeiou"), 'x in "bcdr"'),
    "parted": (
        lambda text: "".join(parted(tuple(text), set("aeiou"))),
        'sorted(text, key=lambda x: x not in "aeiou")',
    ),
    "counted": (lambda text: sum(x in "aeiou" for x in text), 'x not in "bcdr"'),
    "first": (lambda text: text[:1] not in tuple("aeiou"), '[0] in "bcdr"'),
}


@pytest.mark.parametrize("task", ASKED)
def test_values_that_one_may_be_are_told(task: str) -> None:
    answer_of, code = ASKED[task]
    rng = random.Random(3)
    texts = ["".join(rng.choices("abcdeiour", k=rng.randrange(1, 10))) for _ in range(30)]
    problem = dd.Problem.from_examples([(one, answer_of(one)) for one in texts], name="chosen")
    first = next(iter(enumerated(problem, Run())))
    assert first.missed == ()
    printed = spelt(first.program).program
    text = "\n".join(function_body(printed, PairLowering(printed)))
    assert code in text.replace("'", '"')
