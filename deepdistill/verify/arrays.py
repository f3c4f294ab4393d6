"""Arrays from the domains of ports: all there are, small ones for Hypothesis, and ties on purpose.

Small arrays are drawn cell by cell, so that a counterexample shrinks: to the smallest size first,
then to the simplest values. Large ones come from a seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import prod

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from ..ir.types import Integers, Port

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]
Case = dict[str, IntArray]

_CELL_BY_CELL = 400
_FEW = 3  # different values where ties are wanted


def fixed_count(ports: Sequence[Port]) -> int:
    """How many different values the fixed ports have together."""
    values = [len(port.domain) ** prod(_sizes(port)) for port in ports if port.is_fixed]
    return prod(map(int, values))


def fixed_values(ports: Sequence[Port]) -> Iterator[Case]:
    """Every assignment of values to the fixed ports."""
    fixed = [port for port in ports if port.is_fixed]
    yield from _assignments(fixed, [_sizes(port) for port in fixed])


def _sizes(port: Port) -> Shape:
    """The shape of a fixed port."""
    return tuple(axis.size or 1 for axis in port.axes)


def _assignments(ports: Sequence[Port], shapes: Sequence[Shape]) -> Iterator[Case]:
    """Every assignment of values to arrays of the given shapes."""
    cells: list[range] = []
    cuts = [0]
    for port, shape in zip(ports, shapes, strict=True):
        cells += [port.domain.values] * prod(shape)
        cuts.append(len(cells))
    for values in product(*cells):
        flat = np.array(values, dtype=np.int64)
        yield {
            port.name: flat[cuts[k] : cuts[k + 1]].reshape(shapes[k])
            for k, port in enumerate(ports)
        }


def input_count(ports: Sequence[Port], shape: Shape) -> int:
    """How many different inputs there are at one size."""
    cells = prod(shape)
    if cells > 64:  # far beyond every limit; the exact power would be a needlessly long number
        return 2**64
    grids = [port for port in ports if not port.is_fixed]
    return fixed_count(ports) * prod(int(len(port.domain) ** cells) for port in grids)


def all_inputs(ports: Sequence[Port], shape: Shape) -> Iterator[Case]:
    """Every input whose ports that are not fixed have the given shape."""
    return _assignments(ports, [_sizes(port) if port.is_fixed else shape for port in ports])


def shapes(port: Port, smallest: int = 1, largest: int = 6) -> st.SearchStrategy[Shape]:
    """Shapes of one port: every axis that has no constant size between the two bounds."""
    return st.tuples(
        *(
            st.just(axis.size) if axis.size is not None else st.integers(smallest, largest)
            for axis in port.axes
        )
    )


def arrays(domain: Integers, shape: Shape) -> st.SearchStrategy[IntArray]:
    """Integer arrays of one shape with values from a domain."""
    cells = prod(shape)
    if cells > _CELL_BY_CELL:
        return st.integers(0, 2**32 - 1).map(
            lambda seed: np.random.default_rng(seed).integers(domain.low, domain.high + 1, shape)
        )
    values = st.integers(domain.low, domain.high)
    return st.lists(values, min_size=cells, max_size=cells).map(
        lambda flat: np.array(flat, dtype=np.int64).reshape(shape)
    )


def inputs(
    ports: Sequence[Port], shape: Shape | None = None, smallest: int = 1, largest: int = 6
) -> st.SearchStrategy[Case]:
    """One array for each port, by name; all ports that are not fixed share one shape.

    The shape is the given one, or drawn with sizes from ``smallest`` to ``largest``.
    """

    def at(size: Shape) -> st.SearchStrategy[Case]:
        return st.fixed_dictionaries(
            {
                port.name: arrays(port.domain, _fixed_shape(port) if port.is_fixed else size)
                for port in ports
            }
        )

    free = [port for port in ports if not port.is_fixed]
    if shape is not None or not free:
        return at(shape or ())
    return shapes(free[0], smallest, largest).flatmap(at)


def _fixed_shape(port: Port) -> Shape:
    if any(axis.size is None for axis in port.axes):
        raise ValueError(f"the port {port.name!r} has a fixed axis without a size")
    return tuple(axis.size or 0 for axis in port.axes)


def small_inputs(ports: Sequence[Port], largest: int) -> st.SearchStrategy[Case]:
    """Sizes from 1 up; values from the whole domains or, as often, few near 0 and so many ties."""
    near = [replace(port, domain=_near_zero(port.domain)) for port in ports]
    return st.one_of(inputs(near, None, 1, largest), inputs(ports, None, 1, largest))


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
