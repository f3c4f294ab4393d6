"""Sums and products of functions of fewer variables, taken apart.

Variables interact where the stand-in needs terms with both. Groups that do not interact are sought
on their own: the polynomial of a group is the target of a smaller search (Udrescu, Tegmark: AI
Feynman, Science Advances 2020), and only the whole is refitted to the answer. Where answers have
both signs no logarithm makes a product a sum: its factors are fitted in turns (alternating least
squares), each a polynomial of its own group.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from .arrays import Floats
from .frame import POOR, Frame, Judged, Places, as_good, judged, scales
from .surrogate import polynomial

_FEWEST, _MOST = 2, 6
_TURNS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Groups of the frame's variables, and each group's function: a factor or a summand.

    ``values`` holds a column for each group, on the given rows; factors are known up to a constant
    factor, summands up to a constant. ``error`` is the relative squared error of the whole.
    """

    groups: tuple[tuple[int, ...], ...]
    values: tuple[Floats, ...]
    rows: Places
    factors: bool
    error: float


def parted(frame: Frame, y: Floats, off: float = 0.0) -> Parts | None:
    """The law taken apart into the smallest groups; None where there is only one.

    Answers may be ``off`` by so much of their variance: no product tells errors of both signs.
    """
    if not _FEWEST <= frame.x.shape[1] <= _MOST:
        return None
    options = [one for scale in scales(y) if (one := judged(frame, scale)) is not None]
    for whole in sorted(options, key=lambda one: one.error):
        scale = whole.scale
        if whole.error > POOR or not (scale.logarithmic or frame.factor is None):
            continue
        groups = _groups(whole)
        if len(groups) == 1:
            continue
        target, weights = scale.aim(frame)
        fitted = polynomial(whole.coordinates, target, weights, groups)
        error = np.inf if fitted is None else fitted.error / scale.spread()
        if fitted is None or not as_good(whole.error, error):
            continue
        middle = np.median(whole.coordinates, axis=0)
        columns = []
        for group in groups:
            alone = np.tile(middle, (len(target), 1))
            alone[:, group] = whole.coordinates[:, group]
            column = fitted(alone)
            columns.append(np.exp(column) if scale.logarithmic else column)
        return Parts(tuple(groups), tuple(columns), scale.rows, scale.logarithmic, error)
    return _signed_product(options[0], off) if options and y.min() < 0 < y.max() else None


def _signed_product(whole: Judged, off: float) -> Parts | None:
    """Factors of answers of both signs: each variable on its own that can be."""
    if whole.error > POOR or whole.scale.logarithmic:
        return None
    count = whole.coordinates.shape[1]
    result: Parts | None = None
    groups = [tuple(range(count))]
    for k in range(count):
        (home,) = (group for group in groups if k in group)
        if len(home) == 1:
            continue
        rest = tuple(j for j in home if j != k)
        tried = [*(group for group in groups if group != home), (k,), rest]
        if (parts := _in_turns(whole, tried, off)) is not None:
            groups, result = tried, parts
    return result


def _in_turns(whole: Judged, groups: list[tuple[int, ...]], off: float) -> Parts | None:
    """These factors, from slices through the largest answer; None where they tell less."""
    target, size = whole.scale.aim(whole.frame)
    x = whole.coordinates
    steady = np.tile(x[int(np.abs(target).argmax())], (len(target), 1))
    columns = []
    for group in groups:
        alone = steady.copy()
        alone[:, group] = x[:, group]
        columns.append(whole.fitted(alone))
    error = np.inf
    for turn in range(_TURNS * len(groups)):
        k = turn % len(groups)
        others = np.prod([size, *columns[:k], *columns[k + 1 :]], axis=0)
        scale = float(np.abs(others).max())
        fitted = polynomial(x[:, groups[k]], target, others / scale) if scale > 0 else None
        if fitted is None:
            return None
        columns[k] = fitted(x[:, groups[k]]) / scale
        error = fitted.error / whole.scale.spread()
    if not as_good(max(whole.error, off), error):
        return None
    return Parts(tuple(groups), tuple(columns), whole.scale.rows, True, error)


def _groups(whole: Judged) -> list[tuple[int, ...]]:
    """Variables that interact, directly or through others, stand together."""
    count = whole.coordinates.shape[1]
    target, weights = whole.scale.aim(whole.frame)
    meets = np.eye(count, dtype=bool)
    for i, k in combinations(range(count), 2):
        apart = [[j for j in range(count) if j != i], [j for j in range(count) if j != k]]
        fitted = polynomial(whole.coordinates, target, weights, apart)
        after = np.inf if fitted is None else fitted.error / whole.scale.spread()
        meets[i, k] = meets[k, i] = not as_good(whole.error, after)
    return _connected(meets)


def _connected(meets: NDArray[np.bool_]) -> list[tuple[int, ...]]:
    left = list(range(len(meets)))
    groups = []
    while left:
        group = {left[0]}
        while True:
            wider = group | {k for j in group for k in np.flatnonzero(meets[j]).tolist()}
            if wider == group:
                break
            group = wider
        groups.append(tuple(sorted(group)))
        left = [k for k in left if k not in group]
    return groups
