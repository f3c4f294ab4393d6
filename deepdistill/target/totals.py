"""Arrays with sizes of their own, and sums over their rows and columns → Python text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ir.expr import Call, Const, Expr, Read, Size, Total, Var, walk
from ..ir.interval import Interval, bounds
from ..ir.rewrite import replace
from .precedence import Text

if TYPE_CHECKING:
    from .printer import Printer


def total_text(printer: Printer, total: Total) -> Text:
    """``sum(row[j] for row in cells[2:])``, ``sum(cells[i])`` or a plain loop over a range."""
    adder = "math.fsum" if holds_floats(printer, total) else "sum"
    elements, loops = _elements(printer, total)
    if not loops:
        return Text(f"{adder}({elements})")
    return Text(f"{adder}({elements} {' '.join(loops)})")


def holds_floats(printer: Printer, expr: Expr) -> bool:
    """Whether floats are added up, which ``math.fsum`` does with one rounding."""
    return any(
        (isinstance(e, Const) and isinstance(e.value, float))
        or (isinstance(e, Read) and e.port in printer.float_tables)
        for e in walk(expr)
    )


def _elements(printer: Printer, total: Total) -> tuple[str, list[str]]:
    """What ``sum`` takes: an array with no loops, or an element and the loops that make it."""
    body, name = total.body, total.name
    whole = _whole_array(printer, total)
    if whole is not None:
        return whole, []
    lines = _lines(printer, total)
    if lines is not None:
        array, read = lines
        row = printer.helper("row")
        line = f"*{row}*"  # no identifier, so no array of the program
        printer.arrays[line] = row
        printer.array_sizes[line] = (length_of(printer, read.port, 1),)
        element, loops = _body(printer, replace(body, read, Read(line, read.index[1:])))
        return element, [f"for {row} in {array}", *loops]
    with printer.scope():
        start, stop = printer.text(total.start).source, printer.text(total.stop).source
        last = bounds(total.stop, printer.ranges).high - 1
        python = printer.bind(name, span=Interval(bounds(total.start, printer.ranges).low, last))
        stays_below(printer, name, total.stop)
        element, loops = _body(printer, body)
    span = stop if total.start == Const(0) else f"{start}, {stop}"
    return element, [f"for {python} in range({span})", *loops]


def _body(printer: Printer, body: Expr) -> tuple[str, list[str]]:
    """What is added up for each step of a loop, and the loops inside that one."""
    if not isinstance(body, Total):
        return printer.number(body), []
    inner, loops = _elements(printer, body)
    return (inner, loops) if loops else (f"sum({inner})", [])


def _element(printer: Printer, name: str, index: tuple[Expr, ...]) -> str:
    places = "".join(f"[{printer.source(place)}]" for place in index)
    return printer.arrays.get(name, name) + places


def _window(printer: Printer, total: Total, array: str, length: Expr | None) -> str:
    """``array``, ``array[2:]`` or ``array[a:b]`` for the range of a sum."""
    first = "" if total.start == Const(0) else printer.source(total.start)
    last = "" if total.stop == length else printer.source(total.stop)
    return array if not first and not last else f"{array}[{first}:{last}]"


def length_of(printer: Printer, name: str, axis: int) -> Expr | None:
    """How long an array is along an axis: a number or an expression of sizes."""
    if name in printer.ports:
        axes = printer.ports[name].axes
        if axis >= len(axes):
            return None
        size = axes[axis].size
        return Size(name, axis) if size is None else Const(size)
    sizes = printer.array_sizes.get(name, ())
    length = sizes[axis] if axis < len(sizes) else None
    return Const(length) if isinstance(length, int) else length


def is_from_end(printer: Printer, expr: Expr, size: str) -> bool:
    """Whether a place is counted from the end of an axis and there for certain."""
    match expr:
        case Call("add", (Size(port, axis), Const(int() as step))):
            return printer.sizes[port][axis] == size and 0 < -step <= printer.least.get(size, 1)
        case _:
            return False


def stays_below(printer: Printer, name: str, stop: Expr) -> None:
    """Tell the printer that a loop variable is less than a size of an input."""
    if isinstance(stop, Size):
        printer.places[name] = printer.sizes[stop.port][stop.axis]


def _whole_array(printer: Printer, total: Total) -> str | None:
    """``cells[i]`` or a part of it, where the sum runs along the last axis of one array."""
    match total.body:
        case Read(port, (*index, Var(last))) if last == total.name:
            if any(e == Var(last) for place in index for e in walk(place)):
                return None
            array = _element(printer, port, tuple(index))
            return _window(printer, total, array, length_of(printer, port, len(index)))
        case _:
            return None


def _lines(printer: Printer, total: Total) -> tuple[str, Read] | None:
    """The array that the sum walks line by line, where its variable only says which line."""
    reads = [e for e in walk(total.body) if isinstance(e, Read)]
    if len(reads) != 1:
        return None
    (read,) = reads
    places = [k for k, place in enumerate(read.index) if place == Var(total.name)]
    uses = sum(e == Var(total.name) for e in walk(total.body))
    if places != [0] or uses != 1 or len(read.index) != 2:
        return None
    array = _element(printer, read.port, ())
    return _window(printer, total, array, length_of(printer, read.port, 0)), read
