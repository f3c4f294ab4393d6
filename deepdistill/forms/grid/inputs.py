"""The inputs of automata: every pattern that a local rule can read, and grids of all sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.problem import Examples, InputError, Problem
from ...ir.alphabet import in_codes
from ...ir.program import Program
from ...units.readings import read_taps
from ...verify.arrays import Case, all_inputs, input_count
from ...verify.arrays import inputs as port_inputs
from ...verify.equivalence import Inputs, Run, Solve
from ...verify.evidence import FEW
from ...verify.inputs import Against, ClaimName, Known, Reference, Round
from ...verify.noise import PATTERN, Context
from ...verify.problem_inputs import ProblemInputs
from ...verify.readings import Readings
from ...verify.reduce import Reduction, crops, simpler, smaller_sizes
from .network import GridNetwork
from .patterns import (
    GRID_LIMIT,
    Field,
    few_patterns,
    network_field,
    pattern_cells,
    pattern_count,
    pattern_grids,
    program_field,
    settling_shapes,
)
from .readings import grid_readings, reading_rows, table_bits

IntArray = NDArray[np.int64]
Shape = tuple[int, ...]
Offset = tuple[int, ...]

EXAMPLES = 60
"""How many inputs of small sizes Hypothesis draws."""

LARGE_EXAMPLES = 2
"""How many inputs are drawn at each check size."""

_TRAINED_EXAMPLES = 8
_INTERPRETED_CELLS = 20_000  # the reference interpreter enumerates patterns up to here
_INTERPRETED_SIZE = 1000  # and runs on drawn grids of up to so many cells
_TILED_CELLS = 2**21  # patterns are tiled at smaller sizes where the check size needs more
_ALL_INPUTS = 2**12  # of a check size, that are all compared with the oracle
_TRIED_CELLS = 10_000  # of given grids on which the parts of a program are tried
_READINGS_AT_ONCE = 2**23  # how many taps a network reads in one go


class NetworkRun:
    """The network at any size; large inputs in slabs, small ones many at a time."""

    def __init__(self, network: GridNetwork) -> None:
        self.network = network

    def __call__(self, inputs: Inputs) -> IntArray:
        network = self.network
        first = network.inputs[0]
        array = inputs[first.name]
        row = max(1, array[:1].size * max(1, len(network.taps)))
        rows = max(1, _READINGS_AT_ONCE // row)
        if len(array) <= rows:
            return network.run(inputs)
        reach, wrap, length = network.radius, first.axes[0].wrap, len(array)
        parts = []
        for start in range(0, length, rows):
            stop = min(start + rows, length)
            wanted = np.arange(start - reach, stop + reach)
            if not wrap:
                wanted = wanted[(wanted >= 0) & (wanted < length)]
            slab = {
                port.name: inputs[port.name]
                if port.is_fixed
                else inputs[port.name].take(wanted, axis=0, mode="wrap")
                for port in network.inputs
            }
            skip = reach if wrap else start - int(wanted[0])
            parts.append(network.run(slab)[skip : skip + stop - start])
        return np.concatenate(parts)

    def many(self, cases: Sequence[Inputs]) -> list[IntArray]:
        """The answers to inputs of one size."""
        ports = self.network.inputs
        columns = [np.stack([case[port.name] for case in cases]) for port in ports]
        rows = read_taps(ports, self.network.taps, columns)
        return list(self.network.fire(rows).reshape(columns[0].shape))


class GridInputs(ProblemInputs):
    """The inputs of an automaton.

    ``local`` replaces what the program's text shows where there is no program: whether the solver
    is known to read no more than the network. Raises :class:`InputError` where the problem's first
    input is no grid.
    """

    network: GridNetwork
    unit, label = "cell", "cell"

    def __init__(
        self,
        problem: Problem,
        network: GridNetwork,
        program: Program | None = None,
        seed: int = 0,
        examples: int = EXAMPLES,
        large_examples: int = LARGE_EXAMPLES,
        local: bool | None = None,
    ) -> None:
        super().__init__(problem, network, program, seed, examples, large_examples)
        grid = next((port for port in self.ports if not port.is_fixed), None)
        if grid is None or any(axis.kind == "fixed" for axis in grid.axes):
            raise InputError("the judge needs a problem whose first input is a grid")
        self.axes = grid.axes
        self.wrap = all(axis.wrap for axis in self.axes)
        self.network_field = network_field(network)
        self.field = self.network_field if local else None
        """What solver and network read together; None where the text shows no local rule."""
        if program is not None and (read := program_field(program)) is not None:
            self.field = self.network_field | read
        self.spans = (self.field or self.network_field).spans(len(self.axes))

    def subject(self, solve: Solve) -> Run:
        return super().subject(in_codes(solve, self.ports, self.problem.output))

    def network_reference(self) -> Reference:
        run = NetworkRun(self.network)
        return Reference(run, run.many)

    def rounds(self) -> Iterator[Round]:
        yield self.small()
        yield from self.exhaustive()
        for shape in self.trained:
            few = prod(shape) <= _INTERPRETED_SIZE
            yield Round(_trained(few), self.draws(shape, _TRAINED_EXAMPLES, 3))
        for shape in self.checks:
            yield Round(_elsewhere(), self.draws(shape, self.large_examples, 4))
        if all(input_count(self.ports, shape) <= _ALL_INPUTS for shape in self.checks):
            for shape in self.checks:
                every = all_inputs(self.ports, shape)
                yield Round({"oracle": "correct"}, every, settled=("correct",))

    def small(self) -> Round:
        """Sizes from one cell to a little more than the receptive field."""
        widest = max(self.spans)
        largest = min(16, max(4, widest + 2) if len(self.axes) > 1 else widest + 5)
        strategy = port_inputs(self.ports, smallest=1, largest=largest)
        against = self.at_other_sizes()
        return Round(against, strategy=strategy, examples=self.examples, uncounted=())

    def exhaustive(self) -> Iterator[Round]:
        """Every pattern of the local rule, where that is possible."""
        known = self.field or self.network_field
        if self.wrap and few_patterns(self.ports, known):
            yield from self._patterns(known)
        elif not self.wrap:
            yield from self._small_grids(known)

    def _patterns(self, field: Field) -> Iterator[Round]:
        """Every pattern of a wrapping field, tiled side by side."""
        at_trained = self._holding(field, self.trained[0])
        cells = pattern_cells(self.ports, field, at_trained)
        yield Round(_trained(cells <= _INTERPRETED_CELLS), self._tiled(field, at_trained))
        large = self._tile_shape(field, max(self.checks, key=prod))
        yield Round(_elsewhere(), self._tiled(field, large))
        count = pattern_count(self.ports, field)
        yield self._settling(f"all {count:,} patterns that the rule can read", cells)

    def _small_grids(self, field: Field) -> Iterator[Round]:
        """All grids up to the size of the field, borders included, where they are few."""
        shapes = settling_shapes(self.ports, field)
        counts = [input_count(self.ports, shape) for shape in shapes]
        if sum(counts) > GRID_LIMIT:
            return
        cells = sum(count * prod(shape) for count, shape in zip(counts, shapes, strict=True))
        for shape in shapes:
            few = cells <= _INTERPRETED_CELLS
            yield Round(_trained(few), all_inputs(self.ports, shape))
            yield Round(_elsewhere(), all_inputs(self.ports, shape))
        what = f"all {sum(counts):,} grids up to the size of its window, borders included"
        yield self._settling(what, cells)

    def _settling(self, note: str, cells: int) -> Round:
        """What all these cases together say."""
        if self.field is None:
            note += " in the network (the program's text shows no local rule, so not a proof)"
        notes: dict[ClaimName, str] = {"faithful": note, "scalable": note}
        if self.problem.oracle is not None:
            notes["correct"] = f"among them {note}"
        if self.program is not None and cells > _INTERPRETED_CELLS:
            notes["faithful"] += "; the reference interpreter on a sample"
        settled: tuple[ClaimName, ...] = () if self.field is None else ("faithful", "scalable")
        return Round(notes=notes, settled=settled)

    def _tiled(self, field: Field, shape: Shape) -> Iterator[Case]:
        return pattern_grids(self.ports, field, shape, [self.seed, 2, *shape])

    def _holding(self, field: Field, shape: Shape) -> Shape:
        """The shape, enlarged where the field's box would not fit."""
        return tuple(map(max, shape, field.spans(len(self.axes))))

    def _tile_shape(self, field: Field, shape: Shape) -> Shape:
        """The check size, or the largest halving of it whose grids have few enough cells."""
        shape = self._holding(field, shape)
        least = tuple(2 * n for n in self._holding(field, self.trained[0]))
        while pattern_cells(self.ports, field, shape) > _TILED_CELLS:
            smaller = tuple(min(n, max(n // 2, k)) for n, k in zip(shape, least, strict=True))
            if smaller == shape:
                break
            shape = smaller
        return shape

    def reduced(self) -> Sequence[Reduction]:
        return crops(self.ports, self.spans), smaller_sizes(self.ports), simpler(self.ports)

    def unknown(self) -> Iterator[str]:
        readings = self.readings
        if readings is None:
            return
        if readings.observed < readings.possible:
            yield readings.sentence
            return
        further = self._readings(1, "patterns one cell further than the rule reads")
        if further is None or further.observed < further.possible:
            some = "not all" if further is None else f"{further.observed:,} of {further.possible:,}"
            yield (
                f"every pattern that the rule reads was shown, but {some} patterns one cell "
                "further: whether more than it reads matters there is not known"
            )

    def coverage(self) -> Iterator[tuple[str, Any]]:
        if self.readings is not None:
            yield "patterns", self.readings.as_json()

    @cached_property
    def readings(self) -> Readings | None:
        """How many of the patterns that the rule can read were shown, and the rarest."""
        return self._readings(0, "patterns that the rule can read")

    def _readings(self, further: int, what: str) -> Readings | None:
        """The same for the whole box that the rule reads from, so many cells wider."""
        grids = [port for port in self.ports if not port.is_fixed]
        if further:
            spans = [
                range(low - further, high + further + 1)
                for low, high in self.network_field.box(len(self.axes))
            ]
            read = {port.name: tuple(product(*spans)) for port in grids}
        else:
            read = {port.name: self.network_field.offsets(port.name) for port in grids}
        return grid_readings(self.ports, read, self.problem.all_given, what)

    def contexts(self, known: Sequence[Known]) -> Iterator[Context]:
        """What stands up to one cell further than the rule reads, one by one and together."""
        grids = [port for port in self.ports if not port.is_fixed]
        spans = [range(low - 1, high + 2) for low, high in self.network_field.box(len(self.axes))]
        around = list(product(*spans))
        whole = {port.name: self.network_field.offsets(port.name) for port in grids}
        rows = self._read_at(known, whole)
        one = np.zeros(len(rows), dtype=np.int64)  # where nothing is read, all places are alike
        patterns = np.unique(rows, axis=0, return_inverse=True)[1] if rows.shape[1] else one
        yield PATTERN, patterns.reshape(-1)
        places = [
            [*product(*(range(axis.size or 0) for axis in port.axes))] if port.is_fixed else around
            for port in self.ports
        ]
        words = [
            f"{port.name}[{', '.join(map(str, place))}]"
            for port, own in zip(self.ports, places, strict=True)
            for place in own
        ]
        columns = self._read_at(known, {port.name: around for port in grids})
        yield from zip(words, columns.T, strict=True)

    def _read_at(self, known: Sequence[Known], read: Mapping[str, Sequence[Offset]]) -> IntArray:
        """What is read at every cell of the examples, (cells, readings)."""
        rows = []
        for one in known:
            columns = tuple(one.case[port.name][None] for port in self.ports)
            rows.append(reading_rows(self.ports, read, Examples(columns, one.answer[None])))
        return np.concatenate(rows)

    def program_bits(self) -> float:
        """The shorter of two codes: that of all programs, and the table of a local rule."""
        field = None if self.program is None else program_field(self.program)
        bits = super().program_bits()
        if field is None:
            return 1 + bits
        read = {port.name: field.offsets(port.name) for port in self.ports if not port.is_fixed}
        states = len(self.problem.output.domain)
        return 1 + min(bits, table_bits(self.ports, read, field.box(len(self.axes)), states))

    def tried(self, known: Sequence[Known]) -> Sequence[Known] | None:
        """A few grids with every pattern of the rule that was shown, thrice or as often as it was.

        None where that takes more cells than are run: of what a part of them lacks nothing is said.
        """
        read = [(self._patterns_in(one), one) for one in known]
        counts, kept = Counter[bytes](), list[Known]()
        for patterns, one in sorted(read, key=lambda pair: -len(pair[0])):  # the richest first
            if any(counts[row] <= FEW for row in patterns):
                kept.append(one)
                counts.update(patterns)
        cells = sum(one.answer.size for one in kept)
        return kept if cells <= _TRIED_CELLS or len(kept) == 1 else None

    def _patterns_in(self, one: Known) -> Counter[bytes]:
        """What the rule reads at the cells of one example."""
        read = {port.name: self.network_field.offsets(port.name) for port in self.ports}
        return Counter(row.tobytes() for row in self._read_at([one], read))


def _trained(interpreted: bool) -> Against:
    program: Against = {"program": "faithful"} if interpreted else {}
    return {"network": "faithful", **program}


def _elsewhere() -> Against:
    return {"network": "scalable", "oracle": "correct"}
