"""What the state of a system is made of: what was measured, and rates of change or delays of it.

Where the measured numbers alone do not tell how they go on (the angle of a pendulum without its
speed), the state of a flow takes their derivatives as well, that of a map their earlier values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .series import Floats
from .smoothing import derivatives, noise_of, smoothed

_LEAST_NOISE = 1e-7  # share of a deviation


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """Trajectories of states: ``raw`` as measured, ``smooth`` without noise (steps, latents).

    The first ``observed`` latents were measured with that ``noise``; latent ``k + observed`` is the
    rate of change of latent ``k``, or in a map the earlier value of it.
    """

    raw: tuple[Floats, ...]
    smooth: tuple[Floats, ...]
    noise: Floats
    observed: int
    dt: float | None

    @property
    def latents(self) -> int:
        return int(self.raw[0].shape[1])

    @property
    def order(self) -> int:
        return self.latents // self.observed

    @property
    def spread(self) -> Floats:
        return np.asarray(np.std(np.concatenate(self.smooth), axis=0))


def states_of(measured: tuple[Floats, ...], dt: float | None, order: int) -> States:
    """States of ``order`` times as many latents as were measured."""
    spread = np.std(np.concatenate(measured), axis=0)
    observed = measured[0].shape[1]
    if dt is None:
        delayed = tuple(
            np.concatenate([one[order - 1 - k : len(one) - k] for k in range(order)], axis=1)
            for one in measured
        )
        return States(delayed, delayed, _LEAST_NOISE * spread, observed, None)
    noise = np.maximum(noise_of(measured), _LEAST_NOISE * spread)
    quiet = smoothed(measured, noise)
    if order == 1:
        return States(measured, quiet, noise, observed, dt)
    smooth = tuple(
        np.concatenate([one, *derivatives(whole, noise, dt, order - 1)], axis=1)
        for one, whole in zip(quiet, measured, strict=True)
    )
    raw = tuple(
        np.concatenate([whole, one[:, observed:]], axis=1)
        for one, whole in zip(smooth, measured, strict=True)
    )
    return States(raw, smooth, noise, observed, dt)
