# ruff: noqa: B905, RUF007
"""A third round of held-out tasks, on lists and pictures: written before any was tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.example_lists import SOME, WIDE, listed
from benchmarks.example_pictures import SPARSE, Picture, of_colours
from benchmarks.example_tasks import ExampleTask, Sample, collected, integers

TASKS: list[ExampleTask] = []

NEAR = ((-1, 0), (0, -1), (0, 1), (1, 0))


def task(sample: Sample = WIDE, count: int = 15, size: int = 9) -> Callable[[Any], Any]:
    return listed(TASKS, sample, count, size, "third lists")


def picture(sample: Sample, count: int = 15, size: int = 7) -> Callable[[Any], Any]:
    return collected(TASKS, "third pictures", sample, count, size, 20)


def beside(cells: Picture, i: int, j: int) -> list[int]:
    places = [(i + a, j + b) for a, b in NEAR]
    return [cells[a][b] for a, b in places if 0 <= a < len(cells) and 0 <= b < len(cells[0])]


# ---- lists


def two_lists(rng: np.random.Generator, size: int) -> dict[str, Any]:
    count = int(rng.integers(1, size + 1))
    return {"a": rng.integers(0, 10, count).tolist(), "b": rng.integers(0, 10, count).tolist()}


def sometimes_in_order(rng: np.random.Generator, size: int) -> list[int]:
    found = rng.integers(0, 30, int(rng.integers(0, size + 1))).tolist()
    return sorted(found) if rng.random() < 0.5 else found


def of_twelve_and_more(rng: np.random.Generator, size: int) -> list[int]:
    return [*rng.integers(0, 12, int(rng.integers(2, size + 1))).tolist(), 20, 21]


def with_equal_ends(rng: np.random.Generator, size: int) -> list[int]:
    found = rng.integers(0, 9, int(rng.integers(1, size + 1))).tolist()
    return [*found, found[0]] if rng.random() < 0.5 else found


def three_and_more(rng: np.random.Generator, size: int) -> list[int]:
    found: list[int] = rng.integers(0, 100, int(rng.integers(3, size + 1))).tolist()
    return found


@task(SOME)
def larger_than_the_first(numbers: list[int]) -> list[int]:
    return [x for x in numbers if x > numbers[0]]


@task()
def pairs_swapped(numbers: list[int]) -> list[int]:
    return [numbers[i ^ 1] if i ^ 1 < len(numbers) else x for i, x in enumerate(numbers)]


@task(count=11)
def last_digits(numbers: list[int]) -> list[int]:
    return [x % 10 for x in numbers]


@task(count=11)
def odd_places(numbers: list[int]) -> list[int]:
    return numbers[1::2]


@task(count=20)
def even_ones_minus_odd_ones(numbers: list[int]) -> int:
    return sum(-x if x % 2 else x for x in numbers)


@task(count=11)
def there_and_back(numbers: list[int]) -> list[int]:
    return numbers + numbers[::-1]


@task(sometimes_in_order, count=60)
def in_order(numbers: list[int]) -> bool:
    return numbers == sorted(numbers)


@task(three_and_more, count=20)
def largest_gap(numbers: list[int]) -> int:
    return max(abs(x - y) for x, y in zip(numbers, numbers[1:]))


@task(three_and_more)
def without_extremes(numbers: list[int]) -> list[int]:
    return sorted(numbers)[1:-1]


@task(two_lists, count=20)
def product_with_the_reverse(a: list[int], b: list[int]) -> int:
    return sum(x * y for x, y in zip(a, b[::-1]))


@task(two_lists, count=20)
def larger_of_both(a: list[int], b: list[int]) -> list[int]:
    return [max(x, y) for x, y in zip(a, b)]


@task(two_lists, count=25)
def how_often_the_first_is_larger(a: list[int], b: list[int]) -> int:
    return sum(x > y for x, y in zip(a, b))


@task(SOME, count=20)
def half_of_both_ends(numbers: list[int]) -> int:
    return (numbers[0] + numbers[-1]) // 2


@task(SOME, count=20)
def differences_in_a_ring(numbers: list[int]) -> list[int]:
    return [x - y for x, y in zip(numbers, numbers[-1:] + numbers)]


@task(count=20)
def before_the_first_odd_one(numbers: list[int]) -> list[int]:
    return numbers[: next((i for i, x in enumerate(numbers) if x % 2), len(numbers))]


@task()
def even_ones_then_odd_ones(numbers: list[int]) -> list[int]:
    return sorted(numbers, key=lambda x: x % 2)


@task(integers(0, 9))
def each_once_from_the_largest(numbers: list[int]) -> list[int]:
    return sorted(set(numbers), reverse=True)


@task(of_twelve_and_more, count=20)
def second_smallest(numbers: list[int]) -> int:
    return sorted(set(numbers))[1]


@task(SOME, count=20)
def place_of_the_largest(numbers: list[int]) -> int:
    return numbers.index(max(numbers))


@task(count=11)
def at_most_fifty(numbers: list[int]) -> list[int]:
    return [min(x, 50) for x in numbers]


@task(integers(0, 1), count=20)
def parities_so_far(numbers: list[int]) -> list[int]:
    return [sum(numbers[: k + 1]) % 2 for k in range(len(numbers))]


@task(integers(0, 20), count=11)
def times_their_place(numbers: list[int]) -> list[int]:
    return [k * x for k, x in enumerate(numbers)]


@task(with_equal_ends, count=80)
def ends_are_equal(numbers: list[int]) -> bool:
    return numbers[0] == numbers[-1]


@task(integers(0, 6), count=80)
def more_than_three_kinds(numbers: list[int]) -> bool:
    return len(set(numbers)) > 3


# ---- pictures


def of_even_sides(rng: np.random.Generator, size: int) -> Picture:
    height, width = (2 * int(one) for one in rng.integers(1, size // 2 + 1, 2))
    found: Picture = rng.integers(0, 3, (height, width)).tolist()
    return found


def with_a_two(rng: np.random.Generator, size: int) -> Picture:
    height, width = (int(one) for one in rng.integers(2, size + 1, 2))
    cells = rng.integers(0, 2, (height, width))
    cells[rng.integers(height), rng.integers(width)] = 2
    found: Picture = cells.tolist()
    return found


def square(rng: np.random.Generator, size: int) -> Picture:
    side = int(rng.integers(2, size + 1))
    found: Picture = rng.integers(0, 2, (side, side)).tolist()
    return found


def nearly_symmetric(rng: np.random.Generator, size: int) -> Picture:
    cells = np.array(square(rng, size))
    if rng.random() < 0.6:
        cells = np.maximum(cells, cells.T)
    if rng.random() < 0.4:
        cells[tuple(rng.integers(len(cells), size=2))] ^= 1
    found: Picture = cells.tolist()
    return found


@picture(SPARSE, count=25)
def grown(cells: Picture) -> Picture:
    return [
        [int(x or any(beside(cells, i, j))) for j, x in enumerate(row)]
        for i, row in enumerate(cells)
    ]


@picture(of_colours(4, 0.6), count=20)
def gaps_in_the_largest_colour(cells: Picture) -> Picture:
    return [[x or max(map(max, cells)) for x in row] for row in cells]


@picture(SPARSE, count=30)
def single_cells_removed(cells: Picture) -> Picture:
    return [
        [int(x and any(beside(cells, i, j))) for j, x in enumerate(row)]
        for i, row in enumerate(cells)
    ]


@picture(of_colours(5), count=12)
def each_column_in_order(cells: Picture) -> Picture:
    return [list(row) for row in zip(*map(sorted, zip(*cells)))]


@picture(of_colours(4), count=12)
def border_alone(cells: Picture) -> Picture:
    h, w = len(cells), len(cells[0])
    return [
        [x if i in (0, h - 1) or j in (0, w - 1) else 0 for j, x in enumerate(row)]
        for i, row in enumerate(cells)
    ]


@picture(of_colours(5, 0.6), count=20)
def rows_with_a_three(cells: Picture) -> Picture:
    return [row for row in cells if 3 in row]


@picture(of_colours(6), count=25)
def largest_of_each_row_marked(cells: Picture) -> Picture:
    return [[int(x == max(row)) for x in row] for row in cells]


@picture(of_colours(4))
def other_diagonal_coloured(cells: Picture) -> Picture:
    w = len(cells[0])
    return [[9 if i + j == w - 1 else x for j, x in enumerate(row)] for i, row in enumerate(cells)]


@picture(of_colours(2, 0.5), count=40)
def changes_to_the_right(cells: Picture) -> Picture:
    return [[x ^ y for x, y in zip(row, [*row[1:], 0])] for row in cells]


@picture(of_even_sides, count=30)
def largest_of_each_block(cells: Picture) -> Picture:
    return [
        [max(cells[a][b] for a in (i, i ^ 1) for b in (j, j ^ 1)) for j in range(len(row))]
        for i, row in enumerate(cells)
    ]


@picture(of_even_sides, count=20)
def half_as_large(cells: Picture) -> Picture:
    return [row[::2] for row in cells[::2]]


@picture(of_colours(4), count=12)
def moved_to_the_left(cells: Picture) -> Picture:
    return [[*row[1:], 0] for row in cells]


@picture(of_colours(3), count=25)
def rows_of_even_sums(cells: Picture) -> Picture:
    return [row for row in cells if sum(row) % 2 == 0]


@picture(of_colours(5, least=3), count=10)
def without_first_row_and_column(cells: Picture) -> Picture:
    return [row[1:] for row in cells[1:]]


@picture(of_colours(2, 0.7), count=60)
def full_blocks(cells: Picture) -> int:
    pairs = [(a, b) for a, b in zip(cells, cells[1:])]
    return sum(a[j] & a[j + 1] & b[j] & b[j + 1] for a, b in pairs for j in range(len(a) - 1))


@picture(with_a_two, count=30)
def row_of_the_two(cells: Picture) -> int:
    return next(i for i, row in enumerate(cells) if 2 in row)


@picture(of_colours(2, 0.7), count=100)
def some_row_is_full(cells: Picture) -> bool:
    return any(all(row) for row in cells)


@picture(nearly_symmetric, count=200)
def same_across_the_diagonal(cells: Picture) -> bool:
    return cells == [list(column) for column in zip(*cells)]


@picture(of_colours(4), count=40)
def sum_of_the_border(cells: Picture) -> int:
    return sum(map(sum, cells)) - sum(sum(row[1:-1]) for row in cells[1:-1])


@picture(of_colours(4), count=20)
def rows_turned_by_their_place(cells: Picture) -> Picture:
    return [row[i % len(row) :] + row[: i % len(row)] for i, row in enumerate(cells)]


@picture(of_colours(6))
def largest_so_far_in_rows(cells: Picture) -> Picture:
    return [[max(row[: j + 1]) for j in range(len(row))] for row in cells]


@picture(of_colours(4, 0.5))
def risen(cells: Picture) -> Picture:
    columns = [[x for x in column if x] + [0] * column.count(0) for column in zip(*cells)]
    return [list(row) for row in zip(*columns)]


@picture(of_colours(3), count=30)
def same_as_above(cells: Picture) -> Picture:
    return [
        [int(i > 0 and cells[i - 1][j] == x) for j, x in enumerate(row)]
        for i, row in enumerate(cells)
    ]


@picture(of_colours(5), count=10)
def last_column(cells: Picture) -> list[int]:
    return [row[-1] for row in cells]


@picture(of_colours(2, 0.4), count=40)
def empty_columns(cells: Picture) -> int:
    return sum(not any(column) for column in zip(*cells))


@picture(of_even_sides)
def halves_exchanged(cells: Picture) -> Picture:
    return [row[len(row) // 2 :] + row[: len(row) // 2] for row in cells]


@picture(square)
def main_diagonal(cells: Picture) -> list[int]:
    return [row[k] for k, row in enumerate(cells)]
