"""Arrays with sizes of their own → comprehensions over elements, rows, columns or indices."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from ..ir.expr import Const, Expr, Read, Total, Var, walk
from ..ir.interval import Interval
from ..ir.program import Fill
from ..ir.rewrite import topdown
from .totals import length_of, stays_below

if TYPE_CHECKING:
    from .printer import Printer

_LONGEST_POINTS = 60


def fill_lines(statement: Fill, printer: Printer) -> list[str]:
    """One assignment: a comprehension for each axis."""
    text = _over_points(statement, printer) if statement.points else _over_axes(statement, printer)
    python = printer.bind(statement.name)
    printer.arrays[statement.name] = python
    printer.array_sizes[statement.name] = statement.sizes
    return [f"{python} = {text}"]


def _over_points(statement: Fill, printer: Printer) -> str:
    assert statement.points is not None
    table: tuple[object, ...] = statement.points
    with printer.scope():
        names = [printer.bind(name) for name in statement.index]
        text = printer.number(statement.value)
    if len(names) == 1:
        table = tuple(point[0] for point in statement.points)
    where = repr(table)
    if len(where) > _LONGEST_POINTS:
        where = printer.constant(f"{statement.name.upper()}_PLACES", table)
    return f"[{text} for {', '.join(names)} in {where}]"


@dataclass(frozen=True, slots=True)
class _Loop:
    """What a loop binds and walks, and what the value reads instead of the index."""

    target: str
    iterable: str
    value: Expr


def _over_axes(statement: Fill, printer: Printer) -> str:
    with printer.scope():
        value, loops, used = statement.value, [], set[str]()
        for name, size in zip(statement.index, statement.sizes, strict=True):
            loop = _over_elements(printer, value, name, size, used)
            if loop is None:
                loop = _Loop(_counted(printer, name, size), _range(printer, size), value)
            value = loop.value
            used.add(loop.target)
            loops.append(loop)
        text = printer.number(value)
        if any(re.search(rf"\bfor {re.escape(loop.target)} in\b", text) for loop in loops):
            pairs = list(zip(statement.index, statement.sizes, strict=True))
            names = [_counted(printer, name, size) for name, size in pairs]
            text = printer.number(statement.value)
            loops = [
                _Loop(name, _range(printer, size), value)
                for name, (_, size) in zip(names, pairs, strict=True)
            ]
    for loop in reversed(loops):
        text = f"[{text} for {loop.target} in {loop.iterable}]"
    return text


def _counted(printer: Printer, name: str, size: int | Expr) -> str:
    """The Python name of an index that runs from 0 up to a size."""
    python = printer.bind(name, span=Interval(0, size - 1 if isinstance(size, int) else inf))
    if not isinstance(size, int):
        stays_below(printer, name, size)
    return python


def _range(printer: Printer, size: int | Expr) -> str:
    return f"range({size if isinstance(size, int) else printer.source(size)})"


def _over_elements(
    printer: Printer, value: Expr, index: str, size: int | Expr, used: set[str]
) -> _Loop | None:
    """A loop over the rows, the elements or the columns of the one array read at the index."""
    length = Const(size) if isinstance(size, int) else size
    reads = [e for e in walk(value) if isinstance(e, Read) and Var(index) in e.index]
    uses = sum(e == Var(index) for e in walk(value))
    if not reads or len({read.port for read in reads}) != 1 or uses != len(reads):
        return None
    name = reads[0].port
    array = printer.arrays.get(name, name)
    if all(read.index[0] == Var(index) for read in reads) and length_of(printer, name, 0) == length:
        deep = length_of(printer, name, 1) is not None
        target = "row" if deep else _element_name(array)
        taken = used | (printer.used - set(printer.helpers.values()))
        if deep != any(len(read.index) > 1 for read in reads) or target in taken:
            return None
        return _Loop(target, array, _first_read(printer, value, index, target))
    columns = [e for e in walk(value) if isinstance(e, Total) and _is_column(e, index)]
    if (
        len(columns) == len(reads)
        and length_of(printer, name, 1) == length
        and "column" not in (used | printer.used)
    ):
        return _Loop("column", f"zip(*{array})", _column_read(printer, value, index))
    return None


def _element_name(array: str) -> str:
    """``column`` for an element of ``column_sum``, ``value`` where there is no better word."""
    word = array.rsplit("_", 1)[0]
    return word if array.endswith(("_sum", "_rest", "_start")) and "_" not in word else "value"


def _is_column(total: Total, index: str) -> bool:
    return isinstance(total.body, Read) and total.body.index == (Var(total.name), Var(index))


def _first_read(printer: Printer, expr: Expr, index: str, target: str) -> Expr:
    """The expression with ``array[index][..]`` read as ``target[..]``."""

    def described(part: Expr) -> Expr | None:
        if isinstance(part, Read) and part.index[0] == Var(index):
            return _stand_in(printer, part.port, 1, target, part.index[1:])
        return None

    return topdown(expr, described)


def _column_read(printer: Printer, expr: Expr, index: str) -> Expr:
    def described(part: Expr) -> Expr | None:
        if not isinstance(part, Total) or not _is_column(part, index):
            return None
        assert isinstance(part.body, Read)
        body = _stand_in(printer, part.body.port, 0, "column", (Var(part.name),))
        return Total(part.name, part.start, part.stop, body)

    return topdown(expr, described)


def _stand_in(printer: Printer, name: str, axis: int, target: str, index: tuple[Expr, ...]) -> Expr:
    if not index:
        return Var(target)
    line = f"*{target}*"  # no identifier, so no array of the program
    printer.arrays[line] = target
    printer.array_sizes[line] = (length_of(printer, name, axis),)
    return Read(line, index)
