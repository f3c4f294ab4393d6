"""Leave out units of a dense network that another one stands for: exact, whatever the inputs.

A unit with the weights of another one is the same number; a ``sign`` unit with the opposite weights
is its negative; a unit without weights is a constant; a unit that nothing reads does not matter.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .network import DenseLayer, DenseNetwork

Table: TypeAlias = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Stand:
    """What stands for a unit: ``factor`` times a unit that is left, plus ``constant``."""

    unit: int | None
    factor: int
    constant: float


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """A network without superfluous units; for each hidden layer, what stands for its units.

    ``constants`` has for each of them the sums of units without weights that were read, in order.
    """

    network: DenseNetwork
    stands: tuple[tuple[Stand | None, ...], ...]
    constants: tuple[tuple[float, ...], ...]


def reduce(network: DenseNetwork) -> Reduced:
    """The same answers from fewer units; None stands for units that nothing reads."""
    layers = list(network.layers)
    stands: list[list[Stand | None]] = []
    constants: list[tuple[float, ...]] = []
    for k in range(len(layers) - 1):
        kept, merged = _merged(layers[k])
        known = set(np.flatnonzero(layers[k + 1].weights.any(axis=0)).tolist())
        alone = [u for u, stand in enumerate(merged) if stand.unit is None and u in known]
        sums = {float(layers[k].bias[unit]) for unit in alone}
        constants.append(tuple(sorted(sums)))
        layers[k + 1] = _rewired(layers[k + 1], merged, kept)
        layers[k] = _part(layers[k], kept)
        place = {unit: p for p, unit in enumerate(kept)}
        stands.append(
            [Stand(None if s.unit is None else place[s.unit], s.factor, s.constant) for s in merged]
        )
    for k in reversed(range(len(layers) - 1)):
        read = layers[k + 1].weights.any(axis=0)
        kept = np.flatnonzero(read).tolist()
        layers[k] = _part(layers[k], kept)
        after = layers[k + 1]
        layers[k + 1] = DenseLayer(after.weights[:, kept], after.bias, after.activation)
        place = {unit: p for p, unit in enumerate(kept)}
        stands[k] = [_moved(stand, place) for stand in stands[k]]
    left = DenseNetwork(network.shape, tuple(layers), network.domain)
    return Reduced(left, tuple(map(tuple, stands)), tuple(constants))


def plainest(network: DenseNetwork) -> DenseNetwork:
    """The same answers to integers from few units without common factors, multiples merged."""
    return lowest_terms(reduce(lowest_terms(network)).network)


def lowest_terms(network: DenseNetwork) -> DenseNetwork:
    """The same answers to integers from units without a common factor: 2 x >= 3 is x >= 2."""
    return replace(network, layers=tuple(map(_without_factor, network.layers)))


def _without_factor(layer: DenseLayer) -> DenseLayer:
    weights, bias = layer.weights, layer.bias
    whole_numbers = np.abs(weights).max(initial=0) < 2**53 and (weights == np.round(weights)).all()
    if layer.activation not in ("sign", "step") or not whole_numbers:
        return layer
    common = np.gcd.reduce(np.abs(weights).astype(np.int64), axis=1)
    common = np.maximum(common, 1)
    if layer.activation == "sign":  # its sum may be 0: the bias has to have the factor, too
        common = np.where(bias % common == 0, common, 1)
    least = np.floor(bias / common)  # the sum is an integer: what is beyond one decides nothing
    return DenseLayer(weights / common[:, None], least, layer.activation)


def _moved(stand: Stand | None, place: dict[int, int]) -> Stand | None:
    if stand is None or stand.unit is None:
        return stand
    unit = place.get(stand.unit)
    return None if unit is None else Stand(unit, stand.factor, stand.constant)


def _part(layer: DenseLayer, units: list[int]) -> DenseLayer:
    return DenseLayer(layer.weights[units], layer.bias[units], layer.activation)


def _merged(layer: DenseLayer) -> tuple[list[int], list[Stand]]:
    """The units that are left, and what stands for each unit."""
    rows = np.concatenate([layer.weights, layer.bias[:, None]], axis=1) + 0.0
    signed = layer.activation == "sign"
    keys = [row.tobytes() for row in rows]
    first: dict[bytes, int] = {}
    for unit, key in enumerate(keys):
        first.setdefault(key, unit)
    stands: list[Stand] = []
    constant = (layer.weights == 0).all(axis=1)
    values = layer.run(np.zeros((1, layer.weights.shape[1])))[0]
    opposite = [(0.0 - row).tobytes() for row in rows] if signed else []
    for unit, key in enumerate(keys):
        if constant[unit]:
            stands.append(Stand(None, 0, float(values[unit])))
            continue
        if signed and opposite[unit] in first and _is_negative(rows[unit]):
            stands.append(Stand(first[opposite[unit]], -1, 0))
        else:
            stands.append(Stand(first[key], 1, 0))
    kept = sorted({stand.unit for stand in stands if stand.unit is not None})
    return kept, stands


def _is_negative(row: Table) -> bool:
    """A choice between a row and its negative that does not depend on the order of weights."""
    if row[-1]:
        return bool(row[-1] < 0)
    if row.sum():
        return bool(row.sum() < 0)
    counts = Counter(row[row != 0].tolist())
    most = max(counts.items(), key=lambda item: (item[1], abs(item[0]), item[0]))[0]
    return counts[most] != counts.get(-most, 0) and most < 0


def _rewired(layer: DenseLayer, stands: list[Stand], kept: list[int]) -> DenseLayer:
    """A layer that reads what stands for the units before it."""
    weights, bias = np.zeros((len(layer.bias), len(kept))), layer.bias.copy()
    place = {unit: p for p, unit in enumerate(kept)}
    for unit, stand in enumerate(stands):
        column = layer.weights[:, unit]
        if stand.unit is None:
            bias = bias + stand.constant * column
        else:
            weights[:, place[stand.unit]] += stand.factor * column
    return DenseLayer(weights, bias, layer.activation)
