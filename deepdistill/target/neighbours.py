"""Sums over neighbours: slices, loops over a box, or loops over a table of offsets.

Where an axis is bounded, slices are shortest, since they end at the border by themselves. Where it
wraps, a loop over the offsets takes each index modulo the size.
"""

from __future__ import annotations

import ast
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
from ..ir.ops import OPERATIONS
from ..ir.rewrite import counting, mapped
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
from .python import built, every, generator

if TYPE_CHECKING:
    from .lower import Lowering

LONGEST_TABLE = 12
_PARTIAL = {"floordiv", "mod", "item"}


def sum_tree(lowering: Lowering, expr: Sum, slices: bool = True) -> ast.expr:
    """The shortest plain way to write the sum."""
    expr = without_constant_names(expr)
    if not expr.points:
        return built("0")
    match expr.body:
        case Call("int", (truth,)) if is_truth(truth) and len(expr.points) > 1:
            expr = replace(expr, body=truth)  # True and False add up like 1 and 0
    if not expr.names:
        count = len(expr.points)
        body = expr.body if count == 1 else Call("mul", (Const(count), expr.body))
        return lowering.tree(body)
    return (
        (_over_slices(lowering, expr) if slices else None)
        or _term_by_term(lowering, expr)
        or _over_box(lowering, expr)
        or _over_table(lowering, expr)
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
        case Call(op, args) if op not in _PARTIAL and all(isinstance(a, Const) for a in args):
            values = [arg.value for arg in args if isinstance(arg, Const)]
            return Const(OPERATIONS[op].function(*values))
        case Call(op, args) if len(kept := counting(op, args)) == 1 and len(args) > 1:
            (only,) = kept  # x and 1 -> x, but of a number x whether it is 0
            bare = not OPERATIONS[op].of_truths or is_truth(only) or isinstance(only, Const)
            return only if bare else expr
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


def _minus_centre(lowering: Lowering, expr: Sum, total: ast.expr) -> ast.expr:
    """A total over a box from which the value at its centre is taken away."""
    centre = put(expr.body, dict.fromkeys(expr.names, Const(0)))
    known = lowering.known.get(centre) or lowering.known.get(Call("int", (centre,)))
    return built("{} - {}", total, known or lowering.tree(_inside_body(centre)))


def _over_slices(lowering: Lowering, expr: Sum) -> ast.expr | None:
    """``sum(cells[max(i - 1, 0) : i + 2])``: a window that ends where the array ends."""
    full = expr.points if is_product(expr.points) else around_centre(expr.points)
    accesses = _accesses(expr.body)
    if full is None or not accesses or not _is_0_outside(expr):
        return None
    if accesses[0].port not in lowering.ports:
        return None
    port, index = accesses[0].port, accesses[0].index
    windows = _windows(lowering, port, index, dict(zip(expr.names, columns(full), strict=True)))
    if windows is None or not any(isinstance(window, ast.Slice) for window in windows):
        return None
    body = _inside_body(expr.body)
    if _outside_accesses(body) & set(expr.names):
        return None
    total = _slice_total(lowering, accesses[0], windows, body)
    return total if full is expr.points else _minus_centre(lowering, expr, total)


def _outside_accesses(expr: Expr) -> set[str]:
    """The variables of an expression, those that only say where to read left out."""
    if isinstance(expr, Read | Inside):
        return set()
    own = {expr.name} if isinstance(expr, Var) else set()
    return own.union(*map(_outside_accesses, children(expr)))


def _windows(
    lowering: Lowering, port: str, index: tuple[Expr, ...], steps: Mapping[str, tuple[int, ...]]
) -> list[ast.expr] | None:
    """For each axis the index or the slice between the brackets; None for neither."""
    windows: list[ast.expr] = []
    left = set(steps)
    sizes = lowering.sizes[port]
    for k, (axis, place, size) in enumerate(
        zip(lowering.ports[port].axes, index, sizes, strict=True)
    ):
        names = [e.name for e in walk(place) if isinstance(e, Var) and e.name in steps]
        name, offset = offset_from(put(place, dict.fromkeys(names, Const(0))))
        if name is None or lowering.places.get(name) != size or len(names) > 1:
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
        python = lowering.names[name]
        if len(values) == 1 and (axis.wrap or offset == 0):
            windows.append(lowering.wrapped(port, k, place) if axis.wrap else built(python))
        elif axis.wrap or not is_run(values):
            return None
        else:
            first, beyond = _clipped(python, values[0]), _clipped(python, values[-1] + 1)
            windows.append(ast.Slice(first, beyond))
    return None if left else windows


def _clipped(place: str, offset: int) -> ast.expr:
    if offset < 0:
        return built(f"max({place} - {-offset}, 0)")
    return built(f"{place} + {offset}" if offset else place)


def _slice_total(
    lowering: Lowering, access: Read | Inside, windows: list[ast.expr], body: Expr
) -> ast.expr:
    """The sum of ``body`` over a window of a port, row by row."""
    names = iter({2: ("line",), 3: ("plane", "line")}.get(len(windows), ()))
    current = built(access.port)
    loops: list[tuple[str, ast.expr]] = []
    for k, window in enumerate(windows[:-1]):
        current = built("{}[{}]", current, window)
        if isinstance(window, ast.Slice):
            name = lowering.helper(next(names, f"part_{k}"))
            loops.append((name, current if k else lowering.hoist(current)))
            current = built(name)
    last = built("{}[{}]", current, windows[-1])
    if not isinstance(windows[-1], ast.Slice):
        return built("sum({})", generator(_at(lowering, body, last), loops))
    match body:
        case Read():
            inner = built("sum({})", last)
        case Call("eq", (Read(), Const(int() as value))) | Call(
            "eq", (Const(int() as value), Read())
        ):
            inner = built("{}.count({})", last, value)
        case _:
            name = lowering.helper("value")
            inner = _at(lowering, body, built(name))
            return built("sum({})", generator(inner, [*loops, (name, last)]))
    return built("sum({})", generator(inner, loops)) if loops else inner


def _at(lowering: Lowering, body: Expr, element: ast.expr) -> ast.expr:
    """The body where what its only read gives is written so."""
    with lowering.scope():
        lowering.known.update(dict.fromkeys(_accesses(body), element))
        return lowering.tree(body)


def _term_by_term(lowering: Lowering, expr: Sum) -> ast.expr | None:
    """``cells[i - 1] + cells[(i + 1) % n]``: a sum of very few terms written out."""
    if len(expr.points) > (3 if len(expr.names) == 1 else 2):
        return None
    terms = [put(expr.body, _constants(expr.names, point)) for point in expr.points]
    trees = [lowering.tree(term) for term in terms]
    return built(" + ".join(["{}"] * len(trees)), *trees)


def _constants(names: tuple[str, ...], point: Point) -> dict[str, Expr]:
    return {name: Const(value) for name, value in zip(names, point, strict=True)}


def _over_box(lowering: Lowering, expr: Sum) -> ast.expr | None:
    """``for di in (-1, 0, 1) for dj in (-1, 0, 1)``: each coordinate on its own."""
    full = expr.points
    if not is_product(full):
        filled = around_centre(full)
        if filled is None or len(full) <= LONGEST_TABLE:
            return None
        full = filled
    values = [_values(column) for column in columns(full)]
    total = _loop(
        lowering,
        replace(expr, points=full),
        lambda names: [(n, built(v)) for n, v in zip(names, values, strict=True)],
    )
    return total if full is expr.points else _minus_centre(lowering, expr, total)


def _over_table(lowering: Lowering, expr: Sum) -> ast.expr:
    """``for di, dj in NEIGHBORS``: any points, listed in a module constant."""
    if len(expr.names) == 1 and len(expr.points) <= LONGEST_TABLE:
        table = _values(tuple(point[0] for point in expr.points))
    else:
        nearby = are_adjacent(expr.points) or _is_ring(expr.points)
        points = tuple(p if len(p) > 1 else p[0] for p in expr.points)
        table = lowering.constant("NEIGHBORS" if nearby else "OFFSETS", points)
    return _loop(lowering, expr, lambda names: [(", ".join(names), built(table))])


def _is_ring(points: tuple[Point, ...]) -> bool:
    filled = around_centre(points)
    return filled is not None and box_radius(filled) == 1


def _values(values: tuple[int, ...]) -> str:
    if len(values) > 3 and values == tuple(range(values[0], values[-1] + 1)):
        start = f"{values[0]}, " if values[0] else ""
        return f"range({start}{values[-1] + 1})"
    return repr(values)


def _loop(
    lowering: Lowering, expr: Sum, loops: Callable[[list[str]], list[tuple[str, ast.expr]]]
) -> ast.expr:
    """``sum(body for …)``; places outside the array are left out if they add nothing."""
    with lowering.scope():
        names = [
            lowering.bind(name, span=Interval(min(column), max(column)))
            for name, column in zip(expr.names, columns(expr.points), strict=True)
        ]
        tree, where = None, None
        if _is_0_outside(expr):
            access = _accesses(expr.body)[0]
            conditions = lowering.conditions(access.port, access.index)
            if conditions:
                where = every(conditions)
                tree = _at(lowering, _inside_body(expr.body), lowering.element(access))
        return built("sum({})", generator(tree or lowering.tree(expr.body), loops(names), where))
