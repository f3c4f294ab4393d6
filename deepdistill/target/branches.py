"""Choices as statements: nested ``if``s that return, as a person writes them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from ..ir.expr import Expr, If
from ..ir.program import Let
from .lower import Lowering
from .python import block

Write = Callable[[Expr], ast.expr]


def returned(lowering: Lowering, expr: Expr, leaf: Write | None = None) -> list[ast.stmt]:
    """The statements that return a value; ``leaf`` writes what stands behind all choices."""
    if not isinstance(expr, If):
        tree = lowering.tree(expr) if leaf is None else leaf(expr)
        return block("return {}", tree)
    test = lowering.tree(expr.condition, truth=True)
    then = returned(lowering, expr.then, leaf)
    return [
        *block("if {}:\n    {}", test, then),
        *returned(lowering, expr.otherwise, leaf),
    ]


def assigned(lowering: Lowering, lets: Sequence[Let]) -> list[ast.stmt]:
    """A line for each named value."""
    return [one for let in lets for one in block(f"{let.name} = {{}}", lowering.tree(let.value))]
