"""Inputs like those that were shown: small ones all, others drawn, and shown ones changed a little.

Inputs are in the numbers of the ports. Random texts are hardly ever in a language, so that some are
made of repeats, mirrored halves, sorted runs and pieces of what was shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st

from ...ir.alphabet import written
from ...ir.types import Port

Arguments: TypeAlias = tuple[Any, ...]
_MOST_SMALL = 600
_LONGEST = 12
_SEARCHED = 8, 4  # the longest lists and sides of pictures that Hypothesis draws


def every_small(ports: Sequence[Port]) -> tuple[list[Arguments], int]:
    """All inputs up to a length (or side), as long as they are few, and that length; 0: none."""
    inputs: list[Arguments] = []
    for length in range(_LONGEST + 1):
        sizes = [list(_sizes_of(port, length)) for port in ports]
        count = 1
        for port, own in zip(ports, sizes, strict=True):
            count *= sum(len(port.domain) ** int(np.prod(size)) for size in own)
            if count > _MOST_SMALL:
                return inputs, length - 1
        inputs = list(
            product(*(list(_all_of(port, own)) for port, own in zip(ports, sizes, strict=True)))
        )
        if not any(port.axes for port in ports):
            break
    return inputs, length


def _sizes_of(port: Port, length: int) -> Iterator[tuple[int, ...]]:
    least = 0 if len(port.axes) == 1 else 1
    return product(range(least, max(least, length) + 1), repeat=len(port.axes))


def _all_of(port: Port, sizes: Sequence[tuple[int, ...]]) -> Iterator[Any]:
    for size in sizes:
        for values in product(port.domain.values, repeat=int(np.prod(size))):
            yield nested(values, size)


def nested(values: Sequence[int], size: Sequence[int]) -> Any:
    """A number, a list or rows of these values."""
    if not size:
        return values[0]
    if len(size) == 1:
        return list(values)
    return [list(values[k * size[1] : (k + 1) * size[1]]) for k in range(size[0])]


def drawn(rng: np.random.Generator, port: Port, size: Sequence[int], k: int) -> Any:
    """One input of a size; ``k`` says how it is made."""
    low, high = port.domain.low, port.domain.high
    count = int(np.prod(size))
    if not count:
        return nested((), size)
    few = int(rng.integers(1, 4))
    start = int(rng.integers(low, max(low, high - few) + 1))
    match k % 6:
        case 0 | 1:
            values = rng.integers(low, high + 1, size=count)
        case 2:  # few different values
            values = rng.integers(start, min(high, start + few) + 1, size=count)
        case 3:  # one piece again and again
            piece = rng.integers(low, high + 1, size=few)
            values = np.resize(piece, count)
        case 4:  # the same from the end, but for one place at most
            half = rng.integers(low, high + 1, size=-(-count // 2))
            values = np.concatenate([half, half[::-1][count % 2 :]])
            values[rng.integers(count)] = rng.integers(low, high + 1)
        case _:  # in order, up or down
            values = np.sort(rng.integers(low, high + 1, size=count))
            values = values[::-1] if rng.integers(2) else values
    return nested(values.tolist(), size)


def changed(rng: np.random.Generator, port: Port, value: Any, other: Any) -> Any:
    """A shown input with a small edit, shuffled, doubled, or with a piece of another one."""
    if not port.axes:
        return int(rng.integers(port.domain.low, port.domain.high + 1))
    if not value:
        return list(other)
    if len(port.axes) > 1:
        rows = [list(row) for row in value]
        i, j = int(rng.integers(len(rows))), int(rng.integers(len(rows[0])))
        rows[i][j] = int(rng.integers(port.domain.low, port.domain.high + 1))
        return rows
    places = sorted(int(place) for place in rng.integers(0, len(value) + 1, size=2))
    one = int(rng.integers(port.domain.low, port.domain.high + 1))
    match int(rng.integers(7)):
        case 0:
            return [*value[: places[0]], one, *value[places[0] + 1 :]]
        case 1:
            return [*value[: places[0]], one, *value[places[0] :]]
        case 2:
            return [*value[: places[0]], *value[places[0] + 1 :]]
        case 3:
            return [value[int(k)] for k in rng.permutation(len(value))]
        case 4:
            return [*value, *value]
        case 5:
            return [*value[: places[0]], *other[places[0] : places[1]], *value[places[1] :]]
        case _:
            swapped = list(value)
            a, b = (min(place, len(value) - 1) for place in places)
            swapped[a], swapped[b] = swapped[b], swapped[a]
            return swapped


def grown(rng: np.random.Generator, port: Port, values: Sequence[Any], length: int) -> Any:
    """A list of shown ones in a row, cut to a length; for a picture, a larger drawn one."""
    items: list[int] = []
    for _ in range(length + 1):
        if len(items) >= length:
            break
        items += values[int(rng.integers(len(values)))]
    return items[:length] if len(items) >= length else drawn(rng, port, (length,), 0)


def small_values(port: Port) -> st.SearchStrategy[Any]:
    """Small arguments for Hypothesis."""
    one = st.integers(port.domain.low, port.domain.high)
    match len(port.axes):
        case 0:
            codes: st.SearchStrategy[Any] = one
        case 1:
            codes = st.lists(one, max_size=_SEARCHED[0])
        case _:
            codes = st.integers(1, _SEARCHED[1]).flatmap(
                lambda width: st.lists(
                    st.lists(one, min_size=width, max_size=width), min_size=1, max_size=_SEARCHED[1]
                )
            )
    return codes.map(lambda value: written(port, value)) if port.symbols else codes
