"""Sparse graphs in columns: boxes for units, lines for weights that are not zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .svg import Markup, drawing, group, number, short, tag, text

_GAP, _BETWEEN, _LINE, _PAD = 62, 14, 15, 8
_CHARACTER = 6.9  # average width of a character of the labels
_MOST_LABELS = 44  # more weights than that would hide each other
_MOST_NODES = 24  # of a column
_LEAST = 0.8  # of its own width a graph keeps where there is little room, to stay readable


@dataclass(frozen=True, slots=True)
class Node:
    """A box: lines of text, and beneath them a picture of that size."""

    lines: tuple[str, ...]
    picture: Markup = Markup("")  # noqa: RUF009 - it is immutable
    width: float = 0
    height: float = 0

    @property
    def box(self) -> tuple[float, float]:
        wide = max([len(line) * _CHARACTER for line in self.lines] + [self.width])
        tall = len(self.lines) * _LINE + (self.height + 6 if self.height else 0)
        return wide + 2 * _PAD, tall + 2 * _PAD - 4


@dataclass(frozen=True, slots=True)
class Edge:
    """A weight from one node (column, place) to another one of a later column."""

    source: tuple[int, int]
    target: tuple[int, int]
    weight: float
    label: str | None = None


@dataclass(frozen=True, slots=True)
class _Bounds:
    x: float
    y: float
    width: float
    height: float


def graph(title: str, columns: Sequence[Sequence[Node]], edges: Sequence[Edge]) -> Markup:
    """The columns from left to right, each centred; long columns are cut and say so."""
    drawn = [list(column[:_MOST_NODES]) for column in columns]
    for column, all_of_it in zip(drawn, columns, strict=True):
        if len(all_of_it) > len(column):
            column.append(Node((f"and {len(all_of_it) - len(column)} more",)))
    heights = [sum(node.box[1] + _BETWEEN for node in column) - _BETWEEN for column in drawn]
    tall = max(heights, default=0) + 2
    places: dict[tuple[int, int], _Bounds] = {}
    x = 1.0
    for c, column in enumerate(drawn):
        wide = max((node.box[0] for node in column), default=0)
        y = (tall - heights[c]) / 2
        for k, node in enumerate(column):
            places[c, k] = _Bounds(x, y, wide, node.box[1])
            y += node.box[1] + _BETWEEN
        x += wide + _GAP
    kept = [
        edge for edge in edges if edge.weight and max(edge.source[1], edge.target[1]) < _MOST_NODES
    ]
    largest = max((abs(edge.weight) for edge in kept), default=1)
    lines, labels = [], []
    for k, edge in enumerate(kept):
        line, label = _edge(edge, places, largest, k, len(kept) <= _MOST_LABELS)
        lines.append(line)
        labels.append(label)
    boxes = [_box(drawn[c][k], place) for (c, k), place in places.items()]
    wide = x - _GAP + 1
    style = f"min-width:{round(_LEAST * wide)}px"
    return drawing(title, wide, tall, *lines, *boxes, *labels, class_="graph", style=style)


def _edge(
    edge: Edge, places: dict[tuple[int, int], _Bounds], largest: float, k: int, labelled: bool
) -> tuple[Markup, Markup]:
    a, b = places[edge.source], places[edge.target]
    x0, y0 = a.x + a.width, a.y + a.height / 2
    x1, y1 = b.x, b.y + b.height / 2
    bend = (x1 - x0) / 2
    curve = f"M{number(x0)} {number(y0)}C{number(x0 + bend)} {number(y0)} "
    curve += f"{number(x1 - bend)} {number(y1)} {number(x1)} {number(y1)}"
    sign = "plus" if edge.weight > 0 else "minus"
    words = edge.label if edge.label is not None else short(edge.weight)
    line = tag(
        "path",
        tag("title", words),
        d=curve,
        class_=f"edge {sign}",
        stroke_width=1 + 2 * abs(edge.weight) / largest,
    )
    if not labelled or not words:
        return line, Markup("")
    # along the curve at three parts in turn, so that neighbours do not cover each other
    t = (0.3, 0.5, 0.7)[k % 3]
    x = x0 + (x1 - x0) * (3 * t * (1 - t) * 0.5 + t**3 + 3 * t * t * (1 - t) * 0.5)
    y = y0 + (y1 - y0) * (3 * t * t * (1 - t) + t**3)
    wide = len(words) * _CHARACTER + 4
    back = tag("rect", x=x - wide / 2, y=y - 7, width=wide, height=14, rx=3, class_="paper")
    return line, group([back, text(x, y + 4, words, f"w {sign}", "middle")])


def _box(node: Node, place: _Bounds) -> Markup:
    parts = [tag("rect", x=0.5, y=0.5, width=place.width - 1, height=place.height - 1, rx=5,
                 class_="unit")]  # fmt: skip
    y = _PAD + 8.0
    for line in node.lines:
        parts.append(text(_PAD, y, line))
        y += _LINE
    if node.height:
        parts.append(group([node.picture], _PAD, y - 8))
    return group(parts, place.x, place.y)
