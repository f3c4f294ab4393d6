"""How well equations tell a stretch of a series that nobody looked at: the next steps, how long.

Noise hides where a start is, so that it is found as in fitting: the state from which the equations
follow the measured steps best. From there they run on alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from .canonical import Constants
from .motion import Motion, motion_of, path
from .series import Floats
from .shooting import LatentView, Shot, Stretches, shoot

STARTS = 50
_FAR = 0.3  # deviations of the series: so far off a prediction is no longer valid
_CONFIDENCE = 0.95
_LONGER = 2.0


@dataclass(frozen=True, slots=True)
class Horizon:
    """How long predictions stay valid: the median over starts, in the time of the series.

    ``low`` and ``high`` hold the median at 95 %; ``reached`` counts the starts whose prediction was
    still valid where the series ended, at ``longest``.
    """

    median: float
    low: float
    high: float
    starts: int
    reached: int
    longest: float


@dataclass(frozen=True, slots=True)
class Skill:
    """What held-out stretches say: how many of them are followed within the tolerance.

    ``explained`` is the share of the variance of the next step's change (of a flow: of its rate)
    that the equations tell. ``inert`` is how long a flow is told by nothing acting on it: what was
    measured goes on by the rates that are part of its state, and where there are none it stands.
    """

    stretches: int
    missed: int
    tolerance: float
    explained: float
    horizon: Horizon | None
    inert: Horizon | None = None

    @property
    def is_idle(self) -> bool:
        """Whether predictions stay near hardly longer than where nothing acts on the states."""
        own, other = self.horizon, self.inert
        if own is None or other is None or self.is_still:
            return False
        lost, their = own.starts - own.reached, other.starts - other.reached
        return own.median < _LONGER * other.median and _LONGER * lost > their

    @property
    def is_still(self) -> bool:
        """Whether nothing acting on the states would tell all of what was held out as well."""
        return self.inert is not None and self.inert.reached == self.inert.starts


def held_skill(
    constants: Constants,
    view: LatentView,
    encoded: tuple[Floats, ...],
    measured: tuple[Floats, ...],
    noise: Floats,
    spread: Floats,
    wide: Floats,
    dt: float | None,
    substeps: int,
    length: int,
) -> Skill:
    """The skill on trajectories that were held out: their latents, and what was measured.

    ``spread`` is the deviation of what was measured over the whole series, ``wide`` that of the
    latents.
    """
    motion = motion_of(constants, encoded[0].shape[1])
    tolerance = 4 * np.max(noise / spread) + 0.02
    pieces, starts = [], []
    for z, x in zip(encoded, measured, strict=True):
        for k in range(0, min(len(z), len(x)) - length + 1, length):
            pieces.append(x[k : k + length])
            starts.append(z[k])
    missed = 0
    if pieces:
        data = Stretches(np.stack(pieces, axis=1), noise, dt)
        fixed = _fixed(constants)
        shot = shoot(
            Shot(fixed, view, np.array(starts), np.empty(0), np.inf, substeps), data, False
        )
        z = path(motion_of(fixed, len(starts[0])), shot.starts, dt, substeps, length)
        apart = np.abs(view.apply(z) - data.observed) / spread
        worst = np.where(np.isfinite(apart), apart, np.inf).max(axis=(0, 2))
        missed = int(np.sum(worst > tolerance))
    return Skill(
        len(pieces),
        missed,
        float(tolerance),
        _explained(motion, encoded, dt, substeps),
        _horizon(motion, encoded, wide, dt, substeps),
        None if dt is None else _horizon(_coasting(measured[0].shape[1]), encoded, wide, dt, 1),
    )


def _coasting(observed: int) -> Motion:
    """The motion of states whose last rates stay as they are."""

    def motion(z: Floats) -> Floats:
        return np.concatenate([z[..., observed:], np.zeros_like(z[..., :observed])], axis=-1)

    return motion


def _rank(count: int) -> int:
    """The least number of heads in so many tosses that half of the risk does not exclude."""
    seen, risk = 0.0, (1 - _CONFIDENCE) / 2
    for heads in range(count + 1):
        seen += comb(count, heads) / 2**count
        if seen > risk:
            return heads
    return count


def _fixed(constants: Constants) -> Constants:
    """The same with nothing to fit."""
    signs = constants.coefficients(np.array(constants.sizes))
    return Constants(constants.terms, tuple(signs.tolist()), (), ())


def _explained(
    motion: Motion, encoded: tuple[Floats, ...], dt: float | None, substeps: int
) -> float:
    """Of the change over a step: 1 less the share of it that the equations leave, the worst one."""
    left, whole = [], []
    for z in encoded:
        now = path(motion, z[:-1], dt, substeps, 2)[1]
        left.append(z[1:] - now)
        whole.append(z[1:] - z[:-1] if dt is not None else z[1:])
    share = np.mean(np.concatenate(left) ** 2, axis=0) / (
        np.var(np.concatenate(whole), axis=0) + 1e-300
    )
    return float(1 - np.max(np.where(np.isfinite(share), share, np.inf)))


def _horizon(
    motion: Motion,
    encoded: tuple[Floats, ...],
    spread: Floats,
    dt: float | None,
    substeps: int,
) -> Horizon | None:
    """Runs from starts spread evenly over the first halves of the held-out stretches."""
    step = 1.0 if dt is None else dt
    times, reached = [], 0
    longest = max(len(z) for z in encoded) // 2
    share = max(1, -(-STARTS // len(encoded)))
    for z in encoded:
        steps = len(z) // 2
        if steps < 2:
            continue
        begin = np.unique(np.linspace(0, len(z) - steps - 1, share).astype(int))
        predicted = path(motion, z[begin], dt, substeps, steps + 1)
        true = np.stack([z[k : k + steps + 1] for k in begin], axis=1)
        apart = np.sqrt(np.mean(((predicted - true) / spread) ** 2, axis=2))
        valid = np.where(np.isfinite(apart), apart, np.inf) <= _FAR
        ends = np.where(valid.all(axis=0), steps, np.argmin(valid, axis=0))
        reached += int(np.sum(valid.all(axis=0)))
        times += [float(end * step) for end in ends]
    if not times:
        return None
    ordered = sorted(times)
    count = len(ordered)
    rank = _rank(count)
    return Horizon(
        float(np.median(ordered)),
        ordered[max(rank - 1, 0)],
        ordered[min(count - rank, count - 1)],
        count,
        reached,
        float(longest * step),
    )
