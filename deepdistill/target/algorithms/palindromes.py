"""Which beginnings of a list are the same from the end, by borders.

Those are the beginnings that also end the list, a mark and the list from its end. Each border of a
list is one of its longest border's (Knuth, Morris and Pratt 1977).
"""

from __future__ import annotations


def _palindromes(numbers: list[int]) -> list[int]:
    """1 for each beginning that is the same from its end, else 0.

    These are the beginnings that end the list, a mark and the list reversed, too: they are found
    as Knuth, Morris and Pratt do (1977), in time that grows as the list does.
    """
    marked = [*numbers, None, *reversed(numbers)]
    borders = [0]  # up to each place, the longest beginning that is also an end
    for item in marked[1:]:
        border = borders[-1]
        while border and marked[border] != item:
            border = borders[border - 1]
        borders.append(border + (marked[border] == item))
    result = [0] * len(numbers)
    border = borders[-1]
    while border:
        result[border - 1] = 1
        border = borders[border - 1]
    return result
