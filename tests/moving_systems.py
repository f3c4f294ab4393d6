"""Systems that move by known equations, run finely, and channels through which they are seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Field = Callable[[Any], Any]


def lorenz(z: Any) -> Any:
    x, y, h = z.T
    return np.stack([10 * (y - x), x * (28 - h) - y, x * y - 8 / 3 * h], axis=-1)


def pendulum(z: Any) -> Any:
    return np.stack([z[:, 1], -2 * np.sin(z[:, 0]) - 0.3 * z[:, 1]], axis=-1)


def prey_and_predators(z: Any) -> Any:
    x, y = z.T
    return np.stack([x - 0.5 * x * y, 0.4 * x * y - 0.8 * y], axis=-1)


def oscillator(z: Any) -> Any:
    return np.stack([z[:, 1], -4 * z[:, 0] - 0.3 * z[:, 1]], axis=-1)


def run(field: Field, start: Any, dt: float, steps: int, skipped: int = 0) -> Any:
    """The states (steps, latents) of one run, by 20 fourth-order steps each."""
    z, h, out = np.array([start], dtype=float), dt / 20, []
    for _ in range(steps + skipped):
        out.append(z[0])
        for _ in range(20):
            a = field(z)
            b = field(z + h / 2 * a)
            c = field(z + h / 2 * b)
            d = field(z + h * c)
            z = z + h / 6 * (a + 2 * b + 2 * c + d)
    return np.array(out[skipped:])


def henon(steps: int) -> Any:
    z = np.zeros((steps, 2))
    for k in range(steps - 1):
        z[k + 1] = 1 - 1.4 * z[k, 0] ** 2 + z[k, 1], 0.3 * z[k, 0]
    return z


def mixed(z: Any, channels: int = 128, cubic: bool = False) -> Any:
    """Latents on as many Legendre polynomials over the channels, cubic: their cubes on more."""
    parts = np.concatenate([z, z**3], axis=1) if cubic else z
    place = np.linspace(-1, 1, channels)
    modes = np.polynomial.legendre.legvander(place, parts.shape[1])[:, 1:]
    return parts @ modes.T


def noisy(x: Any, share: float, seed: int = 0) -> Any:
    """With white noise of a share of the deviation of all channels."""
    return x + share * np.std(x) * np.random.default_rng(seed).normal(size=x.shape)
