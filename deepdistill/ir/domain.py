"""Where a formula of real numbers has a value: interval analysis of its parts.

The ends of an interval are computed with the operations of the formula itself. Rounding is
monotone, so they hold for the values in double precision too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product
from math import inf, nextafter

from .expr import OPPOSITE, Call, Const, Expr, If, Var, children
from .interval import BIT, UNKNOWN, Interval
from .program import Formula

Ranges = Mapping[str, Interval]

_ABOVE = nextafter(0, 1)  # the least number that is not 0: an open end
_ZERO = Const(0)


def real_bounds(expr: Expr, ranges: Ranges) -> Interval:
    """An interval that holds every value of the expression, where it has one."""
    match expr:
        case Const(int() | float() as value):
            return Interval(value, value)
        case Var(name):
            return ranges.get(name, UNKNOWN)
        case If(condition, then, otherwise):
            return real_bounds(then, narrowed(ranges, condition, True)) | real_bounds(
                otherwise, narrowed(ranges, condition, False)
            )
        case Call("pi", ()):
            return Interval(math.pi, math.pi)
        case Call("e", ()):
            return Interval(math.e, math.e)
        case Call("mul", (a, b)) if a == b:
            return _power(real_bounds(a, ranges), 2)
        case Call(("pow" | "power"), (base, exponent)):
            top = real_bounds(exponent, ranges)
            return _power(real_bounds(base, ranges), top.low) if top.low == top.high else UNKNOWN
        case Call(op, args):
            found = [real_bounds(arg, ranges) for arg in args]
            if any(math.isnan(end) for one in found for end in (one.low, one.high)):
                return UNKNOWN
            return _call(op, found)
        case _:
            return UNKNOWN


def _call(op: str, args: list[Interval]) -> Interval:
    first = args[0]
    low, high = first.low, first.high
    match op:
        case "add":
            return Interval(_sum([a.low for a in args], -inf), _sum([a.high for a in args], inf))
        case "sub":
            return Interval(_sum([low, -args[1].high], -inf), _sum([high, -args[1].low], inf))
        case "mul":
            for other in args[1:]:
                first = _corners(first, other)
            return first
        case "div":
            below = args[1]
            if below.low <= 0 <= below.high:
                return UNKNOWN
            return _corners(first, Interval(1 / below.high, 1 / below.low))
        case "exp":
            return Interval(max(_exp(low), _ABOVE), _exp(high))
        case "log":
            return Interval(math.log(low) if low > 0 else -inf, _log(high))
        case "sqrt":
            return Interval(math.sqrt(max(low, 0.0)), math.sqrt(max(high, 0.0)))
        case "abs":
            return Interval(max(low, -high, 0.0), max(-low, high))
        case "tanh":
            return Interval(math.tanh(low), math.tanh(high))
        case "sin":
            return _wave(low, high)
        case "cos":
            return _wave(low + math.pi / 2, high + math.pi / 2)
        case "tan" if -math.pi / 2 < low and high < math.pi / 2:
            return Interval(math.tan(low), math.tan(high))
        case "max":
            return Interval(max(a.low for a in args), max(a.high for a in args))
        case "min":
            return Interval(min(a.low for a in args), min(a.high for a in args))
        case "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "between" | "and" | "or" | "not":
            return BIT
        case _:
            return UNKNOWN


def _sum(ends: list[float], unknown: float) -> float:
    total = sum(ends)
    return unknown if math.isnan(total) else total


def _corners(a: Interval, b: Interval) -> Interval:
    ends = [0.0 if x == 0 or y == 0 else x * y for x, y in product(_ends(a), _ends(b))]
    if (a.low > 0 or a.high < 0) and (b.low > 0 or b.high < 0):  # no factor is 0: nor is this
        ends = [end or math.copysign(_ABOVE, ends[0]) for end in ends]
    return Interval(min(ends), max(ends))


def _ends(interval: Interval) -> tuple[float, float]:
    return interval.low, interval.high


def _power(base: Interval, power: float) -> Interval:
    low, high = base.low, base.high
    if power == 0:
        return Interval(1.0, 1.0)
    if power < 0:
        if low <= 0 <= high:
            return Interval(0.0, inf) if low >= 0 or power % 2 == 0 else UNKNOWN
        below = _power(base, -power)
        return Interval(1 / below.high, 1 / below.low)
    if power % 1:
        low, high = max(low, 0.0), max(high, 0.0)
    elif power % 2 == 0:
        low, high = max(low, -high, 0.0), max(-low, high)
    return Interval(_raised(low, power), _raised(high, power))


def _raised(value: float, power: float) -> float:
    """The power; one that underflows is still not 0."""
    try:
        return math.pow(value, power) or (math.copysign(_ABOVE, value) if value else 0.0)
    except OverflowError:
        return inf if value > 0 or power % 2 == 0 else -inf


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return inf


def _log(value: float) -> float:
    return math.log(value) if 0 < value < inf else inf if value > 0 else -inf


def _wave(low: float, high: float) -> Interval:
    """The sine between two angles."""
    if not high - low < math.tau or abs(low) > 1e6:
        return Interval(-1.0, 1.0)
    ends = (math.sin(low), math.sin(high))
    turn = math.floor(low / math.tau) * math.tau
    peaks = [turn + (k + 0.25) * math.tau for k in (0, 1)]
    troughs = [turn + (k + 0.75) * math.tau for k in (-1, 0, 1)]
    return Interval(
        -1.0 if any(low <= place <= high for place in troughs) else min(ends),
        1.0 if any(low <= place <= high for place in peaks) else max(ends),
    )


def narrowed(ranges: Ranges, condition: Expr, holds: bool) -> Ranges:
    """The ranges where a comparison of a variable with a number holds, or does not."""
    match condition:
        case Call("lt" | "le" | "gt" | "ge", (Var(name), Const(int() | float() as value))):
            order = condition.op if holds else OPPOSITE[condition.op]
            old = ranges.get(name, UNKNOWN)
            if order in ("lt", "le"):
                end = min(old.high, value if order == "le" else nextafter(value, -inf))
                return {**ranges, name: Interval(min(old.low, end), end)}
            end = max(old.low, value if order == "ge" else nextafter(value, inf))
            return {**ranges, name: Interval(end, max(old.high, end))}
        case _:
            return ranges


def gaps(expr: Expr, ranges: Ranges) -> list[Expr]:
    """Conditions where the expression has no value, as far as the ranges do not rule them out.

    Overflow is none of them. In a branch of an ``If`` the condition of the branch comes with them.
    """
    found: list[Expr] = []
    for gap in _gaps(expr, ranges):
        if gap not in found:
            found.append(gap)
    return found


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
        case Call("log", (inner,)) if not real_bounds(inner, ranges).low > 0:
            yield Call("le", (inner, _ZERO))
        case Call("sqrt", (inner,)) if not real_bounds(inner, ranges).low >= 0:
            yield Call("lt", (inner, _ZERO))
        case Call("pow" | "power", (base, exponent)):
            power, found = real_bounds(exponent, ranges), real_bounds(base, ranges)
            if power.low == power.high and power.low % 1 == 0:
                if power.low < 0:
                    yield from _zeros(base, ranges)
            elif power.low >= 0:
                if not found.low >= 0:
                    yield Call("lt", (base, _ZERO))
            elif not found.low > 0:
                yield Call("le", (base, _ZERO))


def _zeros(expr: Expr, ranges: Ranges) -> Iterator[Expr]:
    """Where an expression may be 0: where one of its factors is."""
    found = real_bounds(expr, ranges)
    if not found.low <= 0 <= found.high:
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


def ranges_in_words(formula: Formula) -> str:
    """``for a from 0 to 1, b from -3 to 3``; of many inputs the first ones."""
    ranges = [f"{s.name} from {s.domain.low:g} to {s.domain.high:g}" for s in formula.inputs]
    more = len(ranges) - _MOST_RANGES
    if not ranges:
        return "everywhere"
    if more > 0:
        ranges[_MOST_RANGES:] = [f"and so on for {more} more"]
    return "for " + ", ".join(ranges)


def formula_gaps(formula: Formula) -> list[Expr]:
    """Where a formula may have no value within its sampled ranges; see :func:`gaps`."""
    ranges = {
        scalar.name: Interval(scalar.domain.low, scalar.domain.high) for scalar in formula.inputs
    }
    found: list[Expr] = []
    for expr, name in (*((let.value, let.name) for let in formula.body), (formula.value, "")):
        found += [gap for gap in gaps(expr, ranges) if gap not in found]
        if name:
            ranges[name] = real_bounds(expr, ranges)
    return found
