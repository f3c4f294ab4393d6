"""How noisy a series is, and the series without it: local polynomials, chosen by leaving out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import comb, factorial

import numpy as np

from .series import Floats

_ORDER = 4
_HALVES = (3, 4, 6, 8, 11, 15, 20, 27, 36, 48)
_EXACT_HALF = 4  # of a quiet channel's window, which is followed exactly
_DIFFERENCES = range(3, 9)
_QUIET = 1e-4  # share of a channel's deviation: less noise is left as it is


def noise_of(trajectories: tuple[Floats, ...]) -> Floats:
    """The standard deviation of white noise in each channel (channels,), by high differences.

    What is smooth leaves little in them, so that the least over several orders is taken.
    """
    deviations = []
    for order in _DIFFERENCES:
        parts = [np.diff(one, order, axis=0) for one in trajectories if len(one) > 2 * order]
        if parts:
            deviations.append(
                np.sqrt(np.mean(np.concatenate(parts) ** 2, axis=0) / comb(2 * order, order))
            )
    return np.asarray(np.min(deviations, axis=0))


@cache
def _weights(half: int, place: int, order: int = _ORDER, derivative: int = 0) -> Floats:
    """What a polynomial through ``2 half + 1`` points makes of them at one of the places.

    A derivative is by the number of the step.
    """
    t = np.arange(-half, half + 1) / half
    powers = np.vander(t, order + 1, increasing=True)
    row = np.array(
        [
            factorial(k) / factorial(k - derivative) * t[place] ** (k - derivative)
            if k >= derivative
            else 0.0
            for k in range(order + 1)
        ]
    )
    return np.asarray(row @ np.linalg.pinv(powers) / half**derivative)


def smoothed_channel(x: Floats, half: int, order: int = _ORDER, derivative: int = 0) -> Floats:
    """One channel (steps,) by local polynomials; at the ends those of the outermost window."""
    places = range(2 * half + 1)
    weights = [_weights(half, place, order, derivative) for place in places]
    inner = np.convolve(x, weights[half][::-1], "valid")
    first = [weights[place] @ x[: 2 * half + 1] for place in places[:half]]
    last = [weights[place] @ x[-2 * half - 1 :] for place in places[half + 1 :]]
    return np.concatenate([first, inner, last])


def _left_out(x: Floats, half: int) -> float:
    """The squared error of each inner point told by the others of its window."""
    weights = _weights(half, half)
    inner = np.convolve(x, weights[::-1], "valid")
    errors = (x[half:-half] - inner) / (1 - weights[half])
    return float(np.mean(errors**2))


def _window(parts: Sequence[Floats], noise: float) -> int:
    """The half of the window that tells left-out points of a channel best; 0 where it is quiet."""
    if noise <= _QUIET * np.std(np.concatenate(parts)):
        return 0
    shortest = min(map(len, parts))
    halves = [half for half in _HALVES if 4 * half < shortest] or [_HALVES[0]]
    losses = [np.mean([_left_out(one, half) for one in parts]) for half in halves]
    return halves[int(np.argmin(losses))]


def smoothed(trajectories: tuple[Floats, ...], noise: Floats) -> tuple[Floats, ...]:
    """The trajectories without their noise; a quiet channel stays as it is."""
    out = tuple(one.copy() for one in trajectories)
    for k in range(len(noise)):
        half = _window([one[:, k] for one in trajectories], noise[k])
        for one, whole in zip(out, trajectories, strict=True):
            one[:, k] = smoothed_channel(whole[:, k], half) if half else whole[:, k]
    return out


def derivatives(x: Floats, noise: Floats, dt: float, orders: int) -> list[Floats]:
    """The first so many derivatives (steps, channels) by time."""
    rates = []
    for order in range(1, orders + 1):
        columns = []
        for k in range(x.shape[1]):
            half = _window([x[:, k]], noise[k])
            # a derivative is noisier than what it is of, and smoother where the noise is gone
            half = min(half + half // 2, (len(x) - 1) // 2) if half else _EXACT_HALF
            degree = _ORDER if half > _EXACT_HALF else 2 * _EXACT_HALF
            columns.append(smoothed_channel(x[:, k], half, degree, order) / dt**order)
        rates.append(np.stack(columns, axis=1))
    return rates
