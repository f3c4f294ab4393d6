"""Sums of monomials: their arithmetic, and the way back to an expression."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import isfinite
from typing import TypeAlias

from ...ir.expr import Call, Const, Expr
from ...ir.text import expr_text
from .terms import product_of

Number: TypeAlias = int | Fraction | float
Monomial: TypeAlias = tuple[tuple[Expr, Number], ...]
Sum: TypeAlias = dict[Monomial, Number]

_LONGEST_FIXED = 10**6  # larger integers and fractions become free


class NotFinite(ArithmeticError):
    """A constant of the formula overflows or is undefined."""


@lru_cache(maxsize=20_000)
def sort_key(expr: Expr) -> tuple[int, str]:
    text = expr_text(expr)
    return len(text), text


def tidy(number: Number) -> Number:
    if isinstance(number, complex) or (isinstance(number, float) and not isfinite(number)):
        raise NotFinite("a constant is not finite")
    if isinstance(number, Fraction):
        if max(abs(number.numerator), number.denominator) > _LONGEST_FIXED:
            return float(number)
        return int(number) if number.denominator == 1 else number
    if isinstance(number, int) and abs(number) > _LONGEST_FIXED:
        return float(number)
    return number


def times(a: Number, b: Number) -> Number:
    return tidy(a * b)


def plus(a: Number, b: Number) -> Number:
    return tidy(a + b)


def raised_number(base: Number, power: Number) -> Number:
    """``base ** power``, exact where both are rational and the power is whole."""
    if isinstance(power, int) and not isinstance(base, float) and abs(power) <= 8:
        return tidy(Fraction(base) ** power)
    if base == 1:
        return 1
    return tidy(float(base) ** float(power))


def add(*sums: Sum) -> Sum:
    result: Sum = {}
    for terms in sums:
        for mono, number in terms.items():
            result[mono] = plus(result[mono], number) if mono in result else number
    return {mono: number for mono, number in result.items() if number != 0}


def scale(terms: Sum, number: Number) -> Sum:
    scaled = {mono: times(value, number) for mono, value in terms.items()}
    return {mono: value for mono, value in scaled.items() if value != 0}


def ordered(terms: Sum) -> list[Monomial]:
    """Terms without the constant one first, in a fixed order."""
    return sorted(terms, key=lambda mono: (mono == (), [(sort_key(a), float(p)) for a, p in mono]))


def size_of(number: Number) -> Number:
    return number if number >= 0 else -number


def leading(terms: Sum) -> Number:
    """The coefficient to move outwards: the commonest size, with the sign of the first term."""
    order = [mono for mono in ordered(terms) if mono]
    sizes = [size_of(terms[mono]) for mono in order]
    usual = max(sizes, key=lambda size: (sizes.count(size), -sizes.index(size)))
    return usual if terms[order[0]] > 0 else -usual


def monic(terms: Sum, lead: Number) -> Sum:
    """The terms over a coefficient of theirs: where it stands 1 is left, not 1 but for rounding."""
    signs: dict[Number, Number] = {lead: 1, -lead: -1}
    ones = {mono: signs[number] for mono, number in terms.items() if number in signs}
    return scale(terms, raised_number(lead, -1)) | ones


def number_expr(number: Number) -> Expr:
    """A number as an expression; a fraction is a quotient of whole numbers."""
    if isinstance(number, Fraction):
        return Call("div", (Const(number.numerator), Const(number.denominator)))
    return Const(number)


def build(terms: Sum) -> Expr:
    """The expression of a sum."""
    parts = [_term(mono, terms[mono]) for mono in ordered(terms)]
    if not parts:
        return Const(0)
    return parts[0] if len(parts) == 1 else Call("add", tuple(parts))


def _term(mono: Monomial, number: Number) -> Expr:
    over = [powered(atom, power) for atom, power in mono if power > 0]
    under = [powered(atom, -power) for atom, power in mono if power < 0]
    top: int | float
    if isinstance(number, Fraction):
        top, bottom = number.numerator, number.denominator
    else:
        top, bottom = number, 1
    if bottom != 1:
        under.insert(0, Const(bottom))
    if top != 1 or not over:
        over.insert(0, Const(top))
    numerator = product_of(over)
    if not under:
        return numerator
    return Call("div", (numerator, product_of(under)))


def powered(atom: Expr, power: Number) -> Expr:
    if power == 1:
        return atom
    if power == Fraction(1, 2):
        return Call("sqrt", (atom,))
    return Call("pow", (atom, number_expr(power)))
