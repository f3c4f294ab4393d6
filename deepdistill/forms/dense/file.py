"""Dense networks of one size, or of several sizes, as files."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.problem import InputError
from ...ir.types import Integers
from ...units.archive import (
    FORMAT,
    WIDEST_NUMBERS,
    archive,
    integer,
    integers,
    listed,
    one_format,
    port,
    port_json,
    ports,
    smallest,
)
from .network import DenseNetwork
from .readers import dense_network
from .sized import SizedNetwork

Arrays = dict[str, NDArray[Any]]


def layers_bytes(network: DenseNetwork) -> bytes:
    """The file of a dense network, whole weights as small integers."""
    spec = {
        "format": FORMAT,
        "kind": "dense",
        "shape": list(network.shape),
        "low": network.domain.low,
        "high": network.domain.high,
        "activations": [layer.activation for layer in network.layers],
    }
    return archive(spec, [(layer.weights, layer.bias) for layer in network.layers], smallest)


def layers_network(spec: dict[str, Any], arrays: Arrays) -> DenseNetwork:
    one_format(spec, {"format", "kind", "shape", "low", "high", "activations"})
    low, high = integer(spec["low"]), integer(spec["high"])
    if low >= high:
        raise InputError("its inputs have no values")
    result = _dense(spec["shape"], spec["activations"], arrays, 0, Integers(low, high))
    _refuse_others(arrays)
    return result


def sized_bytes(network: SizedNetwork) -> bytes:
    """The file of dense networks of several sizes: their layers one after another."""
    spec = {
        "format": FORMAT,
        "kind": "sized",
        "inputs": [port_json(one) for one in network.inputs],
        "output": port_json(network.output),
        "states": list(network.states),
        "networks": [
            [list(one.shape), [layer.activation for layer in one.layers]]
            for one in network.networks
        ],
    }
    layers = [layer for one in network.networks for layer in one.layers]
    return archive(spec, [(layer.weights, layer.bias) for layer in layers], smallest)


def sized_network(spec: dict[str, Any], arrays: Arrays) -> SizedNetwork:
    one_format(spec, {"format", "kind", "inputs", "output", "states", "networks"})
    inputs = ports(spec["inputs"])
    if len(inputs) != 1 or any(axis.kind == "fixed" for axis in inputs[0].axes):
        raise InputError("it does not read one array of any size")
    states = integers(spec["states"], "states")
    networks: list[DenseNetwork] = []
    used = 0
    for entry in listed(spec["networks"], "networks"):
        if not isinstance(entry, list) or len(entry) != 2:
            raise InputError("one of its networks is not a shape with activations")
        one = _dense(entry[0], entry[1], arrays, used, inputs[0].domain)
        used += len(one.layers)
        if len(one.shape) != len(inputs[0].axes):
            raise InputError("one of its networks has another number of axes than its input")
        if one.layers[-1].activation != "argmax" or len(one.layers[-1].bias) != len(states):
            raise InputError("one of its networks does not choose among the states")
        networks.append(one)
    _refuse_others(arrays)
    if not networks or len({one.shape for one in networks}) < len(networks):
        raise InputError("its networks need sizes that differ")
    return SizedNetwork(
        inputs, port(spec["output"], WIDEST_NUMBERS, number=True), states, tuple(networks)
    )


def _dense(
    shape: Any, activations: Any, arrays: Arrays, first: int, domain: Integers
) -> DenseNetwork:
    names = listed(activations, "activations")
    pairs = []
    for k in range(first, first + len(names)):
        weights, bias = arrays.pop(f"weights_{k}", None), arrays.pop(f"bias_{k}", None)
        if weights is None or bias is None or np.uint8 in (weights.dtype, bias.dtype):
            raise InputError("a layer has no table of weights or no list of biases")
        pairs.append((weights, bias))
    if not names or not all(isinstance(name, str) for name in names):
        raise InputError("its activations are not names")
    return dense_network(pairs, integers(shape, "sizes"), names[:-1], names[-1], domain)


def _refuse_others(arrays: Arrays) -> None:
    if arrays:
        raise InputError("it holds arrays that belong to no layer")
