"""A table that follows a law becomes the law: exactly, entry by entry, or not at all.

``curve[h] if h < n else 0`` becomes ``scale * a**h // b**h`` or ``scale // (1 + h)**p`` where these
integers are the entries, and 0 from ``n`` on, which for laws that fall needs one entry alone.

The symbolic room reads the same law from the larger entries, but as a formula of real numbers,
which rounding down to integers is no part of; a pass has to give every entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...ir.expr import Call, Const, Expr, If, Read, walk
from ...ir.program import ConstantTable, Fill, Program
from ...ir.rewrite import mapped

_LARGEST = 16


def shorten_curves(program: Program) -> Program:
    """The program with laws in place of the tables that follow one."""
    body = []
    laws = {table.name: law for table in program.tables if (law := _law(table)) is not None}

    def replaced(expr: Expr) -> Expr:
        match expr:
            case If(Call("lt", (left, Const(n))), Read(name, (again,)), Const(0)) if (
                name in laws and left == again and n == _length(program, name)
            ):
                return laws[name](left)
            case _:
                return mapped(expr, replaced)

    for statement in program.body:
        assert isinstance(statement, Fill)
        value = replaced(statement.value)
        body.append(Fill(statement.name, statement.index, statement.sizes, value))
    read = {e.port for fill in body for e in walk(fill.value) if isinstance(e, Read)}
    tables = tuple(table for table in program.tables if table.name in read)
    return Program(program.name, program.inputs, program.output, tuple(body), tables)


def _length(program: Program, name: str) -> int:
    return next(len(table.values) for table in program.tables if table.name == name)


def _law(table: ConstantTable) -> Callable[[Expr], Expr] | None:
    """The first law, in order of the size of its numbers, that gives exactly these entries."""
    values = table.values
    if not values or not all(isinstance(value, int) for value in values) or values[-1] != 0:
        return None
    for entry, law in _laws(values[0]):
        if all(entry(h) == value for h, value in enumerate(values)):
            return law
    return None


def _laws(
    scale: int,
) -> Iterator[tuple[Callable[[int], int], Callable[[Expr], Expr]]]:
    for b in range(2, _LARGEST + 1):
        for a in range(1, b):
            yield _geometric(scale, a, b)
    for p in range(1, 5):
        yield _falling_power(scale, p)


def _geometric(scale: int, a: int, b: int) -> tuple[Callable[[int], int], Callable[[Expr], Expr]]:
    def law(h: Expr) -> Expr:
        top = Const(scale) if a == 1 else Call("mul", (Const(scale), Call("power", (Const(a), h))))
        return Call("floordiv", (top, Call("power", (Const(b), h))))

    return lambda h: scale * a**h // b**h, law


def _falling_power(scale: int, p: int) -> tuple[Callable[[int], int], Callable[[Expr], Expr]]:
    def law(h: Expr) -> Expr:
        base = Call("add", (h, Const(1)))
        return Call("floordiv", (Const(scale), Call("power", (base, Const(p)))))

    return lambda h: scale // (1 + h) ** p, law
