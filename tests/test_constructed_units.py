"""Grids of many states: networks that are constructed, exact on all rows, and none for noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

import deepdistill as dd
from deepdistill.data.problem import Problem
from deepdistill.learn.one_sum import affine_sum, of_numbers, of_values, one_by_one
from deepdistill.learn.orbits import Rows, Structure, structures, tabulate
from deepdistill.learn.order_statistics import order_statistic
from deepdistill.learn.tree_units import tree_units
from deepdistill.units.groups import UnitGroup

Array = np.ndarray


def cells(states: int, count: int = 40, seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(0, states, (count, 16))


def around(x: Array) -> Array:
    """Before, itself, after, on a ring: (3, samples, cells)."""
    return np.stack([np.roll(x, 1, axis=1), x, np.roll(x, -1, axis=1)])


def line(x: Array, y: Array) -> Problem:
    return Problem.from_arrays(x, y, axes="grid(wrap)", name="mine")


def by_offsets(problem: Problem) -> Structure:
    return next(s for s in structures(problem) if s.radius == 1 and s.sharing == "offsets")


def answers(groups: tuple[UnitGroup, ...], rows: Rows, states: Array) -> Array:
    x = rows.x
    for group in groups:
        x = group.fire(x)
    return states[x[:, 0].astype(int)]


@settings(max_examples=tries(20))
@given(
    st.lists(st.integers(0, 2), min_size=3, max_size=3).filter(any),
    st.integers(0, 5),
    st.integers(3, 10),
)
def test_numbers_by_their_rank_are_found(weights: list[int], rank: int, states: int) -> None:
    x = cells(states)
    repeated = np.repeat(around(x), weights, axis=0)
    y = np.sort(repeated, axis=0)[rank % len(repeated)]
    problem, known = line(x, y), np.unique(y)
    found = order_statistic(of_numbers(by_offsets(problem)), problem.inputs, problem.given, known)
    assert found is not None
    rows, groups = found
    assert (answers(groups, rows, known) == rows.y).all()


def test_cells_that_share_a_weight_are_ranked_one_by_one() -> None:
    x = cells(8)
    problem = line(x, np.min([np.roll(x, k, axis=1) for k in (-2, -1, 0, 1, 2)], axis=0))
    shared = next(s for s in structures(problem) if s.radius == 2 and s.sharing == "neighbours")
    known = np.unique(problem.given[0].output)
    told = (problem.inputs, problem.given, known)
    assert order_statistic(of_numbers(shared), *told) is None
    found = order_statistic(one_by_one(of_numbers(shared)), *told)
    assert found is not None and (answers(found[1], found[0], known) == found[0].y).all()


def test_what_is_no_number_that_was_read_has_no_rank() -> None:
    x = cells(5)
    problem = line(x, (around(x).sum(axis=0) + 1) % 5)
    numbers = of_numbers(by_offsets(problem))
    assert order_statistic(numbers, problem.inputs, problem.given, np.arange(5)) is None


@settings(max_examples=tries(20))
@given(st.lists(st.integers(-2, 3), min_size=6, max_size=6))
def test_answers_that_are_sums_of_values_are_found(worth: list[int]) -> None:
    x = cells(6)
    y = np.array(worth)[x] + 2 * (np.roll(x, 1, axis=1) >= 4)
    known = np.unique(y)
    if len(known) < 3:
        return
    problem = line(x, y)
    values = of_values(by_offsets(problem), problem.inputs)
    found = affine_sum(values, problem.inputs, problem.given, known)
    assert found is not None
    rows, groups = found
    assert (answers(groups, rows, known) == rows.y).all()


def test_cases_become_a_tree_and_noise_does_not() -> None:
    x = cells(7)
    y = np.where(x == 3, np.roll(x, 1, axis=1) // 4, np.where(x == 6, 0, x))
    problem, known = line(x, y), np.unique(y)
    values = of_values(by_offsets(problem), problem.inputs, zero=True)
    rows = tabulate(problem.inputs, values, problem.given)
    groups = tree_units(rows, known)
    assert groups is not None and (answers(groups, rows, known) == rows.y).all()
    noise = np.random.default_rng(1).integers(0, 7, len(rows))
    assert tree_units(Rows(rows.x, noise, 0), np.arange(7)) is None
    assert tree_units(Rows(rows.x, noise, 3), np.arange(7)) is None


def sandpile(x: Array) -> Array:
    falls = (x >= 4).astype(int)
    beside = sum(np.roll(falls, step, axis=axis) for step in (1, -1) for axis in (-2, -1))
    return np.asarray(x - 4 * falls + beside)


def cyclic(x: Array) -> Array:
    after = (x + 1) % 8
    beside = [np.roll(x, step, axis=-1) == after for step in (1, -1)]
    return np.where(beside[0] | beside[1], after, x)


@pytest.mark.parametrize(
    ("rule", "shape", "axes", "states", "text"),
    [
        (lambda x: around(x).max(axis=0), (40, 16), "grid(wrap)", 10, "max(left, center, right)"),
        (lambda x: around(x).sum(axis=0) // 3, (60, 20), "grid(wrap)", 10, "total // 3"),
        (sandpile, (10, 8, 8), "grid(wrap) grid(wrap)", 8, "- 4"),
        (cyclic, (40, 16), "grid(wrap)", 8, ""),
    ],
    ids=["largest", "divided", "sandpile", "cyclic"],
)
def test_rules_of_many_states_are_exact(
    rule: Callable[[Array], Array], shape: tuple[int, ...], axes: str, states: int, text: str
) -> None:
    x = np.random.default_rng(0).integers(0, states, shape)
    result = dd.distill(Problem.from_arrays(x, rule(x), axes=axes, name="mine"))
    assert result.certificate.ok and text in str(result.program)
    fresh = np.random.default_rng(1).integers(0, states, (1, *(2 * n for n in shape[1:])))
    if text.startswith("total"):
        fresh[fresh == 9] = 8  # an answer of 9 was never shown
    assert result.solve(fresh[0].tolist()) == rule(fresh)[0].tolist()
