"""How many different values each beginning of a list has, in one walk."""

from __future__ import annotations


def _running_distinct(numbers: list[int]) -> list[int]:
    """How many different numbers there are up to each."""
    seen = set()
    result = []
    for number in numbers:
        seen.add(number)
        result.append(len(seen))
    return result
