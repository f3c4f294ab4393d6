"""Receptive fields, and inputs that show every pattern of them at least once.

Networks apply one local rule everywhere, by construction; a program does where its text shows it.
Two local rules are equal as soon as they agree on every pattern of the cells that either reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from ...ir.expr import Call, Const, Expr, Inside, Read, Sum, Var, children
from ...ir.program import Map, Program, Scan
from ...ir.types import Port
from ...verify.arrays import fixed_count, fixed_values
from .network import GridNetwork

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]
Offset = tuple[int, ...]

PATTERN_LIMIT = 2**18
"""The most patterns of a wrapping neighbourhood that are enumerated."""

GRID_LIMIT = 2**15
"""The most small grids that are enumerated where a grid has borders."""


@dataclass(frozen=True, slots=True)
class Field:
    """A receptive field: which offsets are read from which grid port."""

    reads: frozenset[tuple[str, Offset]]

    def __or__(self, other: Field) -> Field:
        return Field(self.reads | other.reads)

    def offsets(self, port: str) -> tuple[Offset, ...]:
        """The offsets read from one port, in order."""
        return tuple(sorted(offset for name, offset in self.reads if name == port))

    def box(self, dimensions: int) -> tuple[tuple[int, int], ...]:
        """For each axis the lowest and the highest offset, the own position included."""
        offsets = [offset for _, offset in self.reads]
        return tuple(
            (min([0, *(o[d] for o in offsets)]), max([0, *(o[d] for o in offsets)]))
            for d in range(dimensions)
        )

    def spans(self, dimensions: int) -> Shape:
        """For each axis how many cells the box is long."""
        return tuple(high - low + 1 for low, high in self.box(dimensions))


def network_field(network: GridNetwork) -> Field:
    """The offsets of the taps whose weights are not all 0."""
    fixed = {port.name for port in network.inputs if port.is_fixed}
    weighed = np.any(network.groups[0].weights != 0, axis=0)
    return Field(
        frozenset(
            (tap.port, tap.offset)
            for tap, used in zip(network.taps, weighed, strict=True)
            if used and tap.port not in fixed
        )
    )


class _NotLocal(Exception):
    """The text does not show that the program is one local rule."""


class _FieldReader:
    """Walks the body of a ``Map`` and collects what is read around the own position."""

    def __init__(self, program: Program, axes: tuple[str, ...]) -> None:
        self.fixed = {port.name for port in program.inputs if port.is_fixed}
        self.axes = axes
        self.known: set[str] = set()
        self.reads: set[tuple[str, Offset]] = set()

    def bind(self, name: str) -> None:
        """A name that may be read from here on; two meanings of one name are not followed."""
        if name in self.known or name in self.axes:
            raise _NotLocal
        self.known.add(name)

    def walk(self, expr: Expr, points: Mapping[str, int]) -> None:
        match expr:
            case Var(name):
                # the position itself as a number would make cells differ by where they stand
                if name not in self.known and name not in points:
                    raise _NotLocal
            case Read(port, index) | Inside(port, index) if port not in self.fixed:
                if len(index) != len(self.axes):
                    raise _NotLocal
                offset = tuple(
                    self.offset(k, axis, points) for k, axis in zip(index, self.axes, strict=True)
                )
                self.reads.add((port, offset))
            case Sum(names, places, body):
                if any(name in points or name in self.known | {*self.axes} for name in names):
                    raise _NotLocal
                for place in places:
                    self.walk(body, {**points, **dict(zip(names, place, strict=True))})
            case _:
                for child in children(expr):
                    self.walk(child, points)

    def offset(self, index: Expr, axis: str, points: Mapping[str, int]) -> int:
        """The constant c where an index is ``axis + c``."""
        times, constant = self.linear(index, axis, points)
        if times != 1:
            raise _NotLocal
        return constant

    def linear(self, expr: Expr, axis: str, points: Mapping[str, int]) -> tuple[int, int]:
        """``(a, c)`` where an expression is ``a * axis + c``."""
        match expr:
            case Const(int() as value):
                return 0, value
            case Var(name) if name == axis:
                return 1, 0
            case Var(name) if name in points:
                return 0, points[name]
            case Call("add", args):
                parts = [self.linear(arg, axis, points) for arg in args]
                return sum(a for a, _ in parts), sum(c for _, c in parts)
            case Call("sub", (left, right)):
                (a, c), (b, d) = self.linear(left, axis, points), self.linear(right, axis, points)
                return a - b, c - d
            case _:
                raise _NotLocal


def program_field(program: Program) -> Field | None:
    """What a program reads around each position; None where its text does not show a local rule.

    Local means: the output is one ``Map``, every index into a grid is axis variable + constant
    (in the axes' order), no position is used as a number, and no name is read before it is bound.
    """
    *before, last = program.body
    grids = [port for port in program.inputs if not port.is_fixed]
    if not isinstance(last, Map) or last.name != program.output.name:
        return None
    if not grids or last.like not in {port.name for port in grids}:
        return None
    if any(axis.kind == "fixed" for port in grids for axis in port.axes):
        return None
    scalars = _FieldReader(program, ())
    cells = _FieldReader(program, last.index)
    try:
        for statement in before:
            if isinstance(statement, Map | Scan):
                raise _NotLocal
            scalars.walk(statement.value, {})  # may read fixed ports only: no axis is bound here
            scalars.bind(statement.name)
            cells.bind(statement.name)
        for let in last.body:
            cells.walk(let.value, {})
            cells.bind(let.name)
        cells.walk(last.value, {})
    except _NotLocal:
        return None
    return Field(frozenset(cells.reads))


def pattern_count(ports: Sequence[Port], field: Field) -> int:
    """How many patterns the field has, all values of the fixed ports included."""
    grids = [port for port in ports if not port.is_fixed]
    values = [len(port.domain) ** len(field.offsets(port.name)) for port in grids]
    return fixed_count(ports) * prod(map(int, values))


def few_patterns(ports: Sequence[Port], field: Field) -> bool:
    """Whether the patterns of a wrapping field can be enumerated and their blocks held."""
    grids = [port for port in ports if not port.is_fixed]
    blocks = pattern_count(grids, field) * prod(field.spans(len(grids[0].axes)))
    return pattern_count(ports, field) <= PATTERN_LIMIT and blocks <= 2**26


def settling_shapes(ports: Sequence[Port], field: Field) -> list[Shape]:
    """Sizes at which *all* grids together show every situation of a field, borders included.

    Let a rule read the offsets low ... high along an axis. Along a bounded axis of n cells, the
    cell at position i sees which offsets are inside, and the values there: exactly what the cell
    at position min(i, -low) sees in the crop from i - min(i, -low) to i + min(n - 1 - i, high),
    whose length is at most high - low + 1. Along a wrapping axis it sees high - low + 1 cells,
    exactly what the cell at position -low sees on a ring of that many cells, cut out of the
    (possibly smaller, then repeated) ring. So the lengths 1 ... span for bounded axes and span
    for wrapping ones are enough, whatever the size of the grid.
    """
    axes = next(port.axes for port in ports if not port.is_fixed)
    lengths = [
        (span,) if axis.wrap else tuple(range(1, span + 1))
        for axis, span in zip(axes, field.spans(len(axes)), strict=True)
    ]
    return list(product(*lengths))


@lru_cache(maxsize=4)
def _de_bruijn(alphabet: int, order: int) -> IntArray:
    """A cyclic sequence with every word of ``order`` symbols once: Lyndon words in order."""
    sequence: list[int] = []
    word = [-1]
    while word:
        word[-1] += 1
        if order % len(word) == 0:
            sequence.extend(word)
        period = len(word)
        while len(word) < order:
            word.append(word[-period])
        while word and word[-1] == alphabet - 1:
            word.pop()
    return np.array(sequence, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """All patterns side by side along the last axis, one box high along the others.

    Pieces of ``window + k * step`` cells that overlap by ``window - step`` cut through no pattern.
    """

    values: Mapping[str, IntArray]
    window: int
    step: int

    def pieces(self, width: int) -> list[tuple[int, int]]:
        """Where to cut so that each piece fits in ``width`` cells."""
        length = next(iter(self.values.values())).shape[-1]
        stride = (width - self.window) // self.step * self.step + self.step
        starts = range(0, length - self.window + 1, stride)
        return [(start, min(start + width, length)) for start in starts]


def pattern_strip(ports: Sequence[Port], field: Field) -> Strip:
    """Every pattern of the field over wrapping grid ports, in as few cells as two ways offer."""
    grids = [port for port in ports if not port.is_fixed]
    dimensions = len(grids[0].axes)
    spans = field.spans(dimensions)
    joint = prod(len(port.domain) for port in grids)  # states of a position, all ports together
    box = prod(spans)
    patterns = pattern_count(grids, field)
    if joint**box <= PATTERN_LIMIT and joint**box <= patterns * spans[-1]:
        return _overlapping(grids, spans, joint)
    return _separate(grids, field, spans, patterns)


def _overlapping(grids: Sequence[Port], spans: Shape, joint: int) -> Strip:
    """All patterns of the whole box, overlapping: columns follow each other as de Bruijn says."""
    height = prod(spans[:-1])
    cycle = _de_bruijn(joint**height, spans[-1])
    columns = np.concatenate([cycle, cycle[: spans[-1] - 1]])
    symbols = columns // (joint ** np.arange(height)[:, None]) % joint
    values = {}
    for port in grids:
        values[port.name] = port.domain.low + symbols.reshape(*spans[:-1], -1) % len(port.domain)
        symbols = symbols // len(port.domain)
    return Strip(values, window=spans[-1], step=1)


def _separate(grids: Sequence[Port], field: Field, spans: Shape, patterns: int) -> Strip:
    """All patterns of the cells that are read, one block after another."""
    lows = [low for low, _ in field.box(len(spans))]
    values = {}
    number = np.arange(patterns)
    for port in grids:
        blocks = np.full((*spans[:-1], patterns, spans[-1]), port.domain.low, dtype=np.int64)
        for offset in field.offsets(port.name):
            place: list[int | slice] = [o - low for o, low in zip(offset, lows, strict=True)]
            place.insert(-1, slice(None))
            blocks[tuple(place)] = port.domain.low + number % len(port.domain)
            number = number // len(port.domain)
        values[port.name] = blocks.reshape(*spans[:-1], -1)
    return Strip(values, window=spans[-1], step=spans[-1])


def pattern_grids(
    ports: Sequence[Port], field: Field, shape: Shape, seed: Sequence[int]
) -> Iterator[dict[str, IntArray]]:
    """Grids of one shape that together show every pattern of the field; the rest is random.

    Every value of the fixed ports gets grids of its own. The shape must hold the field's box.
    """
    grids = [port for port in ports if not port.is_fixed]
    strip = pattern_strip(ports, field)
    spans = field.spans(len(shape))
    pieces = strip.pieces(shape[-1])
    corners = list(
        product(*(range(0, n - s + 1, s) for n, s in zip(shape[:-1], spans[:-1], strict=True)))
    )
    rng = np.random.default_rng(seed)
    for fixed in fixed_values(ports):
        for first in range(0, len(pieces), len(corners)):
            arrays = {p.name: rng.integers(p.domain.low, p.domain.high + 1, shape) for p in grids}
            for corner, (start, stop) in zip(corners, pieces[first:], strict=False):
                place = [slice(c, c + s) for c, s in zip(corner, spans[:-1], strict=True)]
                for name, array in arrays.items():
                    piece = strip.values[name][..., start:stop]
                    array[(*place, slice(0, stop - start))] = piece
            yield {**arrays, **fixed}


def pattern_cells(ports: Sequence[Port], field: Field, shape: Shape) -> int:
    """How many cells the grids of :func:`pattern_grids` have in all."""
    pieces = len(pattern_strip(ports, field).pieces(shape[-1]))
    spans = field.spans(len(shape))
    slots = prod(n // s for n, s in zip(shape[:-1], spans[:-1], strict=True))
    return fixed_count(ports) * -(-pieces // slots) * prod(shape)
