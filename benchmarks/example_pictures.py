# ruff: noqa: B905
"""Tasks on pictures of any sizes: a number, a truth, or another picture, of other sizes too.

An answer of one bit says little, so that 200 of these are shown, as of texts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.example_tasks import ExampleTask, Sample, collected

TASKS: list[ExampleTask] = []
Picture = list[list[int]]


def of_colours(colours: int, share: float = 0.5, least: int = 2) -> Sample:
    """Pictures of all sizes from ``least`` on, a share of their cells coloured."""

    def sample(rng: np.random.Generator, size: int) -> Picture:
        height, width = rng.integers(least, max(least, size) + 1, 2)
        cells = rng.integers(1, colours, (height, width)) * (rng.random((height, width)) < share)
        found: Picture = cells.tolist()
        return found

    return sample


BINARY = of_colours(2)
SPARSE = of_colours(2, 0.25)
MANY = of_colours(10)


def lumps(rng: np.random.Generator, size: int) -> Picture:
    """A few filled rectangles, some with a hole."""
    height, width = (int(one) for one in rng.integers(4, max(5, size) + 1, 2))
    cells = np.zeros((height, width), dtype=np.int64)
    for _ in range(int(rng.integers(1, 2 + height * width // 25))):
        top, left = int(rng.integers(height - 2)), int(rng.integers(width - 2))
        bottom, right = top + int(rng.integers(1, 4)), left + int(rng.integers(1, 4))
        cells[top:bottom, left:right] = 1
        if bottom - top == 3 and right - left == 3 and rng.integers(2):
            cells[top + 1, left + 1] = 0
    found: Picture = cells.tolist()
    return found


def rings(rng: np.random.Generator, size: int) -> Picture:
    """A few rectangles, half of them hollow, some of these broken open."""
    height, width = (int(one) for one in rng.integers(4, max(5, size) + 1, 2))
    cells = np.zeros((height, width), dtype=np.int64)
    for _ in range(int(rng.integers(1, 2 + height * width // 25))):
        top, left = int(rng.integers(height - 2)), int(rng.integers(width - 2))
        bottom, right = top + int(rng.integers(3, 6)), left + int(rng.integers(3, 6))
        cells[top:bottom, left:right] = 1
        if rng.integers(2):
            cells[top + 1 : bottom - 1, left + 1 : right - 1] = 0
        if rng.integers(3) == 0:
            cells[top, min(left + 1, width - 1)] = 0
    found: Picture = cells.tolist()
    return found


def task(
    sample: Sample = BINARY, count: int = 40, size: int = 7, larger: int = 70
) -> Callable[[Any], Any]:
    return collected(TASKS, "pictures", sample, count, size, larger)


# ---- a picture and a number or a truth


@task(lumps)
def perimeter(cells: Picture) -> int:
    h, w = len(cells), len(cells[0])
    return sum(
        not (0 <= i + a < h and 0 <= j + b < w and cells[i + a][j + b])
        for i in range(h) for j in range(w) if cells[i][j]
        for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))
    )  # fmt: skip


@task(SPARSE)
def height_of_the_box(cells: Picture) -> int:
    rows = [k for k, row in enumerate(cells) if any(row)]
    return max(rows) - min(rows) + 1 if rows else 0


@task()
def longest_run_along_a_row(cells: Picture) -> int:
    longest = 0
    for row in cells:
        run = 0
        for cell in row:
            run = run + 1 if cell else 0
            longest = max(longest, run)
    return longest


@task(count=200)
def more_above_than_below(cells: Picture) -> bool:
    half = len(cells) // 2
    return sum(map(sum, cells[:half])) > sum(map(sum, cells[len(cells) - half :]))


@task(count=400)
def first_quadrant_fullest(cells: Picture) -> bool:
    h, w = len(cells) // 2, len(cells[0]) // 2
    quarter = sum(sum(row[:w]) for row in cells[:h])
    return quarter > sum(sum(row[len(row) - w :]) for row in cells[len(cells) - h :])


@task()
def sum_of_the_diagonal(cells: Picture) -> int:
    return sum(row[k] for k, row in enumerate(cells) if k < len(row))


@task(count=200)
def parity_of_a_picture(cells: Picture) -> bool:
    return sum(map(sum, cells)) % 2 == 1


@task(of_colours(2, 0.8), count=200)
def more_full_rows_than_columns(cells: Picture) -> bool:
    return sum(map(all, cells)) > sum(map(all, zip(*cells)))


def filled(cells: Picture, start: list[tuple[int, int]], colour: int) -> set[tuple[int, int]]:
    seen, waiting = set(start), list(start)
    while waiting:
        i, j = waiting.pop()
        for a, b in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
            inside = 0 <= a < len(cells) and 0 <= b < len(cells[0])
            if inside and (a, b) not in seen and cells[a][b] == colour:
                seen.add((a, b))
                waiting.append((a, b))
    return seen


@task(lumps, count=100)
def number_of_components(cells: Picture) -> int:
    left = {(i, j) for i, row in enumerate(cells) for j, cell in enumerate(row) if cell}
    found = 0
    while left:
        left -= filled(cells, [min(left)], 1)
        found += 1
    return found


@task(lumps, count=200)
def is_connected(cells: Picture) -> bool:
    left = {(i, j) for i, row in enumerate(cells) for j, cell in enumerate(row) if cell}
    return not left or left == filled(cells, [min(left)], 1)


def outside(cells: Picture) -> set[tuple[int, int]]:
    h, w = len(cells), len(cells[0])
    rim = [
        (i, j) for i in range(h) for j in range(w)
        if cells[i][j] == 0 and (i in (0, h - 1) or j in (0, w - 1))
    ]  # fmt: skip
    return filled(cells, rim, 0)


@task(rings, count=200)
def has_a_hole(cells: Picture) -> bool:
    return len(outside(cells)) < sum(row.count(0) for row in cells)


def with_water(rng: np.random.Generator, size: int) -> Picture:
    """Walls, and one cell of water."""
    height, width = (int(one) for one in rng.integers(3, max(4, size) + 1, 2))
    cells = (rng.random((height, width)) < 0.4).astype(np.int64)
    cells[rng.integers(height), rng.integers(width)] = 2
    found: Picture = cells.tolist()
    return found


def wet(cells: Picture) -> set[tuple[int, int]]:
    start = [(i, j) for i, row in enumerate(cells) for j, cell in enumerate(row) if cell == 2]
    return filled(cells, start, 0)


@task(with_water)
def cells_under_water(cells: Picture) -> int:
    return len(wet(cells))


@task(with_water, count=200)
def water_in_the_last_row(cells: Picture) -> bool:
    return any(i == len(cells) - 1 for i, _ in wet(cells))


# ---- a picture and a picture


@task(MANY, count=8)
def transposed(cells: Picture) -> Picture:
    return [list(row) for row in zip(*cells)]


@task(MANY, count=8)
def mirrored_left_right(cells: Picture) -> Picture:
    return [row[::-1] for row in cells]


@task(MANY, count=8)
def upside_down(cells: Picture) -> Picture:
    return cells[::-1]


@task(MANY, count=8)
def rotated_right(cells: Picture) -> Picture:
    return [list(row) for row in zip(*cells[::-1])]


@task(SPARSE, count=20)
def cropped_to_the_box(cells: Picture) -> Picture:
    rows = [k for k, row in enumerate(cells) if any(row)]
    columns = [k for k, column in enumerate(zip(*cells)) if any(column)]
    if not rows:
        return []
    return [row[min(columns) : max(columns) + 1] for row in cells[min(rows) : max(rows) + 1]]


@task(MANY, count=8)
def scaled_by_two(cells: Picture) -> Picture:
    return [[cell for cell in row for _ in range(2)] for row in cells for _ in range(2)]


@task(of_colours(5), count=12)
def recoloured(cells: Picture) -> Picture:
    return [[5 if cell == 3 else cell for cell in row] for row in cells]


@task(of_colours(4), count=15)
def fallen_down(cells: Picture) -> Picture:
    columns = [
        [0] * column.count(0) + [cell for cell in column if cell] for column in zip(*cells)
    ]  # fmt: skip
    return [list(row) for row in zip(*columns)]


@task(of_colours(4), count=10)
def upper_half(cells: Picture) -> Picture:
    return cells[: len(cells) // 2]


@task(MANY, count=8)
def beside_itself(cells: Picture) -> Picture:
    return [row + row for row in cells]


@task(MANY, count=8)
def with_a_rim(cells: Picture) -> Picture:
    w = len(cells[0]) + 2
    return [[0] * w, *([0, *row, 0] for row in cells), [0] * w]


@task(rings, count=40)
def holes_filled(cells: Picture) -> Picture:
    out = outside(cells)
    return [[int((i, j) not in out) for j in range(len(row))] for i, row in enumerate(cells)]


@task(of_colours(6), count=20)
def row_sums(cells: Picture) -> list[int]:
    return [sum(row) for row in cells]


def in_blocks(rng: np.random.Generator, size: int) -> Picture:
    """Pictures of even sides, which are made of blocks of two by two cells."""
    height, width = (2 * int(one) for one in rng.integers(1, size // 2 + 1, 2))
    found: Picture = (rng.random((height, width)) < 0.5).astype(int).tolist()
    return found


@task(in_blocks, count=30, size=8, larger=80)
def blocks_turned(cells: Picture) -> Picture:
    """Each block of the Margolus neighbourhood turned by a quarter, clockwise."""
    found = [list(row) for row in cells]
    for i in range(0, len(cells), 2):
        for j in range(0, len(cells[0]), 2):
            (a, b), (c, d) = cells[i][j : j + 2], cells[i + 1][j : j + 2]
            found[i][j : j + 2], found[i + 1][j : j + 2] = [c, a], [d, b]
    return found


@task(in_blocks, count=60, size=8, larger=80)
def critters(cells: Picture) -> Picture:
    """Critters (Toffoli and Margolus 1987): blocks inverted but for two, turned for three cells."""
    found = [list(row) for row in cells]
    for i in range(0, len(cells), 2):
        for j in range(0, len(cells[0]), 2):
            (a, b), (c, d) = cells[i][j : j + 2], cells[i + 1][j : j + 2]
            if a + b + c + d == 2:
                continue
            if a + b + c + d == 3:
                a, b, c, d = d, c, b, a
            found[i][j : j + 2], found[i + 1][j : j + 2] = [1 - a, 1 - b], [1 - c, 1 - d]
    return found
