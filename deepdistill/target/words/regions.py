"""Offsets from a cell in words: ``the cell above``, ``the 8 surrounding cells``."""

from __future__ import annotations

from collections.abc import Sequence

from ..neighbourhood import Point, are_adjacent, around_centre, box_radius
from .text import listed

_SIDES = {1: (("left", "right"),), 2: (("above", "below"), ("left", "right"))}


def place(offset: Point) -> str:
    """``the cell above``, ``the cell 2 to the left``, ``the cell above on the right``."""
    if not any(offset):
        return "the cell itself"
    sides = _SIDES.get(len(offset))
    if sides is None:
        return f"the cell at offset {offset}"
    words = []
    for step, pair in zip(offset, sides, strict=True):
        if step:
            side = pair[step > 0]
            far = f"{abs(step)} " if abs(step) > 1 else ""
            words.append(f"{far}to the {side}" if side in ("left", "right") else f"{far}{side}")
    return f"the cell {' and '.join(words)}"


def region(points: Sequence[Point]) -> str:
    """``the 8 surrounding cells``, ``the 3 × 3 block around the cell``, or the offsets."""
    count, depth = len(points), len(points[0])
    filled = around_centre(points)
    if depth == 1 and box_radius(points) is not None:
        return f"the {count} cells around and including the cell" if count > 1 else "the cell"
    if depth == 1 and filled is not None and (radius := box_radius(filled)):
        return (
            "the cells to the left and right"
            if radius == 1
            else (f"the {radius} cells on either side")
        )
    if are_adjacent(points):
        return f"the {count} adjacent cells"
    if filled is not None and (radius := box_radius(filled)):
        side = " × ".join([str(2 * radius + 1)] * depth)
        return (
            f"the {count} surrounding cells"
            if radius == 1
            else (f"the other {count} cells of the {side} block around the cell")
        )
    if radius := box_radius(points):
        return f"the {' × '.join([str(2 * radius + 1)] * depth)} block around the cell"
    if count <= 4:
        return listed([place(point) for point in points])
    if depth == 1:
        return f"the cells at the offsets {listed([f'{c:+d}' for (c,) in points])}"
    return f"the cells at the offsets {listed([str(point) for point in points])}"
