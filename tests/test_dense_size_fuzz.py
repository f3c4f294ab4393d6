"""Random networks described for any size, condensed from two sizes: right at a third one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pytest

from deepdistill.forms.dense.answers import agree, plain_answer
from deepdistill.forms.dense.given import rounded
from deepdistill.forms.dense.network import DenseLayer, DenseNetwork
from deepdistill.forms.dense.samples import samples
from deepdistill.forms.dense.scaled_lift import NotAligned, lift_two
from deepdistill.target.dense_source import Architecture, dense_solver
from deepdistill.target.source import Provenance
from deepdistill.verify.solver import load_solver

IN_THE_SUITE, BY_OPTION = 20, 2040
CHUNK = 20

Shape: TypeAlias = tuple[int, ...]
Law: TypeAlias = Callable[[Shape], int]


@dataclass(frozen=True)
class Term:
    """``factor`` times a region: for each axis of a source a pair of bounds for a coordinate."""

    source: int
    factor: Law
    sides: tuple[Callable[[int, int], tuple[int, int]], ...]


@dataclass(frozen=True)
class UnitGroup:
    """Units along axes of the input, the terms they add up and their bias."""

    axes: tuple[int, ...]
    terms: tuple[Term, ...]
    bias: Law


@dataclass(frozen=True)
class Recipe:
    """A network for any shape."""

    dimensions: int
    layers: tuple[tuple[tuple[UnitGroup, ...], str], ...]
    head: tuple[tuple[int, ...], ...]

    def network(self, shape: Shape, rng: np.random.Generator | None = None) -> DenseNetwork:
        """The network for one shape, its units in any order where a generator is given."""
        sources = [np.arange(int(np.prod(shape))).reshape(shape)]
        over = [tuple(range(self.dimensions))]
        layers = []
        for groups, activation in self.layers:
            width = sum(source.size for source in sources)
            rows, biases, arrays = [], [], []
            for group in groups:
                lengths = tuple(shape[axis] for axis in group.axes)
                units = np.arange(int(np.prod(lengths))).reshape(lengths) + len(rows)
                for place in np.ndindex(*lengths):
                    row = np.zeros(width)
                    for term in group.terms:
                        source = sources[term.source]
                        box = []
                        for axis, side in zip(over[term.source], term.sides, strict=True):
                            own = place[group.axes.index(axis)] if axis in group.axes else 0
                            a, b = side(own, shape[axis])
                            box.append(slice(max(a, 0), max(b, 0)))
                        row[source[tuple(box)].ravel()] += term.factor(shape)
                    rows.append(row)
                    biases.append(float(group.bias(shape)))
                arrays.append(units)
            order = np.arange(len(rows)) if rng is None else rng.permutation(len(rows))
            place_of = np.argsort(order)
            layers.append(
                DenseLayer(np.array(rows)[order], np.array(biases)[order], activation)  # type: ignore
            )
            sources, over = [place_of[array] for array in arrays], [g.axes for g in groups]
        width = sum(source.size for source in sources)
        last = np.zeros((len(self.head), width))
        for row, factors in zip(last, self.head, strict=True):
            for factor, source in zip(factors, sources, strict=True):
                row[source.ravel()] = factor
        layers.append(DenseLayer(last, np.zeros(len(self.head)), "argmax"))
        return DenseNetwork(shape, tuple(layers))


def random_recipe(rng: np.random.Generator) -> Recipe:
    dimensions = int(rng.choice([1, 2, 2]))
    over = [tuple(range(dimensions))]
    layers = []
    for _ in range(int(rng.integers(1, 3))):
        groups = tuple(random_group(rng, over, dimensions) for _ in range(int(rng.integers(1, 4))))
        layers.append((groups, str(rng.choice(["sign", "step"]))))
        over = [group.axes for group in groups]
    outputs = int(rng.choice([2, 2, 3]))
    head = tuple(tuple(rng.integers(-2, 3, len(over)).tolist()) for _ in range(outputs))
    return Recipe(dimensions, tuple(layers), head)


def random_group(
    rng: np.random.Generator, over: list[tuple[int, ...]], dimensions: int
) -> UnitGroup:
    choices: list[tuple[int, ...]] = [(), (0,)]
    if dimensions == 2:
        choices += [(1,), (0, 1), (0,), (1,)]
    axes = choices[int(rng.integers(len(choices)))]
    terms = []
    for _ in range(int(rng.integers(1, 4))):
        source = int(rng.integers(len(over)))
        sides = tuple(random_side(rng, axis in axes) for axis in over[source])
        terms.append(Term(source, random_factor(rng, dimensions), sides))
    return UnitGroup(axes, tuple(terms), random_bias(rng, dimensions))


def random_side(rng: np.random.Generator, own: bool) -> Callable[[int, int], tuple[int, int]]:
    kinds = ["all", "all", "from", "until", "first", "last"]
    kind = str(rng.choice([*kinds, "at", "at", "at", "after", "before", "next"] if own else kinds))
    k = int(rng.integers(0, 3))
    match kind:
        case "all":
            return lambda i, n: (0, n)
        case "from":
            return lambda i, n: (k, n)
        case "until":
            return lambda i, n: (0, n - k)
        case "first":
            return lambda i, n: (k, k + 1)
        case "last":
            return lambda i, n: (n - 1 - k, n - k)
        case "at":
            return lambda i, n: (i, i + 1)
        case "after":
            return lambda i, n: (i + 1, n)
        case "before":
            return lambda i, n: (0, i)
        case _:
            return lambda i, n: (i + 1, i + 2)


def random_factor(rng: np.random.Generator, dimensions: int) -> Law:
    c = int(rng.choice([-3, -2, -1, 1, 1, 2]))
    axis = int(rng.integers(dimensions))
    step = int(rng.choice([-1, 0, 1]))
    if rng.random() < 0.75:
        return lambda shape: c
    return lambda shape: c * (shape[axis] + step)


def random_bias(rng: np.random.Generator, dimensions: int) -> Law:
    c = int(rng.integers(-3, 4))
    axis, other = (int(k) for k in rng.integers(0, dimensions, 2))
    sign = int(rng.choice([-1, 1]))
    kinds: list[Law] = [
        lambda shape: c,
        lambda shape: sign * (shape[axis] + c),
        lambda shape: sign * (2 * shape[axis] - 1),
        lambda shape: sign * shape[axis] * (shape[other] - 1),
    ]
    return kinds[int(rng.choice([0, 0, 1, 2, 3]))]


def outcome(seed: int) -> str:
    """``right`` at a third size, ``refused``, or what is wrong."""
    rng = np.random.default_rng([seed, 99])
    recipe = random_recipe(rng)
    shapes = [(8, 12), (5, 7), (7, 10)] if recipe.dimensions == 2 else [(10,), (7,), (13,)]
    shuffle = rng if rng.random() < 0.6 else None
    first, second = (rounded(recipe.network(shape, shuffle))[0] for shape in shapes[:2])
    try:
        scaled = lift_two(first, second, "fuzzed", "cells")
    except NotAligned:
        return "refused"
    built = Architecture((), "argmax", tuple(shapes[:2]), scaled.least, scaled.alike)
    source = dense_solver(scaled.program, Provenance(""), built, formatted=False)
    solve = load_solver(source.encode(), "fuzzed")
    for shape in (*shapes, tuple(max(3, n) for n in scaled.least)):
        network = recipe.network(shape)
        for cells in samples(network, 30, seed):
            expected = plain_answer(network, network.run(cells[None].astype(float))[0])
            if not agree(network, expected, solve(cells.tolist())):
                return f"seed {seed}: wrong at {shape}"
    return "right"


def count(seeds: range) -> tuple[Counter[str], list[str]]:
    found = [outcome(seed) for seed in seeds]
    return Counter(found), [text for text in found if text not in ("right", "refused")]


@pytest.mark.parametrize("start", range(0, IN_THE_SUITE, CHUNK))
def test_programs_of_two_sizes_hold_at_a_third(start: int) -> None:
    counts, wrong = count(range(start, start + CHUNK))
    assert wrong == []
    assert counts["right"] >= 0.6 * CHUNK


@pytest.mark.slow
@pytest.mark.parametrize("start", range(IN_THE_SUITE, IN_THE_SUITE + BY_OPTION, CHUNK))
def test_thousands_of_programs_of_two_sizes(start: int) -> None:
    _, wrong = count(range(start, start + CHUNK))
    assert wrong == []
