"""Lift a dense network into the intermediate representation: an array for each group of units.

Sums over regions that several units read become arrays of their own, computed once. Nothing is
approximated: the weights are those of the network, told as slice terms or, where they have no
structure, as tables.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import reduce as fold
from math import gcd
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ir.expr import Const, Expr, If, Read, Total, Var, call
from ...ir.program import ConstantTable, Fill, Let, Program, Statement
from ...ir.types import Axis, Integers, Port
from .layout import layout
from .network import DenseLayer, DenseNetwork
from .template import Group, Part, Rest, Side, Slot, Source, Term
from .terms import at_least_0, fired, listed, plain, plus, times, total_of
from .unit_names import RegionNames

Numbers: TypeAlias = NDArray[Any]
Where: TypeAlias = tuple[str, tuple[int, ...]]
"""The array that holds a unit, and its place there."""


@dataclass(frozen=True, slots=True)
class LiftedNetwork:
    """A program, and for each hidden layer where its units are."""

    program: Program
    units: tuple[dict[int, Where], ...]


def lift_dense(network: DenseNetwork, name: str, domain: Integers, argument: str) -> LiftedNetwork:
    """The program that computes what the network computes."""
    port = Port(argument, tuple(Axis("fixed", size=n) for n in network.shape), domain)
    return _Lifter(network, name, port).lifted()


@dataclass(frozen=True, slots=True)
class _Region:
    """Places of an array, up to where a unit stands: equal for units that could share its sum."""

    source: str
    sides: tuple[Side, ...]


@dataclass(slots=True)
class _Use:
    """How often a region is read, for which coordinates, and whether inside a larger loop."""

    terms: int = 0
    lows: list[int] = field(default_factory=list)
    highs: list[int] = field(default_factory=list)
    repeated: bool = False


class _Lifter:
    def __init__(self, network: DenseNetwork, name: str, port: Port) -> None:
        self.network, self.name, self.port = network, name, port
        self.names = RegionNames({name, port.name, "answer"}, port.name)
        self.body: list[Statement] = []
        self.tables: list[ConstantTable] = []
        self.shapes: dict[str, tuple[int, ...]] = {port.name: network.shape}
        self.scalars: dict[str, Expr] = {}
        self.units: list[dict[int, Where]] = []

    def lifted(self) -> LiftedNetwork:
        size = int(np.prod(self.network.shape))
        sources = [Source(self.port.name, np.arange(size).reshape(self.network.shape))]
        for layer in self.network.layers[:-1]:
            sources = self.hidden(layer, sources)
        output = self.head(self.network.layers[-1], sources)
        program = Program(self.name, (self.port,), output, tuple(self.body), tuple(self.tables))
        return LiftedNetwork(program, tuple(self.units))

    def hidden(self, layer: DenseLayer, sources: list[Source]) -> list[Source]:
        """The arrays of a layer's groups, as sources for the next one."""
        parts = layout(*_exact(layer), sources)
        named = self.regions(parts, sources)
        where: dict[int, Where] = {}
        results = []
        for part in parts:
            name = self.names.group(part, sources, len(parts))
            index = self.names.index(len(_shape(part)))
            total = self.sum(part, sources, named, index, name)
            value = fired(total, layer.activation)
            self.place(name, part, index, value)
            results.append(Source(name, part.units))
            for place in np.ndindex(*part.units.shape):
                where[int(part.units[place])] = (name, place)
        self.units.append(where)
        return results

    def place(self, name: str, part: Part, index: tuple[str, ...], value: Expr) -> None:
        """Bind a group's array, or the one number it has."""
        self.shapes[name] = part.units.shape
        if isinstance(part, Group) and part.points is not None:
            names = self.names.index(len(part.points[0]))
            self.body.append(Fill(name, names, part.units.shape, value, part.points))
        elif part.units.ndim:
            self.body.append(Fill(name, index, part.units.shape, value))
        else:
            self.body.append(Let(name, value))

    def sum(
        self,
        part: Part,
        sources: list[Source],
        named: dict[_Region, tuple[str, tuple[int, ...]]],
        index: tuple[str, ...],
        name: str,
    ) -> Expr:
        """The weighted sum of the unit at ``index``, its bias included."""
        if isinstance(part, Rest):
            return self.tabled(part, sources, index, name)
        if part.points is not None:
            index = self.names.index(len(part.points[0]))
        terms = [
            times(t.coefficient, self.region(t, sources, named, index, part)) for t in part.terms
        ]
        for slope, axis in zip(part.bias.slopes, index, strict=False):
            if slope:
                terms.append(times(slope, Var(axis)))
        if part.bias.constant:
            terms.append(Const(plain(part.bias.constant)))
        return total_of(terms)

    def tabled(self, part: Rest, sources: list[Source], index: tuple[str, ...], name: str) -> Expr:
        """The sum of a unit that has a row in a table of weights."""
        unit = Var(index[0])
        terms: list[Expr] = []
        for source, weights in zip(sources, part.tables, strict=True):
            if not weights.any():
                continue
            suffix = f"_{source.name}" if len(sources) > 1 else ""
            table = self.table(f"{name}{suffix}_weights", weights)
            inner = self.names.inner(weights.ndim - 1)
            places = tuple(map(Var, inner))
            own = self.read(source.name, places)
            total: Expr = call("mul", Read(table, (unit, *places)), own)
            for axis in reversed(range(len(inner))):
                size = Const(weights.shape[axis + 1])
                total = Total(inner[axis], Const(0), size, total)
            terms.append(total)
        if part.bias.any():
            terms.append(Read(self.table(f"{name}_biases", part.bias), (unit,)))
        return total_of(terms)

    def table(self, name: str, values: Numbers) -> str:
        name = self.names.fresh(name)
        self.tables.append(ConstantTable(name, _nested(values)))
        return name

    def read(self, name: str, index: tuple[Expr, ...]) -> Expr:
        return Read(name, index) if index else Var(name)

    def regions(
        self, parts: list[Part], sources: list[Source]
    ) -> dict[_Region, tuple[str, tuple[int, ...]]]:
        """Arrays for the regions that are summed more often than once, and where they begin."""
        uses: dict[_Region, _Use] = defaultdict(_Use)
        for part in parts:
            if isinstance(part, Rest):
                continue
            loops = len(_shape(part)) if part.points is None else len(part.points[0])
            for term in part.terms:
                region, args = _region(term, sources)
                use = uses[region]
                use.terms += 1
                use.repeated |= len({slot.coordinate for slot in args}) < loops
                spans = [_span(slot, part) for slot in args]
                use.lows = [
                    min(pair)
                    for pair in zip(
                        use.lows or [a for a, _ in spans], [a for a, _ in spans], strict=True
                    )
                ]
                use.highs = [
                    max(pair)
                    for pair in zip(
                        use.highs or [b for _, b in spans], [b for _, b in spans], strict=True
                    )
                ]
        named = {}
        for region, use in uses.items():
            if all(side.is_index for side in region.sides):
                continue
            if use.terms == 1 and not use.repeated:
                continue
            named[region] = self.bind_region(region, use)
        return named

    def bind_region(self, region: _Region, use: _Use) -> tuple[str, tuple[int, ...]]:
        name = self.names.region(region.source, region.sides, self.shapes[region.source])
        sizes = tuple(b - a + 1 for a, b in zip(use.lows, use.highs, strict=True))
        index = self.names.index(len(sizes))
        args = tuple(plus(Var(i), low) for i, low in zip(index, use.lows, strict=True))
        spans = list(zip(use.lows, use.highs, strict=True))
        value = self.region_sum(region.source, region.sides, args, spans)
        self.shapes[name] = sizes
        self.body.append(Fill(name, index, sizes, value) if sizes else Let(name, value))
        return name, tuple(use.lows)

    def region(
        self,
        term: Term,
        sources: list[Source],
        named: dict[_Region, tuple[str, tuple[int, ...]]],
        index: tuple[str, ...],
        part: Group,
    ) -> Expr:
        """The sum of a term's region: by its name where it has one."""
        region, args = _region(term, sources)
        spans = [_span(slot, part) for slot in args]
        values = tuple(_slot(slot, index) for slot in args)
        if region in named:
            name, lows = named[region]
            places = tuple(plus(value, -low) for value, low in zip(values, lows, strict=True))
            return self.read(name, places)
        return self.region_sum(region.source, region.sides, values, spans)

    def region_sum(
        self,
        source: str,
        sides: tuple[Side, ...],
        args: tuple[Expr, ...],
        spans: list[tuple[int, int]],
    ) -> Expr:
        """The sum over a box whose slots are ``args``, values within ``spans``."""
        shape = self.shapes[source]
        inner = self.names.inner(len(shape))
        places: list[Expr] = []
        loops: list[tuple[str, Expr, Expr]] = []
        for side, n, variable in zip(sides, shape, inner, strict=True):
            low, high = _extent(side.start, spans)
            if side.is_index and low >= 0 and high < n:
                places.append(_placed(side.start, args))
                continue
            start, stop = _placed(side.start, args), _placed(side.stop, args)
            start = start if low >= 0 else call("max", start, Const(0))
            low, high = _extent(side.stop, spans)
            stop = stop if low >= 0 else call("max", stop, Const(0))
            stop = stop if high <= n else call("min", stop, Const(n))
            loops.append((variable, start, stop))
            places.append(Var(variable))
        total = self.read(source, tuple(places))
        for variable, start, stop in reversed(loops):
            total = Total(variable, start, stop, total)
        return total

    def head(self, layer: DenseLayer, sources: list[Source]) -> Port:
        """The last statement: a class, probabilities, or numbers."""
        weights, bias = layer.weights, layer.bias
        count = len(bias)
        if layer.activation == "argmax" and count == 2:
            difference = DenseLayer(weights[:1] - weights[1:], bias[:1] - bias[1:], "linear")
            scale = fold(gcd, map(int, np.append(difference.weights, difference.bias)), 0)
            if scale > 1 and _is_whole(difference):
                difference = DenseLayer(
                    difference.weights / scale, difference.bias / scale, "linear"
                )
            (score,) = self.scores(difference, sources)
            value: Expr = If(at_least_0(score), Const(0), Const(1))
            domain = Integers(0, 1)
        else:
            if count == 2 and _are_opposite(layer):
                one = DenseLayer(weights[:1], bias[:1], "linear")
                (score,) = self.scores(one, sources)
                name = self.names.fresh("score")
                self.body.append(Let(name, score))
                scores: list[Expr] = [Var(name), call("mul", Const(-1), Var(name))]
            else:
                scores = self.scores(layer, sources)
            if layer.activation == "argmax":
                value = call("argmax", listed(scores))
            elif layer.activation == "softmax":
                value = call("softmax", listed(scores))
            else:
                value = scores[0] if count == 1 else listed(scores)
            domain = Integers(0, max(count - 1, 0))
        self.body.append(Let("answer", value))
        return Port("answer", (), domain)

    def scores(self, layer: DenseLayer, sources: list[Source]) -> list[Expr]:
        """An expression for each output."""
        rounded = self.network.layers[-1].activation != "argmax"
        parts = layout(*_exact(layer), sources, rounded)
        named = self.regions(parts, sources)
        outputs: dict[int, Expr] = {}
        for part in parts:
            if part.units.ndim == 0:
                total = self.sum(part, sources, named, (), "score")
                outputs[int(part.units)] = total
                continue
            name = self.names.fresh("scores" if len(parts) == 1 else "score")
            index = self.names.index(len(_shape(part)))
            self.place(name, part, index, self.sum(part, sources, named, index, name))
            for place in np.ndindex(*part.units.shape):
                outputs[int(part.units[place])] = Read(name, tuple(map(Const, place)))
        return [outputs[k] for k in range(len(layer.bias))]


