"""Networks of threshold units whose weights are shared along the orbits of the grid's axes.

A network of unit groups has no fixed size: each unit stands at every position of the output, and
its weights belong to *taps*, which say where it reads relative to that position. The network is
plain data with a NumPy forward pass; training it lives elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...ir.expr import Const, Expr, Sum, Var, call
from ...ir.program import Let, Map, Statement
from ...ir.types import Port
from ...units.groups import FloatArray, IntArray, UnitGroup, whole
from ...units.readings import Tap, read_taps
from ...units.site import LiftScope, Site


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

    @property
    def site(self) -> Site:
        return Site(self.inputs, tuple(range(len(self.inputs[0].axes))))

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

    def statement(self, scope: LiftScope) -> Statement:
        """The same rule at each position: a name for each unit, and the state it comes to.

        Taps that share a weight become one sum over their offsets.
        """
        body: list[Let] = []
        *hidden, last = self.groups
        parts = [self._regions(weights, scope) for weights in self.groups[0].weights]
        for layer, (group, after) in enumerate(zip(hidden, self.groups[1:], strict=True)):
            units = [
                Let(scope.fresh(f"unit_{layer}_{k}"), call("int", call("ge", total, Const(0))))
                for k, total in enumerate(group.sums(parts))
            ]
            body += units
            named = [Var(unit.name) for unit in units]
            parts = [list(zip(map(whole, row), named, strict=True)) for row in after.weights]
        lets, value = last.choice(last.sums(parts), self.states, scope.fresh)
        index = tuple(scope.index(axis) for axis in self.site.axes)
        return Map(scope.output, self.inputs[0].name, index, (*body, *lets), value)

    def _regions(self, weights: FloatArray, scope: LiftScope) -> list[tuple[int, Expr]]:
        alike: dict[tuple[int, Tap], list[Tap]] = {}
        terms: list[tuple[int, Expr]] = []
        weighed = zip(map(whole, weights), self.taps, strict=True)
        for w, tap in (part for pair in weighed for part in self._counted_inside(*pair)):
            if w and self.site.port(tap.port).is_fixed:
                terms.append((w, tap.expression(scope)))
            elif w:
                alike.setdefault((w, replace(tap, offset=())), []).append(tap)
        return terms + [(w, _region(taps, scope)) for (w, _), taps in alike.items()]

    def _counted_inside(self, weight: int, tap: Tap) -> Iterator[tuple[int, Tap]]:
        """The same sum without indicators of 0 on bounded grids.

        Outside a border a read gives 0, yet such an indicator is 0 there as well: it is being
        inside less the indicators of all other values.
        """
        port = self.site.port(tap.port)
        bounded = not port.is_fixed and not all(axis.wrap for axis in port.axes)
        if bounded and tap.reads == ("indicator", 0):
            yield weight, replace(tap, reading="inside", value=0)
            yield from ((-weight, replace(tap, value=k)) for k in port.domain.values if k)
        else:
            yield weight, tap

    def refusal(self) -> str:
        """Why such a network has no meaning; empty where it has one."""
        if refusal := next(filter(None, (tap.refusal(self.site) for tap in self.taps)), ""):
            return refusal
        width = len(self.taps)
        for k, group in enumerate(self.groups):
            if group.weights.shape[1] != width:
                return f"unit group {k} does not fit what it reads"
            width = len(group.bias)
        if not self.groups:
            return "it has no unit group"
        if any(group.activation == "argmax" for group in self.groups[:-1]):
            return "only the last unit group may choose the largest of its sums"
        largest = self.groups[-1].activation == "argmax"
        if width != 1 and not largest:
            return "its last unit group does not have one output"
        enough = len(self.states) >= (width if largest else 2)
        return "" if enough else "it has fewer states than outputs"


def _region(taps: Sequence[Tap], scope: LiftScope) -> Expr:
    """The sum of taps that differ in their offset only."""
    if len(taps) == 1:
        return taps[0].expression(scope)
    names = tuple(scope.fresh(f"d{scope.index(axis)}") for axis in scope.site.axes)
    place = tuple(call("add", i, Var(d)) for i, d in zip(scope.own, names, strict=True))
    return Sum(names, tuple(sorted(tap.offset for tap in taps)), taps[0].at(taps[0].port, place))
