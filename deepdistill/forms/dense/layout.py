"""What the units of a dense layer do, told as few groups: one template and its coordinates each.

Units whose weights are the same slice terms at other places form a group. Where their places agree
up to an offset they share a coordinate; the coordinates of all units of a group fill an array.
Units that fit no template are told by the table of their weights. Nothing here is approximate: a
unit joins a group only where the template gives its weights exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from math import prod
from typing import Any

import numpy as np

from .code import Code
from .slices import Box, Slice, Slicer, Table, region_of
from .template import Bias, Group, IntArray, Part, Point, Rest, Side, Slot, Source, Term, box_at

_MOST_CANDIDATES = 20_000  # coordinates at which a template is tried
_FAILURES = 40  # tables without description, after which the rest of a layer is not searched


@dataclass(frozen=True, slots=True)
class _Piece:
    """A slice term of one unit."""

    source: int
    coefficient: float
    kinds: tuple[str, ...]
    box: Box


def layout(
    weights: Table, bias: Table, sources: Sequence[Source], rounded: bool = False
) -> list[Part]:
    """The units of a layer as groups, in the order of their first units.

    Weights that are no integers stay in a table, unless sums may be ``rounded`` and there are few
    different ones.
    """
    if weights.dtype.kind == "i":
        return _Layer(weights, bias, sources).parts()
    code = Code.of(weights) if rounded else None
    if code is None:
        return [_Layer(weights, bias, sources).table(list(range(len(weights))))]
    parts = _Layer(code.encoded(weights), bias, sources).parts()
    return [code.decoded(part) for part in parts]


class _Layer:
    def __init__(self, weights: Table, bias: Table, sources: Sequence[Source]) -> None:
        self.weights, self.bias, self.sources = weights, bias, sources
        self.shapes = [source.places.shape for source in sources]

    def parts(self) -> list[Part]:
        pieces, rest = self.pieces()
        classes: dict[Any, list[int]] = defaultdict(list)
        for unit, unit_pieces in pieces.items():
            classes[tuple((p.source, p.coefficient, p.kinds) for p in unit_pieces)].append(unit)
        ordered = sorted(classes.values(), key=lambda units: (-len(units), units[0]))
        left = {unit: None for units in ordered for unit in units}
        groups: list[Group] = []
        for units in ordered:
            while units := [unit for unit in units if unit in left]:
                group = self.group(units, pieces, left)
                for _, unit in group.coordinates():
                    del left[unit]
                groups.append(group)
        parts: list[Part] = sorted(groups, key=lambda group: int(group.units.min()))
        if rest:
            parts.append(self.table(rest))
        return parts

    def pieces(self) -> tuple[dict[int, tuple[_Piece, ...]], list[int]]:
        """The slice terms of every unit, and the units that have none."""
        slicer = Slicer()
        first = [self.slices(unit, slicer) for unit in self.sample()]
        for sliced in first:
            for terms, shape in zip(sliced or (), self.shapes, strict=bool(sliced)):
                if len(terms) == 1 and not _is_cell(terms[0].box):
                    slicer.favoured.add(region_of(terms[0].box, shape))
        result: dict[int, tuple[_Piece, ...]] = {}
        rest: list[int] = []
        failures = 0
        for unit in range(len(self.weights)):
            slices = None if failures > _FAILURES + len(result) else self.slices(unit, slicer)
            if slices is None:
                rest.append(unit)
                failures += 1
            else:
                result[unit] = self.sorted(slices)
        return result, rest

    def sample(self) -> range:
        """Units enough to see the common regions, without looking at all of them twice."""
        return range(0, len(self.weights), max(1, len(self.weights) // 400))

    def slices(self, unit: int, slicer: Slicer) -> list[tuple[Slice, ...]] | None:
        row = self.weights[unit]
        result = []
        for source in self.sources:
            terms = slicer.decompose(row[source.places])
            if terms is None:
                return None
            result.append(terms)
        return result

    def sorted(self, slices: list[tuple[Slice, ...]]) -> tuple[_Piece, ...]:
        pieces = []
        for k, (terms, shape) in enumerate(zip(slices, self.shapes, strict=True)):
            for term in terms:
                kinds = tuple(_kind(side, n) for side, n in zip(term.box, shape, strict=True))
                pieces.append(_Piece(k, term.coefficient, kinds, term.box))
        return tuple(sorted(pieces, key=lambda p: (p.source, p.kinds, p.coefficient, p.box)))

    def group(
        self, units: list[int], pieces: dict[int, tuple[_Piece, ...]], left: dict[int, None]
    ) -> Group:
        """A group that holds the first of these units, and as many others as fit."""
        columns = np.array(
            [[k for p in pieces[unit] for side in p.box for k in side] for unit in units],
            dtype=np.int64,
        ).reshape(len(units), -1)
        slots, points = _coordinates(columns)
        bias, points = _bias(self.bias[units], points)
        if bias is None:  # several biases that follow no coordinate: the most frequent first
            values, counts = np.unique(self.bias[units], return_counts=True)
            chosen = values[np.argmax(counts)]
            same = [unit for unit in units if self.bias[unit] == chosen]
            return self.group(same, pieces, left)
        template = pieces[units[0]]
        places = iter(slots)
        terms = tuple(
            Term(p.source, p.coefficient, tuple(Side(next(places), next(places)) for _ in p.box))
            for p in template
        )
        where = dict(zip(map(tuple, points.tolist()), units, strict=True))
        if len(where) < len(units):  # units that are the same
            return self.single(units[0], pieces)
        where |= self.absorbed(terms, bias, where, left)
        return self.shaped(terms, bias, where, pieces)

    def single(self, unit: int, pieces: dict[int, tuple[_Piece, ...]]) -> Group:
        terms = tuple(
            Term(
                p.source,
                p.coefficient,
                tuple(Side(Slot(None, a), Slot(None, b)) for a, b in p.box),
            )
            for p in pieces[unit]
        )
        return Group(terms, Bias(self.bias[unit].item()), np.array(unit))

    def absorbed(
        self, terms: tuple[Term, ...], bias: Bias, where: dict[Point, int], left: dict[int, None]
    ) -> dict[Point, int]:
        """Units of other descriptions that the template gives exactly at further coordinates."""
        taken = set(where.values())
        others = [unit for unit in left if unit not in taken]
        if not others or not where or not next(iter(where)):
            return {}
        spans = self.spans(terms, where)
        if prod(len(span) for span in spans) - len(where) > _MOST_CANDIDATES:
            return {}
        rows = {self.row_key(self.weights[unit], self.bias[unit]): unit for unit in others}
        units: dict[Point, int] = {}
        for point in product(*spans):
            if point in where:
                continue
            unit = rows.get(self.row_key(self.instance(terms, point), bias.at(point)))
            if unit is not None and unit not in taken:
                units[point] = unit
                taken.add(unit)
        return units

    def spans(self, terms: tuple[Term, ...], where: dict[Point, int]) -> list[range]:
        """For each coordinate the values at which the template still reads something."""
        columns = list(zip(*where, strict=True))
        low, high = [min(c) for c in columns], [max(c) for c in columns]
        for term in terms:
            for side, n in zip(term.sides, self.shapes[term.source], strict=True):
                for slot in (side.start, side.stop):
                    if slot.coordinate is not None:
                        k = slot.coordinate
                        low[k] = min(low[k], -slot.offset)
                        high[k] = max(high[k], n - slot.offset)
        return [range(a, b + 1) for a, b in zip(low, high, strict=True)]

    def row_key(self, row: Table, bias: float) -> tuple[bytes, float]:
        return (row.tobytes(), float(bias))

    def instance(self, terms: tuple[Term, ...], point: Point) -> Table:
        """The weights that a template has at some coordinates."""
        row: Table = np.zeros_like(self.weights[0])
        for term in terms:
            places = self.sources[term.source].places[box_at(term.sides, point)]
            row[places.ravel()] += np.asarray(term.coefficient, dtype=row.dtype)
        return row

    def shaped(
        self,
        terms: tuple[Term, ...],
        bias: Bias,
        where: dict[Point, int],
        pieces: dict[int, tuple[_Piece, ...]],
    ) -> Group:
        """The units as an array where their coordinates fill one; else as a list."""
        points = sorted(where)
        if len(points) == 1:
            return self.fixed(terms, bias, points[0], where[points[0]])
        columns = [sorted(set(column)) for column in zip(*points, strict=True)]
        if prod(map(len, columns)) != len(points) or any(
            column[-1] - column[0] != len(column) - 1 for column in columns
        ):
            part = _full_part(points)
            if part is None:
                units = np.array([where[point] for point in points])
                return Group(terms, bias, units, tuple(points))
            points = part
            columns = [sorted(set(column)) for column in zip(*points, strict=True)]
        order = _order(points, [where[point] for point in points])
        constant = {k: column[0] for k, column in enumerate(columns) if len(column) == 1}
        kept = [k for k in order if k not in constant]
        units = np.empty([len(columns[k]) for k in kept], dtype=np.int64)
        for point in points:
            units[tuple(point[k] - columns[k][0] for k in kept)] = where[point]
        move = {k: (kept.index(k), columns[k][0]) for k in kept}

        def moved(slot: Slot) -> Slot:
            if slot.coordinate is None:
                return slot
            if slot.coordinate in constant:
                return Slot(None, slot.offset + constant[slot.coordinate])
            axis, low = move[slot.coordinate]
            return Slot(axis, slot.offset + low)

        terms = tuple(
            replace(t, sides=tuple(Side(moved(s.start), moved(s.stop)) for s in t.sides))
            for t in terms
        )
        slopes = bias.slopes or (0,) * len(columns)
        bias = Bias(
            bias.constant + sum(s * column[0] for s, column in zip(slopes, columns, strict=True)),
            tuple(slopes[k] for k in kept),
        )
        return Group(terms, bias, units)

    def fixed(self, terms: tuple[Term, ...], bias: Bias, point: Point, unit: int) -> Group:
        sides = [
            tuple(
                Side(Slot(None, s.start.at(point)), Slot(None, s.stop.at(point))) for s in t.sides
            )
            for t in terms
        ]
        terms = tuple(replace(t, sides=s) for t, s in zip(terms, sides, strict=True))
        return Group(terms, Bias(bias.at(point)), np.array(unit))

    def table(self, units: list[int]) -> Rest:
        rows = self.weights[units]
        tables = tuple(rows[:, source.places] for source in self.sources)
        return Rest(tables, self.bias[units], np.array(units))


def _is_cell(box: Box) -> bool:
    return all(b - a == 1 for a, b in box)


def _kind(side: tuple[int, int], length: int) -> str:
    start, stop = side
    if start == 0 and stop == length:
        return "all"
    if stop - start == 1:
        return "index"
    if start == 0:
        return "until"
    return "from" if stop == length else "range"


def _coordinates(columns: IntArray) -> tuple[list[Slot], IntArray]:
    """Slots for the columns of positions, and the coordinates of each unit."""
    slots: list[Slot] = []
    bases: list[IntArray] = []
    for column in columns.T:
        if (column == column[0]).all():
            slots.append(Slot(None, int(column[0])))
            continue
        for k, base in enumerate(bases):
            if (column - base == column[0] - base[0]).all():
                slots.append(Slot(k, int(column[0] - base[0])))
                break
        else:
            slots.append(Slot(len(bases), 0))
            bases.append(column)
    points = np.stack(bases, axis=1) if bases else np.zeros((len(columns), 0), dtype=np.int64)
    return slots, points


def _bias(bias: Table, points: IntArray) -> tuple[Bias | None, IntArray]:
    """Biases as a constant, or as one that follows a coordinate, perhaps one of its own."""
    if (bias == bias[0]).all():
        return Bias(bias[0].item()), points
    count = points.shape[1]
    for k in range(count):
        column = points[:, k]
        low, high = int(np.argmin(column)), int(np.argmax(column))
        slope = (bias[high] - bias[low]) / (column[high] - column[low])
        slope = int(slope) if slope == int(slope) else slope
        constant = bias[low] - slope * column[low]
        if (constant + slope * column == bias).all():
            slopes = tuple(slope if j == k else 0 for j in range(count))
            return Bias(np.asarray(constant).item(), slopes), points
    values = np.unique(bias)
    steps = np.unique(np.diff(values))
    if len(steps) == 1 and (count or len(values) == len(bias)):
        slope = steps[0].item()
        own = np.round((bias - values[0]) / slope).astype(np.int64)
        if (values[0] + slope * own == bias).all() and len(values) > 2:
            return (
                Bias(values[0].item(), (*(0,) * count, slope)),
                np.concatenate([points, own[:, None]], axis=1),
            )
    return None, points


def _full_part(points: list[Point]) -> list[Point] | None:
    """The largest part, with one coordinate fixed or with a run of one, that fills an array."""
    best: list[Point] | None = None
    for axis in range(len(points[0])):
        lines: dict[int, set[Point]] = defaultdict(set)
        for point in points:
            lines[point[axis]].add(point[:axis] + point[axis + 1 :])
        values = sorted(lines)
        for k, start in enumerate(values):
            if not _fills(sorted(lines[start])):
                continue
            stop = k
            while (
                stop + 1 < len(values)
                and values[stop + 1] == values[stop] + 1
                and lines[values[stop + 1]] == lines[start]
            ):
                stop += 1
            count = (stop - k + 1) * len(lines[start])
            if best is None or count > len(best):
                best = sorted(
                    (*rest[:axis], v, *rest[axis:])
                    for v in values[k : stop + 1]
                    for rest in lines[start]
                )
    return best if best is not None and 2 * len(best) >= len(points) and len(best) > 2 else None


def _fills(points: list[Point]) -> bool:
    columns = [sorted(set(column)) for column in zip(*points, strict=True)]
    return prod(map(len, columns)) == len(points) and all(
        column[-1] - column[0] == len(column) - 1 for column in columns
    )


def _order(points: list[Point], units: list[int]) -> tuple[int, ...]:
    """The order of coordinates in which the units stood, if there is one."""
    count = len(points[0])
    by_unit = [point for _, point in sorted(zip(units, points, strict=True))]
    if count <= 4:
        for order in permutations(range(count)):
            keys = [tuple(point[k] for k in order) for point in by_unit]
            if keys == sorted(keys):
                return order
    return tuple(range(count))
