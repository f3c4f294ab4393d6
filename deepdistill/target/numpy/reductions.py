"""Sums, searches and whole lists in NumPy: reductions along an axis, shifted slices, sorting."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from ...ir.expr import Call, Const, Expr, First, Read, Sum, Total, Var, uses, walk
from ...ir.rewrite import replace_each
from ..registry import NotWritten
from .loops import AxisLoop, cut, loop_of
from .spelling import ArrayText, plain

if TYPE_CHECKING:
    from .arrays import ArrayWriter

_MOST_TERMS = 400


def sums(writer: ArrayWriter, expr: Sum) -> ArrayText:
    found = _box(writer, expr)
    if found is not None:
        return found
    if len(expr.points) > _MOST_TERMS:
        raise NotWritten(f"a sum of {len(expr.points)} terms is too long to be written")
    terms = []
    for point in expr.points:
        there: dict[Expr, Expr] = {Var(n): Const(k) for n, k in zip(expr.names, point, strict=True)}
        terms.append(writer.number(writer.value(replace_each(expr.body, there))))
    if len(terms) < 2:
        return terms[0] if terms else ArrayText("0")
    return writer.joined("add", terms)


def _box(writer: ArrayWriter, expr: Sum) -> ArrayText | None:
    """A sum around each position: line by line, and what does not belong taken away again.

    The body is computed once, for all positions, and then shifted.
    """
    reads = {e for e in walk(expr.body) if isinstance(e, Read)}
    if len(reads) != 1 or not expr.points:
        return None
    (read,) = reads
    port, names = read.port, expr.names
    if port not in writer.ports or len(read.index) != len(names):
        return None
    centre = tuple(Var(n) for n, loop in writer.loops.items() if loop.port == port)
    index = tuple(Call("add", (i, Var(n))) for i, n in zip(centre, names, strict=False))
    rest = replace_each(expr.body, {read: Const(0)})
    if read.index != index or any(uses(rest, n) for n in (*names, *writer.loops)):
        return None
    if any(writer.loops[i.name] != AxisLoop(port, k) for k, i in enumerate(centre)):
        return None
    padded = writer.whole_port(port)
    source = ArrayText(padded, tuple(i.name for i in centre))
    if expr.body != read:
        writer.names[" read"] = source
        source = writer.number(writer.value(replace_each(expr.body, {read: Var(" read")})))
        source = writer.named("marked", source)
    around = writer.margins[port]

    def shifted(text: str, axis: int, d: int) -> str:
        cuts = [(0, 0)] * axis + [(around[axis][0] + d, around[axis][1] - d)]
        return text + cut(cuts + [(0, 0)] * (len(names) - axis - 1))

    def at(point: tuple[int, ...]) -> str:
        if expr.body == read and not any(point):
            return port
        return source.text + cut([(m[0] + d, m[1] - d) for m, d in zip(around, point, strict=True)])

    box = [range(min(k), max(k) + 1) for k in zip(*expr.points, strict=True)]
    missing = [point for point in product(*box) if point not in set(expr.points)]
    cost = sum(len(side) - 1 for side in box) + len(missing)
    if len(set(expr.points)) < len(expr.points) or cost >= len(expr.points) - 1:
        return ArrayText(f"({' + '.join(map(at, expr.points))})", source.axes)
    text = source.text
    for axis, side in enumerate(box):
        if axis:
            text = writer.named("lines", ArrayText(text)).text
        text = " + ".join(shifted(text, axis, d) for d in side)
    return ArrayText(f"({' - '.join([text, *map(at, missing)])})", source.axes)


def total(writer: ArrayWriter, expr: Total) -> ArrayText:
    loop = _range(writer, expr.start, expr.stop)
    with writer.looping({expr.name: loop}):
        body = writer.value(expr.body)
        if expr.name not in body.axes:
            count = _count(writer, loop)
            return writer.joined("mul", [writer.number(body), ArrayText(count)])
        return _reduced(writer, body, expr.name)


def _reduced(writer: ArrayWriter, body: ArrayText, name: str) -> ArrayText:
    axis = "" if body.axes == (name,) else f"axis={body.axes.index(name)}"
    axes = tuple(other for other in body.axes if other != name)
    if body.truth:
        more = f", {axis}" if axis else ""
        return ArrayText(f"np.count_nonzero({body.text}{more})", axes)
    return ArrayText(f"{body.text}.sum({axis})", axes)


def _range(writer: ArrayWriter, start: Expr, stop: Expr) -> AxisLoop:
    loop = loop_of(start, stop)
    if loop is None:
        low, high = writer.value(start), writer.value(stop)
        if low.axes or high.axes:
            raise NotWritten("a sum whose ends change from place to place")
        loop = AxisLoop(low=plain(low.text), high=plain(high.text))
    return loop


def _count(writer: ArrayWriter, loop: AxisLoop) -> str:
    if loop.port:
        less = loop.start + loop.trim
        size = writer.size(loop.port, loop.axis)
        return f"max({size} - {less}, 0)" if less else size
    return f"max({loop.high} - ({loop.low}), 0)"


def first(writer: ArrayWriter, expr: First) -> ArrayText:
    raise NotWritten("a search")


def of_whole(writer: ArrayWriter, op: str, args: tuple[Expr, ...]) -> ArrayText:
    raise NotWritten(f"the operation {op!r}")
