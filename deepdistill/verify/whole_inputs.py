"""Inputs for judging answers about whole inputs: small ones, large ones, and ties on purpose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import prod

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from ..ir.types import Integers, Port
from .equivalence import Inputs
from .strategies import inputs as port_inputs
from .windows import all_inputs, input_count

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]
Case = dict[str, IntArray]

_FEW = 3  # different values where ties are wanted
_MOST_SMALL = 1500
_LONGEST = 12
_MOST_ORDERS = 5  # numbers whose orders are all tried


def small_inputs(ports: Sequence[Port], largest: int) -> st.SearchStrategy[Case]:
    """Sizes from 1 up; values from the whole domains or, as often, few near 0 and so many ties."""
    return st.one_of(
        port_inputs(
            [replace(port, domain=_near_zero(port.domain)) for port in ports], None, 1, largest
        ),
        port_inputs(ports, None, 1, largest),
    )


def _near_zero(domain: Integers) -> Integers:
    low = min(max(0, domain.low), max(domain.low, domain.high - _FEW + 1))
    return Integers(low, min(domain.high, low + _FEW - 1))


def tied_inputs(
    rng: np.random.Generator, ports: Sequence[Port], shape: Shape, count: int
) -> Iterator[Case]:
    """Values from narrow ranges anywhere in the domains, or two values in any proportion."""
    for k in range(count):
        case = {}
        for port in ports:
            size = tuple(axis.size or 0 for axis in port.axes) if port.is_fixed else shape
            low, high = port.domain.low, port.domain.high
            spread = min(high - low, int(rng.integers(0, 2 + 2 * max(size))))
            start = int(rng.integers(low, high - spread + 1))
            values = rng.integers(start, start + spread + 1, size=size)
            if k % 2:
                chosen = rng.random(size) < rng.random()
                values = np.where(chosen, start, start + spread)
            case[port.name] = values.astype(np.int64)
        yield case


def extreme_inputs(ports: Sequence[Port], shape: Shape) -> Iterator[Case]:
    """The lowest and the highest values alone, in turn, and one of them among the others."""
    sizes = [tuple(axis.size or 0 for axis in p.axes) if p.is_fixed else shape for p in ports]
    places = [np.arange(prod(size)).reshape(size) for size in sizes]
    for number in range(6):
        case = {}
        for port, k in zip(ports, places, strict=True):
            last = k.size - 1
            high = (k < 0, k >= 0, k % 2 == 0, k == 0, k == last, k != last // 2)[number]
            case[port.name] = np.where(high, port.domain.high, port.domain.low).astype(np.int64)
        yield case


def shifted(rng: np.random.Generator, ports: Sequence[Port], case: Inputs) -> Case:
    """The same arrays turned around along each free axis, so that what lies inside meets a border.

    A loop that runs one place too far shows itself only there.
    """
    free = next((case[port.name].shape for port in ports if not port.is_fixed), ())
    steps = [int(rng.integers(n)) for n in free]
    return {
        port.name: np.asarray(case[port.name])
        if port.is_fixed
        else np.roll(case[port.name], steps, axis=tuple(range(len(steps))))
        for port in ports
    }


def every_small(ports: Sequence[Port]) -> Iterator[Case]:
    """All inputs of the smallest sizes, sides of unequal length among them, as long as few."""
    free = next((port for port in ports if not port.is_fixed), None)
    if free is None or any(axis.size for axis in free.axes):
        return
    left = _MOST_SMALL
    for shape in sorted(product(range(1, _LONGEST + 1), repeat=len(free.axes)), key=_by_cells):
        count = input_count(ports, shape)
        if count > left:
            return
        left -= count
        yield from all_inputs(ports, shape)


def _by_cells(shape: Shape) -> tuple[int, Shape]:
    return prod(shape), shape


def every_order(ports: Sequence[Port]) -> Iterator[Case]:
    """Every order of one number, two, ... of a single list, equal ones included."""
    if len(ports) != 1 or len(ports[0].axes) != 1 or ports[0].is_fixed:
        return
    (port,) = ports
    for n in range(1, _MOST_ORDERS + 1):
        if len(port.domain) < n:
            return
        low = min(max(0, port.domain.low), port.domain.high - n + 1)
        for places in product(range(n), repeat=n):
            if len(set(places)) == max(places) + 1:
                yield {port.name: np.array(places, dtype=np.int64) + low}
