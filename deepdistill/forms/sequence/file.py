"""Networks over sequences as files: plain JSON, every value checked on reading."""

from __future__ import annotations

from typing import Any

from ...data.problem import InputError
from ...ir.types import Axis, Port
from ...units.archive import (
    FORMAT,
    WIDEST_NUMBERS,
    archive,
    one_format,
    port,
    port_json,
    ports,
    stored,
)
from ...units.codec import Codec
from ...units.gates import Cell
from ...units.items_file import items_json, items_network
from ...units.readings import StepFeature
from .network import PrefixNetwork, RecurrentNetwork

_LARGEST = 2**256  # registers and weights are integers of any size; a file's are not absurd
_MOST_CHANNELS = 10_000
_LONGEST_TEXT = 1000
_CODEC = Codec(_LARGEST)
_FEATURES, _CELLS = tuple[StepFeature, ...], tuple[Cell, ...]


def recurrent_bytes(network: RecurrentNetwork) -> bytes:
    """The file of a recurrent network."""
    spec = {
        "format": FORMAT,
        "kind": "recurrent",
        "inputs": [port_json(one) for one in network.inputs],
        "output": port_json(network.output),
        "features": _CODEC.plain(network.features, _FEATURES),
        "initial": list(network.initial),
        "updates": _CODEC.plain(network.updates, _CELLS),
        "outputs": _CODEC.plain(network.outputs, _CELLS),
        "closed_form": network.closed_form,
    }
    return archive(spec, [], stored)


def recurrent_network(spec: Any, arrays: dict[str, Any]) -> RecurrentNetwork:
    keys = {"format", "kind", "inputs", "output", "features", "initial", "updates", "outputs"}
    one_format(spec, keys | {"closed_form"})
    described, answered = _ports(spec, arrays)
    initial = _CODEC.read(spec["initial"], tuple[int, ...], "registers")
    features = _CODEC.read(spec["features"], _FEATURES, "features")
    updates = _CODEC.read(spec["updates"], _CELLS, "updates")
    outputs = _CODEC.read(spec["outputs"], _CELLS, "outputs")
    text = spec["closed_form"]
    if not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        raise InputError("its remark about closed forms is not a short text")
    network = RecurrentNetwork((described,), answered, features, initial, updates, outputs, text)
    if refusal := network.refusal():
        raise InputError(refusal)
    return network


def prefix_bytes(network: PrefixNetwork) -> bytes:
    """The file of a network over prefixes."""
    spec = {
        "format": FORMAT,
        "kind": "prefixes",
        "inputs": [port_json(one) for one in network.inputs],
        "output": port_json(network.output),
        "items": items_json(network.items),
    }
    return archive(spec, [], stored)


def prefix_network(spec: Any, arrays: dict[str, Any]) -> PrefixNetwork:
    one_format(spec, {"format", "kind", "inputs", "output", "items"})
    described, answered = _ports(spec, arrays)
    if not isinstance(spec["items"], dict) or spec["items"].get("kind") != "items":
        raise InputError("it holds no network over items")
    items = items_network(spec["items"], {})
    if described.channels * answered.channels > 1 or items.output.axes:
        raise InputError("the network of its prefixes does not give one answer for each")
    if (items.inputs[0].name, items.inputs[0].domain) != (described.name, described.domain) or len(
        items.inputs[0].axes
    ) != 1:
        raise InputError("the network of its prefixes has another input")
    return PrefixNetwork((described,), answered, items)


def _ports(spec: Any, arrays: dict[str, Any]) -> tuple[Port, Port]:
    if arrays:
        raise InputError("it holds arrays, which a network over sequences has not")
    inputs = ports(spec["inputs"], WIDEST_NUMBERS)
    if len(inputs) != 1:
        raise InputError("it does not read one sequence")
    output = port(spec["output"], WIDEST_NUMBERS)
    for one in (inputs[0], output):
        if one.axes[0] != Axis("sequence") or any(axis.kind != "fixed" for axis in one.axes[1:]):
            raise InputError("a port is not a sequence of numbers or of channels")
        if len(one.axes) > 2 or one.channels > _MOST_CHANNELS:
            raise InputError("a port has too many channels")
    return inputs[0], output
