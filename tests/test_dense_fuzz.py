"""Random networks of slice terms: the condensed program answers as the network does, always."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pytest

from deepdistill.forms.dense.answers import agree, plain_answer
from deepdistill.forms.dense.given import rounded
from deepdistill.forms.dense.lift import lift_dense
from deepdistill.forms.dense.network import DenseLayer, DenseNetwork
from deepdistill.forms.dense.reduce import reduce
from deepdistill.forms.dense.samples import every_input, input_count, samples
from deepdistill.target.dense_source import Architecture, dense_solver
from deepdistill.target.source import Provenance
from deepdistill.verify.solver import load_solver

IN_THE_SUITE, BY_OPTION = 50, 4250
CHUNK = 25
NOISE = (0.0, 0.0, 0.0, 1e-9, 1e-6, 1e-3)


@dataclass(frozen=True)
class Case:
    """A random network: without noise, and as it is given to the condenser."""

    clean: DenseNetwork
    given: DenseNetwork
    noise: float


def random_case(seed: int) -> Case:
    """One to three layers of one to three groups, shuffled, scaled and noisy in some cases."""
    rng = np.random.default_rng([seed, 77])
    shape = tuple(int(n) for n in rng.integers(2, 7, int(rng.choice([1, 2, 2, 2, 3]))))
    if len(shape) == 3:
        shape = tuple(min(n, 4) for n in shape)
    sources = [np.arange(int(np.prod(shape))).reshape(shape)]
    layers = []
    for _ in range(int(rng.integers(0, 3))):
        rows, bias, sources = random_layer(rng, sources)
        layers.append(DenseLayer(rows, bias, str(rng.choice(["sign", "step"]))))  # type: ignore
    head = str(rng.choice(["argmax", "softmax", "linear"]))
    layers.append(random_head(rng, sources, head))
    clean = DenseNetwork(shape, tuple(layers))
    given = clean
    if rng.random() < 0.6:
        given = shuffle(rng, clean)
    clean = given
    noise = float(rng.choice(NOISE))
    scaled = rng.random() < 0.4
    given = DenseNetwork(
        shape, tuple(disturbed(rng, layer, noise, scaled) for layer in given.layers)
    )
    return Case(clean, given, noise)


def random_layer(
    rng: np.random.Generator, sources: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    width = sum(source.size for source in sources)
    rows, biases, arrays = [], [], []
    for _ in range(int(rng.integers(1, 4))):
        own_rows, own_biases, own_shape = random_group(rng, sources, width)
        arrays.append(np.arange(len(own_rows)).reshape(own_shape) + len(rows))
        rows += own_rows
        biases += own_biases
    return np.array(rows), np.array(biases), arrays


def random_group(
    rng: np.random.Generator, sources: list[np.ndarray], width: int
) -> tuple[list[np.ndarray], list[float], tuple[int, ...]]:
    """Units of one template at all values of its coordinates."""
    lengths: list[int] = []
    terms = []
    for _ in range(int(rng.integers(1, 4))):
        source = sources[int(rng.integers(len(sources)))]
        sides = [random_side(rng, n, lengths) for n in source.shape]
        coefficient = int(rng.choice([-16, -5, -3, -2, -1, 1, 1, 2, 3, 7]))
        terms.append((source, coefficient, sides))
    lengths = lengths or [1]
    while np.prod(lengths) > 60:
        lengths[int(np.argmax(lengths))] -= 1
    bias = float(rng.integers(-3, 4))
    slope = float(rng.choice([0, 0, 0, 0, 1, -2]))
    rows, biases = [], []
    for point in product(*map(range, lengths)):
        row = np.zeros(width)
        for source, coefficient, sides in terms:
            box = tuple(slice(*side(point)) for side in sides)
            row[source[box].ravel()] += coefficient
        rows.append(row)
        biases.append(bias + slope * point[0])
    if rng.random() < 0.15:  # units left out: the coordinates fill no array
        keep = np.flatnonzero(rng.random(len(rows)) < 0.7)
        if len(keep):
            return [rows[k] for k in keep], [biases[k] for k in keep], (len(keep),)
    return rows, biases, tuple(lengths)


def random_side(rng: np.random.Generator, n: int, lengths: list[int]) -> Any:
    """The extent of a region along one axis, as a function of the unit's coordinates."""
    kind = str(rng.choice(["all", "all", "fixed", "from", "until", "range", "at", "at", "window"]))
    if kind == "all":
        return lambda p: (0, n)
    a, b = sorted(rng.integers(0, n + 1, 2).tolist())
    if kind == "fixed":
        return lambda p: (min(a, n - 1), min(a, n - 1) + 1)
    if kind == "range":
        return lambda p: (a, b)
    known = [k for k, length in enumerate(lengths) if length == n]
    if known and rng.random() < 0.5:
        k = int(rng.choice(known))
    else:
        k = len(lengths)
        lengths.append(n)
    step = int(rng.choice([0, 0, 0, 1, -1]))
    match kind:
        case "at":
            return lambda p: (max(p[k] + step, 0), max(p[k] + step + 1, 0))
        case "from":
            return lambda p: (max(p[k] + step, 0), n)
        case "until":
            return lambda p: (0, max(p[k] + step, 0))
        case _:
            return lambda p: (max(p[k] - 1, 0), p[k] + 2)


