"""Loops that know their first step by a flag: other initial values often need none.

A running minimum that starts at the largest value needs not be told that it has seen nothing yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from math import prod

from ....ir.evaluate import Scope, evaluate_expr
from ....ir.expr import Call, Const, Expr, Var
from ....ir.rewrite import mapped, substitute
from .loop import Carried, Loop, names

_MOST_ELEMENTS = 50_000  # that can come first and are all tried
_MOST_STARTS = 100
_SAMPLE = 20  # elements by which most starts are refuted


def without_start(loop: Loop) -> Loop:
    """The loop without flags that change at the first step only, where other starts do as well.

    All elements that can come first are tried; from the second step on the two are the same.
    """
    sizes = [int(channel.high - channel.low) + 1 for channel in loop.channels]
    if prod(sizes) > _MOST_ELEMENTS:
        return loop
    elements = [range(int(c.low), int(c.high) + 1) for c in loop.channels]
    for flag in loop.state:
        settled = _settled(loop, flag)
        if settled is not None:
            reduced = _without(loop, settled, list(product(*elements)))
            if reduced is not None:
                return without_start(reduced)
    return loop


def _settled(loop: Loop, flag: Carried) -> Loop | None:
    """The loop without the flag, which is everywhere as it is after the first step.

    A flag becomes a constant, or grows while all that is asked is whether it has grown.
    """
    state = tuple(other for other in loop.state if other is not flag)
    rest = replace(loop, state=state)
    match flag.update:
        case Const(value) if value != flag.initial:
            parts: dict[str, Expr] = {flag.name: flag.update, flag.updated: flag.update}
            return rest.mapped(lambda expr: substitute(expr, parts))
        case Call("add", (Var(name), Const(int() as step))) if name == flag.name and step > 0:
            described = rest.mapped(lambda expr: _requested(expr, flag.name, flag.initial + step))
            read = set().union(*map(names, described.exprs()))
            return None if read & {flag.name, flag.updated} else described
        case _:
            return None


def _requested(expr: Expr, name: str, least: int) -> Expr:
    """The expression where comparisons of a variable that only grows from ``least`` are told."""
    match expr:
        case Call("ge", (Var(read), Const(int() as bound))) if read == name and least >= bound:
            return Const(1)
        case Call("gt", (Var(read), Const(int() as bound))) if read == name and least > bound:
            return Const(1)
        case Call("le", (Var(read), Const(int() as bound))) if read == name and least > bound:
            return Const(0)
        case Call("lt" | "eq", (Var(read), Const(int() as bound))) if read == name and (
            least > bound or (least == bound and expr.op == "lt")
        ):
            return Const(0)
        case _:
            return mapped(expr, lambda part: _requested(part, name, least))


def _without(loop: Loop, settled: Loop, elements: Sequence[tuple[int, ...]]) -> Loop | None:
    """The settled loop with starts that make up for its flag."""
    ends = [end for channel in loop.channels for end in (int(channel.low), int(channel.high))]
    options = [list(dict.fromkeys((s.initial, *ends))) for s in settled.state]
    if prod(map(len, options)) > _MOST_STARTS:
        return None
    kept = [s.updated for s in settled.state]
    sample = elements[:: max(1, len(elements) // _SAMPLE)]
    for starts in product(*options):
        pairs = zip(settled.state, starts, strict=True)
        trial = replace(settled, state=tuple(replace(s, initial=start) for s, start in pairs))
        for some in (sample, elements):
            if any(_first(trial, e, kept) != _first(loop, e, kept) for e in some):
                break
        else:
            return trial
    return None


def _first(loop: Loop, element: tuple[int, ...], kept: Sequence[str]) -> list[object]:
    """What the first step answers and carries on."""
    scope = Scope((), {})
    scope.names.update(zip(loop.channel_names, element, strict=True))
    scope.names.update((s.name, s.initial) for s in loop.state)
    for name, value in loop.definitions():
        scope.names[name] = evaluate_expr(value, scope)
    carried = [scope.names[name] for name in kept]
    return [*carried, *(evaluate_expr(answer, scope) for answer in loop.answers)]
