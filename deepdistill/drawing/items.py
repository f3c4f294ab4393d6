"""Networks over items as pictures: their features in words and as places, units, the answer."""

from __future__ import annotations

from ..units.item_readings import ItemReading, Line, Mirror, Others
from ..units.items import ItemNetwork
from ..units.readings import OffsetReading
from .graph import Edge, Node, graph
from .parts import Figure, counted
from .regions import Picture, neighbourhood
from .svg import Markup, framed, group, tag

_SIDE, _CELLS = 10, 5


def items_picture(network: ItemNetwork) -> Figure:
    """Features, units and the answer, with a sentence beneath."""
    features = [
        Node(feature.words(network.site), *region_picture(feature, network))
        for feature in network.features
    ]
    units, edges = [], []
    for k, (unit, total) in enumerate(zip(network.units, network.layer.sums, strict=True)):
        units.append(Node((unit.words(),)))
        edges += [Edge((0, j), (1, k), float(weight)) for j, weight in enumerate(total.weights)]
        edges.append(Edge((1, k), (2, 0), 1.0, ""))
    what = {0: "the whole input", 2: "every cell"}.get(len(network.axes), "every item")
    if len(network.axes) == 1 and len(network.inputs[0].axes) == 2:
        what = "every row" if network.axes == (0,) else "every column"
    drawn = graph("The network: features, units, answer",
                  [features, units, [Node(network.head.words(network.site))]], edges)  # fmt: skip
    return Figure(
        drawn, f"The same units at {what}; {counted(network.weight_count, 'weight')} not zero."
    )


def region_picture(feature: ItemReading, network: ItemNetwork) -> Picture:
    """Which places of the input the feature selects for one item; empty for none."""
    rank = len(network.inputs[0].axes)
    match feature:
        case OffsetReading() if rank <= 2:
            return neighbourhood({feature.offset: 1.0})
        case Mirror(axis) if rank <= 2:
            own = (1, 1)
            there = [_CELLS - 1 - k if d == axis else k for d, k in enumerate(own)]
            return _places(rank, own, {(there[0], there[1]) if rank == 2 else (0, 3)})
        case Line() if rank == 2 and network.axes:
            chosen = {(1, k) if network.axes == (0,) else (k, 1) for k in range(_CELLS)}
            return _places(rank, None, chosen)
        case Line() if rank <= 2 and not network.axes:
            rows = range(_CELLS) if rank == 2 else range(1)
            return _places(rank, None, {(i, j) for i in rows for j in range(_CELLS)})
        case Others(_, order, _):
            kept = {"any": (0, 1, 3, 4), "before": (0, 1), "after": (3, 4)}[order]
            return _places(1, (0, 2), {(0, k) for k in kept})
        case _:
            return Markup(""), 0.0, 0.0


def _places(rank: int, own: tuple[int, int] | None, chosen: set[tuple[int, int]]) -> Picture:
    rows = _CELLS if rank == 2 else 1
    parts: list[str] = [framed(_CELLS * _SIDE, rows * _SIDE)]
    for i, j in sorted(chosen):
        parts.append(tag("rect", x=j * _SIDE, y=i * _SIDE, width=_SIDE, height=_SIDE,
                         class_="wash plus", opacity=0.5))  # fmt: skip
    if own is not None:
        i, j = own if rank == 2 else (0, own[1])
        parts.append(tag("rect", x=j * _SIDE, y=i * _SIDE, width=_SIDE, height=_SIDE,
                         class_="own"))  # fmt: skip
    return group(parts), _CELLS * _SIDE, rows * _SIDE
