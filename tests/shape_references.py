"""Hand-written solvers of the shape and ranking problems: what generated code is measured against.

Each is one self-contained function, lists in and a list or number out, as a good engineer would
write it without knowing how it will be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Row = list[int]
Picture = list[list[int]]


# Shapes


def orientation(picture: Picture) -> int:
    """The plain rule: longest column sum against longest row sum."""
    longest_row = max(sum(row) for row in picture)
    longest_column = max(sum(column) for column in zip(*picture, strict=True))
    return int(longest_column > longest_row)


def touches_border(picture: Picture) -> int:
    return int(any(picture[0]) or any(picture[-1]) or any(row[0] or row[-1] for row in picture))


def is_symmetric(picture: Picture) -> int:
    return int(all(row == row[::-1] for row in picture))


def count_filled_rows(picture: Picture) -> int:
    return sum(all(row) for row in picture)


def has_square(picture: Picture) -> int:
    height, width = len(picture), len(picture[0])
    return int(
        any(
            picture[i][j] and picture[i][j + 1] and picture[i + 1][j] and picture[i + 1][j + 1]
            for i in range(height - 1)
            for j in range(width - 1)
        )
    )


def has_cross(picture: Picture) -> int:
    height, width = len(picture), len(picture[0])
    for i in range(1, height - 1):
        for j in range(1, width - 1):
            straight = picture[i][j] + picture[i - 1][j] + picture[i + 1][j]
            straight += picture[i][j - 1] + picture[i][j + 1]
            diagonal = picture[i - 1][j - 1] + picture[i - 1][j + 1]
            diagonal += picture[i + 1][j - 1] + picture[i + 1][j + 1]
            if straight == 5 and diagonal == 0:
                return 1
    return 0


# Ranking


def argmax(numbers: Row) -> int:
    return max(range(len(numbers)), key=lambda i: numbers[i])


def argmin(numbers: Row) -> int:
    return min(range(len(numbers)), key=lambda i: numbers[i])


def maximum(numbers: Row) -> int:
    return max(numbers)


def rank(numbers: Row) -> Row:
    order = sorted(range(len(numbers)), key=lambda i: numbers[i])
    result = [0] * len(numbers)
    for place, i in enumerate(order):
        result[i] = place
    return result


def sort(numbers: Row) -> Row:
    return sorted(numbers)


def median(numbers: Row) -> int:
    return sorted(numbers)[(len(numbers) - 1) // 2]


def contains_duplicate(numbers: Row) -> int:
    return int(len(set(numbers)) < len(numbers))


def majority_element(numbers: Row) -> int:
    """The candidate that no other numbers outnumber; there is a majority by assumption."""
    candidate, lead = numbers[0], 0
    for number in numbers:
        if lead == 0:
            candidate = number
        lead += 1 if number == candidate else -1
    return candidate


SHAPES: dict[str, Callable[..., Any]] = {
    solver.__name__: solver
    for solver in (
        orientation,
        touches_border,
        is_symmetric,
        count_filled_rows,
        has_square,
        has_cross,
    )
}

RANKING: dict[str, Callable[..., Any]] = {
    solver.__name__: solver
    for solver in (
        argmax,
        argmin,
        maximum,
        rank,
        sort,
        median,
        contains_duplicate,
        majority_element,
    )
}
