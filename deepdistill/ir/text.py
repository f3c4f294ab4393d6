"""Expressions as text with every operation in parentheses: nothing depends on precedence.

The text says everything: ``parse.parse_expr`` reads it back.
"""

from __future__ import annotations

import re
from typing import assert_never

from .expr import Call, Const, Expr, First, If, Inside, Listed, Read, Size, Sum, Total, Var
from .notation import Function, Infix, Pattern
from .operation import Operation
from .ops import OPERATIONS

_MOST_POINTS = 9  # a short text cuts longer lists of points


def called(op: str) -> str:
    """What an operation is called: its own name, or Python's for what is in ``math``."""
    match OPERATIONS[op].python:
        case Function(name) | Pattern(name) if re.fullmatch(r"math\.\w+", name):
            return name
        case _:
            return op


def between_operands(row: Operation) -> str:
    """The symbol that stands between the operands in a text; "" for what is called by name."""
    whole = 0 in row.arrays
    return row.python.symbol if isinstance(row.python, Infix) and not whole else ""


def points_text(points: tuple[tuple[int, ...], ...], short: bool = False) -> str:
    """``{(0, 1), (1, 0)}``."""
    kept = points[:_MOST_POINTS] if short else points
    more = ["..."] if len(kept) < len(points) else []
    return f"{{{', '.join([*map(str, kept), *more])}}}"


def expr_text(expr: Expr, short: bool = False) -> str:
    """The text of an expression; ``short`` cuts long lists of points."""

    def listed(parts: tuple[Expr, ...]) -> str:
        return ", ".join(text(part) for part in parts)

    def text(expr: Expr) -> str:
        match expr:
            case Const(bool() as value):
                return str(int(value))
            case Const(value):
                return str(value)
            case Var(name):
                return name
            case Read(port, index):
                return f"{port}[{listed(index)}]"
            case Inside(port, index):
                return f"inside {port}[{listed(index)}]"
            case Call("item", (Const(tuple()) as table, index)):
                return f"{text(table)}[{text(index)}]"
            case Call("between", (low, x, high)):
                return f"({text(low)} <= {text(x)} <= {text(high)})"
            case Call(op, args):
                symbol = between_operands(OPERATIONS[op])
                if len(args) < 2 or not symbol:
                    return f"{called(op)}({listed(args)})"
                return f"({f' {symbol} '.join(map(text, args))})"
            case If(condition, then, otherwise):
                return f"({text(then)} if {text(condition)} else {text(otherwise)})"
            case Sum(names, points, body):
                where = f"{', '.join(names)} in {points_text(points, short)}"
                return f"sum({text(body)} for {where})"
            case Total(name, start, stop, body):
                return f"sum({text(body)} for {text(start)} <= {name} < {text(stop)})"
            case Size(port, axis):
                return f"size {axis} of {port}"
            case First(name, start, stop, condition, value):
                span = f"{text(start)} <= {name} < {text(stop)}"
                return f"(the first {text(value)} for {span} with {text(condition)})"
            case Listed(names, over, value, condition):
                where = "" if condition == Const(1) else f" if {text(condition)}"
                return f"[{text(value)} for {', '.join(names)} in {text(over)}{where}]"
            case _:
                assert_never(expr)

    return text(expr)
