"""Networks over items as pictures: their features in words and as places, units, the answer."""

from __future__ import annotations

from typing import assert_never

from ..units.items import (
    Added,
    Each,
    Feature,
    Head,
    InsideItem,
    ItemNetwork,
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
from .graph import Edge, Node, graph
from .parts import Figure, bounded, counted
from .regions import Picture, neighbourhood
from .svg import Markup, framed, group, tag

_SIDE, _CELLS = 10, 5


def items_picture(network: ItemNetwork) -> Figure:
    """Features, units and the answer, with a sentence beneath."""
    features = [
        Node(feature_name(feature), *region_picture(feature, network))
        for feature in network.features
    ]
    units, edges = [], []
    for k, unit in enumerate(network.units):
        if isinstance(unit, Unit):
            words = bounded("sum", unit.low, unit.high)
        else:
            words = f"sum + {unit.bias}" if unit.bias else "sum"
        units.append(Node((words,)))
        edges += [Edge((0, j), (1, k), float(weight)) for j, weight in enumerate(unit.weights)]
        edges.append(Edge((1, k), (2, 0), 1.0, ""))
    what = {0: "the whole input", 2: "every cell"}.get(len(network.axes), "every item")
    if len(network.axes) == 1 and len(network.inputs[0].axes) == 2:
        what = "every row" if network.axes == (0,) else "every column"
    drawn = graph("The network: features, units, answer",
                  [features, units, [Node(_head(network.head))]], edges)  # fmt: skip
    return Figure(
        drawn, f"The same units at {what}; {counted(network.weight_count, 'weight')} not zero."
    )


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


def feature_name(feature: Feature) -> tuple[str, ...]:
    """One or two short lines."""
    match feature:
        case Number(offset, value):
            here = all(k == 0 for k in offset)
            what = "own number" if here else f"number at {_moved(offset)}"
            return (what,) if value is None else (f"{what} is {value}",)
        case InsideItem(offset):
            return (f"inside at {_moved(offset)}",)
        case Mirror(axis):
            return ("mirror image", f"along axis {axis}")
        case Line(value):
            return ("sum of the line",) if value is None else (f"how many are {value}",)
        case Length(axis):
            return (f"length of axis {axis}",)
        case Place(axis):
            return (f"place along axis {axis}",)
        case Turn():
            return ("place in the answer",)
        case Others(relation, order, of):
            where = "" if order == "any" else f" {order} it"
            what = {"less": "smaller", "equal": "equal", "greater": "larger"}[relation]
            more = () if of == Number((0,)) else (f"by {feature_name(of)[0]}",)
            return (f"{what} others{where}", *more)
        case _:
            assert_never(feature)


def _moved(offset: tuple[int, ...]) -> str:
    return ", ".join(f"{k:+d}" for k in offset)


def region_picture(feature: Feature, network: ItemNetwork) -> Picture:
    """Which places of the input the feature selects for one item; empty for none."""
    rank = len(network.inputs[0].axes)
    match feature:
        case Number(offset, _) | InsideItem(offset) if rank <= 2:
            return neighbourhood({offset: 1.0})
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
