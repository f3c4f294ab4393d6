"""A normal form of formulas in which no constant is redundant.

A sum is a map from monomials to coefficients, a monomial a sorted tuple of (atom, power). Powers
and coefficients are integers or fractions (structure) or floats (free constants). Sums inside
products and functions are monic: their leading coefficient has moved outwards, so that fitting and
snapping see each constant once. Steps that need positive numbers are taken for positive columns
only.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from math import exp as float_exp
from math import inf, isfinite, log
from typing import TypeAlias

from ..ir.expr import Call, Const, Expr, Var
from ..ir.text import expr_text

Number: TypeAlias = int | Fraction | float
Monomial: TypeAlias = tuple[tuple[Expr, Number], ...]
Sum: TypeAlias = dict[Monomial, Number]

_REMEMBERED = 20_000
_LONGEST_FIXED = 10**6  # larger integers and fractions become free


class NotFinite(ArithmeticError):
    """A constant of the formula overflows or is undefined."""


def normal(expr: Expr, positive: frozenset[str] = frozenset()) -> Expr:
    """The formula in normal form; :class:`NotFinite` where its constants have no value.

    ``positive`` names the columns that hold positive numbers only.
    """
    try:
        return build(_reader(positive).read(expr))
    except (OverflowError, ZeroDivisionError, ValueError, TypeError) as error:
        raise NotFinite(str(error)) from None


@lru_cache(maxsize=20_000)
def _key(expr: Expr) -> tuple[int, str]:
    text = expr_text(expr)
    return len(text), text


def _tidy(number: Number) -> Number:
    if isinstance(number, complex) or (isinstance(number, float) and not isfinite(number)):
        raise NotFinite("a constant is not finite")
    if isinstance(number, Fraction):
        if max(abs(number.numerator), number.denominator) > _LONGEST_FIXED:
            return float(number)
        return int(number) if number.denominator == 1 else number
    if isinstance(number, int) and abs(number) > _LONGEST_FIXED:
        return float(number)
    return number


def _times(a: Number, b: Number) -> Number:
    return _tidy(a * b)


def _plus(a: Number, b: Number) -> Number:
    return _tidy(a + b)


def _raise(base: Number, power: Number) -> Number:
    """``base ** power``, exact where both are rational and the power is whole."""
    if isinstance(power, int) and not isinstance(base, float) and abs(power) <= 8:
        return _tidy(Fraction(base) ** power)
    if base == 1:
        return 1
    return _tidy(float(base) ** float(power))


def add(*sums: Sum) -> Sum:
    result: Sum = {}
    for terms in sums:
        for mono, number in terms.items():
            result[mono] = _plus(result[mono], number) if mono in result else number
    return {mono: number for mono, number in result.items() if number != 0}


def scale(terms: Sum, number: Number) -> Sum:
    scaled = {mono: _times(value, number) for mono, value in terms.items()}
    return {mono: value for mono, value in scaled.items() if value != 0}


def _ordered(terms: Sum) -> list[Monomial]:
    """Terms without the constant one first, in a fixed order."""
    return sorted(terms, key=lambda mono: (mono == (), [(_key(a), float(p)) for a, p in mono]))


def _size(number: Number) -> Number:
    return number if number >= 0 else -number


def _lead(terms: Sum) -> Number:
    """The coefficient to move outwards: the commonest size, with the sign of the first term."""
    order = [mono for mono in _ordered(terms) if mono]
    sizes = [_size(terms[mono]) for mono in order]
    usual = max(sizes, key=lambda size: (sizes.count(size), -sizes.index(size)))
    return usual if terms[order[0]] > 0 else -usual


@lru_cache(maxsize=8)
def _reader(positive: frozenset[str]) -> _Reader:
    return _Reader(positive)


def _kinds(expr: Expr) -> Iterator[bool]:
    """Which constants are free: 2 and 2.0 are equal in Python, and so are their expressions."""
    match expr:
        case Const(value):
            yield isinstance(value, float)
        case Call(_, args):
            for arg in args:
                yield from _kinds(arg)


class _Reader:
    """Reads expressions as sums; what it has read it remembers, for a while."""

    def __init__(self, positive: frozenset[str]) -> None:
        self.positive = positive
        self.seen: dict[tuple[Expr, tuple[bool, ...]], Sum] = {}

    def read(self, expr: Expr) -> Sum:
        if not isinstance(expr, Call):
            return self.fresh(expr)
        key = expr, tuple(_kinds(expr))
        if key not in self.seen:
            if len(self.seen) > _REMEMBERED:
                self.seen.clear()
            self.seen[key] = self.fresh(expr)
        return self.seen[key]

    def fresh(self, expr: Expr) -> Sum:
        match expr:
            case Const(int() | float() as value):
                return {(): _tidy(value)} if value != 0 else {}
            case Var():
                return {((expr, 1),): 1}
            case Call("add", args):
                return add(*map(self.read, args))
            case Call("sub", (a, b)):
                return add(self.read(a), scale(self.read(b), -1))
            case Call("mul", args):
                result: Sum = {(): 1}
                for arg in args:
                    result = self.product(result, self.read(arg))
                return result
            case Call("div", (a, b)):
                return self.product(self.read(a), self.power(self.read(b), -1))
            case Call("sqrt", (a,)):
                return self.power(self.read(a), Fraction(1, 2))
            case Call("pow", (a, b)):
                power = self.read(b)
                if not set(power) - {()}:
                    return self.power(self.read(a), power.get((), 0))
                return {((Call("pow", (build(self.read(a)), build(power))), 1),): 1}
            case Call("exp", (a,)):
                return self.exponential(self.read(a))
            case Call("log", (a,)):
                return self.logarithm(self.read(a))
            case Call(("pi" | "e"), ()):
                return {((expr, 1),): 1}
            case Call(("max" | "min") as op, args):
                parts = sorted({build(self.read(arg)) for arg in args}, key=_key)
                if len(parts) == 1:
                    return self.read(parts[0])
                return {((Call(op, tuple(parts)), 1),): 1}
            case Call(op, (a,)):
                return self.function(op, self.read(a))
            case _:
                raise NotFinite("no formula of numbers")

    def product(self, a: Sum, b: Sum) -> Sum:
        if not a or not b:
            return {}
        for first, second in ((a, b), (b, a)):
            if set(first) == {()}:
                return scale(second, first[()])
        (mono_a, number_a), (mono_b, number_b) = self.single(a), self.single(b)
        return self.unwrapped(self.joined(mono_a, mono_b), _times(number_a, number_b))

    def single(self, terms: Sum) -> tuple[Monomial, Number]:
        """A sum as one monomial, itself an atom where it has several terms."""
        if len(terms) == 1:
            return next(iter(terms.items()))
        lead = _lead(terms)
        return ((build(scale(terms, _raise(lead, -1))), 1),), lead

    def joined(self, a: Monomial, b: Monomial) -> Monomial:
        powers: dict[Expr, Number] = {}
        exponent: Sum = {}
        for atom, power in (*a, *b):
            match atom:
                case Call("exp", (inner,)):
                    exponent = add(exponent, scale(self.read(inner), power))
                case _:
                    powers[atom] = _plus(powers[atom], power) if atom in powers else power
        if exponent:
            powers[Call("exp", (build(exponent),))] = 1
        kept = [(atom, power) for atom, power in powers.items() if power != 0]
        return tuple(sorted(kept, key=lambda pair: _key(pair[0])))

    def unwrapped(self, mono: Monomial, number: Number) -> Sum:
        """A lone sum in a monomial is the sum itself."""
        match mono:
            case ((Call("add", _) as atom, 1),):
                return scale(self.read(atom), number)
            case _:
                return {mono: number}

    def is_positive(self, atom: Expr) -> bool:
        match atom:
            case Var(name):
                return name in self.positive
            case Const(value):
                return not isinstance(value, tuple) and value > 0
            case Call("exp" | "pi" | "e"):
                return True
            case Call("add" | "mul" | "div", args):
                return all(map(self.is_positive, args))
            case Call("sqrt" | "pow", (base, *_)):
                return self.is_positive(base)
            case _:
                return False

    def power(self, terms: Sum, power: Number) -> Sum:
        if power == 0:
            return {(): 1}
        if power == 1:
            return terms
        if not terms:
            if power < 0:
                raise NotFinite("division by zero")
            return {}
        if set(terms) == {()} and terms[()] > 0 and not isinstance(terms[()], float):
            if isinstance(power, int):
                return {(): _raise(terms[()], power)}
            if isinstance(power, Fraction):  # the root of a whole number stays one
                return {((build(terms), power),): 1} if terms[()] != 1 else {(): 1}
        mono, number = self.single(terms)
        whole = isinstance(power, int)
        if whole:
            raised = tuple((atom, _times(p, power)) for atom, p in mono)
            return self.unwrapped(self.joined(raised, ()), _raise(number, power))
        outer = _raise(_size(number), power) if _size(number) != 1 else 1
        sure = [(a, p) for a, p in mono if self.is_positive(a)]
        rest = [(a, p) for a, p in mono if not self.is_positive(a)]
        raised = tuple((atom, _times(p, power)) for atom, p in sure)
        if rest or number < 0:
            sign = 1 if number > 0 else -1
            match rest:
                case [(Call("add", _) as inner, 1)]:
                    base = build(scale(self.read(inner), sign))
                    raised = (*raised, (base, power))
                case [(atom, 1)] if sign > 0:
                    raised = (*raised, (atom, power))
                case _:
                    raised = (*raised, (build({tuple(rest): sign}), power))
        return self.unwrapped(self.joined(raised, ()), outer)

    def exponential(self, terms: Sum) -> Sum:
        constant = terms.get((), 0)
        rest = {mono: value for mono, value in terms.items() if mono}
        outer = 1 if constant == 0 else _tidy(float_exp(float(constant)))
        if outer == 0 or outer == inf:
            raise NotFinite("exp of a constant is 0 or infinite")
        result: Sum = {(): outer}
        for mono in list(rest):
            match mono:
                case ((Call("log", (inner,)), 1),):  # exp(c log u) -> u^c
                    result = self.product(result, self.power(self.read(inner), rest.pop(mono)))
        if rest:
            result = self.product(result, {((Call("exp", (build(rest),)), 1),): 1})
        return result

    def logarithm(self, terms: Sum) -> Sum:
        if not terms:
            raise NotFinite("log of 0")
        mono, number = self.single(terms)
        if not mono:
            return {(): _tidy(log(float(number)))} if number != 1 else {}
        if number < 0:
            return {((Call("log", (build({mono: number}),)), 1),): 1}
        parts: list[Sum] = [{(): _tidy(log(float(number)))}] if number != 1 else []
        if all(self.is_positive(atom) for atom, _ in mono):
            for atom, power in mono:
                match atom:
                    case Call("exp", (inner,)):
                        parts.append(scale(self.read(inner), power))
                    case _:
                        parts.append({((Call("log", (atom,)), 1),): power})
        else:
            inner = build(self.unwrapped(mono, 1))
            parts.append({((Call("log", (inner,)), 1),): 1})
        return add(*parts)

    def function(self, op: str, terms: Sum) -> Sum:
        """sin, cos, tan, tanh and abs: the sign of the argument moves out."""
        sign: Number = 1
        if terms and terms[_ordered(terms)[0]] < 0:
            terms = scale(terms, -1)
            sign = 1 if op in ("cos", "abs") else -1
        if not terms:
            return {(): 1} if op == "cos" else {}
        if op == "abs":
            mono, number = self.single(terms)
            if all(self.is_positive(atom) for atom, _ in mono):
                return self.unwrapped(mono, _size(number))
            inner = build(self.unwrapped(mono, 1))
            return {((Call("abs", (inner,)), 1),): _size(number)}
        return {((Call(op, (build(terms),)), 1),): sign}


def number_expr(number: Number) -> Expr:
    """A number as an expression; a fraction is a quotient of whole numbers."""
    if isinstance(number, Fraction):
        return Call("div", (Const(number.numerator), Const(number.denominator)))
    return Const(number)


def build(terms: Sum) -> Expr:
    """The expression of a sum."""
    parts = [_term(mono, terms[mono]) for mono in _ordered(terms)]
    if not parts:
        return Const(0)
    return parts[0] if len(parts) == 1 else Call("add", tuple(parts))


def _term(mono: Monomial, number: Number) -> Expr:
    over = [_powered(atom, power) for atom, power in mono if power > 0]
    under = [_powered(atom, -power) for atom, power in mono if power < 0]
    top: int | float
    if isinstance(number, Fraction):
        top, bottom = number.numerator, number.denominator
    else:
        top, bottom = number, 1
    if bottom != 1:
        under.insert(0, Const(bottom))
    if top != 1 or not over:
        over.insert(0, Const(top))
    numerator = over[0] if len(over) == 1 else Call("mul", tuple(over))
    if not under:
        return numerator
    return Call("div", (numerator, under[0] if len(under) == 1 else Call("mul", tuple(under))))


def _powered(atom: Expr, power: Number) -> Expr:
    if power == 1:
        return atom
    if power == Fraction(1, 2):
        return Call("sqrt", (atom,))
    return Call("pow", (atom, number_expr(power)))
