"""What an error costs: squared, absolute, Huber's mixture or logistic; and rows that count more.

The first three are told in squared units, so that a description length means the same: the square
of the mean absolute error, times what makes it the variance where errors are Gaussian, is the code
length of Laplace's distribution. Near a singular point, where a teacher is smoothed, a few errors
are large: squares let them choose the law, absolute errors do not (Huber 1981).

Answers 1 and -1 are classes, and a formula their log odds, where the loss is logistic: the mean
negative log likelihood becomes squared units by what makes half of their logarithm nats again.
The chances aimed at are those of Platt (1999), so that classes apart ask for no infinite score.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .arrays import Floats

Loss: TypeAlias = Literal["mse", "mae", "huber", "logistic"]
LOSSES: tuple[Loss, ...] = ("mse", "mae", "huber")
"""The losses of errors of any answers; the logistic one is of classes."""

_BEND = 1.345  # robust standard errors: 95 % as good as squares where errors are Gaussian
_MAD = 1.4826
_LEAST = 1e-9  # of the largest error: smaller ones count alike when rows are weighted
_HUGE = 1e150
_MOST_NATS = 300.0
_HARDLY = 0.01  # nats a row
_NEAR = 1e-6  # of a root of the deviance: its slope there is that of the limit


@dataclass(frozen=True, slots=True, eq=False)
class RowErrors:
    """A loss, and ``weights`` (rows,) with a mean of 1; None where all rows count alike.

    ``chances`` (rows,) of the answer 1 are those that a logistic loss aims at.
    """

    loss: Loss = "mse"
    weights: Floats | None = None
    chances: Floats | None = None

    @staticmethod
    def of_loss(loss: Loss, weights: Floats | None, y: Floats) -> RowErrors:
        """The loss for answers (rows,): of a logistic one they are 1 and -1."""
        if loss != "logistic":
            return RowErrors(loss, weights)
        ones = float((y > 0).sum())
        chances = np.where(y > 0, (ones + 1) / (ones + 2), 1 / (len(y) - ones + 2))
        return RowErrors(loss, weights, chances)

    @property
    def is_plain(self) -> bool:
        """Whether it is the mean of squares."""
        return self.loss == "mse" and self.weights is None

    def taken(self, rows: NDArray[np.int64]) -> RowErrors:
        """The same for some of the rows."""
        weights, chances = (
            None if one is None else one[rows] for one in (self.weights, self.chances)
        )
        return RowErrors(self.loss, weights, chances)

    def constant(self, y: Floats) -> float:
        """The number that tells answers (rows,): their mean, or the log odds of their chances."""
        if self.chances is None:
            return float(np.mean(y))
        chance = float(np.average(self.chances, weights=self.weights))
        return float(np.log(chance / (1 - chance)))

    def spread(self, y: Floats) -> float:
        """What answers (rows,) cost that a number tells: the mean, or else the median."""
        if self.is_plain:
            return float(np.var(y))
        if self.chances is not None:
            return self.of(self.constant(y) - y)
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
                costs = size * size
            case "mae":
                costs = size
            case "huber":
                bend = self._bend(size)
                costs = np.where(size <= bend, size**2, 2 * bend * size - bend**2)
            case "logistic":
                costs = self._nats(error)
        return np.asarray(costs if self.weights is None else costs * self.weights)

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
            case "logistic":
                return float(np.exp(2 * min(self._mean(self._nats(error)), _MOST_NATS)))

    def deviance(self, score: Floats) -> tuple[Floats, Floats]:
        """Roots whose squares are the logistic loss of scores (rows,), and their slopes (rows,).

        It is twice what the scores cost above the log odds aimed at.
        """
        assert self.chances is not None
        best = np.log(self.chances / (1 - self.chances))
        over = np.maximum(_nats(score, self.chances) - _nats(best, self.chances), 0.0)
        root = np.sign(score - best) * np.sqrt(2 * over)
        chance = np.exp(-np.logaddexp(0.0, -score))
        near = np.abs(root) < _NEAR
        slope = (chance - self.chances) / np.where(near, 1.0, root)
        slope = np.where(near, np.sqrt(self.chances * (1 - self.chances)), slope)
        roots = 1.0 if self.weights is None else np.sqrt(self.weights)
        return np.asarray(root * roots), np.asarray(slope * roots)

    @property
    def least(self) -> float:
        """A loss that hardly any score of classes falls below; 0 of other answers."""
        if self.chances is None:
            return 0.0
        best = np.log(self.chances / (1 - self.chances))
        return float(np.exp(2 * (self._mean(_nats(best, self.chances)) + _HARDLY)))

    def _nats(self, error: Floats) -> Floats:
        """What each of the errors (rows,) costs by the logistic loss."""
        assert self.chances is not None
        return _nats(error + np.where(self.chances > 0.5, 1.0, -1.0), self.chances)

    def pull(self, error: Floats) -> Floats:
        """Weights (rows,) with which least squares lowers the loss next."""
        size = np.abs(error)
        least = _LEAST * float(size.max(initial=0.0)) or 1.0
        match self.loss:
            case "mse":
                pull = np.ones(len(size))
            case "logistic":
                raise TypeError("a logistic loss is lowered by its deviance")
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


def nats(loss: float) -> float:
    """A logistic loss as the mean negative log likelihood that it is made of."""
    return max(0.0, float(np.log(loss) / 2)) if loss > 0 else 0.0


def _nats(score: Floats, chances: Floats) -> Floats:
    """The negative log likelihood of log odds where the second class has these chances, (rows,)."""
    return np.asarray(np.logaddexp(0.0, score) - chances * score)


PLAIN = RowErrors()
