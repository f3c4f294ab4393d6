"""Recurrent networks with a state that can be read: integer registers and gated linear units.

At each step the network sees the current element of a sequence, a window of the last ones and its
registers. Threshold units of weighted sums (*gates*) choose a *piece*, and the piece's linear
unit gives the new value of a register or the output. All numbers are integers of any size, so a
network found on sequences of 10 runs on 1,000 without rounding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

import numpy as np

from ...ir.types import Port
from ...units.items import ItemNetwork


@dataclass(frozen=True, slots=True)
class Lag:
    """A channel of the element ``steps`` before the current one (0: the current one itself).

    Before the start it is 0.
    """

    steps: int = 0
    channel: int = 0


@dataclass(frozen=True, slots=True)
class Register:
    """A register's value before this step, or with ``updated`` after it."""

    index: int
    updated: bool = False


@dataclass(frozen=True, slots=True)
class Product:
    """The product of two features."""

    left: Lag | Register
    right: Lag | Register


Feature: TypeAlias = Lag | Register | Product


@dataclass(frozen=True, slots=True)
class AffineUnit:
    """``((weights · features + bias) // divisor) % modulus``, without the modulo where it is 0.

    ``weights`` has one entry for each feature of the network.
    """

    weights: tuple[int, ...]
    bias: int = 0
    divisor: int = 1
    modulus: int = 0

    def run(self, features: Sequence[int]) -> int:
        total = self.bias
        for weight, feature in zip(self.weights, features, strict=True):
            if weight:
                total += weight * feature
        total //= self.divisor
        return total % self.modulus if self.modulus else total


@dataclass(frozen=True, slots=True)
class Gate:
    """A threshold unit: 1 where ``low <= sum <= high``; None leaves a side open."""

    sum: AffineUnit
    low: int | None = None
    high: int | None = None

    def fires(self, features: Sequence[int]) -> bool:
        total = self.sum.run(features)
        return (self.low is None or total >= self.low) and (self.high is None or total <= self.high)


@dataclass(frozen=True, slots=True)
class Piece:
    """A linear unit and when it is chosen: each gate (by index) fires or not, as wanted."""

    wanted: tuple[tuple[int, bool], ...]
    value: AffineUnit


@dataclass(frozen=True, slots=True)
class Cell:
    """Gated linear units: the first piece whose gates are as wanted gives the value.

    The last piece wants nothing, so there is always one.
    """

    gates: tuple[Gate, ...]
    pieces: tuple[Piece, ...]

    def run(self, features: Sequence[int]) -> int:
        fired: dict[int, bool] = {}
        for piece in self.pieces:
            for index, wanted in piece.wanted:
                if index not in fired:
                    fired[index] = self.gates[index].fires(features)
                if fired[index] != wanted:
                    break
            else:
                return piece.value.run(features)
        raise AssertionError("the last piece of a cell wants nothing")


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
    features: tuple[Feature, ...]
    initial: tuple[int, ...]
    updates: tuple[Cell, ...]
    outputs: tuple[Cell, ...]
    closed_form: str = ""

    @property
    def window(self) -> int:
        """How many elements before the current one are read."""
        return max((lag.steps for f in self.features for lag in _lags(f)), default=0)

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
        registers = list(self.initial)
        for t in range(len(rows)):
            values = [self._read(f, rows, t, registers, registers) for f in self.features]
            updated = list(registers)
            for k, cell in enumerate(self.updates):
                updated[k] = cell.run(values)
                self._refresh(values, rows, t, registers, updated, k)
            yield tuple(registers), tuple(cell.run(values) for cell in self.outputs)
            registers = updated

    def _refresh(
        self,
        values: list[int],
        rows: Sequence[Sequence[int]],
        t: int,
        old: Sequence[int],
        new: Sequence[int],
        changed: int,
    ) -> None:
        """Read the features again that look at the register which was just updated."""
        for k, feature in enumerate(self.features):
            parts = (feature.left, feature.right) if isinstance(feature, Product) else (feature,)
            if Register(changed, updated=True) in parts:
                values[k] = self._read(feature, rows, t, old, new)

    def _read(
        self,
        feature: Feature,
        rows: Sequence[Sequence[int]],
        t: int,
        old: Sequence[int],
        new: Sequence[int],
    ) -> int:
        match feature:
            case Lag(steps, channel):
                return rows[t - steps][channel] if t >= steps else 0
            case Register(index, updated):
                return new[index] if updated else old[index]
            case Product(left, right):
                return self._read(left, rows, t, old, new) * self._read(right, rows, t, old, new)
            case _:
                assert_never(feature)


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


def _lags(feature: Feature) -> tuple[Lag, ...]:
    match feature:
        case Lag():
            return (feature,)
        case Register():
            return ()
        case Product(left, right):
            return (*_lags(left), *_lags(right))
        case _:
            assert_never(feature)
