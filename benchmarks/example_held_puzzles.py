# ruff: noqa: B905
"""A second round of held-out tasks, on pictures of grid puzzles: written before any was tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.example_pictures import Picture, filled, lumps, of_colours
from benchmarks.example_tasks import ExampleTask, Sample, collected

TASKS: list[ExampleTask] = []


def task(sample: Sample, count: int = 12, size: int = 7, larger: int = 70) -> Callable[[Any], Any]:
    return collected(TASKS, "second pictures", sample, count, size, larger)


@task(lumps, count=30)
def largest_part_kept(cells: Picture) -> Picture:
    left = {(i, j) for i, row in enumerate(cells) for j, cell in enumerate(row) if cell}
    largest: set[tuple[int, int]] = set()
    while left:
        part = filled(cells, [min(left)], 1)
        largest = max(largest, part, key=len)
        left -= part
    return [[int((i, j) in largest) for j in range(len(row))] for i, row in enumerate(cells)]


@task(of_colours(4, 0.5))
def four_mirrored(cells: Picture) -> Picture:
    wide = [row + row[::-1] for row in cells]
    return wide + wide[::-1]


def seeds(rng: np.random.Generator, size: int) -> Picture:
    found: Picture = of_colours(5, 0.12, least=3)(rng, size)
    return found


@task(seeds, count=20)
def shadows_below(cells: Picture) -> Picture:
    rows = [list(cells[0])]
    for row in cells[1:]:
        rows.append([cell or above for cell, above in zip(row, rows[-1])])
    return rows


@task(seeds, count=20)
def rows_of_seeds_filled(cells: Picture) -> Picture:
    return [[max(row)] * len(row) for row in cells]


@task(of_colours(5, 0.7, least=3))
def border_cleared(cells: Picture) -> Picture:
    h, w = len(cells), len(cells[0])
    return [
        [c if 0 < i < h - 1 and 0 < j < w - 1 else 0 for j, c in enumerate(row)]
        for i, row in enumerate(cells)
    ]


@task(of_colours(6))
def every_second_row(cells: Picture) -> Picture:
    return cells[::2]


def two_halves(rng: np.random.Generator, size: int) -> Picture:
    height, width = (int(one) for one in rng.integers(2, size + 1, 2))
    left, right = rng.integers(0, 2, (2, height, width))
    bar = np.full((height, 1), 5)
    found: Picture = np.hstack([left, bar, right]).tolist()
    return found


@task(two_halves, count=15)
def both_sides_of_the_bar(cells: Picture) -> Picture:
    half = len(cells[0]) // 2
    return [[a & b for a, b in zip(row[:half], row[half + 1 :])] for row in cells]


def few_cells(rng: np.random.Generator, size: int) -> Picture:
    cells: Picture = of_colours(2, 0.0, least=4)(rng, size)
    for _ in range(int(rng.integers(2, 5))):
        cells[rng.integers(len(cells))][rng.integers(len(cells[0]))] = 1
    return cells


@task(few_cells, count=25)
def box_filled(cells: Picture) -> Picture:
    rows = [i for i, row in enumerate(cells) if any(row)]
    columns = [j for j, column in enumerate(zip(*cells)) if any(column)]
    return [
        [int(rows[0] <= i <= rows[-1] and columns[0] <= j <= columns[-1]) for j in range(len(row))]
        for i, row in enumerate(cells)
    ]


@task(of_colours(2, 0.4), count=60)
def fullest_row(cells: Picture) -> int:
    sums = [sum(row) for row in cells]
    return sums.index(max(sums))


@task(of_colours(4, 0.8, least=3), count=20)
def recoloured_to_the_most_common(cells: Picture) -> Picture:
    counts = Counter(cell for row in cells for cell in row)
    most = max(counts, key=lambda colour: (counts[colour], -colour))
    return [[most for _ in row] for row in cells]


@task(of_colours(5))
def first_row_put_last(cells: Picture) -> Picture:
    return cells[1:] + cells[:1]


@task(of_colours(3, 0.3), count=40)
def cells_beside_a_two(cells: Picture) -> Picture:
    h, w = len(cells), len(cells[0])
    return [
        [
            1 if c == 0 and any(
                cells[i + a][j + b] == 2 for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))
                if 0 <= i + a < h and 0 <= j + b < w
            ) else c
            for j, c in enumerate(row)
        ]
        for i, row in enumerate(cells)
    ]  # fmt: skip


@task(of_colours(4, 0.5), count=15)
def empty_rows_removed(cells: Picture) -> Picture:
    return [row for row in cells if any(row)]


@task(of_colours(2, 0.5, least=3), count=200)
def same_upside_down_in_the_first_column(cells: Picture) -> bool:
    column = [row[0] for row in cells]
    return column == column[::-1]


@task(of_colours(4, 0.5), count=15)
def scaled_by_three(cells: Picture) -> Picture:
    return [[cell for cell in row for _ in range(3)] for row in cells for _ in range(3)]


@task(of_colours(3, 0.4), count=40)
def widest_row_sum_minus_narrowest(cells: Picture) -> int:
    sums = [sum(row) for row in cells]
    return max(sums) - min(sums)


@task(of_colours(3, 0.6), count=15)
def striped_by_place(cells: Picture) -> Picture:
    return [
        [c if (i + j) % 2 == 0 else 0 for j, c in enumerate(row)] for i, row in enumerate(cells)
    ]
