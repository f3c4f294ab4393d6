"""Integer weights for sums of columns, such as ``2 * npreg + age``."""

from __future__ import annotations

from math import gcd

import numpy as np

from ...units.rules import Floats, Places

_MULTIPLES = (1, 2, 3, 5)
_LARGEST = 10**12  # the ratio of two weights: of sums of doubles about as many digits are sure
_EXTREME = 1e100  # squares of larger numbers overflow, and those of the inverse vanish
_BIT = 0.35  # nats that a further bit of the weights has to tell
_ZERO = 0.5  # bits of a zero at the end of a weight
_CHANGES = 60
_SHORT = 20  # integers below are written as they are, larger ones in tens, hundreds, ...


def adds_up(values: Floats) -> bool:
    """Whether numbers (rows,) may be terms of a sum; enormous and tiny ones have limits alone."""
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    return 1 / _EXTREME < largest < _EXTREME


def whole_weights(real: Floats, bend: Floats, bit: float = _BIT) -> tuple[Places, float] | None:
    """Small integers that stand for real weights, and what one of their sum is worth.

    ``bend`` (weights, weights) says what a change of the weights costs: half of ``d · bend · d``
    nats, and a further ``bit`` of a weight has to tell so many. Nothing where the weights are too
    far apart.
    """
    size = np.abs(real)
    if not len(real) or size.min() == 0 or size.max() / size.min() > _LARGEST:
        return None
    goal = bend @ real
    if not float(real @ goal) > 0:
        return None
    parts = (size[:, None] / np.array(_MULTIPLES)).ravel()
    units = np.unique([float(f"{part:.12g}") for part in parts.tolist()])
    tried = np.array([[_short(w) for w in (real / unit).tolist()] for unit in units.tolist()])
    costs = _costs(tried, real, bend, goal, bit)
    place = int(np.argmin(costs))
    best, cost = tried[place], float(costs[place])
    for _ in range(_CHANGES):
        near = _neighbours(best)
        costs = _costs(near, real, bend, goal, bit)
        place = int(np.argmin(costs))
        if float(costs[place]) >= cost:
            break
        best, cost = near[place], float(costs[place])
    best = best // gcd(*best.tolist())
    return best, float(best @ goal) / float(best @ bend @ best)


def _costs(tried: Places, real: Floats, bend: Floats, goal: Floats, bit: float) -> Floats:
    """The nats that integers (tries, weights) lose and take to be told, (tries,)."""
    along = tried @ goal
    own = np.einsum("ij,jk,ik->i", tried, bend, tried)
    with np.errstate(invalid="ignore", divide="ignore"):
        lost = (float(real @ goal) - along**2 / own) / 2
    lost = np.where((along > 0) & (own > 0), lost, np.inf)
    size, zeros = np.abs(tried), np.zeros(tried.shape)
    for _ in range(8):
        even = size % 10 == 0
        size, zeros = np.where(even, size // 10, size), zeros + even
    bits = np.floor(np.log2(size)) + _ZERO * zeros
    return np.asarray(np.round(lost + bit * bits.sum(axis=1), 6))


def _neighbours(whole: Places) -> Places:
    """The same with one weight a little larger or smaller, by its last or by a further digit."""
    near = []
    for k, weight in enumerate(whole.tolist()):
        unit = _unit(weight)
        for step in {unit, max(1, unit // 10)}:
            for changed in (weight - step, weight + step):
                if changed and (changed > 0) == (weight > 0):
                    near.append([*whole[:k].tolist(), changed, *whole[k + 1 :].tolist()])
    return np.array(near, dtype=np.int64)


def _unit(weight: float) -> int:
    size = abs(weight)
    return 1 if size < _SHORT else int(10 ** int(np.floor(np.log10(size))))


def _short(weight: float) -> int:
    """The nearest integer but 0 of one significant digit, of two below 20."""
    unit = _unit(weight)
    return int(np.rint(weight / unit)) * unit or (1 if weight > 0 else -1)
