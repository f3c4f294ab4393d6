# ruff: noqa: B905
"""Held-out tasks on pictures: written before the searches had seen any like them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.example_pictures import BINARY, SPARSE, Picture, filled, lumps, of_colours
from benchmarks.example_tasks import ExampleTask, Sample, collected

TASKS: list[ExampleTask] = []


def task(
    sample: Sample = BINARY, count: int = 40, size: int = 7, larger: int = 70
) -> Callable[[Any], Any]:
    return collected(TASKS, "held-out pictures", sample, count, size, larger)


@task(of_colours(5), count=12)
def left_half_mirrored(cells: Picture) -> Picture:
    return [row[: (len(row) + 1) // 2] + row[: len(row) // 2][::-1] for row in cells]


@task(SPARSE)
def isolated_pixels(cells: Picture) -> int:
    h, w = len(cells), len(cells[0])
    return sum(
        cells[i][j] and not any(
            cells[i + a][j + b] for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))
            if 0 <= i + a < h and 0 <= j + b < w
        )
        for i in range(h) for j in range(w)
    )  # fmt: skip


@task(lumps, count=20)
def outline(cells: Picture) -> Picture:
    h, w = len(cells), len(cells[0])

    def inner(i: int, j: int) -> bool:
        return all(
            0 <= i + a < h and 0 <= j + b < w and cells[i + a][j + b]
            for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))
        )

    return [[int(c and not inner(i, j)) for j, c in enumerate(row)] for i, row in enumerate(cells)]


@task(of_colours(4, 0.25), count=20)
def cropped_and_flipped(cells: Picture) -> Picture:
    rows = [k for k, row in enumerate(cells) if any(row)]
    columns = [k for k, column in enumerate(zip(*cells)) if any(column)]
    if not rows:
        return []
    box = [row[min(columns) : max(columns) + 1] for row in cells[min(rows) : max(rows) + 1]]
    return [row[::-1] for row in box]


@task(lumps)
def largest_component(cells: Picture) -> int:
    left = {(i, j) for i, row in enumerate(cells) for j, cell in enumerate(row) if cell}
    largest = 0
    while left:
        part = filled(cells, [min(left)], 1)
        largest = max(largest, len(part))
        left -= part
    return largest


@task(of_colours(4), count=15)
def fallen_to_the_right(cells: Picture) -> Picture:
    return [[0] * row.count(0) + [cell for cell in row if cell] for row in cells]


@task(of_colours(5), count=12)
def colours_one_and_two_swapped(cells: Picture) -> Picture:
    return [[{1: 2, 2: 1}.get(cell, cell) for cell in row] for row in cells]


@task(of_colours(6), count=12)
def tiled_two_by_two(cells: Picture) -> Picture:
    return [row * 2 for row in cells * 2]


@task(of_colours(6), count=12)
def each_row_in_order(cells: Picture) -> Picture:
    return [sorted(row) for row in cells]


@task(of_colours(2, 0.8), count=200)
def same_in_a_mirror(cells: Picture) -> bool:
    return all(row == row[::-1] for row in cells)


@task(of_colours(7, 0.4))
def number_of_colours(cells: Picture) -> int:
    return len({cell for row in cells for cell in row if cell})


@task(of_colours(5, 0.9, least=3))
def most_common_colour(cells: Picture) -> int:
    counts = Counter(cell for row in cells for cell in row)
    return max(counts, key=lambda colour: (counts[colour], -colour))


@task(of_colours(2, 0.6), count=200)
def path_from_left_to_right(cells: Picture) -> bool:
    start = [(i, 0) for i, row in enumerate(cells) if row[0]]
    width = len(cells[0])
    return any(j == width - 1 for _, j in filled(cells, start, 1))


def with_a_seed(rng: np.random.Generator, size: int) -> Picture:
    height, width = (int(one) for one in rng.integers(3, max(4, size) + 1, 2))
    cells = (rng.random((height, width)) < 0.4).astype(np.int64)
    cells[rng.integers(height), rng.integers(width)] = 2
    found: Picture = cells.tolist()
    return found


@task(with_a_seed, count=30)
def flooded_from_the_seed(cells: Picture) -> Picture:
    seeds = [(i, j) for i, row in enumerate(cells) for j, cell in enumerate(row) if cell == 2]
    wet = filled(cells, seeds, 0)
    return [[2 if (i, j) in wet else c for j, c in enumerate(row)] for i, row in enumerate(cells)]


@task(of_colours(3, 0.4), count=20)
def columns_with_a_one(cells: Picture) -> int:
    return sum(1 in column for column in zip(*cells))


@task(of_colours(3), count=20)
def diagonal_coloured(cells: Picture) -> Picture:
    return [[3 if i == j else c for j, c in enumerate(row)] for i, row in enumerate(cells)]


def of_even_sides(rng: np.random.Generator, size: int) -> Picture:
    height, width = (2 * int(one) for one in rng.integers(1, size // 2 + 1, 2))
    found: Picture = rng.integers(0, 3, (height, width)).tolist()
    return found


@task(of_even_sides, count=30, size=8, larger=80)
def blocks_upside_down(cells: Picture) -> Picture:
    return [cells[i ^ 1] for i in range(len(cells))]
