"""The type of integer that holds every value which a program computes on its way."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, prod

from ...ir.expr import (
    Call,
    Const,
    Expr,
    First,
    If,
    Inside,
    Read,
    Size,
    Sum,
    Total,
    Var,
    children,
    walk,
)
from ...ir.interval import Interval, bounds, readings
from ...ir.program import Fill, Let, Map, Program, Scan, expressions
from ...ir.rewrite import topdown
from ..registry import NotWritten

_SIZE = "size "  # no name of a program
_REAL = ("div", "softmax")
_COUNTS = ("count", "position", "distinct", "argmax")
LENGTHS = (2**31, 2**24, 2**20, 2**16)  # places along an axis: no memory holds more than the first
_KINDS = (("int8", 7), ("int16", 15), ("int32", 31))


def integer_kind(program: Program) -> tuple[str, int]:
    """The name of NumPy's type, and the most places along an axis for which it holds all values.

    Raises :class:`NotWritten` where none of them does.
    """
    for longest in LENGTHS:
        kind = _kind(program, Interval(0, longest))
        if kind:
            return kind, longest
    raise NotWritten("NumPy's integers have 64 bits, and a value of this program may need more")


def _kind(program: Program, longest: Interval) -> str:
    """The same for axes of such lengths; empty where there is none."""
    nodes = [e for s in program.body for expr in expressions(s) for e in walk(expr)]
    if any(table.has_floats for table in program.tables) or any(map(_is_real, nodes)):
        raise NotWritten("NumPy has no words for real numbers inside a program of integers")
    if any(isinstance(statement, Scan) for statement in program.body):
        return "int64"  # what it computes is looked at there
    ranges = {_SIZE: longest, **{port.name: readings(port) for port in program.inputs}}
    ranges |= {table.name: _entries(table.values) for table in program.tables}
    widest = Interval(program.output.domain.low, program.output.domain.high)
    counts = any(isinstance(node, Size | Total | First) for node in nodes)
    if counts or any(not isinstance(s, Map) for s in program.body):
        widest = Interval(-(2**40), 2**40)  # counts and places
    for port in program.inputs:
        widest |= readings(port)
    for statement in program.body:
        if isinstance(statement, Map | Fill):
            ranges |= dict.fromkeys(statement.index, longest)
        lets = statement.body if isinstance(statement, Map) else ()
        for let in lets:
            for span in _spans(_sized(let.value), ranges):
                widest |= span
            ranges[let.name] = bounds(_sized(let.value), ranges)
        value = _sized(statement.value)  # type: ignore[union-attr]
        for span in _spans(value, ranges):
            widest |= span
        if isinstance(statement, Let | Fill):
            ranges[statement.name] = bounds(value, ranges)
    for kind, bits in _KINDS:
        if -(2**bits) <= widest.low and widest.high < 2**bits:
            return kind
    if widest.low < -(2.0**62) or widest.high > 2.0**62:
        return ""
    return "int64"


def _is_real(expr: Expr) -> bool:
    match expr:
        case Const(value):
            return isinstance(value, float)
        case Call(op):
            return op in _REAL
        case _:
            return False


def _entries(values: object) -> Interval:
    if not isinstance(values, tuple):
        return Interval(values, values)  # type: ignore[arg-type]
    span = _entries(values[0])
    for part in values[1:]:
        span |= _entries(part)
    return span


def _sized(expr: Expr) -> Expr:
    """Sizes, and places and counts in lists, as a name that has a range."""
    return topdown(
        expr,
        lambda e: (
            Var(_SIZE) if isinstance(e, Size) or (isinstance(e, Call) and e.op in _COUNTS) else None
        ),
    )


def _spans(expr: Expr, ranges: dict[str, Interval]) -> Iterator[Interval]:
    """The ranges of all values on the way to a value, those of indices left out."""
    match expr:
        case Const(tuple()):
            return
        case Read() | Inside():
            yield bounds(expr, ranges)
            return
        case Call("list", args):
            for part in args:
                yield from _spans(part, ranges)
            return
        case Sum(names, points, body) if points:
            axes = list(zip(*points, strict=True))
            sides = prod(max(k) - min(k) + 1 for k in axes)
            inner = {n: Interval(min(k), max(k)) for n, k in zip(names, axes, strict=True)}
            for span in _spans(body, {**ranges, **inner}):
                count = max(sides, len(points))
                yield Interval(min(span.low * count, span.low), max(span.high * count, span.high))
            return
        case Total(name, start, stop, body) | First(name, start, stop, _, body):
            end = bounds(stop, ranges).high
            low = bounds(start, ranges).low
            inside = {**ranges, name: Interval(low, end)}
            for part in children(expr):
                yield from _spans(part, inside)
            span = bounds(body, inside)
            if isinstance(expr, Total):
                most = max(end - low, 0)
                yield Interval(min(span.low, 0) * most, max(span.high, 0) * most)
            return
        case If(condition, then, otherwise):
            for part in (condition, then, otherwise):
                yield from _spans(part, ranges)
        case _:
            for part in children(expr):
                yield from _spans(part, ranges)
    limits = bounds(expr, ranges)
    yield limits if limits != Interval(-inf, inf) else Interval(-(2.0**63), 2.0**63)
