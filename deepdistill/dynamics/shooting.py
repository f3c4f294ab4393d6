"""The constants at which the equations run along the series: multiple shooting (Bock 1983).

Each stretch of the series has a starting state of its own; starting states, constants and the view
(how latents become what was measured) are fitted together by Gauss and Newton's steps, starting
states eliminated stretch by stretch. No derivative of the series is taken, so that noise in it
biases nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .canonical import Constants
from .coordinates import AffineChange
from .library import Library, polynomials, values
from .motion import motion_of, path, substeps_for
from .series import Floats

_ROUNDS = 12
_SETTLED = 1e-7  # share by which a round still lowers the loss
_STEP = 1e-30  # of a complex difference
_MOST_STRETCHES = 100
_PRECISE = 1e-8  # share of a deviation that the integrator may be off


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Pieces of a series (steps, pieces, observed) its noise (observed,), the time step."""

    observed: Floats
    noise: Floats
    dt: float | None

    @property
    def count(self) -> int:
        return int(self.observed.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class LatentView:
    """What is measured of latents: polynomials of them up to a degree, ``matrix`` before these."""

    matrix: Floats  # (observed, terms)
    degree: int = 1

    def library(self, latents: int) -> Library:
        """The monomials that the matrix stands before."""
        return polynomials(latents, self.degree)

    def apply(self, z: Floats) -> Floats:
        """What is measured (..., observed) of latents (..., latents)."""
        return np.asarray(values(self.library(z.shape[-1]), z) @ self.matrix.T)

    def moved(self, change: AffineChange) -> LatentView:
        """The same of latents that ``change`` has made of those before."""
        latents = len(change.shift)
        library = self.library(latents)
        points = np.random.default_rng(0).normal(size=(4 * len(library), latents))
        before = values(library, change.inverse.apply(points))
        turn = np.linalg.lstsq(values(library, points), before, rcond=None)[0]
        return LatentView(self.matrix @ turn.T, self.degree)

    @staticmethod
    def affine(change: AffineChange) -> LatentView:
        """A view of degree 1."""
        return LatentView(np.concatenate([change.shift[:, None], change.matrix], axis=1))

    @property
    def change(self) -> AffineChange:
        """That of degree 1 as a change."""
        return AffineChange(self.matrix[:, 1:], self.matrix[:, 0])


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """What was fitted: constants, the view, starting states, and how sure the constants are."""

    constants: Constants
    view: LatentView
    starts: Floats  # (pieces, latents)
    errors: Floats  # standard errors of the constants
    loss: float  # mean square of the residuals, in deviations of the noise
    substeps: int = 1


def stretches_of(
    trajectories: tuple[Floats, ...], length: int, noise: Floats, dt: float | None
) -> Stretches:
    """Pieces of so many steps one behind the other; evenly fewer where there are very many."""
    pieces = [
        one[k : k + length] for one in trajectories for k in range(0, len(one) - length + 1, length)
    ]
    if len(pieces) > _MOST_STRETCHES:
        chosen = np.linspace(0, len(pieces) - 1, _MOST_STRETCHES).astype(int)
        pieces = [pieces[k] for k in chosen]
    return Stretches(np.stack(pieces, axis=1), noise, dt)


def parted(data: Stretches, parts: int) -> Stretches:
    """The same with each piece cut into so many, which its steps must allow."""
    steps, pieces, observed = data.observed.shape
    cut = data.observed.reshape(parts, steps // parts, pieces, observed).transpose(1, 2, 0, 3)
    return replace(data, observed=cut.reshape(steps // parts, pieces * parts, observed))


def _state(shot: Shot, free_view: bool) -> Floats:
    sizes = np.array(shot.constants.sizes)
    if not free_view:
        return sizes
    return np.concatenate([sizes, shot.view.matrix.ravel()])


def _with_state(shot: Shot, state: Floats, starts: Floats) -> Shot:
    count = len(shot.constants.sizes)
    view = shot.view
    if len(state) > count:
        view = replace(view, matrix=state[count:].reshape(view.matrix.shape))
    sizes = tuple(float(size) for size in state[:count])
    return replace(shot, constants=replace(shot.constants, sizes=sizes), view=view, starts=starts)


def _residuals(shot: Shot, data: Stretches) -> Floats:
    motion = motion_of(shot.constants, shot.starts.shape[1])
    z = path(motion, shot.starts, data.dt, shot.substeps, len(data.observed))
    return np.asarray((shot.view.apply(z) - data.observed) / data.noise)


def _slopes(shot: Shot, data: Stretches, free_view: bool) -> tuple[Floats, Floats]:
    """Derivatives of the residuals (pieces, steps * observed, ...) by starts and by the state."""
    latents = shot.starts.shape[1]
    sizes = np.array(shot.constants.sizes)
    count = len(sizes)
    turned = np.tile(sizes.astype(complex), (latents + count, 1))
    turned[latents:] += 1j * _STEP * np.eye(count)
    z = np.tile(shot.starts.astype(complex), (latents + count, 1, 1))
    z[:latents] += 1j * _STEP * np.eye(latents)[:, None, :]
    motion = motion_of(shot.constants, latents, turned)
    steps = len(data.observed)
    moved = path(motion, z, data.dt, shot.substeps, steps)  # steps, turned, pieces, latents
    terms = values(shot.view.library(latents), moved)
    seen = terms.imag / _STEP @ shot.view.matrix.T / data.noise
    seen = seen.transpose(2, 0, 3, 1).reshape(data.count, -1, latents + count)
    by_start, by_state = seen[..., :latents], seen[..., latents:]
    if free_view:
        before = terms[:, 0].real.transpose(1, 0, 2)  # pieces, steps, terms
        observed = data.observed.shape[2]
        eye = np.eye(observed) / data.noise
        by_matrix = np.einsum("pst,oq->psoqt", before, eye)
        by_matrix = by_matrix.reshape(data.count, steps * observed, observed * terms.shape[-1])
        by_state = np.concatenate([by_state, by_matrix], axis=2)
    return by_start, by_state


def shoot(shot: Shot, data: Stretches, free_view: bool, rounds: int = _ROUNDS) -> Shot:
    """Constants, view and starting states of least squares, from those of ``shot`` on."""
    tolerance = np.maximum(
        0.01 * np.min(data.noise / np.maximum(np.abs(shot.view.matrix[:, 1:]).max(axis=1), 1e-300)),
        _PRECISE * np.std(shot.starts, axis=0),
    )
    motion = motion_of(shot.constants, shot.starts.shape[1])
    shot = replace(shot, substeps=substeps_for(motion, shot.starts, data.dt, tolerance))
    residuals = _residuals(shot, data)
    loss = float(np.mean(residuals**2))
    for _ in range(rounds):
        if not np.isfinite(loss):
            return replace(shot, loss=np.inf)
        by_start, by_state = _slopes(shot, data, free_view)
        wrong = residuals.transpose(1, 0, 2).reshape(data.count, -1, 1)
        if not (np.isfinite(by_start).all() and np.isfinite(by_state).all()):
            return replace(shot, loss=np.inf)
        q, r = np.linalg.qr(by_start)
        back = np.swapaxes(q, 1, 2)
        left_state = by_state - q @ (back @ by_state)
        left_wrong = wrong - q @ (back @ wrong)
        flat, scale = _flat(left_state)
        change = -np.linalg.lstsq(flat, left_wrong.reshape(-1), rcond=1e-10)[0] / scale
        turn = -(np.linalg.pinv(r) @ (back @ (wrong + by_state @ change[:, None])))[..., 0]
        state, better = _state(shot, free_view), None
        for share in (1.0, 0.5, 0.2, 0.05):
            tried = _with_state(shot, state + share * change, shot.starts + share * turn)
            now = _residuals(tried, data)
            there = float(np.mean(now**2))
            if there < loss:
                better = replace(tried, loss=there)
                break
        if better is None:
            break
        gained = 1 - better.loss / loss
        shot, residuals, loss = better, now, better.loss
        if gained < _SETTLED:
            break
    return replace(shot, loss=loss, errors=_errors(shot, data, free_view, loss))


def _errors(shot: Shot, data: Stretches, free_view: bool, loss: float) -> Floats:
    """Standard errors of the constants from the curvature of the loss."""
    by_start, by_state = _slopes(shot, data, free_view)
    if not np.isfinite(by_start).all():
        return np.full(len(shot.constants.sizes), np.inf)
    q, _ = np.linalg.qr(by_start)
    left = by_state - q @ (np.swapaxes(q, 1, 2) @ by_state)
    flat, scale = _flat(left)
    if not flat.size or not np.isfinite(flat).all():
        return np.full(len(shot.constants.sizes), np.inf)
    inner = np.linalg.pinv(flat.T @ flat, rcond=1e-12, hermitian=True)
    free = max(1, flat.shape[0] - flat.shape[1] - shot.starts.size)
    variance = loss * flat.shape[0] / free
    errors = np.sqrt(variance * np.abs(np.diag(inner))) / scale
    return np.asarray(errors[: len(shot.constants.sizes)])


def _flat(slopes: Floats) -> tuple[Floats, Floats]:
    """All rows, columns of length 1, and what they were."""
    flat = slopes.reshape(slopes.shape[0] * slopes.shape[1], slopes.shape[2])
    scale = np.sqrt(np.sum(flat**2, axis=0)) + 1e-300
    return flat / scale, scale
