"""One attempt at an output channel: given what may be read, the shortest cell that is exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ....units.gates import AffineUnit, Cell, Gate, Piece
from ....units.readings import Lag
from .cells import Learned, distinct, learn_distinct
from .update import (
    History,
    IntArray,
    Reading,
    Times,
    Update,
    Variable,
    cell_measure,
    linear_measure,
    names_read,
    only,
    simulate,
    trimmed,
)

STARTED = "started"
COPY = 0.75  # the measure of a register that only keeps another one's last value
_FEW_ROWS = 400
_OFTEN = 4  # how often each row of a list of bands should have been seen
Registers = Mapping[str, tuple[IntArray, int]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """The updates that give a channel of the output, exact on what they were learned from.

    ``updates`` has the hidden registers in an order in which they can be computed, and the channel
    itself as ``output(channel)``. ``stage`` says in words what was found.
    """

    channel: int
    updates: Mapping[str, Update]
    measure: float
    stage: str
    closed: bool = False

    @property
    def recurrent(self) -> bool:
        """Whether something is carried from step to step."""
        return any(
            not variable.updated
            for update in self.updates.values()
            for variable in names_read(update)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a channel may be made of: readings, and the hidden registers among them.

    ``rich`` allows pieces, ``lists`` long lists of bands, ``start`` a first step of its own.
    """

    channel: int
    readings: tuple[Reading, ...]
    stage: str
    hidden: Mapping[str, Update] = field(default_factory=dict)
    rich: bool = True
    lists: bool = False
    start: bool = False


_TRIALS, _PART = 12, 60


def mostly(question: Question, history: History) -> Candidate | None:
    """A cell that is right at nine steps in ten or more, learned from the rows of small samples.

    A sample that by luck has none of the wrong labels shows the rule (Fischler and Bolles, 1981).
    """
    registers = values_of(question.hidden, history)
    rows = history.table(question.readings, registers)
    target = history.y[:, :, question.channel].reshape(-1)
    best: tuple[int, Cell] | None = None
    for trial in range(_TRIALS):
        start = trial * len(rows) // _TRIALS
        data = distinct(rows[start : start + _PART], target[start : start + _PART])
        learned = None if data is None else learn_distinct(data)
        if learned is not None:
            right = int((learned.cell.columns(rows) == target).sum())
            if best is None or right > best[0]:
                best = (right, learned.cell)
    if best is None or 10 * best[0] < 9 * len(target):
        return None
    return proposed(question, best[1])


def output(channel: int) -> str:
    """The name of an output channel as a register."""
    return f"output{channel}"


def older(channel: int, steps: int) -> str:
    """The name of the register that keeps an output channel ``steps`` back, from 2."""
    return output(channel) if steps == 1 else f"output{channel} {steps} back"


def copies(channel: int, steps: int) -> dict[str, Update]:
    """The registers that keep what an output channel was, up to ``steps`` back."""
    return {
        older(channel, s): Update(
            older(channel, s), (Variable(older(channel, s - 1)),), only(AffineUnit((1,)))
        )
        for s in range(2, steps + 1)
    }


def values_of(
    hidden: Mapping[str, Update], history: History, initial: Mapping[str, int] | None = None
) -> dict[str, tuple[IntArray, int]]:
    """The new values of the registers at each step; output channels are read from the history."""
    registers: dict[str, tuple[IntArray, int]] = {}
    for c in range(history.y.shape[2]):
        registers[output(c)] = (history.y[:, :, c], (initial or {}).get(output(c), 0))
    for name, update in hidden.items():
        if name not in registers:
            registers[name] = (simulate(update, history, registers), update.initial)
    return registers


def answer(question: Question, history: History) -> Candidate | None:
    """The shortest exact cell for the question's channel, or None."""
    registers = values_of(question.hidden, history)
    rows = history.table(question.readings, registers)
    target = history.y[:, :, question.channel].reshape(-1)
    learned = _learned(question, history, rows, target)
    if learned is not None:
        return proposed(question, learned.cell, 0)
    if not question.start:
        return None
    later = np.tile(np.arange(history.length) > 0, len(history.x))
    learned = _learned(question, history, rows[later], target[later])
    return None if learned is None else _with_start(question, history, learned, registers)


def _learned(
    question: Question, history: History, rows: IntArray, target: IntArray
) -> Learned | None:
    data = distinct(rows, target)
    if data is None:
        return None
    lists = question.lists and len(data) <= _FEW_ROWS and len(rows) >= _OFTEN * len(data)
    if lists and len(rows) == history.x[:, :, 0].size:
        lists = not _grows(rows, history)
    return learn_distinct(data, question.rich, lists)


def _grows(rows: IntArray, history: History) -> bool:
    """Whether some feature reaches values in the last steps that it never had before."""
    table = rows.reshape(len(history.x), history.length, -1)
    early, late = table[:, : history.length - 2], table[:, history.length - 2 :]
    return bool(
        (late.max(axis=(0, 1)) > early.max(axis=(0, 1))).any()
        or (late.min(axis=(0, 1)) < early.min(axis=(0, 1))).any()
    )


