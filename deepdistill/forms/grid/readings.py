"""The neighbourhoods that occur in grids, those that borders cut among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import product
from math import log2, prod

import numpy as np
from numpy.typing import NDArray

from ...data.problem import Examples
from ...ir.code_length import integer_bits
from ...ir.types import Port
from ...units.site import moved
from ...verify.noise import BEYOND
from ...verify.readings import Readings

IntArray = NDArray[np.int64]
Offset = tuple[int, ...]

_MOST = 2**53  # patterns that are told as a number


def grid_readings(
    ports: Sequence[Port],
    offsets: Mapping[str, Sequence[Offset]],
    examples: Sequence[Examples],
    what: str,
) -> Readings | None:
    """How many patterns of these offsets there are, and how many occur; None where that is endless.

    A fixed port is read whole. Beyond a border stands a value of its own.
    """
    possible = _possible(ports, offsets)
    if possible > _MOST:
        return None
    counts: Counter[Hashable] = Counter()
    for group in examples:
        rows = reading_rows(ports, offsets, group)
        if not rows.shape[1]:
            counts[b""] += len(rows)
            continue
        patterns, often = np.unique(rows, axis=0, return_counts=True)
        for row, count in zip(patterns, often.tolist(), strict=True):
            counts[row.tobytes()] += count
    return Readings.of(what, counts, possible)


def table_bits(
    ports: Sequence[Port],
    offsets: Mapping[str, Sequence[Offset]],
    box: Sequence[tuple[int, int]],
    answers: int,
) -> float:
    """What a local rule costs as a table: where it reads, and one of its answers a pattern."""
    grids = sum(not port.is_fixed for port in ports)
    ends = sum(integer_bits(low) + integer_bits(high) for low, high in box)
    cells = prod(high - low + 1 for low, high in box)  # one bit says whether it is read
    return ends + grids * cells + _possible(ports, offsets) * log2(answers)


def reading_rows(
    ports: Sequence[Port], offsets: Mapping[str, Sequence[Offset]], group: Examples
) -> IntArray:
    """What is read at every cell of every sample, (cells, readings)."""
    columns = []
    shape = group.output.shape
    for port, array in zip(ports, group.inputs, strict=True):
        if port.is_fixed:
            values = array.reshape(len(group), -1)
            spread = (len(values), *(1,) * (len(shape) - 1))
            columns += [np.broadcast_to(column.reshape(spread), shape) for column in values.T]
        else:
            wraps = [axis.wrap for axis in port.axes]
            columns += [
                moved(array, offset, wraps, BEYOND) for offset in offsets.get(port.name, ())
            ]
    if not columns:
        return np.zeros((int(np.prod(shape)), 0), dtype=np.int64)
    return np.stack([column.ravel() for column in columns], axis=1)


def _possible(ports: Sequence[Port], offsets: Mapping[str, Sequence[Offset]]) -> int:
    """How many patterns there can be in grids that are large enough for all of them."""
    fixed = prod(
        len(port.domain) ** prod(axis.size or 1 for axis in port.axes)
        for port in ports
        if port.is_fixed
    )
    grids = [port for port in ports if not port.is_fixed]
    everywhere = [offset for port in grids for offset in offsets.get(port.name, ())]
    borders = []
    for d, axis in enumerate(grids[0].axes):
        steps = [offset[d] for offset in everywhere]
        low, high = min([0, *steps]), max([0, *steps])
        # so many cells lie before and behind, at most as many as are read
        ends = ((low, high),) if axis.wrap else product(range(low, 1), range(high + 1))
        borders.append([*ends])
    total = 0
    seen = set()
    for box in product(*borders):
        inside = frozenset(
            (port.name, offset)
            for port in grids
            for offset in offsets.get(port.name, ())
            if all(low <= k <= high for k, (low, high) in zip(offset, box, strict=True))
        )
        if inside in seen:
            continue
        seen.add(inside)
        total += prod(len(port.domain) for port in grids for name, _ in inside if name == port.name)
        if total > _MOST:
            break
    return int(fixed * total)
