"""The order in which small programs are looked for, where that ends; how classes are scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.data.running import Run
from deepdistill.formula.teaching import teacher
from deepdistill.formula.teaching.classes import class_scores, named, scores_of
from deepdistill.formula.teaching.networks import SmoothNetwork, Taught, Trial
from deepdistill.ir.expr import Call, Const, Expr, If, Var
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.learn.programs.enumeration import proposing
from deepdistill.learn.programs.enumeration.search import EFFORTS
from deepdistill.learn.programs.enumeration.valued import Valued

NUMBERS = Port("numbers", (Axis("sequence"),), Integers(0, 9))
ANSWER = Port("answer", (), Integers(0, 99))
LENGTH, ONE = Call("length", (Var("numbers"),)), Const(1)
CAPPED = Call("min", (LENGTH, Const(3)))


def problem(count: int, rule: Callable[[int], int] = lambda n: n) -> PairProblem:
    given = [ExamplePair(([k % 7] * (k % 9),), rule(k % 9)) for k in range(count)]
    return PairProblem("p", (NUMBERS,), ANSWER, tuple(given))


def rounds(monkeypatch: pytest.MonkeyPatch, *told: Sequence[Expr]) -> list[tuple[int, int]]:
    """Rounds that give these, one after another; (effort, examples) of each that is asked."""
    asked: list[tuple[int, int]] = []

    class Round:
        def __init__(self, problem: Any, pairs: Any, effort: Any, run: Run) -> None:
            asked.append((EFFORTS.index(effort), len(pairs)))

        def hits(self) -> list[Valued]:
            own = told[len(asked) - 1] if len(asked) <= len(told) else ()
            return [Valued(expr, "number", 9.0, ()) for expr in own]

    monkeypatch.setattr(proposing, "SearchRound", Round)
    return asked


def texts(found: Any) -> list[tuple[str, int]]:
    return [(str(one.program).rpartition(" = ")[2], len(one.missed)) for one in found]


def test_what_is_short_and_right_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = rounds(monkeypatch, [LENGTH, CAPPED])
    found = texts(proposing.enumerated(problem(90), Run()))
    assert found == [("length(numbers)", 0)] and asked == [(0, 16)]  # the other misses too many


def test_examples_that_are_missed_join_the_few(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = rounds(monkeypatch, [CAPPED], [CAPPED, LENGTH])
    found = texts(proposing.enumerated(problem(90), Run()))
    assert found == [("length(numbers)", 0)]
    assert [effort for effort, _ in asked] == [0, 0] and 16 < asked[1][1] <= 18


def test_other_examples_are_looked_at_where_nothing_was_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = rounds(monkeypatch, [], [], [LENGTH])
    assert texts(proposing.enumerated(problem(90), Run())) == [("length(numbers)", 0)]
    assert asked == [(0, 16), (1, 16), (0, 16)]
    asked = rounds(monkeypatch)
    assert texts(proposing.enumerated(problem(90), Run())) == []
    assert asked == [(0, 16), (1, 16), (0, 16), (0, 16), (0, 16)]  # no more than that


def test_what_nearly_gives_the_answers_ends_the_search_too(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = problem(90, lambda n: 50 if n == 8 else n % 2)
    near = Call("mod", (LENGTH, Const(2)))
    asked = rounds(monkeypatch, [], [])
    monkeypatch.setattr(proposing, "_EXCEPTIONS", 0.2)
    list(proposing.enumerated_further(odd, Run()))
    assert asked == [(2, 16), (3, 16)]
    asked = rounds(monkeypatch, [near])
    assert texts(proposing.enumerated_further(odd, Run())) == [("(length(numbers) % 2)", 10)]
    assert {effort for effort, _ in asked} == {2}


def test_answers_that_are_told_as_shortly_as_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    few = problem(6, lambda n: 1)
    asked = rounds(monkeypatch, [ONE])
    assert texts(proposing.enumerated(few, Run())) == [("1", 0)] and asked == [(0, 6)]
    asked = rounds(monkeypatch)
    assert texts(proposing.enumerated(few, Run())) == [] and asked == [(0, 6)]
    assert texts(proposing.enumerated_further(few, Run())) == [] and asked == [(0, 6)]


def test_programs_that_were_seen_are_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds(monkeypatch, [LENGTH, LENGTH, If(Call("gt", (LENGTH, Const(-1))), LENGTH, ONE)])
    assert len(texts(proposing.enumerated(problem(90), Run()))) == 2


def test_inputs_of_no_known_kind_are_not_searched() -> None:
    cube = Port("cube", (Axis("grid"),) * 3, Integers(0, 9))
    task = PairProblem("p", (cube,), ANSWER, (ExamplePair(([[[1]]],), 1),))
    assert list(proposing.enumerated(task, Run())) == []
    assert list(proposing.enumerated_further(task, Run())) == []
    assert list(proposing.enumerated(problem(0), Run())) == []


# ---- scores of classes


def network(*rows: Sequence[float]) -> SmoothNetwork:
    """One layer: logits that are sums of the columns."""
    weights = np.array(rows)
    none, one = np.zeros(len(rows)), np.ones(len(rows))
    return SmoothNetwork((weights,), (none,), np.zeros(2), np.ones(2), none, one)


def test_scores_are_logits_less_their_mean() -> None:
    x = np.array([[1.0, 2.0], [3.0, 0.0]])
    three = scores_of(network([1, 0], [0, 1], [0, 0]), x)
    assert three.tolist() == [[0, 1, -1], [2, -1, -1]]
    two = scores_of(network([1, 0], [0, 1]), x)
    assert two.tolist() == [[0.5], [-1.5]]
    assert named(three).tolist() == [1, 0] and named(two).tolist() == [1, 0]
    assert named(np.array([[np.nan, -1.0]])).tolist() == [1]
    assert named(np.array([[np.nan]])).tolist() == [0]


@pytest.mark.parametrize("classes", [2, 3])
def test_a_strength_is_judged_by_what_formulas_make_of_it(
    classes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (40, 2))
    rows = [[2.0, 0.0], [0.0, 1.0], [-1.0, -1.0]][:classes]
    labels = (x @ np.array(rows).T).argmax(axis=1)
    judged = []

    def train(lesson: Any, penalty: str, judge: Any, *, seed: int) -> Taught:
        assert len(lesson.held_y) == 10 and lesson.classes == classes and penalty == "hessian"
        right, wrong = network(*rows), network(*rows[::-1])
        judged.extend([judge(right), judge(wrong)])
        return Taught(right, wrong, penalty, 0.1, (Trial(0.1, 1.0, judged[0]),))

    monkeypatch.setattr(teacher, "train_teacher", train)
    scores, taught = class_scores(x, labels, classes, "hessian", budget=0.0)
    assert scores.shape == (40, 1 if classes == 2 else 3)
    assert named(scores).tolist() == labels.tolist() and taught.penalty == "hessian"
    assert judged[0] == 1.0 > judged[1]
