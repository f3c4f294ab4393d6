"""The one polishing stage, whatever engine a formula came from.

Normal form, constants refitted in double precision, a descent over formulas one step away, and
constants snapped to numbers with names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from ...ir.constants import free_constants
from ...ir.expr import Call, Const, Expr
from ...ir.rounding import rounded
from .algebra import NotFinite, normal
from .arrays import complexity, values
from .backend import Fit
from .bases import with_bases
from .data import FitRows
from .expand import expanded
from .neighbours import larger, smaller
from .scoring import FLOOR
from .snapping import snap

_STEPS = 12
_GLANCE = 8  # steps of a quick fit
_PROMISING = 4  # how many of the neighbours are refitted to the end
_LONGEST = 45


def refitted(expr: Expr, table: FitRows, backend: str, most: int = 100) -> Fit | None:
    """The formula in normal form with refitted constants; None where it is undefined."""
    try:
        expr, loss = table.refit(_scaled(normal(expr, table.domain), table), most)
        expr = normal(expr, table.domain)
    except NotFinite:
        return None
    if not loss < np.inf or complexity(expr) > _LONGEST:
        return None
    return Fit(expr, loss, complexity(expr), backend)


def _scaled(expr: Expr, table: FitRows) -> Expr:
    """The formula times the factor that fits best, where that is far from 1."""
    answers = values(expr, table.columns)
    with np.errstate(all="ignore"):
        size = float(answers @ answers)
        factor = float(answers @ table.y) / size if 0 < size < np.inf else 1.0
    if not np.isfinite(factor) or factor == 0 or abs(factor - 1) < 1e-6:
        return expr
    return normal(Call("mul", (Const(factor), expr)), table.domain)


def descended(fit: Fit, table: FitRows, grow: bool, steps: int = _STEPS) -> Fit:
    """The best formula that a descent over neighbours reaches, by description length."""
    names = tuple(table.columns)
    best, length = fit, table.length(fit.expr, fit.loss)
    for _ in range(steps):
        if not grow and is_exact(best, table) and not free_constants(best.expr):
            break
        tried: list[tuple[float, int, Expr]] = []
        for k, expr in enumerate(_neighbours(best.expr, table, names, grow)):
            other, loss = table.glance(expr, _GLANCE)
            if loss < np.inf and complexity(other) <= _LONGEST:
                tried.append((table.length(other, loss), k, other))
        tried.sort(key=lambda one: one[:2])
        improved = False
        for _, _, expr in tried[:_PROMISING]:
            again = refitted(expr, table, fit.backend)
            if again is None:
                continue
            again_length = table.length(again.expr, again.loss)
            if again_length < length - 0.1:
                best, length, improved = again, again_length, True
        if not improved:
            return best
    return best


def shortened(fit: Fit, table: FitRows, steps: int) -> list[Fit]:
    """The best formulas one step smaller, and of the best of these again, whatever that costs."""
    tried: list[tuple[float, int, Expr]] = []
    for k, expr in enumerate(_neighbours(fit.expr, table, tuple(table.columns), False)):
        other, loss = table.glance(expr, _GLANCE)
        if loss < np.inf and complexity(other) < fit.complexity:
            tried.append((loss, k, other))
    tried.sort(key=lambda one: one[:2])
    again = (refitted(expr, table, fit.backend) for _, _, expr in tried[:_PROMISING])
    simpler = [one for one in again if one is not None]
    if steps < 2 or not simpler:
        return simpler
    return [*simpler, *shortened(min(simpler, key=lambda one: one.loss), table, steps - 1)]


def _neighbours(expr: Expr, table: FitRows, names: tuple[str, ...], grow: bool) -> Iterator[Expr]:
    seen = {expr}
    ways: list[Callable[[], Iterator[Expr]]] = [lambda: smaller(expr, table.columns)]
    if grow:
        ways.append(lambda: larger(expr, names))
    for way in ways:
        for other in way():
            try:
                plain = normal(other, table.domain)
            except NotFinite:
                continue
            if plain not in seen:
                seen.add(plain)
                yield other if grow else plain


def finished(fit: Fit, table: FitRows) -> Fit:
    """The formula with snapped constants, reductions to ratios undone where that is as short.

    Exponentials are powers of a plain number where their rate is its logarithm.
    """
    snapped = snap(expanded(fit.expr, table.domain), table)
    expr = expanded(snapped, table.domain)
    if expr != snapped:  # products of rounded constants have digits that tell nothing
        expr = snap(expr, table)
    based = with_bases(expr)
    if based != expr and table.loss(based) <= table.loss(expr) + FLOOR * table.variance:
        expr = based
    return Fit(expr, table.loss(expr), complexity(expr), fit.backend)


def is_exact(fit: Fit, table: FitRows) -> bool:
    """Whether nothing is left to explain but roundings and known noise."""
    return fit.loss <= table.enough


def reported(fit: Fit, table: FitRows) -> Fit:
    """The formula with its loss as it is told: to 12 digits, 0 where it is exact."""
    exact = fit.loss <= replace(table, noise=0.0).enough
    return replace(fit, loss=0.0 if exact else rounded(fit.loss))
