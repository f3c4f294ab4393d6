"""Teachers as plain data: multilayer perceptrons, what they learn from and how they were chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Answers: TypeAlias = NDArray[np.float64] | NDArray[np.int64]

PENALTIES = ("jacobian", "lipschitz", "hessian")


@dataclass(frozen=True, slots=True, eq=False)
class SmoothNetwork:
    """Dense layers with tanh between them, on standardised columns.

    ``weights[k]`` is (outputs of layer k, its inputs), ``biases[k]`` is (outputs of layer k,).
    Inputs are ``(x - centre) / scale``; outputs are ``low + height * z``.
    """

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]
    centre: Floats
    scale: Floats
    low: Floats
    height: Floats

    def __call__(self, x: Floats) -> Floats:
        """Outputs (rows, outputs) for rows (rows, columns)."""
        z = (x - self.centre) / self.scale
        last = len(self.weights) - 1
        for k, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            z = z @ weight.T + bias
            if k < last:
                z = np.tanh(z)
        return np.asarray(self.low + self.height * z)


@dataclass(frozen=True, slots=True)
class Trial:
    """One strength of the penalty: the teacher's and the student's score on held-out rows."""

    strength: float
    teacher: float
    student: float


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """The chosen teacher, the plain one, the strength, and what each strength gave."""

    teacher: SmoothNetwork
    plain: SmoothNetwork
    penalty: str
    strength: float
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Rows to fit and rows held out; ``classes`` is 0 for regression.

    ``x`` and ``held_x`` are (rows, columns); ``y`` and ``held_y`` are (rows,): numbers, or class
    indices from 0.
    """

    x: Floats
    y: Answers
    held_x: Floats
    held_y: Answers
    classes: int = 0

    def score(self, network: SmoothNetwork) -> float:
        """R2 on the held-out rows, or the share of them whose class is right."""
        outputs = network(self.held_x)
        if self.classes:
            return float(np.mean(outputs.argmax(axis=1) == self.held_y))
        spread = float(np.var(self.held_y))
        error = float(np.mean((outputs[:, 0] - self.held_y) ** 2))
        return 1 - error / spread if spread > 0 else -error


def standard(columns: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each column; 1 for columns that are constant."""
    size = np.abs(columns).max(axis=0, initial=0)
    unit = np.where(size > 0, size, 1.0)  # squares of enormous numbers overflow
    share = columns / unit
    spread = share.std(axis=0) * unit
    return share.mean(axis=0) * unit, np.where(spread > 0, spread, 1.0)
