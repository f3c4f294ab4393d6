"""Piecewise-affine cells: which linear units explain the rows, and which gates tell them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ....ir.rounding import simplest_integer
from ....units.gates import AffineUnit, Cell, Gate, Piece
from .update import IntArray, cell_measure, gate_measure, linear_measure

Mask: TypeAlias = NDArray[np.bool_]
Literal: TypeAlias = tuple[Gate, bool]

_CONSTANTS = 10
_VALUES = 260
_COVERS = 40
_ORDERS = 72  # orders of covers that are tried
_MODULI = range(2, 11)


@dataclass(frozen=True, slots=True, eq=False)
class _Directions:
    """Sums that gates may look at, and their values at each row, (sums, rows)."""

    sums: tuple[AffineUnit, ...]
    at: IntArray
    cost: NDArray[np.float64]


def weighted(width: int, most: int, weights: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Weight vectors with at most ``most`` weights, the first of them positive."""
    for count in range(1, most + 1):
        for places in combinations(range(width), count):
            for chosen in np.ndindex(*(len(weights),) * count):
                picked = [weights[k] for k in chosen]
                if picked[0] > 0:
                    vector = [0] * width
                    for place, weight in zip(places, picked, strict=True):
                        vector[place] = weight
                    yield tuple(vector)


def directions(rows: IntArray, moduli: bool = True) -> _Directions:
    """The sums that gates may look at: single features, sums, differences, remainders."""
    width = rows.shape[1]
    sums = [AffineUnit(w) for w in weighted(width, min(width, 3 if width <= 7 else 2), (1, -1))]
    sums += [AffineUnit(w) for w in weighted(width, 2, (1, 2, -1, -2)) if 2 in w or -2 in w]
    if moduli:
        for w in weighted(width, 1, (1,)):
            sums += [AffineUnit(w, 0, 1, m) for m in _MODULI]
        sums += [AffineUnit(w, 0, 1, 2) for w in weighted(width, 2, (1,)) if sum(w) > 1]
    at = np.stack([s.columns(rows) for s in sums])
    constant = (at == at[:, :1]).all(axis=1)
    kept = np.flatnonzero(~constant)
    chosen = tuple(sums[k] for k in kept)
    return _Directions(chosen, at[kept], np.array([linear_measure(s) for s in chosen]))


