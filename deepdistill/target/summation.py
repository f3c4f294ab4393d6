"""Sums over neighbours → Python text: slices, loops over a box, or loops over a table of offsets.

Where an axis is bounded, slices are shortest, since they end at the border by themselves. Where it
wraps, a loop over the offsets takes each index modulo the size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..ir.expr import (
    Call,
    Const,
    Expr,
    If,
    Inside,
    Read,
    Sum,
    Var,
    children,
    is_truth,
    walk,
)
from ..ir.interval import Interval
from ..ir.notation import Level
from ..ir.ops import OPERATIONS
from ..ir.rewrite import mapped
from .neighbourhood import (
    Point,
    are_adjacent,
    around_centre,
    box_radius,
    columns,
    is_product,
    is_run,
    offset_from,
)
from .precedence import Text

if TYPE_CHECKING:
    from .printer import Printer

LONGEST_TABLE = 12
_PARTIAL = {"floordiv", "mod", "item"}


def sum_text(printer: Printer, expr: Sum) -> Text:
    """The shortest plain way to write the sum."""
    expr = without_constant_names(expr)
    if not expr.points:
        return Text("0")
    match expr.body:
        case Call("int", (truth,)) if is_truth(truth) and len(expr.points) > 1:
            expr = replace(expr, body=truth)  # True and False add up like 1 and 0
    if not expr.names:
        count = len(expr.points)
        body = expr.body if count == 1 else Call("mul", (Const(count), expr.body))
        return printer.text(body)
    return (
        _over_slices(printer, expr)
        or _term_by_term(printer, expr)
        or _over_box(printer, expr)
        or _over_table(printer, expr)
    )


def without_constant_names(expr: Sum) -> Sum:
    """The same sum; a coordinate that is the same in all points stands in the body instead."""
    if not expr.points:
        return expr
    moving, values = [], {}
    for k, name in enumerate(expr.names):
        seen = {point[k] for point in expr.points}
        if len(seen) == 1:
            values[name] = Const(seen.pop())
        else:
            moving.append(k)
    points = tuple(tuple(point[k] for k in moving) for point in expr.points)
    return Sum(tuple(expr.names[k] for k in moving), points, put(expr.body, values))


def put(expr: Expr, values: Mapping[str, Expr]) -> Expr:
    """The expression with variables replaced; ``i + 0`` and ``i + -1`` become ``i``, ``i - 1``."""
    if isinstance(expr, Var):
        return values.get(expr.name, expr)
    if isinstance(expr, Sum):
        values = {name: value for name, value in values.items() if name not in expr.names}
    result = mapped(expr, lambda part: put(part, values))
    match result:
        case Call("add", (left, Const(0))) if result != expr:
            return left
        case Call("add", (Const(0), right)) if result != expr:
            return right
        case Call("add", (Const(int() as a), Const(int() as b))) if result != expr:
            return Const(a + b)
        case _:
            return result


def _accesses(expr: Expr) -> list[Read | Inside]:
    return [e for e in walk(expr) if isinstance(e, Read | Inside)]


def _with_accesses(expr: Expr, change: Callable[[Read | Inside], Expr]) -> Expr:
    """The expression with every read, and every test of being inside, replaced and folded."""
    if isinstance(expr, Read | Inside):
        return change(expr)
    return _fold(mapped(expr, lambda part: _with_accesses(part, change)))


def _fold(expr: Expr) -> Expr:
    """Constants computed, and the laws of 0 and 1 for products, conjunctions and choices."""
    match expr:
        case Call("mul" | "and" | "bitand", args) if Const(0) in args:
            return Const(0)  # 0 * x -> 0, 0 and x -> 0
        case Call(op, args) if op not in _PARTIAL and all(isinstance(a, Const) for a in args):
            values = [arg.value for arg in args if isinstance(arg, Const)]
            return Const(OPERATIONS[op].function(*values))
        case Call("mul", (x, Const(1)) | (Const(1), x)):
            return x  # 1 * x -> x
        case Call("and", (x, Const(1)) | (Const(1), x)) if is_truth(x):
            return x  # x and 1 -> x
        case If(Const(value), then, otherwise):
            return then if value else otherwise
        case _:
            return expr


def _is_0_outside(expr: Sum) -> bool:
    """Whether the body is 0 wherever one of the places it reads lies outside the array.

    True only if all reads are at one place, and none inside another sum.
    """
    accesses = _accesses(expr.body)
    nested = any(isinstance(e, Sum) for e in walk(expr.body))
    if nested or len({(access.port, access.index) for access in accesses}) != 1:
        return False
    return _with_accesses(expr.body, lambda _: Const(0)) == Const(0)


def _inside_body(body: Expr) -> Expr:
    return _with_accesses(body, lambda access: Const(1) if isinstance(access, Inside) else access)


def _minus_centre(printer: Printer, expr: Sum, total: str) -> Text:
    """A total over a box from which the value at its centre is taken away."""
    centre = put(expr.body, dict.fromkeys(expr.names, Const(0)))
    known = printer.known.get(centre) or printer.known.get(Call("int", (centre,)))
    taken = known or printer.text(_inside_body(centre)).at(Level.MUL)
    return Text(f"{total} - {taken}", Level.ADD)


def _over_slices(printer: Printer, expr: Sum) -> Text | None:
    """``sum(cells[max(i - 1, 0) : i + 2])``: a window that ends where the array ends."""
    full = expr.points if is_product(expr.points) else around_centre(expr.points)
    accesses = _accesses(expr.body)
    if printer.plain or full is None or not accesses or not _is_0_outside(expr):
        return None
    port, index = accesses[0].port, accesses[0].index
    windows = _windows(printer, port, index, dict(zip(expr.names, columns(full), strict=True)))
    if windows is None or not any(":" in window for window in windows):
        return None
    body = _inside_body(expr.body)
    if _outside_accesses(body) & set(expr.names):
        return None
    total = _slice_total(printer, port, windows, body)
    return Text(total) if full is expr.points else _minus_centre(printer, expr, total)


def _outside_accesses(expr: Expr) -> set[str]:
    """The variables of an expression, those that only say where to read left out."""
    if isinstance(expr, Read | Inside):
        return set()
    own = {expr.name} if isinstance(expr, Var) else set()
    return own.union(*map(_outside_accesses, children(expr)))


def _windows(
    printer: Printer, port: str, index: tuple[Expr, ...], steps: Mapping[str, tuple[int, ...]]
) -> list[str] | None:
    """For each axis the index or the slice between the brackets; None for neither."""
    windows, left = [], set(steps)
    for axis, place, size in zip(printer.ports[port].axes, index, printer.sizes[port], strict=True):
        names = [e.name for e in walk(place) if isinstance(e, Var) and e.name in steps]
        name, offset = offset_from(put(place, dict.fromkeys(names, Const(0))))
        if name is None or printer.places.get(name) != size or len(names) > 1:
            return None
        if names:
            if place not in (
                Call("add", (Var(name), Var(names[0]))),
                Call("add", (Var(names[0]), Var(name))),
            ):
                return None
            left.discard(names[0])
            values = steps[names[0]]
        else:
            values = (offset,)
        if len(values) == 1 and (axis.wrap or offset == 0):
            windows.append(printer.wrapped(place, size) if axis.wrap else printer.names[name])
        elif axis.wrap or not is_run(values):
            return None
        else:
            start, end = values[0], values[-1] + 1
            first = _clipped(printer.names[name], start)
            windows.append(f"{first} : {_clipped(printer.names[name], end)}")
    return None if left else windows


def _clipped(place: str, offset: int) -> str:
    if offset < 0:
        return f"max({place} - {-offset}, 0)"
    return f"{place} + {offset}" if offset else place


def _slice_total(printer: Printer, port: str, windows: list[str], body: Expr) -> str:
    """The sum of ``body`` over a window of a port, row by row."""
    names = iter({2: ("line",), 3: ("plane", "line")}.get(len(windows), ()))
    current, loops = port, ""
    for k, window in enumerate(windows[:-1]):
        if ":" in window:
            name = printer.helper(next(names, f"part_{k}"))
            loops += f" for {name} in {printer.hoist(f'{current}[{window}]', k)}"
            current = name
        else:
            current += f"[{window}]"
    last = f"{current}[{windows[-1]}]"
    if ":" not in windows[-1]:
        return f"sum({_at(printer, body, last)}{loops})"
    match body:
        case Read():
            inner = f"sum({last})"
        case Call("eq", (Read(), Const(int() as value))) | Call(
            "eq", (Const(int() as value), Read())
        ):
            inner = f"{last}.count({value})"
        case _:
            name = printer.helper("value")
            return f"sum({_at(printer, body, name)}{loops} for {name} in {last})"
    return f"sum({inner}{loops})" if loops else inner


def _at(printer: Printer, body: Expr, element: str) -> str:
    """The body's text where its only read is written as ``element``."""
    hole = "*element*"  # no identifier, so no variable of the program
    low = [printer.ports[a.port].domain for a in _accesses(body)]
    printer.names[hole] = element
    printer.ranges[hole] = Interval(low[0].low, low[0].high) if low else Interval(0, 0)
    text = printer.source(_with_accesses(body, lambda _: Var(hole)))
    del printer.names[hole], printer.ranges[hole]
    return text


