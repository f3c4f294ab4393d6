"""A number that flows into the zeros beside it, by filling from all places where it stands."""

from __future__ import annotations


def _flooded(rows: list[list[int]], value: int) -> list[list[int]]:
    """The picture when a value has flowed into the zeros beside it, until nothing changes."""
    found = [list(row) for row in rows]
    width = len(found[0]) if found else 0
    filled = [(i, j) for i in range(len(found)) for j in range(width) if found[i][j] == value]
    for i, j in filled:  # which grows while it is gone through
        for a, b in ((i - 1, j), (i, j - 1), (i, j + 1), (i + 1, j)):
            if 0 <= a < len(found) and 0 <= b < width and found[a][b] == 0 != value:
                found[a][b] = value
                filled.append((a, b))
    return found
