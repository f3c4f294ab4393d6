"""Registers by name while a network is searched for, and the recurrent network made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log2
from typing import TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from ....ir.types import Port
from ....units.gates import AffineUnit, Cell, Gate, Piece
from ....units.readings import Lag, Product, Register, StepFeature
from ..network import RecurrentNetwork

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Variable:
    """A register by its name: its value before this step, or with ``updated`` after it."""

    name: str
    updated: bool = False


@dataclass(frozen=True, slots=True)
class Times:
    """The product of two readings."""

    left: Lag | Variable
    right: Lag | Variable


Reading: TypeAlias = Lag | Variable | Times


@dataclass(frozen=True, slots=True)
class Update:
    """A named register: a cell over readings gives its new value at each step."""

    name: str
    readings: tuple[Reading, ...]
    cell: Cell
    initial: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Sequences of one length and their outputs, shaped (samples, length, channels)."""

    x: IntArray
    y: IntArray

    @property
    def length(self) -> int:
        return int(self.x.shape[1])

    def first(self, samples: int, steps: int) -> History:
        """The first steps of the first samples."""
        return History(self.x[:samples, :steps], self.y[:samples, :steps])

    def read(self, reading: Reading, registers: Mapping[str, tuple[IntArray, int]]) -> IntArray:
        """A reading at each step, (samples, length); registers give new values and the initial."""
        match reading:
            case Lag(steps, channel):
                return delayed(self.x[:, :, channel], steps)
            case Variable(name, updated):
                values, initial = registers[name]
                return values if updated else delayed(values, 1, initial)
            case Times(left, right):
                return self.read(left, registers) * self.read(right, registers)
            case _:
                assert_never(reading)

    def table(
        self, readings: Sequence[Reading], registers: Mapping[str, tuple[IntArray, int]]
    ) -> IntArray:
        """The readings as columns, one row for each step of each sequence."""
        columns = [self.read(reading, registers).reshape(-1) for reading in readings]
        return np.stack(columns, axis=1) if columns else np.zeros((self.x[:, :, 0].size, 0), int)


def delayed(values: IntArray, steps: int, initial: int = 0) -> IntArray:
    """The values ``steps`` earlier along the second axis, ``initial`` before the start."""
    if steps == 0:
        return values
    result = np.full_like(values, initial)
    result[:, steps:] = values[:, :-steps]
    return result


def simulate(
    update: Update, history: History, registers: Mapping[str, tuple[IntArray, int]]
) -> IntArray:
    """The new values of a register that reads itself, (samples, length)."""
    own, others = Variable(update.name), dict(registers)
    samples, length = history.x.shape[:2]
    fixed = [
        None if _reads(reading, own) else history.read(reading, others)
        for reading in update.readings
    ]
    if all(column is not None for column in fixed):
        table = history.table(update.readings, others)
        return update.cell.columns(table).reshape(samples, length)
    result = np.empty((samples, length), dtype=np.int64)
    value = np.full(samples, update.initial, dtype=np.int64)
    rows = np.empty((samples, len(fixed)), dtype=np.int64)
    for t in range(length):
        for k, (column, reading) in enumerate(zip(fixed, update.readings, strict=True)):
            if column is not None:
                rows[:, k] = column[:, t]
            elif isinstance(reading, Times):
                sides = [
                    value if side == own else history.read(side, others)[:, t]
                    for side in (reading.left, reading.right)
                ]
                rows[:, k] = sides[0] * sides[1]
            else:
                rows[:, k] = value
        value = update.cell.columns(rows)
        result[:, t] = value
    return result


def _reads(reading: Reading, variable: Variable) -> bool:
    if isinstance(reading, Times):
        return variable in (reading.left, reading.right)
    return reading == variable


def linear_measure(linear: AffineUnit) -> float:
    """How long a linear unit is: one for each weight, more for large numbers."""
    total = sum(1 + log2(abs(w)) / 2 + (w < 0) / 4 for w in linear.weights if w)
    if linear.bias or not total:
        total += 1 + log2(1 + abs(linear.bias)) / 4
    total += 1 + log2(linear.divisor) / 4 if linear.divisor > 1 else 0
    return total + (1 + log2(linear.modulus) / 4 if linear.modulus else 0)


def gate_measure(gate: Gate) -> float:
    """How long a gate is: its sum and its bounds."""
    bounds = {bound for bound in (gate.low, gate.high) if bound is not None}
    return linear_measure(gate.sum) + sum(1 + log2(1 + abs(bound)) / 4 for bound in bounds)