def _term_by_term(printer: Printer, expr: Sum) -> Text | None:
    """``cells[i - 1] + cells[(i + 1) % n]``: a sum of very few terms written out."""
    if len(expr.points) > (3 if len(expr.names) == 1 else 2):
        return None
    terms = [put(expr.body, _constants(expr.names, point)) for point in expr.points]
    texts = [printer.known.get(term) or printer.text(term).at(Level.ADD) for term in terms]
    return Text(" + ".join(texts), Level.ADD)


def _constants(names: tuple[str, ...], point: Point) -> dict[str, Expr]:
    return {name: Const(value) for name, value in zip(names, point, strict=True)}


def _over_box(printer: Printer, expr: Sum) -> Text | None:
    """``for di in (-1, 0, 1) for dj in (-1, 0, 1)``: each coordinate on its own."""
    full = expr.points
    if not is_product(full):
        filled = around_centre(full)
        if filled is None or len(full) <= LONGEST_TABLE:
            return None
        full = filled
    values = [_values(column) for column in columns(full)]
    total = _loop(
        printer,
        replace(expr, points=full),
        lambda names: " ".join(f"for {n} in {v}" for n, v in zip(names, values, strict=True)),
    )
    return Text(total) if full is expr.points else _minus_centre(printer, expr, total)


