"""Networks over the items of one input: the same units at every number, cell, row or column.

Each item is described by *features*, integers that are sums over orbits of the input's positions:
the item's own number, a neighbour, the mirror image, the sum of a row, or how many other items are
smaller, equal or larger (one unit for each pair (i, j) of items, added up over j). Threshold units
of the features fire at some items, and a head makes the answer of them: how many fire, whether any
does, which one is first, or a number for each item. Nothing here depends on the number of items, so
that a network found at 5 items runs at 5,000.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ir.program import Statement
from ..ir.types import Port
from .gates import AffineUnit, Gate
from .heads import Head, ItemUnits, Pick
from .item_readings import ItemReading
from .site import LiftScope, Seen, Site


@dataclass(frozen=True, slots=True, eq=False)
class ItemNetwork:
    """Units over the items of ``inputs[0]`` and a head.

    The items are the positions along ``axes`` of the input: ``(0, 1)`` the cells of a picture,
    ``(0,)`` its rows, ``(1,)`` its columns, ``()`` the input as a whole. ``units`` are either
    threshold units, of which any may fire, or one linear unit (for ``Each`` and ``Added``).
    """

    inputs: tuple[Port, ...]
    output: Port
    axes: tuple[int, ...]
    features: tuple[ItemReading, ...]
    units: tuple[Gate | AffineUnit, ...]
    head: Head

    @property
    def site(self) -> Site:
        """Where the units stand; there are turns where the output is a sequence of picks."""
        return Site(self.inputs, self.axes, isinstance(self.head, Pick) and bool(self.output.axes))

    @property
    def layer(self) -> ItemUnits:
        return ItemUnits(self.features, self.units)

    @property
    def weight_count(self) -> int:
        """How many weights are not zero."""
        return sum(sum(w != 0 for w in unit.weights) for unit in self.layer.sums)

    def run(self, inputs: Any) -> Any:
        """The answer for ``{port name: array}``: a NumPy array, of no axes where it is a number."""
        seen = Seen(self.site, (np.asarray(inputs[self.inputs[0].name], dtype=np.int64),))
        return self.head.values(self.layer.values(seen), seen)

    def statement(self, scope: LiftScope) -> Statement:
        """The statement that makes the output."""
        return self.head.statement(self.layer, scope)

    def refusal(self) -> str:
        """Why such a network has no meaning; empty where it has one."""
        if any(axis.wrap for axis in self.inputs[0].axes):
            return "the items of an input that wraps around are not supported"
        refusal = self.head.refusal(self.site, self.layer, len(self.output.axes))
        return refusal or self.layer.refusal(self.site)
