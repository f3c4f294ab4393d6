"""Oracles that are declared to be local rules: equality with the network on every joint pattern.

A network is one local rule by construction, and a problem may say that its oracle is one too, with
how far it looks. Two local rules are equal at all sizes as soon as they agree on every pattern of
the cells that either reads, and those can be shown side by side on a few grids (wrapping axes) or
as all grids up to the size of the window (borders; see :func:`settling_shapes`). Taken for
granted: that the oracle looks no further than it says, and at nothing but the cells' values.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from ...data.problem import Problem
from ...units.groups import IntArray
from ...verify.arrays import all_inputs, input_count
from ...verify.proof.session import Proof
from .network import GridNetwork
from .patterns import (
    GRID_LIMIT,
    Field,
    Shape,
    few_patterns,
    network_field,
    pattern_count,
    pattern_grids,
    settling_shapes,
)

_CELLS = 2**14
"""How many cells a grid of patterns may have, unless one pattern has more."""

Inputs = dict[str, IntArray]


def prove_oracle(problem: Problem, network: GridNetwork) -> Proof | None:
    """Network ≡ oracle on grids of all sizes; None where the oracle declares no radius."""
    if problem.oracle is None or problem.oracle_radius is None:
        return None
    radius = problem.oracle_radius
    grids = [port for port in problem.inputs if not port.is_fixed]
    around = product(range(-radius, radius + 1), repeat=len(grids[0].axes))
    reads = frozenset(product((port.name for port in grids), around))
    joint = network_field(network) | Field(reads)
    described = f"of the network's cells and the oracle's, whose radius {radius} is declared"
    cases, count, what = _cases(problem, joint)
    argument = f"equal to the network, and that on all {count:,} {what} {described}"
    if cases is None:
        return Proof("unknown", argument, reason=f"there are {count:,} {what} {described}")
    for case in cases:
        expected = np.asarray(problem.oracle(*(case[port.name] for port in problem.inputs)))
        wrong = np.argwhere(network.run(case) != expected)
        if len(wrong):
            seen = _seen(problem, joint, case, tuple(wrong[0].tolist()))
            return Proof("refuted", argument, counterexample=seen)
    return Proof("proved", argument)


def _cases(problem: Problem, field: Field) -> tuple[Iterator[Inputs] | None, int, str]:
    """Grids that show every pattern of a field, if they are few; how many of what there are."""
    ports = problem.inputs
    axes = next(port.axes for port in ports if not port.is_fixed)
    if all(axis.wrap for axis in axes):
        count = pattern_count(ports, field)
        spans = field.spans(len(axes))
        times = max(1, int((_CELLS / np.prod(spans)) ** (1 / len(axes))))
        shape: Shape = tuple(times * span for span in spans)
        few = few_patterns(ports, field)
        return pattern_grids(ports, field, shape, [0]) if few else None, count, "patterns"
    shapes = settling_shapes(ports, field)
    count = sum(input_count(ports, shape) for shape in shapes)
    cases = (case for shape in shapes for case in all_inputs(ports, shape))
    return cases if count <= GRID_LIMIT else None, count, "grids up to the size of the window"


def _seen(problem: Problem, field: Field, case: Inputs, at: tuple[int, ...]) -> dict[str, int]:
    """What can be read from one position; what lies outside is left out."""
    seen = {}
    for port in problem.inputs:
        array: Any = case[port.name]
        places = np.ndindex(array.shape) if port.is_fixed else field.offsets(port.name)
        for offset in places:
            index: list[int] = list(offset)
            if not port.is_fixed:
                index = [k + o for k, o in zip(at, offset, strict=True)]
                for d, axis in enumerate(port.axes):
                    index[d] = index[d] % array.shape[d] if axis.wrap else index[d]
            if all(0 <= k < n for k, n in zip(index, array.shape, strict=True)):
                seen[f"{port.name}[{', '.join(map(str, offset))}]"] = int(array[tuple(index)])
    return seen
