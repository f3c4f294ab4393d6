"""Choices between values → ``if``, ``elif`` and ``else``."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..ir.expr import Expr, If, negated
from .python import block

if TYPE_CHECKING:
    from .lower import Lowering


def is_nested(choice: If) -> bool:
    """Whether it is a choice between more than two values."""
    return isinstance(choice.then, If) or isinstance(choice.otherwise, If)


def chosen(
    lowering: Lowering,
    choice: If,
    done: Callable[[Expr], list[ast.stmt]],
    unless: Expr | None = None,
    first: bool = True,
) -> list[ast.stmt]:
    """What is ``done`` with each value where it is chosen; nothing with the value ``unless``."""
    condition, then, otherwise = choice.condition, choice.then, choice.otherwise
    if then == unless and (first or not isinstance(otherwise, If)):
        condition, then, otherwise = negated(condition), otherwise, then
    test = lowering.tree(condition, truth=True)
    made = block("pass") if then == unless else done(then)
    if otherwise == unless:
        return block("if {}:\n    {}", test, made)
    if isinstance(otherwise, If) and then != unless:
        rest = chosen(lowering, otherwise, done, unless, first=False)
    else:
        rest = done(otherwise)
    return block("if {}:\n    {}\nelse:\n    {}", test, made, rest)


def assigned(
    target: ast.expr, value: Expr, lowering: Lowering, lowered: Callable[[Expr], ast.expr]
) -> list[ast.stmt]:
    """``if``, ``elif`` and ``else`` for a choice between more than two values."""
    if isinstance(value, If) and is_nested(value):
        return chosen(
            lowering, value, lambda part: assigned(target, part, lowering, lowering.number)
        )
    return block("{} = {}", target, lowered(value))
