"""Lists made element by element: ``[value for name in over if condition]``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..ir.expr import Const, Listed
from ..ir.interval import UNKNOWN, bounds
from .python import built, listed

if TYPE_CHECKING:
    from .lower import Lowering


def list_tree(lowering: Lowering, expr: Listed) -> ast.expr:
    """The comprehension; what it binds is forgotten after it."""
    if expr.over == Const(()):
        return built("[]")
    with lowering.scope():
        loop = bound(lowering, expr)
        value = lowering.number(expr.value)
        tested = expr.condition != Const(1)
        where = lowering.tree(expr.condition, truth=True) if tested else None
        return listed(value, [loop], where)


def bound(lowering: Lowering, expr: Listed) -> tuple[str, ast.expr]:
    """The names that a list binds, and what they go through, which is told before."""
    over = lowering.tree(expr.over)
    element = bounds(expr.over, lowering.ranges) if len(expr.names) == 1 else UNKNOWN
    return ", ".join(lowering.bind(name, span=element) for name in expr.names), over
