"""Numbers as they are told and stored: 12 significant digits.

The last digits of a double depend on the processor: which instructions it has, and in which order a
kernel adds up. What is told, stored or compared of formulas is therefore rounded first.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor, inf, log10

DIGITS = 12
FAINT = 10.0 ** (1 - DIGITS)
"""Share of a scale that 12 digits do not tell from nothing."""


_FINEST = 18  # digits that a number between two neighbouring doubles may take


def rounded(value: float, scale: float = 0.0) -> float:
    """``value`` to 12 significant digits of its own, or of ``scale`` where that is larger."""
    largest = max(abs(value), abs(scale))
    if not 0 < largest < inf:
        return value
    exponent = int(f"{largest:.{DIGITS - 1}e}".partition("e")[2])
    return round(value, DIGITS - 1 - exponent) + 0.0  # no minus zero


def reported_error(error: float, scale: float) -> float:
    """An error to 12 digits; 0 where numbers of that scale, so rounded, are equal."""
    return 0.0 if error <= FAINT * scale else rounded(error)


def simplest_number(low: float, high: float) -> float:
    """The number of the fewest decimals between two numbers, both included; 0 before all others."""
    if low <= 0 <= high:
        return 0.0
    bottom, top = Fraction(low), Fraction(high)
    size = max(abs(low), abs(high))
    digit = floor(log10(size))
    for power in range(digit, digit - _FINEST, -1):
        step = Fraction(10) ** power
        first, last = ceil(bottom / step), floor(top / step)
        if first > last:
            continue
        middle = (bottom + top) / 2 / step
        rounder = [k for k in range(first, last + 1) if k % 5 == 0]
        best = min(rounder or range(first, last + 1), key=lambda k: (abs(k - middle), -k))
        return float(best * step)
    return low


def simplest_integer(low: int, high: int, near: float = 0.0) -> int:
    """The integer in a range with the fewest significant digits, of several the nearest."""
    digits = 1
    while True:
        candidates = [
            n
            for power in range(len(str(max(abs(low), abs(high)))))
            for n in _of_digits(low, high, digits, 10**power)
        ]
        if candidates:
            return min(candidates, key=lambda n: (abs(n - near), n))
        digits += 1


def _of_digits(low: int, high: int, digits: int, unit: int) -> range:
    """The multiples of ``unit`` in a range that have no more digits than these."""
    most = unit * (10**digits - 1)
    start, stop = max(-(-low // unit) * unit, -most), min(high, most)
    return range(start, stop + 1, unit)
