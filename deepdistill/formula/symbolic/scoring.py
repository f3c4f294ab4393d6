"""Description length: how many nats a formula and its errors take to write down."""

from __future__ import annotations

from math import inf, log

from ...ir.constants import free_constants
from ...ir.expr import Call, Const, Expr, If, Var, children, walk

FLOOR = 1e-22
"""Relative squared error that counts as none: single roundings of doubles, squared and summed."""

WITHIN = 2.0
"""A loss of at most so many times the known noise is no larger: estimates of it err, too."""

_DECIMALS = 6  # of nats: what lies beyond them are roundings, which must not decide
_NODE = 1.6  # nats for the choice of an operation or a variable


def description_length(
    expr: Expr, loss: float, variance: float, rows: int, noise: float = 0.0
) -> float:
    """Nats for the formula and for its errors on so many rows (Rissanen's two-part code).

    A free constant costs as many digits as the data can tell apart, a breakpoint the choice of a
    place between two rows; infinite for no finite loss. ``noise`` is the squared error that the
    answers themselves have: what is told more closely is not the law's, and costs no less.
    """
    if not loss < inf or variance <= 0:
        return inf
    share = max(loss / variance, WITHIN * noise / variance, FLOOR)
    digits = 0.5 * log((rows + 1) * max(1.0, 1 / share))
    places = _breakpoints(expr)
    free = len(free_constants(expr)) - places
    errors = rows / 2 * log(share)
    length = errors + structure_length(expr) + free * digits + places * log(rows + 1)
    return round(length, _DECIMALS)


def _breakpoints(expr: Expr) -> int:
    """How many free constants stand in conditions."""
    conditions = [node.condition for node in walk(expr) if isinstance(node, If)]
    return sum(len(free_constants(condition)) for condition in conditions)


def structure_length(expr: Expr) -> float:
    """Nats for the operations, variables and whole numbers of a formula."""
    inner = sum(structure_length(child) for child in children(expr))
    match expr:
        case Const(int() as value):
            return _NODE / 2 + log(1 + abs(value))
        case Const():
            return _NODE
        case Var():
            return _NODE
        case Call("add" | "mul", args):
            return inner + _NODE / 2 * (len(args) - 1)
        case _:
            return inner + _NODE
