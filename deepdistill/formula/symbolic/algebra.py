"""A normal form of formulas in which no constant is redundant.

A sum is a map from monomials to coefficients, a monomial a sorted tuple of (atom, power). Powers
and coefficients are integers or fractions (structure) or floats (free constants). Sums inside
products and functions are monic: their leading coefficient has moved outwards, so that fitting and
snapping see each constant once.

The domain stays as it is: where a step could give the formula a value where it had none (x / x,
exp(log x), sqrt(x)^2, log x - log x), or take one away, it is made only if the sampled ranges
prove that this cannot happen; else both parts stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from math import exp as float_exp
from math import inf, log, pi

from ...ir.expr import Call, Const, Expr, Var
from .domain import ANYWHERE, Domain
from .sums import (
    Monomial,
    NotFinite,
    Number,
    Sum,
    add,
    build,
    leading,
    monic,
    ordered,
    plus,
    raised_number,
    scale,
    size_of,
    sort_key,
    tidy,
    times,
)

__all__ = ["NotFinite", "normal", "terms_of"]

_REMEMBERED = 20_000
_PI: Monomial = ((Call("pi", ()), 1),)


def normal(expr: Expr, domain: Domain | frozenset[str] = ANYWHERE) -> Expr:
    """The formula in normal form; :class:`NotFinite` where its constants have no value.

    ``domain`` tells the sampled ranges, or names the columns that hold positive numbers only.
    """
    return build(terms_of(expr, domain))


def terms_of(expr: Expr, domain: Domain | frozenset[str] = ANYWHERE) -> Sum:
    """The formula as a sum of monomials; see :func:`normal`."""
    known = domain if isinstance(domain, Domain) else Domain.of_positive(domain)
    try:
        return _reader(known).read(expr)
    except (OverflowError, ZeroDivisionError, ValueError, TypeError) as error:
        raise NotFinite(str(error)) from None


@lru_cache(maxsize=8)
def _reader(domain: Domain) -> _NormalReader:
    return _NormalReader(domain)


def _needs(power: Number) -> set[str]:
    """What a power asks of its base."""
    needs = set() if power % 1 == 0 else {"at least 0"}
    return needs | {"not 0"} if power < 0 else needs


def _kinds(expr: Expr) -> Iterator[bool]:
    """Which constants are free: 2 and 2.0 are equal in Python, and so are their expressions."""
    match expr:
        case Const(value):
            yield isinstance(value, float)
        case Call(_, args):
            for arg in args:
                yield from _kinds(arg)


class _NormalReader:
    """Reads expressions as sums; what it has read it remembers, for a while."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.positive = domain.positive
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
                return {(): tidy(value)} if value != 0 else {}
            case Var():
                return {((expr, 1),): 1}
            case Call("add", args):
                return self.total(*map(self.read, args))
            case Call("sub", (a, b)):
                return self.total(self.read(a), scale(self.read(b), -1))
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
                parts = sorted({build(self.read(arg)) for arg in args}, key=sort_key)
                if len(parts) == 1:
                    return self.read(parts[0])
                return {((Call(op, tuple(parts)), 1),): 1}
            case Call(op, (a,)):
                return self.function(op, self.read(a))
            case _:
                raise NotFinite("no formula of numbers")

    def total(self, *sums: Sum) -> Sum:
        """The sum; terms that cancel leave a 0 where they had no value everywhere."""
        result = add(*sums)
        gone = {mono: 0 for terms in sums for mono in terms if mono not in result}
        return add(result, *(self.nothing({mono: 1}) for mono in gone))

    def nothing(self, terms: Sum) -> Sum:
        """Zero times a sum: no term at all where the sum has a value everywhere."""
        part = build(terms)
        if self.domain.is_total(part):
            return {}
        match part:
            case Call("mul", (Const(0), _)):
                return {((part, 1),): 1}
            case _:
                return {((Call("mul", (Const(0), part)), 1),): 1}

    def allows(self, atom: Expr, before: set[str], after: Number) -> bool:
        """Whether a power that asks for less may stand for powers that ask for ``before``."""
        if after == 0 and not self.domain.is_total(atom):
            return False
        missing = before - _needs(after)
        if atom in self.domain.assumed:
            missing -= {"not 0"}
        if not missing or self.is_positive(atom):
            return True
        span = self.domain.bounds(atom)
        return ("not 0" not in missing or span.low > 0 or span.high < 0) and (
            "at least 0" not in missing or span.low >= 0
        )

    def product(self, a: Sum, b: Sum) -> Sum:
        if not a or not b:
            return self.nothing(a or b) if a or b else {}
        for first, second in ((a, b), (b, a)):
            if set(first) == {()}:
                return scale(second, first[()])
        (mono_a, number_a), (mono_b, number_b) = self.single(a), self.single(b)
        return self.unwrapped(self.joined(mono_a, mono_b), times(number_a, number_b))

    def single(self, terms: Sum) -> tuple[Monomial, Number]:
        """A sum as one monomial, itself an atom where it has several terms."""
        if len(terms) == 1:
            return next(iter(terms.items()))
        lead = leading(terms)
        return ((build(monic(terms, lead)), 1),), lead

    def joined(self, a: Monomial, b: Monomial) -> Monomial:
        powers: list[tuple[Expr, Number]] = []
        exponent: Sum = {}
        for atom, power in (*a, *b):
            match atom:
                case Call("exp", (inner,)):
                    exponent = self.total(exponent, scale(self.read(inner), power))
                case _:
                    self.multiply(powers, atom, power)
        if exponent:
            powers.append((Call("exp", (build(exponent),)), 1))
        return tuple(sorted(powers, key=lambda pair: (sort_key(pair[0]), float(pair[1]))))

    def multiply(self, powers: list[tuple[Expr, Number]], atom: Expr, power: Number) -> None:
        """One more factor; powers of the same part add up where that asks for as much."""
        for k, (other, old) in enumerate(powers):
            together = plus(old, power)
            if other == atom and self.allows(atom, _needs(old) | _needs(power), together):
                powers[k : k + 1] = [(atom, together)] if together != 0 else []
                return
        powers.append((atom, power))

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
            return self.total({(): 1}, self.nothing(terms))
        if power == 1:
            return terms
        if not terms:
            if power < 0:
                raise NotFinite("division by zero")
            return {}
        if set(terms) == {()} and terms[()] > 0 and not isinstance(terms[()], float):
            if isinstance(power, int):
                return {(): raised_number(terms[()], power)}
            if isinstance(power, Fraction):  # the root of a whole number stays one
                return {((build(terms), power),): 1} if terms[()] != 1 else {(): 1}
        mono, number = self.single(terms)
        whole = isinstance(power, int)
        if whole:
            raised = tuple(
                (atom, times(p, power))
                if self.allows(atom, _needs(p), times(p, power))
                else (build({((atom, p),): 1}), power)
                for atom, p in mono
            )
            return self.unwrapped(self.joined(raised, ()), raised_number(number, power))
        outer = raised_number(size_of(number), power) if size_of(number) != 1 else 1
        sure = [(a, p) for a, p in mono if self.is_positive(a)]
        rest = [(a, p) for a, p in mono if not self.is_positive(a)]
        raised = tuple((atom, times(p, power)) for atom, p in sure)
        if rest or number < 0:
            sign = 1 if number > 0 else -1
            match rest:
                case [(Call("add", _) as inner, 1)]:
                    base = build(scale(self.read(inner), sign))
                    raised = (*raised, (base, power))
                case [(atom, int(odd))] if sign > 0 and odd % 2:  # of the same sign as its base
                    raised = (*raised, (atom, times(odd, power)))
                case [(atom, int(even))] if sign > 0:  # sqrt(x^2) = |x|
                    raised = (*raised, (Call("abs", (atom,)), times(even, power)))
                case _:
                    raised = (*raised, (build({tuple(rest): sign}), power))
        return self.unwrapped(self.joined(raised, ()), outer)

    def exponential(self, terms: Sum) -> Sum:
        constant = terms.get((), 0)
        outer: Number = 1
        rest = dict(terms)
        if isinstance(constant, float):  # a free one moves out, -6 in exp(3 t - 6) may stay
            outer = tidy(float_exp(rest.pop(())))
            if outer == 0 or outer == inf:
                raise NotFinite("exp of a constant is 0 or infinite")
        result: Sum = {(): outer}
        for mono in list(rest):
            match mono:
                case ((Call("log", (inner,)), 1),):  # exp(c log u) -> u^c
                    if self.allows(inner, {"not 0", "at least 0"}, rest[mono]):
                        result = self.product(result, self.power(self.read(inner), rest.pop(mono)))
        if rest:
            result = self.product(result, {((Call("exp", (build(rest),)), 1),): 1})
        return result

    def logarithm(self, terms: Sum) -> Sum:
        if not terms:
            raise NotFinite("log of 0")
        mono, number = self.single(terms)
        if not mono:
            return {(): tidy(log(float(number)))} if number != 1 else {}
        if number < 0:
            return {((Call("log", (build({mono: number}),)), 1),): 1}
        parts: list[Sum] = [{(): tidy(log(float(number)))}] if number != 1 else []
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
        if op in ("sin", "cos"):
            quarters = terms.get(_PI, 0) * 2
            if quarters and not isinstance(quarters, float) and quarters % 1 == 0:
                terms = {mono: value for mono, value in terms.items() if mono != _PI}
                turns = int(quarters + (op == "cos")) % 4  # cos u = sin(u + pi / 2)
                op, sign = ("cos" if turns % 2 else "sin"), (1 if turns < 2 else -1)
            phase = terms.get((), 0)
            halves = round(phase / pi) if isinstance(phase, float) else 0
            if halves:  # a free phase has one form: sin(u + pi) = -sin u
                terms = add(terms, {(): -halves * pi})
                sign = -sign if halves % 2 else sign
        if terms and terms[ordered(terms)[0]] < 0:
            terms = scale(terms, -1)
            sign = sign if op in ("cos", "abs") else -sign
        if not terms:
            return {(): sign} if op == "cos" else {}
        if op == "abs":
            mono, number = self.single(terms)
            if all(self.is_positive(atom) for atom, _ in mono):
                return self.unwrapped(mono, size_of(number))
            inner = build(self.unwrapped(mono, 1))
            return {((Call("abs", (inner,)), 1),): size_of(number)}
        return {((Call(op, (build(terms),)), 1),): sign}
