"""Units of whole numbers: weighted sums, thresholds of them, and the choice among several sums.

They take what was read as numbers (of any size), as integer columns, as expressions and as terms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..ir.expr import Call, Const, Expr, If, call
from ..ir.linear import bounded, weighted_sum
from .groups import IntArray
from .site import TermLogic


@dataclass(frozen=True, slots=True)
class AffineUnit:
    """``((weights · features + bias) // divisor) % modulus``, without the modulo where it is 0.

    ``weights`` has one entry for each feature of the network.
    """

    weights: tuple[int, ...]
    bias: int = 0
    divisor: int = 1
    modulus: int = 0

    def run(self, features: Sequence[Any]) -> Any:
        """The sum of numbers, or of columns."""
        total: Any = self.bias
        for weight, feature in zip(self.weights, features, strict=True):
            if weight:
                total = total + weight * feature
        if self.divisor != 1:
            total = total // self.divisor
        return total % self.modulus if self.modulus else total

    def columns(self, rows: IntArray) -> IntArray:
        """The sum for each row of features."""
        return np.full(len(rows), self.run(list(rows.T)), dtype=np.int64)

    def expression(self, features: Sequence[Expr]) -> Expr:
        """The weighted sum, floor-divided and reduced where the unit says so."""
        total = weighted_sum(zip(self.weights, features, strict=True), self.bias)
        if self.divisor != 1:
            total = call("floordiv", total, Const(int(self.divisor)))
        return call("mod", total, Const(int(self.modulus))) if self.modulus else total

    def term(self, logic: TermLogic, features: Sequence[Any]) -> Any:
        """A prover rounds as Python does, for the divisors are positive: see ``refusal``."""
        pairs = zip(self.weights, features, strict=True)
        terms = [int(weight) * feature for weight, feature in pairs if weight]
        total = logic.total(int(self.bias), *terms)
        if self.divisor != 1:
            total = total / self.divisor
        return total % self.modulus if self.modulus else total

    def words(self) -> str:
        reads = any(self.weights)
        text = "sum" if reads else str(self.bias)
        if reads and self.bias:
            text += f" {'+' if self.bias > 0 else '−'} {abs(self.bias)}"
        if self.divisor != 1:
            text = f"({text}) // {self.divisor}"
        return f"({text}) mod {self.modulus}" if self.modulus else text

    def refusal(self, features: int) -> str:
        """Why it cannot read that many features; empty where it can."""
        if len(self.weights) != features:
            return "a unit has another number of weights than there are features"
        divides = self.divisor >= 1 and self.modulus >= 0
        return "" if divides else "a unit divides by what is not positive"


@dataclass(frozen=True, slots=True)
class Gate:
    """A threshold unit: 1 where ``low <= sum <= high``; None leaves a side open.

    A bound on one side is one threshold unit, on both sides two of them and their conjunction.
    """

    sum: AffineUnit
    low: int | None = None
    high: int | None = None

    @staticmethod
    def of(weights: tuple[int, ...], low: int | None = None, high: int | None = None) -> Gate:
        """A gate of a plain weighted sum."""
        return Gate(AffineUnit(weights), low, high)

    def fires(self, features: Sequence[Any]) -> Any:
        """A truth, or a column of them."""
        total = self.sum.run(features)
        fired = True if self.low is None else total >= self.low
        return fired if self.high is None else fired & (total <= self.high)

    def expression(self, features: Sequence[Expr]) -> Expr:
        return bounded(self.sum.expression(features), self.low, self.high)

    def term(self, logic: TermLogic, features: Sequence[Any]) -> Any:
        total = self.sum.term(logic, features)
        bounds = [] if self.low is None else [total >= self.low]
        return logic.every(*bounds, *([] if self.high is None else [total <= self.high]))

    def words(self) -> str:
        """Between which bounds it fires: ``0 ≤ sum ≤ 3``, ``sum = 2``."""
        if self.low is not None and self.low == self.high:
            return f"{self.sum.words()} = {self.low}"
        below = "" if self.low is None else f"{self.low} ≤ "
        above = "" if self.high is None else f" ≤ {self.high}"
        return f"{below}{self.sum.words()}{above}"


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

    @property
    def units(self) -> tuple[AffineUnit, ...]:
        """All sums in it."""
        return (*(gate.sum for gate in self.gates), *(piece.value for piece in self.pieces))

    def mapped(self, change: Callable[[AffineUnit], AffineUnit]) -> Cell:
        """The same with every sum changed."""
        gates = tuple(replace(gate, sum=change(gate.sum)) for gate in self.gates)
        pieces = tuple(replace(piece, value=change(piece.value)) for piece in self.pieces)
        return Cell(gates, pieces)

    def run(self, features: Sequence[int]) -> int:
        fired: dict[int, bool] = {}
        for piece in self.pieces:
            for index, wanted in piece.wanted:
                if index not in fired:
                    fired[index] = self.gates[index].fires(features)
                if fired[index] != wanted:
                    break
            else:
                value: int = piece.value.run(features)
                return value
        raise AssertionError("the last piece of a cell wants nothing")

    def columns(self, rows: IntArray) -> IntArray:
        """The value for each row of features."""
        *choices, last = self.pieces
        result = last.value.columns(rows)
        fired = [gate.fires(list(rows.T)) for gate in self.gates if choices]
        for piece in reversed(choices):
            chosen = np.ones(len(rows), dtype=bool)
            for index, wanted in piece.wanted:
                chosen &= fired[index] == wanted
            result = np.where(chosen, piece.value.columns(rows), result)
        return result

    def expression(self, features: Sequence[Expr]) -> Expr:
        """Nested conditionals, the first piece outermost."""
        gates = [gate.expression(features) for gate in self.gates]
        *choices, last = self.pieces
        value = last.value.expression(features)
        for piece in reversed(choices):
            tests = [gates[k] if want else call("not", gates[k]) for k, want in piece.wanted]
            here = piece.value.expression(features)
            if not tests:
                value = here
            else:
                test = tests[0] if len(tests) == 1 else Call("and", tuple(tests))
                value = If(test, here, value)
        return value

    def term(self, logic: TermLogic, features: Sequence[Any]) -> Any:
        gates = [gate.term(logic, features) for gate in self.gates]
        *choices, last = self.pieces
        result = last.value.term(logic, features)
        for piece in reversed(choices):
            tests = (gates[k] if want else logic.opposite(gates[k]) for k, want in piece.wanted)
            value = piece.value.term(logic, features)
            result = logic.choose(logic.every(*tests), value, result)
        return result

    def refusal(self, features: int) -> str:
        """Why it is no cell over that many features; empty where it is one."""
        if not all(0 <= k < len(self.gates) for piece in self.pieces for k, _ in piece.wanted):
            return "it names a gate that is not there"
        if not self.pieces or self.pieces[-1].wanted:
            return "a cell has no last piece that wants nothing"
        return next(filter(None, (unit.refusal(features) for unit in self.units)), "")
