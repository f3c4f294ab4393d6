"""Numbers with names: fractions, pi, e, roots and simple products near a fitted constant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import e, exp, isfinite, log, pi, sqrt

from ...ir.expr import Call, Const, Expr
from .sums import number_expr

_PI, _E = Call("pi", ()), Call("e", ())


def _inverse(expr: Expr) -> Expr:
    return Call("div", (Const(1), expr))


def _root(expr: Expr) -> Expr:
    return Call("sqrt", (expr,))


_BASES: tuple[tuple[float, Expr, float], ...] = (
    (1.0, Const(1), 0.0),
    (pi, _PI, 2.5),
    (1 / pi, _inverse(_PI), 3.0),
    (pi**2, Call("pow", (_PI, Const(2))), 3.5),
    (1 / pi**2, _inverse(Call("pow", (_PI, Const(2)))), 4.0),
    (e, _E, 3.5),
    (1 / e, _inverse(_E), 4.0),
    (sqrt(2), _root(Const(2)), 3.5),
    (sqrt(3), _root(Const(3)), 4.5),
    (sqrt(pi), _root(_PI), 4.0),
    (1 / sqrt(pi), _inverse(_root(_PI)), 4.0),
    (sqrt(2 * pi), Call("mul", (_root(Const(2)), _root(_PI))), 4.5),
    (1 / sqrt(2 * pi), _inverse(Call("mul", (_root(Const(2)), _root(_PI)))), 4.5),
)
_DENOMINATORS = (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 16, 20, 24, 25, 32, 50, 100)


@dataclass(frozen=True, slots=True)
class Named:
    """A number, its expression and what it costs to name it, in nats."""

    value: float
    expr: Expr
    cost: float


def near(
    value: float, reach: float, powers: bool = False, exponentials: bool = False
) -> Iterator[Named]:
    """Numbers with names within ``reach`` of ``value``, the cheapest first.

    ``powers`` keeps to fractions: an exponent of pi is rare. With ``exponentials`` the number may
    be exp(k): the 0.0025 of 1 / (0.0025 + exp(-t)).
    """
    cheapest: dict[float, Named] = {}
    if exponentials and not powers:
        cheapest |= _exponentials(value, reach)
    for base, expr, price in _BASES[:1] if powers else _BASES:
        for denominator in _DENOMINATORS:
            scaled = value / base * denominator
            if not isfinite(scaled) or abs(scaled) > 10**6:
                continue
            over = round(scaled)
            number = over / denominator * base
            if abs(number - value) > reach or (over == 0 and base != 1):
                continue
            ratio = Fraction(over, denominator)
            cost = price + 1.5 + log(1 + abs(ratio.numerator)) + 1.5 * log(ratio.denominator)
            if number not in cheapest or cheapest[number].cost > cost:
                exact: Expr = number_expr(ratio) if ratio.denominator > 1 else Const(int(ratio))
                if base != 1:
                    exact = expr if ratio == 1 else Call("mul", (exact, expr))
                cheapest[number] = Named(number, exact, cost)
    yield from sorted(cheapest.values(), key=lambda one: (one.cost, abs(one.value - value)))


def _exponentials(value: float, reach: float) -> dict[float, Named]:
    """exp(k) near the value, k a whole number or a half."""
    doubled = round(2 * log(abs(value))) if value else 0
    if not 2 < abs(doubled) <= 60:
        return {}
    power = Fraction(doubled, 2)
    number = exp(power) if value > 0 else -exp(power)
    if abs(number - value) > reach:
        return {}
    expr: Expr = Call("exp", (number_expr(power) if doubled % 2 else Const(doubled // 2),))
    if value < 0:
        expr = Call("mul", (Const(-1), expr))
    cost = 5.5 + log(1 + abs(power.numerator)) + 1.5 * log(power.denominator)
    return {number: Named(number, expr, cost)}
