"""Where a formula of real numbers has a value, as the intervals of its parts tell."""

from __future__ import annotations

from collections.abc import Iterator

from .expr import Call, Const, Expr, If, children
from .interval import Interval, Ranges, bounds, narrowed
from .program import Formula
from .types import Scalar

_ZERO = Const(0)


def gaps(expr: Expr, ranges: Ranges) -> list[Expr]:
    """Conditions where the expression has no value, as far as the ranges do not rule them out.

    Overflow is none of them. In a branch of an ``If`` the condition of the branch comes with them.
    """
    conditions: list[Expr] = []
    for gap in _gaps(expr, ranges):
        if gap not in conditions:
            conditions.append(gap)
    return conditions


def _gaps(expr: Expr, ranges: Ranges) -> Iterator[Expr]:
    match expr:
        case If(condition, then, otherwise):
            yield from _gaps(condition, ranges)
            for branch, holds in ((then, True), (otherwise, False)):
                case = condition if holds else Call("not", (condition,))
                for gap in _gaps(branch, narrowed(ranges, condition, holds)):
                    yield Call("and", (case, gap))
            return
    for child in children(expr):
        yield from _gaps(child, ranges)
    match expr:
        case Call("div", (_, below)):
            yield from _zeros(below, ranges)
        case Call("log", (inner,)) if not bounds(inner, ranges).low > 0:
            yield Call("le", (inner, _ZERO))
        case Call("sqrt", (inner,)) if not bounds(inner, ranges).low >= 0:
            yield Call("lt", (inner, _ZERO))
        case Call("pow" | "power", (base, exponent)):
            power, base_bounds = bounds(exponent, ranges), bounds(base, ranges)
            if power.low == power.high and power.low % 1 == 0:
                if power.low < 0:
                    yield from _zeros(base, ranges)
            elif power.low >= 0:
                if not base_bounds.low >= 0:
                    yield Call("lt", (base, _ZERO))
            elif not base_bounds.low > 0:
                yield Call("le", (base, _ZERO))


def _zeros(expr: Expr, ranges: Ranges) -> Iterator[Expr]:
    """Where an expression may be 0: where one of its factors is."""
    interval = bounds(expr, ranges)
    if not interval.low <= 0 <= interval.high:
        return
    match expr:
        case Call("mul", args):
            for arg in args:
                yield from _zeros(arg, ranges)
        case Call("div" | "pow" | "power" | "abs" | "sqrt", (inner, *_)):
            yield from _zeros(inner, ranges)
        case _:
            yield Call("eq", (expr, _ZERO))


def is_total(expr: Expr, ranges: Ranges) -> bool:
    """Whether the expression surely has a value everywhere in the ranges."""
    return next(_gaps(expr, ranges), None) is None


_MOST_RANGES = 6


def range_in_words(scalar: Scalar) -> str:
    """``from 0 to 1``, or the levels that it may have: ``'large' or 'small'``."""
    if scalar.levels:
        return " or ".join([*map(repr, scalar.levels), *["another one"] * scalar.open])
    return f"from {scalar.domain.low:g} to {scalar.domain.high:g}"


def ranges_in_words(formula: Formula) -> str:
    """``for a from 0 to 1, b from -3 to 3``; of many inputs the first ones."""
    ranges = [f"{s.name} {range_in_words(s)}" for s in formula.inputs]
    more = len(ranges) - _MOST_RANGES
    if not ranges:
        return "everywhere"
    if more > 0:
        ranges[_MOST_RANGES:] = [f"and so on for {more} more"]
    return "for " + ", ".join(ranges)


def formula_gaps(formula: Formula) -> list[Expr]:
    """Where a formula may have no value within its sampled ranges; see :func:`gaps`."""
    ranges = {
        scalar.name: Interval(float(scalar.domain.low), float(scalar.domain.high))
        for scalar in formula.inputs
    }
    conditions: list[Expr] = []
    for expr, name in (*((let.value, let.name) for let in formula.body), (formula.value, "")):
        conditions += [gap for gap in gaps(expr, ranges) if gap not in conditions]
        if name:
            ranges[name] = bounds(expr, ranges)
    return conditions
