"""A smooth stand-in for the unknown law: polynomials, judged by their leave-one-out error.

The leave-one-out error of least squares needs one fit only (PRESS, Allen 1974). Which structure a
law has is decided by it: a change of variables that the law permits makes the same polynomial
family fit better, never worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial import chebyshev

from .arrays import Floats

_MOST_TERMS = 130
_SHARE = 0.35  # at most so many terms for each row
_HIGHEST = 14
_ROUGH = (8, 12, 16)  # powers of a rough column


@dataclass(frozen=True, slots=True, eq=False)
class Polynomial:
    """A polynomial in Chebyshev's basis on the box of its data, and how well it predicts.

    ``error`` is the mean squared leave-one-out error, ``leverage`` is (rows,).
    """

    degrees: tuple[tuple[int, ...], ...]
    low: Floats
    high: Floats
    coefficients: Floats
    error: float
    leverage: Floats
    rough: int | None = None

    def __call__(self, x: Floats) -> Floats:
        return _basis(_boxed(x, self.low, self.high), self.degrees) @ self.coefficients

    def gradients(self, x: Floats) -> Floats:
        """Partial derivatives, (rows, columns)."""
        inside = _boxed(x, self.low, self.high)
        highest = max(map(max, self.degrees), default=0)
        slopes = np.zeros((highest + 1, highest + 1))
        for degree in range(1, highest + 1):
            slope = chebyshev.chebder(np.eye(highest + 1)[degree])
            slopes[degree, : len(slope)] = slope
        values = _powers(inside, highest)
        derivatives = np.einsum("dp,rcp->rcd", slopes, values)
        result = np.zeros_like(inside)
        for k in range(inside.shape[1]):
            mixed = values.copy()
            mixed[:, k] = derivatives[:, k]
            result[:, k] = _products(mixed, self.degrees) @ self.coefficients
        return result * 2 / (self.high - self.low)


def polynomial(
    x: Floats,
    y: Floats,
    weights: Floats | None = None,
    blocks: Sequence[Sequence[int]] | None = None,
    rough: int | None = None,
) -> Polynomial | None:
    """The polynomial of the degree that predicts best; None where no degree can be fitted.

    ``x`` is (rows, columns). ``weights`` multiply the polynomial: what is fitted is
    ``y = weights * p(x)``. ``blocks`` says which columns may meet in one term; all by default.
    A ``rough`` column has high powers, the others few.
    """
    rows, columns = x.shape
    low, high = x.min(axis=0), x.max(axis=0)
    if not np.isfinite(x).all() or not np.isfinite(y).all() or not (high > low).all():
        return None
    inside = _boxed(x, low, high)
    most = int(min(_MOST_TERMS, _SHARE * rows))
    if rough is None:
        allowed = tuple(tuple(block) for block in blocks) if blocks else (tuple(range(columns)),)
        degrees_up = range(_HIGHEST + 1 if columns else 1)
        families = (_terms(columns, k, allowed) for k in degrees_up)
    else:
        families = (
            _rough_terms(columns, k, rough, highest)
            for highest in _ROUGH
            for k in range(1, min(columns, 3) + 1)
        )
    best: Polynomial | None = None
    for number, degrees in enumerate(families):
        if len(degrees) > most:
            if rough is None:
                break
            continue
        design = _basis(inside, degrees)
        if weights is not None:
            design = design * weights[:, None]
        q, r = np.linalg.qr(design)
        diagonal = np.abs(np.diag(r))
        if diagonal.min() < 1e-10 * diagonal.max():
            continue
        leverage = np.minimum((q * q).sum(axis=1), 1 - 1e-9)
        coefficients = np.linalg.solve(r, q.T @ y)
        error = float(np.mean(((y - design @ coefficients) / (1 - leverage)) ** 2))
        if best is None or error < best.error:
            best = Polynomial(degrees, low, high, coefficients, error, leverage, rough)
        elif rough is None and number > 4 and error > 4 * best.error:
            break
    return best


def _boxed(x: Floats, low: Floats, high: Floats) -> Floats:
    return (2 * x - low - high) / (high - low)


def _powers(inside: Floats, highest: int) -> Floats:
    """Chebyshev polynomials of each entry, (rows, columns, highest + 1)."""
    return np.asarray(chebyshev.chebvander(inside, highest))


def _products(values: Floats, degrees: Sequence[tuple[int, ...]]) -> Floats:
    result = np.ones((len(values), len(degrees)))
    chosen = np.array(degrees, dtype=int).reshape(len(degrees), -1)
    for k in range(chosen.shape[1]):
        result *= values[:, k, chosen[:, k]]
    return result


def _basis(inside: Floats, degrees: Sequence[tuple[int, ...]]) -> Floats:
    return _products(
        _powers(inside, max((max(term, default=0) for term in degrees), default=0)), degrees
    )


@lru_cache(maxsize=256)
def _terms(
    columns: int, degree: int, blocks: tuple[tuple[int, ...], ...]
) -> tuple[tuple[int, ...], ...]:
    """Exponents of total degree at most ``degree``, each within one block."""
    terms = {(0,) * columns: None}
    for block in blocks:
        for inner in _within(len(block), degree):
            term = [0] * columns
            for k, power in zip(block, inner, strict=True):
                term[k] = power
            terms[tuple(term)] = None
            if len(terms) > 4 * _MOST_TERMS:
                return tuple(terms)
    return tuple(terms)


@lru_cache(maxsize=256)
def _rough_terms(
    columns: int, degree: int, rough: int, highest: int
) -> tuple[tuple[int, ...], ...]:
    """Powers of one column up to ``highest``, times terms of that degree in the others."""
    others = _within(columns - 1, degree)
    return tuple(
        (*other[:rough], power, *other[rough:]) for other in others for power in range(highest + 1)
    )


@lru_cache(maxsize=256)
def _within(count: int, degree: int) -> tuple[tuple[int, ...], ...]:
    if count == 0:
        return ((),)
    if count == 1:
        return tuple((k,) for k in range(degree + 1))
    return tuple(
        (first, *rest) for first in range(degree + 1) for rest in _within(count - 1, degree - first)
    )
