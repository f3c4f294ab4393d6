"""Sums over the levels of a column of text: told against the level that makes them shortest.

A column has one level in each row, so that a number may move from the constant to every level, or
back. Which share of it a search gave to either side is chance.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...formula.symbolic.terms import negative, opposite, total
from ...ir.expr import Call, Const, Expr, Var
from ...ir.levels import Levels
from ...ir.rewrite import topdown
from ...ir.rounding import rounded

_Weights = dict[str, dict[int, float]]


def with_baselines(expr: Expr, levels: Levels) -> Expr:
    """The same values, up to 12 digits, with fewer tests of levels or shorter numbers."""

    def shorter(part: Expr) -> Expr | None:
        return _shorter(part, levels) if _is_sum(part) else None

    return topdown(expr, shorter)


def _is_sum(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.op in ("add", "sub")


def _shorter(expr: Expr, levels: Levels) -> Expr | None:
    weights: _Weights = {}
    others: list[Expr] = []
    constant = 0.0
    for term in _terms(expr):
        match term:
            case Const(int() | float() as value):
                constant += value
                continue
        if (test := _weighted(term, levels)) is None:
            others.append(with_baselines(term, levels))
            continue
        name, level, weight = test
        known = weights.setdefault(name, dict.fromkeys(range(len(levels[name])), 0.0))
        known[level] += weight
    if not weights:
        return None
    for name, known in weights.items():
        baseline = _baseline(known, constant)
        constant = _sum(constant, baseline)
        weights[name] = {level: _sum(one, -baseline) for level, one in known.items()}
    tests = [
        _product(weight, Call("eq", (Var(name), Const(level))))
        for name, known in weights.items()
        for level, weight in known.items()
        if weight
    ]
    return total([*others, *tests, Const(_whole(constant))])


def _terms(expr: Expr) -> list[Expr]:
    match expr:
        case Call("add", args):
            return [term for arg in args for term in _terms(arg)]
        case Call("sub", (a, b)):
            return [*_terms(a), *(negative(term) for term in _terms(b))]
        case _:
            return [expr]


def _weighted(term: Expr, levels: Levels) -> tuple[str, int, float] | None:
    """The column, the level and the weight of a weighted test."""
    match term:
        case Call("eq", (Var(name), Const(int() as level))) if name in levels:
            return name, level, 1.0
        case Call("mul", (Const(int() | float() as weight), inner)):
            test = _weighted(inner, levels)
            return None if test is None else (*test[:2], weight * test[2])
        case _:
            positive = opposite(term)
            test = None if positive is None else _weighted(positive, levels)
            return None if test is None else (*test[:2], -test[2])


def _baseline(weights: Mapping[int, float], constant: float) -> float:
    """What the constant takes over: with it there are fewest terms, then fewest digits."""

    def length(baseline: float) -> tuple[int, int, bool]:
        left = [_sum(constant, baseline), *(_sum(one, -baseline) for one in weights.values())]
        written = [number for number in left if number]
        digits = sum(len(repr(abs(_whole(one)))) for one in written)
        return len(written), digits, baseline != 0

    return min([0.0, *weights.values()], key=length)


def _sum(a: float, b: float) -> float:
    return rounded(a + b, max(abs(a), abs(b))) if b else a


def _product(weight: float, test: Expr) -> Expr:
    return test if weight == 1 else Call("mul", (Const(_whole(weight)), test))


def _whole(value: float) -> int | float:
    """A whole number as one."""
    return int(value) if float(value).is_integer() and abs(value) < 10**6 else value
