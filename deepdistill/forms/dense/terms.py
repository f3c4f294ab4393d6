"""Expressions for weighted sums: products, sums that begin without a minus sign, comparisons."""

from __future__ import annotations

import numpy as np

from ...ir.expr import Call, Const, Expr, Read, Var, call


def total_of(terms: list[Expr]) -> Expr:
    """The sum of the terms, those with a minus sign last; with the same factor they share it."""
    ordered = sorted(_factored(terms), key=is_negative)
    if not ordered:
        return Const(0)
    return ordered[0] if len(ordered) == 1 else call("add", *ordered)


def _factored(terms: list[Expr]) -> list[Expr]:
    """``c * x - c * y`` as ``c * (x - y)``, for factors other than 1."""
    left, result = list(terms), []
    while left:
        term = left.pop(0)
        factor, inner = _factor(term)
        partner = next((t for t in left if _factor(t)[0] == -factor), None)
        if abs(factor) == 1 or partner is None:
            result.append(term)
            continue
        left.remove(partner)
        pair = (inner, _factor(partner)[1])
        result.append(times(abs(factor), call("sub", *(pair if factor > 0 else pair[::-1]))))
    return result


def _factor(term: Expr) -> tuple[float, Expr]:
    match term:
        case Call("mul", (Const(int() | float() as value), inner)):
            return value, inner
        case _:
            return 1, term


def listed(scores: list[Expr]) -> Expr:
    """A list of expressions; an array where they are its elements in order."""
    first = scores[0]
    if isinstance(first, Read) and scores == [
        Read(first.port, (Const(k),)) for k in range(len(scores))
    ]:
        return Var(first.port)
    return Call("list", tuple(scores))


def plus(expr: Expr, step: int) -> Expr:
    match expr:
        case _ if step == 0:
            return expr
        case Const(int() as value):
            return Const(value + step)
        case Call("add", (inner, Const(int() as value))):
            return plus(inner, value + step)
        case _:
            return call("add", expr, Const(step))


def times(coefficient: float, expr: Expr) -> Expr:
    return expr if coefficient == 1 else call("mul", Const(plain(coefficient)), expr)


def at_least_0(total: Expr) -> Expr:
    """Whether a sum is at least 0; what is taken away stands on the other side."""
    terms = total.args if isinstance(total, Call) and total.op == "add" else (total,)
    less = [_negative(term) for term in terms if is_negative(term)]
    more = [term for term in terms if not is_negative(term)]
    left, right = (
        side[0] if len(side) == 1 else call("add", *side) if side else Const(0)
        for side in (more, less)
    )
    return call("ge", left, right)


def _negative(term: Expr) -> Expr:
    match term:
        case Const(int() | float() as value):
            return Const(-value)
        case Call("mul", (Const(int() | float() as value), other)):
            return times(-value, other)
        case _:
            return call("mul", Const(-1), term)


def is_negative(term: Expr) -> bool:
    match term:
        case Const(int() | float() as value):
            return value < 0
        case Call("mul", (Const(int() | float() as value), _)):
            return value < 0
        case _:
            return False


def plain(value: float) -> float:
    number = np.asarray(value).item()
    return int(number) if number == int(number) and abs(number) < 2**53 else number


def fired(total: Expr, activation: str) -> Expr:
    if activation == "sign":
        return call("sign", total)
    if activation == "step":
        return call("int", at_least_0(total))
    raise ValueError(f"a hidden layer cannot have the activation {activation}")
