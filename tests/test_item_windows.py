"""Conditions on the numbers around a place: decided from a table, true at the same places."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

import pytest
from item_networks import random_input

from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import is_truth
from deepdistill.ir.parse import parse_expr, parse_program
from deepdistill.ir.program import Program
from deepdistill.ir.text import expr_text
from deepdistill.passes.items.context import context_of
from deepdistill.passes.items.windows import decided, truth_of

HERE, RIGHT, BELOW = "picture[i, j]", "picture[i, (j + 1)]", "picture[(i + 1), j]"
LAST, BOTTOM = "(size 1 of picture + -1)", "(size 0 of picture + -1)"


def answers(top: int, condition: str) -> Program:
    return parse_program(
        f"p(picture: grid grid of 0..{top}) -> result: grid grid of 0..1\n"
        f"  result[i, j] for each position of picture:\n    int({condition})"
    )


def truths(top: int, condition: str, picture: Any) -> Any:
    return evaluate(answers(top, condition), {"picture": picture})


DECIDED = [
    (
        2,
        f"((int(({HERE} == 1)) + int(({RIGHT} == 1))) >= 2)",
        f"(({HERE} == 1) and ({RIGHT} == 1))",
    ),
    (
        2,
        f"((int(({HERE} != 1)) + int(({RIGHT} == 0))) >= 2)",
        f"(({HERE} != 1) and ({RIGHT} == 0))",
    ),
    (
        2,
        f"((int(not({HERE})) + int(not(({RIGHT} == 2)))) >= 1)",
        f"(({HERE} == 0) or ({RIGHT} != 2))",
    ),
    (
        2,
        f"((int((inside {RIGHT} and ({RIGHT} == 0))) + int(({RIGHT} == 1))) >= 1)",
        f"(({RIGHT} != 2) and (j != {LAST}))",
    ),
    (
        1,
        f"((int((inside {RIGHT} and not({RIGHT}))) + {HERE}) >= 1)",
        f"(({HERE} != 0) or ((inside {RIGHT} - {RIGHT}) != 0))",
    ),
    (1, f"(({HERE} + {RIGHT}) <= 0)", f"not((({HERE} != 0) or ({RIGHT} != 0)))"),
    (1, f"(({HERE} + {RIGHT}) < 2)", f"not((({HERE} != 0) and ({RIGHT} != 0)))"),
    (1, f"(({HERE} - {RIGHT}) == 1)", f"(not({RIGHT}) and ({HERE} != 0))"),
    (1, f"(({HERE} - {RIGHT}) != 1)", f"(not({HERE}) or ({RIGHT} != 0))"),
    (1, f"(((2 * {HERE}) + {RIGHT}) >= 3)", f"(({HERE} != 0) and ({RIGHT} != 0))"),
    (1, f"(1 and ({HERE} > 0))", f"({HERE} != 0)"),
    (
        1,
        f"((inside {BELOW} + inside picture[(i - 2), j]) < 2)",
        f"not(((i >= 2) and (i != {BOTTOM})))",
    ),
    (1, f"((inside {BELOW} + inside picture[(i + 3), j]) >= 1)", f"(i != {BOTTOM})"),
    (1, f"((inside {BELOW} >= 1) and inside {HERE})", f"(i != {BOTTOM})"),
    (1, f"(inside {HERE} or {HERE})", "1"),
]


@pytest.mark.parametrize(("top", "condition", "expected"), DECIDED)
def test_the_shortest_condition_holds_at_the_same_places(
    top: int, condition: str, expected: str
) -> None:
    found = decided(parse_expr(condition), context_of(answers(top, condition)))
    assert found == parse_expr(expected)
    rng, port = Random(0), answers(top, condition).inputs[0]
    for _ in range(12):
        picture = random_input(rng, port)
        assert truths(top, expected, picture) == truths(top, condition, picture)


@pytest.mark.parametrize(
    "condition",
    [
        f"((int((inside {RIGHT} and ({HERE} == 0))) + {HERE}) >= 1)",  # of two places at once
        f"((picture[0, j] + {HERE}) >= 1)",  # a given place
        f"((picture[(i + i), j] + {HERE}) >= 1)",
        f"((picture[j, i] + {HERE}) >= 1)",
        f"((sum({HERE} for 0 <= k < i) + {HERE}) >= 1)",  # no number of a place
        f"({HERE} * {RIGHT})",  # no condition
        "(size 0 of picture > 2)",
    ],
)
def test_what_is_no_window_stays(condition: str) -> None:
    assert decided(parse_expr(condition), context_of(answers(1, condition))) is None


TRUTHS = [
    "int((a > 0))",
    "(a & b)",
    "(a | b)",
    "(1 - a)",
    "not((a & b))",
    "3",
    "0",
    "(b if a else 0)",
    "(0 if a else b)",
    "(1 if a else b)",
    "(b if a else 1)",
    "(c if a else b)",
    "(a ^ b)",
]


@pytest.mark.parametrize("text", TRUTHS)
def test_a_bit_as_a_truth(text: str) -> None:
    """It holds where the number is 1, and nothing in it is a number where a truth stands."""
    found = truth_of(parse_expr(text))
    assert is_truth(found) or text in ("3", "0")
    for bits in product((0, 1), repeat=3):
        lets = "".join(f"  {name} = {bit}\n" for name, bit in zip("abc", bits, strict=True))
        head = f"p(n: set of 0..1) -> result:  of 0..1\n{lets}  result = "
        truth, number = (
            evaluate(parse_program(f"{head}{value}"), {"n": [0]})
            for value in (f"int({expr_text(found)})", text)
        )
        assert truth == min(number, 1)
