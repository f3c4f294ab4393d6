"""Sums of two to four columns with small integer weights, such as ``2 * npreg + age``."""

from __future__ import annotations

from math import gcd

import numpy as np

from ...units.rules import Floats, Places
from .bins import BinnedRows, SumOf
from .points import logistic, targets

_MOST = 4
_MULTIPLES = (1, 2, 3, 4, 5, 6)
_LARGEST = 10_000  # the ratio of two weights
_DIGIT = 1.0  # nats that a digit of a weight has to gain


def sums_of_columns(part: BinnedRows, x: Floats) -> list[SumOf]:
    """The likeliest sums of 2, 3 and 4 columns of the table ``x`` (rows, columns)."""
    numbers = [
        j for j in range(part.bins.own) if not part.bins.named[j] and part.bins.counts[j] > 1
    ]
    own = np.array([x[:, j] for j in numbers]).T
    if len(numbers) < 2:
        return []
    known = ~np.isnan(own)
    middle = np.where(known, own, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    own = np.where(known, own, middle)
    spread = own.std(axis=0)
    z = (own - middle) / np.where(spread > 0, spread, 1)
    target, weights = targets(part), part.weights
    chosen: list[int] = []
    found: list[SumOf] = []
    fit = logistic(np.empty((len(z), 0)), target, weights)
    for _ in range(min(_MOST, len(numbers))):
        slope = (fit.slope[:, None] * z).sum(axis=0)
        bend = (fit.bend[:, None] * z**2).sum(axis=0)
        gains = np.round(slope**2 / (bend + 1e-9), 6)
        gains[chosen] = -1
        best = int(np.argmax(gains))
        if gains[best] < 2.0:
            break
        chosen.append(best)
        fit = logistic(z[:, chosen], target, weights)
        if len(chosen) > 1:
            real = fit.weights[1:] / np.where(spread > 0, spread, 1)[chosen]
            whole = _whole(real, z[:, chosen], spread[chosen], target, weights)
            if whole is not None:
                pairs = [(numbers[k], int(w)) for k, w in zip(chosen, whole, strict=True) if w]
                sign = 1 if max(pairs, key=lambda pair: abs(pair[1]))[1] > 0 else -1
                pairs = [(column, sign * weight) for column, weight in pairs]
                if len(pairs) > 1:
                    found.append(tuple(sorted(pairs)))
    return list(dict.fromkeys(found))


def _whole(
    real: Floats, z: Floats, spread: Floats, target: Floats, weights: Floats
) -> Places | None:
    """Small integers in nearly the ratio of these weights."""
    size = np.abs(real)
    if size.min() == 0 or size.max() / size.min() > _LARGEST:
        return None
    best: tuple[float, Places] | None = None
    for multiple in _MULTIPLES:
        whole = np.array([_short(w) for w in (real / size.min() * multiple).tolist()])
        whole = whole // gcd(*whole.tolist())
        score = (z * spread) @ whole
        deviation = score.std()
        if not deviation > 0:
            continue
        fit = logistic((score / deviation)[:, None], target, weights)
        cost = round(fit.loss + _DIGIT * sum(len(str(abs(w)).rstrip("0")) for w in whole), 6)
        if best is None or cost < best[0]:
            best = cost, whole
    return None if best is None else best[1]


def _short(weight: float) -> int:
    """The nearest integer of one significant digit, of two below 20."""
    if abs(weight) < 20:
        return int(np.rint(weight))
    unit = 10 ** int(np.floor(np.log10(abs(weight))))
    return int(int(np.rint(weight / unit)) * unit)
