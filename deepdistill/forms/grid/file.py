"""Networks of shared unit groups on grids, as files."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.problem import InputError
from ...ir.types import Port
from ...units.archive import (
    FARTHEST_OFFSET,
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
from ...units.groups import Tap, UnitGroup
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
    for tap in taps:
        _check_tap(tap, inputs)
    states = integers(spec["states"], "states")
    activations = listed(spec["activations"], "activations")
    groups: list[UnitGroup] = []
    width = len(taps)
    for k, activation in enumerate(activations):
        group = _group(activation, arrays.pop(f"weights_{k}", None), arrays.pop(f"bias_{k}", None))
        if group.weights.shape[1] != width:
            raise InputError(f"unit group {k} does not fit what it reads")
        width = 1 if activation == "argmax" else len(group.bias)
        groups.append(group)
    if arrays:
        raise InputError("it holds arrays that belong to no unit group")
    if not groups or width != 1:
        raise InputError("its last unit group does not have one output")
    if len(states) < (len(groups[-1].bias) if groups[-1].activation == "argmax" else 2):
        raise InputError("it has fewer states than outputs")
    return GridNetwork(inputs, port(spec["output"]), taps, tuple(groups), states)


def _check_tap(tap: Tap, inputs: tuple[Port, ...]) -> None:
    source = next((one for one in inputs if one.name == tap.port), None)
    if source is None:
        raise InputError("a tap reads a port that does not exist")
    if len(tap.offset) != len(source.axes):
        raise InputError("a tap's offset has another number of axes than its port")
    for k, axis in zip(tap.offset, source.axes, strict=True):
        fits = 0 <= k < (axis.size or 0) if source.is_fixed else abs(k) <= FARTHEST_OFFSET
        if not fits:
            raise InputError("a tap reads outside its port")


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
