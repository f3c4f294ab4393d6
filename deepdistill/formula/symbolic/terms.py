"""Sums with plus before minus, products with the sign on their first factor."""

from __future__ import annotations

from collections.abc import Sequence

from ...ir.expr import Call, Const, Expr

_MINUS = Const(-1)


def opposite(expr: Expr) -> Expr | None:
    """The expression without its minus sign; None where it has none."""
    match expr:
        case Const(int() | float() as value) if value < 0:
            return Const(-value)
        case Call("mul", (Const(-1), inner)):
            return inner
        case Call("mul" | "div" as op, (first, *rest)):
            inside = opposite(first)
            if inside is None:
                return None
            if inside == Const(1) and op == "mul":
                return product_of(rest)
            return Call(op, (inside, *rest))
        case _:
            return None


def negative(expr: Expr) -> Expr:
    """Minus the expression, the sign on its first factor."""
    positive = opposite(expr)
    if positive is not None:
        return positive
    match expr:
        case Const(int() | float() as value):
            return Const(-value)
        case Call("mul" | "div" as op, (first, *rest)):
            return Call(op, (negative(first), *rest))
        case Call("sub", _):
            return total([Call("mul", (_MINUS, expr))])
        case _:
            return Call("mul", (_MINUS, expr))


def total(parts: Sequence[Expr]) -> Expr:
    """A sum, what is added before what is subtracted."""
    plus: list[Expr] = []
    minus: list[Expr] = []
    for part in parts:
        _sorted_by_sign(part, plus, minus)
    plus.sort(key=lambda part: isinstance(part, Const))  # x + 1 rather than 1 + x
    if not plus and not minus:
        return Const(0)
    if not plus:
        numbered = [k for k, part in enumerate(minus) if _has_number(part)]
        if not numbered and len(minus) > 1:
            return Call("mul", (_MINUS, Call("add", tuple(minus))))
        plus = [negative(minus.pop(numbered[0] if numbered else 0))]
    result = plus[0] if len(plus) == 1 else Call("add", tuple(plus))
    for part in minus:
        result = Call("sub", (result, part))
    return result


def product_of(factors: Sequence[Expr]) -> Expr:
    """A product of one factor or more."""
    return factors[0] if len(factors) == 1 else Call("mul", tuple(factors))


def _has_number(expr: Expr) -> bool:
    match expr:
        case Const():
            return True
        case Call("mul" | "div", (first, *_)):
            return _has_number(first)
        case _:
            return False


def _sorted_by_sign(expr: Expr, plus: list[Expr], minus: list[Expr]) -> None:
    match expr:
        case Const(0):
            return
        case Call("add", args):
            for arg in args:
                _sorted_by_sign(arg, plus, minus)
        case Call("sub", (a, b)):
            _sorted_by_sign(a, plus, minus)
            _sorted_by_sign(b, minus, plus)
        case _:
            positive = opposite(expr)
            if positive is None:
                plus.append(expr)
            else:
                _sorted_by_sign(positive, minus, plus)
