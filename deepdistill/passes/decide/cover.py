"""Two-level forms: an or of ands of literals, as short as two nested set covers make it.

An *implicant* is a conjunction of literals that holds on no row where the target is 0; finding a
cheap one around a row is a cover of the target's zeros (each literal excludes some), and choosing
among implicants is a cover of its ones.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...ir.expr import Expr, call
from .literals import Literal
from .table import Mask

_SEEDS = 150  # rows around which implicants are grown
_GROWTH = 20_000_000  # literals times rows times seeds
_KEPT = 600  # implicants to choose from
_BRANCHES = 3000  # nodes of the exact search for a cover
_PAIRS = 2_000_000  # products of two literals looked at


@dataclass(frozen=True, slots=True, eq=False)
class Implicant:
    """The literals of a conjunction (by number) and the rows where it holds."""

    literals: frozenset[int]
    holds: Mask
    cost: int


def implicants(on: Mask, pool: list[Literal]) -> list[Implicant]:
    """Cheap conjunctions that hold on some rows of ``on`` and on no other row.

    [] where too many would be needed to hold on all of them.
    """
    matrix = np.stack([literal.holds for literal in pool])
    prices = np.array([literal.cost for literal in pool], dtype=np.int64)
    terms: dict[frozenset[int], Implicant] = {}

    def add(chosen: frozenset[int]) -> Implicant:
        if chosen not in terms:
            holds = np.logical_and.reduce(matrix[sorted(chosen)], axis=0)
            price = int(prices[sorted(chosen)].sum()) + 2 * (len(chosen) > 1)
            terms[chosen] = Implicant(chosen, holds, price)
        return terms[chosen]

    zeros = matrix[:, ~on].astype(np.float32)
    for k in np.flatnonzero(zeros.sum(axis=1) == 0).tolist():
        add(frozenset({k}))
    first = int(min(len(pool), (_PAIRS // max(1, len(on))) ** 0.5 * 4, 1000))
    clash = zeros[:first] @ zeros[:first].T
    ones = matrix[:first][:, on].astype(np.float32)
    useful = (clash == 0) & (ones @ ones.T > 0)
    alone = zeros[:first].sum(axis=1) == 0
    useful[alone] = False
    useful[:, alone] = False
    rows, cols = np.nonzero(np.triu(useful, 1))
    order = np.argsort(prices[rows] + prices[cols], kind="stable")[:3000]
    for i, j in zip(rows[order].tolist(), cols[order].tolist(), strict=True):
        add(frozenset({i, j}))
    covered = np.zeros(len(on), dtype=bool)
    seeds = int(min(_SEEDS, max(10, _GROWTH // matrix.size)))
    for seed in _spread(np.flatnonzero(on), seeds):
        for greed in (0.5, 1.0) if len(on) <= 200 else (1.0,):
            covered |= add(_grow(seed, on, matrix, prices, greed)).holds
    for _ in range(seeds):
        if not (on & ~covered).any():
            return _undominated(list(terms.values()), on)
        seed = int((on & ~covered).argmax())
        covered |= add(_grow(seed, on, matrix, prices, 1.0)).holds
    return []


def _spread(rows: npt.NDArray[np.int64], count: int) -> list[int]:
    """At most ``count`` of the rows, evenly spread."""
    if len(rows) > count:
        rows = rows[np.linspace(0, len(rows) - 1, count).astype(np.int64)]
    return [int(row) for row in rows]


def _grow(
    seed: int, on: Mask, matrix: Mask, prices: npt.NDArray[np.int64], greed: float
) -> frozenset[int]:
    """An implicant that holds on one row: the literals true there that exclude every zero."""
    usable = np.flatnonzero(matrix[:, seed])
    excludes = ~matrix[usable][:, ~on]
    keeps = matrix[usable][:, on].astype(np.float64)
    left = np.ones(excludes.shape[1], dtype=bool)
    kept = np.ones(keeps.shape[1])
    chosen: list[int] = []
    while left.any():
        gain = (excludes & left).sum(axis=1) * (keeps @ kept) ** greed / prices[usable]
        best = int(gain.argmax())
        if gain[best] == 0:
            raise AssertionError("the literals do not tell two rows apart")
        chosen.append(best)
        left &= ~excludes[best]
        kept = kept * keeps[best]
    for k in sorted(chosen, key=lambda k: -prices[usable[k]]):
        rest = [j for j in chosen if j != k]
        if rest and excludes[rest].any(axis=0).all():
            chosen = rest
    return frozenset(int(usable[k]) for k in chosen)


def _undominated(terms: list[Implicant], on: Mask) -> list[Implicant]:
    """Drop implicants that another covers at no greater cost."""
    terms.sort(key=lambda p: (p.cost, -int(p.holds.sum()), sorted(p.literals)))
    kept: list[Implicant] = []
    masks: list[int] = []
    covered = 0
    for implicant in terms:
        bits = int.from_bytes(np.packbits(implicant.holds[on]).tobytes())
        enough = len(kept) >= _KEPT and not bits & ~covered
        if not enough and all(bits & ~mask for mask in masks):
            kept.append(implicant)
            masks.append(bits)
            covered |= bits
    return kept


def choose(terms: list[Implicant], on: Mask) -> list[Implicant]:
    """Implicants that together hold on every row of ``on``, at a small total cost."""
    masks = [int.from_bytes(np.packbits(p.holds[on]).tobytes()) for p in terms]
    width = -(-int(on.sum()) // 8) * 8
    everything = 0
    for mask in masks:
        everything |= mask
    best = _greedy(terms, masks, everything)
    best_cost = sum(terms[k].cost for k in best)
    by_row = [
        [k for k, mask in enumerate(masks) if mask >> row & 1]
        for row in range(width)
        if everything >> row & 1
    ]
    rows = [row for row in range(width) if everything >> row & 1]
    branches = 0

    def search(left: int, picked: list[int], spent: int) -> None:
        nonlocal best, best_cost, branches
        if not left:
            if spent < best_cost:
                best, best_cost = list(picked), spent
            return
        branches += 1
        if branches > _BRANCHES or spent + 2 >= best_cost:
            return
        options = min((by_row[i] for i, row in enumerate(rows) if left >> row & 1), key=len)
        for k in sorted(options, key=lambda k: terms[k].cost / (masks[k] & left).bit_count()):
            if spent + terms[k].cost < best_cost:
                search(left & ~masks[k], [*picked, k], spent + terms[k].cost)

    if len(rows) <= 600:
        search(everything, [], 0)
    return [terms[k] for k in sorted(best)]


def _greedy(terms: list[Implicant], masks: list[int], everything: int) -> list[int]:
    left, picked = everything, list[int]()
    while left:
        k = max(
            range(len(terms)), key=lambda k: ((masks[k] & left).bit_count() / terms[k].cost, -k)
        )
        picked.append(k)
        left &= ~masks[k]
    for k in sorted(picked, key=lambda k: -terms[k].cost):
        rest = 0
        for j in picked:
            rest |= masks[j] if j != k else 0
        if rest == everything:
            picked.remove(k)
    return picked


def factored(terms: list[frozenset[int]], exprs: list[Expr], outer: str, inner: str) -> Expr:
    """``outer`` of ``inner`` of literals, with the most frequent literals taken out."""

    def join(op: str, parts: list[Expr]) -> Expr:
        return parts[0] if len(parts) == 1 else call(op, *parts)

    def build(terms: list[frozenset[int]]) -> list[Expr]:
        counts = Counter(k for term in terms for k in term)
        common, times = max(counts.items(), key=lambda item: (item[1], -item[0]))
        if times == 1:
            return [join(inner, [exprs[k] for k in sorted(term)]) for term in terms]
        rest = [term - {common} for term in terms if common in term]
        others = [term for term in terms if common not in term]
        if not all(rest):  # x or (x and y) is x
            return [exprs[common], *(build(others) if others else [])]
        shared = frozenset.intersection(*rest)
        rest = [term - shared for term in rest]
        heads = [exprs[k] for k in sorted({common} | shared)]
        if not all(rest):
            return [join(inner, heads), *(build(others) if others else [])]
        group = call(inner, *heads, join(outer, build(rest)))
        return [group, *(build(others) if others else [])]

    return join(outer, build(terms))


def two_level(on: Mask, pool: list[Literal]) -> Expr | None:
    """An or of ands of literals that holds exactly on these rows (some, but not all).

    None where it would be very long.
    """
    conjunctions = implicants(on, pool)
    if not conjunctions:
        return None
    terms = [p.literals for p in choose(conjunctions, on)]
    return factored(terms, [p.expr for p in pool], "or", "and")


def two_level_dual(on: Mask, pool: list[Literal]) -> Expr | None:
    """An and of ors that holds exactly on these rows, from the cover of the others."""
    conjunctions = implicants(~on, pool)
    if not conjunctions:
        return None
    terms = [p.literals for p in choose(conjunctions, ~on)]
    opposite = {np.packbits(p.holds).tobytes(): p.expr for p in pool}
    exprs: list[Expr] = [
        opposite.get(np.packbits(~p.holds).tobytes(), call("not", p.expr)) for p in pool
    ]
    return factored(terms, exprs, "and", "or")
