"""Sums, searches and whole lists in NumPy: reductions along an axis, shifted slices, sorting."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from ...ir.expr import Call, Const, Expr, First, Read, Sum, Total, Var, uses, walk
from ...ir.rewrite import replace_each
from ..registry import NotWritten
from .loops import AxisLoop, cut, loop_of, offset
from .spelling import ArrayText, plain

if TYPE_CHECKING:
    from .arrays import ArrayWriter

_MOST_TERMS = 400


def sums(writer: ArrayWriter, expr: Sum) -> ArrayText:
    box = _box(writer, expr)
    if box is not None:
        return box
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
    loop = loop_of(expr.start, expr.stop)
    if loop is None:
        low, high = writer.value(expr.start), writer.value(expr.stop)
        if low.axes or high.axes:
            return _changing(writer, expr, low, high)
        loop = AxisLoop(low=plain(low.text), high=plain(high.text))
    ranked = _ranked(writer, expr, loop)
    if ranked is not None:
        return ranked
    if any(isinstance(e, Var) and e.name in writer.loops for e in walk(expr.body)) and not _local(
        writer, expr
    ):
        return _one_by_one(writer, expr, loop)
    with writer.looping({expr.name: loop}):
        body = writer.value(expr.body)
        if expr.name not in body.axes:
            return writer.joined("mul", [writer.number(body), ArrayText(_count(writer, loop))])
        return _reduced(body, expr.name)


def _local(writer: ArrayWriter, expr: Total) -> bool:
    """Whether the terms are elements of one array of as many axes as there are loops."""
    if not writer.loops:
        return True
    names = {*writer.loops, expr.name}
    reads = [e for e in walk(expr.body) if isinstance(e, Read)]
    return all(
        len({e.name for e in walk(read) if isinstance(e, Var)} & names) == len(read.index)
        for read in reads
    ) and any(len(read.index) == len(names) for read in reads)


def _reduced(body: ArrayText, name: str) -> ArrayText:
    axis = "" if body.axes == (name,) else f"axis={body.axes.index(name)}"
    axes = tuple(other for other in body.axes if other != name)
    if body.truth:
        more = f", {axis}" if axis else ""
        return ArrayText(f"np.count_nonzero({body.text}{more})", axes)
    return ArrayText(f"{body.text}.sum({axis})", axes)


def some(writer: ArrayWriter, expr: Total) -> ArrayText | None:
    """Whether any of the terms, which are truths, holds; None for other sums."""
    loop = loop_of(expr.start, expr.stop)
    match expr.body:
        case Call("int", (condition,)) if loop is not None and _local(writer, expr):
            with writer.looping({expr.name: loop}):
                body = writer.value(condition)
            if body.truth and expr.name in body.axes:
                axis = "" if body.axes == (expr.name,) else f"axis={body.axes.index(expr.name)}"
                axes = tuple(other for other in body.axes if other != expr.name)
                return ArrayText(f"({body.text}).any({axis})", axes, True)
    return None


def _count(writer: ArrayWriter, loop: AxisLoop) -> str:
    if loop.port:
        less = loop.start + loop.trim
        size = writer.size(loop.port, loop.axis)
        return f"max({size} - {less}, 0)" if less else size
    return f"max({loop.high} - ({loop.low}), 0)"


def _ranked(writer: ArrayWriter, expr: Total, loop: AxisLoop) -> ArrayText | None:
    """How many elements of a list are smaller, equal or larger than each, by sorting."""
    match expr.body:
        case Call("int", (Call(op, (Read(port, (Var(name),)), Read(other, (Var(place),)))),)):
            pass
        case _:
            return None
    if place == expr.name:
        port, name, other, place, op = other, place, port, name, _TURNED.get(op, "")
    whole = AxisLoop(port)
    known = port in writer.ports and len(writer.ports[port].axes) == 1
    if name != expr.name or port != other or not known or op not in _COUNTED or loop != whole:
        return None
    if writer.loops.get(place) != whole:
        return None
    search = f"np.searchsorted({_ordered(writer, port)}, {port}"
    size, left, right = writer.size(port, 0), f"{search})", f"{search}, side='right')"
    return ArrayText(f"({_COUNTED[op].format(size=size, left=left, right=right)})", (place,))


_COUNTED = {
    "lt": "{left}", "le": "{right}", "eq": "{right} - {left}",
    "gt": "{size} - {right}", "ge": "{size} - {left}", "ne": "{size} - {right} + {left}",
}  # fmt: skip
"""How many elements of a list are smaller, and so on, by places in it in ascending order."""
_TURNED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}


def _ordered(writer: ArrayWriter, port: str) -> str:
    """The name of the list in ascending order."""
    if port not in writer.ordered:
        writer.ordered[port] = writer.named("ascending", ArrayText(f"np.sort({port})")).text
    return writer.ordered[port]


def _changing(writer: ArrayWriter, expr: Total, low: ArrayText, high: ArrayText) -> ArrayText:
    """A sum whose ends change from place to place."""
    before = _equal_before(writer, expr)
    if before is not None:
        return before
    window = _window(writer, expr, low, high)
    if window is not None:
        return window
    raise NotWritten("NumPy has no words for a sum whose ends change from place to place")


def _list_before(writer: ArrayWriter, expr: Total) -> tuple[str, str] | None:
    """The list and the loop's name where a sum counts the elements before that are equal."""
    match expr:
        case Total(
            name,
            Const(0),
            Var(end),
            Call("int", (Call("eq", (Read(port, (Var(one),)), Read(other, (Var(two),)))),)),
        ) if {one, two} == {name, end} and port == other and port in writer.ports:
            if writer.loops.get(end) == AxisLoop(port) and len(writer.ports[port].axes) == 1:
                return port, end
    return None


