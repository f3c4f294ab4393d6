"""A number that flows into the zeros over the borders of a picture, by filling from there."""

from __future__ import annotations


def _flooded_in(rows: list[list[int]], value: int) -> list[list[int]]:
    """The picture when a value has flowed into the zeros, in over the borders and from itself."""
    height, width = len(rows), len(rows[0]) if rows else 0
    found = [[value] * (width + 2)]
    found += [[value, *row, value] for row in rows]
    found += [[value] * (width + 2)]
    filled = [(i, j) for i, row in enumerate(found) for j, one in enumerate(row) if one == value]
    for i, j in filled:  # which grows while it is gone through
        for a, b in ((i - 1, j), (i, j - 1), (i, j + 1), (i + 1, j)):
            if 0 < a <= height and 0 < b <= width and found[a][b] == 0 != value:
                found[a][b] = value
                filled.append((a, b))
    return [row[1:-1] for row in found[1:-1]]
