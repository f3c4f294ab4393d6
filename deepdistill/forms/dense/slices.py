"""Write a table of weights as the fewest additive slice terms: coefficient × box.

The mixed differences of a table (along every axis, zeros around it) are 0 except at the corners of
its boxes, and corners of several boxes add up. So the fewest terms are found among the corners:
equal neighbouring slices are merged first, which leaves a table of a few blocks, and a beam search
then takes the boxes that remove most corners. The result is exact or there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Table: TypeAlias = NDArray[Any]
Box: TypeAlias = tuple[tuple[int, int], ...]
"""For each axis the first index and the one after the last."""

Region: TypeAlias = tuple[tuple[int, int] | None, ...]

_MOST_BOXES_LIKED = 400
_MOST_BLOCKS = 12  # along one axis
_MOST_CELLS = 100
_MOST_TERMS = 9
_BEAM = 16


@dataclass(frozen=True, slots=True)
class Slice:
    """``coefficient`` at every place of ``box``."""

    coefficient: float
    box: Box


class Slicer:
    """Decomposes tables of integers; remembers the answers for tables of the same blocks.

    Among descriptions with equally few terms it takes the one with more ``favoured`` regions,
    those that other units read as well (:func:`region_of`).
    """

    def __init__(self) -> None:
        self._known: dict[Any, tuple[Slice, ...] | None] = {}
        self.favoured: set[Region] = set()

    def decompose(self, table: Table) -> tuple[Slice, ...] | None:
        """The fewest terms that add up to the table, or None where it has no short description."""
        if not table.any():
            return ()
        if table.ndim == 0:
            return (Slice(table.item(), ()),)
        edges, blocks = _merged(table)
        if max(blocks.shape) > _MOST_BLOCKS or blocks.size > _MOST_CELLS:
            return _cells(table)
        single = tuple(tuple((np.diff(edge) == 1).tolist()) for edge in edges)
        liked = self._liked(edges)
        key = (blocks.shape, blocks.tobytes(), single, liked)
        if key not in self._known:
            self._known[key] = _search(blocks, single, liked)
        terms = self._known[key]
        if terms is None:
            return _cells(table)
        return tuple(
            Slice(
                term.coefficient,
                tuple(
                    (int(edge[a]), int(edge[b]))
                    for edge, (a, b) in zip(edges, term.box, strict=True)
                ),
            )
            for term in terms
        )

    def _liked(self, edges: list[NDArray[np.int64]]) -> tuple[int, ...]:
        """Which boxes of the grid of blocks are favoured regions."""
        shape = tuple(len(edge) - 1 for edge in edges)
        full = tuple(int(edge[-1]) for edge in edges)
        if not self.favoured or len(_boxes(shape).boxes) > _MOST_BOXES_LIKED:
            return ()
        liked = []
        for k, box in enumerate(_boxes(shape).boxes):
            real = tuple((int(e[a]), int(e[b])) for e, (a, b) in zip(edges, box, strict=True))
            if region_of(real, full) in self.favoured:
                liked.append(k)
        return tuple(liked)


def region_of(box: Box, shape: tuple[int, ...]) -> Region:
    """What a box shares with those of other units: its sides, a single index left open."""
    return tuple(
        None if b - a == 1 and n > 1 else (a, b) for (a, b), n in zip(box, shape, strict=True)
    )


def _merged(table: Table) -> tuple[list[NDArray[np.int64]], Table]:
    """The table with equal neighbouring slices merged, and where each block begins."""
    edges = []
    for axis in range(table.ndim):
        moved = np.moveaxis(table, axis, 0)
        changed = moved[1:] != moved[:-1]
        differs = changed.any(axis=tuple(range(1, table.ndim)))
        starts = np.concatenate([[0], np.flatnonzero(differs) + 1])
        table = table.take(starts, axis=axis)
        edges.append(np.concatenate([starts, [len(moved)]]))
    return edges, np.ascontiguousarray(table)


def _cells(table: Table) -> tuple[Slice, ...] | None:
    """The most frequent weight everywhere, and few cells that differ from it."""
    values, counts = np.unique(table, return_counts=True)
    usual = values[np.argmax(counts)]
    others = np.argwhere(table != usual)
    if len(others) > _MOST_TERMS:
        return None
    whole = tuple((0, n) for n in table.shape)
    terms = [] if usual == 0 else [Slice(usual.item(), whole)]
    for place in others:
        weight = (table[tuple(place)] - usual).item()
        terms.append(Slice(weight, tuple((int(k), int(k) + 1) for k in place)))
    return tuple(terms)


@dataclass(frozen=True, slots=True)
class _Boxes:
    """All boxes of a small grid, the places of their corners and the corners' signs."""

    boxes: list[Box]
    corners: NDArray[np.int64]
    signs: NDArray[np.int64]


