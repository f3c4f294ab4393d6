"""Sequences on a page: features, gates, pieces and registers, and the state step by step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ...data.draws import drawn_input
from ...data.problem import Problem
from ...drawing.accuracy import accuracy_parts
from ...drawing.graph import Edge, Node, graph
from ...drawing.items import items_picture
from ...drawing.parts import Figure, Part, counted, plain
from ...drawing.traced import carried_values
from ...drawing.tracks import number_tracks
from ...units.gates import AffineUnit, Cell
from ..subject import Subject
from .network import PrefixNetwork, RecurrentNetwork

_FEATURES, _GATES, _REGIMES, _CELLS = range(4)


def picture(network: RecurrentNetwork | PrefixNetwork) -> Figure:
    """Of a network over prefixes that of its items."""
    if isinstance(network, RecurrentNetwork):
        return _recurrent(network)
    drawn = items_picture(network.items)
    return Figure(drawn.body, f"At each step, for the sequence up to there: {drawn.caption}")


def _recurrent(network: RecurrentNetwork) -> Figure:
    units = [unit for cell in network.cells for unit in cell.units]
    used = {k for unit in units for k, weight in enumerate(unit.weights) if weight}
    columns: list[list[Node]] = [[], [], [], []]
    places = {}
    for k, feature in enumerate(network.features):
        if k in used:
            places[k] = len(columns[_FEATURES])
            columns[_FEATURES].append(Node(feature.words(network.site)))
    edges: list[Edge] = []
    names = [f"register {k}" for k in range(len(network.updates))]
    many = len(network.outputs) > 1
    names += [f"output {k}" if many else "output" for k in range(len(network.outputs))]
    starts = [*(f"starts as {value}" for value in network.initial), *([""] * len(network.outputs))]
    for cell, name, start in zip(network.cells, names, starts, strict=True):
        _add_cell(cell, name, start, places, columns, edges)
    drawn = graph("The network: features, gates, linear units, registers", *_packed(columns, edges))
    gates = sum(len(cell.gates) for cell in network.cells)
    words = "At each step "
    words += f"{counted(gates, 'threshold gate')} choose among " if gates else ""
    words += f"{counted(len(columns[_REGIMES]), 'linear unit')} set"
    words = words.replace("units set", "units, which set") if gates else words
    words += f" {counted(len(network.updates), 'register')} and the output."
    return Figure(
        drawn,
        words + (f" Found in closed form: {network.closed_form}." if network.closed_form else ""),
    )


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
        columns[_GATES].append(Node((gate.words(),)))
        edges += _read(gate.sum, places, (_GATES, place))
    here = len(columns[_CELLS])
    columns[_CELLS].append(Node((name, start) if start else (name,)))
    for piece in cell.pieces:
        place = len(columns[_REGIMES])
        columns[_REGIMES].append(Node((piece.value.words(),)))
        edges += _read(piece.value, places, (_REGIMES, place))
        for gate_index, wanted in piece.wanted:
            said = "fires" if wanted else "not"
            edges.append(
                Edge((_GATES, first + gate_index), (_REGIMES, place), 1 if wanted else -1, said)
            )
        edges.append(Edge((_REGIMES, place), (_CELLS, here), 1.0, ""))


def _read(linear: AffineUnit, places: dict[int, int], target: tuple[int, int]) -> list[Edge]:
    return [
        Edge((_FEATURES, places[k]), target, float(weight))
        for k, weight in enumerate(linear.weights)
        if weight
    ]


def scenes(subject: Subject) -> list[Part]:
    """The input, the carried state after every step and the output, step by step."""
    problem: Problem = subject.task
    rng = np.random.default_rng([subject.seed, 47])
    port = problem.inputs[0]
    shape = (16, *(axis.size for axis in port.axes[1:] if axis.size is not None))
    array = plain(drawn_input(problem, rng, shape, 0)[0][0])
    answer = plain(subject.solve(array))
    tracks: dict[str, Any] = {}
    program = subject.program
    loop: dict[str, Any] = {}
    names: tuple[str, ...] = ()
    if program is not None:
        loop = carried_values(program, {program.inputs[0].name: array})
        names = next((s.element for s in program.body if hasattr(s, "element")), ())
    if len(port.axes) > 1:
        for k in range(len(array[0])):
            name = names[k] if k < len(names) else f"{port.name}[{k}]"
            tracks[name] = [row[k] for row in array]
    else:
        tracks[port.name] = array
    tracks |= loop
    if answer and isinstance(answer[0], list | tuple):
        for k in range(len(answer[0])):
            tracks[f"answer[{k}]"] = [row[k] for row in answer]
    else:
        tracks["answer"] = answer
    state = ", ".join(loop)
    more = f"; {state} as after each step" if loop else ""
    title = f"{subject.name}, step by step: {', '.join(tracks)}"
    return [
        Figure(number_tracks(title, tracks), f"One column a step, from the first to the 16th{more}")
    ]


def quality(subject: Subject) -> list[Part]:
    """The share of steps that are right, by the length of the sequence."""
    return accuracy_parts(subject.task, subject.name, subject.solve, subject.seed, "Steps")
