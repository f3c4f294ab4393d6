"""What every engine of symbolic regression takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ir.expr import Expr

Floats: TypeAlias = NDArray[np.float64]

OPERATORS = ("add", "sub", "mul", "div", "sqrt", "square", "exp", "log", "sin", "cos", "abs")
"""The operators of a search, unless told otherwise; ``tanh``, ``tan`` and ``max`` are known too."""

KNOWN_OPERATORS = (*OPERATORS, "tan", "tanh", "max", "min")


@dataclass(frozen=True, slots=True)
class Fit:
    """A formula, its mean squared error on the data it was fitted to, its size and its origin."""

    expr: Expr
    loss: float
    complexity: int
    backend: str


class Backend(Protocol):
    """An engine: it proposes formulas; polishing and choosing are not its business."""

    @property
    def name(self) -> str:
        """The name a user chooses it by."""

    def fit(
        self,
        x: Floats,
        y: Floats,
        names: Sequence[str],
        operators: Sequence[str],
        budget: float,
        seed: int,
    ) -> list[Fit]:
        """A Pareto front of loss against complexity, simplest first.

        ``x`` is (rows, columns), ``y`` is (rows,); the formulas speak of ``names``. ``budget`` is
        an amount of work, not of time: 1 is a usual search. The same seed gives the same front.
        """


def pareto(fits: Sequence[Fit]) -> list[Fit]:
    """Those that no other one beats in loss without being larger, simplest first."""
    best = float("inf")
    front = []
    for fit in sorted(fits, key=lambda fit: (fit.complexity, fit.loss)):
        if fit.loss < best:
            best = fit.loss
            front.append(fit)
    return front
