"""Backward elimination: all terms at once by least squares, then the least useful one leaves.

Exact laws that are sums of library terms are found so even where a greedy first choice misleads.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement
from math import prod

import numpy as np

from ...ir.expr import Call, Const, Expr, Var
from .arrays import Columns, Floats, significant
from .terms import product_of

_MOST_TERMS = 8
_MANY = 40
_SHARE = 0.6  # at most so many features for each row
_SPANNED = 1e-11  # what is left of a feature that the ones before span
_ALIKE = 1e-8  # of many: those of a library are alike, and roundings would choose between them
_EXACT = 1e-8  # of the answers, what roundings may leave
_DIGITS = 6  # of a term's worth: terms that are worth the same leave in order


def monomials(names: Sequence[str], degree: int) -> list[Expr]:
    """Products of up to ``degree`` variables."""
    result: list[Expr] = []
    for count in range(1, degree + 1):
        for chosen in combinations_with_replacement(names, count):
            factors: list[Expr] = []
            for name in dict.fromkeys(chosen):
                power = chosen.count(name)
                factors.append(Var(name) if power == 1 else Call("pow", (Var(name), Const(power))))
            result.append(product_of(factors))
    return result


def monomial_columns(names: Sequence[str], degree: int, columns: Columns) -> Floats:
    """The values of :func:`monomials`."""
    products = [
        prod((columns[name] for name in chosen), start=np.float64(1.0))
        for count in range(1, degree + 1)
        for chosen in combinations_with_replacement(names, count)
    ]
    return np.stack(products, axis=1)


def eliminated(
    exprs: Sequence[Expr], matrix: Floats, y: Floats, weights: Floats | None = None
) -> list[Expr]:
    """Models of at most eight terms on the way down from all of them; none for too many.

    ``weights`` (rows,) multiply the errors.
    """
    rows, count = matrix.shape
    if count == 0 or count > _SHARE * rows:
        return []
    norms = np.linalg.norm(matrix, axis=0)
    norms[norms == 0] = 1.0  # a product of indicators may vanish
    design = np.concatenate([matrix / norms, np.full((rows, 1), rows**-0.5)], axis=1)
    if weights is not None:
        design, y = design * weights[:, None], y * weights
    norms = np.append(norms, rows**0.5)
    if count <= _MANY:
        return [_model(exprs, norms, *one[:2]) for one in _steps(design, y, _SPANNED)]
    models = _steps(design, y, _ALIKE)
    exact = _EXACT * float(np.linalg.norm(y))
    if all(residual > exact for _, _, residual in models):
        closer = [one for one in _steps(design, y, _SPANNED) if one[2] <= exact]
        models += closer[-1:]  # what is exact is so on any processor, and the smallest says it all
    return [_model(exprs, norms, *one[:2]) for one in models]


def _steps(design: Floats, y: Floats, least: float) -> list[tuple[list[int], Floats, float]]:
    """Features kept, their coefficients, what is left: from the first eight terms down to one.

    The last column of ``design`` is the constant. Features leave at once of which the ones before
    span all but ``least``.
    """
    rows, columns = design.shape
    keep = [columns - 1, *range(columns - 1)]  # the constant first: others may span it
    models: list[tuple[list[int], Floats, float]] = []
    while keep:
        q, r = np.linalg.qr(design[:, keep])
        weak = np.abs(np.diag(r)) < least
        if weak.any():  # spanned by the ones before
            keep = [j for j, gone in zip(keep, weak.tolist(), strict=True) if not gone]
            continue
        inverse = np.linalg.inv(r)
        solution = inverse @ (q.T @ y)
        # the loss goes up by the square of this without the term
        worth = np.abs(solution) / np.linalg.norm(inverse, axis=1)
        order = np.argsort(significant(worth, _DIGITS), kind="stable")
        residual = float(np.linalg.norm(y - design[:, keep] @ solution))
        if len(keep) <= _MOST_TERMS:
            models.append((keep, solution, residual))
        noise = max(residual / max(rows - len(keep), 1) ** 0.5, 1e-12 * float(np.linalg.norm(y)))
        many = len(keep) // 5 if len(keep) > _MANY else 1
        if len(keep) > _MOST_TERMS:
            many = max(many, min(int((worth < 1.5 * noise).sum()) // 2, len(keep) - _MOST_TERMS))
        leave = set(order[:many].tolist())
        keep = [j for i, j in enumerate(keep) if i not in leave]
    return models


def _model(exprs: Sequence[Expr], norms: Floats, keep: list[int], solution: Floats) -> Expr:
    parts: list[Expr] = []
    for j, value in zip(keep, solution.tolist(), strict=True):
        constant = Const(float(value / norms[j]))
        parts.append(constant if j == len(exprs) else Call("mul", (constant, exprs[j])))
    return parts[0] if len(parts) == 1 else Call("add", tuple(parts))


def polynomials(columns: Columns, names: Sequence[str], y: Floats, weights: Floats) -> list[Expr]:
    """Polynomials of answers (rows,), of the third degree where the variables are few."""
    degree = 3 if len(names) < 7 else 2
    matrix = monomial_columns(names, degree, columns)
    return eliminated(monomials(names, degree), matrix, y, weights)
