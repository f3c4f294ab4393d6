"""Networks as pictures: unit groups, what they read, and the weights between them."""

from __future__ import annotations

from math import prod
from typing import Any, assert_never

import numpy as np

from ..drawing.features import feature_name, region_picture
from ..drawing.graph import Edge, Node, graph
from ..drawing.regions import alike, dense_picture, tap_pictures
from ..drawing.svg import Markup, drawing, group, short, tag, text
from ..forms.clauses.network import ClauseNetwork
from ..forms.dense.network import DenseNetwork
from ..forms.dense.sized import SizedNetwork
from ..forms.grid.network import GridNetwork
from ..forms.sequence.network import PrefixNetwork, RecurrentNetwork
from ..units.groups import UnitGroup
from ..units.items import Added, Each, Head, ItemNetwork, Pick, Some, Unit
from .cells import recurrent_picture

_MOST_DENSE = 8  # units of a layer that are drawn


def network_picture(network: Any) -> tuple[Markup, str]:
    """The drawing and a sentence beneath it."""
    match network:
        case GridNetwork():
            return _grid(network)
        case ItemNetwork():
            return _items(network)
        case SizedNetwork():
            drawn, told = _dense(network.networks[0])
            sizes = " and ".join(" × ".join(map(str, size)) for size in network.sizes)
            return drawn, f"{told} There is one such network for each of the sizes {sizes}."
        case DenseNetwork():
            return _dense(network)
        case RecurrentNetwork():
            return recurrent_picture(network)
        case PrefixNetwork():
            drawn, told = _items(network.items)
            return drawn, f"At each step, for the sequence up to there: {told}"
        case ClauseNetwork():
            return _clauses(network)
        case _:
            raise TypeError(f"no picture of {type(network).__name__}")


def _threshold(bias: float) -> str:
    return f"sum ≥ {short(-bias)}"


def _unit_lines(unit_group: UnitGroup, k: int, states: tuple[int, ...]) -> tuple[str, ...]:
    if unit_group.activation == "argmax":
        bias = float(unit_group.bias[k])
        more = "" if not bias else f", bias {short(bias)}"
        return (f"for {states[k]}{more}",)
    return (_threshold(float(unit_group.bias[k])),)