def _shape(part: Part) -> tuple[int, ...]:
    return part.units.shape


def _exact(layer: DenseLayer) -> tuple[Numbers, Numbers]:
    if _is_whole(layer):
        return layer.weights.astype(np.int64), layer.bias.astype(np.int64)
    return layer.weights + 0.0, layer.bias + 0.0


def _are_opposite(layer: DenseLayer) -> bool:
    (a, b), (c, d) = layer.weights, layer.bias
    return bool((a == -b).all() and c == -d)


def _is_whole(layer: DenseLayer) -> bool:
    return all((x == np.round(x)).all() for x in (layer.weights, layer.bias))


def _region(term: Term, sources: list[Source]) -> tuple[_Region, tuple[Slot, ...]]:
    """The region of a term with its slots renumbered, and the slots of the unit they stand for."""
    args: list[Slot] = []
    first: dict[int, tuple[int, int]] = {}

    def renamed(slot: Slot) -> Slot:
        if slot.coordinate is None:
            return slot
        if slot.coordinate not in first:
            first[slot.coordinate] = (len(args), slot.offset)
            args.append(slot)
        k, base = first[slot.coordinate]
        return Slot(k, slot.offset - base)

    sides = tuple(Side(renamed(side.start), renamed(side.stop)) for side in term.sides)
    return _Region(sources[term.source].name, sides), tuple(args)


def _span(slot: Slot, part: Group) -> tuple[int, int]:
    assert slot.coordinate is not None
    if part.points is not None:
        values = [point[slot.coordinate] for point in part.points]
        return min(values) + slot.offset, max(values) + slot.offset
    return slot.offset, part.units.shape[slot.coordinate] - 1 + slot.offset


def _extent(slot: Slot, spans: list[tuple[int, int]]) -> tuple[int, int]:
    """The smallest and largest value of a slot."""
    if slot.coordinate is None:
        return slot.offset, slot.offset
    low, high = spans[slot.coordinate]
    return low + slot.offset, high + slot.offset


def _slot(slot: Slot, index: tuple[str, ...]) -> Expr:
    if slot.coordinate is None:
        return Const(slot.offset)
    return plus(Var(index[slot.coordinate]), slot.offset)


def _placed(slot: Slot, args: tuple[Expr, ...]) -> Expr:
    if slot.coordinate is None:
        return Const(slot.offset)
    return plus(args[slot.coordinate], slot.offset)


def _nested(values: Numbers) -> tuple[Any, ...]:
    def tuples(part: Any) -> Any:
        return tuple(map(tuples, part)) if isinstance(part, list) else plain(part)

    return tuple(map(tuples, values.tolist()))
