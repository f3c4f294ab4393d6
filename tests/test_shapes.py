"""Shapes: the problems, their solvers at a hundred times the size, strokes family by family."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from effort import tries
from gallery import OUTPUTS, committed
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from shape_references import SHAPES

import deepdistill as dd
from deepdistill.data import catalogue
from deepdistill.data.problem import Problem
from deepdistill.forms import form_of_task
from deepdistill.verify.certificate import Certificate
from problems.shapes import STROKES, draw_stroke

PICTURES = array_shapes(min_dims=2, max_dims=2, max_side=7).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(0, 1))
)
QUESTIONS = tuple(name for name in SHAPES if name != "orientation")


@pytest.mark.parametrize("name", QUESTIONS)
@given(picture=PICTURES)
@settings(max_examples=tries(200), deadline=None)
def test_oracle_reference_and_solver_agree(name: str, picture: Any) -> None:
    oracle = catalogue.find(name).oracle
    assert oracle is not None
    expected = SHAPES[name](picture.tolist())
    assert oracle(picture).tolist() == expected
    assert committed(name)(picture.tolist()) == expected


@pytest.mark.parametrize("name", QUESTIONS)
def test_oracle_reference_and_solver_agree_on_drawn_pictures(name: str) -> None:
    problem, solve = catalogue.find(name), committed(name)
    assert problem.oracle is not None
    rng = np.random.default_rng(11)
    answers = set()
    for shape in ((5, 6), (6, 5), (1, 4), (9, 2), (37, 53)):
        for _ in range(60):
            (picture,) = problem.draw(rng, shape)
            expected = SHAPES[name](picture.tolist())
            assert solve(picture.tolist()) == problem.oracle(picture) == expected
            answers.add(expected)
    assert len(answers) > 1


@pytest.mark.parametrize("name", QUESTIONS)
def test_training_pictures_are_small(name: str) -> None:
    problem = catalogue.find(name)
    assert form_of_task(problem).name == "set"
    assert max(max(shape) for shape in problem.training_shapes) <= 6
    training, _ = problem.examples(seed=0)
    assert all(len(np.unique(group.output)) > 1 for group in training)


@pytest.mark.parametrize("name", QUESTIONS)
def test_solvers_are_right_at_a_hundred_times_the_size(name: str) -> None:
    problem, solve = catalogue.find(name), committed(name)
    assert problem.oracle is not None
    rng = np.random.default_rng(7)
    for _ in range(4):
        (picture,) = problem.draw(rng, (600, 600))
        assert solve(picture.tolist()) == problem.oracle(picture)


@pytest.mark.parametrize("name", SHAPES)
def test_the_committed_certificates_hold(name: str) -> None:
    certificate = Certificate.read(OUTPUTS / name / "certificate.json")
    assert certificate.ok
    statuses = [claim.status for claim in certificate.claims.values()]
    assert statuses == ["proved", "proved", "sampled"]


# Orientation


def test_orientation_learns_from_56_pictures() -> None:
    problem = catalogue.find("orientation")
    assert form_of_task(problem).name == "sized"
    (examples,), held_out = problem.examples(seed=0)
    assert not held_out
    assert examples.inputs[0].shape == (56, 28, 28)
    pictures = examples.inputs[0]
    assert len(np.unique(pictures, axis=0)) == 56
    assert np.bincount(examples.output).tolist() == [28, 28]
    for picture, label in zip(pictures, examples.output, strict=True):
        assert picture.sum() == 28
        assert picture.sum(axis=0 if label else 1).max() == 28


@pytest.mark.parametrize("family", STROKES)
@pytest.mark.parametrize("shape", [(28, 28), (100, 100), (7, 7)])
def test_strokes_of_every_family_are_told_apart(family: str, shape: tuple[int, int]) -> None:
    solve = committed("orientation")
    rng = np.random.default_rng(99)
    count = 500 if shape[0] < 100 else 60
    right = plain = 0
    for _ in range(count):
        picture, label = draw_stroke(rng, shape, family)
        right += solve(picture.tolist()) == label
        plain += SHAPES["orientation"](picture.tolist()) == label
    assert right >= 0.99 * count
    assert right >= plain


def test_the_certificate_tells_the_families() -> None:
    correct = Certificate.read(OUTPUTS / "orientation" / "certificate.json").correct
    assert correct.sizes == ((28, 28), (100, 100), (7, 7))
    assert correct.examples >= 8 * (500 + 100 + 500)
    assert "the plain rule is nowhere better" in correct.note
    assert all(family in correct.note for family in STROKES)


# A user's own pictures


def test_pairs_of_pictures_and_answers_are_distilled() -> None:
    rng = np.random.default_rng(5)
    x = (rng.random((200, 5, 6)) < rng.random((200, 1, 1))).astype(int)
    result = dd.distill(Problem.from_arrays(x, x.sum(axis=(1, 2)), "grid grid", "live_cells"))
    assert result.certificate.ok
    assert result.solve([[1, 1, 0], [0, 1, 1]]) == 4