def values(rows: IntArray, target: IntArray) -> tuple[list[AffineUnit], Mask]:
    """Linear units that are right at many rows, simplest first, and where, (units, rows)."""
    width, least = rows.shape[1], max(2, len(rows) // 40)
    units: list[AffineUnit] = []
    distinct, counts = np.unique(target, return_counts=True)
    common = np.argsort(-counts, kind="stable")[:_CONSTANTS]
    none = (0,) * width
    units += [AffineUnit(none, int(distinct[k])) for k in common if counts[k] >= min(2, least)]
    most = min(width, 3 if width <= 7 else 2)
    signs = list(weighted(width, most, (1, -1)))
    bases = [*signs, *[tuple(-w for w in v) for v in signs]]
    if width <= 5:
        more = [w for w in weighted(width, 2, (1, 2, 3, -1, -2)) if max(map(abs, w)) > 1]
        bases += more
    for base in bases:
        residual = target - rows @ np.array(base)
        shifts, hits = np.unique(residual, return_counts=True)
        for k in np.argsort(-hits, kind="stable")[:2]:
            if hits[k] >= least:
                units.append(AffineUnit(base, int(shifts[k])))
    modulus = int(target.max()) + 1
    if 2 <= modulus <= 64 and target.min() >= 0:
        for base in weighted(width, min(width, 2), (1, -1)):
            units += [AffineUnit(base, b, 1, modulus) for b in (0, 1)]
    for base in weighted(width, 1, (1,)):
        units.append(AffineUnit(base, 0, 2))
    units.sort(key=linear_measure)
    masks, kept, seen = [], [], set()
    for linear in units:
        mask = linear.columns(rows) == target
        key = mask.tobytes()
        if key not in seen and mask.sum() >= min(2, least):
            seen.add(key)
            kept.append(linear)
            masks.append(mask)
    kept, masks = kept[:_VALUES], masks[:_VALUES]
    return kept, np.array(masks, dtype=bool).reshape(len(kept), len(rows))


def covers(right: Mask, costs: NDArray[np.float64], most: int) -> list[tuple[int, ...]]:
    """Sets of two, else three or four units of which one is right at each row; cheapest first."""
    if not len(right) or not right.any(axis=0).all():
        return []
    missed = (~right).astype(np.float32)
    both = missed @ missed.T == 0
    pairs = [(int(i), int(j)) for i, j in np.argwhere(np.triu(both, 1))]
    if pairs:
        pairs.sort(key=lambda p: costs[p[0]] + costs[p[1]])
        return list(pairs[:_COVERS])
    sets: list[tuple[int, ...]] = []
    if most >= 3:
        sets = _triples(right, costs)
    if not sets and most >= 4:
        sets = _quads(right, costs)
    sets.sort(key=lambda t: sum(costs[k] for k in t))
    return sets[:_COVERS]


def _triples(right: Mask, costs: NDArray[np.float64]) -> list[tuple[int, ...]]:
    triples: set[tuple[int, ...]] = set()
    for i in _widest(right, 40, 3):
        left = np.flatnonzero(~right[i])
        missed = (~right[:, left]).astype(np.float32)
        both = missed @ missed.T == 0
        if not both.any():
            continue
        for j, k in np.argwhere(np.triu(both, 1)):
            if i not in (j, k):
                triples.add(tuple(sorted((i, int(j), int(k)))))
    return sorted(triples)


def _quads(right: Mask, costs: NDArray[np.float64]) -> list[tuple[int, ...]]:
    quads: set[tuple[int, ...]] = set()
    for i in _widest(right, 12, 4):
        left = np.flatnonzero(~right[i])
        for rest in _triples(right[:, left], costs):
            if i not in rest:
                quads.add(tuple(sorted((i, *rest))))
    return sorted(quads)


def _widest(right: Mask, most: int, parts: int) -> list[int]:
    """The units right at the most rows, if ``parts`` of them can be right everywhere."""
    count = right.sum(axis=1)
    least = right.shape[1] - (parts - 1) * int(count.max(initial=0))
    return [int(k) for k in np.argsort(-count, kind="stable")[:most] if count[k] >= least]


def separated(ways: _Directions, inside: Mask, outside: Mask, most: int) -> list[Literal] | None:
    """The simplest gates that all are as wanted inside, and not outside."""
    a, b = ways.at[:, inside], ways.at[:, outside]
    if not a.shape[1] or not b.shape[1]:
        return None
    low, high = a.min(axis=1), a.max(axis=1)
    below, above = b < low[:, None], b > high[:, None]
    b_low, b_high = b.min(axis=1), b.max(axis=1)
    best: tuple[float, list[Literal]] | None = None

    def offer(literals: list[Literal]) -> None:
        nonlocal best
        cost = sum(gate_measure(g) + 0.25 * (not w) for g, w in literals)
        if best is None or cost < best[0]:
            best = (cost, literals)

    for k in np.flatnonzero(below.all(axis=1)):
        offer([(_from(ways.sums[k], int(b_high[k]) + 1, int(low[k])), True)])
    for k in np.flatnonzero(above.all(axis=1)):
        offer([(_to(ways.sums[k], int(high[k]), int(b_low[k]) - 1), True)])
    for k in np.flatnonzero((below | above).all(axis=1)):
        offer([(Gate(ways.sums[k], int(low[k]), int(high[k])), True)])
    hole = (b_low[:, None] <= a) & (a <= b_high[:, None])
    for k in np.flatnonzero(~hole.any(axis=1)):
        offer([(Gate(ways.sums[k], int(b_low[k]), int(b_high[k])), False)])
    if best is not None or most < 2:
        return best[1] if best else None
    return _several(ways, a, b, below, above, most)


def _several(
    ways: _Directions, a: IntArray, b: IntArray, below: Mask, above: Mask, most: int
) -> list[Literal] | None:
    """Two gates if two suffice, else greedily up to ``most``."""
    masks = np.concatenate([below, above])
    sides = [(k, -1) for k in range(len(below))] + [(k, 1) for k in range(len(above))]
    cost = np.concatenate([ways.cost, ways.cost])
    useful = np.flatnonzero(masks.any(axis=1))
    if not len(useful):
        return None
    order = useful[np.argsort(cost[useful], kind="stable")]
    missed = (~masks[order]).astype(np.float32)
    pairs = np.argwhere(np.triu(missed @ missed.T == 0, 1))
    picked: list[int] = []
    if len(pairs):
        total = cost[order[pairs[:, 0]]] + cost[order[pairs[:, 1]]]
        picked = [int(order[k]) for k in pairs[int(total.argmin())]]
    else:
        left = np.ones(b.shape[1], dtype=bool)
        while left.any() and len(picked) < most:
            gain = masks[order][:, left].sum(axis=1) - 0.01 * cost[order]
            choice = int(order[int(gain.argmax())])
            if not (masks[choice] & left).any():
                return None
            picked.append(choice)
            left &= ~masks[choice]
        if left.any():
            return None
    literals: list[Literal] = []
    for choice in picked:
        k, side = sides[choice]
        out = b[k][masks[choice]]
        if side < 0:
            literals.append((_from(ways.sums[k], int(out.max()) + 1, int(a[k].min())), True))
        else:
            literals.append((_to(ways.sums[k], int(a[k].max()), int(out.min()) - 1), True))
    return literals


def _from(total: AffineUnit, least: int, most: int) -> Gate:
    """``total >= bound`` with the simplest bound that the rows allow."""
    return Gate(total, low=simplest_integer(least, most))


def _to(total: AffineUnit, least: int, most: int) -> Gate:
    return Gate(total, high=simplest_integer(least, most))


def list_of(branches: Sequence[tuple[Sequence[Literal], AffineUnit]]) -> Cell:
    """A cell from its pieces in their order; the last one wants nothing."""
    gates: list[Gate] = []
    pieces = []
    for literals, value in branches:
        wanted = []
        for gate, sign in literals:
            if gate not in gates:
                gates.append(gate)
            wanted.append((gates.index(gate), sign))
        pieces.append(Piece(tuple(wanted), value))
    return Cell(tuple(gates), tuple(pieces))


def piecewise(rows: IntArray, target: IntArray, most: int = 4) -> list[Cell]:
    """Cells of two to ``most`` pieces that are exact at the rows, shortest first."""
    units, right = values(rows, target)
    costs = np.array([linear_measure(unit) for unit in units])
    chosen = covers(right, costs, most)
    if not chosen:
        chosen = _all_constants(units, target)
    if not chosen:
        return []
    ways = directions(rows)
    cells: list[Cell] = []
    best = np.inf
    tried = 0
    for cover in chosen:
        if tried >= _ORDERS or (cells and sum(costs[k] for k in cover) >= best):
            break
        for order in permutations(cover) if len(cover) <= 4 else (cover, cover[::-1]):
            cell = _arranged(order, units, right, ways)
            tried += 1
            if cell is not None:
                cells.append(cell)
                best = min(best, cell_measure(cell))
    return sorted(cells, key=cell_measure)[:6]


def _all_constants(units: Sequence[AffineUnit], target: IntArray) -> list[tuple[int, ...]]:
    """The constants themselves, in their order, where the target has few values."""
    places = {unit.bias: k for k, unit in enumerate(units) if not any(unit.weights)}
    levels = [int(level) for level in np.unique(target)]
    few = len(levels) <= _CONSTANTS and all(level in places for level in levels)
    return [tuple(places[level] for level in levels)] if few and len(levels) > 4 else []


def _arranged(
    order: tuple[int, ...], units: Sequence[AffineUnit], right: Mask, ways: _Directions
) -> Cell | None:
    """The decision list that asks for the units in this order."""
    left = np.ones(right.shape[1], dtype=bool)
    branches: list[tuple[Sequence[Literal], AffineUnit]] = []
    for place, k in enumerate(order[:-1]):
        others = right[list(order[place + 1 :])].any(axis=0)
        inside, outside = left & right[k] & ~others, left & ~right[k]
        literals = separated(ways, inside, outside, 3)
        if literals is None:
            return None
        branches.append((literals, units[k]))
        fired = np.ones(len(left), dtype=bool)
        for gate, wanted in literals:
            at = ways.at[ways.sums.index(gate.sum)]
            ok = np.ones(len(left), dtype=bool)
            if gate.low is not None:
                ok &= at >= gate.low
            if gate.high is not None:
                ok &= at <= gate.high
            fired &= ok == wanted
        left &= ~fired
    if not right[order[-1]][left].all():
        return None
    return list_of([*branches, ((), units[order[-1]])])


def table(rows: IntArray, target: IntArray, most: int = 40) -> Cell | None:
    """A list of bands, longest first: for few distinct rows, each of them seen often."""
    units, right = values(rows, target)
    distinct = np.unique(target)
    if len(distinct) <= 24:
        width = rows.shape[1]
        units = [AffineUnit((0,) * width, int(v)) for v in distinct]
        right = np.array([target == v for v in distinct])
    ways = directions(rows)
    spans = rows.max(axis=0) - rows.min(axis=0) + 1
    if spans.prod() <= 4096:  # the whole row as one number
        scale = [int(spans[k + 1 :].prod()) for k in range(rows.shape[1])]
        code = AffineUnit(tuple(scale))
        ways = _Directions(
            (*ways.sums, code),
            np.concatenate([ways.at, code.columns(rows)[None]]),
            np.append(ways.cost, linear_measure(code)),
        )
    left = np.arange(len(rows))
    branches: list[tuple[Sequence[Literal], AffineUnit]] = []
    while len(branches) < most:
        whole = [k for k in range(len(units)) if right[k, left].all()]
        if whole:
            return list_of([*branches, ((), units[min(whole)])])
        band = _longest_band(ways, right[:, left], left)
        if band is None:
            return None
        gate, unit, covered = band
        branches.append(([(gate, True)], units[unit]))
        left = np.setdiff1d(left, left[covered])
    return None


def _longest_band(
    ways: _Directions, right: Mask, left: IntArray
) -> tuple[Gate, int, IntArray] | None:
    """The gate and unit that are right at the most rows, whatever lies between two bounds."""
    best: tuple[float, Gate, int, IntArray] | None = None
    for k, total in enumerate(ways.sums):
        at = ways.at[k, left]
        order = np.argsort(at, kind="stable")
        levels, starts = np.unique(at[order], return_index=True)
        ends = np.append(starts[1:], len(order))
        for unit in range(len(right)):
            wrong = np.add.reduceat((~right[unit, order]).astype(np.int64), starts) > 0
            begin = 0
            while begin < len(levels):
                if wrong[begin]:
                    begin += 1
                    continue
                end = begin
                while end + 1 < len(levels) and not wrong[end + 1]:
                    end += 1
                low = int(levels[begin]) if begin > 0 else None
                high = int(levels[end]) if end + 1 < len(levels) else None
                gate = Gate(total, low, high)
                size = int(ends[end] - starts[begin]) - 0.05 * gate_measure(gate)
                if (low is not None or high is not None) and (best is None or size > best[0]):
                    best = (size, gate, unit, order[starts[begin] : ends[end]])
                begin = end + 1
    return None if best is None else (best[1], best[2], best[3])
