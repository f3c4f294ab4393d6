"""Lift a network into the intermediate representation: exactly the sums and thresholds it has.

Every unit becomes a ``Let``; taps that share a weight become one sum over their offsets. Nothing is
approximated and nothing is left out except weights of 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ...ir.expr import Const, Expr, If, Inside, Read, Sum, Var, call
from ...ir.linear import weighted_sum
from ...ir.program import Let, Map, Program
from ...ir.types import Port
from ...units.groups import FloatArray, Reading, Tap, UnitGroup
from .network import GridNetwork


def lift(network: GridNetwork, name: str) -> Program:
    """The program that computes what ``network`` computes, at every size.

    Raises ``ValueError`` for weights that are not integers (snap the network first) and for an
    ``argmax`` before the last unit group.
    """
    ports = {port.name: port for port in network.inputs}
    index = index_names(len(network.inputs[0].axes))
    body: list[Let] = []
    readable: Sequence[Expr | Tap] = network.taps
    for layer, group in enumerate(network.groups):
        last = layer == len(network.groups) - 1
        if group.activation == "argmax" and not last:
            raise ValueError("only the last unit group may choose the largest of its sums")
        sums = [
            _weighted_sum(weights, bias, readable, ports, index)
            for weights, bias in zip(group.weights, group.bias, strict=True)
        ]
        if last:
            value = _output(group, sums, network.states, body)
        else:
            units = []
            for k, total in enumerate(sums):
                unit = f"unit_{layer}_{k}"
                body.append(Let(unit, call("int", call("ge", total, Const(0)))))
                units.append(Var(unit))
            readable = units
    target = Map(network.output.name, network.inputs[0].name, index, tuple(body), value)
    return Program(name, network.inputs, network.output, (target,))


def index_names(dimensions: int) -> tuple[str, ...]:
    """``i``, ``j``, ``k`` … for the coordinates of a position."""
    return tuple("ijklmn"[d] if d < 6 else f"i{d}" for d in range(dimensions))


def _whole(number: float) -> int:
    whole = int(np.round(number))
    if whole != number:
        raise ValueError(f"the weight {number} is not an integer: snap the network first")
    return whole


def _weighted_sum(
    weights: FloatArray,
    bias: float,
    readable: Sequence[Expr | Tap],
    ports: dict[str, Port],
    index: tuple[str, ...],
) -> Expr:
    groups: dict[tuple[int, str, Reading, int], list[Tap]] = {}
    terms: list[tuple[int, Expr]] = []
    weighed = zip(map(_whole, weights), readable, strict=True)
    for w, source in (part for pair in weighed for part in _counted_inside(*pair, ports)):
        if w == 0:
            continue
        if isinstance(source, Tap) and not ports[source.port].is_fixed:
            key = (w, source.port, source.reading, source.value)
            groups.setdefault(key, []).append(source)
        else:
            terms.append((w, _at_place(source) if isinstance(source, Tap) else source))
    for (w, *_), taps in groups.items():
        terms.append((w, region_sum(taps, index)))
    return weighted_sum(terms, _whole(bias))


def _counted_inside(
    weight: int, source: Expr | Tap, ports: dict[str, Port]
) -> Iterator[tuple[int, Expr | Tap]]:
    """The same sum without indicators of 0 on bounded grids.

    Outside a border a read gives 0, yet such an indicator is 0 there as well: it is being inside
    less the indicators of all other values.
    """
    if isinstance(source, Tap) and source.reading == "indicator" and source.value == 0:
        port = ports[source.port]
        if not port.is_fixed and not all(axis.wrap for axis in port.axes):
            yield weight, replace(source, reading="inside", value=0)
            for value in port.domain.values:
                if value != 0:
                    yield -weight, replace(source, value=value)
            return
    yield weight, source


def _at_place(tap: Tap) -> Expr:
    """A tap on a fixed axis, whose offset is a position."""
    return read(tap, tuple(Const(k) for k in tap.offset))


def read(tap: Tap, index: tuple[Expr, ...]) -> Expr:
    """What a tap reads at an index."""
    match tap.reading:
        case "number":
            return Read(tap.port, index)
        case "indicator":
            return call("int", call("eq", Read(tap.port, index), Const(tap.value)))
        case "inside":
            return Inside(tap.port, index)


def region_sum(taps: Iterable[Tap], index: tuple[str, ...]) -> Expr:
    """The sum of taps that differ in their offset only."""
    taps = list(taps)
    offsets = tuple(sorted(tap.offset for tap in taps))
    if len(offsets) == 1:
        return read(taps[0], shifted(index, offsets[0]))
    names = tuple(f"d{name}" for name in index)
    place = tuple(call("add", Var(i), Var(d)) for i, d in zip(index, names, strict=True))
    return Sum(names, offsets, read(taps[0], place))


def shifted(index: tuple[str, ...], offset: tuple[int, ...]) -> tuple[Expr, ...]:
    """The position ``index`` moved by ``offset``."""
    return tuple(
        Var(name) if step == 0 else call("add", Var(name), Const(step))
        for name, step in zip(index, offset, strict=True)
    )


def _output(group: UnitGroup, sums: list[Expr], states: tuple[int, ...], body: list[Let]) -> Expr:
    """The output value; the sums it compares are bound to names first."""
    if len(states) == 1:
        return Const(states[0])
    if group.activation == "step":
        body.append(Let("score", sums[0]))
        return If(call("ge", Var("score"), Const(0)), Const(states[1]), Const(states[0]))
    states = states[: len(sums)]
    for k, total in enumerate(sums):
        body.append(Let(f"score_{k}", total))
    value: Expr = Const(states[-1])
    for k in reversed(range(len(states) - 1)):
        # the first of the largest sums wins: no later one may be larger
        later = [call("ge", Var(f"score_{k}"), Var(f"score_{m}")) for m in range(k + 1, len(sums))]
        value = If(later[0] if len(later) == 1 else call("and", *later), Const(states[k]), value)
    return value
