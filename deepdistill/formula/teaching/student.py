"""Students: formulas that follow answers, chosen and judged by labels that were held out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...ir.expr import Const, Expr
from ..symbolic.arrays import Floats, values
from ..symbolic.backend import OPERATORS, Backend, Fit
from ..symbolic.constants import refit
from ..symbolic.operon import Operon
from ..symbolic.sparse import Sparse
from .networks import standard

QUICK = 0.3  # the work of a quick student
HARDLY = 0.02
_REFITTED = 30  # steps


@dataclass(frozen=True, slots=True, eq=False)
class Student:
    """A formula of columns ``x0, x1, ...`` in units of their spread, and its R2 to held-out labels.

    ``score`` is minus infinity where the formula has no value on some held-out row.
    """

    expr: Expr
    centre: Floats
    scale: Floats
    score: float

    def __call__(self, x: Floats) -> Floats:
        """The formula's values (rows,)."""
        return values_at(self.expr, (x - self.centre) / self.scale)


def determination(answers: Floats, predictions: Floats) -> float:
    """The coefficient of determination R2; minus infinity where a value is missing.

    Where all answers are the same it is 1 for no error and else minus infinity.
    """
    if not np.isfinite(predictions).all():
        return -np.inf
    unit = float(np.abs(answers).max()) or 1.0  # squares of enormous numbers overflow
    spread = float(np.var(answers / unit))
    with np.errstate(all="ignore"):
        error = float(np.mean(((predictions - answers) / unit) ** 2))
    if spread == 0:
        return 1.0 if error == 0 else -np.inf
    return 1 - error / spread if np.isfinite(error) else -np.inf


def best_of(front: Sequence[Fit], score: Callable[[Expr], float]) -> tuple[Fit, float]:
    """The formula of a front with the largest score, the simplest of equals."""
    scored = [(score(fit.expr), -fit.complexity, k) for k, fit in enumerate(front)]
    best = max(scored)
    return front[best[2]], best[0]


def plainest(scores: Sequence[float], sizes: Sequence[int]) -> int:
    """The simplest of formulas hardly worse than the best one; of equals the first.

    ``scores`` are their R2; hardly worse is a squared error at most ``HARDLY`` larger, by share.
    """
    least = max(scores) - HARDLY * (1 - max(scores))
    good = [k for k, score in enumerate(scores) if score >= least]
    return min(good or range(len(sizes)), key=lambda k: (sizes[k], -scores[k]))


def quick_student(
    x: Floats,
    answers: Floats,
    held_x: Floats,
    labels: Floats,
    *,
    engine: Backend | None = None,
    budget: float = QUICK,
    seed: int = 0,
) -> Student:
    """A short search on rows (rows, columns) and answers; of its front what fits the labels best.

    ``held_x`` and ``labels`` are rows that stand apart.
    """
    if engine is None:
        engine = Operon() if Operon.ready() else Sparse()
    centre, scale = standard(x)
    names = columns_of(x)
    unit = (x - centre) / scale
    columns = dict(zip(names, unit.T, strict=True))
    mean: Expr = Const(float(np.mean(answers)))
    front = [Fit(mean, float(np.var(answers)), 1, "mean")]
    for fit in engine.fit(unit, answers, names, OPERATORS, budget, seed):
        expr, loss = refit(fit.expr, columns, answers, _REFITTED)
        front.append(Fit(expr, loss, fit.complexity, fit.backend))
    held = (held_x - centre) / scale
    fit, score = best_of(front, lambda expr: determination(labels, values_at(expr, held)))
    return Student(fit.expr, centre, scale, score)


def columns_of(x: Floats) -> list[str]:
    """Plain names for the columns: x0, x1, ..."""
    return [f"x{k}" for k in range(x.shape[1])]


def values_at(expr: Expr, x: Floats) -> Floats:
    """A formula of plain names on rows (rows, columns)."""
    return values(expr, dict(zip(columns_of(x), x.T, strict=True)))