def cell_measure(cell: Cell) -> float:
    """The declared measure of a cell: the shortest exact one is preferred."""
    return (
        sum(map(gate_measure, cell.gates))
        + sum(0.25 * len(r.wanted) + linear_measure(r.value) for r in cell.pieces)
        + 0.5 * (len(cell.pieces) - 1)
    )


def only(value: AffineUnit) -> Cell:
    """A cell of one linear unit."""
    return Cell((), (Piece((), value),))


def network_of(
    inputs: tuple[Port, ...],
    output: Port,
    updates: Mapping[str, Update],
    channels: Sequence[str],
    closed_form: str = "",
) -> RecurrentNetwork:
    """The network whose output channels are the named updates; only what they need is kept."""
    state = _needed(updates, channels)
    order = _ordered(updates, state)
    index = {name: k for k, name in enumerate(order)}
    features: list[StepFeature] = []

    def side(reading: Lag | Variable) -> Lag | Register:
        if isinstance(reading, Lag):
            return reading
        return Register(index[reading.name], reading.updated)

    def place(reading: Reading) -> int:
        feature: StepFeature = (
            Product(side(reading.left), side(reading.right))
            if isinstance(reading, Times)
            else side(reading)
        )
        if feature not in features:
            features.append(feature)
        return features.index(feature)

    def used(update: Update) -> tuple[Reading, ...]:
        return tuple(r for k, r in enumerate(update.readings) if _used(update.cell, k))

    for name in [*order, *channels]:
        if name in order and name in channels:
            place(Variable(name, True))
        for reading in used(updates[name]):
            place(reading)

    def spread(update: Update) -> Cell:
        places = [
            place(reading) if _used(update.cell, k) else -1
            for k, reading in enumerate(update.readings)
        ]

        def moved(linear: AffineUnit) -> AffineUnit:
            weights = [0] * len(features)
            for weight, where in zip(linear.weights, places, strict=True):
                if where >= 0:
                    weights[where] += weight
            return replace(linear, weights=tuple(weights))

        return update.cell.mapped(moved)

    def answering(name: str) -> Cell:
        if name not in index:
            return spread(updates[name])
        where = place(Variable(name, True))
        return only(AffineUnit(tuple(int(k == where) for k in range(len(features)))))

    return RecurrentNetwork(
        inputs,
        output,
        tuple(features),
        tuple(updates[name].initial for name in order),
        tuple(spread(updates[name]) for name in order),
        tuple(answering(name) for name in channels),
        closed_form,
    )


def trimmed(update: Update) -> Update:
    """The same update without the readings that have no weight."""
    kept = [k for k in range(len(update.readings)) if _used(update.cell, k)]

    def narrow(linear: AffineUnit) -> AffineUnit:
        return replace(linear, weights=tuple(linear.weights[k] for k in kept))

    readings = tuple(update.readings[k] for k in kept)
    return replace(update, readings=readings, cell=update.cell.mapped(narrow))


def _used(cell: Cell, k: int) -> bool:
    return any(unit.weights[k] for unit in cell.units)


def names_read(update: Update) -> list[Variable]:
    """The registers that an update's cell really reads."""
    registers: list[Variable] = []
    for k, reading in enumerate(update.readings):
        if _used(update.cell, k):
            sides = (reading.left, reading.right) if isinstance(reading, Times) else (reading,)
            registers += [side for side in sides if isinstance(side, Variable)]
    return registers


def _needed(updates: Mapping[str, Update], channels: Sequence[str]) -> list[str]:
    """The names of all registers: what the channels read, directly or not."""
    needed: list[str] = []
    todo = list(channels)
    while todo:
        for variable in names_read(updates[todo.pop(0)]):
            if variable.name not in needed:
                needed.append(variable.name)
                todo.append(variable.name)
    return needed


def _ordered(updates: Mapping[str, Update], names: Sequence[str]) -> list[str]:
    """The names so that updated registers are read only after their update."""
    order: list[str] = []
    rest = sorted(names)
    while rest:
        ready = [
            name
            for name in rest
            if not any(v.updated and v.name in rest for v in names_read(updates[name]))
        ]
        if not ready:
            raise ValueError("registers whose updates wait for each other")
        order += ready
        rest = [name for name in rest if name not in ready]
    return order
