"""Cases in which a result claimed more than its examples bear, or was refused badly."""

from __future__ import annotations

import numpy as np
import pytest

import deepdistill as dd


def test_a_question_about_pictures_that_wrap_around_is_refused_in_a_sentence() -> None:
    x = np.random.default_rng(0).integers(0, 2, (40, 4, 4))
    with pytest.raises(dd.InputError, match="grid.bounded. for each dimension"):
        dd.Problem.from_arrays(x, x.any(axis=(1, 2)), axes="grid(wrap) grid(wrap)")