def proposed(
    question: Question, cell: Cell, initial: int = 0, more: Mapping[str, Update] | None = None
) -> Candidate:
    name = output(question.channel)
    hidden = {**question.hidden, **(more or {})}
    update = trimmed(Update(name, question.readings, cell, initial))
    measure = cell_measure(cell) + (0.5 if initial else 0)
    read, todo = {name}, [update]
    while todo:
        for variable in names_read(todo.pop()):
            if variable.name in hidden and variable.name not in read:
                read.add(variable.name)
                part = hidden[variable.name]
                todo.append(part)
                copied = part.cell in (only(AffineUnit((1,))), only(AffineUnit((1, -1))))
                measure += COPY if copied else cell_measure(part.cell) + begun(part.initial)
    measure -= max((_shared(update, trimmed(part)) for part in hidden.values()), default=0.0)
    kept = {key: trimmed(part) for key, part in hidden.items() if key in read}
    return Candidate(question.channel, {**kept, name: update}, measure, question.stage)


def begun(initial: int) -> float:
    """The measure of a hidden register's first value; a large one is a bound of the data."""
    return 0.0 if not initial else 0.5 if abs(initial) == 1 else 6.0


def _shared(one: Update, other: Update) -> float:
    """What is saved where both have one linear unit over the same sum: it is written once."""
    if one.readings != other.readings or len(one.cell.pieces) + len(other.cell.pieces) > 2:
        return 0.0
    a, b = one.cell.pieces[0].value, other.cell.pieces[0].value
    same = (a.weights, a.bias) == (b.weights, b.bias)
    return max(0.0, linear_measure(AffineUnit(a.weights, a.bias)) - 1) if same else 0.0


def _with_start(
    question: Question, history: History, learned: Learned, registers: Registers
) -> Candidate | None:
    """The value before the start that makes the first step right, or a first step of its own."""
    name, own = output(question.channel), Variable(output(question.channel))
    first = History(history.x[:, :1], history.y[:, :1])
    goal = first.y[:, 0, question.channel]
    levels = np.unique(history.y[:, :, question.channel])
    tried = [1, -1, *(levels.tolist() if len(levels) <= 6 else [])]
    weights = learned.cell.pieces[0].value
    if len(learned.cell.pieces) == 1 and own in question.readings:
        rows = first.table(question.readings, _at_start(registers, name, 0))
        slope = weights.weights[question.readings.index(own)]
        gap = int(goal[0] - learned.cell.columns(rows)[0])
        if slope and weights.divisor == 1 and not weights.modulus and gap % slope == 0:
            tried.insert(0, gap // slope)
    for initial in tried:
        rows = first.table(question.readings, _at_start(registers, name, initial))
        if own in question.readings and (learned.cell.columns(rows) == goal).all():
            return proposed(question, learned.cell, initial)
    rows = first.table(question.readings, _at_start(registers, name, 0))
    data = distinct(rows, goal)
    begun = None if data is None else learn_distinct(data)
    if begun is None:
        return None
    cell = _after_start(begun.cell, learned.cell)
    flag = Update(STARTED, (), Cell((), (Piece((), AffineUnit((), 1)),)))
    wider = replace(question, readings=(*question.readings, Variable(STARTED)))
    return proposed(wider, cell, 0, {STARTED: flag})


def _at_start(registers: Registers, name: str, initial: int) -> Registers:
    cut = {key: (values[:, :1], start) for key, (values, start) in registers.items()}
    return {**cut, name: (cut[name][0], initial)}


def _after_start(first: Cell, later: Cell) -> Cell:
    """A cell with one more feature, 0 at the first step and 1 after it, which chooses a cell."""

    def wider(linear: AffineUnit) -> AffineUnit:
        return replace(linear, weights=(*linear.weights, 0))

    width = len(first.pieces[0].value.weights)
    gates = [Gate(AffineUnit((0,) * width + (1,)), high=0)]
    pieces = []
    for cell, opening in ((first.mapped(wider), ((0, True),)), (later.mapped(wider), ())):
        shift = len(gates)
        gates += cell.gates
        for piece in cell.pieces:
            wanted = tuple((index + shift, sign) for index, sign in piece.wanted)
            pieces.append(Piece((*opening, *wanted), piece.value))
    return Cell(tuple(gates), tuple(pieces))


def wrong_steps(candidate: Candidate, history: History) -> int:
    """At how many steps a channel is wrong, where all the output before the step is given."""
    name = output(candidate.channel)
    update = candidate.updates[name]
    hidden = {key: part for key, part in candidate.updates.items() if key != name}
    registers = values_of(hidden, history, {name: update.initial})
    rows = history.table(update.readings, registers)
    return int((update.cell.columns(rows) != history.y[:, :, candidate.channel].reshape(-1)).sum())


def window(channels: int, steps: int) -> tuple[Reading, ...]:
    """All input channels, the current element first, ``steps`` elements back."""
    return tuple(Lag(s, c) for s in range(steps + 1) for c in range(channels))


def products(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """The products of two different readings and their squares."""
    plain = [r for r in readings if not isinstance(r, Times)]
    return tuple(Times(a, b) for k, a in enumerate(plain) for b in plain[k:])
