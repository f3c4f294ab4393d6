"""Regions as small pictures: which places of an input a unit reads, with its weights."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TypeAlias

import numpy as np

from ..forms.dense.network import DenseLayer
from ..forms.grid.network import GridNetwork
from ..units.groups import FloatArray, Tap
from .svg import Markup, cells, framed, group, short, tag, text

Picture: TypeAlias = tuple[Markup, float, float]
"""A drawing, its width and its height."""

_SIDE = 18
_MOST_CELLS = 4096
_LARGEST = 84.0  # of the picture of a dense unit


def beside(pictures: list[Picture]) -> Picture:
    """Pictures in a row."""
    x, parts = 0.0, []
    for picture, width, _ in pictures:
        parts.append(group([picture], x))
        x += width + 10
    return Markup("".join(parts)), max(0.0, x - 10), max((p[2] for p in pictures), default=0.0)


def tap_pictures(network: GridNetwork, weights: FloatArray) -> Picture:
    """What a unit of the first group reads: one picture for each port and reading."""
    planes: dict[str, dict[tuple[int, ...], float]] = {}
    for tap, weight in zip(network.taps, weights, strict=True):
        if weight:
            planes.setdefault(_plane(network, tap), {})[tap.offset] = float(weight)
    fixed = {port.name: port.axes[0].size for port in network.inputs if port.is_fixed}
    pictures = []
    for name, found in planes.items():
        size = fixed.get(name.split(" ")[0])
        picture = neighbourhood(found, None if size is None else (0, size - 1))
        pictures.append(_named(picture, name))
    return beside(pictures)


def _plane(network: GridNetwork, tap: Tap) -> str:
    if tap.reading == "indicator":
        return f"{tap.port} = {tap.value}"
    return f"{tap.port} inside" if tap.reading == "inside" else tap.port


def _named(picture: Picture, name: str) -> Picture:
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
    told = short(weight)
    size = "small" if len(told) < 3 else "tiny"
    return Markup(box + wash + text(x + _SIDE / 2, y + 13, told, size, "middle"))


def dense_picture(weights: FloatArray, shape: tuple[int, ...]) -> Picture:
    """The weights of one dense unit over its input, where that is a picture or a short row."""
    if len(shape) not in (1, 2) or prod(shape) > _MOST_CELLS or prod(shape) != len(weights):
        return Markup(""), 0.0, 0.0
    grid = weights.reshape(shape if len(shape) == 2 else (1, -1))
    rows, columns = grid.shape
    side = min(_LARGEST / max(rows, columns), 12.0)
    levels = np.sign(grid).astype(np.int64)
    drawn = cells((levels % 3).tolist(), (0, 1, 2), side)  # -1 becomes 2
    drawn = Markup(drawn.replace("cell s1", "cell plusink").replace("cell s2", "cell minusink"))
    frame = framed(columns * side, rows * side)
    return Markup(frame + drawn), columns * side, rows * side


def alike(layer: DenseLayer) -> list[list[int]]:
    """The units of a dense layer in groups: equal weights in another order, equal bias."""
    found: dict[bytes, list[int]] = {}
    for k, (weights, bias) in enumerate(zip(layer.weights, layer.bias, strict=True)):
        key = np.round(np.append(np.sort(weights), bias), 9).tobytes()
        found.setdefault(key, []).append(k)
    return list(found.values())
