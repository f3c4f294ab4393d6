"""Sums over ranges of places: ``sum`` and ``count``, ``any`` and ``all`` where truths are asked."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..ir.expr import Call, Const, Expr, Read, Total, Var, is_truth, uses, walk
from .item_parts import nest_of, opposite_of, truth_in
from .loops import ForLoop, loop, sliced
from .python import built, generator

if TYPE_CHECKING:
    from .lower import Lowering


def total_tree(lowering: Lowering, total: Total) -> ast.expr:
    """``sum(row[j] for row in cells[2:])``, ``numbers.count(number)``."""
    counted = _counted(lowering, total)
    return counted or _reduced(lowering, total, "sum")


def occurs(lowering: Lowering, total: Total) -> ast.expr:
    """Whether what is added up is anywhere other than 0."""
    return _reduced(lowering, total, "any")


def none_of(lowering: Lowering, total: Total) -> ast.expr:
    """``all(...)`` of the opposite where that has one, else ``not any(...)``."""
    spans, body = nest_of(total)
    opposite = opposite_of(body)
    if opposite is None:
        return built("not {}", occurs(lowering, total))
    for span in reversed(spans):
        opposite = Total(span.name, span.start, span.stop, Call("int", (opposite,)))
    assert isinstance(opposite, Total)
    return _reduced(lowering, opposite, "all")


def _reduced(lowering: Lowering, total: Total, word: str) -> ast.expr:
    """``word`` of a line or of what loops make."""
    truth = word != "sum"
    adder = "math.fsum" if not truth and holds_floats(lowering, total) else word
    with lowering.scope():
        loops: list[ForLoop] = []
        body: Expr = total
        while isinstance(body, Total):
            element = _bare(lowering, body, truth)
            whole = None
            if element is not None:
                whole = _whole_line(lowering, body, element, clips=word != "all")
            if whole is not None:
                inner = built(f"{adder}({{}})", whole)
                return built(f"{adder}({{}})", generator(inner, loops)) if loops else inner
            if loops and not truth and (count := _counted(lowering, body)) is not None:
                return built("sum({})", generator(count, loops))
            loops.append(loop(lowering, body.name, body.start, body.stop, (body.body,)))
            body = _next(lowering, body.body, word)
        value = lowering.tree(body, truth)
        return built(f"{adder}({{}})", generator(value, loops))


def holds_floats(lowering: Lowering, expr: Expr) -> bool:
    """Whether floats are added up, which ``math.fsum`` does with one rounding."""
    return any(
        (isinstance(e, Const) and isinstance(e.value, float))
        or (isinstance(e, Read) and e.port in lowering.float_tables)
        for e in walk(expr)
    )


def _counted(lowering: Lowering, total: Total) -> ast.expr | None:
    """``numbers.count(number)``, ``numbers[:i].count(number)``."""
    match total.body:
        case Call("int", (Call("eq", (Read() as read, value)),)) if not uses(value, total.name):
            whole = _whole_line(lowering, total, read)
            return built("{}.count({})", whole, lowering.tree(value)) if whole else None
        case _:
            return None


def _whole_line(
    lowering: Lowering, total: Total, read: Read, clips: bool = False
) -> ast.expr | None:
    """The line, or the part of it, that the loop reads place by place.

    With ``clips`` what lies outside, where everything is 0, may be left out.
    """
    array, (*lead, last) = read.port, read.index
    if last != Var(total.name) or any(uses(place, total.name) for place in lead):
        column = lowering.columns.get((array, last)) if len(lead) == 1 else None
        if column is None or lead[0] != Var(total.name):
            return None
        axis, line = 0, built(column)
    elif lowering.conditions(array, tuple(lead)) != []:
        return None
    else:
        axis, line = len(lead), lowering.part(array, read.index, range(len(lead)))
    length = lowering.length(array, axis)
    if length is None:
        return None
    clips = clips and (array not in lowering.ports or not lowering.ports[array].axes[axis].wrap)
    return sliced(lowering, line, total.start, total.stop, length, clips)


def _bare(lowering: Lowering, total: Total, truth: bool) -> Read | None:
    """The element itself, where nothing else is asked of it."""
    match truth_in(total.body):
        case Read() as read:
            return read
        case Call("ne", (Read() as read, Const(0))) if truth or lowering.is_bit(read):
            return read
        case _:
            return None


def _next(lowering: Lowering, body: Expr, word: str) -> Expr:
    """The same question inside a question about all places, or the sum inside a sum."""
    inner = truth_in(body) if word != "sum" or is_truth(truth_in(body)) else body
    match inner:
        case Call("ge", (Total() as total, Const(1))) if word == "any" and lowering.counts(total):
            return total
        case _:
            return inner
