"""Patterns in a picture of bits: one label for the whole, and any window may be the cause of it.

All 3 ** 9 patterns of a window of 3 x 3 (each cell on, off or free) are tried, so that the one
with the fewest cells that explains every label is found for certain, without gradient. Where one
pattern is not enough, the fewest patterns that explain all positive pictures and no negative one
are a set cover, solved exactly as a mixed-integer program (HiGHS, by way of SciPy).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from ..data.problem import Examples
from ..units.groups import FloatArray, IntArray

# The middle first, then forward: a small pattern reads as itself and what follows it.
WINDOW = ((0, 0), (0, 1), (1, 0), (1, 1), (0, -1), (-1, 0), (-1, -1), (-1, 1), (1, -1))
SMALL_PATTERN = 4  # cells
MOST_PATTERNS = 4
MOST_CELLS = 5  # of one of several patterns
_CANDIDATES = 2_000
_SCREEN = 40


def window_counts(examples: Sequence[Examples]) -> FloatArray:
    """How often each of the 512 contents of a window is found in each picture.

    Shape (contents, pictures); bit k of a content is cell k of ``WINDOW``, 0 beyond the border.
    """
    counts: list[IntArray] = []
    for batch in examples:
        pictures = batch.inputs[0]
        _, height, width = pictures.shape
        padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
        content = np.zeros_like(pictures)
        for k, (y, x) in enumerate(WINDOW):
            content += padded[:, 1 + y : 1 + y + height, 1 + x : 1 + x + width] << k
        counts += [np.bincount(window.ravel(), minlength=512) for window in content]
    return np.stack(counts, axis=1).astype(np.float32)


def _patterns() -> IntArray:
    """All patterns of 1 (on), -1 (off) and 0 (free): fewest cells, then fewest off, then first."""
    signs = np.array(list(product((1, -1, 0), repeat=len(WINDOW))), dtype=np.int64)
    used, off = (signs != 0).sum(axis=1), (signs < 0).sum(axis=1)
    return signs[np.lexsort((np.arange(len(signs)), off, used))][1:]


def _contents() -> IntArray:
    return (np.arange(512)[:, None] >> np.arange(len(WINDOW))) & 1


def find_pattern(
    counts: FloatArray, y: IntArray, counted: bool, cells: int = len(WINDOW)
) -> IntArray | None:
    """The first pattern that is in just the pictures of label 1, or ``counted`` y times in each."""
    patterns, contents = _patterns(), _contents()
    patterns = patterns[(patterns != 0).sum(axis=1) <= cells]
    wanted = y.astype(np.float32)
    screen = np.random.default_rng(0).permutation(len(y))[:_SCREEN]
    ones = np.flatnonzero(y > 0)
    screen = np.unique(np.concatenate([screen, ones[:_SCREEN]]))
    matches = (contents @ patterns.T == (patterns == 1).sum(axis=1)).astype(np.float32).T
    for chosen in (screen, np.arange(len(y))):
        times = matches @ counts[:, chosen]
        if not counted:
            times = np.minimum(times, 1)
        fits = (times == wanted[chosen]).all(axis=1)
        patterns, matches = patterns[fits], matches[fits]
    return patterns[0] if len(patterns) else None


def find_patterns(counts: FloatArray, y: IntArray) -> tuple[IntArray, ...] | None:
    """The fewest patterns, then the fewest cells, one of which is in each picture of label 1.

    None of them is in a picture of label 0. A pattern of several is of few cells, and several are
    few, so that what is found is a rule and not a list of the pictures.
    """
    patterns, contents = _patterns(), _contents()
    patterns = patterns[(patterns != 0).sum(axis=1) <= MOST_CELLS]
    matches = (contents @ patterns.T == (patterns == 1).sum(axis=1)).astype(np.float32).T
    presence = matches @ counts > 0
    clean = ~presence[:, y == 0].any(axis=1) & presence[:, y == 1].any(axis=1)
    patterns, covers = patterns[clean], presence[clean][:, y == 1]
    if not covers.any(axis=0).all():
        return None
    _, first = np.unique(covers, axis=0, return_index=True)
    first = np.sort(first)
    order = first[np.argsort(-covers[first].sum(axis=1), kind="stable")][:_CANDIDATES]
    order = np.sort(order)
    patterns, covers = patterns[order], covers[order]
    if not covers.any(axis=0).all():
        return None
    cost = 100.0 + (patterns != 0).sum(axis=1)
    solved = milp(
        cost,
        integrality=np.ones(len(cost)),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(covers.T.astype(float), lb=1),
            LinearConstraint(np.ones((1, len(cost))), ub=MOST_PATTERNS),
        ],
        options={"node_limit": 2_000},
    )
    if solved.x is None:
        return None
    return tuple(patterns[solved.x > 0.5])
