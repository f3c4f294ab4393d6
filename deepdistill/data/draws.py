"""Inputs of a size that only a page asks for, drawn from a problem with their right answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from .problem import IntArray, Problem, Shape

_TRIES = 40


class NotDrawn(ValueError):
    """A problem's own sampler or oracle refused a size that only this page asks for."""


def drawn_input(
    problem: Problem, rng: np.random.Generator, shape: Shape, k: int
) -> tuple[tuple[IntArray, ...], Any]:
    """The k-th input of a size and its right answer, None where no oracle knows it.

    Inputs without a right answer are drawn again, as long as there is hope. Raises
    :class:`NotDrawn` where the problem draws nothing of that size.
    """
    try:
        if problem.families:
            drawers = list(problem.families.values())
            return drawers[k % len(drawers)](rng, shape)
        inputs = problem.draw(rng, shape)
        for _ in range(_TRIES):
            if problem.promise is None or problem.promise(*inputs):
                break
            inputs = problem.draw(rng, shape)
        return inputs, None if problem.oracle is None else problem.oracle(*inputs)
    except Exception as error:  # whatever a user's function raises: the page does without
        raise NotDrawn(f"no input of size {shape}") from error
