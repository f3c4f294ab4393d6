"""Networks over items as files: plain JSON, every value checked on reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..ir.errors import InputError
from .archive import (
    FORMAT,
    WIDEST_NUMBERS,
    archive,
    integers,
    one_format,
    port,
    port_json,
    ports,
    stored,
)
from .codec import Codec
from .gates import AffineUnit, Gate
from .heads import Head
from .item_readings import Feature, InsideItem
from .items import ItemNetwork


@dataclass(frozen=True, slots=True)
class GateRow:
    """A gate of a plain sum, as it stands in a file."""

    weights: tuple[int, ...]
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class SumRow:
    """A sum as it stands in a file."""

    weights: tuple[int, ...]
    bias: int


_CODEC = Codec(tags={InsideItem: "inside", GateRow: "unit", SumRow: "linear"})
_FEATURES, _UNITS = tuple[Feature, ...], tuple[GateRow | SumRow, ...]


def items_bytes(network: ItemNetwork) -> bytes:
    """The file of a network over items."""
    return archive(items_json(network), [], stored)


def items_json(network: ItemNetwork) -> dict[str, Any]:
    """The description of a network over items."""
    return {
        "format": FORMAT,
        "kind": "items",
        "inputs": [port_json(one) for one in network.inputs],
        "output": port_json(network.output),
        "axes": list(network.axes),
        "features": _CODEC.plain(network.features, _FEATURES),
        "units": _CODEC.plain(tuple(map(_row, network.units)), _UNITS),
        "head": _CODEC.plain(network.head, Head),
    }


def items_network(spec: dict[str, Any], arrays: dict[str, Any]) -> ItemNetwork:
    keys = {"format", "kind", "inputs", "output", "axes", "features", "units", "head"}
    one_format(spec, keys)
    if arrays:
        raise InputError("it holds arrays, which a network over items has not")
    inputs = ports(spec["inputs"], WIDEST_NUMBERS)
    if len(inputs) != 1 or any(axis.kind == "fixed" for axis in inputs[0].axes):
        raise InputError("it does not read one array of any size")
    output = port(spec["output"], WIDEST_NUMBERS, number=True)
    if any(axis.kind == "fixed" for axis in output.axes):
        raise InputError("its output has a fixed size")
    dimensions = len(inputs[0].axes)
    axes = integers(spec["axes"], "axes")
    if len(set(axes)) < len(axes) or list(axes) != sorted(axes):
        raise InputError("its items repeat an axis")
    if any(not 0 <= axis < dimensions for axis in axes):
        raise InputError("its items stand on an axis that its input does not have")
    head = _CODEC.read(spec["head"], Head, "head")
    features = _CODEC.read(spec["features"], _FEATURES, "features")
    units = _CODEC.read(spec["units"], _UNITS, "units")
    network = ItemNetwork(inputs, output, axes, features, tuple(map(_unit, units)), head)
    if refusal := network.refusal():
        raise InputError(refusal)
    return network


def _row(unit: Gate | AffineUnit) -> GateRow | SumRow:
    if isinstance(unit, Gate):
        row: GateRow | SumRow = GateRow(unit.sum.weights, unit.low, unit.high)
    else:
        row = SumRow(unit.weights, unit.bias)
    if _unit(row) != unit:
        raise InputError("a unit of items divides its sum, or adds to it before its bounds")
    return row


def _unit(row: GateRow | SumRow) -> Gate | AffineUnit:
    if isinstance(row, GateRow):
        return Gate.of(row.weights, row.low, row.high)
    return AffineUnit(row.weights, row.bias)
