"""A formula in regimes for a table: exact ones first, else those of the shortest description."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import log

import numpy as np

from ...data.running import Check, endless
from ...ir.expr import Expr
from ..symbolic.arrays import Floats, complexity, values
from ..symbolic.backend import Fit
from ..symbolic.constants import mean_square_of
from ..symbolic.scoring import description_length
from .assemble import assembled
from .peel import levels, peeled
from .refine import refined
from .segments import segments
from .tree import labels_of, mixture, partition

BACKEND = "regimes"

_TOLERANCE = 1e-9  # of the spread of the answers: what an exact formula may leave
_MEETING = 0.5  # of the noise: how far apart formulas may be where they meet
_NEAR = 20.0  # nats by which polynomials may be worse than the formula to beat
_ALIKE = 3.0  # standard errors
_MOST = 8  # first parts
_NEIGHBOURS = 600  # rows among which neighbours are looked for
_CLEARER = 0.5  # the regimes must tell the rows' formulas in at most that share of the nats
_WRONG = 8.0  # nats for a row that a formula does not explain


def exact_regimes(
    x: Floats,
    y: Floats,
    names: Sequence[str],
    operators: Sequence[str],
    seed: int,
    long: bool,
    check: Check = endless,
) -> Fit | None:
    """Exact formulas in regimes, up to a few rows; None where no part of the table has one."""
    spread = float(np.std(y))
    if len(y) < 10 or not 0 < spread < np.inf:
        return None
    tolerance = _TOLERANCE * spread
    parts = levels(y) or peeled(x, y, names, operators, seed, tolerance, long, check)
    if parts is None:
        return None
    losses = np.where(parts.explained, 0.0, _WRONG)
    tree, cost = partition(x, losses)
    if len(set(labels_of(tree, x).tolist())) > 1 and cost > _CLEARER * mixture(losses):
        return None
    expr = assembled(tree, parts.formulas, x, names, tolerance, True)
    return fit_of(expr, x, y, names)


def fit_of(expr: Expr, x: Floats, y: Floats, names: Sequence[str]) -> Fit:
    """The formula with its loss on the table."""
    columns = {name: x[:, k] for k, name in enumerate(names)}
    return Fit(expr, mean_square_of(values(expr, columns), y), complexity(expr), BACKEND)


def find_regimes(
    x: Floats,
    y: Floats,
    names: Sequence[str],
    operators: Sequence[str],
    seed: int,
    long: bool,
    best: Fit | None,
    check: Check = endless,
    exact: Callable[[bool], Fit | None] | None = None,
) -> Fit | None:
    """A formula in regimes; at length (``long``) also where none is exact.

    ``best`` is the best formula without regimes, which must be beaten. ``check`` is called
    often and may raise. ``exact`` finds exact ones, at length or not, where that is known.
    """
    if exact is None:
        exact = partial(exact_regimes, x, y, names, operators, seed, check=check)
    if not long:
        return exact(False)
    if _is_structured(x, y, names, best):
        fit = exact(True)
        if fit is not None:
            return fit
    first = segments(x, y)
    if (
        first is None
        or len(first.groups) > _MOST
        or (best is not None and first.length > _length(best, x, y, names) + _NEAR)
    ):
        return None
    parts = refined(x, y, names, operators, seed, first.groups, check)
    if parts is None:
        return None
    tolerance = _MEETING * parts.noise
    return fit_of(assembled(parts.tree, parts.formulas, x, names, tolerance, False), x, y, names)


def _length(fit: Fit, x: Floats, y: Floats, names: Sequence[str]) -> float:
    """Nats for a formula and its errors, not relative to the spread."""
    loss = fit_of(fit.expr, x, y, names).loss
    variance = float(np.var(y))
    return description_length(fit.expr, loss, variance, len(y)) + len(y) / 2 * log(variance)


def _is_structured(x: Floats, y: Floats, names: Sequence[str], best: Fit | None) -> bool:
    """Whether the errors of neighbouring rows are alike: then a law is behind them."""
    if best is None:
        return True
    few = np.arange(len(y))[:: -(-len(y) // _NEIGHBOURS)]
    columns = {name: x[few, k] for k, name in enumerate(names)}
    with np.errstate(all="ignore"):
        error = values(best.expr, columns) - y[few]
    spread = np.ptp(x[few], axis=0)
    unit = x[few] / np.where(spread > 0, spread, 1)
    if not np.isfinite(error).all() or not (size := float(error @ error)) > 0:
        return False
    distance = ((unit[:, None, :] - unit[None, :, :]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    alike = float(error @ error[distance.argmin(axis=1)]) / size
    return bool(alike > _ALIKE / np.sqrt(len(few)))
