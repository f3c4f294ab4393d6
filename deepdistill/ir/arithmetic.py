"""Intervals of numbers, and what operations make of them.

The ends of an interval are computed with the operations themselves: exactly for integers, and of
floats with a rounding that is monotone, so that they hold for the values in double precision too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import inf, nextafter


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers from ``low`` to ``high``, either of which may be infinite."""

    low: float
    high: float

    def __or__(self, other: Interval) -> Interval:
        """The least interval that holds both."""
        return Interval(min(self.low, other.low), max(self.high, other.high))

    @property
    def is_bit(self) -> bool:
        return self.low >= 0 and self.high <= 1


UNKNOWN = Interval(-inf, inf)
BIT = Interval(0, 1)
NATURAL = Interval(0, inf)

_ABOVE = nextafter(0, 1)  # the least number that is not 0: an open end
_LONGEST_POWER = 4096  # bits of an exact power


def times(a: float, b: float) -> float:
    """A product in which 0 times infinity is 0."""
    return 0 if a == 0 or b == 0 else a * b


def first_of(*args: Interval) -> Interval:
    """What is picked from an array lies where its elements lie."""
    return args[0]


def either_of(*args: Interval) -> Interval:
    """What is picked from one of several arrays lies where the elements of any lie."""
    return Interval(min(a.low for a in args), max(a.high for a in args))


def places(*ends: Interval) -> Interval:
    """The places below a number, or from one to below another."""
    low = ends[0].low if len(ends) > 1 else 0
    return Interval(low, max(low, ends[-1].high - 1))


def digits(number: Interval, base: Interval) -> Interval:
    return Interval(0, max(0, base.high - 1))


def natural(*args: Interval) -> Interval:
    return NATURAL


def total(*args: Interval) -> Interval:
    return Interval(_sum([a.low for a in args], -inf), _sum([a.high for a in args], inf))


def difference(a: Interval, b: Interval) -> Interval:
    return Interval(_sum([a.low, -b.high], -inf), _sum([a.high, -b.low], inf))


def _sum(ends: list[float], unknown: float) -> float:
    added = sum(ends)
    return unknown if math.isnan(added) else added


def multiplied(*args: Interval) -> Interval:
    result = args[0]
    for other in args[1:]:
        result = _corners(result, other)
    return result


def _corners(a: Interval, b: Interval, step: Callable[[float, float], float] = times) -> Interval:
    ends = [step(x, y) for x, y in product((a.low, a.high), (b.low, b.high))]
    if (a.low > 0 or a.high < 0) and (b.low > 0 or b.high < 0):  # no factor is 0: nor is this
        sign = 1 if (a.low > 0) == (b.low > 0) else -1
        ends = [end or math.copysign(_ABOVE, sign) for end in ends]
    return Interval(min(ends), max(ends))


def ratio(a: Interval, b: Interval) -> Interval:
    return UNKNOWN if b.low <= 0 <= b.high else _corners(a, b, _divided)


def _divided(a: float, b: float) -> float:
    """What is divided by infinity vanishes; the other ends tell where it does not."""
    return 0 if abs(b) == inf else a / b


