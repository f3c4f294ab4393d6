"""Digits of numbers: what they are, where they are none, and programs that are made of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import deepdistill as dd
from deepdistill.ir.interval import bounds
from deepdistill.ir.listwise import digits
from deepdistill.ir.parse import parse_program
from deepdistill.target.algorithms.digits import _digits
from deepdistill.target.failing import failures
from deepdistill.target.pair_words import PairNouns
from deepdistill.target.words import describe

READ = "made(n:  of {}..900) -> answer: sequence of 0..9\n  answer = digits(n, 10)"


@given(st.integers(0, 10**9), st.integers(2, 12))
def test_the_digits_make_the_number(number: int, base: int) -> None:
    own = digits(number, base)
    assert own == _digits(number, base)
    total = 0
    for digit in own:
        assert 0 <= digit < base
        total = total * base + digit
    assert total == number and (own[0] or own == [0])
    assert base != 10 or own == [int(digit) for digit in str(number)]


@pytest.mark.parametrize("of", [digits, _digits])
def test_a_negative_number_has_none(of: Callable[[int, int], list[int]]) -> None:
    with pytest.raises(ValueError, match="digits"):
        of(-1, 10)


@pytest.mark.parametrize(("low", "raised"), [(0, []), (-5, ["ValueError"])])
def test_only_negative_numbers_need_a_guard(low: int, raised: list[str]) -> None:
    program = parse_program(READ.format(low))
    assert failures(program) == raised
    span = bounds(program.body[0].value, {})  # type: ignore[union-attr]
    assert (span.low, span.high) == (0, 9)
    assert describe(program, PairNouns) == "The digits of `n` in base `10`."


TASKS: dict[str, tuple[Callable[[Any], Any], bool, str]] = {
    "reversed": (lambda n: [int(d) for d in str(n)][::-1], False, "_digits(number, 10)[::-1]"),
    "ones": (lambda n: n.bit_count(), False, "sum(_digits(number, 2))"),
    "largest": (lambda n: max(map(int, str(n))), False, "max(_digits(number, 10))"),
    "sums": (lambda a: [sum(map(int, str(x))) for x in a], True, "[sum(_digits(x, 10)) for x in"),
}


@pytest.mark.parametrize("name", TASKS)
def test_programs_of_digits_are_found(name: str) -> None:
    function, of_list, text = TASKS[name]
    rng = random.Random(0)
    given: list[Any] = [rng.randint(0, 9999) for _ in range(25)]
    if of_list:
        given = [[rng.randint(0, 999) for _ in range(rng.randint(1, 8))] for _ in range(12)]
    pairs = [(one, function(one)) for one in given]
    result = dd.distill(dd.Problem.from_examples(pairs, name="digits"))
    assert text in result.code and "except" not in text
    assert result.certificate.ok
