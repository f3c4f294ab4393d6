"""Points for conditions: few conditions whose sum is likeliest, with small integers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...units.rules import (
    Floats,
    Leaf,
    Places,
    RuleModel,
    RuleUnit,
    Split,
    Tree,
    Truths,
)
from .bins import BinnedRows
from .gains import allowed, histogram, sides, steady, unit_at, weighed
from .probabilities import curves
from .trees import least_weight, unit_fires

_RIDGE = 0.3
_NEWTON = 12
_HALVINGS = 8
_SWEEPS = 2
_SCALES = 8
_CHANGES = 6  # of one point each
_LEAST_GAIN = 1.0  # nats


def targets(part: BinnedRows) -> Floats:
    """What the sums are fitted to, 0 to 1: the class, or the place of it in their order."""
    return part.y / max(1, part.classes - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The weights of columns of truths, with what a row still has to gain: slope and bend."""

    weights: Floats  # the constant first
    slope: Floats
    bend: Floats
    loss: float


def logistic(
    z: Floats, target: Floats, weights: Floats, ridge: float = _RIDGE, near: Floats | None = None
) -> Fitted:
    """Weights of features (rows, k) with the largest likelihood less a ridge, looked for ``near``.

    Those of the nearest fit, the constant first, where they are known.
    """
    basis = np.concatenate([np.ones((len(z), 1)), z], axis=1)
    ridges = np.full(basis.shape[1], ridge)
    ridges[0] = 1e-3
    if near is None:
        start = (float((weights * target).sum()) + 0.5) / (float(weights.sum()) + 1)
        near = np.zeros(basis.shape[1])
        near[0] = np.log(start / (1 - start))
    theta = near
    p = _chance(basis @ theta)
    loss = lost_nats(p, target, weights)
    for _ in range(_NEWTON):
        slope = weights * (target - p)
        bend = weights * np.maximum(p * (1 - p), 1e-6)
        step = np.clip(
            np.linalg.solve(
                (basis * bend[:, None]).T @ basis + np.diag(ridges),
                basis.T @ slope - ridges * theta,
            ),
            -3,
            3,
        )
        before = loss + float(ridges @ theta**2) / 2
        for _ in range(_HALVINGS):
            # of columns whose largest values are far out whole steps go too far
            p = _chance(basis @ (theta + step))
            loss = lost_nats(p, target, weights)
            if loss + float(ridges @ (theta + step) ** 2) / 2 <= before + 1e-7:
                break
            step = step / 2
        theta = theta + step
        if float(np.abs(step).max()) < 1e-6:
            break
    slope = weights * (target - p)
    bend = weights * np.maximum(p * (1 - p), 1e-6)
    return Fitted(np.round(theta, 9), slope, bend, round(loss, 7))


def lost_nats(p: Floats, target: Floats, weights: Floats) -> float:
    """The negative log likelihood of targets from 0 to 1 (rows,) with these chances."""
    return -float((weights * (target * np.log(p) + (1 - target) * np.log(1 - p))).sum())


def _chance(z: Floats) -> Floats:
    return np.asarray(np.clip(1 / (1 + np.exp(-np.clip(z, -30, 30))), 1e-6, 1 - 1e-6))


def stumps(part: BinnedRows, most: int) -> list[list[RuleUnit]]:
    """Conditions whose weighted sum is likeliest: 1, 2, ... of them, each set searched anew."""
    target, weights = targets(part), part.weights
    units: list[RuleUnit] = []
    masks: list[Truths] = []
    sets: list[list[RuleUnit]] = []
    fit = logistic(np.empty((len(target), 0)), target, weights)
    while len(units) < most:
        found_next = next_condition(part, fit, units)
        if found_next is None:
            break
        unit = found_next[1]
        units, masks = [*units, unit], [*masks, unit_fires(unit, part)]
        fit = logistic(np.stack(masks, axis=1).astype(float), target, weights)
        for _ in range(_SWEEPS):
            before = fit.loss
            for k in range(len(units) if len(units) > 1 else 0):
                others = [mask for place, mask in enumerate(masks) if place != k]
                without = logistic(np.stack(others, axis=1).astype(float), target, weights)
                other = next_condition(part, without, [*units[:k], *units[k + 1 :]])
                if other is None or other[1] == units[k]:
                    continue
                unit = other[1]
                tried = [*masks[:k], unit_fires(unit, part), *masks[k + 1 :]]
                new = logistic(np.stack(tried, axis=1).astype(float), target, weights)
                if new.loss < fit.loss - 1e-6:
                    units, masks, fit = [*units[:k], unit, *units[k + 1 :]], tried, new
            if fit.loss > before - _LEAST_GAIN:
                break
        sets.append(list(units))
    return sets


