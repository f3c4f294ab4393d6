# ruff: noqa: B905, RUF007
"""Tasks on lists that nothing was tuned for: they were written before they were first tried.

Of the kinds of ``example_lists`` and ``example_questions``; every oracle is the program that a
person would write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.example_lists import FEW, FEW_SOME, SOME, WIDE, listed, of_one_length, with_place
from benchmarks.example_tasks import ExampleTask, Sample, integers, named, number

HELD_OUT: list[ExampleTask] = []

TWO = integers(0, 99, least=2)


def task(sample: Sample = WIDE, count: int = 11, size: int = 10) -> Callable[[Any], Any]:
    return listed(HELD_OUT, sample, count, size, "held-out lists")


# ---- a list and a list


@task()
def every_third(numbers: list[int]) -> list[int]:
    return numbers[::3]


@task(FEW_SOME)
def without_those_like_the_first(numbers: list[int]) -> list[int]:
    return [x for x in numbers if x != numbers[0]]


@task(TWO)
def ends_swapped(numbers: list[int]) -> list[int]:
    return [numbers[-1], *numbers[1:-1], numbers[0]]


@task()
def halves_exchanged(numbers: list[int]) -> list[int]:
    half = len(numbers) // 2
    return numbers[half:] + numbers[:half]


@task()
def second_half(numbers: list[int]) -> list[int]:
    return numbers[len(numbers) // 2 :]


@task(named(left=WIDE, right=WIDE))
def longer_of_two(left: list[int], right: list[int]) -> list[int]:
    return left if len(left) >= len(right) else right


@task(integers(1, 9), count=15)
def products_modulo_7(numbers: list[int]) -> list[int]:
    found, product = [], 1
    for x in numbers:
        product = product * x % 7
        found.append(product)
    return found


@task()
def odd_ones_squared(numbers: list[int]) -> list[int]:
    return [x * x for x in numbers if x % 2]


@task(FEW_SOME)
def places_of_the_largest(numbers: list[int]) -> list[int]:
    return [k for k, x in enumerate(numbers) if x == max(numbers)]


@task()
def even_before_odd(numbers: list[int]) -> list[int]:
    return [x for x in numbers if x % 2 == 0] + [x for x in numbers if x % 2]


@task(SOME)
def distances_to_the_first(numbers: list[int]) -> list[int]:
    return [abs(x - numbers[0]) for x in numbers]


@task()
def sorted_by_last_digit(numbers: list[int]) -> list[int]:
    return sorted(numbers, key=lambda x: x % 10)


@task(TWO)
def sorted_without_extremes(numbers: list[int]) -> list[int]:
    return sorted(numbers)[1:-1]


@task()
def sums_from_the_end(numbers: list[int]) -> list[int]:
    return [sum(numbers[k:]) for k in range(len(numbers))]


@task(integers(0, 4))
def each_as_often_as_it_says(numbers: list[int]) -> list[int]:
    return [x for x in numbers for _ in range(x)]


@task()
def those_beyond_the_one_before(numbers: list[int]) -> list[int]:
    return [b for a, b in zip(numbers, numbers[1:]) if b > a]


@task(named(left=FEW, right=FEW))
def in_either(left: list[int], right: list[int]) -> list[int]:
    return sorted(set(left + right))


@task(with_place)
def removed_at(numbers: list[int], place: int) -> list[int]:
    return numbers[:place] + numbers[place + 1 :]


def with_place_and_new(rng: np.random.Generator, size: int) -> dict[str, Any]:
    return {**with_place(rng, size), "new": int(rng.integers(100))}


@task(with_place_and_new)
def inserted_at(numbers: list[int], place: int, new: int) -> list[int]:
    return [*numbers[:place], new, *numbers[place:]]


@task(with_place_and_new)
def replaced_at(numbers: list[int], place: int, new: int) -> list[int]:
    return [*numbers[:place], new, *numbers[place + 1 :]]


@task(with_place)
def rotated_by(numbers: list[int], place: int) -> list[int]:
    return numbers[place:] + numbers[:place]


@task(FEW)
def how_often_so_far(numbers: list[int]) -> list[int]:
    return [numbers[: k + 1].count(x) for k, x in enumerate(numbers)]


@task(number(1, 99999), count=15)
def digits_of(n: int) -> list[int]:
    return [int(digit) for digit in str(n)]


@task(number(0, 20))
def down_to_one(n: int) -> list[int]:
    return list(range(n, 0, -1))


@task(number(0, 30))
def squares_below(n: int) -> list[int]:
    return [k * k for k in range(n) if k * k < n]


@task(number(1, 60), count=20)
def divisors_of(n: int) -> list[int]:
    return [k for k in range(1, n + 1) if n % k == 0]


def of_even_length(rng: np.random.Generator, size: int) -> list[int]:
    numbers: list[int] = rng.integers(0, 100, 2 * int(rng.integers(0, size // 2 + 1))).tolist()
    return numbers


@task(of_even_length)
def pairs_added(numbers: list[int]) -> list[int]:
    return [a + b for a, b in zip(numbers[::2], numbers[1::2])]


@task(of_even_length)
def neighbours_swapped(numbers: list[int]) -> list[int]:
    return [x for a, b in zip(numbers[::2], numbers[1::2]) for x in (b, a)]


@task(named(numbers=WIDE, low=number(0, 50), high=number(50, 99)), count=20)
def between(numbers: list[int], low: int, high: int) -> list[int]:
    return [x for x in numbers if low <= x <= high]


# ---- a list and one number or truth


@task(integers(0, 4, least=1), count=25)
def second_most_frequent(numbers: list[int]) -> int:
    order = sorted(set(numbers), key=lambda x: (-numbers.count(x), x))
    return order[1] if len(order) > 1 else order[0]


@task()
def halves_subtracted(numbers: list[int]) -> int:
    half = len(numbers) // 2
    return sum(numbers[:half]) - sum(numbers[half:])


@task(integers(0, 99, least=3))
def third_largest(numbers: list[int]) -> int:
    return sorted(numbers)[-3]


@task()
def sum_at_odd_places(numbers: list[int]) -> int:
    return sum(numbers[1::2])


@task(TWO)
def largest_step(numbers: list[int]) -> int:
    return max(abs(a - b) for a, b in zip(numbers, numbers[1:]))


@task(FEW_SOME, count=60)
def how_many_like_the_first(numbers: list[int]) -> int:
    return numbers.count(numbers[0])


@task(TWO)
def sum_without_extremes(numbers: list[int]) -> int:
    return sum(numbers) - max(numbers) - min(numbers)


@task(integers(0, 9), count=30)
def how_many_distinct_even(numbers: list[int]) -> int:
    return len({x for x in numbers if x % 2 == 0})


@task(integers(0, 9, least=1), count=60)
def longest_rise(numbers: list[int]) -> int:
    longest = run = 1
    for a, b in zip(numbers, numbers[1:]):
        run = run + 1 if b > a else 1
        longest = max(longest, run)
    return longest


@task(SOME)
def product_of_the_ends(numbers: list[int]) -> int:
    return numbers[0] * numbers[-1]


@task(count=20)
def last_even(numbers: list[int]) -> int:
    return next((x for x in reversed(numbers) if x % 2 == 0), -1)


@task()
def weighted_by_place(numbers: list[int]) -> int:
    return sum(k * x for k, x in enumerate(numbers, 1))


@task(count=60)
def inversions(numbers: list[int]) -> int:
    return sum(y < x for k, x in enumerate(numbers) for y in numbers[k + 1 :])


@task(FEW, count=60)
def equal_pairs(numbers: list[int]) -> int:
    return sum(y == x for k, x in enumerate(numbers) for y in numbers[k + 1 :])


@task(named(numbers=FEW, wanted=number(0, 5)), count=60)
def last_place_of(numbers: list[int], wanted: int) -> int:
    return max((k for k, x in enumerate(numbers) if x == wanted), default=-1)


def often_even(rng: np.random.Generator, size: int) -> list[int]:
    numbers = 2 * rng.integers(0, 50, int(rng.integers(0, size + 1)))
    if len(numbers) and rng.integers(2):
        numbers[rng.integers(len(numbers))] += 1
    found: list[int] = numbers.tolist()
    return found


@task(often_even, count=200)
def all_even(numbers: list[int]) -> bool:
    return all(x % 2 == 0 for x in numbers)


@task(integers(0, 2, least=1), count=60)
def first_is_last(numbers: list[int]) -> bool:
    return numbers[0] == numbers[-1]


def often_shuffled(rng: np.random.Generator, size: int) -> dict[str, Any]:
    left = FEW(rng, size)
    right = [left[k] for k in rng.permutation(len(left))]
    if right and rng.integers(2):
        right[int(rng.integers(len(right)))] = int(rng.integers(6))
    return {"left": left, "right": right}


@task(often_shuffled, count=60)
def same_in_any_order(left: list[int], right: list[int]) -> bool:
    return sorted(left) == sorted(right)


@task(named(left=integers(0, 5), right=integers(0, 5, least=4)), count=60)
def all_of_left_in_right(left: list[int], right: list[int]) -> bool:
    return all(x in right for x in left)


# ---- loops in loops


def matrix(rng: np.random.Generator, size: int) -> list[list[int]]:
    rows: list[list[int]] = rng.integers(0, 10, rng.integers(1, size + 1, 2)).tolist()
    return rows


def square_and_vector(rng: np.random.Generator, size: int) -> dict[str, Any]:
    rows = matrix(rng, size)
    return {"rows": rows, "vector": rng.integers(0, 10, len(rows[0])).tolist()}


@task(matrix, size=5)
def sums_of_rows(rows: list[list[int]]) -> list[int]:
    return [sum(row) for row in rows]


@task(matrix, size=5)
def largest_of_columns(rows: list[list[int]]) -> list[int]:
    return [max(column) for column in zip(*rows)]


@task(square_and_vector, size=5)
def rows_times_numbers(rows: list[list[int]], vector: list[int]) -> list[int]:
    return [sum(a * b for a, b in zip(row, vector)) for row in rows]


@task(named(left=integers(0, 9, least=1), right=integers(0, 9, least=1)), size=5)
def table_of_products(left: list[int], right: list[int]) -> list[list[int]]:
    return [[a * b for b in right] for a in left]


@task(named(left=WIDE, right=WIDE), size=5)
def all_sums(left: list[int], right: list[int]) -> list[int]:
    return [a + b for a in left for b in right]


def two_bit_matrices(rng: np.random.Generator, size: int) -> dict[str, Any]:
    a, b, c = rng.integers(1, size + 1, 3)
    return {"left": rng.integers(0, 2, (a, b)).tolist(),
            "right": rng.integers(0, 2, (b, c)).tolist()}  # fmt: skip


@task(two_bit_matrices, count=30, size=4)
def bit_matrices_multiplied(left: list[list[int]], right: list[list[int]]) -> list[list[int]]:
    return [[sum(a * b for a, b in zip(row, column)) % 2 for column in zip(*right)] for row in left]


@task(named(left=integers(0, 9, least=1), right=integers(0, 9, least=1)), count=25, size=5)
def polynomials_multiplied(left: list[int], right: list[int]) -> list[int]:
    found = [0] * (len(left) + len(right) - 1)
    for k, a in enumerate(left):
        for j, b in enumerate(right):
            found[k + j] += a * b
    return found


@task(of_one_length, count=40, size=6)
def digits_added(left: list[int], right: list[int]) -> list[int]:
    found, carry = [], 0
    for a, b in zip(left, right):
        carry, digit = divmod(a + b + carry, 100)
        found.append(digit)
    return [*found, carry]
