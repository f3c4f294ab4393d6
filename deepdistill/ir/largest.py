"""The place of the largest of several sums: how a formula says it, and where one does."""

from __future__ import annotations

from collections.abc import Sequence

from .expr import Call, Const, Expr, If, Var, walk
from .program import Formula, Let


def place_of_largest(sums: Sequence[Expr], highest: Var) -> Expr:
    """The place of the first of the ``sums`` that is the ``highest``."""
    place: Expr = Const(len(sums) - 1)
    for k in reversed(range(len(sums) - 1)):
        place = If(Call("eq", (sums[k], highest)), Const(k), place)
    return place


def sums_of_classes(formula: Formula) -> list[Expr] | None:
    """The sum of each place of an answer, where that is the first one with the largest sum.

    They may read values that have names, :func:`values_read`.
    """
    match formula.value:
        case If(Call("eq", (_, Var(name))), Const(0), _):
            named = {let.name: let.value for let in formula.body}
        case _:
            return None
    match named.get(name):
        case Call("max", sums):
            pass
        case _:
            return None
    if formula.value != place_of_largest(sums, Var(name)):
        return None
    return [named.get(one.name, one) if isinstance(one, Var) else one for one in sums]


def values_read(formula: Formula, sums: Sequence[Expr]) -> tuple[Let, ...]:
    """The named values of a formula that sums read, in their order."""
    read = {node.name for one in sums for node in walk(one) if isinstance(node, Var)}
    kept: list[Let] = []
    for let in reversed(formula.body):
        if let.name in read:
            kept.insert(0, let)
            read |= {node.name for node in walk(let.value) if isinstance(node, Var)}
    return tuple(kept)
