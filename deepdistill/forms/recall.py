"""The problem that a certificate speaks of, found again or made up from its network."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from ..data import catalogue
from ..data.problem import InputError, Problem
from ..verify.certificate import Certificate

LARGEST_INPUT = 3 * 10**7
"""So many cells an input may have at most."""

"""What is said of *correct* where no oracle was asked, whatever problem has the same name."""


def known_problem(certificate: Certificate, network: Any) -> Problem:
    """The built-in problem that the certificate names, or one without oracle for the network.

    The network has ports: ``inputs`` and ``output``.
    """
    try:
        problem = catalogue.find(certificate.problem)
    except InputError:
        problem = None
    if (
        problem is not None
        and not certificate.correct.by_examples
        and (problem.inputs, problem.output.domain) == (network.inputs, network.output.domain)
    ):
        return problem
    dimensions = len(network.inputs[0].axes)
    one_size = certificate.scalable.status == "not applicable"
    for claim in (certificate.faithful, *(() if one_size else (certificate.scalable,))):
        if not claim.run_sizes or not all(
            len(size) == dimensions and 0 < prod(size) <= LARGEST_INPUT for size in claim.run_sizes
        ):
            raise InputError("the certificate names sizes that do not fit its network")
    return Problem(
        name=certificate.problem,
        inputs=network.inputs,
        output=network.output,
        training_shapes=certificate.faithful.run_sizes,
        check_shapes=() if one_size else certificate.scalable.run_sizes,
    )


def resized_problem(problem: Problem, size: int) -> Problem:
    """The problem, checked at ``size`` places along each axis of any size."""
    axes = problem.inputs[0].axes
    if size < 1 or size ** len(axes) > LARGEST_INPUT:
        raise InputError(f"the size {size} is not usable: give a number of cells along one side")
    return replace(problem, check_shapes=(tuple(axis.size or size for axis in axes),))


_MOST_CELLS_RECORDED = 400


def recorded_pairs(problem: Problem, seed: int) -> tuple[tuple[tuple[Any, ...], Any], ...]:
    """A few held-out pairs as nested lists."""
    training, held_out = problem.examples(seed)
    held_out = problem.reserved[1] or held_out
    pairs: list[tuple[tuple[Any, ...], Any]] = []
    for group in held_out or training:
        cells = sum(array[0].size for array in (*group.inputs, group.output))
        if group.answered is not None:
            group = group.take(np.flatnonzero(group.answered))
        for k in range(min(2, len(group), _MOST_CELLS_RECORDED // max(1, cells))):
            pairs.append((tuple(a[k].tolist() for a in group.inputs), group.output[k].tolist()))
    return tuple(pairs)
