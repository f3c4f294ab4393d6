"""Inputs on which a dense network and its program are compared: random, plain, and near ties."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import inf, prod
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .network import DenseLayer, DenseNetwork

Arrays: TypeAlias = NDArray[np.int64]

_SHARES = (0.5, 0.1, 0.9, 0.02, 0.3, 0.7)
_STEPS = 24  # how many cells are changed to bring a sum nearer to 0


def samples(network: DenseNetwork, count: int, seed: int) -> Arrays:
    """Inputs of all kinds in turn: (count, *shape)."""
    rng = np.random.default_rng([seed, 5])
    kinds = [_random, _sparse, _boxes, _near_tie]
    drawn = [_constant(network, network.domain.low), _constant(network, network.domain.high)]
    while len(drawn) < count:
        drawn.append(kinds[len(drawn) % len(kinds)](network, rng))
    return np.stack(drawn[:count])


def every_input(network: DenseNetwork) -> Iterator[Arrays]:
    """All inputs there are, one by one."""
    values = network.domain.values
    for cells in product(values, repeat=prod(network.shape)):
        yield np.array(cells, dtype=np.int64).reshape(network.shape)


def input_count(network: DenseNetwork) -> float:
    """How many inputs there are."""
    cells = prod(network.shape)
    return float(len(network.domain)) ** cells if cells < 100 else inf


def _constant(network: DenseNetwork, value: int) -> Arrays:
    return np.full(network.shape, value, dtype=np.int64)


def _random(network: DenseNetwork, rng: np.random.Generator) -> Arrays:
    """Each cell with some probability other than its usual value."""
    share = _SHARES[int(rng.integers(len(_SHARES)))]
    domain = network.domain
    base = _constant(network, domain.low)
    others = rng.integers(domain.low, domain.high, network.shape, endpoint=True)
    if len(domain) == 2:
        others = _constant(network, domain.high)
    return np.where(rng.random(network.shape) < share, others, base)


def _sparse(network: DenseNetwork, rng: np.random.Generator) -> Arrays:
    """Few cells other than the rest."""
    domain = network.domain
    ends = [domain.low, domain.high] if rng.random() < 0.7 else [domain.high, domain.low]
    result = _constant(network, ends[0])
    for _ in range(int(rng.integers(1, 5))):
        result[tuple(int(rng.integers(n)) for n in network.shape)] = ends[1]
    return result


def _boxes(network: DenseNetwork, rng: np.random.Generator) -> Arrays:
    """Rows, columns and boxes of one value."""
    domain = network.domain
    result = _constant(network, domain.low)
    for _ in range(int(rng.integers(1, 4))):
        box = []
        for n in network.shape:
            a, b = sorted(rng.integers(0, n + 1, 2).tolist())
            kind = rng.random()
            box.append(slice(a, a + 1) if kind < 0.4 else slice(a, b) if kind < 0.6 else slice(n))
        result[tuple(box)] = int(rng.integers(domain.low, domain.high, endpoint=True))
    return result


def _near_tie(network: DenseNetwork, rng: np.random.Generator) -> Arrays:
    """An input on which one unit of the first layer has a sum as near to 0 as can be."""
    start = _random(network, rng)
    layer = network.layers[0]
    unit = int(rng.integers(len(layer.bias)))
    return _towards_zero(layer, unit, start.ravel(), network.domain.values).reshape(network.shape)


def _towards_zero(layer: DenseLayer, unit: int, x: Arrays, values: range) -> Arrays:
    weights, x = layer.weights[unit], x.copy()
    total = float(weights @ x + layer.bias[unit])
    steps = np.array([values[0], values[-1]])
    for _ in range(_STEPS):
        if total == 0:
            break
        totals = total + weights[:, None] * (steps[None, :] - x[:, None])
        best = int(np.argmin(np.abs(totals)))
        cell, end = divmod(best, 2)
        if abs(totals[cell, end]) >= abs(total):
            break
        total = float(totals[cell, end])
        x[cell] = steps[end]
    return x
