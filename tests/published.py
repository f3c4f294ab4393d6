"""Two published networks, rebuilt from their description; units in order, shuffled, with noise."""

from __future__ import annotations

import numpy as np

from deepdistill.forms.dense.network import DenseLayer, DenseNetwork


def orientation(n: int = 28, a: float = 0.0508) -> DenseNetwork:
    """Is the stroke in an n × n picture vertical (class 0) or horizontal (class 1)?"""
    first = np.zeros((n, n, n, n))
    for i in range(n):
        first[i, :, :, i] += 1.0  # column i
        first[:, i, i, :] -= 1.0  # row i
    second = np.full((2, n, n, n), -(n - 1) * a)
    for i in range(n):
        second[0, i, i, :] = a
    second[1] = (n - 1) * a
    for i in range(n):
        second[1, i, :, i] = -a
    last = 0.206 * np.repeat([[1.0, -1.0], [-1.0, 1.0]], n, axis=1)
    bias = np.full(2 * n, -(n - 1) * n * a)
    return DenseNetwork(
        (n, n),
        (
            DenseLayer(first.reshape(n * n, n * n), np.zeros(n * n), "sign"),
            DenseLayer(second.reshape(2 * n, n * n), bias, "sign"),
            DenseLayer(last, np.zeros(2), "argmax"),
        ),
    )


def max_sat(literals: int = 10, clauses: int = 50) -> DenseNetwork:
    """Which of two outputs a table of literals × clauses gets, as probabilities."""
    m = clauses
    first = np.zeros((6, m, literals, m))
    bias = np.zeros((6, m))
    for i in range(m):
        first[0, i, 2:, i] = -2
        first[1, i, 2:, i] = 2
        first[2, i, 0, i], first[2, i, 1, i], first[2, i, 2:, i] = -16, 16, 2
        first[3, i, 0, i], first[3, i, 1, i], first[3, i, 2:, i] = 16, -16, 2
        first[4, i, 0, i] += 2
        first[4, i, 1, 0] -= 1
        first[5, i, 1, i] += 2
        first[5, i, 0, 0] -= 1
    bias[0], bias[1], bias[2], bias[3] = 1, -1, -1, -1
    d = np.eye(m)
    zero = np.zeros((m, m))
    second = np.block(
        [
            [d, zero, zero, zero, zero, 2 * d],
            [zero, d, d, zero, zero, zero],
            [d, zero, zero, zero, 2 * d, zero],
            [zero, d, zero, d, zero, zero],
        ]
    )
    last = np.repeat([-10, -2.29756, 10, 2.29756], m)
    return DenseNetwork(
        (literals, clauses),
        (
            DenseLayer(first.reshape(6 * m, literals * m), bias.ravel(), "sign"),
            DenseLayer(second, np.repeat([-2.0, -1.0, -2.0, -1.0], m), "sign"),
            DenseLayer(np.stack([last, -last]), np.zeros(2), "softmax"),
        ),
    )


def shuffled(network: DenseNetwork, seed: int = 0) -> DenseNetwork:
    """The same network with the units of each hidden layer in another order."""
    rng = np.random.default_rng(seed)
    layers, before = [], None
    for k, layer in enumerate(network.layers):
        weights = layer.weights if before is None else layer.weights[:, before]
        before = np.arange(len(weights))
        if k < len(network.layers) - 1:
            before = rng.permutation(len(weights))
        layers.append(DenseLayer(weights[before], layer.bias[before], layer.activation))
    return DenseNetwork(network.shape, tuple(layers))


def noisy(network: DenseNetwork, noise: float, seed: int = 0) -> DenseNetwork:
    """The same network with every weight and bias off by a normal relative error."""
    rng = np.random.default_rng(seed)

    def blur(x: np.ndarray) -> np.ndarray:
        return x * (1 + noise * rng.standard_normal(x.shape))

    layers = tuple(DenseLayer(blur(r.weights), blur(r.bias), r.activation) for r in network.layers)
    return DenseNetwork(network.shape, layers)
