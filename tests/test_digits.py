"""Digits of numbers: what they are, where they are none, and programs that are made of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import deepdistill as dd
from deepdistill.ir.expr import Var
from deepdistill.ir.interval import bounds
from deepdistill.ir.listwise import digits
from deepdistill.ir.parse import parse_program
from deepdistill.ir.text import expr_text
from deepdistill.learn.programs.enumeration.elements import alone
from deepdistill.learn.programs.enumeration.valued import Valued
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


TASKS: dict[str, tuple[Callable[[int], Any], str]] = {
    "reversed": (lambda n: [int(d) for d in str(n)][::-1], "_digits(number, 10)[::-1]"),
    "ones": (lambda n: n.bit_count(), "sum(_digits(number, 2))"),
    "largest": (lambda n: max(map(int, str(n))), "max(_digits(number, 10))"),
}


@pytest.mark.parametrize("name", TASKS)
def test_programs_of_digits_are_found(name: str) -> None:
    function, text = TASKS[name]
    rng = random.Random(0)
    pairs = [(n, function(n)) for n in (rng.randint(0, 9999) for _ in range(25))]
    result = dd.distill(dd.Problem.from_examples(pairs, name="digits"))
    assert text in result.code
    assert "except" not in result.form.excerpt(result.program, result.code, result.name)
    assert result.certificate.ok


def test_what_its_digits_add_up_to_is_known_of_each_element() -> None:
    def sums(*values: tuple[int, ...]) -> list[list[float]]:
        made = alone(Valued(Var("a"), "list", 3.0, values), "xyz", ())
        assert made is not None
        return [f.row.tolist() for f in made.leaves if expr_text(f.expr) == "total(digits(x, 10))"]

    assert sums((12, 7), (), (990,)) == [[3, 7, 18]]
    assert sums((1, 2), (9,)) == []  # of one digit
    assert sums((12, -7)) == []
