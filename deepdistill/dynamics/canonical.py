"""Latents as a person would choose them: units that make constants 1, few minus signs, an order.

A field keeps its form when latents are measured in other units, turned round or renumbered. The
units are those that leave the fewest constants to tell; what they make 1 or equal is no longer
free.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, permutations, product
from math import comb

import numpy as np
from numpy.typing import NDArray

from .coordinates import AffineChange
from .library import Library, Monomial
from .series import Floats

_MOST_CHOICES = 6000
_MOST_RENUMBERED = 6
_SAME = 1e-7
_ONE = 0.1  # what a constant that is 1 is worth, in the logarithm of others


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """One term of a field: in which equation, which one of the library."""

    equation: int
    monomial: Monomial


@dataclass(frozen=True, slots=True)
class Constants:
    """The free constants of a field: each the size of one term or of several, with their signs.

    Terms that no group names have their sign as constant.
    """

    terms: tuple[FieldTerm, ...]
    signs: tuple[float, ...]
    groups: tuple[tuple[int, ...], ...]
    sizes: tuple[float, ...]

    def coefficients(self, sizes: Floats) -> Floats:
        """Of the terms (..., terms) for the sizes (..., groups)."""
        signs = np.array(self.signs, dtype=sizes.dtype)
        out = np.broadcast_to(signs, (*sizes.shape[:-1], len(signs))).copy()
        for k, group in enumerate(self.groups):
            for place in group:
                out[..., place] = self.signs[place] * sizes[..., k]
        return out


def as_measured(coefficients: Floats, library: Library) -> Constants:
    """The field with a constant of its own for each term: latents stay what they are."""
    places = [(int(i), int(k)) for i, k in zip(*np.nonzero(coefficients), strict=True)]
    sizes = [float(coefficients[place]) for place in places]
    return Constants(
        tuple(FieldTerm(i, library[k]) for i, k in places),
        tuple(-1 if size < 0 else 1 for size in sizes),
        tuple((k,) for k in range(len(places))),
        tuple(abs(size) for size in sizes),
    )


def canonical_best(
    coefficients: Floats, library: Library, change: AffineChange
) -> tuple[Constants, AffineChange]:
    """The field with latents in such units, signs and order, and the change that leads there."""
    powers = np.array([term.powers for term in library])
    scale = _units(coefficients, powers)
    flips = _signs(coefficients, powers, change)
    order = _order(coefficients, powers)
    size = (scale * flips)[order]
    moved = _renumbered(coefficients, powers, library, scale * flips, order)
    matrix = change.matrix[order] * size[:, None]
    return _grouped(moved, library), AffineChange(matrix, change.shift[order] * size)


def _logs(coefficients: Floats, powers: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Of each term: its equation, the logarithm of its size, and how units change that."""
    equations, terms = np.nonzero(coefficients)
    logs = np.log(np.abs(coefficients[equations, terms]))
    turns = np.eye(len(coefficients))[equations] - powers[terms]
    return equations.astype(np.int64), logs, turns


def _units(coefficients: Floats, powers: Floats) -> Floats:
    """The factors of the latents that leave the fewest constants, the smaller ones of those."""
    equations, logs, turns = _logs(coefficients, powers)
    goals = [(logs[k], turns[k]) for k in range(len(logs)) if turns[k].any()]
    pairs = [
        (logs[a] - logs[b], turns[a] - turns[b])
        for a, b in combinations(range(len(logs)), 2)
        if equations[a] == equations[b] and (turns[a] - turns[b]).any()
    ]
    best, least = np.zeros(len(coefficients)), _cost(equations, logs)
    for chosen in _choices(goals, pairs, len(coefficients)):
        values, rows = zip(*chosen, strict=True)
        matrix = np.array(rows)
        if np.linalg.matrix_rank(matrix) < len(matrix):
            continue
        exponents = np.linalg.lstsq(matrix, -np.array(values), rcond=None)[0]
        cost = _cost(equations, logs + turns @ exponents)
        if cost < least:
            best, least = exponents, cost
    return np.exp(best)


