"""What a program over items reads in a loop, and its questions turned round: parts of trees."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterator

from ..ir.expr import (
    Call,
    Const,
    Expr,
    First,
    Read,
    Total,
    Var,
    children,
    is_truth,
    uses,
)
from ..ir.ops import OPERATIONS
from ..ir.rewrite import mapped, replace


def singular(name: str) -> str:
    """``number`` for ``numbers``, ``value`` where there is no such word."""
    one = name.removesuffix("s")
    usable = one != name and len(one) > 1 and not keyword.iskeyword(one)
    return one if usable and one not in dir(builtins) else "value"


def truth_in(expr: Expr) -> Expr:
    return expr.args[0] if isinstance(expr, Call) and expr.op == "int" else expr


def nest_of(total: Total) -> tuple[list[Total], Expr]:
    """The loops of a question whether there is anywhere such a place, and what it asks."""
    spans = [total]
    body = truth_in(total.body)
    while True:
        match body:
            case Call("ge", (Total() as inner, Const(1))):
                spans.append(inner)
                body = truth_in(inner.body)
            case _:
                return spans, body


def opposite_of(expr: Expr) -> Expr | None:
    """The opposite of a condition where it takes no ``not``."""
    match expr:
        case Call("not", (inner,)):
            return inner if is_truth(inner) else Call("ne", (inner, Const(0)))
        case Call("ne", (Read(), Const(0))):
            return None
        case Call("eq", (Total() as total, Const(0))):
            return Call("ge", (total, Const(1)))
        case Call("ge", (Total() as total, Const(1))):
            return Call("eq", (total, Const(0)))
        case Call(op, args) if OPERATIONS[op].opposite:
            return Call(OPERATIONS[op].opposite, args)
        case _:
            return None


def lines_read(expr: Expr, name: str) -> Iterator[tuple[str, tuple[Expr, ...]]]:
    """The arrays, and lines of arrays, that are read at a variable's place."""
    match expr:
        case Read(array, index):
            for axis, place in enumerate(index):
                if place == Var(name):
                    yield (array, index[:axis])
        case Call("item", (Var(array), Var(place))) if place == name:
            yield (array, ())
    for child in children(expr):
        yield from lines_read(child, name)


def without_element(expr: Expr, array: str, lead: tuple[Expr, ...], name: str) -> Expr:
    """The expression without what a name of the element stands for."""
    match expr:
        case Read(other, index) if other == array and index[: len(lead) + 1] == (*lead, Var(name)):
            rest = tuple(without_element(k, array, lead, name) for k in index[len(lead) + 1 :])
            return Read(array, rest)
        case Call("item", (Var(other), Var(place))) if other == array and place == name:
            return Const(0)
        case _:
            return mapped(expr, lambda part: without_element(part, array, lead, name))


def turned_round(search: First) -> First | None:
    """A search from the end as one from the start, None where it is none."""
    end = Call("sub", (search.stop, Call("add", (Var(search.name), Const(1)))))
    hole, here = Var("*end*"), Var(search.name)
    parts = [replace(part, end, hole) for part in (search.condition, search.value)]
    if any(uses(part, search.name) for part in parts) or parts[0] == search.condition:
        return None
    condition, value = (replace(part, hole, here) for part in parts)
    return First(search.name, search.start, search.stop, condition, value)