def _grid(network: GridNetwork) -> tuple[Markup, str]:
    columns, edges = [], []
    for c, units in enumerate(network.groups):
        nodes = []
        for k, weights in enumerate(units.weights):
            lines = _unit_lines(units, k, network.states)
            if c == 0:
                nodes.append(Node(lines, *tap_pictures(network, weights)))
            else:
                nodes.append(Node(lines))
                edges += [
                    Edge((c - 1, j), (c, k), float(weight)) for j, weight in enumerate(weights)
                ]
        columns.append(nodes)
    last = len(columns)
    columns.append([Node((network.output.name,))])
    edges += [Edge((last - 1, k), (last, 0), 1.0, "") for k in range(len(columns[-2]))]
    counts = ", then ".join(str(len(units.bias)) for units in network.groups)
    largest = network.groups[-1].activation == "argmax"
    end = " The largest sum of the last ones wins, the first one on a tie." if largest else ""
    return graph(f"The network: {counts} units", columns, edges), (
        f"{_count(len(network.groups[0].bias), 'threshold unit')} at every cell, the same "
        f"everywhere, reading up to {network.radius} away; "
        f"{_count(network.weight_count, 'weight')} not zero. A unit fires where its weighted sum "
        f"reaches its threshold.{end}"
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _items(network: ItemNetwork) -> tuple[Markup, str]:
    features = [
        Node(feature_name(feature), *region_picture(feature, network))
        for feature in network.features
    ]
    units, edges = [], []
    for k, unit in enumerate(network.units):
        units.append(Node((_bounds(unit),)) if isinstance(unit, Unit) else Node(
            (f"sum + {unit.bias}" if unit.bias else "sum",)))  # fmt: skip
        edges += [Edge((0, j), (1, k), float(weight)) for j, weight in enumerate(unit.weights)]
        edges.append(Edge((1, k), (2, 0), 1.0, ""))
    what = {0: "the whole input", 2: "every cell"}.get(len(network.axes), "every item")
    if len(network.axes) == 1 and len(network.inputs[0].axes) == 2:
        what = "every row" if network.axes == (0,) else "every column"
    drawn = graph("The network: features, units, answer",
                  [features, units, [Node(_head(network.head))]], edges)  # fmt: skip
    return drawn, (f"The same units at {what}; {_count(network.weight_count, 'weight')} not zero.")


def _bounds(unit: Unit) -> str:
    if unit.low is not None and unit.low == unit.high:
        return f"sum = {unit.low}"
    low = "" if unit.low is None else f"{unit.low} ≤ "
    high = "" if unit.high is None else f" ≤ {unit.high}"
    return f"{low}sum{high}"


def _head(head: Head) -> tuple[str, ...]:
    match head:
        case Each():
            return ("one answer", "for each item")
        case Added(scale, bias):
            times = "" if scale == 1 else f"{scale} × "
            plus = "" if not bias else f" {'+' if bias > 0 else '−'} {abs(bias)}"
            return (f"{times}sum over all{plus}",)
        case Some(negated):
            return ("1 where no unit fires",) if negated else ("1 where any unit fires",)
        case Pick(gives, last):
            return (f"the {'last' if last else 'first'} item that fires:", *feature_name(gives))
        case _:
            assert_never(head)


def _dense(network: DenseNetwork) -> tuple[Markup, str]:
    """A few units of each group of alike ones; more than that nobody can read."""
    shape = " × ".join(map(str, network.shape))
    columns: list[list[Node]] = [[Node((f"input {shape}",))]]
    edges: list[Edge] = []
    before: list[list[int]] = []
    for c, layer in enumerate(network.layers):
        groups = alike(layer)
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
            drawn = dense_picture(layer.weights[k], network.shape) if c == 0 else None
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
    return graph("The network: its groups of units", columns, edges), (
        f"Layers of {counts} units over {prod(network.shape):,} inputs, "
        f"{_count(weights, 'weight')} not zero. Units whose weights are the same numbers in "
        "another order stand as one."
    )


def _clauses(network: ClauseNetwork) -> tuple[Markup, str]:
    """Two rounds of messages, and the curve of a clause's weight."""
    lean = network.lean
    columns = [
        [Node(("every clause", "weighs by its length"))],
        [Node(("literal: own sum",)), Node(("literal: opposite sum",))],
        [
            Node((f"leans true: hope {lean.leans_true}",
                  f"{lean.under}·own > {lean.over}·opposite")),
            Node((f"undecided: hope {lean.undecided}",)),
            Node((f"leans false: hope {lean.leans_false}",
                  f"{lean.under}·opposite > {lean.over}·own")),
        ],
        [Node(("every clause", "weighs by the hope", "of its other literals"))],
        [Node(("score of", "the literal"))],
    ]  # fmt: skip
    edges = [Edge((0, 0), (1, k), 1.0, "") for k in range(2)]
    edges += [Edge((1, 0), (2, 0), lean.under), Edge((1, 1), (2, 0), -lean.over)]
    edges += [Edge((1, 1), (2, 2), lean.under), Edge((1, 0), (2, 2), -lean.over)]
    edges += [Edge((2, k), (3, 0), 1.0, "") for k in range(3)]
    edges.append(Edge((3, 0), (4, 0), 1.0, "sum"))
    drawn = graph("The network: two rounds of messages", columns, edges)
    return Markup(drawn + _curve(network.curve)), (
        "Literals and clauses tell each other twice how much they weigh; the curve is the weight "
        "of a clause by the hope that its other literals give."
    )


def _curve(curve: tuple[int, ...]) -> Markup:
    shown = curve[:24]
    largest = max(max(shown, default=1), 1)
    bars = []
    for k, value in enumerate(shown):
        tall = 90 * value / largest
        bars.append(tag("rect", tag("title", f"hope {k}: {value}"), x=k * 14, y=100 - tall,
                        width=11, height=tall, class_="bar"))  # fmt: skip
        if k % 4 == 0:
            bars.append(text(k * 14, 114, k, "small"))
    axis = text(14 * len(shown) + 6, 114, "hope", "small")
    return drawing("The weight of a clause falls with the hope of its other literals",
                   14 * len(shown) + 50, 120, group([*bars, axis]))  # fmt: skip
