"""Essence networks of one set of pictures at several sizes, cut out of the same pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from ...data.problem import Examples, InputError, Problem
from ...data.running import Run
from ...units.groups import IntArray
from .essence import essence_network
from .network import DenseNetwork
from .sized import SizedNetwork

_SMALLEST = 4  # cells along an axis
_MOST_SIZES = 3


@dataclass(frozen=True, slots=True, eq=False)
class EssenceFitted:
    """Networks for the examples' own size and smaller ones, exact on all of their pictures."""

    network: SizedNetwork
    attempts: tuple[str, ...]


def fit_essence(problem: Problem, run: Run | None = None) -> EssenceFitted:
    """Build the essence network of the examples, and of their corners half as long, and again.

    The smaller ones show which of its numbers follow the size; nothing but the examples goes into
    them. Raises :class:`InputError` for examples that it cannot take.
    """
    run = run or Run()
    training, _ = problem.examples(run.seed)
    if len(problem.inputs) != 1 or len(training) != 1 or problem.output.axes:
        raise InputError(
            "the essence trainer takes examples of one input and one size with one number as "
            "answer: leave out trainer for others"
        )
    states = np.unique(training[0].output)
    networks: list[DenseNetwork] = []
    attempts: list[str] = []
    examples: Examples | None = training[0]
    while examples is not None and len(networks) < _MOST_SIZES:
        size = " x ".join(map(str, examples.shape))
        run.say(f"{len(examples)} examples of {size}")
        networks.append(essence_network(examples.inputs[0], examples.output, check=run.check))
        units = ", ".join(str(len(layer.bias)) for layer in networks[-1].layers)
        attempts.append(f"essence of {len(examples)} examples of {size}: {units} units, exact")
        fitted = partial(_fitted, problem, states, tuple(networks), tuple(attempts))
        run.keep(fitted, f"an exact network for {size}")
        examples = _corner(examples)
    return fitted()


def _fitted(
    problem: Problem,
    states: IntArray,
    networks: tuple[DenseNetwork, ...],
    attempts: tuple[str, ...],
) -> EssenceFitted:
    labels = tuple(int(state) for state in states)
    return EssenceFitted(SizedNetwork(problem.inputs, problem.output, labels, networks), attempts)


def _corner(examples: Examples) -> Examples | None:
    """What is left of the examples in their first corner, half as long along each axis.

    Equal ones count once, those that no longer tell which class they are of not at all. None where
    too little is left.
    """
    shape = tuple(size // 2 for size in examples.shape)
    if min(shape) < _SMALLEST:
        return None
    cut = examples.inputs[0][(slice(None), *(slice(size) for size in shape))]
    labels: dict[bytes, set[int]] = {}
    first: dict[bytes, int] = {}
    for k, (picture, label) in enumerate(zip(cut, examples.output, strict=True)):
        key = picture.tobytes()
        labels.setdefault(key, set()).add(int(label))
        first.setdefault(key, k)
    kept = [k for key, k in first.items() if len(labels[key]) == 1]
    corner = Examples((cut[kept],), examples.output[kept])
    same = len(kept) and np.array_equal(np.unique(corner.output), np.unique(examples.output))
    return corner if same else None
