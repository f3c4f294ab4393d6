"""Fewer latents than components: where channels are curved functions of what moves them.

Seen through curved functions the latents, and powers of them, are all components. Those directions
are latents whose rate of change the components tell by a quadratic: of a power it takes one of
higher degree. They stand out as the least eigenvalues of what is left over beside what there is.
The channels are then polynomials of them.
"""

from __future__ import annotations

import numpy as np

from .latents import Components
from .library import polynomials, values
from .series import Floats, Series
from .sparse import least_squares
from .states import States, states_of
from .weak import Bumps, Projected, chosen_bumps, projected, stepped

_CLOSED = 1e-3  # share of the left side's variance that a latent's quadratic may leave
_GAP = 8.0  # how much more the next direction leaves
_DEGREES = (2, 3)  # of the channels as polynomials of the latents
_FAINT = 1e-4  # share of a component's variance that these may leave, besides noise


def closed_components(components: Components, series: Series, latent: int | None) -> Components:
    """The fewest directions that move by themselves and tell all others, or the components."""
    if components.count < 2 or (latent is not None and latent >= components.count):
        return components
    encoded = tuple(components.encode(one) for one in series.trajectories)
    states = states_of(encoded, series.dt, 1)
    rows = _rows(states)
    left_over, directions = _directions(rows)
    counts = range(1, components.count) if latent is None else (latent,)
    for count in counts:
        worst = left_over[count - 1]
        if worst > _CLOSED or left_over[count] < _GAP * worst:
            continue
        turn = _whitening(states, directions[:, :count])
        for degree in _DEGREES:
            if len(polynomials(count, degree)) * 4 > len(rows.left):
                continue
            if _tells(states, turn, degree):
                return _curved(components, series, states, turn, degree)
    return components


def _rows(states: States) -> Projected:
    library = polynomials(states.latents, 2)
    if states.dt is None:
        return stepped(states.smooth, library)
    bumps: Bumps = chosen_bumps(states.raw, states.noise, states.dt)
    return projected(states.smooth, library, states.dt, bumps, states.raw)


def _directions(rows: Projected) -> tuple[Floats, Floats]:
    """Shares of variance left over, ascending, and the directions (components, directions)."""
    fit = least_squares(rows)
    residual = rows.left - rows.right @ fit.coefficients.T
    left = rows.left - rows.left.mean(axis=0)
    root = np.linalg.cholesky(left.T @ left)
    # by singular values: those of the products would end at half the digits
    shares, turned = np.linalg.svd(residual @ np.linalg.inv(root).T, full_matrices=False)[1:]
    order = np.argsort(shares)
    return shares[order] ** 2, np.linalg.inv(root).T @ turned[order].T


def _whitening(states: States, directions: Floats) -> Floats:
    """The matrix (latents, components) of the directions; images of deviation 1."""
    course = np.concatenate(states.smooth) @ directions
    course -= course.mean(axis=0)
    _, sizes, turn = np.linalg.svd(course, full_matrices=False)
    turn = turn * np.sign(turn[np.arange(len(turn)), np.abs(turn).argmax(axis=1)])[:, None]
    return np.asarray(turn @ directions.T / sizes[:, None] * np.sqrt(len(course)))


def _tells(states: States, turn: Floats, degree: int) -> bool:
    """Whether polynomials of these directions leave nothing of the components but noise."""
    smooth = np.concatenate(states.smooth)
    terms = values(polynomials(len(turn), degree), smooth @ turn.T)
    coefficients = np.linalg.lstsq(terms, smooth, rcond=None)[0]
    left = np.mean((smooth - terms @ coefficients) ** 2, axis=0)
    return bool(np.all(left <= states.noise**2 + _FAINT * states.spread**2))


def _curved(
    components: Components, series: Series, states: States, turn: Floats, degree: int
) -> Components:
    encoder = turn @ components.encoder
    terms = values(polynomials(len(turn), degree), np.concatenate(states.smooth) @ turn.T)
    decoder: Floats = np.asarray(np.linalg.lstsq(terms, series.stacked, rcond=None)[0].T)
    return Components(components.mean, encoder, decoder, degree)