def _equal_before(writer: ArrayWriter, expr: Total) -> ArrayText | None:
    """How many elements before each are equal to it: its place in a stable sort tells."""
    prefix = _list_before(writer, expr)
    if prefix is None:
        return None
    port, end = prefix
    ordered = _ordered(writer, port)
    return ArrayText(f"({_places(writer, port)} - np.searchsorted({ordered}, {port}))", (end,))


def stable_place(writer: ArrayWriter, smaller: Total, before: Total) -> ArrayText | None:
    """Smaller elements and equal ones before: the place of each in a stable sort."""
    prefix = _list_before(writer, before)
    loop = loop_of(smaller.start, smaller.stop)
    if prefix is None or loop is None:
        return None
    port, end = prefix
    here, there = Read(port, (Var(end),)), Read(port, (Var(smaller.name),))
    orders = (Call("lt", (there, here)), Call("gt", (here, there)))
    if loop != AxisLoop(port) or smaller.body not in [Call("int", (order,)) for order in orders]:
        return None
    return ArrayText(_places(writer, port), (end,))


def _places(writer: ArrayWriter, port: str) -> str:
    """The name of the places that the elements of a list have in a stable sort of it."""
    size = writer.size(port, 0)
    places = writer.named("places", ArrayText(f"np.empty({size}, int)")).text
    writer.emit(f"{places}[np.argsort({port}, kind='stable')] = np.arange({size})")
    return places


def _window(writer: ArrayWriter, expr: Total, low: ArrayText, high: ArrayText) -> ArrayText | None:
    """A sum over neighbours in a list: differences of running sums."""
    if len(writer.loops) != 1:
        return None
    ((place, loop),) = writer.loops.items()
    if not loop.port or any(uses(expr.body, name) for name in writer.loops):
        return None
    size = writer.size(loop.port, loop.axis)
    with writer.looping({}):
        del writer.loops[place]
        writer.loops[expr.name] = AxisLoop(loop.port, loop.axis)
        terms = writer.number(writer.value(expr.body))
    if terms.axes != (expr.name,):
        return None
    sums_ = writer.named("sums", ArrayText(f"np.concatenate(([0], np.cumsum({terms.text})))")).text
    match expr.start, offset(expr.stop):
        case Call("max", (Const(0), early)), (last, int(after)) if last == place and after in (
            0,
            1,
        ):
            begun = offset(early)
            if begun is not None and begun[0] == place and begun[1] <= 0:
                return ArrayText(f"({sums_}[{high.text}] - {sums_}[{low.text}])", (place,))
    start, stop = (f"np.clip({end.text}, 0, {size})" for end in (low, high))
    return ArrayText(f"({sums_}[np.maximum({start}, {stop})] - {sums_}[{start}])", (place,))