def _choices(
    goals: list[tuple[float, Floats]], pairs: list[tuple[float, Floats]], latents: int
) -> Iterator[tuple[tuple[float, Floats], ...]]:
    """As many wishes as there are latents, or fewer where a field has fewer units."""
    both = goals + pairs
    for many in range(latents, 0, -1):
        wishes = both if comb(len(both), many) <= _MOST_CHOICES else goals
        if comb(len(wishes), many) <= _MOST_CHOICES:
            yield from combinations(wishes, many)


def _cost(equations: NDArray[np.int64], logs: Floats) -> tuple[int, float]:
    """How many constants equations have that differ and are not 1, and how far these are from it.

    Of several that are as far, most ones.
    """
    count, far = 0, 0.0
    for equation in set(equations.tolist()):
        here = sorted(logs[equations == equation].tolist())
        kept = [
            log
            for k, log in enumerate(here)
            if abs(log) > _SAME and (not k or log - here[k - 1] > _SAME)
        ]
        count += len(kept)
        far += sum(map(abs, kept))
    return count, round(far - _ONE * int(np.sum(np.abs(logs) <= _SAME)), 6)


def _signs(coefficients: Floats, powers: Floats, change: AffineChange) -> Floats:
    """Which latents to turn round: none mostly negative, few minus signs, no equation of such."""
    equations, terms = np.nonzero(coefficients)
    signs = np.sign(coefficients[equations, terms])
    ahead = np.sign(change.matrix[np.arange(len(powers[0])), np.abs(change.matrix).argmax(axis=1)])
    middle = change.shift / np.linalg.norm(change.matrix, axis=1)  # of whitened components
    best, least = np.ones(len(coefficients)), None
    for flips in product((1.0, -1.0), repeat=len(coefficients)):
        turn = np.array(flips)
        now = signs * turn[equations] * np.prod(turn ** powers[terms], axis=1)
        only = sum(bool((now[equations == k] < 0).all()) for k in set(equations.tolist()))
        below = int(np.sum(turn * middle < -1))
        cost = (below, int(np.sum(now < 0)), only, int(np.sum(turn * ahead < 0)))
        if least is None or cost < least:
            best, least = turn, cost
    return best


def _order(coefficients: Floats, powers: Floats) -> list[int]:
    """Simple equations first, and their latents in the order in which they occur."""
    latents = len(coefficients)
    if latents > _MOST_RENUMBERED:
        return list(range(latents))

    def key(order: Iterable[int]) -> list[tuple[int, int, list[tuple[int, ...]]]]:
        description = []
        for equation in list(order):
            terms = powers[np.nonzero(coefficients[equation])[0]][:, list(order)]
            degree = int(terms.sum(axis=1).max(initial=0))
            written = sorted(tuple(-power for power in term) for term in terms.tolist())
            description.append((degree, len(terms), written))
        return description

    return list(min(permutations(range(latents)), key=key))


def _renumbered(
    coefficients: Floats, powers: Floats, library: Library, size: Floats, order: list[int]
) -> Floats:
    """The coefficients of latents times ``size``, in this order."""
    scaled = coefficients * size[:, None] / np.prod(size**powers, axis=1)
    places = {term.powers: k for k, term in enumerate(library)}
    out = np.zeros_like(coefficients)
    for k, term in enumerate(library):
        out[:, places[tuple(term.powers[i] for i in order)]] = scaled[order, k]
    return out


def _grouped(coefficients: Floats, library: Library) -> Constants:
    """One constant for terms of an equation that have the same size; those of size 1 have none."""
    alone = as_measured(coefficients, library)
    groups: list[tuple[int, ...]] = []
    sizes: list[float] = []
    for k, (term, size) in enumerate(zip(alone.terms, alone.sizes, strict=True)):
        if abs(np.log(size)) <= _SAME:
            continue
        for place, group in enumerate(groups):
            same = abs(np.log(size / sizes[place])) <= _SAME
            if same and alone.terms[group[0]].equation == term.equation:
                groups[place] = (*group, k)
                break
        else:
            groups.append((k,))
            sizes.append(size)
    return Constants(alone.terms, alone.signs, tuple(groups), tuple(sizes))
