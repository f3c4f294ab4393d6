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
from .conditions import COARSE, MOST_ROWS
from .gains import information, steady
from .trees import least_weight

_LARGEST = (3, 3, 3, 3, 2)  # points, by how many other conditions there are
_POINT = 1.0  # nats that each point above one has to gain
_SWEEPS = 4
_BETTER = 1e-6
_SURE = 3  # conditions that are tried in any case; further ones while each one pays
_PAYS = 2.0  # nats
_MOST_CONDITIONS = 400  # that are compared at once, of the columns that tell most by themselves


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    """Conditions on single columns, and where they fire, (conditions, rows)."""

    units: tuple[RuleUnit, ...]
    columns: Places
    fires: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
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
    found: dict[bytes, tuple[float, tuple[int, ...], int, Truths, Truths]] = {}
    largest = _LARGEST[min(others, len(_LARGEST) - 1)]
    for points in product(range(1, largest + 1), repeat=others + 1):
        sums = held @ np.array(points[:others], dtype=np.int64)
        price = _POINT * (sum(points) - len(points))
        for limit in range(1, sum(points) + 1):
            enough = sums >= limit
            decides = ~enough & (sums >= limit - points[-1])
            key = enough.tobytes() + decides.tobytes()
            if decides.any() and (key not in found or price < found[key][0]):
                found[key] = price, points, limit, enough, decides
    rows = list(found.values())
    return _Functions(
        np.array([row[3] for row in rows], dtype=float),
        np.array([row[4] for row in rows], dtype=float),
        np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]),
        np.array([row[0] for row in rows]),
    )


def threshold_functions(given: BinnedRows, most: int) -> list[RuleModel]:
    """For 2, 3, ... conditions those with points that gain most in likelihood."""
    part, ends = coarser(given, COARSE)
    rows = np.arange(0, len(part.y), max(1, len(part.y) // MOST_ROWS))
    candidates = _candidates(part, rows)
    if not candidates.units:
        return []
    y, weights = part.y[rows], part.weights[rows]
    search = _Search(candidates, y, weights, part.classes, least_weight(part))
    models: list[RuleModel] = []
    best: _Found | None = None
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
    """All thresholds, levels and missing values, of the columns that tell most."""
    units: list[RuleUnit] = []
    for j, count in enumerate(part.bins.counts):
        if part.bins.named[j]:
            units += [Among(j, (code,)) for code in range(count)]
        else:
            units += [Below(j, code + 1.0) for code in range(count - 1)]
        if part.bins.missing[j]:
            units.append(Missing(j))
    x = part.x[rows]
    fires = RuleModel(tuple(units), ()).fired(x).T.astype(float)
    enough = (fires.sum(axis=1) >= 2) & (fires.sum(axis=1) <= len(rows) - 2)
    columns = np.array([unit.columns[0] for unit in units], dtype=np.int64)
    kept = np.flatnonzero(enough)
    if len(kept) > _MOST_CONDITIONS:
        one = np.eye(part.classes)[part.y[rows]] * part.weights[rows][:, None]
        inner = fires @ one
        gains = steady(information(inner) + information(one.sum(axis=0) - inner))
        best = np.full(part.bins.columns, -np.inf)
        np.maximum.at(best, columns[kept], gains[kept])
        order = np.argsort(-best, kind="stable")
        sizes = np.bincount(columns[kept], minlength=part.bins.columns)[order]
        chosen = order[np.cumsum(sizes) <= _MOST_CONDITIONS]
        kept = kept[np.isin(columns[kept], chosen)]
    return _Candidates(tuple(units[k] for k in kept.tolist()), columns[kept], fires[kept])


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    candidates: _Candidates
    y: Places
    weights: Floats
    classes: int
    least: float

    def added(self, start: _Found | None) -> _Found | None:
        """One more condition beside those, at its best with all points and limits."""
        if start is None:
            start = _Found((), (), (), 1, -np.inf)
        functions = _functions(len(start.places))
        cells = np.zeros(len(self.y), dtype=np.int64)
        for place, wanted in zip(start.places, start.wanted, strict=True):
            cells = 2 * cells + (self.candidates.fires[place] == wanted)
        count = functions.enough.shape[1]
        one = np.zeros((len(self.y), count, self.classes))
        one[np.arange(len(self.y)), cells, self.y] = self.weights
        total = one.sum(axis=0)
        fires = (self.candidates.fires @ one.reshape(len(self.y), -1)).reshape(
            -1, count, self.classes
        )
        sure = functions.enough @ total
        opened = functions.decides @ total
        inner = np.tensordot(functions.decides, fires, (1, 1))
        everything = total.sum(axis=0)
        best: tuple[float, int, int, bool] | None = None
        for wanted in (True, False):
            inside = inner if wanted else opened[:, None, :] - inner
            told = np.minimum(inside.sum(axis=2), (opened[:, None, :] - inside).sum(axis=2))
            inside = inside + sure[:, None, :]
            outside = everything - inside
            gains = information(inside) + information(outside) - information(everything)
            short = np.minimum(inside.sum(axis=2), outside.sum(axis=2))
            gains = gains - functions.price[:, None]
            gains = np.where((short >= self.least) & (told >= 2.0), gains, -np.inf)
            # a column that is asked twice is a range, which is no score
            taken = self.candidates.columns[list(start.places)]
            gains[:, np.isin(self.candidates.columns, taken)] = -np.inf
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
        return _Found((*start.places, place), (*start.wanted, wanted), points, limit, gain)

    def improved(self, start: _Found) -> _Found:
        """Each condition in turn the best beside all others, while that gains."""
        best = start
        for _ in range(_SWEEPS if len(start.places) > 1 else 0):
            before = best.gain
            for _ in best.places:
                # the first goes, a new one comes last
                rest = _Found(best.places[1:], best.wanted[1:], (), 1, -np.inf)
                other = self.added(rest)
                if other is not None and other.gain > best.gain + _BETTER:
                    best = other
                else:
                    best = replace(
                        best,
                        places=(*best.places[1:], best.places[0]),
                        wanted=(*best.wanted[1:], best.wanted[0]),
                        points=(*best.points[1:], best.points[0]),
                    )
            if best.gain <= before + _BETTER:
                break
        return best

    def rising(self, found: _Found) -> _Found:
        """The same split with the second class where the points are enough."""
        fires = self.candidates.fires[list(found.places)] == np.array(found.wanted)[:, None]
        enough = np.array(found.points) @ fires >= found.limit
        means = [np.average(self.y[side], weights=self.weights[side]) for side in (enough, ~enough)]
        if means[0] >= means[1]:
            return found
        return replace(
            found,
            wanted=tuple(not wanted for wanted in found.wanted),
            limit=sum(found.points) - found.limit + 1,
        )


def _model(found: _Found, candidates: _Candidates) -> RuleModel:
    """A tree of one split for each condition, those of most points first."""
    order = sorted(range(len(found.places)), key=lambda k: (-found.points[k], found.places[k]))
    trees: list[Tree] = []
    for k, place in enumerate(order):
        points = Leaf(found.points[place])
        fires = found.wanted[place]
        trees.append(Split(k, points, Leaf(0)) if fires else Split(k, Leaf(0), points))
    units = tuple(candidates.units[found.places[place]] for place in order)
    return RuleModel(units, tuple(trees), (found.limit,))
