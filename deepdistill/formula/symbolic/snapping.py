"""Constants become numbers with names, one at a time, only where held-out data do not object."""

from __future__ import annotations

from math import ceil, floor, log, log10, sqrt

import numpy as np

from ...ir.constants import free_constants, with_constants
from ...ir.expr import Call, Const, Expr, If, children, walk
from ...ir.rewrite import mapped
from .algebra import NotFinite, normal
from .arrays import Floats, parametric
from .data import FitRows
from .named import Named, near
from .scoring import FLOOR, WITHIN

_REACH = 3.0  # standard errors
_RELATIVE = 1e-7  # and at least this share of the constant itself
_UNKNOWN = 1e-3  # a constant's share that its error is where none can be computed
_TRIED = 6  # names tried for each constant
_SYMBOLS = ("pi", "e", "sqrt", "exp")
_FEWEST_DIGITS = 2  # of a decimal that is as short as pi
_DIGITS = range(1, 16)


def snap(expr: Expr, table: FitRows) -> Expr:
    """The formula with constants snapped: whole numbers, fractions, pi, e, roots, products.

    Each is taken only where the loss on held-out rows stays as it is (up to rounding, and to what
    noise alone would change), and where the name is shorter than the digits it replaces. What
    stays free is rounded to as few digits as the held-out rows allow.
    """
    # the bound is that of the free constants: several small losses must not add up
    bound = table.held_loss(expr) * table.slack() + FLOOR * table.variance
    bound = max(bound, WITHIN * table.noise)
    while True:
        better = _step(expr, table, bound)
        if better is None:
            return _rounded(expr, table, bound)
        expr = better


def _step(expr: Expr, table: FitRows, bound: float) -> Expr | None:
    constants = free_constants(expr)
    if not constants:
        return None
    errors = standard_errors(expr, table)
    options: list[tuple[float, int, Named]] = []
    exponents = exponent_places(expr)
    curved = any(isinstance(node, Call) and node.op == "exp" for node in walk(expr))
    for k, value in enumerate(constants):
        reach = max(_REACH * errors[k], _RELATIVE * abs(value))
        digits = log(1 + abs(value) / max(errors[k], 1e-15 * abs(value), 1e-300)) + 2
        named = near(value, reach, exponents[k], curved)
        for name in [one for one in named if _is_clear(one, value, reach)][:_TRIED]:
            if name.cost < digits:
                options.append((name.cost - digits, k, name))
    options.sort(key=lambda option: option[:2])
    loss = table.loss(expr)
    floor = FLOOR * table.variance
    rows = len(table.y)
    for gain, k, name in options:
        tried = replaced(expr, k, name.expr)
        try:
            tried, new_loss = table.refit(normal(tried, table.domain), 60)
        except NotFinite:
            continue
        if len(free_constants(tried)) >= len(constants):
            continue
        worse = np.inf
        if new_loss < np.inf:
            # what is no number in some rows has no loss to be compared with
            worse = rows / 2 * log((new_loss + floor) / (loss + floor)) if loss < np.inf else 0.0
        if table.noise and new_loss <= table.enough:
            worse = 0.0
        if worse + gain < 0 and table.held_loss(tried) <= bound:
            return tried
    return None


def _is_clear(name: Named, value: float, reach: float) -> bool:
    """Whether a name with pi, e or a root is not one of many: no decimal as short lies as near."""
    nodes = list(walk(name.expr))
    if not any(isinstance(node, Call) and node.op in _SYMBOLS for node in nodes):
        return True
    digits = max(_FEWEST_DIGITS, 1 + sum(map(_digits_of, nodes)))
    step = 10.0 ** (floor(log10(abs(value))) + 1 - digits)
    return not ceil((value - reach) / step) <= floor((value + reach) / step)


def _digits_of(node: Expr) -> int:
    match node:
        case Const(int() as value) if abs(value) != 1:
            return len(str(abs(value)))
        case _:
            return 0


def _rounded(expr: Expr, table: FitRows, bound: float) -> Expr:
    """Free constants with as few digits as the data can tell apart."""
    constants = free_constants(expr)
    if not constants:
        return expr
    loss = table.loss(expr)
    floor = FLOOR * table.variance
    for k in range(len(constants)):
        for digits in _DIGITS:
            tried = list(constants)
            tried[k] = float(f"{constants[k]:.{digits}g}")
            candidate = with_constants(expr, iter(tried))
            few = 1 + 0.1 / len(table.y)
            if table.loss(candidate) <= loss * few + floor and table.held_loss(candidate) <= bound:
                constants = tried
                break
    return with_constants(expr, iter(constants))


def standard_errors(expr: Expr, table: FitRows) -> Floats:
    """Standard errors of the free constants, from the Jacobian at the fitted ones."""
    function = parametric(expr)
    start = function.start
    answers, jacobian = function.jacobian(table.columns, start, len(table.y))
    if table.errors.chances is not None:
        jacobian, sigma = jacobian * table.errors.deviance(answers)[1][:, None], 1.0
    else:
        residual = answers - table.y
        mean = float(np.mean(residual**2)) + FLOOR * table.variance
        sigma = sqrt(mean * len(residual) / table.independent)
    if not np.isfinite(jacobian).all():
        return np.abs(start) * _UNKNOWN
    norms = np.linalg.norm(jacobian, axis=0)
    norms[norms == 0] = 1.0
    inverse = np.linalg.pinv(jacobian / norms, rcond=1e-12)
    with np.errstate(all="ignore"):
        errors: Floats = sigma * np.linalg.norm(inverse, axis=1) / norms
    return errors if np.isfinite(errors).all() else np.abs(start) * _UNKNOWN


def exponent_places(expr: Expr) -> list[bool]:
    """For each free constant from left to right whether it is an exponent."""
    match expr:
        case Const(float()):
            return [False]
        case Call("pow", (base, Const(float()))):
            return [*exponent_places(base), True]
        case _:
            return [place for child in children(expr) for place in exponent_places(child)]


def replaced(expr: Expr, k: int, other: Expr) -> Expr:
    """The formula with its free constant number ``k`` replaced by an expression."""
    return _replaced(expr, [k], other)


def _replaced(expr: Expr, left: list[int], other: Expr) -> Expr:
    match expr:
        case Const(float()):
            left[0] -= 1
            return other if left[0] == -1 else expr
        case Call() | If():
            return mapped(expr, lambda part: _replaced(part, left, other))
        case _:
            return expr
