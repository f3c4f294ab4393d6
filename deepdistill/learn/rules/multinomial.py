"""Multinomial logistic scores, one sum a class, whose weights are few: found greedily.

A weight belongs to a class and a feature; each step adds those that the likelihood gains most by,
beside those before, and fits all of them anew (Newton's method with a ridge).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...units.rules import Floats, Places

_ROUNDS = 3  # in which as many weights are added as are wanted next
_NEWTON = 12
_HALVINGS = 8
_LEAST_CHANCE = 1e-9
_LEAST_GAIN = 0.2  # nats
_EVEN = 1e-3  # the ridge of constants: the sums of all classes may grow alike
_LARGEST_STEP = 3.0
_NEAR, _EXACT = 0.03, 1e-5  # what a parameter still moves, of fits on the way and of the others


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Rows with features ``z`` (rows, features), places of classes ``y``, and weights (rows,)."""

    z: Floats
    y: Places
    weights: Floats
    classes: int


@dataclass(frozen=True, slots=True, eq=False)
class MultinomialFit:
    """Weights of pairs of a class and a feature.

    ``bend`` (pairs, pairs) is what a change of the weights costs where the constants follow it:
    half of ``d · bend · d`` nats. ``chances`` (rows, classes) are those of the rows.
    """

    pairs: tuple[tuple[int, int], ...]
    weights: Floats
    bend: Floats
    chances: Floats
    loss: float


