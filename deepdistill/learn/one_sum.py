"""Networks of one weighted sum: the answer changes where the sum passes certain numbers.

Rules such as "the sum of the neighbours modulo 3" need as many units as the sum has steps, all with
the same weights: gradient descent hardly finds those, and trying does. All small whole weights are
tried, smallest first; where the answer follows from the sum, each change of the answer along it is
one threshold unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from ..data.problem import Examples
from ..ir.types import Port
from ..units.groups import FloatArray, IntArray, UnitGroup
from .orbits import Orbit, Rows, Structure, tabulate

LARGEST = 3
"""Of the weights that are tried."""

_MOST_FORMS = 40_000  # each with its opposite
_MOST_UNITS = 64
_MOST_VALUES = 16  # that are told apart one by one
_FEW = 64  # rows that rule out most sums


def of_numbers(structure: Structure) -> Structure:
    """The structure with cells read as numbers, not as one indicator for each value."""
    orbits = dict.fromkeys(
        Orbit(orbit.port, orbit.offsets, "number") if orbit.reading == "indicator" else orbit
        for orbit in structure.orbits
    )
    return replace(structure, orbits=tuple(orbits))


def one_by_one(structure: Structure) -> Structure:
    """The structure in which no two cells share a weight."""
    orbits = [
        replace(orbit, offsets=(offset,)) for orbit in structure.orbits for offset in orbit.offsets
    ]
    return replace(structure, orbits=tuple(dict.fromkeys(orbits)))


def one_sum(
    structure: Structure, ports: Sequence[Port], examples: Sequence[Examples], states: IntArray
) -> tuple[Rows, tuple[UnitGroup, ...]] | None:
    """The rows of the structure's numbers and a network of one sum that is exact on all of them.

    None where no small sum decides the answer, or where it changes too often along the sum.
    """
    if (2 * LARGEST + 1) ** len(structure.orbits) > _MOST_FORMS:
        return None
    rows = tabulate(ports, structure, examples)
    if rows.conflicts:
        return None
    label = np.searchsorted(states, rows.y)
    some = np.random.default_rng(0).permutation(len(rows))[:_FEW]
    for weights in _forms(len(structure.orbits)):
        if not _decides(rows.x[some] @ weights, label[some]):
            continue
        total = rows.x @ weights
        if _decides(total, label):
            given = total, label
            further = _gone_on(structure, ports, weights, total, rows.y, states) or given
            for known in (further, given):
                if groups := _staircase(weights, *known, len(states)):
                    return rows, groups
    return None


def affine_sum(
    structure: Structure, ports: Sequence[Port], examples: Sequence[Examples], states: IntArray
) -> tuple[Rows, tuple[UnitGroup, ...]] | None:
    """The same where the answer is itself a weighted sum of the readings, of whatever weights."""
    rows = tabulate(ports, structure, examples)
    if rows.conflicts or len(states) <= 2:
        return None
    table = np.column_stack([rows.x, np.ones(len(rows))])
    solution, *_ = np.linalg.lstsq(table, rows.y.astype(np.float64))
    weights = np.rint(solution)
    if (table @ weights != rows.y).any():
        return None
    label = np.searchsorted(states, rows.y)
    groups = _staircase(weights[:-1], rows.x @ weights[:-1], label, len(states))
    return (rows, groups) if groups else None


def of_values(structure: Structure, ports: Sequence[Port], zero: bool = False) -> Structure:
    """The structure with an indicator for each value of the numbers that have few.

    That of 0 follows from the others, and is there where ``zero`` asks for it.
    """
    few = {port.name: port.domain for port in ports if len(port.domain) <= _MOST_VALUES}
    orbits: dict[Orbit, None] = {}
    for orbit in structure.orbits:
        domain = few.get(orbit.port)
        if orbit.reading == "inside" or domain is None or domain.is_bits:
            orbits[orbit] = None
            continue
        values = [v for v in domain.values if v or zero]
        orbits |= {Orbit(orbit.port, orbit.offsets, "indicator", v): None for v in values}
    return replace(structure, orbits=tuple(orbits))


def _forms(count: int) -> Iterator[FloatArray]:
    """Weights of ``count`` numbers, the smallest first, one of each pair of opposite signs."""
    values = range(-LARGEST, LARGEST + 1)
    forms = [form for form in product(values, repeat=count) if form > (0,) * count]
    forms.sort(key=lambda form: (sum(map(abs, form)), [-w for w in form]))
    yield from (np.array(form, dtype=np.float64) for form in forms)


def _gone_on(
    structure: Structure,
    ports: Sequence[Port],
    weights: FloatArray,
    total: FloatArray,
    answers: IntArray,
    states: IntArray,
) -> tuple[FloatArray, IntArray] | None:
    """All sums that there may be and their answers, where a remainder gives those that were shown.

    None where none does; a sum that was never shown would have the answer of the one below it.
    """
    modulus, shift = int(answers.max()) + 1, int(answers[0]) - int(total[0])
    if len(states) < modulus or ((total + shift) % modulus != answers).any():
        return None
    domains = {port.name: port.domain for port in ports}
    low = high = 0
    for weight, orbit in zip(weights, structure.orbits, strict=True):
        domain = domains[orbit.port]
        ends = (0, 1) if orbit.reading != "number" else (domain.low, domain.high)
        least, most = sorted(int(weight) * end * len(orbit.offsets) for end in ends)
        low, high = low + least, high + most
    every = np.arange(low, high + 1, dtype=np.float64)
    return every, ((every + shift) % modulus).astype(np.int64)


def _decides(total: FloatArray, label: IntArray) -> bool:
    """Whether equal sums have equal answers."""
    order = np.argsort(total, kind="stable")
    same = total[order][1:] == total[order][:-1]
    return not bool((same & (label[order][1:] != label[order][:-1])).any())


def _staircase(
    weights: FloatArray, total: FloatArray, label: IntArray, classes: int
) -> tuple[UnitGroup, ...]:
    """One step unit for each change of the answer along the sum; none where they are too many."""
    steps, first = np.unique(total, return_index=True)
    described = label[first]
    at = np.flatnonzero(described[1:] != described[:-1]) + 1
    if not 0 < len(at) <= _MOST_UNITS:
        return ()
    hidden = UnitGroup(np.tile(weights, (len(at), 1)), -steps[at], "step")
    one_hot = np.eye(classes)
    change = (one_hot[described[at]] - one_hot[described[at - 1]]).T
    start = one_hot[described[0]]
    if classes == 2:
        return hidden, UnitGroup(change[1:], start[1:] - 1, "step")
    return hidden, UnitGroup(change, start, "argmax")
