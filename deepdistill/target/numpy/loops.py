"""Loops of a program as axes of arrays: where an index reads, and how far beyond a border."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from ...ir.expr import Call, Const, Expr, First, If, Inside, Listed, Read, Size, Sum, Total, Var
from ...ir.program import Fill, Let, Map, Program, Scan


@dataclass(frozen=True, slots=True)
class AxisLoop:
    """A variable that runs over an axis of a port, from ``start`` to ``trim`` before its end.

    ``port`` is empty where it runs from ``low`` to ``high``, texts of numbers.
    """

    port: str = ""
    axis: int = 0
    start: int = 0
    trim: int = 0
    low: str = ""
    high: str = ""


def offset(expr: Expr) -> tuple[str | None, int] | None:
    """The variable (or None) and the number that an index is the sum of; None for others."""
    match expr:
        case Const(int() as value):
            return None, value
        case Var(name):
            return name, 0
        case Call("add", args):
            variable: str | None = None
            total = 0
            for arg in args:
                part = offset(arg)
                if part is None or (variable is not None and part[0] is not None):
                    return None
                variable, total = part[0] if part[0] is not None else variable, total + part[1]
            return variable, total
        case Call("sub", (a, Const(int() as value))):
            part = offset(a)
            return None if part is None else (part[0], part[1] - value)
        case _:
            return None


def from_end(expr: Expr, port: str, axis: int) -> int | None:
    """How far an index lies before the end of an axis: 1 for ``size - 1``; None for others."""
    match expr:
        case Size(port_, axis_) if (port_, axis_) == (port, axis):
            return 0
        case Call("add", (a, Const(int() as value))) | Call("add", (Const(int() as value), a)):
            far = from_end(a, port, axis)
            return None if far is None else far - value
        case Call("sub", (a, Const(int() as value))):
            far = from_end(a, port, axis)
            return None if far is None else far + value
        case _:
            return None


def loop_of(start: Expr, stop: Expr) -> AxisLoop | None:
    """The loop from a constant up to the end of an axis, or a little before it."""
    match start, stop:
        case Const(int() as low), Size(port, axis) if low >= 0:
            return AxisLoop(port, axis, low, 0)
        case Const(int() as low), Call("add" | "sub", (Size(port, axis), Const(int()))) if low >= 0:
            trim = from_end(stop, port, axis)
            return AxisLoop(port, axis, low, trim) if trim is not None and trim >= 0 else None
        case _:
            return None


Margins = list[list[int]]
"""For each axis of a port how many places are read before its first and after its last one."""


def margins(program: Program) -> dict[str, Margins]:
    """How far the reads of a program that are slices reach beyond the borders of each port."""
    reach = {port.name: [[0, 0] for _ in port.axes] for port in program.inputs}
    for statement in program.body:
        match statement:
            case Map(_, like, index, body, value):
                loops = {name: AxisLoop(like, axis) for axis, name in enumerate(index)}
                for expr in (*(let.value for let in body), value):
                    _widen(reach, expr, loops, {})
            case Let(_, value):
                _widen(reach, value, {}, {})
            case Fill(_, index, sizes, value):
                loops = {}
                for name, size in zip(index, sizes, strict=False):
                    if not isinstance(size, int) and (loop := loop_of(Const(0), size)):
                        loops[name] = loop
                _widen(reach, value, loops, {})
            case Scan():
                pass
            case _:
                assert_never(statement)
    return reach


def _widen(
    reach: dict[str, Margins],
    expr: Expr,
    loops: Mapping[str, AxisLoop],
    points: Mapping[str, tuple[int, int]],
) -> None:
    match expr:
        case Const() | Var() | Size():
            return
        case Read(port, index):
            if port in reach and (places := slices(port, index, loops, points)) is not None:
                for margin, (loop, low, high) in zip(reach[port], places, strict=True):
                    margin[0] = max(margin[0], -(loop.start + low))
                    margin[1] = max(margin[1], high - loop.trim)
            parts: Iterator[Expr] = iter(index)
        case Inside(_, index):
            parts = iter(index)
        case Call(_, args):
            parts = iter(args)
        case If(condition, then, otherwise):
            parts = iter((condition, then, otherwise))
        case Sum(names, all_points, body):
            spans = {
                name: (min(k), max(k))
                for name, k in zip(names, zip(*all_points, strict=True), strict=False)
            }
            _widen(reach, body, loops, {**points, **spans})
            return
        case Total(name, start, stop, body):
            inner = loop_of(start, stop)
            _widen(reach, body, {**loops, **({name: inner} if inner else {})}, points)
            parts = iter((start, stop))
        case First(name, start, stop, condition, value):
            inner = loop_of(start, stop)
            for part in (condition, value):
                _widen(reach, part, {**loops, **({name: inner} if inner else {})}, points)
            parts = iter((start, stop))
        case Listed(_, over, value, condition):
            parts = iter((over, value, condition))
        case _:
            assert_never(expr)
    for part in parts:
        _widen(reach, part, loops, points)


def slices(
    port: str,
    index: tuple[Expr, ...],
    loops: Mapping[str, AxisLoop],
    points: Mapping[str, tuple[int, int]],
) -> list[tuple[AxisLoop, int, int]] | None:
    """For each axis its loop and the least and largest offset; None for an index that is no slice.

    Every axis needs a loop of its own, in the order of the loops.
    """
    places, order = [], list(loops)
    for axis, expr in enumerate(index):
        terms = expr.args if isinstance(expr, Call) and expr.op == "add" else (expr,)
        shifts = [points[t.name] for t in terms if isinstance(t, Var) and t.name in points]
        rest = tuple(t for t in terms if not (isinstance(t, Var) and t.name in points))
        base = offset(Call("add", rest)) if len(rest) != 1 else offset(rest[0])
        if base is None or base[0] is None or base[0] not in loops or len(shifts) > 1:
            return None
        loop = loops[base[0]]
        if (loop.port, loop.axis) != (port, axis):
            return None
        low, high = shifts[0] if shifts else (0, 0)
        places.append((base[0], loop, base[1] + low, base[1] + high))
    used = [order.index(name) for name, *_ in places]
    if used != sorted(set(used)):
        return None
    return [(loop, low, high) for _, loop, low, high in places]


def cut(cuts: Sequence[tuple[int, int]]) -> str:
    """``[1:-1, :-2]`` for what is cut off at both ends of each axis; nothing where nothing is."""
    parts = [f"{low or ''}:{-high or ''}" for low, high in cuts]
    while parts and parts[-1] == ":":
        parts.pop()
    return f"[{', '.join(parts)}]" if parts else ""
