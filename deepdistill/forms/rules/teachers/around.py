"""Rows near those of a table, for a model to be asked about, and how much each of them counts.

Some lie between neighbours, some have values of other rows, and some lie where the model's answer
changes on the way from one row to another. Each counts by how close it is to the rows of the table,
measured by how close these are to one another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]
Ask: TypeAlias = Callable[[Floats], Places]

_MIXED = 0.3  # of a row's values that come from other rows
_NEIGHBOURS = 5
_MOST_PAIRS = 200
_HALVINGS = 8
_LEAST, _MOST = 0.02, 0.5  # what a row that is no row of the table counts
_AT_ONCE = 2000  # rows that neighbours are looked for among


class RowsAround:
    """The rows (rows, columns) of a table, numbers and places of levels, NaN where none."""

    def __init__(self, x: Floats, levels: Sequence[int], seed: int) -> None:
        self.x, self.rng = x, np.random.default_rng([seed, 53])
        self.level = np.array([count > 0 for count in levels], dtype=bool)
        with np.errstate(invalid="ignore"):
            self.whole = np.all((x == np.rint(x)) | np.isnan(x), axis=0)
        some = self.rng.permutation(len(x))[:_AT_ONCE]
        self.near = np.sort(some)
        spread = np.nanstd(np.where(self.level, 0.0, x), axis=0)
        self.scale = np.where((spread > 0) & np.isfinite(spread), spread, 1.0)
        from scipy.spatial import cKDTree

        self.tree = cKDTree(self._points(x[self.near]))
        far = self.tree.query(self._points(x[self.near]), k=min(2, len(self.near)))[0]
        self.usual = max(float(np.median(far.reshape(len(self.near), -1)[:, -1])), 0.1)

    def _points(self, x: Floats) -> Floats:
        """Rows as points: numbers in their spreads, 1 for each level that differs, on average."""
        scaled = np.where(self.level, x, x / self.scale)
        return np.asarray(np.where(np.isnan(scaled), -3.0, scaled))

    def weights(self, rows: Floats) -> Floats:
        """How much each of some rows (rows, columns) counts; a row of the table counts as 1."""
        if not len(rows):
            return np.empty(0)
        away = self.tree.query(self._points(rows), k=1)[0]
        return np.asarray(np.clip(_MOST * np.exp(-0.5 * (away / self.usual) ** 2), _LEAST, _MOST))

    def drawn(self, count: int) -> Floats:
        """So many rows: half of them between neighbours, half with values of other rows."""
        half = count // 2
        return np.concatenate([self._between(half), self._mixed(count - half)])

    def _mixed(self, count: int) -> Floats:
        rows, columns = self.x.shape
        base = self.rng.integers(rows, size=count)
        other = self.rng.integers(rows, size=(count, columns))
        mixed = self.rng.random((count, columns)) < _MIXED
        return self.x[np.where(mixed, other, base[:, None]), np.arange(columns)]

    def _between(self, count: int) -> Floats:
        first = self.near[self.rng.integers(len(self.near), size=count)]
        nearest = min(_NEIGHBOURS + 1, len(self.near))
        places = self.tree.query(self._points(self.x[first]), k=nearest)[1].reshape(count, nearest)
        chosen = places[np.arange(count), self.rng.integers(nearest, size=count)]
        second = self.near[chosen]
        return self._on_the_way(self.x[first], self.x[second], self.rng.random((count, 1)))

    def _on_the_way(self, first: Floats, second: Floats, share: Floats) -> Floats:
        """Rows between others: numbers in proportion, levels and what is missing from one."""
        between = first + share * (second - first)
        between = np.where(self.whole, np.rint(between), between)
        taken = np.where(share < 0.5, first, second)
        return np.where(self.level | np.isnan(between), taken, between)

    def changes(self, answers: Places, ask: Ask) -> Floats:
        """Rows on both sides of a change of the answers (rows,), between rows of the table."""
        count = min(_MOST_PAIRS, len(self.near) // 2)
        first = self.near[self.rng.permutation(len(self.near))[:count]]
        second = []
        for row in first:
            others = self.near[answers[self.near] != answers[row]]
            if not len(others):
                return np.empty((0, self.x.shape[1]))
            away = np.abs(self._points(self.x[others]) - self._points(self.x[[row]])).sum(axis=1)
            second.append(others[int(np.argmin(away))])
        starts, ends = self.x[first], self.x[np.array(second, dtype=np.int64)]
        low, high = np.zeros((len(first), 1)), np.ones((len(first), 1))
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            same = (ask(self._on_the_way(starts, ends, middle)) == answers[first])[:, None]
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        return np.concatenate(
            [self._on_the_way(starts, ends, low), self._on_the_way(starts, ends, high)]
        )