def quotient(a: Interval, b: Interval) -> Interval:
    """Of integers, rounded down."""
    if not 0 < b.low == b.high:
        return UNKNOWN
    return Interval(*(end if abs(end) == inf else end // b.low for end in (a.low, a.high)))


def remainder(a: Interval, b: Interval) -> Interval:
    """Of integers."""
    if not b.low > 0:
        return UNKNOWN
    return a if a.low >= 0 and a.high < b.low else Interval(0, b.high - 1)


def largest(*args: Interval) -> Interval:
    return Interval(max(a.low for a in args), max(a.high for a in args))


def smallest(*args: Interval) -> Interval:
    return Interval(min(a.low for a in args), min(a.high for a in args))


def magnitude(a: Interval) -> Interval:
    return Interval(max(a.low, -a.high, 0), max(-a.low, a.high))


def whole(a: Interval) -> Interval:
    """Rounded towards 0."""
    return Interval(*(end if abs(end) == inf else math.trunc(end) for end in (a.low, a.high)))


def bits_in_all(*args: Interval) -> Interval:
    """Bitwise and: of numbers that are not negative it is at most the largest of them."""
    high = max(a.high for a in args)
    return UNKNOWN if min(a.low for a in args) < 0 or high == inf else Interval(0, high)


def bits_in_some(*args: Interval) -> Interval:
    """Bitwise or, and exclusive or: no longer than the longest."""
    high = bits_in_all(*args).high
    if high == inf:
        return NATURAL if all(arg.low >= 0 for arg in args) else UNKNOWN
    return Interval(0, 2 ** int(high).bit_length() - 1)


def power(base: Interval, exponent: Interval) -> Interval:
    """Known for one exponent, and where the base is positive: its corners are the ends."""
    if exponent.low == exponent.high:
        return raised(base, exponent.low)
    if base.low <= 0:
        return UNKNOWN
    ends = [_raised(b, e) for b in (base.low, base.high) for e in (exponent.low, exponent.high)]
    return Interval(min(ends), max(ends))


def real_power(base: Interval, exponent: Interval) -> Interval:
    """Of floats, which are rounded where integers are exact."""
    return power(Interval(float(base.low), float(base.high)), exponent)


def raised(base: Interval, exponent: float) -> Interval:
    """A power with a constant exponent."""
    low, high = base.low, base.high
    if exponent == 0:
        return Interval(1, 1)
    if exponent < 0:
        if low <= 0 <= high:
            return Interval(0, inf) if low >= 0 or exponent % 2 == 0 else UNKNOWN
        below = raised(base, -exponent)
        return Interval(1 / below.high, 1 / below.low)
    if exponent % 1:
        low, high = max(low, 0), max(high, 0)
    elif exponent % 2 == 0:
        low, high = max(low, -high, 0), max(-low, high)
    return Interval(_raised(low, exponent), _raised(high, exponent))


def _raised(value: float, exponent: float) -> float:
    """The power, of integers exactly; one of floats that underflows is still not 0."""
    if isinstance(value, int) and exponent % 1 == 0:
        if value.bit_length() * exponent <= _LONGEST_POWER:
            exact: int = value ** int(exponent)
            return exact
    else:
        try:
            return math.pow(value, exponent) or (math.copysign(_ABOVE, value) if value else 0.0)
        except OverflowError:
            pass
    return inf if value > 0 or exponent % 2 == 0 else -inf


def exponential(a: Interval) -> Interval:
    return Interval(max(_exp(a.low), _ABOVE), _exp(a.high))


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return inf


def logarithm(a: Interval) -> Interval:
    low = math.log(a.low) if 0 < a.low < inf else -inf
    high = math.log(a.high) if 0 < a.high < inf else inf if a.high > 0 else -inf
    return Interval(low, high)


def root(a: Interval) -> Interval:
    return Interval(math.sqrt(max(a.low, 0.0)), math.sqrt(max(a.high, 0.0)))


def hyperbolic_tangent(a: Interval) -> Interval:
    return Interval(math.tanh(a.low), math.tanh(a.high))


def tangent(a: Interval) -> Interval:
    if -math.pi / 2 < a.low and a.high < math.pi / 2:
        return Interval(math.tan(a.low), math.tan(a.high))
    return UNKNOWN


def sine(a: Interval) -> Interval:
    return _wave(a, math.sin, 0.25)


def cosine(a: Interval) -> Interval:
    return _wave(a, math.cos, 0.0)


def _wave(a: Interval, function: Callable[[float], float], peak: float) -> Interval:
    """A sine or cosine, whose first peak is at this share of a turn."""
    low, high = a.low, a.high
    if not high - low < math.tau or abs(low) > 1e6:
        return Interval(-1.0, 1.0)
    ends = (function(low), function(high))
    turn = math.floor(low / math.tau)
    peaks = [(turn + peak + k) * math.tau for k in (0, 1, 2)]
    troughs = [(turn + peak + k + 0.5) * math.tau for k in (-1, 0, 1)]
    return Interval(
        -1.0 if any(low <= place <= high for place in troughs) else min(ends),
        1.0 if any(low <= place <= high for place in peaks) else max(ends),
    )
