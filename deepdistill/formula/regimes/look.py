"""A quick look for a formula on few rows, and one made simpler on all rows that it explains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...ir.constants import free_constants
from ...ir.expr import Const, Expr
from ...ir.rounding import simplest_number
from ..symbolic.arrays import Floats, complexity, values
from ..symbolic.backend import Fit
from ..symbolic.data import FitRows
from ..symbolic.frame import Frame
from ..symbolic.plain import paying
from ..symbolic.polish import descended, finished, is_exact, refitted
from ..symbolic.repair import may_stay, singularities_in
from ..symbolic.scoring import FLOOR
from ..symbolic.sparse import Sparse
from ..symbolic.targets import Target, transforms

EFFORTS = (0.0, 0.1, 0.6)
"""Amounts of work: polynomials; then quotients and products too; then functions, on all targets."""

FEW_NAMES = 4
"""Columns of which every look with the largest effort can be afforded."""

_REFITTED = 3  # of the formulas for a target
_POLISHED = 2
_AIMS = 3  # transforms of the answer, of the largest effort on rows with noise
_SHORT = 9  # operations and leaves of a formula that is not searched any further
_ALIKE = 1.2  # losses that differ by chance
_FEWEST = 6
_BACKEND = "regimes"


def level(y: Floats, tolerance: float) -> Expr | None:
    """The constant that all answers are, up to rounding."""
    if np.ptp(y) > 2 * tolerance:
        return None
    middle = float(y.min() + y.max()) / 2
    slight = max(1e-15 * abs(middle), 1e-3 * tolerance)
    number = simplest_number(middle - slight, middle + slight)
    return Const(int(number)) if number.is_integer() and abs(number) < 10**6 else Const(number)


def exact_formula(
    x: Floats,
    y: Floats,
    names: Sequence[str],
    operators: Sequence[str],
    seed: int,
    tolerance: float,
    effort: float,
) -> Expr | None:
    """A formula that leaves nothing but roundings on these rows; None if a look finds none."""
    constant = level(y, tolerance)
    if constant is not None:
        return constant
    table = FitRows.of(x, y, names, seed)
    if table.variance == 0:
        return None
    columns = {name: x[:, k] for k, name in enumerate(names)}
    for target in _targets(x, y, names, effort):
        for fit in _proposed(target, operators, seed, table, effort):
            enough = len(y) > 2 * len(free_constants(fit.expr)) + 2
            if (
                enough
                and is_exact(fit, table)
                and may_stay(fit, singularities_in(fit, table), table)
            ):
                error = np.abs(values(fit.expr, columns) - y).max()
                if error <= tolerance:
                    return fit.expr
    return None


def _targets(x: Floats, y: Floats, names: Sequence[str], effort: float) -> list[Target]:
    aims = transforms(Frame.of(x, names), y, 0.0)
    if effort < EFFORTS[-1]:
        return aims[:1]
    return aims if len(names) <= FEW_NAMES else aims[:_AIMS]


def _proposed(
    target: Target,
    operators: Sequence[str],
    seed: int,
    table: FitRows,
    effort: float,
) -> list[Fit]:
    front = Sparse().fit(target.x, target.values, target.names, operators, effort, seed)
    floor = FLOOR * float(np.var(target.values))  # below it roundings decide, not the same anywhere
    front = sorted(front, key=lambda fit: (max(fit.loss, floor), fit.complexity))[:_REFITTED]
    fits = [refitted(target.back(fit.expr), table, _BACKEND) for fit in front]
    return [fit for fit in fits if fit is not None]


def settled(expr: Expr, x: Floats, y: Floats, names: Sequence[str], seed: int) -> Expr:
    """An exact formula made smaller and snapped on all rows that it explains."""
    table = FitRows.of(x, y, names, seed)
    if isinstance(expr, Const) or table.variance == 0 or len(y) < 3:
        return expr
    fit = refitted(expr, table, _BACKEND)
    if fit is None:
        return expr
    return finished(descended(fit, table, grow=False), table).expr


def likely_formula(
    x: Floats, y: Floats, names: Sequence[str], operators: Sequence[str], seed: int
) -> Expr:
    """The formula of the shortest description on rows with noise; the mean where none is better.

    More work is done only while what little work finds is long or leaves more than noise.
    """
    mean = level_of(y)
    table = FitRows.of(x, y, names, seed)
    if table.variance == 0 or len(y) < _FEWEST:
        return mean

    def price(fit: Fit) -> tuple[float, int]:
        return table.length(fit.expr, fit.loss), fit.complexity

    pool = [Fit(mean, table.loss(mean), complexity(mean), _BACKEND)]
    for effort in EFFORTS:
        for target in _targets(x, y, names, effort)[:_AIMS]:
            pool += _proposed(target, operators, seed, table, effort)
        pool.sort(key=price)
        least = min(fit.loss for fit in pool)
        if pool[0].complexity <= _SHORT and pool[0].loss <= _ALIKE * least:
            break
    small = [
        fit if fit.complexity <= _SHORT else descended(fit, table, grow=False)
        for fit in pool[:_POLISHED]
    ]
    best, _ = paying([finished(fit, table) for fit in small], table)
    return mean if best is None else best.expr


def level_of(y: Floats) -> Expr:
    """The mean, to as few digits as its error allows."""
    middle, reach = float(np.mean(y)), 3 * float(np.std(y)) / max(len(y), 1) ** 0.5
    number = simplest_number(middle - reach, middle + reach)
    return Const(int(number)) if number.is_integer() and abs(number) < 10**6 else Const(number)


def refined_formula(
    expr: Expr,
    x: Floats,
    y: Floats,
    names: Sequence[str],
    operators: Sequence[str],
    seed: int,
    noise: float,
) -> Expr:
    """The formula fitted to other rows; where it is long or leaves more than noise, another one."""
    table = FitRows.of(x, y, names, seed)
    options: list[Expr] = []
    if isinstance(expr, Const):
        options.append(level_of(y))
    elif (fit := refitted(expr, table, _BACKEND)) is not None:
        again = finished(fit, table)
        if may_stay(again, singularities_in(again, table), table):
            options.append(again.expr)
    poor = not options or table.loss(options[0]) > _ALIKE * noise**2
    if poor or complexity(options[0]) > _SHORT:
        options.append(likely_formula(x, y, names, operators, seed))
    return min(options, key=lambda one: table.length(one, table.loss(one)))
