"""What a rounding of a dense network's weights changes: decisions of its units, and answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .network import DenseNetwork
from .samples import samples

Numbers: TypeAlias = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions of hidden units and answers: how many a rounding of the weights changed."""

    decisions: int
    ties: int
    others: int
    answers: int
    inputs: int

    def plus(self, other: Decisions) -> Decisions:
        """Those of two layers; the answers are those of the whole network."""
        return Decisions(
            self.decisions + other.decisions,
            self.ties + other.ties,
            self.others + other.others,
            self.answers,
            self.inputs,
        )

    def sentence(self, tolerance: float) -> str:
        text = f"weights rounded by at most {tolerance:.1e} of their size"
        if self.ties or self.others or self.answers:
            text += (
                f", which settles {self.ties:,} ties and {self.others:,} near ties among "
                f"{self.decisions:,} decisions of units and changes the answer on "
                f"{self.answers:,} of {self.inputs:,} inputs"
            )
        return text


def rounded_decisions(
    given: DenseNetwork, rounded: DenseNetwork, seed: int, count: int = 400
) -> list[Decisions]:
    """For each layer what its rounding changes where both networks read the same inputs."""
    x = samples(rounded, count, seed).astype(np.float64).reshape(count, -1)
    answers = int((_answers(given, x) != _answers(rounded, x)).sum())
    result = []
    for before, after in zip(given.layers, rounded.layers, strict=True):
        total = x @ after.weights.T + after.bias
        if after.activation in ("sign", "step"):
            differ = before.run(x) != after.run(x)
            ties = int((differ & (total == 0)).sum())
            result.append(Decisions(differ.size, ties, int(differ.sum()) - ties, answers, count))
        else:
            result.append(Decisions(0, 0, 0, answers, count))
        x = after.run(x).reshape(count, -1)
    return result


def _answers(network: DenseNetwork, x: Numbers) -> Numbers:
    """A class for each input, or whether each number is positive."""
    values = network.run(x.reshape(len(x), *network.shape))
    if network.layers[-1].activation == "argmax":
        return values
    return np.argmax(values, axis=1) if values.shape[1] > 1 else np.sign(np.round(values[:, 0], 6))
