"""Series of measurements as a user hands them over, checked; one unusable thing, one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..ir.errors import InputError

Floats: TypeAlias = NDArray[np.float64]

FEWEST_STEPS = 20
"""Of a shorter trajectory nothing can be learned and judged."""

_SAME = 1e-12  # share of a channel's size below which it does not change


@dataclass(frozen=True, slots=True)
class Series:
    """Trajectories (steps, channels) of one system; ``dt`` between steps, None of a map."""

    trajectories: tuple[Floats, ...]
    dt: float | None

    @property
    def channels(self) -> int:
        return int(self.trajectories[0].shape[1])

    @property
    def steps(self) -> int:
        return sum(map(len, self.trajectories))

    @property
    def stacked(self) -> Floats:
        """All steps of all trajectories (steps, channels)."""
        return np.concatenate(self.trajectories)


def given_series(series: Any, dt: Any, discrete: bool = False) -> Series:
    """One array (steps, channels), or (steps,) of one channel, or a list of several such arrays.

    ``dt`` is the time between two steps; None, or ``discrete``, where a step is a step of a map.
    Raises :class:`InputError` for what no equation can be read from.
    """
    trajectories = tuple(_trajectory(one) for one in _several(series))
    widths = sorted({one.shape[1] for one in trajectories})
    if len(widths) > 1:
        raise InputError(
            f"the trajectories have {' and '.join(map(str, widths))} channels: give each the same"
        )
    for one in trajectories:
        if len(one) < FEWEST_STEPS:
            raise InputError(
                f"a trajectory has {len(one)} steps, and at least {FEWEST_STEPS} are needed: "
                "measure longer, or leave it out"
            )
    measured = Series(trajectories, None if discrete or dt is None else _time_step(dt))
    _refuse_constant(measured.stacked)
    return measured


def _several(series: Any) -> list[Any]:
    """The trajectories: of a list those that are arrays, else lists of steps that are lists."""
    if not isinstance(series, list | tuple) or not series:
        return [series]
    try:
        axes = np.ndim(series[0])
    except ValueError:
        raise InputError(
            "the rows of a trajectory differ in length: give arrays of steps and channels"
        ) from None
    listed = isinstance(series[0], list | tuple)
    return list(series) if axes >= 2 or (axes == 1 and not listed) else [series]


def _trajectory(one: Any) -> Floats:
    try:
        array = np.asarray(one)
        if np.iscomplexobj(array):
            raise TypeError
        array = array.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError(
            "the series holds something that is not a number: give arrays of steps and channels"
        ) from None
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or not array.shape[1]:
        raise InputError(
            f"a trajectory has shape {array.shape}: give steps and channels, (steps, channels)"
        )
    if not np.isfinite(array).all():
        step, channel = (int(k[0]) for k in np.nonzero(~np.isfinite(array)))
        raise InputError(
            f"the series has no finite value at step {step} of channel {channel}: fill the gap, or "
            "give the stretches beside it as two trajectories"
        )
    return array


def _time_step(dt: Any) -> float:
    try:
        step = float(dt)
    except (TypeError, ValueError):
        step = np.nan
    if isinstance(dt, bool) or not (np.isfinite(step) and step > 0):
        raise InputError(
            f"dt is {dt!r:.40}: give the time between two steps, a positive number, or None for a "
            "map from step to step"
        )
    return step


def _refuse_constant(stacked: Floats) -> None:
    spread = np.ptp(stacked, axis=0)
    still = spread <= _SAME * np.abs(stacked).max(axis=0)
    if still.all():
        raise InputError("no channel ever changes: there is nothing to find an equation of")
    if stacked.shape[1] <= 8 and still.any():
        channel = int(np.nonzero(still)[0][0])
        raise InputError(f"channel {channel} never changes: leave it out")
