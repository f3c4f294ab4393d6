"""Cases in which a result claimed more than its examples bear, or was refused badly."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import deepdistill as dd
from deepdistill.verify.evidence import Evidence


def test_a_question_about_pictures_that_wrap_around_is_refused_in_a_sentence() -> None:
    x = np.random.default_rng(0).integers(0, 2, (40, 4, 4))
    with pytest.raises(dd.InputError, match="grid.bounded. for each dimension"):
        dd.Problem.from_arrays(x, x.any(axis=(1, 2)), axes="grid(wrap) grid(wrap)")


def test_a_state_that_only_last_steps_reach_is_one_of_which_nothing_is_known() -> None:
    x = np.array(list(product((0, 1), repeat=5)))
    y = np.cumsum(x, axis=1)
    evidence = correct_of(dd.Problem.from_arrays(x, y, axes="sequence"))
    (sentence,) = (s for s in evidence.unknown if "transitions" in s)
    assert "state 5 with input 0" in sentence


def correct_of(problem: dd.Problem) -> Evidence:
    """What the examples of a problem bear."""
    found = dd.distill(problem).certificate.correct.evidence
    assert found is not None
    return found
