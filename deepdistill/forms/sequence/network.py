"""Recurrent networks with a state that can be read: integer registers and gated linear units.

At each step the network sees the current element of a sequence, a window of the last ones and its
registers. Threshold units of weighted sums (*gates*) choose a *piece*, and the piece's linear
unit gives the new value of a register or the output. All numbers are integers of any size, so a
network found on sequences of 10 runs on 1,000 without rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...ir.expr import Const, Var
from ...ir.program import Let, Scan, Statement
from ...ir.types import Port
from ...units.gates import Cell
from ...units.groups import IntArray
from ...units.items import ItemNetwork
from ...units.readings import Lag, Register, StepReading
from ...units.site import LiftScope, Moment, Site


@dataclass(frozen=True, slots=True, eq=False)
class RecurrentNetwork:
    """Registers and cells over ``inputs[0]``, whose axes are (sequence,) or (sequence, fixed).

    At each step ``updates`` (one cell for each register, in their order) give the new values of
    the registers, then ``outputs`` (one cell for each channel) the element of the output. A cell
    may read an updated register only where its update stands before. ``initial`` are the values
    of the registers before the first step. ``closed_form`` says in words which parts were
    identified in closed form rather than learned.
    """

    inputs: tuple[Port, ...]
    output: Port
    features: tuple[StepReading, ...]
    initial: tuple[int, ...]
    updates: tuple[Cell, ...]
    outputs: tuple[Cell, ...]
    closed_form: str = ""

    @property
    def site(self) -> Site:
        return Site(self.inputs, registers=len(self.initial))

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (*self.updates, *self.outputs)

    @property
    def window(self) -> int:
        """How many elements before the current one are read."""
        return max(self.windows)

    @property
    def windows(self) -> tuple[int, ...]:
        """The same for each channel."""
        parts = [part for feature in self.features for part in feature.parts]
        return tuple(
            max((p.steps for p in parts if isinstance(p, Lag) and p.channel == c), default=0)
            for c in range(self.inputs[0].channels)
        )

    def run(self, inputs: Mapping[str, Any]) -> Any:
        """The output for ``{port name: sequence}``: an array of objects where numbers grow large.

        The shape is (length,) or (length, channels), as the output port has axes.
        """
        sequence = inputs[self.inputs[0].name]
        rows = [
            tuple(map(int, row)) if hasattr(row, "__len__") else (int(row),) for row in sequence
        ]
        result = self.run_rows(rows)
        flat = [row[0] for row in result] if len(self.output.axes) == 1 else result
        small = all(abs(value) < 2**62 for row in result for value in row)
        return np.array(flat, dtype=np.int64 if small else object)

    def run_rows(self, rows: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
        """The output's channels for each step, for rows of the input's channels."""
        return [answer for _, answer in self.steps(rows)]

    def steps(
        self, rows: Sequence[Sequence[int]]
    ) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """For each step the registers before it, and the output's channels."""
        registers: Sequence[int] = self.initial
        for t in range(len(rows)):

            def element(steps: int, channel: int, t: int = t) -> int:
                return rows[t - steps][channel] if t >= steps else 0

            updated, answers = self.step(element, registers, Cell.run)
            yield tuple(registers), tuple(answers)
            registers = updated

    def step(
        self,
        element: Callable[[int, int], Any],
        registers: Sequence[Any],
        run: Callable[[Cell, list[Any]], Any],
    ) -> tuple[list[Any], list[Any]]:
        """The registers after a step and the answers: numbers, columns or terms of a proof.

        ``element(steps, channel)`` is what stands that many steps back, ``run`` gives a cell's
        value for its features.
        """
        updated = list(registers)
        moment = Moment(element, registers, updated)
        values = [feature.values(moment) for feature in self.features]
        for k, cell in enumerate(self.updates):
            updated[k] = run(cell, values)
            for j, feature in enumerate(self.features):
                if Register(k, updated=True) in feature.parts:
                    values[j] = feature.values(moment)
        return updated, [run(cell, values) for cell in self.outputs]

    def run_together(self, x: IntArray) -> IntArray:
        """The outputs (samples, length, channels) for inputs shaped alike, in 64-bit integers."""
        samples, length = x.shape[:2]
        nothing = np.zeros(samples, dtype=np.int64)
        registers: Sequence[IntArray] = [nothing + value for value in self.initial]
        result = np.empty((samples, length, len(self.outputs)), dtype=np.int64)

        def run(cell: Cell, values: Sequence[IntArray]) -> IntArray:
            return cell.columns(np.stack(values, axis=1) if values else x[:, 0, :0])

        for t in range(length):

            def element(steps: int, channel: int, t: int = t) -> IntArray:
                return x[:, t - steps, channel] if t >= steps else nothing

            registers, answers = self.step(element, registers, run)
            result[:, t] = np.stack(answers, axis=1)
        return result

    def statement(self, scope: LiftScope) -> Statement:
        """A loop.

        Registers and the window's earlier elements are carried; new values get names of their own,
        so that a cell may read a register before and after its update.
        """
        windows = list(enumerate(self.windows))
        exprs = [feature.expression(scope) for feature in self.features]
        count = range(len(self.initial))
        old, new = ([Register(k, updated).name for k in count] for updated in (False, True))
        answers = [f"answer{k}" for k in range(len(self.outputs))]
        state = [Let(name, Const(int(v))) for name, v in zip(old, self.initial, strict=True)]
        state += [Let(Lag(s, c).name, Const(0)) for c, n in windows for s in range(1, n + 1)]
        named = zip([*new, *answers], self.cells, strict=True)
        body = [Let(name, cell.expression(exprs)) for name, cell in named]
        body += [Let(name, Var(updated)) for name, updated in zip(old, new, strict=True)]
        later = [(Lag(s, c), Lag(s - 1, c)) for c, n in windows for s in range(n, 0, -1)]
        body += [Let(lag.name, Var(newer.name)) for lag, newer in later]
        element = tuple(Lag(0, c).name for c, _ in windows)
        values = tuple(map(Var, answers))
        return Scan(scope.output, self.inputs[0].name, element, tuple(state), tuple(body), values)

    def refusal(self) -> str:
        """Why such a network has no meaning; empty where it has one."""
        if len(self.updates) != len(self.initial):
            return "it has another number of updates than of registers"
        if len(self.outputs) != self.output.channels:
            return "it has another number of outputs than its answers have channels"
        refusals = [feature.refusal(self.site) for feature in self.features]
        refusals += [cell.refusal(len(self.features)) for cell in self.cells]
        unknown = (self._unknown(cell, known) for known, cell in enumerate(self.cells))
        return next(filter(None, refusals), "") or next(filter(None, unknown), "")

    def _unknown(self, cell: Cell, known: int) -> str:
        """Its linear units may read none but the first ``known`` registers after their update."""
        for unit in cell.units:
            for weight, feature in zip(unit.weights, self.features, strict=True):
                parts = feature.parts if weight else ()
                if any(isinstance(p, Register) and p.updated and p.index >= known for p in parts):
                    return "a unit reads a register before its update"
        return ""


@dataclass(frozen=True, slots=True, eq=False)
class PrefixNetwork:
    """At each step what a network over items answers for the sequence up to there.

    For rules that no state of bounded size carries, such as "is it a palindrome so far?".
    """

    inputs: tuple[Port, ...]
    output: Port
    items: ItemNetwork

    @property
    def window(self) -> int:
        """How many elements before the current one are read: none by its place before it."""
        return 0

    def answer(self, prefix: Any) -> int:
        """The answer for one prefix of one channel."""
        return int(self.items.run({self.items.inputs[0].name: prefix}))

    def run(self, inputs: Mapping[str, Any]) -> Any:
        """The output for ``{port name: sequence}``, an array of its length."""
        sequence = np.asarray(inputs[self.inputs[0].name])
        return np.array([self.answer(sequence[: t + 1]) for t in range(len(sequence))], np.int64)

    def run_rows(self, rows: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
        """The output's channel for each step, for rows of the input's channel."""
        sequence = np.array([row[0] for row in rows], dtype=np.int64)
        return [(self.answer(sequence[: t + 1]),) for t in range(len(sequence))]