def _over_table(printer: Printer, expr: Sum) -> Text:
    """``for di, dj in NEIGHBORS``: any points, listed in a module constant."""
    if len(expr.names) == 1 and len(expr.points) <= LONGEST_TABLE:
        table = _values(tuple(point[0] for point in expr.points))
    else:
        nearby = are_adjacent(expr.points) or _is_ring(expr.points)
        points = tuple(p if len(p) > 1 else p[0] for p in expr.points)
        table = printer.constant("NEIGHBORS" if nearby else "OFFSETS", points)
    return Text(_loop(printer, expr, lambda names: f"for {', '.join(names)} in {table}"))


def _is_ring(points: tuple[Point, ...]) -> bool:
    filled = around_centre(points)
    return filled is not None and box_radius(filled) == 1


def _values(values: tuple[int, ...]) -> str:
    if len(values) > 3 and values == tuple(range(values[0], values[-1] + 1)):
        start = f"{values[0]}, " if values[0] else ""
        return f"range({start}{values[-1] + 1})"
    return f"({', '.join(map(str, values))})"


def _loop(printer: Printer, expr: Sum, loops: Callable[[list[str]], str]) -> str:
    """``sum(body for …)``; places outside the array are left out if they add nothing."""
    with printer.scope():
        names = [
            printer.bind(name, span=Interval(min(column), max(column)))
            for name, column in zip(expr.names, columns(expr.points), strict=True)
        ]
        text, where = None, ""
        if _is_0_outside(expr):
            access = _accesses(expr.body)[0]
            conditions = printer.conditions(access.port, access.index)
            if conditions:
                where = f" if {' and '.join(conditions)}"
                text = _at(printer, _inside_body(expr.body), printer.element(access))
        return f"sum({text or printer.source(expr.body)} {loops(names)}{where})"
