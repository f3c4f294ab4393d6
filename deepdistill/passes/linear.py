"""Integer linear forms over what a program reads at one position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..ir.expr import Call, Const, Expr, Inside, Read, Sum, Var
from ..ir.linear import LinearForm

Kind = Literal["number", "indicator", "inside"]


@dataclass(frozen=True, slots=True)
class Atom:
    """A port read at an offset from the position (on fixed axes: at a place).

    ``kind`` says what enters the sum: the number read, whether it equals ``value``, or whether
    the place is inside the array.
    """

    port: str
    offset: tuple[int, ...]
    kind: Kind
    value: int = 0


def linear_form(
    expr: Expr, index: tuple[str, ...], bound: Mapping[str, int] | None = None
) -> LinearForm[Atom] | None:
    """The linear form of an expression at position ``index``, or None where it has none."""
    here = bound or {}
    match expr:
        case Const(int() as value):
            return LinearForm({}, value)
        case Var(name) if name in here:
            return LinearForm({}, here[name])
        case Read(port, place):
            return _atom(port, place, index, here, "number")
        case Inside(port, place):
            return _atom(port, place, index, here, "inside")
        case Call("int", (Call("eq", (Read(port, place), Const(int() as value))),)):
            return _atom(port, place, index, here, "indicator", value)
        case Call("add", args):
            total: LinearForm[Atom] = LinearForm({})
            for arg in args:
                part = linear_form(arg, index, here)
                if part is None:
                    return None
                total = total.plus(part)
            return total
        case Call("mul", (Const(int() as factor), body)):
            part = linear_form(body, index, here)
            return None if part is None else part.scaled(factor)
        case Sum(names, points, body):
            total = LinearForm({})
            for point in points:
                inner = {**here, **dict(zip(names, point, strict=True))}
                part = linear_form(body, index, inner)
                if part is None:
                    return None
                total = total.plus(part)
            return total
        case _:
            return None


def _atom(
    port: str,
    place: tuple[Expr, ...],
    index: tuple[str, ...],
    bound: Mapping[str, int],
    kind: Kind,
    value: int = 0,
) -> LinearForm[Atom] | None:
    offsets = []
    for axis, expr in enumerate(place):
        offset = _offset(expr, index[axis] if axis < len(index) else "", bound)
        if offset is None:
            return None
        offsets.append(offset)
    return LinearForm({Atom(port, tuple(offsets), kind, value): 1}, 0)


def _offset(expr: Expr, name: str, bound: Mapping[str, int]) -> int | None:
    match expr:
        case Const(int() as value):
            return value
        case Var(other) if other in bound:
            return bound[other]
        case Var(other):
            return 0 if other == name else None
        case Call("add", (left, right)):
            a, b = _offset(left, name, bound), _offset(right, name, bound)
            return None if a is None or b is None else a + b
        case _:
            return None
