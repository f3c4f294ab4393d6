"""Hand-written solvers of the built-in problems: what generated code is measured against.

Each is one self-contained function, lists in and lists out, as a good engineer would write it
without knowing how it will be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Row = list[int]
Grid = list[list[int]]


def eca_universal(cells: Row, rule: Row) -> Row:
    n = len(cells)
    return [rule[4 * cells[i - 1] + 2 * cells[i] + cells[(i + 1) % n]] for i in range(n)]


def rule30(cells: Row) -> Row:
    n = len(cells)
    return [cells[i - 1] ^ (cells[i] | cells[(i + 1) % n]) for i in range(n)]


def rule90(cells: Row) -> Row:
    n = len(cells)
    return [cells[i - 1] ^ cells[(i + 1) % n] for i in range(n)]


def rule110(cells: Row) -> Row:
    n = len(cells)
    result = []
    for i in range(n):
        left, center, right = cells[i - 1], cells[i], cells[(i + 1) % n]
        result.append((center | right) ^ (left & center & right))
    return result


def rule184(cells: Row) -> Row:
    n = len(cells)
    return [cells[(i + 1) % n] if cells[i] else cells[i - 1] for i in range(n)]


def radius_two(cells: Row) -> Row:
    n = len(cells)
    return [cells[(i - 2) % n] ^ (cells[i - 1] & cells[(i + 2) % n]) for i in range(n)]


def life(cells: Grid) -> Grid:
    height, width = len(cells), len(cells[0])
    result = []
    for i in range(height):
        row = []
        for j in range(width):
            block = (
                cells[(i + di) % height][(j + dj) % width] for di in (-1, 0, 1) for dj in (-1, 0, 1)
            )
            neighbors = sum(block) - cells[i][j]
            row.append(int(neighbors == 3 or (neighbors == 2 and cells[i][j])))
        result.append(row)
    return result


def highlife(cells: Grid) -> Grid:
    height, width = len(cells), len(cells[0])
    result = []
    for i in range(height):
        row = []
        for j in range(width):
            block = (
                cells[(i + di) % height][(j + dj) % width] for di in (-1, 0, 1) for dj in (-1, 0, 1)
            )
            neighbors = sum(block) - cells[i][j]
            row.append(int(neighbors in ((2, 3) if cells[i][j] else (3, 6))))
        result.append(row)
    return result


def seeds(cells: Grid) -> Grid:
    height, width = len(cells), len(cells[0])
    result = []
    for i in range(height):
        row = []
        for j in range(width):
            block = (
                cells[(i + di) % height][(j + dj) % width] for di in (-1, 0, 1) for dj in (-1, 0, 1)
            )
            neighbors = sum(block) - cells[i][j]
            row.append(int(neighbors == 2 and not cells[i][j]))
        result.append(row)
    return result


def day_and_night(cells: Grid) -> Grid:
    height, width = len(cells), len(cells[0])
    result = []
    for i in range(height):
        row = []
        for j in range(width):
            block = (
                cells[(i + di) % height][(j + dj) % width] for di in (-1, 0, 1) for dj in (-1, 0, 1)
            )
            neighbors = sum(block) - cells[i][j]
            row.append(int(neighbors in (3, 6, 7, 8) or (neighbors == 4 and cells[i][j])))
        result.append(row)
    return result


def life_bounded(cells: Grid) -> Grid:
    height, width = len(cells), len(cells[0])
    result = []
    for i in range(height):
        row = []
        for j in range(width):
            block = (
                cells[y][x]
                for y in range(max(i - 1, 0), min(i + 2, height))
                for x in range(max(j - 1, 0), min(j + 2, width))
            )
            neighbors = sum(block) - cells[i][j]
            row.append(int(neighbors == 3 or (neighbors == 2 and cells[i][j])))
        result.append(row)
    return result


def von_neumann(cells: Grid) -> Grid:
    height, width = len(cells), len(cells[0])
    result = []
    for i in range(height):
        row = []
        for j in range(width):
            if cells[i][j]:
                row.append(cells[i][j - 1] ^ cells[i][(j + 1) % width])
            else:
                row.append(cells[i - 1][j] & cells[(i + 1) % height][j])
        result.append(row)
    return result


def brians_brain(cells: Grid) -> Grid:
    height, width = len(cells), len(cells[0])
    result = []
    for i in range(height):
        row = []
        for j in range(width):
            if cells[i][j] == 0:
                firing = sum(
                    cells[(i + di) % height][(j + dj) % width] == 1
                    for di in (-1, 0, 1)
                    for dj in (-1, 0, 1)
                )
                row.append(int(firing == 2))
            else:
                row.append(2 if cells[i][j] == 1 else 0)
        result.append(row)
    return result


def wireworld(cells: Grid) -> Grid:
    height, width = len(cells), len(cells[0])
    result = []
    for i in range(height):
        row = []
        for j in range(width):
            if cells[i][j] == 3:
                heads = sum(
                    cells[(i + di) % height][(j + dj) % width] == 1
                    for di in (-1, 0, 1)
                    for dj in (-1, 0, 1)
                )
                row.append(1 if heads in (1, 2) else 3)
            else:
                row.append((0, 2, 3)[cells[i][j]])
        result.append(row)
    return result


REFERENCES: dict[str, Callable[..., list[Any]]] = {
    solver.__name__: solver
    for solver in (
        eca_universal,
        rule30,
        rule90,
        rule110,
        rule184,
        radius_two,
        life,
        highlife,
        seeds,
        day_and_night,
        life_bounded,
        von_neumann,
        brians_brain,
        wireworld,
    )
}
