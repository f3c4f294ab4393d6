"""Hypothesis strategies from the domains of ports.

Small arrays are drawn cell by cell, so that a counterexample shrinks: to the smallest size first,
then to the simplest values. Large ones come from a seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ..ir.types import Integers, Port

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]

_CELL_BY_CELL = 400


def quietly(examples: int) -> settings:
    """Settings of a search for a counterexample: nothing printed, stored or timed."""
    return settings(
        max_examples=examples,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


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
) -> st.SearchStrategy[dict[str, IntArray]]:
    """One array for each port, by name; all ports that are not fixed share one shape.

    The shape is the given one, or drawn with sizes from ``smallest`` to ``largest``.
    """

    def at(size: Shape) -> st.SearchStrategy[dict[str, IntArray]]:
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
