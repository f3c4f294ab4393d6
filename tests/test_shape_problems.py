"""The drafted shape and ranking problems: their oracles agree with hand-written solvers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import ranking_problems
import shape_problems
from shape_references import RANKING, SHAPES

from deepdistill.problem import Problem

FAMILIES = {**dict.fromkeys(SHAPES, shape_problems), **dict.fromkeys(RANKING, ranking_problems)}


def cases() -> list[tuple[str, Problem, Callable[..., Any]]]:
    references = {**SHAPES, **RANKING}
    return [(name, FAMILIES[name].find(name), solve) for name, solve in references.items()]


@pytest.mark.parametrize(("name", "problem", "reference"), cases())
def test_the_oracle_is_the_reference(
    name: str, problem: Problem, reference: Callable[..., Any]
) -> None:
    if problem.oracle is None:
        pytest.skip(f"{name} is labelled by how its pictures are drawn")
    rng = np.random.default_rng(0)
    shapes = (*problem.training_shapes, *(s for s in problem.check_shapes if max(s) < 100))
    compared = 0
    for shape in shapes:
        for _ in range(40):
            (array,) = problem.draw(rng, shape)
            answer = problem.oracle(array)
            if np.min(answer) < -9999:  # the promise of a majority is not kept
                continue
            assert np.asarray(answer).tolist() == reference(array.tolist())
            compared += 1
    assert compared > 40
