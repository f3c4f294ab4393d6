"""Recurrent networks as pictures: features, gates, regimes and the registers they set."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ..drawing.graph import Edge, Node, graph
from ..drawing.svg import Markup
from ..forms.sequence.network import (
    Cell,
    Feature,
    Gate,
    Lag,
    Linear,
    Product,
    RecurrentNetwork,
    Register,
)

_FEATURES, _GATES, _REGIMES, _CELLS = range(4)


def recurrent_picture(network: RecurrentNetwork) -> tuple[Markup, str]:
    """The drawing and a sentence beneath it."""
    used = _used(network)
    channels = len(network.inputs[0].axes) > 1
    columns: list[list[Node]] = [[], [], [], []]
    places = {}
    for k, feature in enumerate(network.features):
        if k in used:
            places[k] = len(columns[_FEATURES])
            columns[_FEATURES].append(Node((_feature(feature, channels),)))
    edges: list[Edge] = []
    cells = [*network.updates, *network.outputs]
    names = [f"register {k}" for k in range(len(network.updates))]
    many = len(network.outputs) > 1
    names += [f"output {k}" if many else "output" for k in range(len(network.outputs))]
    starts = [*(f"starts as {value}" for value in network.initial), *([""] * len(network.outputs))]
    for cell, name, start in zip(cells, names, starts, strict=True):
        _add_cell(cell, name, start, places, columns, edges)
    drawn = graph("The network: features, gates, linear units, registers", *_packed(columns, edges))
    gates = sum(len(cell.gates) for cell in cells)
    told = "At each step "
    told += f"{_count(gates, 'threshold gate')} choose among " if gates else ""
    told += f"{_count(len(columns[_REGIMES]), 'linear unit')} set"
    told = told.replace("units set", "units, which set") if gates else told
    told += f" {_count(len(network.updates), 'register')} and the output."
    return drawn, told + (
        f" Found in closed form: {network.closed_form}." if network.closed_form else ""
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _packed(columns: list[list[Node]], edges: list[Edge]) -> tuple[list[list[Node]], list[Edge]]:
    """The same without empty columns."""
    kept = [c for c, column in enumerate(columns) if column]
    moved = {c: k for k, c in enumerate(kept)}
    return [columns[c] for c in kept], [
        replace(
            edge,
            source=(moved[edge.source[0]], edge.source[1]),
            target=(moved[edge.target[0]], edge.target[1]),
        )
        for edge in edges
    ]


def _add_cell(
    cell: Cell,
    name: str,
    start: str,
    places: dict[int, int],
    columns: list[list[Node]],
    edges: list[Edge],
) -> None:
    first = len(columns[_GATES])
    for gate in cell.gates:
        place = len(columns[_GATES])
        columns[_GATES].append(Node((_bounds(gate),)))
        edges += _read(gate.sum, places, (_GATES, place))
    here = len(columns[_CELLS])
    columns[_CELLS].append(Node((name, start) if start else (name,)))
    for regime in cell.regimes:
        place = len(columns[_REGIMES])
        columns[_REGIMES].append(Node((_linear(regime.value),)))
        edges += _read(regime.value, places, (_REGIMES, place))
        for gate_index, wanted in regime.wanted:
            said = "fires" if wanted else "not"
            edges.append(
                Edge((_GATES, first + gate_index), (_REGIMES, place), 1 if wanted else -1, said)
            )
        edges.append(Edge((_REGIMES, place), (_CELLS, here), 1.0, ""))


def _read(linear: Linear, places: dict[int, int], target: tuple[int, int]) -> list[Edge]:
    return [
        Edge((_FEATURES, places[k]), target, float(weight))
        for k, weight in enumerate(linear.weights)
        if weight
    ]


def _used(network: RecurrentNetwork) -> set[int]:
    linear = [
        part
        for cell in (*network.updates, *network.outputs)
        for part in (*(gate.sum for gate in cell.gates), *(r.value for r in cell.regimes))
    ]
    return {k for one in linear for k, weight in enumerate(one.weights) if weight}


def _feature(feature: Feature, channels: bool) -> str:
    match feature:
        case Lag(0, channel):
            return f"element, channel {channel}" if channels else "element"
        case Lag(steps, channel):
            return f"{steps} before" + (f", channel {channel}" if channels else "")
        case Register(index, updated):
            return f"register {index}{', new' if updated else ''}"
        case Product(left, right):
            return f"{_feature(left, channels)} × {_feature(right, channels)}"
        case _:
            assert_never(feature)


def _linear(linear: Linear) -> str:
    reads = any(linear.weights)
    text = "sum" if reads else str(linear.bias)
    if reads and linear.bias:
        text += f" {'+' if linear.bias > 0 else '−'} {abs(linear.bias)}"
    if linear.divisor != 1:
        text = f"({text}) // {linear.divisor}"
    return f"({text}) mod {linear.modulus}" if linear.modulus else text


def _bounds(gate: Gate) -> str:
    text = _linear(gate.sum)
    if gate.low is not None and gate.low == gate.high:
        return f"{text} = {gate.low}"
    low = "" if gate.low is None else f"{gate.low} ≤ "
    high = "" if gate.high is None else f" ≤ {gate.high}"
    return f"{low}{text}{high}"
