"""Sums of exponentials, oscillations, waves, rates that no library has, as networks show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.formula.symbolic.arrays import complexity
from deepdistill.formula.symbolic.backend import OPERATORS, Fit
from deepdistill.formula.symbolic.constants import mean_square
from deepdistill.formula.symbolic.data import FitRows
from deepdistill.formula.symbolic.exponentials import exponential_sums, oscillations
from deepdistill.formula.symbolic.knee import knee
from deepdistill.formula.symbolic.neighbours import freed
from deepdistill.formula.symbolic.sparse import Sparse
from deepdistill.formula.symbolic.targets import targets, views
from deepdistill.formula.symbolic.work import proposed
from deepdistill.ir.constants import free_constants
from deepdistill.ir.expr import Call, Const, walk
from deepdistill.ir.parse import parse_expr

RNG = np.random.default_rng(3)
ONES = np.ones(120)
OFF = 1e-5  # of the range, smooth: what a network is off


def least(law: Callable[..., Any], ends: list[tuple[float, float]], target: str, size: int) -> Fit:
    """The closest of the formulas up to a size that one target proposes."""
    rng = np.random.default_rng(3)
    x = np.stack([rng.uniform(*end, 300) for end in ends], axis=1)
    y = law(*x.T)
    y = y + OFF * np.ptp(y) * np.sin(x @ np.array([3.0, 4.0])[: len(ends)])
    names = ["x", "t"][: len(ends)]
    table = FitRows.of(x, y, names, 0, None, 0.0)
    aim = next(one for one in targets(views(x, y, names), y) if one.name == target)
    fits = proposed(Sparse(), aim, OPERATORS, 0.01, 0, table)
    best = min((fit for fit in fits if fit.complexity <= size), key=lambda fit: fit.loss)
    return Fit(best.expr, best.loss / table.variance, best.complexity, best.backend)


@pytest.mark.parametrize(
    ("law", "ends", "target", "size"),
    [
        (lambda x: 1.7 * np.cosh(x / 1.7), [(-2, 2)], "y", 13),
        (lambda x: 2 * (np.exp(-0.4 * x) - np.exp(-1.9 * x)), [(0, 6)], "y", 13),
        (lambda x: 1 / np.cosh(1.4 * x), [(-3, 3)], "1/y", 15),
        (lambda x: 2 * np.log(np.cosh(1.1) / np.cosh(1.1 - 2.2 * x)), [(0, 1)], "1/exp y", 17),
        (lambda x, t: 0.65 / np.cosh(0.57 * (x - 1.3 * t)) ** 2, [(-4, 6), (0, 2)], "1/sqrt y", 23),
        (lambda x, t: (1 + np.exp(0.4 * x - 0.83 * t)) ** -2.0, [(-3, 6), (0, 2)], "1/sqrt y", 17),
    ],
    ids=["catenary", "two decays", "sech", "log cosh", "soliton", "squared wave"],
)
def test_laws_of_exponentials_leave_what_the_network_is_off(
    law: Any, ends: Any, target: str, size: int
) -> None:
    found = least(law, ends, target, size)
    assert found.loss < 100 * OFF**2, found


def test_only_one_variable_and_an_exponential_that_is_allowed() -> None:
    x, y = RNG.uniform(0, 1, 50), RNG.uniform(0, 1, 50)
    ones = np.ones(50)
    for proposer in (exponential_sums, oscillations):
        assert not proposer({"x": x}, ["x"], ("add",), y, ones)
        assert not proposer({"x": x, "t": y}, ["x", "t"], OPERATORS, y, ones)
        assert not proposer({"x": 0 * x}, ["x"], OPERATORS, y, ones)


@given(st.floats(0.5, 15), st.floats(-3, 3), st.floats(-4, 4), st.floats(0.1, 9), st.floats(-2, 2))
@settings(max_examples=30, deadline=None)
def test_an_oscillation_is_found_whatever_its_frequency_damping_and_phase(
    frequency: float, damping: float, phase: float, size: float, start: float
) -> None:
    x = np.linspace(1, 3, 120)
    y = size * np.exp(damping * x) * np.sin(frequency * x + phase)
    y += start * np.std(y)
    found = [mean_square(e, {"x": x}, y) for e in oscillations({"x": x}, ["x"], OPERATORS, y, ONES)]
    assert min(found) < 1e-6 * np.var(y)


def test_an_oscillation_at_a_right_angle_has_no_phase() -> None:
    x = np.linspace(1, 3, 120)
    laws: dict[str, Any] = {
        "sin": 3 * np.sin(np.pi * x),
        "cos": -2 * np.cos(4 * x) * np.exp(-x),
    }
    for text, law in laws.items():
        found = oscillations({"x": x}, ["x"], OPERATORS, law, ONES)
        exact = [e for e in found if mean_square(e, {"x": x}, law) < 1e-20]
        shortest = min(exact, key=complexity)
        assert len(free_constants(shortest)) == 2 + (text == "cos")
        assert any(isinstance(node, Call) and node.op == text for node in walk(shortest))


def test_without_exponentials_there_is_no_damping() -> None:
    x = np.linspace(1, 3, 120)
    for expr in oscillations({"x": x}, ["x"], ("sin", "cos"), np.exp(-x) * np.sin(3 * x), ONES):
        assert not any(isinstance(node, Call) and node.op == "exp" for node in walk(expr))


@pytest.mark.parametrize(
    "x",
    [
        np.linspace(1e15, 1e15 + 1e3, 40),
        np.linspace(800.0, 801.0, 40),
        np.linspace(1e300, 1.5e308, 40),
        np.repeat([-1.7e308, 0.0, 1.7e308], 13),
        np.linspace(1e-321, 1e-320, 40),
    ],
    ids=["far from 0", "near enough", "huge", "wider than floats", "too narrow"],
)
def test_sums_that_overflow_are_left_out_without_a_warning(x: Any) -> None:
    several: list[Any] = [np.exp(-np.arange(len(x)) / 8), 1e200 * np.arange(len(x))]
    for y in several:
        for proposer in (exponential_sums, oscillations):
            for expr in proposer({"x": x}, ["x"], OPERATORS, y, np.ones(len(x))):
                assert mean_square(expr, {"x": x}, y) < np.inf


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("exp(x)", "exp((1.001 * x))"),
        ("exp((x + (-1 * t)))", "exp(((1.001 * x) + (-1.001 * t)))"),
        ("(2.0 * sin((0.5 * x)))", "(2.0 * sin((0.5 * x)))"),
        ("((x + t) ** 2)", "((x + t) ** 2)"),
    ],
)
def test_factors_of_one_inside_functions_become_constants(before: str, after: str) -> None:
    def read(text: str) -> Any:
        return parse_expr(text.replace("exp", "math.exp").replace("sin", "math.sin"))

    assert freed(read(before)) == read(after)


def test_a_row_that_saves_nothing_is_no_foot_of_a_fall() -> None:
    """From the constant the second falls 0.63 a node, the last 0.7 a node from it."""
    rows = [(1, 1.0), (8, 0.98), (13, 5e-4), (23, 1.8e-6), (35, 4e-10), (58, 4e-11)]
    fits = [Fit(Const(float(size)), loss, size, "") for size, loss in rows]
    best = knee(fits, 1.0, False)
    assert best is not None and best.complexity == 35


def test_a_fall_after_which_many_nodes_save_nothing_comes_before_a_steeper_one() -> None:
    """The front of a soliton: one node of an approximation saves 3 nats, the law 10 in four."""
    rows = [(6, 3.1e-2), (10, 1.3e-2), (11, 1.6e-3), (12, 1.8e-4), (13, 1.3e-5), (14, 5.1e-6),
            (15, 2.8e-7), (17, 2.2e-7), (20, 1.6e-8), (21, 1.1e-8), (23, 2e-11)]  # fmt: skip
    fits = [Fit(Const(float(size)), loss, size, "") for size, loss in rows]
    for last, size, is_clear in ((25, 15, False), (33, 23, True)):
        front = [*fits, Fit(Const(0.0), 1.98e-11, last, "")]
        best = knee(front, 0.05, False)
        assert best is not None and best.complexity == size
        assert (knee(front, 0.05, True) == best) == is_clear
