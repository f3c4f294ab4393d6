"""Steps of a table on disk: the archive of networks with a kind of its own."""

from __future__ import annotations

from typing import Any

from ...data.problem import InputError
from ...units.archive import FORMAT, archive, one_format, stored
from ...units.codec import Codec
from ...units.rules import leaves
from ..rules.file import (
    check_model,
    layout_data,
    model_data,
    read_decision,
    read_layout,
    scalar_data,
)
from .network import MeasuredRows, StepNetwork, StepSupport

_CODEC = Codec(2**53)
_KEYS = {"format", "kind", "inputs", "output", "model", "supports", "rows", "strict", "table"}
_SUPPORTS = tuple[StepSupport, ...]


def steps_bytes(network: StepNetwork) -> bytes:
    """The file of steps; the same bytes for the same steps."""
    spec = {
        "format": FORMAT,
        "kind": "steps",
        "inputs": [scalar_data(scalar) for scalar in network.inputs],
        "output": scalar_data(network.output),
        "model": model_data(network.model),
        "supports": _CODEC.plain(network.supports, _SUPPORTS),
        "rows": _CODEC.plain(network.rows, MeasuredRows),
        "strict": network.strict,
        "table": layout_data(network.layout),
    }
    return archive(spec, [], stored)


def steps_network(spec: Any, arrays: dict[str, Any]) -> StepNetwork:
    """The steps in an archive; :class:`InputError` where it holds none."""
    one_format(spec, _KEYS)
    inputs, output, model, strict = read_decision(spec, arrays, "steps", (float, int))
    network = StepNetwork(
        inputs,
        output,
        model,
        _CODEC.read(spec["supports"], _SUPPORTS, "supports"),
        _CODEC.read(spec["rows"], MeasuredRows, "rows"),
        strict,
        read_layout(spec["table"]),
    )
    _check(network)
    return network


def _check(network: StepNetwork) -> None:
    """Refuse what does not fit together."""
    model, numbers, rows = network.model, network.output.levels, network.rows
    check_model(model, network.inputs, len(numbers))
    if len(model.trees) != 1 or model.limits:
        raise InputError("its steps are not the leaves of one tree")
    if not numbers or list(numbers) != sorted(set(numbers)):
        raise InputError("its numbers do not grow")
    if any(not abs(float(number)) < float("inf") for number in numbers):
        raise InputError("its numbers are not finite")
    if len(network.supports) != sum(1 for _ in leaves(model.trees[0])):
        raise InputError("it has another number of supports than of steps")
    if not (0 <= rows.missed <= rows.count and 0 <= rows.wrong <= rows.untouched):
        raise InputError("its counts of rows do not fit")
    for one in network.supports:
        if one.low > one.high or not 0 <= one.within <= one.untouched or one.learned < 0:
            raise InputError("its counts of rows do not fit")
