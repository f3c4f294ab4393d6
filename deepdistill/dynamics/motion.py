"""Vector fields and maps run forward: Runge and Kutta's fourth-order steps, many states at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from .canonical import Constants
from .library import values
from .series import Floats

Motion: TypeAlias = Callable[[Floats], Floats]


def motion_of(constants: Constants, latents: int, sizes: Floats | None = None) -> Motion:
    """The right-hand sides (..., latents) at states (..., latents).

    ``sizes`` (..., groups) takes the place of the constants' own; its stack is that of the states.
    """
    library = tuple(dict.fromkeys(term.monomial for term in constants.terms))
    given = np.array(constants.sizes) if sizes is None else sizes
    coefficients = constants.coefficients(given)
    matrix = np.zeros((*coefficients.shape[:-1], len(library), latents), coefficients.dtype)
    for k, term in enumerate(constants.terms):
        matrix[..., library.index(term.monomial), term.equation] += coefficients[..., k]

    def motion(z: Floats) -> Floats:
        return np.asarray(values(library, z) @ matrix)

    return motion


def step(motion: Motion, z: Floats, dt: float | None, substeps: int) -> Floats:
    """The states one step later; of a map their images."""
    if dt is None:
        return motion(z)
    h = dt / substeps
    for _ in range(substeps):
        a = motion(z)
        b = motion(z + h / 2 * a)
        c = motion(z + h / 2 * b)
        d = motion(z + h * c)
        z = z + h / 6 * (a + 2 * b + 2 * c + d)
    return z


def path(motion: Motion, z: Floats, dt: float | None, substeps: int, steps: int) -> Floats:
    """The states at ``steps`` times, the first one included (steps, ..., latents)."""
    out = np.empty((steps, *z.shape), dtype=z.dtype)
    with np.errstate(all="ignore"):
        for k in range(steps):
            out[k] = z
            if k + 1 < steps:
                z = step(motion, z, dt, substeps)
    return out


def substeps_for(motion: Motion, z: Floats, dt: float | None, tolerance: Floats) -> int:
    """How many steps of the integrator a step of the series needs at states (states, latents)."""
    if dt is None:
        return 1
    substeps = 1
    while substeps < 32:
        with np.errstate(all="ignore"):
            apart = np.abs(step(motion, z, dt, substeps) - step(motion, z, dt, 2 * substeps))
        if np.all(apart <= tolerance):
            break
        substeps *= 2
    return substeps
