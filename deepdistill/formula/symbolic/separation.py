"""Sums and products of functions of fewer variables, taken apart.

Variables interact where the stand-in needs terms with both. Groups that do not interact are sought
on their own: the polynomial of a group is the target of a smaller search (Udrescu, Tegmark: AI
Feynman, Science Advances 2020), and only the whole is refitted to the answer.
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


def parted(frame: Frame, y: Floats) -> Parts | None:
    """The law taken apart into the smallest groups; None where there is only one."""
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
    return None


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
