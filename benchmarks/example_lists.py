# ruff: noqa: B905, RUF007
"""Tasks on lists: a list and a list of another length, a list and one number or truth.

Every oracle is the program that a person would write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.example_tasks import ExampleTask, Sample, collected, integers, named, number

TASKS: list[ExampleTask] = []

WIDE = integers(0, 99)
SOME = integers(0, 99, least=1)
FEW = integers(0, 5)
FEW_SOME = integers(0, 5, least=1)
BITS = integers(0, 1, least=1)


def task(sample: Sample = WIDE, count: int = 11, size: int = 10) -> Callable[[Any], Any]:
    return listed(TASKS, sample, count, size)


def listed(
    tasks: list[ExampleTask], sample: Sample, count: int, size: int, kind: str = "lists"
) -> Callable[[Any], Any]:
    return collected(tasks, kind, sample, count, size, 10 * size)


def sorted_up(rng: np.random.Generator, size: int) -> list[int]:
    return sorted(WIDE(rng, size))


def with_place(rng: np.random.Generator, size: int) -> dict[str, Any]:
    numbers = SOME(rng, size)
    return {"numbers": numbers, "place": int(rng.integers(len(numbers)))}


def of_one_length(rng: np.random.Generator, size: int) -> dict[str, Any]:
    count = int(rng.integers(0, size + 1))
    return {"left": rng.integers(0, 100, count).tolist(),
            "right": rng.integers(0, 100, count).tolist()}  # fmt: skip


# ---- a list and a shorter, longer or other list


@task()
def keep_even(numbers: list[int]) -> list[int]:
    return [x for x in numbers if x % 2 == 0]


@task(SOME)
def above_the_mean_kept(numbers: list[int]) -> list[int]:
    return [x for x in numbers if x * len(numbers) > sum(numbers)]


@task()
def first_three(numbers: list[int]) -> list[int]:
    return numbers[:3]


@task()
def all_but_the_last(numbers: list[int]) -> list[int]:
    return numbers[:-1]


@task()
def all_but_the_first(numbers: list[int]) -> list[int]:
    return numbers[1:]


@task()
def last_two(numbers: list[int]) -> list[int]:
    return numbers[-2:]


@task()
def every_second(numbers: list[int]) -> list[int]:
    return numbers[::2]


@task()
def every_third_from_second(numbers: list[int]) -> list[int]:
    return numbers[1::3]


@task(FEW)
def without_repeats(numbers: list[int]) -> list[int]:
    return list(dict.fromkeys(numbers))


@task(FEW)
def runs_shortened(numbers: list[int]) -> list[int]:
    return [x for k, x in enumerate(numbers) if k == 0 or numbers[k - 1] != x]


@task(integers(0, 2), count=20)
def run_lengths(numbers: list[int]) -> list[int]:
    starts = [k for k, x in enumerate(numbers) if k == 0 or numbers[k - 1] != x]
    return [b - a for a, b in zip(starts, [*starts[1:], len(numbers)])]


@task(integers(0, 2), count=20)
def run_length_codes(numbers: list[int]) -> list[int]:
    starts = [k for k, x in enumerate(numbers) if k == 0 or numbers[k - 1] != x]
    ends = [*starts[1:], len(numbers)]
    return [part for a, b in zip(starts, ends) for part in (numbers[a], b - a)]


@task(integers(0, 3))
def places_of_zeros(numbers: list[int]) -> list[int]:
    return [k for k, x in enumerate(numbers) if x == 0]


@task()
def prefix_sums(numbers: list[int]) -> list[int]:
    return [sum(numbers[: k + 1]) for k in range(len(numbers))]


@task()
def prefix_maxima(numbers: list[int]) -> list[int]:
    return [max(numbers[: k + 1]) for k in range(len(numbers))]


@task()
def differences(numbers: list[int]) -> list[int]:
    return [b - a for a, b in zip(numbers, numbers[1:])]


@task()
def neighbours_added(numbers: list[int]) -> list[int]:
    return [a + b for a, b in zip(numbers, numbers[1:])]


@task(of_one_length)
def pairwise_sums(left: list[int], right: list[int]) -> list[int]:
    return [a + b for a, b in zip(left, right)]


@task(of_one_length)
def larger_of_each(left: list[int], right: list[int]) -> list[int]:
    return [max(a, b) for a, b in zip(left, right)]


@task(of_one_length)
def interleaved(left: list[int], right: list[int]) -> list[int]:
    return [x for pair in zip(left, right) for x in pair]


@task(of_one_length)
def zipped(left: list[int], right: list[int]) -> list[list[int]]:
    return [[a, b] for a, b in zip(left, right)]


@task(named(left=WIDE, right=WIDE))
def joined_lists(left: list[int], right: list[int]) -> list[int]:
    return left + right


@task(named(left=sorted_up, right=sorted_up))
def merged(left: list[int], right: list[int]) -> list[int]:
    return sorted(left + right)


@task(named(left=FEW, right=FEW))
def in_both(left: list[int], right: list[int]) -> list[int]:
    return [x for x in left if x in right]


@task(named(left=FEW, right=FEW))
def in_left_alone(left: list[int], right: list[int]) -> list[int]:
    return [x for x in left if x not in right]


@task(SOME)
def rotated(numbers: list[int]) -> list[int]:
    return [*numbers[1:], numbers[0]]


@task(SOME)
def rotated_back(numbers: list[int]) -> list[int]:
    return [numbers[-1], *numbers[:-1]]


@task()
def turned_round(numbers: list[int]) -> list[int]:
    return numbers[::-1]


@task()
def there_and_back(numbers: list[int]) -> list[int]:
    return numbers + numbers[::-1]


@task()
def doubled_list(numbers: list[int]) -> list[int]:
    return numbers + numbers


@task(integers(0, 49))
def each_twice(numbers: list[int]) -> list[int]:
    return [x for x in numbers for _ in range(2)]


@task(named(numbers=sorted_up, new=number(0, 99)))
def inserted(numbers: list[int], new: int) -> list[int]:
    return sorted([*numbers, new])


@task(named(numbers=WIDE, new=number(0, 99)))
def new_at_both_ends(numbers: list[int], new: int) -> list[int]:
    return [new, *numbers, new]


@task(named(numbers=FEW, gone=number(0, 5)), count=20)
def removed(numbers: list[int], gone: int) -> list[int]:
    return [x for x in numbers if x != gone]


@task(named(numbers=WIDE, count=number(0, 6)))
def first_few(numbers: list[int], count: int) -> list[int]:
    return numbers[:count]


@task()
def sorted_down(numbers: list[int]) -> list[int]:
    return sorted(numbers, reverse=True)


@task(SOME)
def without_the_largest(numbers: list[int]) -> list[int]:
    return [x for x in numbers if x != max(numbers)]


@task(SOME)
def minus_the_minimum(numbers: list[int]) -> list[int]:
    return [x - min(numbers) for x in numbers]


@task(SOME)
def times_the_length(numbers: list[int]) -> list[int]:
    return [x * len(numbers) for x in numbers]


@task()
def clipped(numbers: list[int]) -> list[int]:
    return [min(max(x, 20), 70) for x in numbers]


@task(SOME, count=20)
def above_the_mean(numbers: list[int]) -> list[int]:
    return [int(x * len(numbers) > sum(numbers)) for x in numbers]


@task(FEW, count=20)
def dense_rank(numbers: list[int]) -> list[int]:
    return [sum(y < x for y in set(numbers)) for x in numbers]


@task(integers(0, 9), count=20)
def next_greater(numbers: list[int]) -> list[int]:
    return [
        next((y for y in numbers[k + 1 :] if y > x), -1) for k, x in enumerate(numbers)
    ]  # fmt: skip


@task()
def local_maxima(numbers: list[int]) -> list[int]:
    return [b for a, b, c in zip(numbers, numbers[1:], numbers[2:]) if a < b > c]


@task()
def plus_the_place(numbers: list[int]) -> list[int]:
    return [x + k for k, x in enumerate(numbers)]


@task(count=15)
def digits_of_ten(numbers: list[int]) -> list[int]:
    return [x // 10 for x in numbers]


@task(integers(0, 20, least=1))
def counted_up(numbers: list[int]) -> list[int]:
    return list(range(numbers[0]))


@task(SOME)
def ends(numbers: list[int]) -> list[int]:
    return [numbers[0], numbers[-1]]


@task(SOME)
def smallest_and_largest(numbers: list[int]) -> list[int]:
    return [min(numbers), max(numbers)]


@task()
def records(numbers: list[int]) -> list[int]:
    return [x for k, x in enumerate(numbers) if all(y < x for y in numbers[:k])]


@task(FEW)
def only_once(numbers: list[int]) -> list[int]:
    return [x for x in numbers if numbers.count(x) == 1]


@task(FEW)
def how_often_each(numbers: list[int]) -> list[int]:
    return [numbers.count(x) for x in numbers]