def sparse_fits(rows: Weighed, ridge: float, counts: Sequence[int]) -> Iterator[MultinomialFit]:
    """The likeliest fits with so many weights, each with those before and more."""
    search = _WeightSearch(rows, ridge)
    for count in counts:
        while len(search.pairs) < count:
            # the more there are the more are added at once
            if not search.add(max(1, (count - len(search.pairs)) // _ROUNDS)):
                return
        yield search.fit()


def constants_of(sums: Floats, rows: Weighed) -> Floats:
    """The likeliest constants (classes,) beside sums (rows, classes) in nats; 0 on average."""
    hit = np.eye(rows.classes)[rows.y]
    middles = rows.weights @ sums / rows.weights.sum()
    sums, constants = sums - middles, np.zeros(rows.classes)
    for _ in range(_NEWTON):
        p = softmax(sums + constants)
        slope = rows.weights @ (hit - p) - _EVEN * constants
        own = p * rows.weights[:, None]
        bend = np.diag(own.sum(axis=0) + _EVEN) - own.T @ p
        step = np.clip(np.linalg.solve(bend, slope), -_LARGEST_STEP, _LARGEST_STEP)
        constants = constants + step
        if float(np.abs(step).max()) < 1e-6:
            break
    constants = constants - middles
    return np.asarray(np.round(constants - constants.mean(), 9))


class _WeightSearch:
    """Weights so far, with the chances that they give."""

    def __init__(self, rows: Weighed, ridge: float) -> None:
        self.rows, self.ridge = rows, ridge
        self.hit = np.eye(rows.classes)[rows.y]
        self.squares = rows.z * rows.z
        self.pairs: list[tuple[int, int]] = []
        shares = np.log((rows.weights @ self.hit + 0.5) / (rows.weights.sum() + 1))
        self.theta = shares - shares.mean()  # the constants first
        self._based()
        self.loss, self.p = self._chances(self.theta)

    def add(self, most: int) -> bool:
        """Add the pairs that gain most, of other features each; whether there was one."""
        gains = self._gains()
        for k, j in self.pairs:
            gains[k, j] = -1
        best = gains.argmax(axis=0)  # the class that gains most by each feature
        gained = gains[best, np.arange(len(best))]
        some = np.argsort(-gained, kind="stable")[:most]
        added = [(int(best[j]), int(j)) for j in some if gained[j] >= _LEAST_GAIN]
        self.pairs += added
        self.theta = np.append(self.theta, np.zeros(len(added)))
        self._based()
        self._refit(_NEAR)
        return bool(added)

    def fit(self) -> MultinomialFit:
        """The weights in order of pairs."""
        self._refit(_EXACT)
        count = self.rows.classes
        bend = self._bend() - np.diag(self.ridges)
        inner = bend[:count, :count] + _EVEN * np.eye(count)
        across = bend[:count, count:]
        own = bend[count:, count:] - across.T @ np.linalg.solve(inner, across)
        theta = np.round(self.theta, 9)  # the last digits depend on the processor
        return MultinomialFit(tuple(self.pairs), theta[count:], own, self.p, round(self.loss, 7))

    def _based(self) -> None:
        """The features of all parameters (rows, parameters), the class and the ridge of each."""
        count = self.rows.classes
        own = self.rows.z[:, [j for _, j in self.pairs]]
        self.basis: Floats = np.hstack([np.ones((len(own), count)), own])
        self.classes = np.array([*range(count), *(k for k, _ in self.pairs)])
        self.ridges = np.array([_EVEN] * count + [self.ridge] * len(self.pairs))

    def _chances(self, theta: Floats) -> tuple[float, Floats]:
        basis, classes = self.basis, self.classes
        sums = np.zeros(self.hit.shape)
        for k in range(self.rows.classes):
            own = classes == k
            sums[:, k] = basis[:, own] @ theta[own]
        p = softmax(sums)
        lost = -np.log(np.maximum(p[self.hit > 0], _LEAST_CHANCE))
        return float(self.rows.weights @ lost), p

    def _bend(self) -> Floats:
        """The second derivatives of the loss with the ridge, (parameters, parameters)."""
        basis, classes = self.basis, self.classes
        own = basis * self.p[:, classes]
        weighted = own * self.rows.weights[:, None]
        bend = np.where(classes[:, None] == classes, weighted.T @ basis, 0.0) - weighted.T @ own
        return np.asarray(bend + np.diag(self.ridges))

    def _refit(self, end: float) -> None:
        """Steps of Newton's method until no parameter moves further than the ``end``."""
        basis, classes = self.basis, self.classes
        ridges = self.ridges
        for _ in range(_NEWTON):
            away = (self.hit - self.p) * self.rows.weights[:, None]
            slope = (basis * away[:, classes]).sum(axis=0) - ridges * self.theta
            step = np.linalg.solve(self._bend() + 1e-9 * np.eye(len(ridges)), slope)
            step = np.clip(step, -_LARGEST_STEP, _LARGEST_STEP)
            before = self.loss + float(ridges @ self.theta**2) / 2
            for _ in range(_HALVINGS):
                loss, p = self._chances(self.theta + step)
                if loss + float(ridges @ (self.theta + step) ** 2) / 2 <= before + 1e-7:
                    break
                step = step / 2
            self.theta, self.loss, self.p = self.theta + step, loss, p
            if float(np.abs(step).max()) < end:
                break

    def _gains(self) -> Floats:
        """What each pair would add to the likelihood beside those taken, in nats."""
        rows, count = self.rows, self.rows.classes
        basis, classes = self.basis, self.classes
        own = basis * self.p[:, classes]
        inner = self._bend()
        away = (self.hit - self.p) * rows.weights[:, None]
        slopes = away.T @ rows.z
        gains = np.empty(slopes.shape)
        for k in range(count):
            factor = (classes == k) - self.p[:, [k]]
            across = (own * factor * rows.weights[:, None]).T @ rows.z
            alone = (rows.weights * self.p[:, k] * (1 - self.p[:, k])) @ self.squares
            # what the others tell of it already is no gain
            left = alone - (across * np.linalg.solve(inner, across)).sum(axis=0)
            gains[k] = slopes[k] ** 2 / (2 * (np.maximum(left, 0.0) + self.ridge))
        return np.asarray(np.round(gains, 6))


def softmax(sums: Floats) -> Floats:
    """Chances that grow with the exponential of sums (rows, classes)."""
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
