"""The range of values of an expression, from the ranges of the names in it."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, nextafter
from typing import TypeAlias, assert_never

from .arithmetic import BIT, NATURAL, UNKNOWN, Interval, raised, times
from .expr import Call, Const, Expr, First, If, Inside, Listed, Read, Size, Sum, Total, Var, walk
from .ops import OPERATIONS, OPPOSITE
from .types import Port

__all__ = ["BIT", "UNKNOWN", "Interval", "Ranges", "bounds", "narrowed", "readings"]

Ranges: TypeAlias = Mapping[str, Interval]
"""The interval of each name, and of what can be read from each port; others are unknown."""


def readings(port: Port) -> Interval:
    """What a read of a port can give: its domain, and 0 where a border may be near."""
    inside = Interval(port.domain.low, port.domain.high)
    return inside if all(axis.wrap for axis in port.axes) else inside | Interval(0, 0)


def bounds(expr: Expr, ranges: Ranges) -> Interval:
    """An interval that holds every value of the expression.

    ``ranges`` gives the interval of each name and of what can be read from each port (see
    :func:`readings`); what it leaves out is unknown.
    """
    match expr:
        case Const(tuple() as values):
            return Interval(min(values), max(values)) if values else UNKNOWN
        case Const(value):
            assert isinstance(value, int | float)
            return Interval(value, value)
        case Var(name):
            return ranges.get(name, UNKNOWN)
        case Read(port, _):
            return ranges.get(port, UNKNOWN)
        case Inside():
            return BIT
        case Call("mul", (a, b)) if a == b:
            return raised(bounds(a, ranges), 2)
        case Call(op, args):
            return OPERATIONS[op].bounds([bounds(arg, ranges) for arg in args])
        case If(condition, then, otherwise):
            yes, no = (narrowed(ranges, condition, holds) for holds in (True, False))
            return bounds(then, yes) | bounds(otherwise, no)
        case Sum(names, points, body):
            if not points:
                return Interval(0, 0)
            axes = [Interval(min(k), max(k)) for k in zip(*points, strict=True)]
            inner = bounds(body, _bound(ranges, dict(zip(names, axes, strict=True)), body))
            return Interval(times(inner.low, len(points)), times(inner.high, len(points)))
        case Total(name, start, stop, body):
            first, last = bounds(start, ranges).low, bounds(stop, ranges).high - 1
            count = max(last - first + 1, 0)
            inner = bounds(body, _bound(ranges, {name: Interval(first, last)}, body))
            low, high = min(inner.low, 0), max(inner.high, 0)  # there may be fewer terms
            return Interval(times(low, count), times(high, count))
        case Size():
            return NATURAL
        case First(name, start, stop, _, value):
            span = Interval(bounds(start, ranges).low, bounds(stop, ranges).high - 1)
            return bounds(value, _bound(ranges, {name: span}, value))
        case Listed(names, over, value):  # of its elements, as for any list
            element = bounds(over, ranges) if len(names) == 1 else UNKNOWN
            return bounds(value, _bound(ranges, dict.fromkeys(names, element), value))
        case _:
            assert_never(expr)


def _bound(ranges: Ranges, names: Mapping[str, Interval], body: Expr) -> Ranges:
    """The ranges where names are bound; of one that an array has too, which is read, nothing."""
    twice = {name for name in names if name in ranges}
    twice = (
        {e.port for e in walk(body) if isinstance(e, Read) and e.port in twice} if twice else twice
    )
    return {**ranges, **names, **dict.fromkeys(twice, UNKNOWN)}


def narrowed(ranges: Ranges, condition: Expr, holds: bool) -> Ranges:
    """The ranges where a comparison of a variable with a number holds, or does not."""
    match condition:
        case Call("lt" | "le" | "gt" | "ge", (Var(name), Const(int() | float() as value))):
            order = condition.op if holds else OPPOSITE[condition.op]
            old = ranges.get(name, UNKNOWN)
            if order in ("lt", "le"):
                end = min(old.high, value if order == "le" else nextafter(value, -inf))
                return {**ranges, name: Interval(min(old.low, end), end)}
            end = max(old.low, value if order == "ge" else nextafter(value, inf))
            return {**ranges, name: Interval(end, max(old.high, end))}
        case _:
            return ranges
