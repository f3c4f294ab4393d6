"""Networks of shared unit groups on grids, as files."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.problem import InputError
from ...units.archive import (
    FORMAT,
    LARGEST_WEIGHT,
    archive,
    integers,
    listed,
    one_format,
    port,
    port_json,
    ports,
    stored,
)
from ...units.codec import Codec
from ...units.groups import UnitGroup
from ...units.readings import Tap
from .network import GridNetwork

_CODEC, _TAPS = Codec(), tuple[Tap, ...]


def grid_bytes(network: GridNetwork) -> bytes:
    """The file of a network; arrays ``weights_K`` and ``bias_K`` for unit group K."""
    spec = {
        "format": FORMAT,
        "inputs": [port_json(one) for one in network.inputs],
        "output": port_json(network.output),
        "taps": _CODEC.plain(network.taps, _TAPS),
        "activations": [group.activation for group in network.groups],
        "states": list(network.states),
    }
    return archive(spec, [(group.weights, group.bias) for group in network.groups], stored)


def grid_network(spec: Any, arrays: dict[str, NDArray[Any]]) -> GridNetwork:
    one_format(spec, {"format", "inputs", "output", "taps", "activations", "states"})
    inputs = ports(spec["inputs"])
    if not inputs or len({one.name for one in inputs}) < len(inputs):
        raise InputError("its inputs need names that differ")
    free = [one for one in inputs if not one.is_fixed]
    if inputs[0].is_fixed or any(one.axes != inputs[0].axes for one in free):
        raise InputError("its first input must be a grid, and all grids alike")
    taps: tuple[Tap, ...] = _CODEC.read(spec["taps"], _TAPS, "taps")
    states = integers(spec["states"], "states")
    activations = listed(spec["activations"], "activations")
    groups: list[UnitGroup] = []
    for k, activation in enumerate(activations):
        parts = (arrays.pop(f"{name}_{k}", None) for name in ("weights", "bias"))
        groups.append(_group(activation, *parts))
    if arrays:
        raise InputError("it holds arrays that belong to no unit group")
    network = GridNetwork(inputs, port(spec["output"]), taps, tuple(groups), states)
    if refusal := network.refusal():
        raise InputError(refusal)
    return network


def _group(activation: Any, weights: Any, bias: Any) -> UnitGroup:
    if activation not in ("step", "argmax"):
        raise InputError("a unit group has an unknown activation")
    if weights is None or bias is None or weights.ndim != 2 or bias.ndim != 1:
        raise InputError("a unit group has no table of weights or no list of biases")
    if np.uint8 in (weights.dtype, bias.dtype) or len(weights) != len(bias):
        raise InputError("a unit group's weights do not fit its biases")
    if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
        raise InputError("a unit group has weights that are not finite")
    if max(_largest(weights), _largest(bias)) > LARGEST_WEIGHT:
        raise InputError("a unit group has weights that are too large to compute with")
    if activation == "argmax" and not len(bias):
        raise InputError("a unit group chooses among no units")
    return UnitGroup(weights.astype(np.float64), bias.astype(np.float64), activation)


def _largest(values: NDArray[Any]) -> float:
    """The largest absolute value."""
    return max(abs(float(values.min(initial=0))), abs(float(values.max(initial=0))))
