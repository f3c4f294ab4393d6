"""Conditions with small points of which enough decide: "3 for a, 2 for b, 2 for c, at least 4".

Counts, "all of" and "any of" are among them. One condition at a time is changed to the best of all
conditions, points and limits there are beside the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import product

import numpy as np

from ...units.rules import (
    Among,
    Below,
    Floats,
    Leaf,
    Missing,
    Places,
    RuleModel,
    RuleUnit,
    Split,
    Tree,
    Truths,
)
from .bins import BinnedRows, coarser, finer
from .conditions import MOST_ROWS, single
from .gains import steady
from .trees import least_weight

_BINS = 16  # of a column while conditions are looked for
_LARGEST = (3, 3, 3, 3, 2)  # points, by how many other conditions there are
_POINT = 1.0  # nats that each point above one has to gain
_DEAREST = 4.0  # of all points
_SWEEPS = 3
_BETTER = 1e-6
_NOTHING = 1e-9
_SURE = 3  # conditions that are tried in any case; further ones while each one pays
_PAYS = 2.0  # nats
_MOST_CONDITIONS = 300  # that are compared at once


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    """Conditions on single columns, and where they fire, (conditions, rows)."""

    units: tuple[RuleUnit, ...]
    columns: Places
    fires: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _ThresholdCandidate:
    """Conditions by place among all, whether each one has to fire, their points and the limit."""

    places: tuple[int, ...]
    wanted: tuple[bool, ...]
    points: tuple[int, ...]
    limit: int
    gain: float


@dataclass(frozen=True, slots=True, eq=False)
class _Functions:
    """All functions of some conditions and a further one, by the points of the others.

    For each combination of the others that hold, (functions, combinations): whether they are enough
    without the further one, and whether it decides. ``points`` (functions, conditions) has the
    further one last.
    """

    enough: Floats
    decides: Floats
    points: Places
    limits: Places
    price: Floats


@cache
def _functions(others: int) -> _Functions:
    held = np.array(list(product((0, 1), repeat=others)), dtype=np.int64)
    held = held.reshape(2**others, others)
    best: dict[bytes, tuple[float, tuple[int, ...], int, Truths, Truths]] = {}
    largest = _LARGEST[min(others, len(_LARGEST) - 1)]
    for points in product(range(1, largest + 1), repeat=others + 1):
        sums = held @ np.array(points[:others], dtype=np.int64)
        price = _POINT * (sum(points) - len(points))
        for limit in range(1, sum(points) + 1):
            enough = sums >= limit
            decides = ~enough & (sums >= limit - points[-1])
            key = enough.tobytes() + decides.tobytes()
            if price <= _DEAREST and decides.any() and (key not in best or price < best[key][0]):
                best[key] = price, points, limit, enough, decides
    rows = list(best.values())
    return _Functions(
        np.array([row[3] for row in rows], dtype=float),
        np.array([row[4] for row in rows], dtype=float),
        np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]),
        np.array([row[0] for row in rows]),
    )


def threshold_functions(given: BinnedRows, most: int) -> list[RuleModel]:
    """For 2, 3, ... conditions those with points that gain most in likelihood."""
    part, ends = coarser(given, _BINS)
    rows = np.arange(0, len(part.y), max(1, len(part.y) // MOST_ROWS))
    candidates = _candidates(part, rows)
    if not candidates.units:
        return []
    y, weights = part.y[rows], part.weights[rows]
    search = _Search(candidates, y, weights, part.classes, least_weight(part))
    models: list[RuleModel] = []
    best: _ThresholdCandidate | None = None
    for size in range(1, most + 1):
        more = search.added(best)
        if more is None:
            break
        more = search.improved(more)
        if size > _SURE and best is not None and more.gain < best.gain + _PAYS:
            break
        best = more
        if size > 1:
            models.append(finer(_model(search.rising(best), candidates), given.bins, ends))
    return models


def _candidates(part: BinnedRows, rows: Places) -> _Candidates:
    """All thresholds, levels and missing values, of the columns that tell most by themselves."""
    units: list[RuleUnit] = []
    for one in single(part, rows, True):
        (j,) = one.parts[0].unit.columns
        count = part.bins.counts[j]
        own: list[RuleUnit] = [Missing(j)] if part.bins.missing[j] else []
        if part.bins.named[j]:
            own += [Among(j, (code,)) for code in range(count)]
        else:
            own += [Below(j, code + 1.0) for code in range(count - 1)]
        if units and len(units) + len(own) > _MOST_CONDITIONS:
            break
        units += own
    fires = RuleModel(tuple(units), ()).fired(part.x[rows]).T.astype(float)
    kept = np.flatnonzero((fires.sum(axis=1) >= 2) & (fires.sum(axis=1) <= len(rows) - 2))
    columns = np.array([unit.columns[0] for unit in units], dtype=np.int64)
    return _Candidates(tuple(units[k] for k in kept.tolist()), columns[kept], fires[kept])


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    candidates: _Candidates
    y: Places
    weights: Floats
    classes: int
    least: float

    def added(self, start: _ThresholdCandidate | None) -> _ThresholdCandidate | None:
        """One more condition beside those, at its best with all points and limits."""
        if start is None:
            start = _ThresholdCandidate((), (), (), 1, -np.inf)
        functions = _functions(len(start.places))
        cells = np.zeros(len(self.y), dtype=np.int64)
        for place, wanted in zip(start.places, start.wanted, strict=True):
            cells = 2 * cells + (self.candidates.fires[place] == wanted)
        # by class, then by the others that hold: (classes, combinations, rows)
        one = np.zeros((self.classes, functions.enough.shape[1], len(self.y)))
        one[self.y, cells, np.arange(len(self.y))] = self.weights
        total = one.sum(axis=2)
        fires = one @ self.candidates.fires.T
        sure = (functions.enough @ total.T).T[:, :, None]
        opened = (functions.decides @ total.T).T[:, :, None]
        inner = functions.decides @ fires
        everything = total.sum(axis=1)[:, None, None]
        best: tuple[float, int, int, bool] | None = None
        # a column that is asked twice is a range, which is no score
        taken = self.candidates.columns[list(start.places)]
        again = np.isin(self.candidates.columns, taken)
        before = float(_likelihood(everything)[0, 0])
        for wanted in (True, False):
            inside = inner if wanted else opened - inner
            decided = np.minimum(inside.sum(axis=0), (opened - inside).sum(axis=0))
            inside = inside + sure
            outside = everything - inside
            gains = _likelihood(inside) + _likelihood(outside) - before
            short = np.minimum(inside.sum(axis=0), outside.sum(axis=0))
            gains = gains - functions.price[:, None]
            gains = np.where((short >= self.least) & (decided >= 2.0), gains, -np.inf)
            gains[:, again] = -np.inf
            gains = steady(gains)
            function, place = divmod(int(np.argmax(gains)), gains.shape[1])
            gain = float(gains[function, place])
            if np.isfinite(gain) and (best is None or gain > best[0] + _BETTER):
                best = gain, function, place, wanted
        if best is None:
            return None
        gain, function, place, wanted = best
        points = tuple(functions.points[function].tolist())
        limit = int(functions.limits[function])
        return _ThresholdCandidate(
            (*start.places, place), (*start.wanted, wanted), points, limit, gain
        )

    def improved(self, start: _ThresholdCandidate) -> _ThresholdCandidate:
        """Each condition in turn the best beside all others, while that gains."""
        best, idle = start, 0
        for _ in range(_SWEEPS * len(start.places) if len(start.places) > 1 else 0):
            # the first goes, a new one comes last
            other = self.added(
                _ThresholdCandidate(best.places[1:], best.wanted[1:], (), 1, -np.inf)
            )
            idle += 1
            if other is not None and other.gain > best.gain + _BETTER:
                best, idle = other, 1
            else:
                best = replace(
                    best,
                    places=(*best.places[1:], best.places[0]),
                    wanted=(*best.wanted[1:], best.wanted[0]),
                    points=(*best.points[1:], best.points[0]),
                )
            if idle == len(best.places):
                break
        return best

    def rising(self, candidate: _ThresholdCandidate) -> _ThresholdCandidate:
        """The same split with the second class where the points are enough."""
        fires = self.candidates.fires[list(candidate.places)] == np.array(candidate.wanted)[:, None]
        enough = np.array(candidate.points) @ fires >= candidate.limit
        means = [np.average(self.y[side], weights=self.weights[side]) for side in (enough, ~enough)]
        if means[0] >= means[1]:
            return candidate
        return replace(
            candidate,
            wanted=tuple(not wanted for wanted in candidate.wanted),
            limit=sum(candidate.points) - candidate.limit + 1,
        )


def _likelihood(counts: Floats) -> Floats:
    """Log likelihood of rows with these ``counts`` (classes, ...), at their own shares."""
    return np.asarray(_times_log(counts).sum(axis=0) - _times_log(counts.sum(axis=0)))


def _times_log(values: Floats) -> Floats:
    return np.asarray(values * np.log(np.maximum(values, _NOTHING)))


def _model(chosen: _ThresholdCandidate, candidates: _Candidates) -> RuleModel:
    """A tree of one split for each condition, those of most points first."""
    order = sorted(range(len(chosen.places)), key=lambda k: (-chosen.points[k], chosen.places[k]))
    trees: list[Tree] = []
    for k, place in enumerate(order):
        points = Leaf(chosen.points[place])
        fires = chosen.wanted[place]
        trees.append(Split(k, points, Leaf(0)) if fires else Split(k, Leaf(0), points))
    units = tuple(candidates.units[chosen.places[place]] for place in order)
    return RuleModel(units, tuple(trees), (chosen.limit,))
