"""Small programs by enumeration: right on fresh lists, told briefly, shared parts named."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from deepdistill.data.pairs import ExamplePair, PairProblem
from deepdistill.data.running import Run
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Call, Const, Expr, Listed, Var
from deepdistill.ir.listwise import flooded, flooded_in, regions, stripped
from deepdistill.ir.spec import check
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.learn.programs.enumeration.named import named
from deepdistill.learn.programs.enumeration.proposing import enumerated
from deepdistill.target.algorithms.flooded import _flooded
from deepdistill.target.algorithms.flooded_in import _flooded_in
from deepdistill.target.algorithms.regions import _regions
from deepdistill.target.algorithms.stripped import _stripped
from deepdistill.target.body import function_body
from deepdistill.target.lower import Lowering

LIST = (Axis("sequence"),)
NUMBERS = Port("numbers", LIST, Integers(0, 99))


def answer(axes: tuple[Axis, ...]) -> Port:
    return Port("answer", axes, Integers(0, 999))


def drawn(rng: random.Random, longest: int) -> list[int]:
    high = rng.choice((5, 99))
    return [rng.randint(0, high) for _ in range(rng.randint(1, longest))]


TASKS: dict[str, tuple[Callable[[list[int]], Any], tuple[Axis, ...], str]] = {
    "spread": (lambda a: max(a) - min(a), (), "max(numbers) - min(numbers)"),
    "even": (lambda a: [x for x in a if x % 2 == 0], LIST, "if not x % 2]"),
    "differences": (lambda a: [y - x for x, y in pairwise(a)], LIST, "y - x"),
}


def found(name: str, longest: int = 6) -> tuple[PairProblem, Callable[[list[int]], Any]]:
    rng = random.Random(name)
    oracle, axes, _ = TASKS[name]
    pairs = tuple(ExamplePair((a,), oracle(a)) for a in (drawn(rng, longest) for _ in range(9)))
    return PairProblem(name, (NUMBERS,), answer(axes), pairs), oracle


def python(name: str, expr: Expr, axes: tuple[Axis, ...] = LIST) -> list[str]:
    program = named(name, (NUMBERS,), answer(axes), expr)
    check(program, "composed")
    return function_body(program, Lowering(program))


@pytest.mark.parametrize("name", TASKS)
def test_fresh_lists_are_answered_right(name: str) -> None:
    problem, oracle = found(name)
    first = next(iter(enumerated(problem, Run())))
    assert first.found_by == "enumeration"
    assert first.missed == ()
    check(first.program, "composed")
    rng = random.Random(7)
    for given in (drawn(rng, 60) for _ in range(20)):
        assert evaluate(first.program, {"numbers": given}) == oracle(given)
    text = "\n".join(function_body(first.program, Lowering(first.program)))
    assert TASKS[name][2] in text


X, N = Var("x"), Var("numbers")
MEAN = Call("floordiv", (Call("total", (N,)), Call("length", (N,))))
ABOVE = Listed(("x",), N, X, Call("gt", (X, MEAN)))


def test_what_a_loop_would_compute_each_time_has_a_name_and_a_value_of_no_elements() -> None:
    assert python("kept", ABOVE) == [
        "mean = sum(numbers) // max(len(numbers), 1)",
        "return [x for x in numbers if x > mean]",
    ]
    program = named("kept", (NUMBERS,), answer(LIST), ABOVE)
    assert evaluate(program, {"numbers": []}) == []


def test_questions_about_lists_that_are_made_go_through_no_list() -> None:
    big = Listed(("x",), N, X, Call("ge", (X, Const(7))))
    some = Call("length", (big,))
    assert python("a", Call("total", (big,))) == ["return sum(x for x in numbers if x >= 7)"]
    assert python("a", some) == ["return sum(1 for x in numbers if x >= 7)"]
    asked = Call("int", (Call("ge", (some, Const(1))),))
    assert python("a", asked) == ["return int(any(x >= 7 for x in numbers))"]
    none = Call("int", (Call("eq", (some, Const(0))),))
    assert python("a", none) == ["return int(all(x < 7 for x in numbers))"]
    first = Call("item", (Call("joined", (big, Call("single", (Const(-1),)))), Const(0)))
    assert python("a", first) == ["return next((x for x in numbers if x >= 7), -1)"]


def test_pieces_of_solvers_mean_what_the_operations_do() -> None:
    rng = random.Random(3)
    for _ in range(30):
        width = rng.randint(1, 6)
        rows = [[rng.randint(0, 1) for _ in range(width)] for _ in range(rng.randint(0, 6))]
        assert _stripped(rows) == stripped(rows)
        assert sorted(map(sorted, _regions(rows, 1))) == sorted(regions(rows, 1))
        assert _regions(rows, 1) == regions(rows, 1)
        assert _flooded(rows, 1) == flooded(rows, 1)
        assert _flooded_in(rows, 2) == flooded_in(rows, 2)
        flat = [number for row in rows for number in row]
        assert _stripped(flat) == stripped(flat)
