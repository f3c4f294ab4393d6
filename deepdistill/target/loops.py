"""Loops over numbers, rows and columns, and over places where those are needed for themselves.

An index is written only where it is needed: a loop whose variable just says which number or which
row is meant goes over the numbers or rows.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from ..ir.expr import Call, Const, Expr, Read, Size, Total, Var, uses, walk
from ..ir.interval import Interval, bounds
from .item_parts import lines_read, singular, without_element
from .python import built, written

if TYPE_CHECKING:
    from .lower import Lowering


class ForLoop(NamedTuple):
    """``for target in iterable``."""

    target: str
    iterable: ast.expr

    def __str__(self) -> str:
        return f"for {self.target} in {written(self.iterable)}"


def loop(
    lowering: Lowering, name: str, start: Expr, stop: Expr, parts: tuple[Expr, ...]
) -> ForLoop:
    """The loop of a variable that the parts use; what it binds holds to the scope's end."""
    low, last = _least(lowering, start), bounds(stop, lowering.ranges).high - 1
    python = lowering.bind(name, span=Interval(low, last))
    lowering.bound = (*lowering.bound, python)
    below = _stays_below(lowering, stop) if low >= 0 else None
    if below is not None:
        lowering.places[name] = size = _size_name(lowering, below)
        lowering.margins[name] = (int(low), _short_of(stop), size)
    return (
        _over_elements(lowering, name, start, stop, parts)
        or _over_columns(lowering, name, start, stop, parts)
        or ForLoop(python, _range(lowering, start, stop))
    )


def _stays_below(lowering: Lowering, stop: Expr) -> Size | Var | None:
    """The size, or the place below one, that a stop is not more than."""
    match stop:
        case Size():
            return stop
        case Var(name):
            return stop if name in lowering.places else None
        case Call("sub", (Size() as size, less)) if bounds(less, lowering.ranges).low >= 0:
            return size
        case Call("add", (Size() as size, Const(int() as more))) if more <= 0:
            return size
        case _:
            return None


def _short_of(stop: Expr) -> int:
    """How far a stop is from the end of the axis."""
    match stop:
        case Call("sub", (Size(), Const(int() as step))):
            return step
        case Call("add", (Size(), Const(int() as step))):
            return -step
        case _:
            return 0


def _size_name(lowering: Lowering, below: Size | Var) -> str:
    if isinstance(below, Var):
        return lowering.places[below.name]
    return lowering.sizes[below.port][below.axis]


def _range(lowering: Lowering, start: Expr, stop: Expr) -> ast.expr:
    if start == Const(0):
        return built("range({})", lowering.tree(stop))
    return built("range({}, {})", lowering.tree(start), lowering.tree(stop))


def _over_elements(
    lowering: Lowering, name: str, start: Expr, stop: Expr, parts: tuple[Expr, ...]
) -> ForLoop | None:
    """A loop over the numbers or rows, with their places where those are needed too."""
    if (column_loop := _down_column(lowering, name, start, stop, parts)) is not None:
        return column_loop
    lines = {line for part in parts for line in lines_read(part, name)}
    if len(lines) != 1:
        return None
    array, lead = lines.pop()
    length = lowering.length(array, len(lead))
    inner = {e.name for place in lead for e in walk(place) if isinstance(e, Var)}
    if length is None or name in inner or not inner <= lowering.names.keys():
        return None
    if lowering.conditions(array, (*lead, Var(name))) != []:
        return None  # a place that may lie outside is asked for by its name
    line = lowering.part(array, (*lead, Var(name)), range(len(lead)))
    deeper = lowering.depth(array) - len(lead) - 1
    window = sliced(lowering, line, start, stop, length)
    if window is None:
        return None
    target = "other" if not deeper and name.startswith("other") else ""
    if target and target not in lowering.bound[:-1]:
        lowering.bound = (*lowering.bound, target)
    else:
        noun = {0: _noun(lowering, array, bool(lead)), 1: "row", 2: "plane"}
        target = lowering.free(noun.get(deeper, "part"))
    needed = any(uses(without_element(part, array, lead, name), name) for part in parts)
    if needed and window is not line:
        return None
    lowering.known[Read(array, (*lead, Var(name)))] = built(target)
    if deeper and not lead:
        lowering.known[Call("item", (Var(array), Var(name)))] = built(target)
    if needed:
        return ForLoop(f"{lowering.names[name]}, {target}", built("enumerate({})", line))
    return ForLoop(target, window)


