"""What an error costs: squared, absolute, or Huber's mixture of both; and rows that count more.

All three are told in squared units, so that a description length means the same: the square of the
mean absolute error, times what makes it the variance where errors are Gaussian, is the code length
of Laplace's distribution. Near a singular point, where a teacher is smoothed, a few errors are
large: squares let them choose the law, absolute errors do not (Huber 1981).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .arrays import Floats

Loss: TypeAlias = Literal["mse", "mae", "huber"]
LOSSES: tuple[Loss, ...] = ("mse", "mae", "huber")

_BEND = 1.345  # robust standard errors: 95 % as good as squares where errors are Gaussian
_MAD = 1.4826
_LEAST = 1e-9  # of the largest error: smaller ones count alike when rows are weighted
_HUGE = 1e150


@dataclass(frozen=True, slots=True, eq=False)
class RowErrors:
    """A loss, and ``weights`` (rows,) with a mean of 1; None where all rows count alike."""

    loss: Loss = "mse"
    weights: Floats | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is the mean of squares."""
        return self.loss == "mse" and self.weights is None

    def taken(self, rows: NDArray[np.int64]) -> RowErrors:
        """The same for some of the rows."""
        weights = None if self.weights is None else self.weights[rows]
        return RowErrors(self.loss, weights)

    def spread(self, y: Floats) -> float:
        """What answers (rows,) cost that a number tells: the mean, or else the median."""
        if self.is_plain:
            return float(np.var(y))
        weights = np.ones(len(y)) if self.weights is None else self.weights
        if self.loss == "mse":
            return self.of(y - float(np.average(y, weights=weights)))
        order = np.argsort(y, kind="stable")
        half = np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)
        return self.of(y - y[order[min(int(half), len(y) - 1)]])

    def each(self, error: Floats) -> Floats:
        """What each of the errors (rows,) costs, to compare two formulas row by row."""
        size = np.abs(error)
        match self.loss:
            case "mse":
                found = size * size
            case "mae":
                found = size
            case "huber":
                bend = self._bend(size)
                found = np.where(size <= bend, size**2, 2 * bend * size - bend**2)
        return np.asarray(found if self.weights is None else found * self.weights)

    def of(self, error: Floats) -> float:
        """What errors (rows,) cost, in squared units; infinite where one is not finite."""
        size = np.abs(error)
        if not size.max(initial=0.0) < _HUGE:
            return float("inf")
        match self.loss:
            case "mse":
                return self._mean(size * size)
            case "mae":
                return pi / 2 * self._mean(size) ** 2
            case "huber":
                bend = self._bend(size)
                return self._mean(np.where(size <= bend, size**2, 2 * bend * size - bend**2))

    def pull(self, error: Floats) -> Floats:
        """Weights (rows,) with which least squares lowers the loss next."""
        size = np.abs(error)
        least = _LEAST * float(size.max(initial=0.0)) or 1.0
        match self.loss:
            case "mse":
                pull = np.ones(len(size))
            case "mae":
                pull = 1 / np.maximum(size, least)
            case "huber":
                pull = 1 / np.maximum(size, max(self._bend(size), least))
        pull = pull if self.weights is None else pull * self.weights
        return np.asarray(pull / pull.mean())

    def _mean(self, cost: Floats) -> float:
        return float(np.mean(cost if self.weights is None else cost * self.weights))

    def _bend(self, size: Floats) -> float:
        return _BEND * _MAD * float(np.median(size))


PLAIN = RowErrors()
