"""Parts of a picture that hang together, by filling each from its first place."""

from __future__ import annotations


def _regions(rows: list[list[int]], value: int) -> list[list[int]]:
    """The places that hold a value, counted row after row, in one list for each part.

    Places hang together by their sides. A place is marked when it is found, so that each is looked
    at once.
    """
    height, width = len(rows), len(rows[0]) if rows else 0
    left = [[number == value for number in row] for row in rows]
    regions = []
    for start in range(height * width):
        if not left[start // width][start % width]:
            continue
        left[start // width][start % width] = False
        region = [start]
        for place in region:  # which grows while it is gone through
            i, j = divmod(place, width)
            for a, b in ((i - 1, j), (i, j - 1), (i, j + 1), (i + 1, j)):
                if 0 <= a < height and 0 <= b < width and left[a][b]:
                    left[a][b] = False
                    region.append(a * width + b)
        regions.append(sorted(region))
    return regions
