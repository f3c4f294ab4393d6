"""Train networks over clauses on exact optima of tiny formulas, and snap them to a simple law.

The label of a literal says whether some optimal assignment takes it. Where just one polarity of a
variable does, the literal's score should be the larger one: logistic regression on the difference
of the two scores, which is linear in the curve once the hopes are known, so that the best curve is
found by Newton's method. Structures (how far apart two scores must be for a lean, and the hope that
each lean gives) are tried one by one, and so are laws for the curve.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...data.problem import Examples, Problem
from ...data.running import Run
from ...units.groups import IntArray
from .network import ClauseNetwork, Lean, hopes_left, literal_units, scores_of

FloatArray = NDArray[np.float64]

SCALE = 2**20
"""The weight of a clause whose other literals are all false."""

_RATIOS = ((1, 1), (5, 4), (3, 2), (2, 1))
_HOPES = ((1, 1, 1), (0, 1, 2), (0, 1, 3), (1, 2, 3), (1, 2, 4), (1, 2, 6))
_GEOMETRIC = ((1, 3), (2, 5), (1, 2), (3, 5), (2, 3), (3, 4), (4, 5))
_POWERS = (1, 2, 3)
_LONGEST = 24  # hopes beyond are not seen in tiny formulas
_RIDGE = 1e-4
_STEPS = 50


@dataclass(frozen=True, slots=True)
class CurveAttempt:
    """A structure, the loss of its best curve, and the loss and the name of its best law."""

    lean: Lean
    loss: float
    law: str
    law_loss: float

    def __str__(self) -> str:
        lean = self.lean
        hopes = f"{lean.leans_false}, {lean.undecided}, {lean.leans_true}"
        losses = f"loss {self.loss:.4f} of a free curve, {self.law_loss:.4f} of {self.law}"
        return f"lean {lean.over}/{lean.under}, hopes {hopes}: {losses}"


@dataclass(frozen=True, slots=True, eq=False)
class ClausesFitted:
    """The network, how often its larger score is right on the labels, and what was tried."""

    network: ClauseNetwork
    accuracy: float
    attempts: tuple[CurveAttempt, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Law:
    name: str
    cost: int  # the numbers it is written with, added up
    weight: Callable[[int], int]


_Candidate: TypeAlias = tuple[FloatArray, _Law, Lean]
"""The loss of each literal with a law and a structure."""


def _laws() -> Iterator[_Law]:
    for a, b in _GEOMETRIC:
        yield _Law(f"({a}/{b})**h", a + b, lambda h, a=a, b=b: SCALE * a**h // b**h)  # type: ignore[misc]
    for p in _POWERS:
        yield _Law(f"(1+h)**-{p}", 1 + p, lambda h, p=p: SCALE // (1 + h) ** p)  # type: ignore[misc]


def fit_clauses(problem: Problem, run: Run | None = None) -> ClausesFitted:
    """The network whose law fits best; of laws that fit equally well, the simplest.

    Equally well: the mean loss differs by no more than its standard error, taken over literals.
    """
    run = run or Run()
    training, _ = problem.examples(run.seed)
    batches = [_Batch.of(examples) for examples in training]
    attempts: list[CurveAttempt] = []
    candidates: list[_Candidate] = []
    for (over, under), hopes in product(_RATIOS, _HOPES):
        if hopes[0] == hopes[2] and over > under:
            continue  # no hope depends on the lean
        lean = Lean(over, under, *hopes)
        best = None
        for law in _laws():
            run.check()
            curve = np.array([law.weight(h) for h in range(_LONGEST)], dtype=np.int64)
            margins = _joined([batch.margins(lean, curve) for batch in batches])
            losses = _losses(margins / SCALE)
            candidates.append((losses, law, lean))
            best = min(best or (np.inf, ""), (float(losses.mean()), law.name))
        assert best is not None
        free = _free_loss(batches, lean)
        attempts.append(CurveAttempt(lean, free, best[1], best[0]))
        so_far = partial(_fitted, problem, batches, tuple(candidates), tuple(attempts))
        run.keep(so_far, f"loss {min(attempt.law_loss for attempt in attempts):.4f}")
        run.say(str(attempts[-1]))
    return so_far()


def _fitted(
    problem: Problem,
    batches: list[_Batch],
    candidates: tuple[_Candidate, ...],
    attempts: tuple[CurveAttempt, ...],
) -> ClausesFitted:
    """The network of the law that is chosen of those that were tried."""
    _, law, lean = _choose(candidates)
    network = ClauseNetwork(problem.inputs, problem.output, lean, _curve(law))
    curve = np.array(network.curve, dtype=np.int64)
    margins = _joined([batch.margins(lean, curve) for batch in batches])
    return ClausesFitted(network, float((margins > 0).mean()), attempts)


def _choose(candidates: tuple[_Candidate, ...]) -> _Candidate:
    least = min(candidates, key=lambda one: float(one[0].mean()))[0]
    close = []
    for losses, law, lean in candidates:
        excess = losses - least
        if excess.mean() <= excess.std() / np.sqrt(len(excess)):
            numbers = lean.over + lean.under + lean.undecided + lean.leans_true + law.cost
            close.append((numbers, float(losses.mean()), losses, law, lean))
    _, _, losses, law, lean = min(close, key=lambda one: one[:2])
    return losses, law, lean


def _curve(law: _Law) -> tuple[int, ...]:
    """The law's weights up to the first that is 0, or to a length no clause needs."""
    weights: list[int] = []
    while (not weights or weights[-1]) and len(weights) < 2**10:
        weights.append(law.weight(len(weights)))
    return tuple(weights)


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """Formulas of one size: which literals their clauses hold, and the polarities to prefer.

    ``one`` marks variables of which just one polarity is optimal, ``sign`` that polarity.
    """

    literals: IntArray
    one: NDArray[np.bool_]
    sign: IntArray

    @staticmethod
    def of(examples: Examples) -> _Batch:
        labels = examples.output
        sign = labels[..., 0] - labels[..., 1]
        return _Batch(literal_units(examples.inputs[0]), sign != 0, sign)

    def margins(self, lean: Lean, curve: IntArray) -> IntArray:
        """By how much the score of the right polarity is larger, where one is right."""
        scores = scores_of(self.literals, self.hope(lean, curve), curve)
        difference = scores[..., 0] - scores[..., 1]
        margins: IntArray = (difference * self.sign)[self.one]
        return margins

    def hope(self, lean: Lean, curve: IntArray) -> IntArray:
        neutral = np.full(self.literals.shape[:-1], lean.undecided, dtype=np.int64)
        return lean.hope(scores_of(self.literals, neutral, curve))

    def features(self, hope: IntArray) -> FloatArray:
        """How many more clauses of each hope the right polarity has than the other."""
        left = np.minimum(hopes_left(self.literals, hope), _LONGEST - 1)
        columns = []
        for h in range(_LONGEST):
            counts = ((left == h) * self.literals).sum(axis=-1)
            columns.append(((counts[..., 0] - counts[..., 1]) * self.sign)[self.one])
        return np.stack(columns, axis=1).astype(np.float64)


