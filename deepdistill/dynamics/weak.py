"""Derivatives without differentiating: both sides of an equation against bumps in time.

The integral of ``phi dz/dt`` is minus that of ``z dphi/dt`` for a bump ``phi`` that vanishes at the
ends of its window (Messenger and Bortz 2021), and for bumps as smooth as these plain sums are the
integrals to many digits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .library import Library, values
from .series import Floats

_POWER = 10  # of the bump (1 - t^2)^p
_HALVES = (10, 14, 20, 28, 40)
_SHARE = 0.01  # of the signal that noise may be on the left side
_MOST_WINDOWS = 4000


@dataclass(frozen=True, slots=True, eq=False)
class Projected:
    """Rows of a regression: ``left`` (windows, latents) is a vector field of ``right``."""

    left: Floats
    right: Floats  # (windows, terms)


@dataclass(frozen=True, slots=True)
class Bumps:
    """The window of the bumps: steps on either side, and between two of them."""

    half: int
    stride: int


def _bump(half: int, dt: float) -> tuple[Floats, Floats]:
    """A bump and its derivative by time at the places of a window, of integral 1."""
    t = np.arange(-half, half + 1) / half
    bump = (1 - t * t) ** _POWER
    slope = -2 * _POWER * t * (1 - t * t) ** (_POWER - 1) / (half * dt)
    total = bump.sum()
    return bump / total, slope / total


def chosen_bumps(z: tuple[Floats, ...], noise: Floats, dt: float) -> Bumps:
    """The narrowest window in which noise of this deviation (latents,) hardly counts."""
    shortest = min(map(len, z))
    halves = [half for half in _HALVES if 4 * half <= shortest] or [max(4, shortest // 5)]
    for half in halves:
        _, slope = _bump(half, dt)
        left = np.concatenate([_windows(one, slope, max(1, half // 2)) for one in z])
        share = noise * np.sqrt(np.sum(slope**2)) / np.maximum(np.std(left, axis=0), 1e-300)
        if np.max(share) <= _SHARE:
            break
    windows = sum(len(one) - 2 * half for one in z)
    return Bumps(half, max(1, half // 4, windows // _MOST_WINDOWS))


def _windows(columns: Floats, kernel: Floats, stride: int) -> Floats:
    """The sums (windows, columns) of a kernel times columns (steps, columns)."""
    view = np.lib.stride_tricks.sliding_window_view(columns, len(kernel), axis=0)[::stride]
    return np.asarray(view @ kernel)


def projected(
    z: tuple[Floats, ...], library: Library, dt: float, bumps: Bumps, raw: tuple[Floats, ...]
) -> Projected:
    """Both sides for latents ``z``; the left one, which is linear, of those before smoothing."""
    bump, slope = _bump(bumps.half, dt)
    left = [-_windows(one, slope, bumps.stride) for one in raw]
    right = [_windows(values(library, one), bump, bumps.stride) for one in z]
    return Projected(np.concatenate(left), np.concatenate(right))


def stepped(z: tuple[Floats, ...], library: Library) -> Projected:
    """The rows of a map: the next step, and the library at this one."""
    left = [one[1:] for one in z]
    right = [values(library, one[:-1]) for one in z]
    return Projected(np.concatenate(left), np.concatenate(right))


def noise_left(noise: Floats, bumps: Bumps, dt: float) -> Floats:
    """The deviation that white noise alone gives the left sides."""
    _, slope = _bump(bumps.half, dt)
    return np.asarray(noise * np.sqrt(np.sum(slope**2)))
