"""The place of the largest of several sums: how a formula says it, and where one does."""

from __future__ import annotations

from collections.abc import Sequence

from .expr import Call, Const, Expr, If, Var
from .program import Formula


def place_of_largest(sums: Sequence[Expr], highest: Var) -> Expr:
    """The place of the first of the ``sums`` that is the ``highest``."""
    place: Expr = Const(len(sums) - 1)
    for k in reversed(range(len(sums) - 1)):
        place = If(Call("eq", (sums[k], highest)), Const(k), place)
    return place


def sums_of_classes(formula: Formula) -> list[Expr] | None:
    """The sum of each place of an answer, where that is the first one with the largest sum."""
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
