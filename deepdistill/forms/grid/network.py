"""Networks of threshold units whose weights are shared along the orbits of the grid's axes.

A network of unit groups has no fixed size: each unit stands at every position of the output, and
its weights belong to *taps*, which say where it reads relative to that position. The network is
plain data with a NumPy forward pass; training it lives elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...ir.types import Port
from ...units.groups import FloatArray, IntArray, Tap, UnitGroup, read_taps


@dataclass(frozen=True, slots=True, eq=False)
class GridNetwork:
    """Unit groups applied one after another at every position of the first input port.

    The first group reads the ``taps``; each further group reads the units before it. The last
    group has one output, an index into ``states``, the values of the output port.
    """

    inputs: tuple[Port, ...]
    output: Port
    taps: tuple[Tap, ...]
    groups: tuple[UnitGroup, ...]
    states: tuple[int, ...]

    @property
    def radius(self) -> int:
        """How far from its own position a unit reads."""
        fixed = {port.name for port in self.inputs if port.is_fixed}
        reach = [max(map(abs, tap.offset)) for tap in self.taps if tap.port not in fixed]
        return max(reach, default=0)

    @property
    def weight_count(self) -> int:
        """How many weights are not zero."""
        return int(sum(np.count_nonzero(group.weights) for group in self.groups))

    def fire(self, rows: FloatArray) -> IntArray:
        """The output values for rows of tap readings (rows × taps)."""
        x = rows
        for group in self.groups:
            x = group.fire(x)
        states: IntArray = np.asarray(self.states, dtype=np.int64)[x[:, 0].astype(np.int64)]
        return states

    def run(self, inputs: Mapping[str, IntArray]) -> IntArray:
        """The output array for one array per input port, at any size."""
        arrays = [np.asarray(inputs[port.name]) for port in self.inputs]
        shape = arrays[0].shape
        rows = read_taps(self.inputs, self.taps, [array[None] for array in arrays])
        return self.fire(rows).reshape(shape)
