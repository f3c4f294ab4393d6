"""Networks that answer with one of the numbers they read: the largest, the median, the k-th.

Such a rule goes through thresholds: the answer is at least v where enough of the numbers are, each
counted as often as its weight says, and enough is the same for all v (a weighted order statistic,
which is a stack filter: Wendt, Coyle and Gallagher 1986). So it is three groups of units: whether
each number is at least v, whether enough are, and how far up the answer goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from ..data.problem import Examples
from ..ir.types import Port
from ..units.groups import FloatArray, IntArray, UnitGroup
from .orbits import Rows, Structure, tabulate

_LARGEST = 2  # of the weights that are tried
_MOST_FORMS = 20_000
_MOST_UNITS = 512
_FEW = 64  # rows that rule out most weights


def order_statistic(
    structure: Structure, ports: Sequence[Port], examples: Sequence[Examples], states: IntArray
) -> tuple[Rows, tuple[UnitGroup, ...]] | None:
    """The rows of the structure's numbers and a network that picks one of these by its rank.

    None where the numbers have shared weights, or no small weights give all answers.
    """
    count = len(structure.orbits)
    if len(states) <= 2 or any(
        len(orbit.offsets) > 1 or orbit.reading != "number" for orbit in structure.orbits
    ):
        return None
    if (_LARGEST + 1) ** count > _MOST_FORMS or count * len(states) > _MOST_UNITS:
        return None
    rows = tabulate(ports, structure, examples)
    if rows.conflicts or not (rows.x == rows.y[:, None]).any(axis=1).all():
        return None
    some = np.random.default_rng(0).permutation(len(rows))[:_FEW]
    for weights in sorted(product(range(_LARGEST + 1), repeat=count), key=sum):
        repeated = np.array(weights, dtype=np.int64)
        if not _ranks(rows.x[some], rows.y[some], repeated).any():
            continue
        fitting = np.flatnonzero(_ranks(rows.x, rows.y, repeated))
        if len(fitting):
            return rows, _stack(repeated, int(fitting[0]) + 1, states)
    return None


def _ranks(x: FloatArray, y: IntArray, weights: IntArray) -> IntArray:
    """For each rank from the largest down whether it is the answer on all rows."""
    ordered = -np.sort(-np.repeat(x, weights, axis=1), axis=1)
    fits: IntArray = (ordered == y[:, None]).all(axis=0)
    return fits


def _stack(weights: IntArray, rank: int, states: IntArray) -> tuple[UnitGroup, ...]:
    used = np.flatnonzero(weights)
    levels = states[1:]
    reach = np.zeros((len(levels) * len(used), len(weights)))
    enough = np.zeros((len(levels), len(reach)))
    for k in range(len(levels)):
        for n, place in enumerate(used):
            reach[k * len(used) + n, place] = 1
            enough[k, k * len(used) + n] = weights[place]
    upward = np.tril(np.full((len(states), len(levels)), 2.0), -1)
    return (
        UnitGroup(reach, np.repeat(-levels.astype(np.float64), len(used)), "step"),
        UnitGroup(enough, np.full(len(levels), -float(rank)), "step"),
        UnitGroup(upward, -np.arange(len(states), dtype=np.float64), "argmax"),
    )