def _free_loss(batches: list[_Batch], lean: Lean) -> float:
    """The loss with a curve that obeys no law; the leans are those of one fit before."""
    halves = np.array([SCALE >> h for h in range(_LONGEST)], dtype=np.int64)
    curve = halves
    for _ in range(2):
        rows = np.concatenate([batch.features(batch.hope(lean, curve)) for batch in batches])
        weights = _newton(rows)
        top = max(float(weights[:2].max()), 1e-9)
        curve = np.rint(SCALE * np.clip(weights / top, 0, 2)).astype(np.int64)
    return float(np.logaddexp(0, -rows @ weights).mean())


def _newton(rows: FloatArray) -> FloatArray:
    """Logistic regression of rows that should all be positive."""
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        wrong = 1 / (1 + np.exp(np.clip(rows @ weights, -50, 50)))
        slope = -(rows * wrong[:, None]).mean(axis=0) + _RIDGE * weights
        curvature = (rows * (wrong * (1 - wrong))[:, None]).T @ rows / len(rows)
        step = np.linalg.solve(curvature + _RIDGE * np.eye(len(weights)), slope)
        weights = weights - step
        if np.abs(step).max() < 1e-9:
            break
    return weights


def _losses(margins: FloatArray) -> FloatArray:
    """The logistic loss of each literal, at the steepness that suits all of them best."""
    tried = (np.logaddexp(0, -steep * margins) for steep in np.geomspace(0.5, 16, 41))
    return min(tried, key=lambda losses: float(losses.mean()))


def _joined(parts: list[IntArray]) -> FloatArray:
    return np.concatenate(parts).astype(np.float64)
