"""Factors of sums: common ones, and those of polynomials over the rational numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from math import gcd, lcm

import sympy

from ...ir.expr import Expr
from .sums import Monomial, Number, Sum, build, ordered, scale, size_of, sort_key, times

_CLOSE = 4e-16  # quotients of free constants that near a fraction are that fraction
_LARGEST = 64  # of the parts of such a fraction
_TERMS, _DEGREE, _ATOMS = 30, 12, 8  # larger polynomials are not factored


def times_monomial(a: Monomial, b: Monomial) -> Monomial:
    """The product, powers added: for factors that both stay in the sum."""
    powers: dict[Expr, Number] = {}
    for atom, power in (*a, *b):
        powers[atom] = powers[atom] + power if atom in powers else power
    kept = [(atom, _whole(power)) for atom, power in powers.items() if power != 0]
    return tuple(sorted(kept, key=lambda pair: (sort_key(pair[0]), float(pair[1]))))


def _whole(power: Number) -> Number:
    if isinstance(power, Fraction) and power.denominator == 1:
        return int(power)
    return power


def divided(terms: Sum, number: Number, mono: Monomial) -> Sum:
    """The sum divided by a factor that each of its terms has."""
    inverse = tuple((atom, -power) for atom, power in mono)
    rest = {times_monomial(m, inverse): n for m, n in terms.items()}
    if number == 1:
        return rest
    if isinstance(number, float):
        exact = rational(rest)
        if exact is not None:
            unit, numbers = exact
            if unit in (number, -number):
                sign = 1 if unit == number else -1
                return {m: _whole(sign * n) for m, n in numbers.items()}
        return {m: n / number for m, n in rest.items()}
    return scale(rest, Fraction(1) / number)


def common(terms: Sum) -> Iterator[tuple[Number, Monomial]]:
    """Factors common to all terms: numbers, powers of atoms, both."""
    mono = _common_powers(terms)
    numbers: list[Number] = [1]
    sizes = [size_of(number) for number in terms.values()]
    exact = rational(terms)
    if exact is not None:
        unit, fractions = exact
        if isinstance(unit, float):
            numbers.append(unit)
        else:
            over = gcd(*(abs(n.numerator) for n in fractions.values()))
            under = lcm(*(n.denominator for n in fractions.values()))
            numbers += [Fraction(over, under), Fraction(1, under)]
            if under > 1:  # whole numbers stay whole: 3 a + 2 b, not 2 (1.5 a + b)
                usual = Counter(abs(n) for n in fractions.values()).most_common(1)[0][0]
                numbers.append(usual)
    elif len(set(sizes)) == 1:
        numbers.append(sizes[0])
    numbers += [-number for number in numbers]
    seen: list[Number] = []
    for number in numbers:
        plain = _whole(number)
        if plain not in seen and (plain != 1 or mono):
            seen.append(plain)
            yield plain, mono


def _common_powers(terms: Sum) -> Monomial:
    first, *others = terms
    kept: list[tuple[Expr, Number]] = []
    for atom, power in first:
        powers = [power, *(p for mono in others for a, p in mono if a == atom)]
        if len(powers) != len(terms) or sum(a == atom for a, _ in first) > 1:
            continue
        if min(powers) > 0:
            kept.append((atom, min(powers)))
        elif max(powers) < 0:
            kept.append((atom, max(powers)))
    return tuple(kept)


def rational(terms: Sum) -> tuple[Number, dict[Monomial, Fraction]] | None:
    """A unit and the coefficients as fractions of it; None where they have no such unit."""
    numbers = list(terms.values())
    if not any(isinstance(number, float) for number in numbers):
        return 1, {mono: Fraction(number) for mono, number in terms.items()}
    unit = float(min(numbers, key=lambda n: (abs(n), n < 0)))
    if not unit:
        return None
    result = {}
    for mono, number in terms.items():
        quotient = float(number) / unit
        near = Fraction(quotient).limit_denominator(_LARGEST)
        if abs(near.numerator) > _LARGEST or abs(quotient - near) > _CLOSE * abs(quotient):
            return None
        result[mono] = near
    return unit, result


def is_repeated(mono: Monomial) -> bool:
    """Whether a part stands there twice, as in x / x, which has no value at 0 and stays so."""
    return len({atom for atom, _ in mono}) < len(mono)


def even_half(mono: Monomial) -> Monomial | None:
    """The monomial whose square it is; None where a power is odd."""
    if not all(isinstance(power, int) and power % 2 == 0 for _, power in mono):
        return None
    return tuple([(atom, power // 2) for atom, power in mono if isinstance(power, int)])


def factored(terms: Sum) -> tuple[Monomial, Number] | None:
    """The sum as a monomial of smaller sums, times a number; None where it has no factors."""
    exact = rational(terms)
    if exact is None or not 2 <= len(terms) <= _TERMS:
        return None
    unit, numbers = exact
    atoms = sorted({atom for mono in terms for atom, _ in mono}, key=sort_key)
    powers = [power for mono in terms for _, power in mono]
    if len(atoms) > _ATOMS or any(isinstance(power, float) for power in powers):
        return None
    if any(map(is_repeated, terms)):
        return None
    parts = lcm(*(Fraction(power).denominator for power in powers), 1)
    rows = {
        mono: [int(Fraction(dict(mono).get(atom, 0)) * parts) for atom in atoms] for mono in terms
    }
    lowest = [min(row[k] for row in rows.values()) for k in range(len(atoms))]
    shifted = {
        mono: tuple(p - low for p, low in zip(row, lowest, strict=True))
        for mono, row in rows.items()
    }
    if not atoms or max(sum(row) for row in shifted.values()) > _DEGREE:
        return None
    if len(terms) == 2 and not any(lowest) and gcd(*(p for r in shifted.values() for p in r)) == 1:
        return None  # a binomial without a common power has no factors
    symbols = sympy.symbols(f"g:{len(atoms)}")
    poly = sympy.Poly(
        {shifted[m]: sympy.Rational(n.numerator, n.denominator) for m, n in numbers.items()},
        *symbols,
    )
    number, factors = poly.factor_list()
    outer = tuple(
        [
            (atom, _whole(Fraction(low, parts)))
            for atom, low in zip(atoms, lowest, strict=True)
            if low
        ]
    )
    if len(factors) == 1 and factors[0][1] == 1 and not outer:
        return None
    result: list[tuple[Expr, Number]] = list(outer)
    for factor, power in factors:
        inner: Sum = {}
        for row, value in factor.terms():
            mono = [
                (atom, _whole(Fraction(p, parts))) for atom, p in zip(atoms, row, strict=True) if p
            ]
            key = tuple(sorted(mono, key=lambda pair: sort_key(pair[0])))
            inner[key] = _whole(Fraction(int(value.p), int(value.q)))
        first = inner[ordered(inner)[0]]
        if first < 0:
            inner = scale(inner, -1)
            number = number * (-1) ** power
        result.append((build(inner), power))
    value = _whole(Fraction(int(number.p), int(number.q)))
    return tuple(result), times(value, unit)
