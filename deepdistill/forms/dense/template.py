"""Groups of units as templates: slice terms whose places follow the coordinates of the unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .slices import Table

IntArray: TypeAlias = NDArray[np.int64]
Point: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """An array that units read: for each of its places the unit before that stands there."""

    name: str
    places: IntArray


@dataclass(frozen=True, slots=True)
class Slot:
    """An index: a coordinate of the unit plus an offset, or a constant."""

    coordinate: int | None
    offset: int

    def at(self, point: Point) -> int:
        return self.offset + (0 if self.coordinate is None else point[self.coordinate])


@dataclass(frozen=True, slots=True)
class Side:
    """The extent of a region along one axis; what lies outside the array is not read."""

    start: Slot
    stop: Slot

    @property
    def is_index(self) -> bool:
        return self.stop == replace(self.start, offset=self.start.offset + 1)


@dataclass(frozen=True, slots=True)
class Term:
    """``coefficient`` times the sum of a region of a source."""

    source: int
    coefficient: float
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Bias:
    """A constant plus multiples of the unit's coordinates."""

    constant: float
    slopes: tuple[float, ...] = ()

    def at(self, point: Point) -> float:
        return self.constant + sum(s * k for s, k in zip(self.slopes, point, strict=False))


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Units of one template. ``units[p]`` is the unit at coordinates p, all from 0.

    Where the coordinates fill no array, ``units`` is a list and ``points`` holds the coordinates.
    """

    terms: tuple[Term, ...]
    bias: Bias
    units: IntArray
    points: tuple[Point, ...] | None = None

    def coordinates(self) -> Iterator[tuple[Point, int]]:
        """Every unit with its coordinates."""
        if self.points is not None:
            yield from zip(self.points, self.units.tolist(), strict=True)
        else:
            for point in np.ndindex(*self.units.shape):
                yield point, int(self.units[point])


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """Units without a template: their weights, one table for each source, and biases."""

    tables: tuple[Table, ...]
    bias: Table
    units: IntArray


Part: TypeAlias = Group | Rest


def box_at(sides: tuple[Side, ...], point: Point) -> tuple[slice, ...]:
    """A region at some coordinates, cut off at 0 (slices end at the border by themselves)."""
    return tuple(slice(max(s.start.at(point), 0), max(s.stop.at(point), 0)) for s in sides)
