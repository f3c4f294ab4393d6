"""Few terms of a library for each equation: the least of them is dropped, again and again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .series import Floats
from .weak import Projected

_EXACT = 1e-6  # share of the left side that a residual cannot be told from nothing
_PRICE = 2.0  # of a term, in halves of the logarithm of the rows


@dataclass(frozen=True, slots=True, eq=False)
class SparseFit:
    """Coefficients (latents, terms), and what each equation leaves (latents,) of its left side."""

    coefficients: Floats
    residual: Floats  # root mean square, as a share of the left side's

    @property
    def terms(self) -> int:
        return int(np.count_nonzero(self.coefficients))


def least_squares(rows: Projected) -> SparseFit:
    """All terms of the library."""
    scale = np.sqrt(np.mean(rows.right**2, axis=0)) + 1e-300
    weights = np.linalg.lstsq(rows.right / scale, rows.left, rcond=1e-12)[0]
    return SparseFit((weights / scale[:, None]).T, _left_over(rows, (weights / scale[:, None]).T))


def _left_over(rows: Projected, coefficients: Floats) -> Floats:
    left = np.sqrt(np.mean(rows.left**2, axis=0)) + 1e-300
    return np.asarray(
        np.sqrt(np.mean((rows.left - rows.right @ coefficients.T) ** 2, axis=0)) / left
    )


def eliminated(rows: Projected, independent: float) -> SparseFit:
    """The terms worth their price, with their coefficients.

    ``independent`` is the share of the rows that tell something new.
    """
    scale = np.sqrt(np.mean(rows.right**2, axis=0)) + 1e-300
    right = rows.right / scale
    gram = right.T @ right / len(right)
    cross = right.T @ rows.left / len(right)
    power = np.mean(rows.left**2, axis=0)
    count = max(2.0, independent * len(right))
    weights = np.zeros((rows.left.shape[1], right.shape[1]))
    for k in range(len(weights)):
        best = _backward(gram, cross[:, k], power[k], count)
        weights[k, best] = np.linalg.lstsq(right[:, best], rows.left[:, k], rcond=None)[0]
    return SparseFit(weights / scale, _left_over(rows, weights / scale))


def _backward(gram: Floats, cross: Floats, power: float, count: float) -> list[int]:
    """The support of least description length on the way from all terms to none."""
    kept = list(range(len(cross)))
    best, least = kept, np.inf
    floor = _EXACT**2 * power
    while True:
        inner = np.linalg.pinv(gram[np.ix_(kept, kept)], rcond=1e-13, hermitian=True)
        weights = inner @ cross[kept]
        left = max(float(power - weights @ cross[kept]), 0.0)
        length = count * np.log(left + floor + 1e-300) + _PRICE * len(kept) * np.log(count)
        if length <= least:
            best, least = list(kept), length
        if not kept:
            return best
        gains = weights**2 / np.maximum(np.diag(inner), 1e-300)
        kept.pop(int(np.argmin(gains)))
