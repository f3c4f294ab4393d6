"""Networks from elsewhere on a page: groups of alike units, and inputs with the program's sums."""

from __future__ import annotations

from math import prod

import numpy as np

from ...drawing.examples import example_figures
from ...drawing.graph import Edge, Node, graph
from ...drawing.parts import Figure, Part, counted, plain
from ...drawing.regions import Picture
from ...drawing.svg import Markup, cells, framed, short
from ...units.groups import FloatArray
from ..subject import Subject
from .network import DenseLayer, DenseNetwork
from .samples import samples

_MOST_DENSE = 8  # units of a layer that are drawn
_MOST_WEIGHTS = 4096
_LARGEST = 84.0  # of the picture of a unit
_MOST_CELLS = 1600
_CANDIDATES = 16


def picture(network: DenseNetwork) -> Figure:
    """A few units of each group of alike ones; more than that nobody can read."""
    shape = " × ".join(map(str, network.shape))
    columns: list[list[Node]] = [[Node((f"input {shape}",))]]
    edges: list[Edge] = []
    before: list[list[int]] = []
    for c, layer in enumerate(network.layers):
        groups = _alike(layer)
        chosen = sorted(units[0] for units in groups[:_MOST_DENSE])
        if len(groups) == 1 and len(layer.bias) <= _MOST_DENSE:
            chosen = list(range(len(layer.bias)))
        many = {units[0]: len(units) for units in groups}
        nodes = []
        for place, k in enumerate(chosen):
            lone = many.get(k, 1) == 1 or len(chosen) == len(layer.bias)
            lines = (f"unit {k}",) if lone else (f"{many[k]} units like", f"unit {k}")
            bias = float(layer.bias[k])
            lines = (*lines, f"bias {short(bias)}") if bias else lines
            drawn = _weights(layer.weights[k], network.shape) if c == 0 else None
            nodes.append(Node(lines, *drawn) if drawn else Node(lines))
            if c:
                known = {unit: j for j, unit in enumerate(before[-1])}
                edges += [
                    Edge((c, known[j]), (c + 1, place), float(w))
                    for j, w in enumerate(layer.weights[k])
                    if j in known
                ]
            else:
                edges.append(Edge((0, 0), (1, place), 1.0, ""))
        before.append(chosen)
        if len(groups) > len(chosen):
            nodes.append(Node((f"{len(groups) - len(chosen)} more groups",)))
        columns.append(nodes)
    counts = ", ".join(f"{len(layer.bias):,} {layer.activation}" for layer in network.layers)
    weights = sum(int(np.count_nonzero(layer.weights)) for layer in network.layers)
    return Figure(
        graph("The network: its groups of units", columns, edges),
        (
            f"Layers of {counts} units over {prod(network.shape):,} inputs, "
            f"{counted(weights, 'weight')} not zero. Units whose weights are the same numbers in "
            "another order stand as one."
        ),
    )


def _weights(weights: FloatArray, shape: tuple[int, ...]) -> Picture:
    """The weights of one dense unit over its input, where that is a picture or a short row."""
    if len(shape) not in (1, 2) or prod(shape) > _MOST_WEIGHTS or prod(shape) != len(weights):
        return Markup(""), 0.0, 0.0
    grid = weights.reshape(shape if len(shape) == 2 else (1, -1))
    rows, columns = grid.shape
    side = min(_LARGEST / max(rows, columns), 12.0)
    levels = np.sign(grid).astype(np.int64)
    drawn = cells((levels % 3).tolist(), (0, 1, 2), side)  # -1 becomes 2
    drawn = Markup(drawn.replace("cell s1", "cell plusink").replace("cell s2", "cell minusink"))
    frame = framed(columns * side, rows * side)
    return Markup(frame + drawn), columns * side, rows * side


def _alike(layer: DenseLayer) -> list[list[int]]:
    """The units of a dense layer in groups: equal weights in another order, equal bias."""
    groups: dict[bytes, list[int]] = {}
    for k, (weights, bias) in enumerate(zip(layer.weights, layer.bias, strict=True)):
        key = np.round(np.append(np.sort(weights), bias), 9).tobytes()
        groups.setdefault(key, []).append(k)
    return list(groups.values())


def scenes(subject: Subject) -> list[Part]:
    """Inputs of all kinds, named sums of the program and the answers."""
    network: DenseNetwork = subject.network
    if len(network.shape) > 2 or prod(network.shape) > _MOST_CELLS:
        return []
    program = subject.program
    if program is None:
        return []
    arrays = [plain(a) for a in samples(network, _CANDIDATES + 2, subject.seed)[2:]]
    return [*example_figures(subject.solve, program, program.inputs[0], arrays)]