def next_condition(
    part: BinnedRows, fit: Fitted, taken: list[RuleUnit], here: Truths | None = None
) -> tuple[float, RuleUnit] | None:
    """The condition that a sum gains most by, in nats, of all rows or of those ``here``."""
    values = np.stack([fit.slope, fit.bend, part.weights], axis=1)
    codes = part.codes
    if here is not None:
        values, codes = values[here], codes[here]
    sums = histogram(part.bins, codes, values)
    total = sums[0].sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rank = np.where(sums[:, :, 1] > 0, -sums[:, :, 0] / sums[:, :, 1], 0.0)
    best: tuple[float, RuleUnit] | None = None
    least = least_weight(part)
    for splits in sides(part.bins, sums, rank):
        slope, bend = splits.fires[:, :, 0], splits.fires[:, :, 1]
        with np.errstate(invalid="ignore", divide="ignore"):
            rest = total[1] - bend
            # what the constant takes up is no gain
            own = slope - bend / total[1] * total[0]
            gains = own**2 * total[1] / (bend * rest + _RIDGE * total[1]) / 2
        short = np.minimum(splits.fires[:, :, 2], splits.rests[:, :, 2])
        gains = np.where((short >= least) & np.isfinite(gains), gains - allowed(splits), -np.inf)
        if part.monotone:
            sign = np.zeros(part.bins.columns)
            sign[: len(part.monotone)] = part.monotone
            # what is below a threshold has to lower the chance where the column raises it
            gains = np.where(own * sign[:, None] <= 0, gains, -np.inf)
        gains = steady(gains)
        for flat in np.argsort(-gains, axis=None, kind="stable")[:8].tolist():
            column, place = divmod(flat, gains.shape[1])
            gain = float(gains[column, place])
            unit = unit_at(splits, column, place)
            if gain > _LEAST_GAIN and unit not in taken and (best is None or gain > best[0]):
                best = gain, unit
                break
    return best


def whole_points(masks: Floats, part: BinnedRows, largest: int) -> Places:
    """Integers for features (rows, k), none above ``largest``, whose sum is likeliest."""
    target = targets(part)
    fit = logistic(masks, target, part.weights)
    real = fit.weights[1:]
    top = float(np.abs(real).max(initial=0.0))
    if top == 0.0:
        return np.zeros(len(real), dtype=np.int64)
    if largest == 1:
        return np.sign(real).astype(np.int64, copy=False)
    scales = np.linspace(max(1, largest / 3), largest + 0.45, _SCALES)
    tried = np.unique(np.rint(real / top * scales[:, None]).astype(np.int64), axis=0)
    losses = _losses_of(tried, masks, part)
    points: Places = tried[int(np.argmin(losses))]
    loss = float(losses.min())
    steps = np.concatenate([np.eye(len(points)), -np.eye(len(points))]).astype(np.int64)
    for _ in range(_CHANGES):
        near = points + steps
        near = near[(np.abs(near).max(axis=1) <= largest) & near.any(axis=1)]
        losses = _losses_of(near, masks, part)
        if float(losses.min()) >= loss - 1e-6:
            break
        points, loss = near[int(np.argmin(losses))], float(losses.min())
    return points


def _losses_of(points: Places, masks: Floats, part: BinnedRows) -> Floats:
    """The negative log likelihoods of logistic curves through sums of points, (candidates,)."""
    sums = np.rint(masks @ points.T).astype(np.int64)
    sums -= sums.min(axis=0)
    ways, count = len(points), int(sums.max()) + 1
    keys = (sums + np.arange(ways) * count).ravel()
    hit = part.weights * targets(part)
    weight = weighed(keys, np.repeat(part.weights, ways), ways * count).reshape(ways, count)
    hits = weighed(keys, np.repeat(hit, ways), ways * count).reshape(ways, count)
    p = curves(np.arange(float(count)), weight, hits)
    p = np.minimum(np.maximum(p, 1e-9), 1 - 1e-9)
    return steady(-(hits * np.log(p) + (weight - hits) * np.log(1 - p)).sum(axis=1))


def points_path(part: BinnedRows, sets: list[list[RuleUnit]], largest: int) -> list[RuleModel]:
    """A model for each set of conditions: one tree of one split each."""
    models = []
    for units in sets:
        masks = np.stack([unit_fires(unit, part) for unit in units], axis=1).astype(float)
        models.append(_of_stumps(units, whole_points(masks, part, largest), part.classes))
    return models


def _of_stumps(units: list[RuleUnit], points: Places, classes: int) -> RuleModel:
    """Points for each unit that fires; where they are negative, for resting."""
    kept = [(unit, int(value)) for unit, value in zip(units, points, strict=True) if value]
    trees: tuple[Tree, ...] = tuple(
        Split(k, Leaf(value), Leaf(0)) if value > 0 else Split(k, Leaf(0), Leaf(-value))
        for k, (_, value) in enumerate(kept)
    )
    return RuleModel(tuple(unit for unit, _ in kept), trees, tuple(range(1, classes)))