def _one_by_one(writer: ArrayWriter, expr: Total, loop: AxisLoop) -> ArrayText:
    """A sum of terms that depend on two places: term by term, each for all places at once."""
    axes = [axis for axis in writer.loops if uses(expr.body, axis)]
    start, stop = _ends(writer, loop)
    name = writer.fresh(expr.name)
    total_ = writer.fresh("count")
    kept, writer.lines = writer.lines, []
    with writer.looping({}):
        writer.names[expr.name] = ArrayText(name)
        term = writer.number(writer.value(expr.body))
        inner, writer.lines = writer.lines, kept
    writer.emit(f"{total_} = 0")
    writer.emit(f"for {name} in range({start}{stop}):")
    for line in [*inner, f"{total_} = {total_} + {plain(term.text)}"]:
        writer.emit(f"    {line}")
    return ArrayText(total_, tuple(axis for axis in axes if axis in term.axes))


def _ends(writer: ArrayWriter, loop: AxisLoop) -> tuple[str, str]:
    if not loop.port:
        return f"{loop.low}, ", loop.high
    size = writer.size(loop.port, loop.axis)
    return f"{loop.start}, " if loop.start else "", f"{size} - {loop.trim}" if loop.trim else size


def first(writer: ArrayWriter, expr: First) -> ArrayText:
    """The value at the first place that fits; the module refuses where there is none."""
    loop = loop_of(expr.start, expr.stop)
    if loop is None or writer.loops:
        raise NotWritten("NumPy has no words for a search inside another loop")
    with writer.looping({expr.name: loop}):
        fits = writer.truth(writer.value(expr.condition))
        if not fits.axes:  # it fits everywhere or nowhere
            fits = ArrayText(f"np.full({_count(writer, loop)}, {fits.text})", (expr.name,), True)
        value = writer.number(writer.value(expr.value))
    places = writer.named("places", ArrayText(f"np.flatnonzero({fits.text})")).text
    writer.emit(f"if not {places}.size:")
    writer.emit("    raise ValueError('there is no answer for this input: no place fits')")
    return ArrayText(f"{value.text}[{places}[0]]" if value.axes else value.text)


def of_whole(writer: ArrayWriter, op: str, args: tuple[Expr, ...]) -> ArrayText:
    """An operation of a whole list, or of each row of a table of them."""
    values = [writer.value(arg) for arg in args]
    texts, axes = [value.text for value in values], values[0].axes
    if any(value.axes != axes for value in values if value.axes or value.whole):
        raise NotWritten(f"NumPy has no words for {op!r} of lists that change in a loop")
    last = "axis=-1" if axes else ""
    match op, texts:
        case "sorted", (array,):
            return ArrayText(f"np.sort({array})", axes, whole=True)
        case "reversed", (array,):
            return ArrayText(f"{array}[{'..., ' if axes else ''}::-1]", axes, whole=True)
        case "prefix", (array, count) if not axes and not values[1].axes:
            return ArrayText(f"{array}[:{count}]", axes, whole=True)
        case "argmax", (array,) if not axes:
            return ArrayText(f"np.argmax({array})")
        case "maximum", (array,):
            return ArrayText(f"{array}.max({last})", axes)
        case "minimum", (array,):
            return ArrayText(f"{array}.min({last})", axes)
        case "same", (one, other) if axes:
            return ArrayText(f"({one} == {other}).all({last})", axes, True)
        case "differ", (one, other) if axes:
            return ArrayText(f"({one} != {other}).any({last})", axes, True)
        case "same", (one, other):
            return ArrayText(f"np.array_equal({one}, {other})", (), True)
        case "differ", (one, other):
            return ArrayText(f"(not np.array_equal({one}, {other}))", (), True)
    if axes or any(value.axes for value in values):
        raise NotWritten(f"NumPy has no words for {op!r} of lists that change in a loop")
    match op, texts:
        case "count", (array, value):
            return ArrayText(f"np.count_nonzero({array} == {value})")
        case "position", (array, value) if args[1] in (
            Call("maximum", args[:1]),
            Call("minimum", args[:1]),
        ):
            return ArrayText(f"np.arg{args[1].op[:3]}({array})")
        case "distinct", (array,):
            return ArrayText(f"len(np.unique({array}))")
        case _:
            raise NotWritten(f"NumPy has no words for the operation {op!r} of this program")
