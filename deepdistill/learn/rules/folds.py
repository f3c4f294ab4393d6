"""Which rows are held out: stratified folds, repeated on small tables; groups stay together."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from ...units.rules import Places
from .rows import RuleRows

Fold: TypeAlias = tuple[Places, Places]
"""The places of the rows to learn from and of those held out."""

PARALLEL = 8_000
"""Numbers of a table from which on workers pay for their start."""

GLANCED, GLANCED_ROWS = 8_000, 1_000
"""Numbers of a table that gets a first look, and its rows."""

_TINY, _SMALL, _LARGE = 2_000, 20_000, 150_000  # numbers of a table


def folds(rows: RuleRows, seed: int) -> list[list[Fold]]:
    """The folds of a table by repeats: 5 four or three times where it is small, 5 or 3 else.

    The fewer rows, the more it is chance which of them are held out.
    """
    cells = rows.x.size
    ways = 5 if cells <= _LARGE else 3
    repeats = 4 if cells <= _TINY else 3 if cells <= _SMALL else 1
    rng = np.random.default_rng(seed)
    rounds: list[list[Fold]] = []
    for _ in range(repeats):
        rounds.append([])
        fold = _of_rows(rows.y, ways, rng) if rows.groups is None else _of_groups(rows, ways, rng)
        for k in range(ways):
            out = fold == k
            if out.any() and not out.all():
                rounds[-1].append((np.flatnonzero(~out), np.flatnonzero(out)))
    return [repeat for repeat in rounds if repeat]


def _of_rows(y: Places, ways: int, rng: np.random.Generator) -> Places:
    """The fold of each row: each class in turn over all folds, in random order."""
    mixed = rng.permutation(len(y))
    order = mixed[np.argsort(y[mixed], kind="stable")]
    fold = np.empty(len(y), dtype=np.int64)
    fold[order] = np.arange(len(y)) % ways
    return fold


def _of_groups(rows: RuleRows, ways: int, rng: np.random.Generator) -> Places:
    """The fold of each row: each group goes where fewest rows are yet."""
    assert rows.groups is not None
    names, places, counts = np.unique(rows.groups, return_inverse=True, return_counts=True)
    filled = np.zeros(ways)
    of = np.empty(len(names), dtype=np.int64)
    mixed = rng.permutation(len(names))
    for k in mixed[np.argsort(-counts[mixed], kind="stable")]:
        of[k] = int(np.argmin(filled))
        filled[of[k]] += counts[k]
    return of[places]