def _down_column(
    lowering: Lowering, name: str, start: Expr, stop: Expr, parts: tuple[Expr, ...]
) -> ForLoop | None:
    """``for cell in column``; over its places where those are needed too."""
    reads = [e for part in parts for e in walk(part) if isinstance(e, Read)]
    reads = [e for e in reads if any(uses(place, name) for place in e.index)]
    named = [e for e in reads if len(e.index) == 2 and (e.port, e.index[1]) in lowering.columns]
    if not named:
        return None
    count = sum(e == Var(name) for part in parts for e in walk(part))
    read = named[0]
    whole = start == Const(0) and stop == lowering.length(read.port, 0)
    if not whole or count != len(reads) or len(set(reads)) > 1 or read.index[0] != Var(name):
        return ForLoop(lowering.names[name], _range(lowering, start, stop))
    target = lowering.free("cell")
    lowering.known[read] = built(target)
    return ForLoop(target, built(lowering.columns[(read.port, read.index[1])]))


def _over_columns(
    lowering: Lowering, name: str, start: Expr, stop: Expr, parts: tuple[Expr, ...]
) -> ForLoop | None:
    """``for column in zip(*picture)``."""
    reads = [e for part in parts for e in walk(part) if isinstance(e, Read)]
    reads = [e for e in reads if any(uses(place, name) for place in e.index)]
    arrays = {e.port for e in reads}
    count = sum(e == Var(name) for part in parts for e in walk(part))
    if len(arrays) != 1 or count != len(reads) or start != Const(0):
        return None
    (array,) = arrays
    if lowering.depth(array) != 2 or stop != lowering.length(array, 1):
        return None
    inner = {e.name for part in parts for e in walk(part) if isinstance(e, Total)}
    for read in reads:
        first, last = read.index
        if last != Var(name) or not isinstance(first, Var) or first.name not in inner:
            return None
    target = lowering.free("column")
    lowering.columns[(array, Var(name))] = target
    return ForLoop(target, built(f"zip(*{lowering.label(array)})"))


def sliced(
    lowering: Lowering,
    line: ast.expr,
    start: Expr,
    stop: Expr,
    length: Expr,
    clips: bool = False,
) -> ast.expr | None:
    """The line itself or ``line[:i]``, ``line[i + 1:]``; None where a slice would mislead.

    With ``clips`` it may end beyond the line, where Python ends it by itself.
    """
    if _least(lowering, start) < 0:
        return None
    first = None if start == Const(0) else lowering.tree(start)
    least, fits = _least(lowering, stop), _fits(lowering, stop, length)
    if stop == length:
        last = None
    elif stop == Call("sub", (length, Const(1))):
        last = built("-1")
    elif (least >= 0 and (clips or fits)) or (fits and _short_of(stop) == 2):
        last = lowering.tree(stop)
    else:
        return None
    return built("{}[{}]", line, ast.Slice(first, last)) if first or last else line


def _least(lowering: Lowering, expr: Expr) -> float:
    """What the value of an end of a range is at least."""
    low = bounds(expr, lowering.ranges).low
    match expr:
        case Size(port, axis):
            return max(low, lowering.least.get(lowering.sizes[port][axis], 1))
        case Call("sub" | "add" as op, (Size() as size, Const(int() as step))):
            return max(low, _least(lowering, size) + (step if op == "add" else -step))
        case _:
            return low


def _fits(lowering: Lowering, stop: Expr, length: Expr) -> bool:
    """Whether a range that ends there ends within a line of that length for certain."""
    below = _stays_below(lowering, stop)
    match length:
        case Size(port, axis):
            own = lowering.sizes[port][axis]
            return below is not None and _size_name(lowering, below) == own
        case Const(int() as value):
            return bounds(stop, lowering.ranges).high <= value
        case _:
            return False


def _noun(lowering: Lowering, array: str, in_line: bool) -> str:
    """What an element is called: ``number`` of ``numbers``, ``cell`` of a picture.

    One of the sums of the columns, ``column_sum``, is called ``column``.
    """
    if in_line or lowering.depth(array) > 1:
        return "cell"
    if array in lowering.ports:
        return singular(array)
    word, _, kind = array.rpartition("_")
    return word if kind in ("sum", "rest", "start") and word and "_" not in word else "value"
