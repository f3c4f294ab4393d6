"""What operations of a whole list mean, by their definitions: slow, and plain.

The algorithms that solvers have for them are pieces of ``target/algorithms``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any


def ranks(array: list[int]) -> list[int]:
    """For each element how many come before it in order, equal ones as they stand."""
    return [sum(b < a for b in array) + array[:k].count(a) for k, a in enumerate(array)]


def tally(array: list[int]) -> dict[int, int]:
    """How often each value occurs."""
    return dict(Counter(array))


def earlier(array: list[int]) -> list[int]:
    """For each element how many equal ones stand before it."""
    return [array[:k].count(a) for k, a in enumerate(array)]


def below(array: list[int], value: int) -> int:
    """How many elements are smaller."""
    return sum(a < value for a in array)


def up_to(array: list[int], value: int) -> int:
    """How many elements are not larger."""
    return sum(a <= value for a in array)


def contains(array: list[int], part: tuple[int, ...]) -> int:
    """Whether the elements of a part stand one after another anywhere."""
    ends = range(len(part), len(array) + 1)
    return int(any(tuple(array[end - len(part) : end]) == tuple(part) for end in ends))


def _each_prefix(function: Callable[[Any], int]) -> Callable[[list[int]], list[int]]:
    """What a function gives for the elements up to each place."""
    return lambda array: [function(array[: k + 1]) for k in range(len(array))]


running_sum = _each_prefix(sum)
running_maximum = _each_prefix(max)
running_minimum = _each_prefix(min)
running_distinct = _each_prefix(lambda part: len(set(part)))
palindromes = _each_prefix(lambda part: int(part == part[::-1]))


def softmax(scores: Sequence[float]) -> list[float]:
    """Shares of 1 that grow with the scores."""
    top = max(scores)
    raised = [math.exp(score - top) for score in scores]
    total = math.fsum(raised)
    return [value / total for value in raised]
