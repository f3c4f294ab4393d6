"""A recurrent network at many sequences at once, and the sequences for which it is wrong."""

from __future__ import annotations

from typing import assert_never

import numpy as np

from ..network import Feature, Lag, Product, RecurrentNetwork, Register
from .update import IntArray, cell_values


def run_together(network: RecurrentNetwork, x: IntArray) -> IntArray:
    """The outputs (samples, length, channels) for inputs shaped alike, in 64-bit integers."""
    samples, length = x.shape[:2]
    old = [np.full(samples, value, dtype=np.int64) for value in network.initial]
    result = np.empty((samples, length, len(network.outputs)), dtype=np.int64)
    for t in range(length):
        new = list(old)
        rows = np.empty((samples, len(network.features)), dtype=np.int64)
        for k, feature in enumerate(network.features):
            rows[:, k] = _read(feature, x, t, old, new)
        for index, cell in enumerate(network.updates):
            new[index] = cell_values(cell, rows)
            for k, feature in enumerate(network.features):
                sides = (
                    (feature.left, feature.right) if isinstance(feature, Product) else (feature,)
                )
                if Register(index, updated=True) in sides:
                    rows[:, k] = _read(feature, x, t, old, new)
        for channel, cell in enumerate(network.outputs):
            result[:, t, channel] = cell_values(cell, rows)
        old = new
    return result


def _read(
    feature: Feature, x: IntArray, t: int, old: list[IntArray], new: list[IntArray]
) -> IntArray:
    match feature:
        case Lag(steps, channel):
            return x[:, t - steps, channel] if t >= steps else np.zeros(len(x), dtype=np.int64)
        case Register(index, updated):
            return new[index] if updated else old[index]
        case Product(left, right):
            return _read(left, x, t, old, new) * _read(right, x, t, old, new)
        case _:
            assert_never(feature)