@cache
def _boxes(shape: tuple[int, ...]) -> _Boxes:
    sides = [list(combinations(range(n + 1), 2)) for n in shape]
    boxes = list(product(*sides))
    padded = tuple(n + 1 for n in shape)
    ends = list(product((0, 1), repeat=len(shape)))
    array = np.array(boxes)  # boxes × axes × 2
    corners = np.stack(
        [
            np.ravel_multi_index(
                tuple(array[:, axis, end[axis]] for axis in range(len(shape))), padded
            )
            for end in ends
        ],
        axis=1,
    )
    signs = np.array([(-1) ** sum(end) for end in ends])
    return _Boxes(boxes, corners, signs)


def _corners(table: Table) -> Table:
    for axis in range(table.ndim):
        pad = [(1, 1) if k == axis else (0, 0) for k in range(table.ndim)]
        table = np.diff(np.pad(table, pad), axis=axis)
    return table.ravel()


def side_cost(start: int, stop: int, length: int, single: bool) -> int:
    """How long the description of one side of a box is: all, one index, up to or from, range."""
    if single or (start == 0 and stop == length):
        return 1
    return 2 if start == 0 or stop == length else 3


@dataclass(frozen=True, slots=True)
class _Cover:
    corners: Table
    terms: tuple[tuple[int, float], ...]
    left: int
    cost: int


def _search(
    blocks: Table, single: tuple[tuple[bool, ...], ...], liked: tuple[int, ...]
) -> tuple[Slice, ...] | None:
    start = _corners(blocks)
    if np.count_nonzero(start) > _MOST_TERMS * 2**blocks.ndim:
        return None
    grid = _boxes(blocks.shape)
    costs = np.array(
        [
            sum(
                side_cost(a, b, length, b - a == 1 and ones[a])
                for (a, b), length, ones in zip(box, blocks.shape, single, strict=True)
            )
            for box in grid.boxes
        ]
    )
    costs[list(liked)] = 0
    beam = [_Cover(start, (), int(np.count_nonzero(start)), 0)]
    for _ in range(_MOST_TERMS):
        grown: dict[frozenset[tuple[int, float]], _Cover] = {}
        for state in beam:
            for next_state in _grow(state, grid, costs):
                grown.setdefault(frozenset(next_state.terms), next_state)
        ranked = sorted(grown.values(), key=_rank)
        done = [state for state in ranked if state.left == 0]
        if done:
            best = min(done, key=_rank)
            return tuple(Slice(c, grid.boxes[k]) for k, c in best.terms)
        beam = ranked[:_BEAM]
        if not beam:
            return None
    return None


def _rank(state: _Cover) -> tuple[Any, ...]:
    weights = sum(abs(c) for _, c in state.terms)
    minus = sum(c < 0 for _, c in state.terms)
    return (
        state.left,
        state.cost + minus * (minus < len(state.terms)),
        weights,
        tuple(k for k, _ in state.terms),
    )


def _grow(state: _Cover, grid: _Boxes, costs: NDArray[np.int64]) -> list[_Cover]:
    """The states after one more term, those with the fewest corners left first."""
    own = state.corners[grid.corners] * grid.signs  # what each corner says the coefficient is
    before = np.count_nonzero(own, axis=1)
    moves = []
    for column in range(own.shape[1]):
        coefficient = own[:, column]
        after = np.count_nonzero(own - coefficient[:, None], axis=1)
        gain = before - after
        useful = np.flatnonzero((coefficient != 0) & (gain > 0))
        moves += [
            (-int(gain[k]), int(costs[k]), int(k), coefficient[k].item()) for k in useful.tolist()
        ]
    states = []
    for loss, cost, k, coefficient in sorted(set(moves))[: 4 * _BEAM]:
        corners = state.corners.copy()
        corners[grid.corners[k]] -= grid.signs * coefficient
        states.append(
            _Cover(corners, (*state.terms, (k, coefficient)), state.left + loss, state.cost + cost)
        )
    return states
