"""Exponentials as powers: 2 ** t in place of exp(0.69314718056 t), (2 u) ** t likewise."""

from __future__ import annotations

from math import exp, floor, log, log10

from ...ir.expr import Call, Const, Expr
from ...ir.rewrite import bottomup
from .terms import product_of

_DIGITS = (1, 2, 3)  # of a base
_SURE = 4  # digits more of the rate: then one base in a thousand is met by chance


def with_bases(expr: Expr) -> Expr:
    """The formula with exp(c u) as b ** u where c, to all its digits, is the logarithm of b."""
    return bottomup(expr, _based)


def _based(expr: Expr) -> Expr:
    match expr:
        case Call("exp", (inner,)) if (parts := _rate(inner)) is not None:
            rate, rest = parts
            base = _base(rate)
            return expr if base is None else Call("pow", (Const(base), rest))
        case Call("exp", (Call("mul", factors),)):
            places = range(len(factors))
            return next((one for k in places if (one := _power(k, factors)) is not None), expr)
        case _:
            return expr


def _power(place: int, factors: tuple[Expr, ...]) -> Expr | None:
    """exp(k (log u + c)) as (b u) ** k, for the place of the factor that is the sum."""
    match factors[place]:
        case Call(
            "add",
            (Call("log", (inner,)), Const(float() as rate))
            | (Const(float() as rate), Call("log", (inner,))),
        ):
            pass
        case Call("sub", (Call("log", (inner,)), Const(float() as less))):
            rate = -less
        case _:
            return None
    rest = (*factors[:place], *factors[place + 1 :])
    if not rest or (base := _base(rate)) is None:
        return None
    return Call("pow", (_scaled(inner, base), product_of(rest)))


def _scaled(expr: Expr, by: float) -> Expr:
    """The product with a number, of sums term by term."""
    match expr:
        case Call("add", args):
            return Call("add", tuple(_scaled(arg, by) for arg in args))
        case Const(int() | float() as value):
            product = value * by
            return Const(int(product) if float(product).is_integer() else product)
        case _:
            return Call("mul", (Const(by), expr))


def _rate(expr: Expr) -> tuple[float, Expr] | None:
    """The only free number of a product and the other factors; None where there is none."""
    match expr:
        case Call("div", (above, below)) if (parts := _rate(above)) is not None:
            return parts[0], Call("div", (parts[1], below))
        case Call("mul", args):
            free = [a.value for a in args if isinstance(a, Const) and isinstance(a.value, float)]
            rest = [a for a in args if not (isinstance(a, Const) and isinstance(a.value, float))]
            if len(free) == 1 and rest:
                return free[0], product_of(rest)
    return None


def _base(rate: float) -> float | None:
    """The number of few digits whose logarithm a rate of many digits is."""
    if not rate or abs(rate) > log(10**6):
        return None
    figures = f"{abs(rate):.15e}".partition("e")[0].replace(".", "").rstrip("0")
    last = 10.0 ** (floor(log10(abs(rate))) - len(figures) + 1)  # the unit of the last digit
    for digits in _DIGITS:
        base = float(f"{exp(rate):.{digits}g}")
        near = base not in (0, 1) and abs(log(base) - rate) <= last
        if near and len(figures) >= digits + _SURE:
            return int(base) if base.is_integer() else base
    return None
