"""Two limits of one value as a chained comparison: ``2 <= age < 3``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from ..ir.expr import Call, Const, Expr, Var

_FROM: dict[str, ast.cmpop] = {"ge": ast.LtE(), "gt": ast.Lt()}
_TO: dict[str, ast.cmpop] = {"le": ast.LtE(), "lt": ast.Lt()}


def in_chains(parts: Sequence[Expr], tree: Callable[[Expr], ast.expr]) -> list[ast.expr]:
    """The trees of what holds together; a lower and an upper limit of one name are one of them.

    It stands where the first of the two stood.
    """
    left, trees = list(parts), list[ast.expr]()
    while left:
        first = left.pop(0)
        second = next((other for other in left if _pair(first, other) or _pair(other, first)), None)
        if second is None:
            trees.append(tree(first))
            continue
        left.remove(second)
        low, high = (first, second) if _pair(first, second) else (second, first)
        assert isinstance(low, Call) and isinstance(high, Call)
        signs = [_FROM[low.op], _TO[high.op]]
        trees.append(ast.Compare(tree(low.args[1]), signs, [tree(low.args[0]), tree(high.args[1])]))
    return trees


def _pair(low: Expr, high: Expr) -> bool:
    match low, high:
        case (
            Call(begin, (Var(name), Const(int() | float()))),
            Call(end, (Var(same), Const(int() | float()))),
        ):
            return begin in _FROM and end in _TO and name == same
        case _:
            return False
