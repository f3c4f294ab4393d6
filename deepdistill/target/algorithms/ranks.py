"""The places of numbers in order, by a stable sort."""

from __future__ import annotations


def _ranks(numbers: list[int]) -> list[int]:
    """The place of each number in order from 0, equal ones in the order they stand."""
    order = sorted(range(len(numbers)), key=numbers.__getitem__)  # it is stable
    ranks = [0] * len(numbers)
    for rank, place in enumerate(order):
        ranks[place] = rank
    return ranks
