"""Take the noise out of the weights of a dense network: small integers where they give it again.

Weights that differ by noise only stand in clusters, narrow and far apart. The centres of a layer's
clusters are multiples of one number more often than not; the signs of its units do not change when
a row is divided by it. Every rounding is measured: ``tolerance`` is the largest relative change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, log2
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .network import DenseLayer, DenseNetwork

Numbers: TypeAlias = NDArray[Any]

_NOISE = (1e-14, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3)
_LARGEST_INTEGER = 10**6
_DENOMINATORS = 24
_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Snapped:
    """A network with rounded weights, the largest relative change of one, in each layer."""

    network: DenseNetwork
    tolerances: tuple[float, ...]

    @property
    def tolerance(self) -> float:
        return max(self.tolerances, default=0.0)


def snap_dense(network: DenseNetwork) -> Snapped:
    """The network with the simplest weights near the given ones; those without any stay."""
    layers, tolerances = [], []
    for layer in network.layers:
        snapped = _snap(layer)
        layers.append(snapped or layer)
        tolerances.append(0.0 if snapped is None else rounding(layer, snapped))
    return Snapped(DenseNetwork(network.shape, tuple(layers), network.domain), tuple(tolerances))


def keep_given(snapped: Snapped, given: DenseNetwork, layer: int) -> Snapped:
    """The same, with one layer as it was given."""
    layers, tolerances = list(snapped.network.layers), list(snapped.tolerances)
    layers[layer], tolerances[layer] = given.layers[layer], 0.0
    network = DenseNetwork(given.shape, tuple(layers), given.domain)
    return Snapped(network, tuple(tolerances))


def rounding(given: DenseLayer, snapped: DenseLayer) -> float:
    """The largest relative change of a weight or bias, a common factor of a row left aside."""
    before, after = _rows(given), _rows(snapped)
    scale = np.array([row_scale(a, b) for a, b in zip(before, after, strict=True)])
    if given.activation not in ("sign", "step"):
        scale[:] = row_scale(before.ravel(), after.ravel())
    if given.activation in ("softmax", "linear"):
        scale[:] = 1.0
    change = np.abs(before - scale[:, None] * after)
    nonzero = before != 0
    return float((change[nonzero] / np.abs(before[nonzero])).max(initial=0.0))


def row_scale(given: Numbers, snapped: Numbers) -> float:
    """The factor that takes the snapped weights of a row back to the given ones."""
    nonzero = snapped != 0
    if not nonzero.any():
        return 1.0
    return float(np.median(given[nonzero] / snapped[nonzero]))


def _rows(layer: DenseLayer) -> Numbers:
    return np.concatenate([layer.weights, layer.bias[:, None]], axis=1)


def _snap(layer: DenseLayer) -> DenseLayer | None:
    rows = _rows(layer)
    if layer.activation in ("softmax", "linear"):
        snapped = _decimals(rows)
    elif layer.activation == "argmax":
        snapped = _integers(rows)
        if snapped is None:
            snapped = _whole_decimals(rows)
    else:
        snapped = _integers(rows)
        if snapped is None:
            by_row = [_row(row) for row in rows]
            if all(row is None for row in by_row):
                return None
            pairs = zip(rows, by_row, strict=True)
            snapped = np.stack([given if row is None else row for given, row in pairs])
        # whole numbers say how they grow with the size: a factor that is divided out is no law
        whole = (rows == np.round(rows)).all(axis=1) & (np.abs(rows) < 2**53).all(axis=1)
        each = zip(rows, snapped, whole.tolist(), strict=True)
        snapped = np.stack([row if kept else _lowest_terms(one) for row, one, kept in each])
    if snapped is None:
        return None
    return DenseLayer(snapped[:, :-1], snapped[:, -1], layer.activation)


def _row(row: Numbers) -> Numbers | None:
    snapped = _integers(row[None])
    snapped = _whole_decimals(row[None]) if snapped is None else snapped
    return None if snapped is None else snapped[0]


def _lowest_terms(row: Numbers) -> Numbers:
    if not (row == np.round(row)).all():
        return row
    common = int(np.gcd.reduce(np.abs(row).astype(np.int64)))
    return row / common if common > 1 else row


@dataclass(frozen=True, slots=True, eq=False)
class _Clusters:
    """Centres of the absolute values, how uncertain each one is, and each value's cluster."""

    centres: Numbers
    errors: Numbers
    counts: Numbers
    labels: Numbers


