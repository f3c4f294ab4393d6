"""Dense networks without declared structure: imported from elsewhere or built by a trainer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...ir.types import Integers
from ...units.groups import FloatArray

BITS = Integers(0, 1)
DenseActivation = Literal["sign", "step", "argmax", "softmax", "linear"]


@dataclass(frozen=True, slots=True, eq=False)
class DenseLayer:
    """``weights`` (units × inputs), ``bias`` (units) and what is done with the sums.

    ``sign`` is −1, 0 or 1 with sign(0) = 0; ``step`` is 1 where the sum is at least 0, else 0;
    ``argmax`` is the index of the largest sum, the first one on a tie.
    """

    weights: FloatArray
    bias: FloatArray
    activation: DenseActivation

    def run(self, x: FloatArray) -> FloatArray:
        """Outputs for a batch: (samples, units), or (samples,) class indices for ``argmax``."""
        total: FloatArray = x @ self.weights.T + self.bias
        match self.activation:
            case "sign":
                signs: FloatArray = np.sign(total)
                return signs
            case "step":
                fired: FloatArray = np.where(total >= 0, 1.0, 0.0)
                return fired
            case "argmax":
                first: FloatArray = np.argmax(total, axis=1).astype(np.float64)
                return first
            case "softmax":
                raised = np.exp(total - total.max(axis=1, keepdims=True))
                shares: FloatArray = raised / raised.sum(axis=1, keepdims=True)
                return shares
            case "linear":
                return total


@dataclass(frozen=True, slots=True, eq=False)
class DenseNetwork:
    """Layers applied one after another to arrays of one ``shape``, flattened by rows.

    ``domain`` says which values the arrays may hold; ``second`` is the same network for arrays of
    another shape, where it is known.
    """

    shape: tuple[int, ...]
    layers: tuple[DenseLayer, ...]
    domain: Integers = BITS
    second: DenseNetwork | None = None

    @property
    def at_all_sizes(self) -> tuple[DenseNetwork, ...]:
        """This network, and that of the other shape."""
        return (self,) if self.second is None else (self, self.second)

    def run(self, x: FloatArray) -> FloatArray:
        """Outputs for a batch of arrays: (samples, *shape) → what the last layer gives."""
        values: FloatArray = np.asarray(x, dtype=np.float64).reshape(len(x), -1)
        for layer in self.layers:
            values = layer.run(values)
        return values
