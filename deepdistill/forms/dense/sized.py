"""The same dense construction at several sizes: a network for each size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...ir.types import Port
from ...units.groups import IntArray
from .network import DenseNetwork


@dataclass(frozen=True, slots=True, eq=False)
class SizedNetwork:
    """Networks of different shapes whose last layer chooses one of ``states``.

    It has one input port; the size of an array says which network answers.
    """

    inputs: tuple[Port, ...]
    output: Port
    states: tuple[int, ...]
    networks: tuple[DenseNetwork, ...]

    @property
    def sizes(self) -> tuple[tuple[int, ...], ...]:
        """The only sizes at which there is a network."""
        return tuple(network.shape for network in self.networks)

    @property
    def weight_count(self) -> int:
        """How many weights of the first network are not zero."""
        return sum(int(np.count_nonzero(layer.weights)) for layer in self.networks[0].layers)

    def run(self, inputs: Mapping[str, Any]) -> IntArray:
        """The answer for one array; ``KeyError`` where there is no network of its size."""
        array = np.asarray(inputs[self.inputs[0].name], dtype=np.float64)
        network = dict(zip(self.sizes, self.networks, strict=True))[array.shape]
        chosen = int(network.run(array[None])[0])
        return np.asarray(self.states[chosen], dtype=np.int64)
