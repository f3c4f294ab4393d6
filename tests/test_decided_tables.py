"""Truth tables of functions that people know: told as people would, right on every row."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from deepdistill.ir.text import expr_text
from deepdistill.ir.vector import evaluate_rows
from deepdistill.passes.decide.boolean import peeled
from deepdistill.passes.decide.enumerate import bank_of
from deepdistill.passes.decide.literals import view_of
from deepdistill.passes.decide.meet import meets
from deepdistill.passes.decide.shortest import shortest
from deepdistill.passes.decide.table import Feature, TruthTable

BIT, FOUR, FIVE = (0, 1), tuple(range(4)), tuple(range(5))
Function = Callable[..., int]

SHORT: dict[str, tuple[tuple[tuple[int, ...], ...], Function]] = {
    "((a | b) & (c | d))": ((BIT,) * 4, lambda a, b, c, d: (a or b) and (c or d)),
    "((a & b) | (c & d))": ((BIT,) * 4, lambda a, b, c, d: (a and b) or (c and d)),
    "((a & b) ^ (c & d))": ((BIT,) * 4, lambda a, b, c, d: (a & b) ^ (c & d)),
    "(1 - ((a | b) ^ (c & d)))": ((BIT,) * 4, lambda a, b, c, d: 1 - ((a | b) ^ (c & d))),
    "(a ^ b ^ c)": ((BIT,) * 3, lambda a, b, c: a ^ b ^ c),
    "(b if a else c)": ((BIT,) * 3, lambda a, b, c: b if a else c),
    "(b ^ int(((c - a) != d)))": ((BIT,) * 4, lambda a, b, c, d: b ^ (c - a != d)),
    "max(min((a - 1), 3), 0)": ((tuple(range(-1, 6)),), lambda a: min(max(a - 1, 0), 3)),
    "min(a, b)": ((FIVE, FIVE), lambda a, b: min(a, b)),
    "min(a, b, 2)": ((FIVE, FIVE), lambda a, b: min(a, b, 2)),
    "(((2 * a) + b) - 1)": ((FOUR, FOUR), lambda a, b: 2 * a + b - 1),
    "((a - b) % 3)": ((FOUR, FOUR), lambda a, b: (a + 2 * b) % 3),
    "(a if (a > b) else (3 - b))": ((FOUR, FOUR), lambda a, b: a if a > b else 3 - b),
}


def table(values: tuple[tuple[int, ...], ...], function: Function) -> TruthTable:
    rows = list(itertools.product(*values))
    features = tuple(Feature("abcdefghijklm"[k], own) for k, own in enumerate(values))
    return TruthTable(features, np.array(rows), np.array([int(function(*row)) for row in rows]))


@pytest.mark.parametrize("told", SHORT)
def test_functions_are_told_as_people_would(told: str) -> None:
    full = table(*SHORT[told])
    found = shortest(full)
    assert evaluate_rows(found, full.columns()).tolist() == full.target.tolist()
    assert expr_text(found) == told


@pytest.mark.parametrize(
    "function, told",
    [
        (lambda a, b, c, d: a ^ b ^ (c & d), ["(a ^ b ^ (c & d))"]),
        (lambda a, b, c, d: 1 ^ a ^ b ^ c ^ d, ["(1 - (a ^ b ^ c ^ d))"]),
        (lambda a, b, c, d: a & b & c & d, []),
    ],
    ids=["two bits", "all of them", "none"],
)
def test_bits_that_only_turn_the_answer_round_are_taken_off(
    function: Function, told: list[str]
) -> None:
    full = table((BIT,) * 4, function)
    found = peeled(view_of(full).columns, full.target == 1)
    assert list(map(expr_text, found)) == told


@pytest.mark.parametrize(
    "function, most",
    [
        (lambda *x: sum(x) >= 6, 63),
        (lambda *x: (x[0] and sum(x) >= 6) or (x[1] and x[2]), 260),
    ],
    ids=["a threshold", "a threshold in a branch"],
)
def test_of_many_rows_a_threshold_is_told(function: Function, most: int) -> None:
    full = table((BIT,) * 13, function)
    found = shortest(full)
    assert evaluate_rows(found, full.columns()).tolist() == full.target.tolist()
    assert len(expr_text(found)) <= most


@pytest.mark.parametrize(
    "function",
    [
        lambda a, b, c, d: (a or b) and (c or d),
        lambda a, b, c, d: (a and not b) or (c and d),
        lambda a, b, c, d: 1 ^ a ^ b ^ (c or d),
        lambda a, b, c, d: (b != c) if a else (c and d),
    ],
    ids=["and", "or", "exclusive", "a choice"],
)
def test_two_that_meet_hold_where_the_table_does(function: Function) -> None:
    full = table((BIT,) * 4, function)
    on = full.target == 1
    bank = bank_of(view_of(full).columns)
    bank.grown(60)
    found = list(meets(bank, on))
    assert found
    for expr in found:
        assert evaluate_rows(expr, full.columns()).astype(bool).tolist() == on.tolist(), expr
