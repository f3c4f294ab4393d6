"""The free constants of formulas: floats may be fitted, whole numbers belong to the structure."""

from __future__ import annotations

from collections.abc import Iterator

from .expr import Call, Const, Expr, If, children
from .rewrite import mapped


def free_constants(expr: Expr) -> list[float]:
    """The floats of a formula from left to right."""
    match expr:
        case Const(float() as value):
            return [value]
        case _:
            return [value for child in children(expr) for value in free_constants(child)]


def with_constants(expr: Expr, constants: Iterator[float]) -> Expr:
    """The formula with its floats replaced from left to right."""
    match expr:
        case Const(float()):
            return Const(next(constants))
        case Call() | If() if children(expr):
            return mapped(expr, lambda part: with_constants(part, constants))
        case _:
            return expr
