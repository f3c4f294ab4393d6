"""Variables made of the columns, and how well a smooth stand-in in them predicts the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ir.expr import Call, Expr, Var
from ...ir.rewrite import substitute
from .arrays import Floats
from .surrogate import Polynomial, polynomial

Places: TypeAlias = NDArray[np.int64]

_WORSE = 1.15  # the leave-one-out error may grow so much by chance
_NOTHING = 1e-14  # relative errors below it are roundings
POOR = 0.1
"""A stand-in that leaves more than this unexplained says nothing."""
_FEW = 0.2  # share of the rows that must be left for logarithms
_FAINT = 0.003


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Variables made of the columns, and a factor: the law is ``factor * f(variables)``.

    ``x`` is (rows, variables), ``size`` is (rows,): the values of the factor.
    """

    exprs: tuple[Expr, ...]
    x: Floats
    factor: Expr | None
    size: Floats

    @staticmethod
    def of(x: Floats, names: Sequence[str]) -> Frame:
        """The columns as they are."""
        return Frame(tuple(Var(name) for name in names), x, None, np.ones(len(x)))

    @property
    def names(self) -> tuple[str, ...]:
        """Names for the variables: columns keep theirs."""
        return tuple(
            expr.name if isinstance(expr, Var) else f"?{k}" for k, expr in enumerate(self.exprs)
        )

    def back(self, expr: Expr) -> Expr:
        """A formula in these names as one in the columns, with the factor."""
        inner = substitute(expr, dict(zip(self.names, self.exprs, strict=True)))
        return inner if self.factor is None else Call("mul", (inner, self.factor))


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """The answer or its logarithm, on the rows where it is defined; weights against noise."""

    rows: Places
    y: Floats
    weights: Floats
    logarithmic: bool

    def aim(self, frame: Frame) -> tuple[Floats, Floats]:
        """What is fitted and what the polynomial is multiplied by."""
        size = frame.size[self.rows]
        if not self.logarithmic:
            return self.y, size
        with np.errstate(all="ignore"):
            return self.weights * np.log(np.abs(self.y / size)), self.weights

    def spread(self) -> float:
        if not self.logarithmic:
            return float(np.var(self.y)) or 1.0
        logs = np.log(np.abs(self.y))
        mean = np.average(logs, weights=self.weights**2)
        return float(np.mean((self.weights * (logs - mean)) ** 2)) or 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A frame with its polynomial; ``error`` is relative to the variance of the answer."""

    frame: Frame
    error: float
    fitted: Polynomial
    coordinates: Floats
    scale: Scale


def scales(y: Floats) -> list[Scale]:
    every = np.arange(len(y))
    result = [Scale(every, y, np.ones(len(y)), False)]
    sign = 1 if np.sum(y > 0) >= np.sum(y < 0) else -1
    largest = float(np.abs(y).max())
    if (sign * y > 0).all():
        result.append(Scale(every, y, np.ones(len(y)), True))
    if (sign * y > -0.05 * largest).all():
        rows = np.flatnonzero(sign * y > _FAINT * largest)
        if len(rows) > _FEW * len(y):
            size = np.abs(y[rows])
            result.append(Scale(rows, y[rows], size / (size + 0.3 * float(np.std(y))), True))
    return result


def judged(frame: Frame, scale: Scale) -> Judged | None:
    """The better of polynomials in the variables and in their logarithms."""
    x = frame.x[scale.rows]
    if not np.isfinite(x).all():
        return None
    target, weights = scale.aim(frame)
    if not np.isfinite(target).all():
        return None
    best: Judged | None = None
    positive = (x > 0).all(axis=0)
    options = [x, logged(x)] if positive.any() else [x]
    for rough in (None, 0):
        if best is not None and (best.error < POOR or x.shape[1] < 2):
            break
        for coordinates in options:
            fitted = polynomial(coordinates, target, weights, rough=rough)
            if fitted is not None:
                error = fitted.error / scale.spread()
                if best is None or error < best.error:
                    best = Judged(frame, error, fitted, coordinates, scale)
    return best


def logged(x: Floats) -> Floats:
    """Logarithms of the columns that are positive throughout."""
    result = x.copy()
    positive = (x > 0).all(axis=0)
    result[:, positive] = np.log(x[:, positive])
    return result


def best_scale(frame: Frame, y: Floats) -> Judged | None:
    options = [one for scale in scales(y) if (one := judged(frame, scale)) is not None]
    return min(options, key=lambda one: one.error) if options else None


def kept(before: Judged, after: Judged | None) -> bool:
    """Whether a proposal predicts as well as what it would replace."""
    return after is not None and as_good(before.error, after.error)


def as_good(before: float, after: float) -> bool:
    """Whether an error is usable and no larger than chance explains."""
    return after < POOR and after <= _WORSE * before + _NOTHING
