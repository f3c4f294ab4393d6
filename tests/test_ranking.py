"""Ranking: the problems, their solvers at a hundred times the size, and a user's own lists."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from effort import tries
from gallery import OUTPUTS, committed
from hypothesis import given, settings
from hypothesis import strategies as st
from shape_references import RANKING

import deepdistill as dd
from deepdistill.data import catalogue
from deepdistill.data.problem import Axis, InputError, Problem
from deepdistill.forms import form_of_task
from deepdistill.verify.certificate import Certificate

LISTS = st.one_of(
    st.lists(st.integers(-9999, 9999), min_size=1, max_size=12),
    st.lists(st.integers(-1, 1), min_size=1, max_size=12),
)


def promised(problem: Problem, numbers: list[int]) -> bool:
    return problem.promise is None or bool(problem.promise(np.array(numbers)))


@pytest.mark.parametrize("name", RANKING)
@given(numbers=LISTS)
@settings(max_examples=tries(200), deadline=None)
def test_oracle_reference_and_solver_agree(name: str, numbers: list[int]) -> None:
    problem = catalogue.find(name)
    if not promised(problem, numbers):
        return
    assert problem.oracle is not None
    expected = RANKING[name](list(numbers))
    assert problem.oracle(np.array(numbers)).tolist() == expected
    assert committed(name)(numbers) == expected


@pytest.mark.parametrize("name", RANKING)
def test_training_lists_are_short_and_show_ties(name: str) -> None:
    problem = catalogue.find(name)
    assert form_of_task(problem).name == "set"
    assert {size for (size,) in problem.training_shapes} == {4, 5, 6}
    training, held_out = problem.examples(seed=0)
    assert sum(map(len, (*training, *held_out))) == problem.training_count
    for group in training:
        (numbers,) = group.inputs
        distinct = {len(set(row)) for row in numbers.tolist()}
        assert len(distinct) > 1
        assert group.output.shape == (len(group), *group.shape)[: group.output.ndim]
        answered = [promised(problem, row) for row in numbers.tolist()]
        assert answered == (
            [True] * len(group) if group.answered is None else group.answered.tolist()
        )
        assert all(answered) == (problem.promise is None)


@pytest.mark.parametrize("name", RANKING)
def test_solvers_are_right_at_a_hundred_times_the_size(name: str) -> None:
    problem, solve = catalogue.find(name), committed(name)
    rng = np.random.default_rng(7)
    for size in (600, 601, 1000):
        for _ in range(5):
            (numbers,) = problem.draw(rng, (size,))
            if problem.promise is None or problem.promise(numbers):
                assert solve(numbers.tolist()) == RANKING[name](numbers.tolist())


@pytest.mark.parametrize("name", RANKING)
def test_the_committed_certificates_hold(name: str) -> None:
    certificate = Certificate.read(OUTPUTS / name / "certificate.json")
    assert certificate.ok
    assert (1000,) in certificate.correct.sizes
    statuses = [claim.status for claim in certificate.claims.values()]
    assert statuses == ["proved", "proved", "sampled"]


def test_no_majority_is_no_answer() -> None:
    with pytest.raises(ValueError):
        committed("majority_element")([1, 2, 3])


# A user's own lists


def own(answer: Any, count: int = 160, size: int = 5, spread: int = 40) -> tuple[Any, Any]:
    x = np.random.default_rng(3).integers(-spread, spread + 1, (count, size))
    return x, np.array([answer(row) for row in x])


def test_pairs_about_a_set_are_distilled() -> None:
    x, y = own(lambda row: np.sort(row)[::-1])
    result = dd.distill(Problem.from_arrays(x, y, "set", "descending"))
    assert result.certificate.ok
    assert result.certificate.correct.status == "evidence"
    assert "pairs of size 5 alone were shown" in " ".join(result.certificate.sentences())
    assert result.solve([3, 1, 2, 3, -(2**31), 0, 2**31]) == [2**31, 3, 3, 2, 1, 0, -(2**31)]


def test_what_no_network_explains_is_marked() -> None:
    x, _ = own(max)
    y = np.random.default_rng(0).integers(0, 1000, len(x))
    result = dd.distill(Problem.from_arrays(x, y, "set"))
    assert result.certificate.correct.status == "failed"
    assert not result.certificate.ok


@pytest.mark.parametrize(
    ("x", "y", "low", "high", "axes"),
    [
        ([[0, 1], [1, 0]], [1, 0], 0, 1, ()),
        ([[0, 1], [1, 1]], [1, 2], 0, 2**31, ()),
        ([[0, 1], [1, 1]], [-1, 2], -(2**31), 2**31, ()),
        ([[0, 1], [1, 1]], [[0, 1], [1, 1]], 0, 1, (Axis("set"),)),
    ],
)
def test_outputs_follow_the_labels(x: Any, y: Any, low: int, high: int, axes: Any) -> None:
    output = Problem.from_arrays(x, y, "set").output
    assert (output.domain.low, output.domain.high, output.axes) == (low, high, axes)


def test_numbers_are_those_that_were_shown() -> None:
    few = Problem.from_arrays([[0, 3], [3, 3]], [0, 1], "set").inputs[0].domain
    assert (few.low, few.high) == (0, 3)
    many = Problem.from_arrays([[0, 30], [30, 30]], [0, 1], "set").inputs[0].domain
    assert (many.low, many.high) == (0, 30)


LINE = np.arange(10).reshape(2, 5) * 1000


@pytest.mark.parametrize(
    ("x", "y", "axes", "sentence"),
    [
        (LINE, LINE[:, :3], "set", "y has the shape"),
        (LINE, LINE[:1], "set", "y has the shape"),
        (LINE, [1, 2, 3], "set", "y has the shape"),
        ([[1, 2], [1]], [1, 2], "set", "ragged"),
        (LINE[:1], [1], "set", "one sample is not enough"),
        (LINE, [1.5, 2], "set", "not integers"),
        (LINE * 10**9, [1, 2], "set", "beyond 2"),
        (LINE[[0, 0]], [1, 2], "set", "same input and different outputs"),
        (LINE, [1, 2], "set set", "2 dimensions"),
        (LINE // 1000, [1, 2], "sequence", "sequences have the shape"),
        (np.arange(40).reshape(2, 20) * 1000, [1, 2], "grid", "states may span"),
        ({"a": LINE, "b": LINE}, [1, 2], {"a": "set", "b": "set"}, "one input"),
    ],
)
def test_unusable_lists_are_refused(x: Any, y: Any, axes: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Problem.from_arrays(x, y, axes)
