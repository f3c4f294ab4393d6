"""A threshold unit over votes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepdistill.ir.types import Port


@dataclass(frozen=True, slots=True, eq=False)
class VoteNetwork:
    """The answer is 1 where the weighted sum of the votes reaches the threshold."""

    inputs: tuple[Port, ...]
    output: Port
    weights: tuple[int, ...]
    threshold: int

    def run(self, inputs: Mapping[str, Any]) -> Any:
        """The answer for one array of votes (votes,)."""
        total = int(np.dot(self.weights, inputs[self.inputs[0].name]))
        return np.asarray(int(total >= self.threshold))
