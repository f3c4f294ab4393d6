"""Groups of threshold units: a table of weights and a bias for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..ir.expr import Const, Expr, If, Var, call
from ..ir.linear import weighted_sum
from ..ir.program import Let

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Activation = Literal["step", "argmax"]


@dataclass(frozen=True, slots=True, eq=False)
class UnitGroup:
    """Units of one layer: ``weights`` (units × taps of the layer before) and ``bias`` (units).

    A ``step`` unit is 1 where its weighted sum plus bias is at least 0, else 0 (a tie fires).
    An ``argmax`` group has one value: the index of its largest sum, the first one on a tie.
    """

    weights: FloatArray
    bias: FloatArray
    activation: Activation

    def fire(self, x: FloatArray) -> FloatArray:
        """Outputs for rows of inputs: (rows, units), or (rows, 1) for ``argmax``."""
        total = x @ self.weights.T + self.bias
        if self.activation == "argmax":
            first: FloatArray = np.argmax(total, axis=1)[:, None].astype(np.float64)
            return first
        fired: FloatArray = (total >= 0).astype(np.float64)
        return fired

    def sums(self, parts: Sequence[Iterable[tuple[int, Expr]]]) -> list[Expr]:
        """What the units compare, given the weighted terms of each.

        Raises ``ValueError`` for a bias that is no integer.
        """
        return [weighted_sum(own, whole(b)) for own, b in zip(parts, self.bias, strict=True)]

    def choice(
        self, sums: Sequence[Expr], states: tuple[int, ...], fresh: Callable[[str], str]
    ) -> tuple[list[Let], Expr]:
        """Which of the ``states`` the outputs stand for; the sums are bound to names first."""
        if len(states) == 1:
            return [], Const(states[0])
        if self.activation == "step":
            score = Let(fresh("score"), sums[0])
            fires = call("ge", Var(score.name), Const(0))
            return [score], If(fires, Const(states[1]), Const(states[0]))
        lets = [Let(fresh(f"score_{k}"), total) for k, total in enumerate(sums)]
        states = states[: len(sums)]
        value: Expr = Const(states[-1])
        for k in reversed(range(len(states) - 1)):
            # the first of the largest sums wins: no later one may be larger
            later = [call("ge", Var(lets[k].name), Var(one.name)) for one in lets[k + 1 :]]
            wins = later[0] if len(later) == 1 else call("and", *later)
            value = If(wins, Const(states[k]), value)
        return lets, value


def whole(number: float) -> int:
    """The number as an integer; ``ValueError`` where it is none."""
    integer = int(np.round(number))
    if integer != number:
        raise ValueError(f"the weight {number} is not an integer: snap the network first")
    return integer
