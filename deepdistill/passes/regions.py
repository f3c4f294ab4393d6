"""Which cells do the same work: group what a program reads into regions with named counts.

Two cells whose weights agree in every sum can be exchanged without changing any sum, so only how
many of them hold each value matters. A region therefore becomes one or a few small integers:
``neighbors``, ``ones``, ``total``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from ..ir.expr import Const, Expr, Inside, Read, Sum, Var, call
from ..ir.linear import LinearForm
from ..ir.types import Port
from .decide.table import Ints
from .linear import Atom

WORTH_COUNTING = 4
"""From this many cells on a region is counted rather than read cell by cell."""

Offset = tuple[int, ...]
Effect = tuple[int, ...]  # what a cell adds to each of the sums


@dataclass(frozen=True, slots=True)
class Measure:
    """A feature: which port it reads where, and how: see ``how``.

    ``values`` None: the number itself, summed over the offsets; otherwise how many of the cells
    hold one of ``values``; ``inside``: how many of the places lie inside the array.
    """

    port: str
    offsets: tuple[Offset, ...]
    values: tuple[int, ...] | None = None
    inside: bool = False

    def expr(self, index: tuple[str, ...], fixed: bool) -> Expr:
        """The measure at position ``index``."""
        if len(self.offsets) == 1:
            (offset,) = self.offsets
            if fixed:
                return self._at(tuple(map(Const, offset)))
            place: tuple[Expr, ...] = tuple(
                Var(name) if step == 0 else call("add", Var(name), Const(step))
                for name, step in zip(index, offset, strict=True)
            )
            return self._at(place)
        if fixed:
            names = tuple(f"d{axis}" for axis in range(len(self.offsets[0])))
            return Sum(names, self.offsets, self._at(tuple(map(Var, names))))
        names = tuple(f"d{name}" for name in index)
        moved = (call("add", Var(i), Var(d)) for i, d in zip(index, names, strict=True))
        return Sum(names, self.offsets, self._at(tuple(moved)))

    def _at(self, place: tuple[Expr, ...]) -> Expr:
        if self.inside:
            return Inside(self.port, place)
        match self.values:
            case None:
                return Read(self.port, place)
            case (value,):
                return call("int", call("eq", Read(self.port, place), Const(value)))
            case values:
                return call("int", call("in", Read(self.port, place), Const(values)))


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Cells of equal effect: their measures, and for a number of cells inside the array the
    values these take together (rows × measures) with what they add to the sums (rows × sums)."""

    port: Port
    offsets: tuple[Offset, ...]
    measures: tuple[Measure, ...]
    effects: Mapping[int, Effect]
    border: Effect

    def states(self, cells: int) -> tuple[Ints, Ints]:
        """All joint values of the measures where ``cells`` of the places are inside."""
        values, sums = [], []
        for row, effect in self._combinations(cells):
            values.append(row)
            sums.append(effect)
        table = np.array(values, dtype=np.int64).reshape(len(values), -1)
        total = np.array(sums, dtype=np.int64).reshape(len(sums), -1)
        if any(measure.inside for measure in self.measures):
            table = np.column_stack([table, np.full(len(table), cells)])
            total = total + cells * np.array(self.border, dtype=np.int64)
        return table, total

    def _combinations(self, cells: int) -> Iterator[tuple[list[int], list[int]]]:
        counted = [measure for measure in self.measures if not measure.inside]
        zero = [0] * len(self.border)
        if not counted:
            yield [], zero
        elif counted[0].values is None and len(self.offsets) == 1:
            for value in self.effects if cells else (0,):
                yield [value], list(self.effects.get(value, zero))
        elif counted[0].values is None:
            unit = self.effects[1]  # a summed number has the value 1
            for total in range(cells * min(self.effects), cells * max(self.effects) + 1):
                yield [total], [total * e for e in unit]
        else:
            steps = [self.effects[(m.values or (0,))[0]] for m in counted]
            for counts in product(range(cells + 1), repeat=len(counted)):
                if sum(counts) <= cells:
                    added = [
                        sum(n * step[s] for n, step in zip(counts, steps, strict=True))
                        for s in range(len(zero))
                    ]
                    yield list(counts), added


