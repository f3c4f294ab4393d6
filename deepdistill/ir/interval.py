"""The range of values of an expression, from the ranges of the names in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import inf
from typing import assert_never

from .expr import OPERATIONS, Call, Const, Expr, First, If, Inside, Read, Size, Sum, Total, Var
from .types import Port


@dataclass(frozen=True, slots=True)
class Interval:
    """The integers from ``low`` to ``high``, either of which may be infinite."""

    low: float
    high: float

    def __or__(self, other: Interval) -> Interval:
        """The least interval that holds both."""
        return Interval(min(self.low, other.low), max(self.high, other.high))

    @property
    def is_bit(self) -> bool:
        return self.low >= 0 and self.high <= 1


UNKNOWN = Interval(-inf, inf)
BIT = Interval(0, 1)


def readings(port: Port) -> Interval:
    """What a read of a port can give: its domain, and 0 where a border may be near."""
    inside = Interval(port.domain.low, port.domain.high)
    return inside if all(axis.wrap for axis in port.axes) else inside | Interval(0, 0)


def bounds(expr: Expr, ranges: Mapping[str, Interval]) -> Interval:
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
        case Call(op, args):
            if OPERATIONS[op].truth:
                return BIT
            return _call(op, [bounds(arg, ranges) for arg in args])
        case If(_, then, otherwise):
            return bounds(then, ranges) | bounds(otherwise, ranges)
        case Sum(names, points, body):
            if not points:
                return Interval(0, 0)
            axes = [Interval(min(k), max(k)) for k in zip(*points, strict=True)]
            inner = bounds(body, {**ranges, **dict(zip(names, axes, strict=True))})
            return Interval(_times(inner.low, len(points)), _times(inner.high, len(points)))
        case Total(name, start, stop, body):
            first, last = bounds(start, ranges).low, bounds(stop, ranges).high - 1
            count = max(last - first + 1, 0)
            inner = bounds(body, {**ranges, name: Interval(first, last)})
            low, high = min(inner.low, 0), max(inner.high, 0)  # there may be fewer terms
            return Interval(_times(low, count), _times(high, count))
        case Size():
            return Interval(0, inf)
        case First(name, start, stop, _, value):
            span = Interval(bounds(start, ranges).low, bounds(stop, ranges).high - 1)
            return bounds(value, {**ranges, name: span})
        case _:
            assert_never(expr)


def _times(a: float, b: float) -> float:
    """A product in which 0 times infinity is 0."""
    return 0 if a == 0 or b == 0 else a * b


def _call(op: str, args: list[Interval]) -> Interval:
    if not args:
        return UNKNOWN
    first, rest = args[0], args[1:]
    match op:
        case "add":
            return Interval(sum(a.low for a in args), sum(a.high for a in args))
        case "sub":
            return Interval(first.low - rest[0].high, first.high - rest[0].low)
        case "mul":
            for other in rest:
                corners = [
                    _times(a, b)
                    for a, b in product((first.low, first.high), (other.low, other.high))
                ]
                first = Interval(min(corners), max(corners))
            return first
        case "mod" if rest[0].low > 0:
            if first.low >= 0 and first.high < rest[0].low:
                return first
            return Interval(0, rest[0].high - 1)
        case "floordiv" if rest[0].low > 0 and rest[0].low == rest[0].high:
            return Interval(_floor(first.low, rest[0].low), _floor(first.high, rest[0].low))
        case "max":
            return Interval(max(a.low for a in args), max(a.high for a in args))
        case "min":
            return Interval(min(a.low for a in args), min(a.high for a in args))
        case "abs":
            high = max(abs(first.low), abs(first.high))
            return Interval(max(first.low, -first.high, 0), high)
        case "int":
            return first
        case "item" | "sorted" | "reversed" | "prefix" | "maximum" | "minimum":
            return first
        case "count" | "position" | "distinct":
            return Interval(0, inf)
        case "bitand" | "bitor" | "bitxor":
            high = max(a.high for a in args)
            if min(a.low for a in args) < 0 or high == inf:
                return UNKNOWN
            return Interval(0, high if op == "bitand" else 2 ** int(high).bit_length() - 1)
        case _:
            return UNKNOWN


def _floor(a: float, b: float) -> float:
    return a if abs(a) == inf else a // b
