"""Programs over items made shorter: what each becomes, with the same answers on drawn inputs."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from item_networks import random_input

from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import NoAnswer
from deepdistill.ir.parse import parse_program
from deepdistill.ir.program import Program
from deepdistill.passes.items.shorten import shorten_items

N, R, C = "size 0 of numbers", "size 0 of picture", "size 1 of picture"
LIST = "p(numbers: set of 0..4) -> result:  of 0..9\n  "
EACH = "p(numbers: set of 0..4) -> result: set of 0..9\n  "
SHOWN = "p(picture: grid grid of 0..3) -> result:  of 0..9\n  "
BITS = "p(picture: grid grid of 0..1) -> result:  of 0..9\n  "
ROWS = "p(picture: grid grid of 0..3) -> result: grid of 0..9\n  "
MANY = f"sum(int((numbers[i] > 2)) for 0 <= i < {N})"
SOME = f"sum(int((numbers[i] >= 3)) for 0 <= i < {N})"
LARGER = f"sum(int((numbers[k] > numbers[i])) for 0 <= k < {N})"

SHORTENED = [
    # truths
    (LIST, "int(int((numbers[0] > 2)))", "int((numbers[0] >= 3))"),
    (LIST, "int(not(3))", "0"),
    (LIST, "int(not((numbers[0] == 2)))", "int((numbers[0] != 2))"),
    (LIST, f"int(not(({MANY} == 0)))", f"int(({SOME} >= 1))"),
    (LIST, f"int(not(({MANY} >= 1)))", f"int(({SOME} == 0))"),
    (
        LIST,
        "int((int((numbers[0] > 2)) and (numbers[1] > 2)))",
        "int(((numbers[0] >= 3) and (numbers[1] >= 3)))",
    ),
    (
        LIST,
        "int(((numbers[0] > 2) and ((numbers[1] > 2) and (numbers[2] > 2))))",
        "int(((numbers[0] >= 3) and (numbers[1] >= 3) and (numbers[2] >= 3)))",
    ),
    (
        LIST,
        "int(((numbers[0] > 2) or (numbers[0] < 1) or (numbers[1] > 2)))",
        "int(((numbers[0] == 0) or (numbers[0] >= 3) or (numbers[1] >= 3)))",
    ),
    # lines and their mirror images
    (
        SHOWN,
        f"int((sum(int((sum(int((picture[i, j] > picture[i, ({C} - (j + 1))])) "
        f"for 0 <= j < {C}) >= 1)) for 0 <= i < {R}) >= 1))",
        f"int((sum(int(differ(item(picture, i), reversed(item(picture, i)))) "
        f"for 0 <= i < {R}) >= 1))",
    ),
    (
        SHOWN,
        f"int((sum(int((sum(int((picture[i, j] > picture[({R} - (i + 1)), j])) "
        f"for 0 <= j < {C}) >= 1)) for 0 <= i < {R}) == 0))",
        f"int((sum(int(differ(item(picture, i), item(picture, ({R} - (i + 1))))) "
        f"for 0 <= i < {R}) == 0))",
    ),
    (
        SHOWN,
        f"sum(int((sum(int((picture[i, j] != picture[0, j])) for 0 <= j < {C}) == 0)) "
        f"for 0 <= i < {R})",
        None,  # a place that is no loop's own may lie outside
    ),
    (
        LIST,
        f"int((sum(int((item(numbers, k) != numbers[({N} - (k + 1))])) for 0 <= k < {N}) >= 1))",
        "int(differ(numbers, reversed(numbers)))",
    ),
    (
        LIST,
        f"int((sum(int((numbers[k] > numbers[({N} - (k + 1))])) for 0 <= k < {N}) == 0))",
        "int(same(numbers, reversed(numbers)))",
    ),
    (
        LIST,
        f"int((sum(int((numbers[k] > numbers[({N} - (k + 1))])) for 1 <= k < {N}) == 0))",
        None,
    ),
    # borders
    (
        BITS,
        f"sum(sum(inside picture[i, (j - 1)] for 0 <= j < {C}) for 0 <= i < {R})",
        f"sum(sum(inside picture[i, (j - 1)] for 1 <= j < {C}) for 0 <= i < {R})",
    ),
    (
        LIST,
        f"sum(inside numbers[(i + 1)] for 0 <= i < {N})",
        f"sum(inside numbers[(i + 1)] for 0 <= i < ({N} - 1))",
    ),
    (LIST, f"sum(inside numbers[(i + i)] for 0 <= i < {N})", None),
    # ranks
    (LIST, f"(the first numbers[i] for 0 <= i < {N} with ({LARGER} == 0))", "maximum(numbers)"),
    (
        LIST,
        f"(the first i for 0 <= i < {N} with ({LARGER} <= 0))",
        "position(numbers, maximum(numbers))",
    ),
    (
        LIST,
        f"(the first ({N} - (i + 1)) for 0 <= i < {N} with "
        f"({LARGER.replace('numbers[i]', f'numbers[({N} - (i + 1))]')} <= 0))",
        f"({N} - (position(reversed(numbers), maximum(numbers)) + 1))",
    ),
    (LIST, f"(the first 3 for 0 <= i < {N} with 1)", None),
]


def answer(program: Program, given: Any) -> Any:
    try:
        return evaluate(program, {program.inputs[0].name: given})
    except NoAnswer:
        return "no answer"


def agree(one: Program, other: Program) -> None:
    rng, port = Random(0), one.inputs[0]
    for _ in range(20):
        given = random_input(rng, port)
        assert answer(one, given) == answer(other, given)


@pytest.mark.parametrize(("head", "value", "expected"), SHORTENED)
def test_what_a_value_becomes(head: str, value: str, expected: str | None) -> None:
    program = parse_program(f"{head}result = {value}")
    found = shorten_items(program)
    assert found == parse_program(f"{head}result = {expected or value}")
    agree(found, program)


STATEMENTS = [
    (
        EACH,
        f"twice[i] for {N}: (2 * numbers[i])\n  result[i] for {N}: ((2 * numbers[i]) + 1)",
        f"twice[i] for {N}: (2 * numbers[i])\n  result[i] for {N}: (twice[i] + 1)",
    ),
    (
        EACH,
        f"fours[i] for 3: 4\n  result[i] for {N}: (4 + numbers[i])",
        f"result[i] for {N}: (4 + numbers[i])",
    ),
    (
        ROWS,
        f"result[i] for {R}: int((sum(int((picture[i, j] != "
        f"picture[({R} - (i + 1)), ({C} - (j + 1))])) for 0 <= j < {C}) == 0))",
        f"result[i] for {R}: int(same(item(picture, i), reversed(item(picture, ({R} - (i + 1))))))",
    ),
]


@pytest.mark.parametrize(("head", "body", "expected"), STATEMENTS)
def test_what_statements_become(head: str, body: str, expected: str) -> None:
    program = parse_program(head + body)
    found = shorten_items(program)
    assert found == parse_program(head + expected)
    agree(found, program)
