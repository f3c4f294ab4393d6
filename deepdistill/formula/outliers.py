"""Rows that do not follow what the others follow: gross errors, found before a law is sought.

Robust regression with Tukey's bisquare (Beaton, Tukey 1974; Huber 1981) of the answers, and of
their logarithms, on low polynomials. A few rows far beyond the scale of all others, scattered among
them, are suspects: whether they are outliers the law decides that is found without them. Rows that
lie together are a regime or the surroundings of a pole, and answers that are the same a class.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

import numpy as np
from numpy.typing import NDArray

from .symbolic.arrays import Floats
from .symbolic.elimination import monomial_columns

_FEWEST = 20  # rows
_MOST = 0.08  # share of the rows
_FAR = 8.0  # robust standard errors
_FURTHEST = 15.0  # at least one must be so far off
_TUKEY = 4.685
_ROUNDS = 30
_EXACT = 1e-9  # of the spread
_SHARE = 0.25  # of the rows, how many terms a polynomial may have
_TOGETHER = 0.01  # probability of lying so near to each other by chance
_DECIMALS = 9
_CONFIRMED = 5.0  # standard errors of the law that is found

Places = NDArray[np.int64]


def suspects(x: Floats, y: Floats) -> Places:
    """Places of rows (rows, columns) whose answers (rows,) may be gross errors; mostly none."""
    none = np.arange(0)
    if len(y) < _FEWEST or not np.ptp(y) > 0:
        return none
    best, least = none, np.inf
    for design, target in _models(x, y):
        error, scale = _robust(design, target)
        share = scale / float(np.ptp(target))
        if share < least:
            least, best = share, _beyond(error, scale)
    return best if _may_be_errors(best, x, y) else none


def far_off(error: Floats, x: Floats, y: Floats) -> Places:
    """The same by the errors (rows,) that a law makes."""
    none = np.arange(0)
    if len(y) < _FEWEST or not np.isfinite(error).all():
        return none
    scale = max(1.4826 * float(np.median(error)), _EXACT * float(np.ptp(y)))
    places = _beyond(error, scale)
    return places if _may_be_errors(places, x, y) else none


def _beyond(error: Floats, scale: float) -> Places:
    if not error.max(initial=0.0) > _FURTHEST * scale:
        return np.arange(0)
    return np.flatnonzero(error > _FAR * scale)


def _may_be_errors(places: Places, x: Floats, y: Floats) -> bool:
    """Whether the rows are few, scattered and of answers of their own."""
    few = 0 < len(places) <= _MOST * len(y)
    return few and not _are_together(x, places) and not _are_alike(y[places])


def confirmed(places: Places, answers: Floats, y: Floats) -> Places:
    """Those suspects that the law's ``answers`` (rows,) miss by far more than the other rows."""
    rest = np.setdiff1d(np.arange(len(y)), places)
    with np.errstate(all="ignore"):
        error = np.abs(answers - y)
    noise = float(np.sqrt(np.mean(error[rest] ** 2))) if np.isfinite(error[rest]).all() else np.inf
    limit = max(_CONFIRMED * noise, _EXACT * float(np.ptp(y[rest])))
    return places[~(error[places] <= limit)]


def _models(x: Floats, y: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Terms (rows, terms) and what is regressed on them, the plainest first."""
    spread = np.ptp(x, axis=0)
    good = x[:, spread > 0]
    unit = (good - good.min(axis=0)) / np.ptp(good, axis=0) if good.shape[1] else good
    yield from ((design, y) for design in _designs(unit))
    if (y > 0).all() and good.shape[1] and (good > 0).all():
        yield from ((design, np.log(y)) for design in _designs(np.log(good)))


def _designs(unit: Floats) -> Iterator[Floats]:
    rows, count = unit.shape
    one = np.ones((rows, 1))
    if not count:
        yield one
        return
    names = [f"x{k}" for k in range(count)]
    columns = {name: unit[:, k] for k, name in enumerate(names)}
    for degree in (1, 2, 3):
        if comb(count + degree, degree) <= _SHARE * rows:
            yield np.concatenate([one, monomial_columns(names, degree, columns)], axis=1)


def _robust(design: Floats, y: Floats) -> tuple[Floats, float]:
    """Absolute residuals (rows,) of the bisquare fit, and the robust scale they have."""
    spread = float(np.ptp(y)) or 1.0
    weights = np.ones(len(y))
    error, scale = np.abs(y - np.median(y)), spread
    for step in range(_ROUNDS):
        root = np.sqrt(weights)[:, None]
        solution = np.linalg.lstsq(design * root, y * root[:, 0], rcond=1e-10)[0]
        error = np.abs(y - design @ solution)
        scale = max(1.4826 * float(np.median(error)), _EXACT * spread)
        before = weights
        if step < _ROUNDS // 3:  # Huber's weights find the start of Tukey's
            weights = np.minimum(1.0, 1.345 * scale / np.maximum(error, 1e-300))
        else:
            weights = np.maximum(1 - (error / (_TUKEY * scale)) ** 2, 0.0) ** 2
            if np.abs(weights - before).max() < 1e-6:
                break
        if not (weights > 0).sum() > design.shape[1]:
            break
    return error, scale


def _are_together(x: Floats, places: Places) -> bool:
    """Whether the rows lie nearer to each other than chance explains: in a column, or in all."""
    count, rows = len(places), len(x)
    if count < 2:
        return False
    columns = [x[:, k] for k in range(x.shape[1]) if np.ptp(x[:, k]) > 0]
    for column in columns:
        low, high = column[places].min(), column[places].max()
        share = float(np.mean((column >= low) & (column <= high)))
        chance = count * share ** (count - 1) - (count - 1) * share**count
        if chance * len(columns) < _TOGETHER:
            return True
    if not columns:
        return False
    unit = np.stack([column / np.ptp(column) for column in columns], axis=1)
    distance = np.round(((unit[places, None] - unit[None]) ** 2).sum(axis=2), _DECIMALS)
    distance[np.arange(count), places] = np.inf
    nearest = zip(places.tolist(), distance.argmin(axis=1).tolist(), strict=True)
    among = set(places.tolist())  # two that are each other's nearest are one coincidence, not two
    hits = len({frozenset(pair) for pair in nearest if pair[1] in among})
    base = (count - 1) / (rows - 1)
    chance = sum(
        comb(count, k) * base**k * (1 - base) ** (count - k) for k in range(hits, count + 1)
    )
    return chance < _TOGETHER


def _are_alike(answers: Floats) -> bool:
    """Whether most of the answers occur more than once, as those of a class do."""
    return len(answers) > 1 and 2 * len(np.unique(answers)) <= len(answers)
