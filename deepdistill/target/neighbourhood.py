"""What a set of offsets looks like: a box, a box without its centre, the four adjacent cells."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TypeAlias

from ..ir.expr import Call, Const, Expr, Var

Point: TypeAlias = tuple[int, ...]


def columns(points: Sequence[Point]) -> tuple[tuple[int, ...], ...]:
    """For each coordinate the values it takes, sorted."""
    return tuple(tuple(sorted(set(column))) for column in zip(*points, strict=True))


def is_product(points: Sequence[Point]) -> bool:
    """Whether every combination of the coordinates' values occurs exactly once."""
    count = prod(len(column) for column in columns(points))
    return len(points) == len(set(points)) == count


def around_centre(points: Sequence[Point]) -> tuple[Point, ...] | None:
    """The product that these points form together with their centre, or None."""
    if not points:
        return None
    centre = (0,) * len(points[0])
    filled = (*points, centre)
    return filled if centre not in points and is_product(filled) else None


def is_run(values: Sequence[int]) -> bool:
    """Whether sorted integers follow one another without a gap."""
    return values[-1] - values[0] == len(values) - 1


def box_radius(points: Sequence[Point]) -> int | None:
    """The radius r of a full box from -r to r in every coordinate, or None."""
    sides = set(columns(points))
    if len(sides) != 1 or not is_product(points):
        return None
    (side,) = sides
    return side[-1] if is_run(side) and side[0] == -side[-1] else None


def are_adjacent(points: Sequence[Point]) -> bool:
    """Whether these are all the cells that share a side with the centre."""
    return len(points) == len(set(points)) == 2 * len(points[0]) and all(
        sum(map(abs, point)) == 1 for point in points
    )


def offset_from(expr: Expr) -> tuple[str | None, int]:
    """An index as a variable plus a number; (None, k) for the number k, (None, 0) for others."""
    match expr:
        case Const(int() as offset):
            return (None, offset)
        case Var(name):
            return (name, 0)
        case Call("add", (Var(name), Const(int() as offset))):
            return (name, offset)
        case Call("add", (Const(int() as offset), Var(name))):
            return (name, offset)
        case Call("sub", (Var(name), Const(int() as offset))):
            return (name, -offset)
        case _:
            return (None, 0)