def regions(forms: Sequence[LinearForm[Atom]], ports: Sequence[Port]) -> tuple[Region, ...]:
    """The regions of what the forms read, those around the position first."""
    by_name = {port.name: port for port in ports}
    atoms = sorted({atom for form in forms for atom in form.terms}, key=_key)
    cells: dict[tuple[str, Offset], list[Atom]] = {}
    for atom in atoms:
        cells.setdefault((atom.port, atom.offset), []).append(atom)
    groups: dict[object, list[tuple[str, Offset]]] = {}
    for (name, offset), read in cells.items():
        port = by_name[name]
        effects = {v: _effect(forms, read, v) for v in _readable(port)}
        border = _border(forms, read)
        if not any(map(any, effects.values())) and not any(border):
            continue
        behaviour: object = (name, tuple(effects.items()), border)
        if port.is_fixed:  # each place of a fixed axis has a meaning of its own
            behaviour = (name, offset)
        groups.setdefault(behaviour, []).append((name, offset))
    result = []
    for members in _few_apart(groups.values()):
        name, first = members[0]
        read = cells[(name, first)]
        effects = {v: _effect(forms, read, v) for v in _readable(by_name[name])}
        offsets = tuple(sorted(offset for _, offset in members))
        border = _border(forms, read)
        measures = _measures(by_name[name], offsets, effects)
        if any(border):
            measures = (*measures, Measure(name, offsets, inside=True))
        result.append(Region(by_name[name], offsets, measures, effects, border))
    return tuple(result)


def _few_apart(
    groups: Iterable[list[tuple[str, Offset]]],
) -> Iterator[list[tuple[str, Offset]]]:
    """Regions of a few cells one cell at a time: ``left`` and ``right`` read better than a sum."""
    for members in groups:
        if len(members) < WORTH_COUNTING:
            yield from ([member] for member in members)
        else:
            yield members


def _readable(port: Port) -> tuple[int, ...]:
    """The values that a read can give: beyond a bounded border it is 0."""
    values = set(port.domain.values)
    return tuple(sorted(values if port.is_fixed or _wraps(port) else values | {0}))


def _wraps(port: Port) -> bool:
    return all(axis.wrap for axis in port.axes)


def _key(atom: Atom) -> tuple[object, ...]:
    return (atom.port, atom.offset, atom.kind, atom.value)


def _effect(forms: Sequence[LinearForm[Atom]], atoms: Sequence[Atom], value: int) -> Effect:
    """What a cell that holds ``value`` adds to each form, being inside apart."""
    added = []
    for form in forms:
        total = 0
        for atom in atoms:
            coefficient = form.terms.get(atom, 0)
            if atom.kind == "number":
                total += coefficient * value
            elif atom.kind == "indicator":
                total += coefficient * (value == atom.value)
        added.append(total)
    return tuple(added)


def _border(forms: Sequence[LinearForm[Atom]], atoms: Sequence[Atom]) -> Effect:
    return tuple(
        sum(form.terms.get(atom, 0) for atom in atoms if atom.kind == "inside") for form in forms
    )


def _measures(
    port: Port, offsets: tuple[Offset, ...], effects: Mapping[int, Effect]
) -> tuple[Measure, ...]:
    """The fewest integers that decide what the region adds to the sums."""
    if not any(map(any, effects.values())):
        return ()
    if len(offsets) == 1:
        return (Measure(port.name, offsets),)
    unit = effects.get(1, ())
    if unit and all(effect == tuple(v * e for e in unit) for v, effect in effects.items()):
        return (Measure(port.name, offsets),)
    kinds: dict[Effect, list[int]] = {}
    for value, effect in effects.items():
        if any(effect):
            kinds.setdefault(effect, []).append(value)
    return tuple(Measure(port.name, offsets, tuple(values)) for values in kinds.values())


def inside_counts(regions: Sequence[Region], axes_bounded: Sequence[bool]) -> list[tuple[int, ...]]:
    """For each way in which a border can cut the window, how many cells each region has inside.

    A position may have 0, 1, … cells before it and after it along each bounded axis.
    """
    grid = [region for region in regions if not region.port.is_fixed]
    reach = max((max(map(abs, o)) for region in grid for o in region.offsets), default=0)
    sides = [
        [(-before, after) for before in range(reach + 1) for after in range(reach + 1)]
        if bounded
        else [(-reach, reach)]
        for bounded in axes_bounded
    ]
    counts = set()
    for window in product(*sides):
        counts.add(
            tuple(
                len(region.offsets)
                if region.port.is_fixed
                else sum(
                    all(low <= step <= high for step, (low, high) in zip(o, window, strict=True))
                    for o in region.offsets
                )
                for region in regions
            )
        )
    return sorted(counts)
