"""A number times powers of parts, written as people write it: shared powers and roots once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import gcd
from typing import Any, TypeAlias

from ...ir.expr import Call, Const, Expr, Var, size, walk
from ...ir.rewrite import mapped
from ...ir.text import expr_text
from .arrays import operations
from .domain import Domain
from .sums import Number, size_of
from .terms import negative

Factor: TypeAlias = tuple[Expr, Number]

_HALF = Fraction(1, 2)
_WHOLE = 10**6
_SHORT = 6  # characters of a decimal that stands for a fraction


def product(factors: Sequence[Factor], number: Number, domain: Domain) -> Expr:
    """The shortest of the ways to write it."""
    return min(_ways(_flat(factors, domain), number, domain), key=cost)


def multiplied(factors: Sequence[Factor], domain: Domain) -> Expr:
    """A product in which equal parts are one power, and numbers one number."""
    powers: dict[Expr, Number] = {}
    number = 1.0
    for expr, power in _flat([(with_pow(expr), power) for expr, power in factors], domain):
        match expr:
            case Const(int() | float() as value):
                number *= float(value) ** float(power)
            case Call("neg", (inner,)):
                number = -number if power % 2 else number
                powers[inner] = powers.get(inner, 0) + power
            case _:
                powers[expr] = powers.get(expr, 0) + power
    left = [(expr, power) for expr, power in powers.items() if power]
    whole = int(number) if number.is_integer() and abs(number) < _WHOLE else number
    return product(left, whole, domain)


def with_pow(expr: Expr) -> Expr:
    """Whole powers as the algebra knows them."""
    inner = mapped(expr, with_pow)
    match inner:
        case Call("power", args):
            return Call("pow", args)
        case _:
            return inner


def cost(expr: Expr) -> tuple[int, int, int, str]:
    """What makes a formula long: operations, numbers (by their digits), what is written."""
    numbers = [node.value for node in walk(expr) if isinstance(node, Const)]
    weight = sum(1 if isinstance(value, int) else 1 + _digits(value) for value in numbers)
    return operations(expr), weight, size(expr), expr_text(expr)


def _digits(number: Any) -> int:
    """How many digits a number has, zeros at its ends not counted."""
    return len(f"{number!r}".split("e")[0].replace(".", "").strip("-0"))


def _flat(factors: Sequence[Factor], domain: Domain) -> list[Factor]:
    """Products and quotients among the factors become factors themselves."""
    result: list[Factor] = []
    for expr, power in factors:
        match expr:
            case Call("mul", args) if isinstance(power, int):
                result += _flat([(arg, power) for arg in args], domain)
            case Call("div", (a, b)) if isinstance(power, int) and (
                power > 0 or domain.is_total(Call("div", (Const(1), b)))  # else b could be 0
            ):
                result += _flat([(a, power), (b, -power)], domain)
            case Call("pow", (base, Const(int() as inner))) if isinstance(power, int) and inner > 0:
                result += [(base, inner * power)]
            case _:
                result.append((expr, power))
    return result


def _ways(factors: list[Factor], number: Number, domain: Domain) -> Iterator[Expr]:
    yield from _written(factors, number)
    for grouped in (_roots(factors, domain), _powers(factors, domain), _sizes(factors, domain)):
        if grouped is not None:
            yield from _ways(grouped, number, domain)


def _roots(factors: list[Factor], domain: Domain) -> list[Factor] | None:
    """sqrt(a) sqrt(b) -> sqrt(a b), where at most one of them may be anything but positive."""
    inner = [(expr, p) for expr, p in factors if isinstance(p, Fraction) and p.denominator == 2]
    unsure = [expr for expr, _ in inner if not domain.bounds(expr).low > 0]
    if len(inner) < 2 or len(unsure) > 1:
        return None
    sign = -1 if all(p < 0 for _, p in inner) else 1
    under = product([(expr, int(2 * p) * sign) for expr, p in inner], 1, domain)
    return [*(pair for pair in factors if pair not in inner), (under, sign * _HALF)]


def _powers(factors: list[Factor], domain: Domain) -> list[Factor] | None:
    """a^2 b^2 -> (a b)^2."""
    for step in (3, 2):
        inner = [(e, p) for e, p in factors if isinstance(p, int) and p % step == 0]
        if len(inner) > 1:
            shared = gcd(*(int(p) for _, p in inner))
            if all(p < 0 for _, p in inner):
                shared = -shared
            base = product([(e, int(p) // shared) for e, p in inner], 1, domain)
            return [*(pair for pair in factors if pair not in inner), (base, shared)]
    return None


def _sizes(factors: list[Factor], domain: Domain) -> list[Factor] | None:
    """|a| |b| -> |a b|."""
    inner = [
        (expr.args[0], p) for expr, p in factors if isinstance(expr, Call) and expr.op == "abs"
    ]
    if len(inner) < 2 or not all(isinstance(p, int) for _, p in inner):
        return None
    rest = [(e, p) for e, p in factors if not (isinstance(e, Call) and e.op == "abs")]
    return [*rest, (Call("abs", (product(inner, 1, domain),)), 1)]


def _written(factors: list[Factor], number: Number) -> Iterator[Expr]:
    order = sorted(range(len(factors)), key=lambda k: (_rank(factors[k][0]), k))
    over = [_raised(*factors[k]) for k in order if factors[k][1] > 0]
    under = [_raised(factors[k][0], -factors[k][1]) for k in order if factors[k][1] < 0]
    for top, bottom in _fractions(size_of(number)):
        above = [*([] if top == 1 and over else [Const(top)]), *over]
        below = [*([] if bottom == 1 else [Const(bottom)]), *under]
        whole = _times(above)
        if below:
            whole = Call("div", (whole, _times(below)))
        yield whole if number > 0 else negative(whole)


def _fractions(number: Number) -> Iterator[tuple[int | float, int]]:
    """A positive number as a quotient, and as a decimal where that is short and exact."""
    if not isinstance(number, Fraction):
        yield number, 1
        return
    yield number.numerator, number.denominator
    if is_decimal(number):
        yield float(number), 1


def is_decimal(number: Fraction) -> bool:
    """Whether a fraction is a short decimal."""
    text = repr(float(number))
    return len(text) <= _SHORT and "e" not in text and Fraction(text) == number


def _rank(expr: Expr) -> int:
    """Numbers first, then named constants, variables, and the rest."""
    match expr:
        case Const():
            return 0
        case Call("pi" | "e", ()):
            return 1
        case Var():
            return 2
        case Call("sqrt" | "pow", (base, *_)):
            return _rank(base)
        case _:
            return 3


def _times(parts: list[Expr]) -> Expr:
    flat: list[Expr] = []
    for part in parts:
        flat += part.args if isinstance(part, Call) and part.op == "mul" else (part,)
    if not flat:
        return Const(1)
    return flat[0] if len(flat) == 1 else Call("mul", tuple(flat))


def _raised(base: Expr, power: Number) -> Expr:
    if power == 1:
        return base
    if power == _HALF:
        return Call("sqrt", (base,))
    if isinstance(power, Fraction):
        top, bottom = power.numerator, power.denominator
        if is_decimal(power):
            return Call("pow", (base, Const(float(power))))
        return Call("pow", (base, Call("div", (Const(top), Const(bottom)))))
    return Call("pow", (base, Const(power)))
