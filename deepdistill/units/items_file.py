"""Networks over items as files: plain JSON, every value checked on reading."""

from __future__ import annotations

from typing import Any

from ..ir.errors import InputError
from .archive import (
    FARTHEST_OFFSET,
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
from .items import (
    Added,
    Each,
    Feature,
    Head,
    InsideItem,
    ItemNetwork,
    ItemSum,
    Length,
    Mirror,
    Number,
    Others,
    Pick,
    Place,
    Some,
    Turn,
    Unit,
)

_CODEC = Codec(tags={InsideItem: "inside", ItemSum: "linear"})
_FEATURES, _UNITS = tuple[Feature, ...], tuple[Unit | ItemSum, ...]


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
        "units": _CODEC.plain(network.units, _UNITS),
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
    _check_head(head, dimensions, axes, len(output.axes))
    for feature in features:
        if isinstance(feature, Turn) and not (isinstance(head, Pick) and output.axes):
            raise InputError("a feature asks for the turn where there is one answer")
        _check_feature(feature, dimensions, axes)
    if any(len(unit.weights) != len(features) for unit in units):
        raise InputError("a unit has another number of weights than there are features")
    linear = [unit for unit in units if isinstance(unit, ItemSum)]
    if linear and (len(units) > 1 or not isinstance(head, Each | Added)):
        raise InputError("a linear unit stands beside others, or before a head that needs bits")
    return ItemNetwork(inputs, output, axes, features, units, head)


def _check_feature(feature: Feature, dimensions: int, axes: tuple[int, ...]) -> None:
    """Refuse what items on these ``axes`` of so many ``dimensions`` do not have."""
    single = axes == tuple(range(dimensions))
    match feature:
        case Number(offset) | InsideItem(offset):
            if len(offset) != dimensions or any(abs(k) > FARTHEST_OFFSET for k in offset):
                raise InputError("an offset does not fit the input")
            if not single:
                raise InputError("single numbers are read of items that are not single places")
        case Mirror() if not single:
            raise InputError("a mirror image is read of items that are not single places")
        case Mirror(axis) | Length(axis):
            _check_axis(axis, tuple(range(dimensions)))
        case Place(axis):
            _check_axis(axis, axes)
        case Others(of=of):
            if len(axes) != 1:
                raise InputError("other items are compared where items are not along one axis")
            _check_feature(of, dimensions, axes)


def _check_axis(axis: int, among: tuple[int, ...]) -> None:
    if axis not in among:
        raise InputError("a feature has an axis that is not there")


def _check_head(head: Head, dimensions: int, axes: tuple[int, ...], answers: int) -> None:
    """Refuse a head that does not fit the items and the number of axes of the output."""
    expected = 0
    match head:
        case Each():
            expected = len(axes)
        case Pick(gives):
            if len(axes) != 1:
                raise InputError("its head picks what is no item")
            _check_feature(gives, dimensions, axes)
            expected = min(answers, 1)  # one answer, or as many as there are items
        case Added() | Some():
            pass
    if answers != expected:
        raise InputError("its output does not have the axes of its head's answer")
