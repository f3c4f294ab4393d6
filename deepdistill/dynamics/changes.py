"""How a polynomial vector field changes with the latents it is told in, and what its terms cost."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from .library import Library, values
from .series import Floats

NOTHING = 1e-6
"""Of the largest coefficient, what one is that vanishes."""

_PRICE = 3.0
_CURVED = 1.0  # more of a term that is not linear
_OWN = 0.1  # less of a latent in its own equation
_CONSTANT = 0.5  # more of a term that says where the latents are counted from
_LARGEST = 30.0  # share of a latent that is added to another


class Changes:
    """How coefficients on a library change with the latents; the library holds all of a degree.

    Matrices (..., latents, latents), shifts (..., latents) and coefficients (..., latents, terms)
    may be stacks of many, and complex.
    """

    def __init__(self, library: Library, latents: int, flow: bool) -> None:
        self.library, self.latents, self.flow = library, latents, flow
        self.powers = np.array([term.powers for term in library])
        self.points = np.random.default_rng(0).normal(size=(2 * len(library), latents))
        self.inverse = np.linalg.pinv(values(library, self.points))
        self.constant = next(k for k, term in enumerate(library) if not term.degree)
        self.degree = max(term.degree for term in library)
        price = [_CURVED if term.degree > 1 else _CONSTANT * (not term.degree) for term in library]
        self.price = np.tile(_PRICE + np.array(price), (latents, 1))
        for k, term in enumerate(library):
            if term.degree == 1:
                self.price[term.powers.index(1), k] -= _OWN

    def monomials(self, matrix: Floats, shift: Floats) -> Floats:
        """The matrix that gives the library at ``matrix @ w + shift`` from that at ``w``."""
        moved = values(
            self.library, self.points @ np.swapaxes(matrix, -1, -2) + shift[..., None, :]
        )
        return np.swapaxes(self.inverse @ moved, -1, -2)

    def pulled(self, coefficients: Floats, matrix: Floats, shift: Floats) -> Floats:
        """The field of ``z`` as that of ``w``."""
        there = coefficients @ self.monomials(matrix, shift)
        if not self.flow:  # the image of a map is shifted, too
            there[..., self.constant] -= shift
        return np.asarray(np.linalg.solve(matrix, there))

    def pushed(self, coefficients: Floats, matrix: Floats, shift: Floats) -> Floats:
        """The field of ``w`` as that of ``z``."""
        inverse = np.asarray(np.linalg.inv(matrix), dtype=matrix.dtype)
        return self.pulled(coefficients, inverse, -(inverse @ shift[..., None])[..., 0])

    def cost(self, kept: NDArray[np.bool_]) -> float:
        """What a field with these terms (latents, terms) costs, in units of a constant."""
        return float(np.sum(self.price * kept))


def sheared(changes: Changes, coefficients: Floats) -> tuple[Floats, Floats] | None:
    """The matrix that adds a share of one latent to another, and the field after it.

    None where the field gets no shorter. A search that turns latents little by little finds no way
    from ``y - x`` to ``y``: on it all terms are there.
    """
    nowhere = np.zeros(changes.latents)
    least = changes.cost(coefficients != 0)
    best: tuple[Floats, Floats] | None = None
    for i, j in permutations(range(changes.latents), 2):
        for share in _vanishing(changes, coefficients, i, j):
            shear = np.eye(changes.latents)
            shear[i, j] = share
            field = changes.pushed(coefficients, shear, nowhere)
            field[np.abs(field) <= NOTHING * np.max(np.abs(field))] = 0.0
            cost = changes.cost(field != 0)
            if cost < least - NOTHING:
                least, best = cost, (shear, field)
    return best


def _vanishing(changes: Changes, coefficients: Floats, i: int, j: int) -> list[float]:
    """The shares of latent ``j`` in latent ``i`` with which a term of a field vanishes."""
    shares = np.linspace(-1, 1, changes.degree + 3)
    shears = np.tile(np.eye(changes.latents), (len(shares), 1, 1))
    shears[:, i, j] = shares
    fields = changes.pushed(coefficients, shears, np.zeros((len(shares), changes.latents)))
    curves = np.linalg.solve(np.vander(shares), fields.reshape(len(shares), -1)).T
    curves[np.abs(curves) <= NOTHING * np.max(np.abs(curves))] = 0.0
    roots = np.concatenate([np.roots(curve) for curve in curves])
    real = roots.real[(np.abs(roots.imag) < NOTHING) & (np.abs(roots.real) > NOTHING)]
    return sorted(set(np.round(real[np.abs(real) < _LARGEST], 9).tolist()))
