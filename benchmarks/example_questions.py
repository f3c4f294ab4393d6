# ruff: noqa: B905, RUF007
"""Tasks on lists: a list and one number or truth, and loops in loops.

Every oracle is the program that a person would write. Of truths and small counts 15 to 200 pairs
are shown: eleven truths are eleven bits, and a program has to be 4.3 bits shorter than they are, or
chance finds it as well. ``--pairs 11`` shows eleven all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.example_lists import (
    BITS,
    FEW,
    FEW_SOME,
    SOME,
    WIDE,
    listed,
    of_one_length,
    with_place,
)
from benchmarks.example_tasks import ExampleTask, Sample, integers, named, number

QUESTIONS: list[ExampleTask] = []


def task(sample: Sample = WIDE, count: int = 11, size: int = 10) -> Callable[[Any], Any]:
    return listed(QUESTIONS, sample, count, size)


# ---- a list and one number


@task(SOME)
def max_minus_min(numbers: list[int]) -> int:
    return max(numbers) - min(numbers)


@task(SOME)
def max_plus_min(numbers: list[int]) -> int:
    return max(numbers) + min(numbers)


@task(integers(0, 99, least=2))
def two_largest_added(numbers: list[int]) -> int:
    return sum(sorted(numbers)[-2:])


@task(integers(0, 99, least=2))
def second_largest(numbers: list[int]) -> int:
    return sorted(numbers)[-2]


@task(SOME)
def mean_rounded_down(numbers: list[int]) -> int:
    return sum(numbers) // len(numbers)


@task(SOME)
def median_below(numbers: list[int]) -> int:
    return sorted(numbers)[(len(numbers) - 1) // 2]


@task()
def count_of_even(numbers: list[int]) -> int:
    return sum(x % 2 == 0 for x in numbers)


@task()
def sum_of_even(numbers: list[int]) -> int:
    return sum(x for x in numbers if x % 2 == 0)


@task(count=20)
def sum_modulo_3(numbers: list[int]) -> int:
    return sum(numbers) % 3


@task(count=15)
def ascents(numbers: list[int]) -> int:
    return sum(a < b for a, b in zip(numbers, numbers[1:]))


@task(count=60)
def count_of_local_maxima(numbers: list[int]) -> int:
    return sum(a < b > c for a, b, c in zip(numbers, numbers[1:], numbers[2:]))


@task(FEW_SOME, count=60)
def smallest_mode(numbers: list[int]) -> int:
    return max(sorted(set(numbers)), key=numbers.count)


@task(FEW_SOME, count=15)
def largest_multiplicity(numbers: list[int]) -> int:
    return max(numbers.count(x) for x in numbers)


@task(FEW, count=60)
def place_of_the_first_duplicate(numbers: list[int]) -> int:
    return next((k for k, x in enumerate(numbers) if x in numbers[:k]), -1)


@task(FEW)
def how_many_distinct(numbers: list[int]) -> int:
    return len(set(numbers))


@task(integers(1, 60, least=1), count=20)
def common_divisor(numbers: list[int]) -> int:
    found = 0
    for x in numbers:
        while x:
            found, x = x, found % x
    return found


@task(integers(1, 3))
def product(numbers: list[int]) -> int:
    found = 1
    for x in numbers:
        found *= x
    return found


@task()
def sum_of_squares(numbers: list[int]) -> int:
    return sum(x * x for x in numbers)


@task(of_one_length)
def inner_product(left: list[int], right: list[int]) -> int:
    return sum(a * b for a, b in zip(left, right))


def often_alike(rng: np.random.Generator, size: int) -> dict[str, Any]:
    count = int(rng.integers(0, size + 1))
    return {"left": rng.integers(0, 3, count).tolist(), "right": rng.integers(0, 3, count).tolist()}


@task(often_alike, count=30)
def how_many_places_differ(left: list[int], right: list[int]) -> int:
    return sum(a != b for a, b in zip(left, right))


@task(SOME)
def place_of_the_largest(numbers: list[int]) -> int:
    return numbers.index(max(numbers))


@task(with_place)
def item_at(numbers: list[int], place: int) -> int:
    return numbers[place]


@task(named(numbers=FEW, wanted=number(0, 5)), count=20)
def how_often(numbers: list[int], wanted: int) -> int:
    return numbers.count(wanted)


@task(named(numbers=WIDE, bound=number(0, 99)), count=15)
def how_many_below(numbers: list[int], bound: int) -> int:
    return sum(x < bound for x in numbers)


@task()
def alternating_sum(numbers: list[int]) -> int:
    return sum(numbers[::2]) - sum(numbers[1::2])


@task(BITS, count=20)
def value_in_base_two(numbers: list[int]) -> int:
    found = 0
    for bit in numbers:
        found = 2 * found + bit
    return found


@task(BITS, count=20)
def longest_run_of_ones(numbers: list[int]) -> int:
    longest = run = 0
    for bit in numbers:
        run = run + 1 if bit else 0
        longest = max(longest, run)
    return longest


# ---- a list and a truth


@task(count=200)
def more_than_half_even(numbers: list[int]) -> bool:
    return 2 * sum(x % 2 == 0 for x in numbers) > len(numbers)


@task(SOME, count=60)
def first_beyond_last(numbers: list[int]) -> bool:
    return numbers[0] > numbers[-1]


def often_sorted(rng: np.random.Generator, size: int) -> list[int]:
    numbers = WIDE(rng, size)
    return sorted(numbers) if rng.integers(2) else numbers


@task(often_sorted, count=20)
def is_sorted(numbers: list[int]) -> bool:
    return all(a <= b for a, b in zip(numbers, numbers[1:]))


@task(FEW, count=60)
def has_a_repeat(numbers: list[int]) -> bool:
    return len(set(numbers)) < len(numbers)


@task(named(numbers=FEW, wanted=number(0, 5)), count=20)
def holds(numbers: list[int], wanted: int) -> bool:
    return wanted in numbers


def often_mirrored(rng: np.random.Generator, size: int) -> list[int]:
    half = integers(0, 5)(rng, size // 2)
    numbers: list[int] = half + half[::-1]
    if numbers and rng.integers(2):
        numbers[int(rng.integers(len(numbers)))] = int(rng.integers(6))
    return numbers


@task(often_mirrored, count=20)
def reads_the_same_backwards(numbers: list[int]) -> bool:
    return numbers == numbers[::-1]


@task(count=200)
def any_beyond_ninety(numbers: list[int]) -> bool:
    return any(x > 90 for x in numbers)


@task(named(left=WIDE, right=WIDE), count=60)
def left_is_longer(left: list[int], right: list[int]) -> bool:
    return len(left) > len(right)


# ---- loops in loops


def bits_of_one_length(rng: np.random.Generator, size: int) -> dict[str, Any]:
    count = int(rng.integers(1, size + 1))
    return {"left": rng.integers(0, 2, count).tolist(),
            "right": rng.integers(0, 2, count).tolist()}  # fmt: skip


@task(bits_of_one_length, count=60, size=5)
def bits_multiplied(left: list[int], right: list[int]) -> list[int]:
    digits = [0] * (2 * len(left))
    for k, bit in enumerate(left):
        carry = 0
        for j, other in enumerate(right):
            carry += digits[k + j] + bit * other
            digits[k + j], carry = carry % 2, carry // 2
        digits[k + len(right)] = carry
    return digits


@task(WIDE)
def insertion_sorted(numbers: list[int]) -> list[int]:
    found: list[int] = []
    for x in numbers:
        place = sum(y <= x for y in found)
        found.insert(place, x)
    return found


def square_with_vector(rng: np.random.Generator, size: int) -> dict[str, Any]:
    count = int(rng.integers(1, size + 1))
    return {"rows": rng.integers(0, 2, (count, count)).tolist(),
            "vector": rng.integers(0, 2, count).tolist()}  # fmt: skip


@task(square_with_vector, count=40, size=5)
def matrix_times_vector(rows: list[list[int]], vector: list[int]) -> list[int]:
    return [sum(a * b for a, b in zip(row, vector)) % 2 for row in rows]
