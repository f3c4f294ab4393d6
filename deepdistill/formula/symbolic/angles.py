"""Sines and cosines in a sum: two terms that are one of a sum of angles, or of a shifted one.

And the other way: two that are one product, as the two waves that a standing wave is made of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import permutations
from math import atan2, hypot, pi, prod
from typing import TypeAlias

from ...ir.expr import Call, Const, Expr

Term: TypeAlias = tuple[float, tuple[Expr, ...]]  # a number and the factors beside it

_SAME = 0.1  # numbers this near, by share, may be one number: the fit decides


def one_angle(args: Sequence[Expr]) -> Iterator[Expr]:
    """Sums with two terms made one, near the given sum or equal to it.

    ``a sin u + b cos u`` is ``c cos(u - v)``; ``sin u cos v + cos u sin v`` is ``sin(u + v)`` and
    ``cos u cos v - sin u sin v`` is ``cos(u + v)``, whatever factors both terms share. And
    ``sin(u + v) + sin(u - v)`` is ``2 sin u cos v``, and so on, where u and v are sums of terms of
    which some are nearly the same.
    """
    terms = [_term(arg) for arg in args]
    for i, k in permutations(range(len(args)), 2):
        rest = [arg for j, arg in enumerate(args) if j not in (i, k)]
        for one in _merged(terms[i], terms[k]):
            yield Call("add", (*rest, one)) if rest else one


def _term(expr: Expr) -> Term:
    match expr:
        case Const(int() | float() as value):
            return float(value), ()
        case Call("mul", args):
            parts = [_term(arg) for arg in args]
            return prod(number for number, _ in parts), tuple(f for _, fs in parts for f in fs)
        case Call("div", (above, below)):
            (number, factors), (divisor, under) = _term(above), _term(below)
            if divisor != 0:
                return number / divisor, (*factors, *(Call("div", (Const(1), f)) for f in under))
    return 1.0, (expr,)


def _merged(first: Term, second: Term) -> Iterator[Expr]:
    (a, mine), (b, others) = first, second
    shared = Counter(mine) & Counter(others)
    same = tuple(shared.elements())
    match _left(mine, shared), _left(others, shared):
        case [Call("sin", (u,))], [Call("cos", (v,))] if u == v:
            turned = Call("cos", (Call("add", (u, Const(-atan2(a, b)))),))
            yield Call("mul", (Const(hypot(a, b)), *same, turned))
        case [Call("sin" | "cos", (_,)) as f], [Call("sin" | "cos", (_,)) as g]:
            if abs(abs(a) - abs(b)) < _SAME * abs(a):
                number, waves = _standing(f, g, 1 if a * b > 0 else -1)
                if len(waves) == 2:
                    yield Call("mul", (Const(number * a), *same, *waves))
        case [Call(f, (u,)), Call(g, (v,))], [Call() as third, Call() as fourth]:
            pair = {third, fourth}
            sine = (f, g) == ("sin", "cos") and pair == {Call("cos", (u,)), Call("sin", (v,))}
            cosine = f == g == "cos" and pair == {Call("sin", (u,)), Call("sin", (v,))}
            if (sine or cosine) and abs(abs(a) - abs(b)) < _SAME * abs(a):
                together = "add" if (a * b > 0) == sine else "sub"
                angle = Call("sin" if sine else "cos", (Call(together, (u, v)),))
                yield Call("mul", (Const(a), *same, angle))


def _standing(first: Call, second: Call, sign: int) -> tuple[float, tuple[Expr, ...]]:
    """The sum or difference of two waves as a number times a product; no waves if not shorter.

    All are sines: ``sin u + sin v = 2 sin((u + v) / 2) sin((u - v + pi) / 2)``.
    """
    one, two = (_sum(wave.args[0]) for wave in (first, second))
    for angle, wave in ((one, first), (two, second)):
        angle[()] = angle.get((), 0.0) + (pi / 2 if wave.op == "cos" else 0.0)
    two[()] += 0.0 if sign > 0 else pi
    number, left = 2.0, len(one) + len(two) - 2
    waves: list[Expr] = []
    for way, more in ((1, 0.0), (-1, pi / 2)):
        kept: list[Expr] = []
        for factors in dict.fromkeys([*one, *two]):
            a, b = one.get(factors, 0.0), way * two.get(factors, 0.0)
            if factors and abs(a + b) > _SAME * max(abs(a), abs(b)):
                kept.append(Call("mul", (Const((a + b) / 2), *factors)))
        left -= len(kept)
        phase = (one[()] + way * two[()]) / 2 + more
        quarters = round(2 * phase / pi)
        rest = phase - quarters * pi / 2
        if kept:
            parts = [*kept, *([Const(rest)] if abs(rest) > _SAME else [])]
            whole = parts[0] if len(parts) == 1 else Call("add", tuple(parts))
            waves.append(Call("cos" if quarters % 2 else "sin", (whole,)))
            number *= -1 if quarters % 4 > 1 else 1
    return number, tuple(waves) if left > 0 else ()


def _sum(expr: Expr) -> dict[tuple[Expr, ...], float]:
    """The numbers of a sum's terms by their factors."""
    match expr:
        case Call("add", args):
            parts = [(1.0, arg) for arg in args]
        case Call("sub", (above, below)):
            parts = [(1.0, above), (-1.0, below)]
        case _:
            parts = [(1.0, expr)]
    numbers: dict[tuple[Expr, ...], float] = {}
    for sign, part in parts:
        inner = isinstance(part, Call) and part.op in ("add", "sub")
        terms = _sum(part) if inner else dict([_term(part)[::-1]])
        for factors, number in terms.items():
            numbers[factors] = numbers.get(factors, 0.0) + sign * number
    return numbers


def _left(factors: Sequence[Expr], shared: Counter[Expr]) -> list[Expr]:
    """Those that are not shared, sines before the others."""
    left = list((Counter(factors) - shared).elements())
    return sorted(left, key=lambda factor: not (isinstance(factor, Call) and factor.op == "sin"))