def random_head(rng: np.random.Generator, sources: list[np.ndarray], head: str) -> DenseLayer:
    width = sum(source.size for source in sources)
    outputs = int(rng.choice([1, 2, 2, 3, 4]))
    rows = np.zeros((outputs, width))
    numbers = [-10, -2.29756, -1, 0, 1, 2, 0.5, 10]
    if head == "argmax":
        numbers = [-10, -2, -1, 0, 1, 2, 3]
    for row in rows:
        for source in sources:
            row[source.ravel()] = float(rng.choice(numbers))
    if outputs == 2 and rng.random() < 0.5:
        rows[1] = -rows[0]
    return DenseLayer(rows, rng.integers(-2, 3, outputs).astype(float), head)  # type: ignore


def shuffle(rng: np.random.Generator, network: DenseNetwork) -> DenseNetwork:
    layers, before = [], np.arange(int(np.prod(network.shape)))
    for k, layer in enumerate(network.layers):
        weights = layer.weights[:, before]
        last = k == len(network.layers) - 1
        before = np.arange(len(weights)) if last else rng.permutation(len(weights))
        layers.append(DenseLayer(weights[before], layer.bias[before], layer.activation))
    return DenseNetwork(network.shape, tuple(layers))


def disturbed(
    rng: np.random.Generator, layer: DenseLayer, noise: float, scaled: bool
) -> DenseLayer:
    weights, bias = layer.weights, layer.bias
    if scaled and layer.activation in ("sign", "step", "argmax"):
        factor = float(rng.choice([0.0508, 3.7, 1 / 3]))
        weights, bias = weights * factor, bias * factor
    if noise:
        weights = weights * (1 + noise * rng.standard_normal(weights.shape))
        bias = bias * (1 + noise * rng.standard_normal(bias.shape))
    return DenseLayer(weights, bias, layer.activation)


def wrong_answers(seed: int) -> str:
    """What is wrong with the program of one random network; nothing where all is right."""
    case = random_case(seed)
    network, _ = rounded(case.given)
    lifted = lift_dense(reduce(network).network, "fuzzed", network.domain, "cells")
    built = Architecture((), network.layers[-1].activation)
    source = dense_solver(lifted.program, Provenance(""), built, formatted=False)
    solve = load_solver(source.encode(), "fuzzed")
    if input_count(case.given) <= 256:
        inputs = np.stack(list(every_input(case.given)))
    else:
        inputs = samples(case.given, 60, seed + 1000)
    answers = network.run(inputs.astype(float))
    for cells, answer in zip(inputs, answers, strict=True):
        expected = plain_answer(network, answer)
        if not agree(network, expected, solve(cells.tolist())):
            return f"seed {seed}: {cells.tolist()} should give {expected}"
    if case.noise == 0:
        exact = case.clean.run(inputs.astype(float))
        if case.clean.layers[-1].activation != "argmax":
            return "" if np.allclose(exact, answers) else f"seed {seed}: weights were lost"
        return "" if (exact == answers).all() else f"seed {seed}: weights were lost"
    return ""


@pytest.mark.parametrize("start", range(0, IN_THE_SUITE, CHUNK))
def test_random_networks_of_slice_terms(start: int) -> None:
    assert [w for seed in range(start, start + CHUNK) if (w := wrong_answers(seed))] == []


@pytest.mark.slow
@pytest.mark.parametrize("start", range(IN_THE_SUITE, IN_THE_SUITE + BY_OPTION, CHUNK))
def test_thousands_of_random_networks(start: int) -> None:
    assert [w for seed in range(start, start + CHUNK) if (w := wrong_answers(seed))] == []
