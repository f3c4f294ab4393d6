"""A formula with fewer operations, the same values and the same domain.

Factors common to terms move out (Horner), polynomials are factored (sympy), squares completed,
powers and roots of several factors become one. Each step is exact and keeps the domain; the result
is compared with the original on the sampled ranges before it is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations
from math import inf

import numpy as np

from ...ir.expr import Call, Const, Expr, If, Var, walk
from ...ir.interval import narrowed
from ...ir.rewrite import mapped
from ...ir.text import expr_text
from .algebra import NotFinite, terms_of
from .arrays import Floats, values
from .domain import Domain
from .factors import common, divided, even_half, factored, is_repeated, rational, times_monomial
from .product import Factor, cost, product
from .sums import Monomial, Number, Sum, add, build, ordered, raised_number, scale, size_of, times
from .terms import total

_MANY = 9  # longer sums are taken apart greedily
_DEEPEST = 12
_SAME = 1e-12
_SAMPLES = 200


def shorter(expr: Expr, domain: Domain) -> Expr:
    """The shortest formula found; the given one where none is shorter."""
    if any(isinstance(node, If) for node in walk(expr)):
        return _in_branches(expr, domain)
    try:
        rewritten = _Writer(domain).sum(terms_of(expr, domain))
    except (NotFinite, OverflowError, ZeroDivisionError, RecursionError):
        return expr
    if cost(rewritten)[:3] <= cost(expr)[:3] and same_values(expr, rewritten, domain):
        return rewritten
    return expr


def _in_branches(expr: Expr, domain: Domain) -> Expr:
    match expr:
        case If(condition, then, otherwise):
            branches = [
                shorter(branch, Domain.within(narrowed(domain.ranges, condition, k)))
                for branch, k in ((then, True), (otherwise, False))
            ]
            return If(condition, *branches)
        case _:
            return mapped(expr, lambda part: _in_branches(part, domain))


def same_values(a: Expr, b: Expr, domain: Domain) -> bool:
    """Whether two formulas agree, and have no value at the same places, on sampled rows."""
    names = sorted({node.name for e in (a, b) for node in walk(e) if isinstance(node, Var)})
    columns = sampled(names, domain)
    first, second = values(a, columns), values(b, columns)
    good = np.isfinite(first)
    if not (good == np.isfinite(second)).all():
        return False
    size = float(np.abs(first[good]).max()) if good.any() else 0.0
    return bool((np.abs(first[good] - second[good]) <= _SAME * size).all())


def sampled(names: list[str], domain: Domain) -> dict[str, Floats]:
    """Rows within the ranges, their ends among them; unknown ends are replaced by usual numbers."""
    rng = np.random.default_rng(0)
    columns = {}
    for name in names:
        span = domain.ranges.get(name)
        low = -3.0 if span is None or span.low == -inf else span.low
        high = low + 6.0 if span is None or span.high == inf else span.high
        inner = low + (high - low) * rng.uniform(size=_SAMPLES)
        ends = rng.choice(np.array([low, high]), _SAMPLES // 10)
        columns[name] = np.concatenate([inner, ends])
    return columns


class _Writer:
    """Writes sums of monomials as short expressions; what it has written it remembers."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.written: dict[str, Expr] = {}
        self.factored: dict[str, tuple[Monomial, Number] | None] = {}
        self.begun: list[str] = []

    def sum(self, terms: Sum) -> Expr:
        key = expr_text(build(terms))
        if key in self.written:
            return self.written[key]
        if key in self.begun or len(self.begun) > _DEEPEST:  # it came back to itself
            return self.plain(terms)
        self.begun.append(key)
        shortest = min(self.ways(terms), key=cost)
        self.begun.pop()
        self.written[key] = shortest
        return shortest

    def factors(self, terms: Sum) -> tuple[Monomial, Number] | None:
        key = expr_text(build(terms))
        if key not in self.factored:
            self.factored[key] = factored(terms)
        return self.factored[key]

    def plain(self, terms: Sum) -> Expr:
        return total([self.term(mono, terms[mono]) for mono in ordered(terms)])

    def ways(self, terms: Sum) -> Iterator[Expr]:
        """The sum as it is, and as products and shorter sums."""
        yield self.plain(terms)
        if len(terms) < 2 or any(is_repeated(mono) for mono in terms):
            return
        merged = self.one_logarithm(terms)
        if merged is not None:
            yield self.sum(merged)
        for number, mono in common(terms):
            rest = divided(terms, number, mono)
            yield self.term((*mono, (build(rest), 1)), number)
        for atom, power in self.shared(terms):
            with_it = {m: n for m, n in terms.items() if _holds(m, atom, power)}
            without = {m: n for m, n in terms.items() if m not in with_it}
            quotient = divided(with_it, 1, ((atom, power),))
            yield total([self.term(((atom, power), (build(quotient), 1)), 1), self.sum(without)])
        factors = self.factors(terms)
        if factors is not None:
            yield self.term(*factors)
        for smaller in self.squares(terms):
            yield self.sum(smaller)
        for smaller, below in self.over_one_denominator(terms):
            yield self.term(((build(smaller), 1), below), 1)

    def shared(self, terms: Sum) -> list[tuple[Expr, Number]]:
        """Powers in several terms, not all: what may be taken out of those."""
        counts: dict[tuple[Expr, Number], int] = {}
        for mono in terms:
            for atom, power in mono:
                step = power if -1 < power < 1 else 1 if power > 0 else -1
                counts[atom, step] = counts.get((atom, step), 0) + 1
        several = [pair for pair, count in counts.items() if 1 < count < len(terms)]
        several.sort(key=lambda pair: (-counts[pair], expr_text(pair[0]), float(pair[1])))
        return several if len(terms) <= _MANY else several[:1]

    def one_logarithm(self, terms: Sum) -> Sum | None:
        """log u + log v -> log(u v), where at most one of them may be anything but positive."""
        groups: dict[Number, list[tuple[Expr, Monomial]]] = {}
        for mono in ordered(terms):
            match mono:
                case ((Call("log", (inner,)), 1),):
                    groups.setdefault(size_of(terms[mono]), []).append((inner, mono))
        for number, members in groups.items():
            unsure = [u for u, _ in members if not self.domain.bounds(u).low > 0]
            if len(members) > 1 and len(unsure) <= 1:
                sign = 1 if any(terms[m] > 0 for _, m in members) else -1
                parts = tuple([(u, 1 if terms[m] * sign > 0 else -1) for u, m in members])
                left = {m: n for m, n in terms.items() if m not in [mono for _, mono in members]}
                left[((Call("log", (build({parts: 1}),)), 1),)] = sign * number
                return left
        return None

    def squares(self, terms: Sum) -> Iterator[Sum]:
        """a p^2 + b p q + c q^2 -> a (p + b/2a q)^2 + what is left of q^2."""
        exact = rational(terms)
        if exact is None or len(terms) > _MANY:
            return
        unit, numbers = exact
        for first in ordered(terms):
            for second in ordered(terms):
                p, q = even_half(first), even_half(second)
                if p is None or q is None or first == second or not p:
                    continue
                cross = times_monomial(p, q)
                if cross not in numbers:
                    continue
                ratio = numbers[cross] / numbers[first] / 2
                left = numbers[second] - numbers[first] * ratio * ratio
                square: Monomial = ((build({p: 1, q: _plain(ratio)}), 2),)
                rest = {m: n for m, n in numbers.items() if m not in (first, second, cross)}
                rest |= {square: numbers[first], **({second: left} if left else {})}
                yield scale({m: _plain(n) for m, n in rest.items()}, unit)

    def over_one_denominator(self, terms: Sum) -> Iterator[tuple[Sum, Factor]]:
        """a + b/c -> (a c + b)/c, multiplied out."""
        below = {atom for mono in terms for atom, power in mono if power == -1}
        for atom in sorted(below, key=expr_text):
            match atom:
                case Call("add", _):
                    parts = terms_of(atom, self.domain)
                case _:
                    parts = {((atom, 1),): 1}
            result: Sum = {}
            for mono, number in terms.items():
                if (atom, -1) in mono:
                    kept = tuple(pair for pair in mono if pair != (atom, -1))
                    result = add(result, {kept: number})
                elif any(other == atom for other, _ in mono):
                    break
                else:
                    for other, factor in parts.items():
                        result = add(result, scale({times_monomial(mono, other): factor}, number))
            else:
                if result and len(result) <= len(terms) + 1:
                    yield result, (atom, -1)

    def term(self, mono: Monomial, number: Number) -> Expr:
        """A number times powers of parts: the shortest way to write it."""
        number, factors = self.taken_apart(mono, number)
        options = [product(self.atoms(factors), number, self.domain)]
        if number < 0:
            options += [
                product(self.atoms(other), -number, self.domain) for other in self.turned(factors)
            ]
        options += [
            product(self.atoms(other), number, self.domain)
            for other in self.under_the_root(factors)
        ]
        options += [
            product(self.atoms(other), value, self.domain)
            for ways in (self.divided_through, self.doubled)
            for other, value in ways(factors, number)
        ]
        return min(options, key=cost)

    def turned(self, factors: list[Factor]) -> Iterator[list[Factor]]:
        """-(a - b) -> b - a, for one of the factors."""
        for k, (atom, power) in enumerate(factors):
            if isinstance(atom, Call) and atom.op == "add" and power in (-1, 1):
                opposite = scale(terms_of(atom, self.domain), -1)
                yield [*factors[:k], (build(opposite), power), *factors[k + 1 :]]

    def atoms(self, factors: list[Factor]) -> list[tuple[Expr, Number]]:
        return [(self.atom(atom), power) for atom, power in factors]

    def atom(self, atom: Expr) -> Expr:
        match atom:
            case Call("add" | "mul" | "div" | "sqrt" | "pow", _):
                terms = terms_of(atom, self.domain)
                if build(terms) == atom and len(terms) == 1:  # nothing but itself
                    return mapped(atom, self.inside)
                return self.sum(terms)
            case _:
                return mapped(atom, self.inside)

    def inside(self, expr: Expr) -> Expr:
        match expr:
            case Const() | Var() | Call("mul", (Const(0), _)):
                return expr
            case _:
                return self.sum(terms_of(expr, self.domain))

    def taken_apart(self, mono: Monomial, number: Number) -> tuple[Number, list[Factor]]:
        """Factors of the sums in a product join the others."""
        parts: list[Expr] = []
        changed = False
        for atom, power in mono:
            split = None
            if isinstance(atom, Call) and atom.op == "add" and isinstance(power, int):
                split = self.factors(terms_of(atom, self.domain))
            if split is None or not isinstance(power, int):
                parts.append(build({((atom, power),): 1}))
                continue
            changed = True
            inner, value = split
            factors = [*(build({(pair,): 1}) for pair in inner), build({(): value})]
            parts += [Call("pow", (factor, Const(power))) for factor in factors]
        if not changed:
            return number, list(mono)
        whole = terms_of(Call("mul", (Const(1), build({(): number}), *parts)), self.domain)
        if len(whole) != 1:
            return number, list(mono)
        ((joined, value),) = whole.items()
        return value, list(joined)

    def under_the_root(self, factors: list[Factor]) -> Iterator[list[Factor]]:
        """b sqrt(a^2/b^2 + 1) -> sqrt(a^2 + b^2), where b is positive."""
        for k, (atom, power) in enumerate(factors):
            if power != Fraction(1, 2) or not isinstance(atom, Call) or atom.op != "add":
                continue
            for j, (base, other) in enumerate(factors):
                if j == k or not isinstance(other, int) or not self.domain.bounds(base).low > 0:
                    continue
                terms = terms_of(atom, self.domain)
                inner: Sum = {}
                for mono, value in terms.items():
                    inner = add(inner, {times_monomial(mono, ((base, 2 * other),)): value})
                rest = [pair for i, pair in enumerate(factors) if i not in (j, k)]
                yield [*rest, (build(inner), power)]

    def doubled(
        self, factors: list[Factor], number: Number
    ) -> Iterator[tuple[list[Factor], Number]]:
        """sin(u) cos(u) -> sin(2 u) / 2, both to one power."""
        for (a, power), (b, other) in permutations(factors, 2):
            match a, b, power:
                case Call("sin", (u,)), Call("cos", (v,)), int() if u == v and power == other:
                    rest = [pair for pair in factors if pair[0] not in (a, b)]
                    twice = build(scale(terms_of(u, self.domain), 2))
                    half = raised_number(Fraction(1, 2), power)
                    yield [*rest, (Call("sin", (twice,)), power)], times(number, half)

    def divided_through(
        self, factors: list[Factor], number: Number
    ) -> Iterator[tuple[list[Factor], Number]]:
        """a/(b + c) -> (a/b)/(1 + c/b), where b is never 0: shorter where a has that factor."""
        for k, (atom, power) in enumerate(factors):
            if power != -1 or not isinstance(atom, Call) or atom.op != "add":
                continue
            terms = terms_of(atom, self.domain)
            for mono in ordered(terms):
                part = build({mono: 1})
                span = self.domain.bounds(part)
                held = {a for a, _ in factors} | {
                    "exp" for a, _ in factors if isinstance(a, Call) and a.op == "exp"
                }
                near = any(a in held or (isinstance(a, Call) and a.op in held) for a, _ in mono)
                if not near or span.low <= 0 <= span.high or not self.domain.is_total(part):
                    continue
                inverse = Call("div", (Const(1), part))
                below = [Call("mul", (build({m: n}), inverse)) for m, n in terms.items()]
                rest = [build({(pair,): 1}) for j, pair in enumerate(factors) if j != k]
                top = terms_of(Call("mul", (build({(): number}), inverse, *rest)), self.domain)
                under = terms_of(Call("add", (*below, Const(0))), self.domain)
                joined, value = (
                    next(iter(top.items())) if len(top) == 1 else (((build(top), 1),), 1)
                )
                yield [*joined, (build(under), -1)], value


def _plain(number: Fraction) -> Number:
    return int(number) if number.denominator == 1 else number


def _holds(mono: Monomial, atom: Expr, power: Number) -> bool:
    return any(a == atom and p * power > 0 and size_of(p) >= size_of(power) for a, p in mono)