def _clusters(values: Numbers) -> Iterator[tuple[float, _Clusters]]:
    """Ways to see positive values as few numbers with noise, the least noise first."""
    order = np.argsort(values)
    ordered = values[order]
    gaps = np.diff(ordered) / ordered[:-1] if len(ordered) > 1 else np.zeros(0)
    most = max(8, int(2 * np.sqrt(len(values))))
    seen = -1
    for noise in _NOISE:
        breaks = np.flatnonzero(gaps > noise)
        if len(breaks) >= most or len(breaks) == seen:
            continue
        starts = np.concatenate([[0], breaks + 1])
        ends = np.concatenate([breaks + 1, [len(ordered)]])
        widths = ordered[ends - 1] / ordered[starts] - 1
        if widths.max() > 14 * noise or gaps[breaks].min(initial=inf) < 3 * widths.max():
            continue
        seen = len(breaks)
        counts = ends - starts
        centres = np.add.reduceat(ordered, starts) / counts
        labels = np.empty(len(values), dtype=np.int64)
        labels[order] = np.repeat(np.arange(len(starts)), counts)
        squares = (values - centres[labels]) ** 2
        spread = np.sqrt(np.bincount(labels, squares) / counts) / centres
        usual = float(np.sqrt((squares / centres[labels] ** 2).mean()))
        errors = 4 * np.maximum(spread, usual) / np.sqrt(counts) + 1e-14
        yield noise, _Clusters(centres, errors, counts, labels)
        if 2 * len(starts) <= len(values):
            return  # values that repeat this often are meant, however near to one another


def _integers(rows: Numbers) -> Numbers | None:
    """The rows as integers that are proportional to them but for noise."""
    whole = (rows == np.round(rows)).all() and np.abs(rows).max(initial=0) <= _LARGEST_INTEGER
    if whole:
        return rows + 0.0
    nonzero = rows != 0
    values = np.abs(rows[nonzero])
    for _, clusters in _clusters(values):
        integers = _multiples(clusters)
        if integers is not None:
            result = np.zeros_like(rows)
            result[nonzero] = np.sign(rows[nonzero]) * integers[clusters.labels]
            return result
    return None


def _multiples(clusters: _Clusters) -> Numbers | None:
    """Integers in the proportions of the centres, where that is no coincidence."""
    if len(clusters.centres) == 1:
        return np.ones(1)
    surest = np.argsort(clusters.errors, kind="stable")[:4]
    for denominator in range(1, _DENOMINATORS + 1):
        for base in sorted({int(np.argmin(clusters.centres)), *surest.tolist()}):
            ratio = clusters.centres / (clusters.centres[base] / denominator)
            integers = np.round(ratio)
            window = ratio * (clusters.errors + clusters.errors[base])
            if integers.min() < 1 or integers.max() > _LARGEST_INTEGER:
                continue
            if (np.abs(ratio - integers) > window + 1e-12 * ratio).any():
                continue
            others = np.delete(np.minimum(2 * window, 1.0), base)
            evidence = -float(np.log2(np.maximum(others, 1e-12)).sum())
            if evidence > 3 + 2 * log2(denominator):
                common = np.gcd.reduce(integers.astype(np.int64))
                found_integers: Numbers = integers / common
                return found_integers
    return None


def _decimals(rows: Numbers) -> Numbers | None:
    """Each cluster's shortest decimal number; exact values stay as they are."""
    nonzero = rows != 0
    if not nonzero.any():
        return None
    for noise, groups in _clusters(np.abs(rows[nonzero])):
        numbers = [
            _shortest(centre, max(error, 1e-15))
            for centre, error in zip(groups.centres.tolist(), groups.errors.tolist(), strict=True)
        ]
        if noise > _NOISE[0] or all(len(repr(x)) <= _MOST_DIGITS + 2 for x in numbers):
            result = np.zeros_like(rows)
            result[nonzero] = np.sign(rows[nonzero]) * np.array(numbers)[groups.labels]
            return result
    return None


def _whole_decimals(rows: Numbers) -> Numbers | None:
    """Rows of short decimal numbers times a power of ten."""
    for digits in range(1, _MOST_DIGITS + 1):
        scaled = rows * 10.0**digits
        near = np.round(scaled)
        if np.abs(near).max(initial=0) > _LARGEST_INTEGER * 1000:
            return None
        if (np.abs(scaled - near) <= 1e-12 * np.abs(scaled)).all():
            return near + 0.0
    return None


def _shortest(value: float, error: float) -> float:
    for digits in range(1, 17):
        short = float(f"{value:.{digits}g}")
        if abs(short - value) <= error * value:
            return short
    return value
