"""Networks over items as files: plain JSON, every value checked on reading."""

from __future__ import annotations

from typing import Any, assert_never

from ..ir.errors import InputError
from .archive import (
    FARTHEST_OFFSET,
    FORMAT,
    WIDEST_NUMBERS,
    archive,
    integer,
    integers,
    listed,
    one_format,
    optional_integer,
    port,
    port_json,
    ports,
    stored,
)
from .items import (
    Added,
    Each,
    Feature,
    Head,
    InsideItem,
    ItemNetwork,
    ItemSum,
    Length,
    Line,
    Mirror,
    Number,
    Others,
    Pick,
    Place,
    Some,
    Turn,
    Unit,
)

_MOST_PARTS = 10_000  # features and units


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
        "features": [_feature_json(feature) for feature in network.features],
        "units": [_unit_json(unit) for unit in network.units],
        "head": _head_json(network.head),
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
    head = _head(spec["head"], dimensions, axes, len(output.axes))
    turns = isinstance(head, Pick) and bool(output.axes)
    features = tuple(
        _feature(value, dimensions, axes, turns) for value in _few(spec["features"], "features")
    )
    units = tuple(_unit(value, len(features)) for value in _few(spec["units"], "units"))
    linear = [unit for unit in units if isinstance(unit, ItemSum)]
    if linear and (len(units) > 1 or not isinstance(head, Each | Added)):
        raise InputError("a linear unit stands beside others, or before a head that needs bits")
    return ItemNetwork(inputs, output, axes, features, units, head)


def _few(value: Any, what: str) -> list[Any]:
    if len(listed(value, what)) > _MOST_PARTS:
        raise InputError(f"it has too many {what}")
    return listed(value, what)


def _feature_json(feature: Feature) -> list[Any]:
    match feature:
        case Number(offset, value):
            return ["number", list(offset), value]
        case InsideItem(offset):
            return ["inside", list(offset)]
        case Mirror(axis):
            return ["mirror", axis]
        case Line(value):
            return ["line", value]
        case Length(axis):
            return ["length", axis]
        case Place(axis):
            return ["place", axis]
        case Turn():
            return ["turn"]
        case Others(relation, order, of):
            return ["others", relation, order, _feature_json(of)]
        case _:
            assert_never(feature)


def _feature(value: Any, dimensions: int, axes: tuple[int, ...], turns: bool) -> Feature:
    match value:
        case ["number", offset, state]:
            return Number(_offset(offset, dimensions, axes), optional_integer(state))
        case ["inside", offset]:
            return InsideItem(_offset(offset, dimensions, axes))
        case ["mirror", axis]:
            if axes != tuple(range(dimensions)):
                raise InputError("a mirror image is read of items that are not single places")
            return Mirror(_axis(axis, tuple(range(dimensions))))
        case ["line", state]:
            return Line(optional_integer(state))
        case ["length", axis]:
            return Length(_axis(axis, tuple(range(dimensions))))
        case ["place", axis]:
            return Place(_axis(axis, axes))
        case ["turn"] if turns:
            return Turn()
        case ["others", "less" | "equal" | "greater" as relation, order, inner]:
            if order not in ("any", "before", "after") or len(axes) != 1:
                raise InputError("other items are compared in an unknown way")
            of = _feature(inner, dimensions, axes, False)
            if not isinstance(of, Number | Line):
                raise InputError("other items are compared by what is no number of theirs")
            return Others(relation, order, of)
        case _:
            raise InputError("a feature is of an unknown kind")


def _offset(value: Any, dimensions: int, axes: tuple[int, ...]) -> tuple[int, ...]:
    offset = integers(value, "offsets")
    if len(offset) != dimensions or any(abs(k) > FARTHEST_OFFSET for k in offset):
        raise InputError("an offset does not fit the input")
    if axes != tuple(range(dimensions)):
        raise InputError("single numbers are read of items that are not single places")
    return offset


def _axis(value: Any, among: tuple[int, ...]) -> int:
    if integer(value) not in among:
        raise InputError("a feature has an axis that is not there")
    return integer(value)


def _unit_json(unit: Unit | ItemSum) -> list[Any]:
    match unit:
        case Unit(weights, low, high):
            return ["unit", list(weights), low, high]
        case ItemSum(weights, bias):
            return ["linear", list(weights), bias]
        case _:
            assert_never(unit)


def _unit(value: Any, width: int) -> Unit | ItemSum:
    match value:
        case ["unit", weights, low, high]:
            unit: Unit | ItemSum = Unit(
                integers(weights, "weights"), optional_integer(low), optional_integer(high)
            )
        case ["linear", weights, bias]:
            unit = ItemSum(integers(weights, "weights"), integer(bias))
        case _:
            raise InputError("a unit is of an unknown kind")
    if len(unit.weights) != width:
        raise InputError("a unit has another number of weights than there are features")
    return unit


def _head_json(head: Head) -> list[Any]:
    match head:
        case Each():
            return ["each"]
        case Added(scale, bias):
            return ["added", scale, bias]
        case Some(negated):
            return ["some", negated]
        case Pick(gives, last):
            return ["pick", _feature_json(gives), last]
        case _:
            assert_never(head)


def _head(value: Any, dimensions: int, axes: tuple[int, ...], answers: int) -> Head:
    """The head, which has to fit the items and the number of axes of the output."""
    expected = 0
    match value:
        case ["each"]:
            head: Head = Each()
            expected = len(axes)
        case ["added", scale, bias]:
            head = Added(integer(scale), integer(bias))
        case ["some", bool() as negated]:
            head = Some(negated)
        case ["pick", inner, bool() as last]:
            gives = _feature(inner, dimensions, axes, False)
            if not isinstance(gives, Place | Number | Line) or len(axes) != 1:
                raise InputError("its head picks what is no item or nothing of one")
            head = Pick(gives, last)
            expected = min(answers, 1)  # one answer, or as many as there are items
        case _:
            raise InputError("its head is of an unknown kind")
    if answers != expected:
        raise InputError("its output does not have the axes of its head's answer")
    return head
