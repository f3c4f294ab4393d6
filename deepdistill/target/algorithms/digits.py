"""Digits of numbers."""

from __future__ import annotations


def _digits(number: int, base: int) -> list[int]:
    """The digits of a natural number, highest first; 0 has one."""
    if number < 0:
        raise ValueError(f"{number} has no digits: it is negative")
    digits = [number % base]
    while number >= base:
        number //= base
        digits.append(number % base)
    return digits[::-1]
