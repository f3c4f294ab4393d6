"""Networks of one weighted sum: found where there is one, exact, and none for noise."""

from __future__ import annotations

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

import deepdistill as dd
from deepdistill.data.problem import Problem
from deepdistill.learn.one_sum import LARGEST, of_numbers, one_sum
from deepdistill.learn.orbits import Structure, structures


def cells(states: int, count: int = 30, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, states, (count, 12))


def around(x: np.ndarray) -> list[np.ndarray]:
    """Before, itself, after: on a ring."""
    return [np.roll(x, 1, axis=1), x, np.roll(x, -1, axis=1)]


def by_offsets(problem: Problem) -> Structure:
    return next(s for s in structures(problem) if s.radius == 1 and s.sharing == "offsets")


def line(x: np.ndarray, y: np.ndarray) -> Problem:
    return Problem.from_arrays(x, y, axes="grid(wrap)", name="mine")


@settings(max_examples=tries(40))
@given(
    st.integers(2, 5),
    st.lists(st.integers(-LARGEST, LARGEST), min_size=3, max_size=3).filter(any),
    st.integers(2, 5),
)
def test_sums_with_any_answer_are_found(states: int, weights: list[int], modulus: int) -> None:
    x = cells(states)
    y = sum(w * part for w, part in zip(weights, around(x), strict=True)) % modulus
    if len(np.unique(y)) < 2:
        return
    problem = line(x, y)
    structure = of_numbers(by_offsets(problem))
    found = one_sum(structure, problem.inputs, problem.given, np.unique(y))
    assert found is not None
    rows, (hidden, last) = found
    assert (np.unique(y)[last.fire(hidden.fire(rows.x))[:, 0].astype(int)] == rows.y).all()
    assert (hidden.weights == np.round(hidden.weights)).all()


def test_noise_has_no_sum() -> None:
    x = cells(3)
    table = np.random.default_rng(1).integers(0, 3, (3, 3, 3))
    problem = line(x, table[tuple(around(x))])
    structure = of_numbers(by_offsets(problem))
    assert one_sum(structure, problem.inputs, problem.given, np.arange(3)) is None


def test_a_remainder_goes_on_where_no_sum_was_shown() -> None:
    x = cells(7)
    x = x[(sum(around(x)) < 18).all(axis=1)]
    problem = line(x, sum(around(x)) % 7)
    structure = of_numbers(by_offsets(problem))
    found = one_sum(structure, problem.inputs, problem.given, np.arange(7))
    assert found is not None
    hidden, last = found[1]
    assert last.fire(hidden.fire(np.array([[6.0, 6.0, 6.0]])))[0, 0] == 18 % 7


@pytest.mark.parametrize("modulus", [4])
def test_sums_modulo_a_number_become_one_line(modulus: int) -> None:
    x = np.random.default_rng(2).integers(0, modulus, (30, 6, 7))
    beside = sum(np.roll(x, d, axis=a) for d in (1, -1) for a in (1, 2))
    y = (beside + x) % modulus
    result = dd.distill(Problem.from_arrays(x, y, axes="grid(wrap) grid(wrap)", name="mine"))
    assert result.certificate.ok and result.certificate.scalable.status == "proved"
    assert f"% {modulus}" in result.code and " if " not in result.code.split("solve =")[0][-400:]
    large = np.random.default_rng(3).integers(0, modulus, (40, 50))
    wanted = (sum(np.roll(large, d, axis=a) for d in (1, -1) for a in (0, 1)) + large) % modulus
    assert result.solve(large.tolist()) == wanted.tolist()
