"""What operations of a whole list mean, by their definitions: slow, and plain.

The algorithms that solvers have for them are pieces of ``target/algorithms``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
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


def runs(array: list[int]) -> list[list[int]]:
    """The stretches of equal neighbours."""
    return [list(run) for _, run in groupby(array)]


def stripped(array: list[Any]) -> list[Any]:
    """Without the zeros at both ends; of rows those that hold nothing else."""
    held = [k for k, one in enumerate(array) if (one if isinstance(one, int) else any(one))]
    return array[held[0] : held[-1] + 1] if held else []


def digits(number: int, base: int) -> list[int]:
    """The digits of a natural number, highest first; 0 has one."""
    if number < 0 or base < 2:
        raise ValueError("only natural numbers have digits, in a base from 2 on")
    made = [number % base]
    while number >= base:
        number //= base
        made.append(number % base)
    return made[::-1]


def regions(rows: list[list[int]], value: int) -> list[list[int]]:
    """The places of this value, those that hang together by their sides in one list.

    A place is counted row after row. Regions and their places come in that order.
    """
    places = {(i, j) for i, row in enumerate(rows) for j, one in enumerate(row) if one == value}
    groups = []
    for start in sorted(places):
        region = {start} & places
        edge = region
        while edge:
            sides = {(i + a, j + b) for i, j in edge for a, b in ((-1, 0), (1, 0), (0, -1), (0, 1))}
            edge = sides & places - region
            region = region | edge
        places -= region
        if region:
            groups.append(sorted(i * len(rows[0]) + j for i, j in region))
    return groups


def flooded(rows: list[list[int]], value: int) -> list[list[int]]:
    """The picture when a value has flowed into the zeros beside it, until nothing changes."""
    picture = [list(row) for row in rows]
    changed = True
    while changed:
        changed = False
        for i, row in enumerate(picture):
            for j, one in enumerate(row):
                above, below = picture[max(i - 1, 0)][j], picture[min(i + 1, len(picture) - 1)][j]
                sides = row[max(j - 1, 0)], row[min(j + 1, len(row) - 1)], above, below
                if one == 0 != value and value in sides:
                    row[j], changed = value, True
    return picture


def flooded_in(rows: list[list[int]], value: int) -> list[list[int]]:
    """The same, the value flowing in over the borders."""
    width = len(rows[0]) + 2 if rows else 0
    rim = [[value] * width]
    framed = rim + [[value, *row, value] for row in rows] + rim
    return [row[1:-1] for row in flooded(framed, value)[1:-1]]


def carried(array: list[int], base: int) -> list[int]:
    """Digits, lowest first: what is too large for one is carried on to the next."""
    digits, carry = [], 0
    for number in array:
        carry, digit = divmod(carry + number, base)
        digits.append(digit)
    return digits


def arranged(array: list[Any], keys: list[int]) -> list[Any]:
    """The elements in the order of their keys, those of equal ones as they stand."""
    order = sorted(range(len(array)), key=lambda place: keys[place])
    return [array[place] for place in order]


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
