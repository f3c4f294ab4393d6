"""Sines and cosines in a sum: two terms that are one of a sum of angles, or of a shifted one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import permutations
from math import atan2, hypot, prod
from typing import TypeAlias

from ...ir.expr import Call, Const, Expr

Term: TypeAlias = tuple[float, tuple[Expr, ...]]  # a number and the factors beside it

_SAME = 0.1  # numbers this near, by share, may be one number: the fit decides


def one_angle(args: Sequence[Expr]) -> Iterator[Expr]:
    """Sums with two terms made one, near the given sum or equal to it.

    ``a sin u + b cos u`` is ``c cos(u - v)``; ``sin u cos v + cos u sin v`` is ``sin(u + v)`` and
    ``cos u cos v - sin u sin v`` is ``cos(u + v)``, whatever factors both terms share.
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
        case [Call(f, (u,)), Call(g, (v,))], [Call() as third, Call() as fourth]:
            pair = {third, fourth}
            sine = (f, g) == ("sin", "cos") and pair == {Call("cos", (u,)), Call("sin", (v,))}
            cosine = f == g == "cos" and pair == {Call("sin", (u,)), Call("sin", (v,))}
            if (sine or cosine) and abs(abs(a) - abs(b)) < _SAME * abs(a):
                together = "add" if (a * b > 0) == sine else "sub"
                angle = Call("sin" if sine else "cos", (Call(together, (u, v)),))
                yield Call("mul", (Const(a), *same, angle))


def _left(factors: Sequence[Expr], shared: Counter[Expr]) -> list[Expr]:
    """Those that are not shared, sines before the others."""
    left = list((Counter(factors) - shared).elements())
    return sorted(left, key=lambda factor: not (isinstance(factor, Call) and factor.op == "sin"))
