"""Networks over sequences as files: plain JSON, every value checked on reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from ...data.problem import InputError
from ...ir.types import Axis, Port
from ...units.archive import (
    FARTHEST_OFFSET,
    FORMAT,
    WIDEST_NUMBERS,
    archive,
    listed,
    one_format,
    port,
    port_json,
    ports,
    stored,
)
from ...units.items_file import items_json, items_network
from .network import (
    AffineUnit,
    Cell,
    Feature,
    Gate,
    Lag,
    Piece,
    PrefixNetwork,
    Product,
    RecurrentNetwork,
    Register,
)

_LARGEST = 2**256  # registers and weights are integers of any size; a file's are not absurd
_MOST_PARTS = 10_000  # features, registers, gates or pieces
_LONGEST_TEXT = 1000


def recurrent_bytes(network: RecurrentNetwork) -> bytes:
    """The file of a recurrent network."""
    spec = {
        "format": FORMAT,
        "kind": "recurrent",
        "inputs": [port_json(one) for one in network.inputs],
        "output": port_json(network.output),
        "features": [_feature_json(feature) for feature in network.features],
        "initial": list(network.initial),
        "updates": [_cell_json(cell) for cell in network.updates],
        "outputs": [_cell_json(cell) for cell in network.outputs],
        "closed_form": network.closed_form,
    }
    return archive(spec, [], stored)


def recurrent_network(spec: Any, arrays: dict[str, Any]) -> RecurrentNetwork:
    keys = {"format", "kind", "inputs", "output", "features", "initial", "updates", "outputs"}
    one_format(spec, keys | {"closed_form"})
    described, answered = _ports(spec, arrays)
    initial = tuple(map(_integer, _few(spec["initial"], "registers")))
    channels = _channels(described)
    features = tuple(
        _feature(value, channels, len(initial)) for value in _few(spec["features"], "features")
    )
    updates = tuple(
        _cell(value, features, known) for known, value in enumerate(_few(spec["updates"], "cells"))
    )
    if len(updates) != len(initial):
        raise InputError("it has another number of updates than of registers")
    outputs = tuple(
        _cell(value, features, len(initial)) for value in _few(spec["outputs"], "cells")
    )
    if len(outputs) != _channels(answered):
        raise InputError("it has another number of outputs than its answers have channels")
    text = spec["closed_form"]
    if not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        raise InputError("its remark about closed forms is not a short text")
    return RecurrentNetwork((described,), answered, features, initial, updates, outputs, text)


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
    if _channels(described) * _channels(answered) > 1 or items.output.axes:
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
        if len(one.axes) > 2 or _channels(one) > _MOST_PARTS:
            raise InputError("a port has too many channels")
    return inputs[0], output


def _channels(one: Port) -> int:
    return (one.axes[1].size or 1) if len(one.axes) > 1 else 1


def _few(value: Any, what: str) -> list[Any]:
    if len(listed(value, what)) > _MOST_PARTS:
        raise InputError(f"it has too many {what}")
    return listed(value, what)


def _integer(value: Any) -> int:
    if type(value) is not int or abs(value) > _LARGEST:
        raise InputError("it holds a value that is not a usable integer")
    return value


def _index(value: Any, count: int, what: str) -> int:
    if not 0 <= _integer(value) < count:
        raise InputError(f"it names a {what} that is not there")
    return _integer(value)


def _feature_json(feature: Feature) -> list[Any]:
    match feature:
        case Lag(steps, channel):
            return ["lag", steps, channel]
        case Register(index, updated):
            return ["register", index, updated]
        case Product(left, right):
            return ["product", _feature_json(left), _feature_json(right)]
        case _:
            assert_never(feature)


def _feature(value: Any, channels: int, registers: int) -> Feature:
    match value:
        case ["product", left, right]:
            one, two = _feature(left, channels, registers), _feature(right, channels, registers)
            if isinstance(one, Product) or isinstance(two, Product):
                raise InputError("a product holds another product")
            return Product(one, two)
        case ["lag", steps, channel]:
            return Lag(
                _index(steps, FARTHEST_OFFSET + 1, "lag"), _index(channel, channels, "channel")
            )
        case ["register", index, bool() as updated]:
            return Register(_index(index, registers, "register"), updated)
        case _:
            raise InputError("a feature is of an unknown kind")


def _linear_json(linear: AffineUnit) -> list[Any]:
    return [list(linear.weights), linear.bias, linear.divisor, linear.modulus]


def _linear(value: Any, features: Sequence[Feature], known: int) -> AffineUnit:
    """A linear unit that reads none but the first ``known`` registers after their update."""
    match value:
        case [list() as weights, bias, divisor, modulus]:
            unit = AffineUnit(
                tuple(map(_integer, weights)), _integer(bias), _integer(divisor), _integer(modulus)
            )
        case _:
            raise InputError("a linear unit is of an unknown kind")
    if len(unit.weights) != len(features):
        raise InputError("a unit has another number of weights than there are features")
    if unit.divisor < 1 or unit.modulus < 0:
        raise InputError("a unit divides by what is not positive")
    for weight, feature in zip(unit.weights, features, strict=True):
        parts = (feature.left, feature.right) if isinstance(feature, Product) else (feature,)
        if weight and any(
            isinstance(p, Register) and p.updated and p.index >= known for p in parts
        ):
            raise InputError("a unit reads a register before its update")
    return unit


def _cell_json(cell: Cell) -> list[Any]:
    return [
        [[_linear_json(gate.sum), gate.low, gate.high] for gate in cell.gates],
        [
            [[list(pair) for pair in piece.wanted], _linear_json(piece.value)]
            for piece in cell.pieces
        ],
    ]


def _cell(value: Any, features: Sequence[Feature], known: int) -> Cell:
    match value:
        case [list() as gates, list() as pieces] if pieces:
            pass
        case _:
            raise InputError("a cell is of an unknown kind")
    built = tuple(_gate(gate, features, known) for gate in _few(gates, "gates"))
    chosen = tuple(_piece(piece, len(built), features, known) for piece in _few(pieces, "pieces"))
    if chosen[-1].wanted:
        raise InputError("the last piece of a cell wants something")
    return Cell(built, chosen)


def _gate(value: Any, features: Sequence[Feature], known: int) -> Gate:
    match value:
        case [total, low, high]:
            return Gate(_linear(total, features, known), _optional(low), _optional(high))
        case _:
            raise InputError("a gate is of an unknown kind")


def _optional(value: Any) -> int | None:
    return None if value is None else _integer(value)


def _piece(value: Any, gates: int, features: Sequence[Feature], known: int) -> Piece:
    match value:
        case [list() as wanted, linear]:
            pairs = []
            for pair in _few(wanted, "wishes"):
                match pair:
                    case [index, bool() as fires]:
                        pairs.append((_index(index, gates, "gate"), fires))
                    case _:
                        raise InputError("a piece wants something of an unknown kind")
            return Piece(tuple(pairs), _linear(linear, features, known))
        case _:
            raise InputError("a piece is of an unknown kind")
