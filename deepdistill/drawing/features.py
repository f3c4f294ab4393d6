"""Features of items in words and as small pictures."""

from __future__ import annotations

from typing import assert_never

from ..units.items import (
    Feature,
    Inside,
    ItemNetwork,
    Length,
    Line,
    Mirror,
    Number,
    Others,
    Place,
    Turn,
)
from .regions import Picture, neighbourhood
from .svg import Markup, framed, group, tag

_SIDE, _CELLS = 10, 5


def feature_name(feature: Feature) -> tuple[str, ...]:
    """One or two short lines."""
    match feature:
        case Number(offset, value):
            here = all(k == 0 for k in offset)
            what = "own number" if here else f"number at {_told(offset)}"
            return (what,) if value is None else (f"{what} is {value}",)
        case Inside(offset):
            return (f"inside at {_told(offset)}",)
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


def _told(offset: tuple[int, ...]) -> str:
    return ", ".join(f"{k:+d}" for k in offset)


def region_picture(feature: Feature, network: ItemNetwork) -> Picture:
    """Which places of the input the feature selects for one item; empty for none."""
    rank = len(network.inputs[0].axes)
    match feature:
        case Number(offset, _) | Inside(offset) if rank <= 2:
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
