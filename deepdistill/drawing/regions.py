"""Neighbourhoods as small pictures: which places around its own a unit reads, with its weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from .svg import Markup, group, short, tag, text

Picture: TypeAlias = tuple[Markup, float, float]
"""A drawing, its width and its height."""

_SIDE = 18


def beside(pictures: list[Picture]) -> Picture:
    """Pictures in a row."""
    x, parts = 0.0, []
    for picture, width, _ in pictures:
        parts.append(group([picture], x))
        x += width + 10
    return Markup("".join(parts)), max(0.0, x - 10), max((p[2] for p in pictures), default=0.0)


def captioned(picture: Picture, name: str) -> Picture:
    """The picture with a name beneath it."""
    drawn, width, height = picture
    wide = max(width, 6.0 * len(name))
    return Markup(drawn + text(0, height + 13, name, "small")), wide, height + 17


def neighbourhood(
    weights: Mapping[tuple[int, ...], float], span: tuple[int, int] | None = None
) -> Picture:
    """Cells around the own one (which has a thick border), each with its weight.

    With ``span`` they are the places of a row from the first to the last of it.
    """
    offsets = [offset if len(offset) > 1 else (0, *offset) for offset in weights]
    numbers = list(weights.values())
    reach = max((max(map(abs, offset)) for offset in offsets), default=0)
    flat = all(offset[-2] == 0 for offset in offsets) and all(len(o) == 1 for o in weights)
    low, high = span or (-reach, reach)
    rows = [0] if flat else list(range(-reach, reach + 1))
    known = dict(zip([offset[-2:] for offset in offsets], numbers, strict=True))
    largest = max(map(abs, numbers), default=1)
    parts = []
    for i, di in enumerate(rows):
        for j, dj in enumerate(range(low, high + 1)):
            weight = known.get((di, dj), 0.0)
            parts.append(_weight_cell(j * _SIDE, i * _SIDE, weight, largest))
    if span is None:
        middle = 0 if flat else reach * _SIDE
        parts.append(tag("rect", x=reach * _SIDE, y=middle, width=_SIDE, height=_SIDE,
                         class_="own"))  # fmt: skip
    return Markup("".join(parts)), (high - low + 1) * _SIDE, len(rows) * _SIDE


def _weight_cell(x: float, y: float, weight: float, largest: float) -> Markup:
    box = tag("rect", x=x, y=y, width=_SIDE, height=_SIDE, class_="field")
    if not weight:
        return box
    sign = "plus" if weight > 0 else "minus"
    wash = tag("rect", x=x, y=y, width=_SIDE, height=_SIDE, class_=f"wash {sign}",
               opacity=0.12 + 0.18 * abs(weight) / largest)  # fmt: skip
    words = short(weight)
    size = "small" if len(words) < 3 else "tiny"
    return Markup(box + wash + text(x + _SIDE / 2, y + 13, words, size, "middle"))
