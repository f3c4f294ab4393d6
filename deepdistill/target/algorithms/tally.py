"""How often values occur, in one walk."""

from __future__ import annotations


def _tally(numbers: list[int]) -> dict[int, int]:
    """How often each number occurs."""
    counts: dict[int, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    return counts
