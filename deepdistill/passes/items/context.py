"""What the laws about items know of a program: its arrays, their lengths and their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...ir.expr import Call, Const, Expr, Read, Size, Total, Var, negated
from ...ir.interval import Interval, bounds, readings
from ...ir.program import Fill, Program
from ...ir.rewrite import substitute


@dataclass(frozen=True, slots=True)
class Context:
    """``lengths`` are those of each array along its axes; ``ranges`` of what is read from it."""

    program: Program
    lengths: Mapping[str, tuple[Expr, ...]]
    ranges: Mapping[str, Interval]

    def length(self, array: str, axis: int = 0) -> Expr | None:
        sizes = self.lengths.get(array, ())
        return sizes[axis] if axis < len(sizes) else None

    def bounds(self, expr: Expr) -> Interval:
        return bounds(expr, self.ranges)

    def is_bit(self, expr: Expr) -> bool:
        return self.bounds(expr).is_bit


def context_of(program: Program) -> Context:
    lengths: dict[str, tuple[Expr, ...]] = {
        port.name: tuple(Size(port.name, axis) for axis in range(len(port.axes)))
        for port in program.inputs
    }
    ranges = {port.name: readings(port) for port in program.inputs}
    for statement in program.body:
        if isinstance(statement, Fill) and statement.points is None:
            lengths[statement.name] = tuple(
                Const(size) if isinstance(size, int) else size for size in statement.sizes
            )
            ranges[statement.name] = bounds(statement.value, ranges)
    return Context(program, lengths, ranges)


def replaced(expr: Expr, name: str, place: Expr) -> Expr:
    """The expression with a variable replaced."""
    return substitute(expr, {name: place})


def mirrored(name: str, length: Expr) -> Expr:
    """The place as far from the end as ``name`` is from the start: ``length - (name + 1)``."""
    return Call("sub", (length, Call("add", (Var(name), Const(1)))))


def negation(expr: Expr) -> Expr:
    """The opposite of a truth, which may stand as a number."""
    return negation(expr.args[0]) if isinstance(expr, Call) and expr.op == "int" else negated(expr)


def some(total: Total) -> Expr:
    """Whether the total of bits has a 1."""
    return Call("ge", (total, Const(1)))


def none(total: Total) -> Expr:
    """Whether the total of bits has no 1."""
    return Call("eq", (total, Const(0)))


def element_of(expr: Expr) -> Expr | None:
    """What is read from, row by row: ``Var(x)`` for ``x[i]``, ``x[i]`` for ``x[i][j]``."""
    match expr:
        case Read(array, (_,)):
            return Var(array)
        case Read(array, (row, _)):
            return Call("item", (Var(array), row))
        case _:
            return None
