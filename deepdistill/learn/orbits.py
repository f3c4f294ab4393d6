"""Which weights a unit group shares: candidate structures, from the simplest up.

Along a grid axis all units share the weight of an offset (translation). Within the window that a
unit reads, a structure may share more: one weight for all neighbours, one for each shell of equal
distance, or one for each offset. A structure is judged without training: where two positions read
the same and have different answers, no network of that structure can be exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np

from ..data.problem import Examples, Problem
from ..ir.types import Port
from ..units.groups import FloatArray, IntArray
from ..units.readings import Kind, Tap, read_taps

Sharing = Literal["neighbours", "shells", "offsets"]

MOST_INDICATORS = 8  # domains with more values are read as numbers
MOST_OFFSETS = 121  # windows with more positions are not tried


@dataclass(frozen=True, slots=True)
class Orbit:
    """Positions of a port that share one weight, and what is read there; their readings add up."""

    port: str
    offsets: tuple[tuple[int, ...], ...]
    reading: Kind
    value: int = 0

    @property
    def taps(self) -> tuple[Tap, ...]:
        return tuple(Tap(self.port, offset, self.reading, self.value) for offset in self.offsets)


@dataclass(frozen=True, slots=True)
class Structure:
    """What the units of the first layer can read: how far, and with which weights shared."""

    radius: int
    sharing: Sharing
    border: bool
    orbits: tuple[Orbit, ...]

    def __str__(self) -> str:
        shared = {
            "neighbours": "one weight for all neighbours",
            "shells": "one weight for each distance",
            "offsets": "one weight for each offset",
        }[self.sharing]
        text = f"radius {self.radius}"
        if self.radius:
            text += f", {shared}"
        return text + (", seeing the border" if self.border else "")


def structures(problem: Problem) -> Iterator[Structure]:
    """Candidate structures, the simplest first: radius, then border, then how much is shared."""
    shapes = [examples.output.shape[1:] for examples in problem.given] or problem.training_shapes
    smallest = min(min(shape) for shape in shapes)
    bounded = any(not axis.wrap for axis in problem.inputs[0].axes)
    radius = 0
    while radius == 0 or (
        2 * radius + 1 <= smallest
        and (2 * radius + 1) ** len(problem.inputs[0].axes) <= MOST_OFFSETS
    ):
        for border in (False, True) if bounded and radius else (False,):
            seen = set()
            for sharing in ("neighbours", "shells", "offsets"):
                orbits = tuple(
                    orbit
                    for port in problem.inputs
                    for orbit in _port_orbits(port, radius, sharing, border)
                )
                if orbits not in seen:
                    seen.add(orbits)
                    yield Structure(radius, sharing, border, orbits)
        radius += 1


def _port_orbits(port: Port, radius: int, sharing: Sharing, border: bool) -> Iterator[Orbit]:
    if port.is_fixed:
        for place in product(*(range(axis.size or 0) for axis in port.axes)):
            yield from _readings(port, (place,))
        return
    classes: dict[object, list[tuple[int, ...]]] = {}
    for offset in product(range(-radius, radius + 1), repeat=len(port.axes)):
        key: object
        match sharing:
            case "neighbours":
                key = any(offset)
            case "shells":
                key = tuple(sorted(map(abs, offset)))
            case "offsets":
                key = offset
        classes.setdefault(key, []).append(offset)
    for offsets in classes.values():
        yield from _readings(port, tuple(offsets))
        # The unit's own position is always inside.
        if border and any(any(offset) for offset in offsets):
            yield Orbit(port.name, tuple(offsets), "inside")


def _readings(port: Port, offsets: tuple[tuple[int, ...], ...]) -> Iterator[Orbit]:
    """Two values are read as a number, a few as one indicator each, many as a number again."""
    if port.domain.is_bits or len(port.domain) > MOST_INDICATORS:
        yield Orbit(port.name, offsets, "number")
    else:
        for value in port.domain.values:
            if value != 0:
                yield Orbit(port.name, offsets, "indicator", value)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Distinct readings of the orbits (rows × orbits) and the answer that belongs to each."""

    x: FloatArray
    y: IntArray
    conflicts: int

    def __len__(self) -> int:
        return len(self.y)


def tabulate(ports: Sequence[Port], structure: Structure, examples: Sequence[Examples]) -> Rows:
    """What a unit reads at every position of every example, each distinct row once.

    ``conflicts`` counts the readings that occur with more than one answer; such a row keeps its
    most frequent one.
    """
    x = np.concatenate([orbit_sums(ports, structure.orbits, e.inputs) for e in examples])
    y = np.concatenate([e.output.ravel() for e in examples])
    pairs, counts = np.unique(np.column_stack([x, y]), axis=0, return_counts=True)
    order = np.lexsort((pairs[:, -1], -counts, *pairs[:, -2::-1].T))
    pairs = pairs[order]
    same = (pairs[1:, :-1] == pairs[:-1, :-1]).all(axis=1)
    first = np.concatenate([[True], ~same])
    return Rows(pairs[first, :-1], pairs[first, -1].astype(np.int64), int((~first).sum()))


def orbit_sums(
    ports: Sequence[Port], orbits: Sequence[Orbit], arrays: Sequence[IntArray]
) -> FloatArray:
    """The sum of the readings of each orbit: (samples · positions) × orbits."""
    columns = [read_taps(ports, orbit.taps, arrays).sum(axis=1) for orbit in orbits]
    return np.column_stack(columns)
