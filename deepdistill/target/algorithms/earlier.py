"""How many equal values stand before each, in one walk."""

from __future__ import annotations


def _earlier(numbers: list[int]) -> list[int]:
    """How many equal numbers stand before each."""
    counts: dict[int, int] = {}
    result = []
    for number in numbers:
        result.append(counts.get(number, 0))
        counts[number] = result[-1] + 1
    return result
