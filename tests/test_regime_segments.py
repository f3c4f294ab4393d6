"""Regimes of a table with noise, part by part: segments, formulas of them, and both in turn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deepdistill.formula.regimes.look import exact_formula, level, level_of, likely_formula, settled
from deepdistill.formula.regimes.refine import refined
from deepdistill.formula.regimes.search import find_regimes, fit_of
from deepdistill.formula.regimes.segments import segments
from deepdistill.formula.regimes.tree import Cut, RegimeLeaf, labels_of
from deepdistill.formula.symbolic.arrays import values
from deepdistill.formula.symbolic.backend import OPERATORS
from deepdistill.ir.expr import Call, Const, If, Var
from deepdistill.ir.text import expr_text

FEW = ("add", "sub", "mul", "div")
STEPS = np.arange(40.0)
NOISE = 0.1 * np.random.default_rng(1).standard_normal(40)
TENT = np.where(STEPS < 20, 2 * STEPS, 100 - STEPS)  # up, and from 20 on down from above


def groups_of(x: Any, y: Any) -> list[list[int]]:
    found = segments(x, y)
    return [] if found is None else [group.tolist() for group in found.groups]


@pytest.mark.parametrize("noise", [0 * NOISE, NOISE], ids=["exact", "noise"])
def test_two_lines_are_two_segments_in_the_rows_own_order(noise: Any) -> None:
    order = np.random.default_rng(0).permutation(40)
    found = groups_of(STEPS[order, None], (TENT + noise)[order])
    assert [sorted(order[group].tolist()) for group in found] == [
        list(range(20)),
        list(range(20, 40)),
    ]
    assert all(group == sorted(group) for group in found)


def test_the_variance_of_segments_is_that_of_their_noise() -> None:
    found = segments(STEPS[:, None], TENT + NOISE)
    assert found is not None and found.variance == pytest.approx(0.01, rel=0.5)


@pytest.mark.parametrize(
    "x, y",
    [(STEPS[:, None], 3 * STEPS + 1 + NOISE), (STEPS[:, None], NOISE), (np.ones((40, 1)), STEPS)],
    ids=["a line", "noise", "no place to cut"],
)
def test_one_polynomial_is_no_segments(x: Any, y: Any) -> None:
    assert segments(x, y) is None


def test_a_segment_is_cut_again_along_another_column() -> None:
    a, b = (one.ravel() for one in np.meshgrid(np.arange(8.0), np.arange(8.0)))
    y = np.where(a < 4, 10.0, np.where(b < 4, 50 + a, 90)) + 0.1 * np.sin(99 * a + 7 * b)
    found = segments(np.stack([a, b], axis=1), y)
    assert found is not None
    parts = [{"low" if a[k] < 4 else "near" if b[k] < 4 else "far" for k in group.tolist()}
             for group in found.groups]  # fmt: skip
    assert parts == [{"low"}, {"near"}, {"far"}]


def test_groups_of_one_law_are_no_regimes() -> None:
    rows = np.arange(40)
    line = 3 * STEPS + 1 + NOISE
    assert refined(STEPS[:, None], line, ["x"], FEW, 0, (rows[:20], rows[20:])) is None


def test_regimes_with_noise_are_found_where_they_beat_one_formula() -> None:
    x, y = STEPS[:, None], TENT + NOISE
    found = find_regimes(x, y, ["x"], FEW, 0, True, fit_of(Const(40), x, y, ["x"]))
    assert found is not None and found.loss == pytest.approx(0.01, rel=0.5)
    assert isinstance(found.expr, If) and found.expr.condition == Call("lt", (Var("x"), Const(20)))
    answers = values(found.expr, {"x": STEPS})
    assert np.abs(answers - TENT).max() < 0.5, expr_text(found.expr)


def test_regimes_that_are_longer_than_one_formula_are_not_looked_for() -> None:
    x, line = STEPS[:, None], 3 * STEPS + 1
    best = fit_of(Call("add", (Call("mul", (Const(3), Var("x"))), Const(1))), x, line, ["x"])
    assert find_regimes(x, line, ["x"], FEW, 0, True, best) is None


@pytest.mark.parametrize(
    "answers, constant",
    [([2.0, 2.0 + 1e-12], Const(2)), ([0.25, 0.25], Const(0.25)), ([1.0, 2.0], None)],
)
def test_equal_answers_are_a_level(answers: list[float], constant: Const | None) -> None:
    assert level(np.array(answers), 1e-9) == constant


def test_the_mean_is_told_to_as_few_digits_as_its_error_allows() -> None:
    assert level_of(np.array([4.9, 5.2, 4.8, 5.0])) == Const(5)
    assert level_of(np.array([0.24, 0.26, 0.25, 0.25])) == Const(0.25)


def test_a_quick_look_finds_an_exact_formula_or_none() -> None:
    x = np.linspace(1, 5, 30)[:, None]
    square = exact_formula(x, x[:, 0] ** 2, ["x"], OPERATORS, 0, 1e-9, 0.0)
    assert square is not None and values(square, {"x": np.array([7.0])}).tolist() == [49]
    assert exact_formula(x, np.full(30, 3.0), ["x"], OPERATORS, 0, 1e-9, 0.0) == Const(3)
    rough = np.random.default_rng(0).standard_normal(30)
    assert exact_formula(x, rough, ["x"], OPERATORS, 0, 1e-9, 0.0) is None


def test_an_exact_formula_is_settled_on_all_its_rows() -> None:
    x = np.linspace(1, 5, 30)
    long = Call("add", (Call("mul", (Const(2.0000000001), Var("x"))), Const(1e-13)))
    short = settled(long, x[:, None], 2 * x, ["x"], 0)
    assert expr_text(short) in ("(2 * x)", "(x + x)", "(x * 2)")
    assert settled(Const(4), x[:, None], 2 * x, ["x"], 0) == Const(4)
    assert settled(long, x[:2, None], 2 * x[:2], ["x"], 0) == long  # two rows tell nothing


def test_few_rows_or_one_answer_are_told_by_their_mean() -> None:
    x = np.arange(5.0)[:, None]
    assert likely_formula(x, x[:, 0] * 2, ["x"], OPERATORS, 0) == level_of(x[:, 0] * 2)
    assert likely_formula(x, np.full(5, 7.0), ["x"], OPERATORS, 0) == Const(7)


def test_labels_of_a_cut_split_between_its_rows() -> None:
    tree = Cut(((0, 1), (1, -1)), 0.0, 1.0, RegimeLeaf(1), RegimeLeaf(0))
    x = np.array([[1.0, 1.0], [3.0, 2.0], [1.0, 4.0]])
    assert labels_of(tree, x).tolist() == [1, 0, 1]
