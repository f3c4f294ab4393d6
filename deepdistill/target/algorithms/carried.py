"""Digits of which what is too large goes on to the next."""

from __future__ import annotations


def _carried(numbers: list[int], base: int) -> list[int]:
    """The digits, lowest first: what is too large for one is carried on to the next."""
    digits, carry = [], 0
    for number in numbers:
        carry, digit = divmod(carry + number, base)
        digits.append(digit)
    return digits
