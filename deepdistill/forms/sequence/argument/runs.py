"""Programs and recurrent networks run side by side on numbers, one step at a time.

What runs show is where guesses about the joint state come from, and counterexamples; where the
reachable states are few, all of them are a proof.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from ....ir.evaluate import Scope, evaluate, evaluate_expr
from ....ir.program import Let, Program, Scan
from ....ir.types import Port
from ....units.gates import Cell
from ....verify.proof.encode import NotEncoded
from ..network import RecurrentNetwork
from .steps import STEPS, Paired, carried_start, register_name

Row: TypeAlias = tuple[int, ...]
State: TypeAlias = dict[str, int]

ERRORS = (ArithmeticError, LookupError, TypeError, ValueError)
"""What the reference interpreter raises where a program has no value."""

_LENGTHS = (1, 2, 3, 7, 40)
_LONG = 120  # of one value, so that counters are seen to count far
_UNIFORM = 12
_LARGEST = 2**64
_HUGE = 2**256  # squared at each step, numbers soon have more digits than there is memory


@dataclass(frozen=True, slots=True)
class Parting:
    """A sequence at one of whose steps the sides differ; None: the program has no value.

    It ends with that step, but for a program whose answer depends on what comes later.
    """

    rows: tuple[Row, ...]
    step: int
    program: tuple[int, ...] | None
    network: tuple[int, ...]


def sequences(port: Port, seed: int = 0) -> Iterator[list[Row]]:
    """Sequences of a port's elements: uniform, of few values, extreme, rising and alternating."""
    rng = random.Random(seed)
    low, high = port.domain.low, port.domain.high
    width = port.channels
    marks = sorted({low, high, *(v for v in (-1, 0, 1, low + 1, high - 1) if low <= v <= high)})
    for length in _LENGTHS:
        for _ in range(_UNIFORM if length > 3 else 4):
            yield [tuple(rng.randint(low, high) for _ in range(width)) for _ in range(length)]
    longest = _LENGTHS[-1]
    for value in marks:
        yield [(value,) * width] * _LONG
        few = [value, rng.choice(marks), rng.randint(low, high)]
        for count in (2, 3):
            yield [tuple(rng.choice(few[:count]) for _ in range(width)) for _ in range(longest)]
    yield [((low, high)[t % 2],) * width for t in range(longest)]
    yield [(low + t % (high - low + 1),) * width for t in range(longest)]
    yield [(high - t % (high - low + 1),) * width for t in range(longest)]
    for _ in range(4):  # long stretches of one value
        yield [(rng.choice(marks),) * width for _ in range(5) for _ in range(8)]


def split_at(program: Program, network: RecurrentNetwork, rows: Sequence[Row]) -> Parting | None:
    """Where the two differ on a sequence, by the definitions of both; None where they agree.

    Only looked at up to where numbers grow huge.
    """
    (port,) = network.inputs
    rows = rows[: _steps_before_huge(program, network, rows)]
    if not rows:
        return None
    wanted = network.run_rows(rows)
    listed = [row[0] if len(port.axes) == 1 else list(row) for row in rows]
    try:
        answers = evaluate(program, {port.name: listed})
    except ERRORS:
        answers = []
        for t in range(len(rows)):
            try:
                answers = evaluate(program, {port.name: listed[: t + 1]})
            except ERRORS:
                return Parting(tuple(rows[: t + 1]), t, None, wanted[t])
    if not isinstance(answers, list) or len(answers) != len(wanted):
        return Parting(tuple(rows), len(rows) - 1, None, wanted[-1])
    for t, (got, goal) in enumerate(zip(answers, wanted, strict=True)):
        answer = tuple(got) if isinstance(got, list) else (got,)
        if answer != goal:
            cut = split_at(program, network, rows[: t + 1]) if t + 1 < len(rows) else None
            return cut or Parting(tuple(rows), t, answer, goal)
    return None


def _steps_before_huge(program: Program, network: RecurrentNetwork, rows: Sequence[Row]) -> int:
    """How many steps both sides can take, up to one at which the program has no value."""
    scan = program.body[-1]
    try:
        carried = carried_start(program) if isinstance(scan, Scan) else {}
    except NotEncoded:
        return min(1, len(rows))
    registers = network.initial
    for t, row in enumerate(rows):
        if any(abs(v) > _HUGE for v in (*registers, *carried.values())):
            return t
        window = [rows[t - s] if t >= s else None for s in range(network.window + 1)]
        registers, _ = network_step_values(network, registers, window)
        if isinstance(scan, Scan):
            try:
                carried, _ = program_step(scan, carried, row)
            except ERRORS:
                return t + 1
    return len(rows)


def joint_states(
    step: Paired, program: Program, network: RecurrentNetwork, rows: Sequence[Row]
) -> Iterator[State]:
    """The joint state before each step and after the last one, until its numbers grow large."""
    scan = program.body[-1]
    carried = {name: step.initial[name] for name in step.program}
    registers = network.initial
    for t in range(len(rows) + 1):
        state = dict(carried)
        state |= {register_name(k): v for k, v in enumerate(registers)}
        state[STEPS] = t
        for name, (steps, channel) in step.window.items():
            state[name] = rows[t - steps][channel] if t >= steps else 0
        if any(abs(v) > _LARGEST for v in state.values()):
            return
        yield state
        if t < len(rows):
            if isinstance(scan, Scan):
                try:
                    carried, _ = program_step(scan, carried, rows[t])
                except ERRORS:  # a program without a value there: nothing comes after
                    return
            window = [rows[t - s] if t >= s else None for s in range(network.window + 1)]
            registers, _ = network_step_values(network, registers, window)


def program_step(scan: Scan, carried: State, row: Row) -> tuple[State, tuple[int, ...]]:
    """The carried variables after a step and the answers, by the reference interpreter."""
    scope = Scope((), {})
    scope.names.update(carried)
    scope.names.update(zip(scan.element, row, strict=True))
    for let in scan.body:
        scope.names[let.name] = evaluate_expr(let.value, scope)
    answers = tuple(evaluate_expr(value, scope) for value in scan.values)
    return {name: scope.names[name] for name in carried}, answers


def network_step_values(
    network: RecurrentNetwork, registers: Sequence[int], window: Sequence[Row | None]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The registers after a step and the answers; ``window[s]`` is the element s steps back.

    None stands before the start.
    """

    def element(steps: int, channel: int) -> int:
        row = window[steps]
        return 0 if row is None else row[channel]

    new, answers = network.step(element, registers, Cell.run)
    return tuple(new), tuple(answers)


JointKey: TypeAlias = tuple[tuple[int, ...], tuple[int, ...], tuple[Row | None, ...]]
"""The program's carried variables, the network's registers and the elements before."""


@dataclass(frozen=True, slots=True)
class Reached:
    """All joint states that a run can reach, or the first split that was met on the way.

    ``states`` is how many they are, 0 where they are more than were allowed.
    """

    states: int
    split: Parting | None = None
    keys: tuple[JointKey, ...] = ()


def reach(program: Program, network: RecurrentNetwork, initial: State, most: int) -> Reached:
    """Search breadth first through the joint states; at most ``most`` steps are computed.

    ``initial`` are the program's carried variables before the first step. Every element of the
    domain is tried at every state that is found, so that a search which ends has seen every step
    that any sequence can take.
    """
    scan = program.body[-1]
    if not isinstance(scan, Scan) or not all(isinstance(s, Let) for s in program.body[:-1]):
        return Reached(0)
    (port,) = network.inputs
    width = port.channels
    if len(port.domain) ** width > most:
        return Reached(0)
    elements = list(product(port.domain.values, repeat=width))
    names = tuple(initial)
    start: JointKey = (tuple(initial.values()), network.initial, (None,) * network.window)
    parents: dict[JointKey, tuple[JointKey, Row] | None] = {start: None}
    states = [start]
    for number, key in enumerate(states):
        if (number + 1) * len(elements) > most:
            return Reached(0)
        carried, registers, earlier = key
        if any(abs(v) > _HUGE for v in (*carried, *registers)):
            return Reached(0)
        for row in elements:
            window = (row, *earlier)
            new, goal = network_step_values(network, registers, window)
            try:
                after, answers = program_step(scan, dict(zip(names, carried, strict=True)), row)
            except ERRORS:
                return Reached(
                    0, Parting((*(path := _path(parents, key)), row), len(path), None, goal)
                )
            if answers != goal:
                return Reached(
                    0, Parting((*(path := _path(parents, key)), row), len(path), answers, goal)
                )
            following = (tuple(after.values()), new, window[: network.window])
            if following not in parents:
                parents[following] = (key, row)
                states.append(following)
    return Reached(len(states), None, tuple(states))


def values_of(key: JointKey, step: Paired) -> tuple[int, ...]:
    """A state that was reached, by the variables of a step: carried, registers, window."""
    carried, registers, earlier = key
    rows = [(earlier[steps - 1], channel) for steps, channel in step.window.values()]
    seen = [0 if row is None else row[channel] for row, channel in rows]
    return (*carried, *registers, *seen)


def _path(parents: dict[JointKey, tuple[JointKey, Row] | None], key: JointKey) -> list[Row]:
    """The elements that lead to a state."""
    rows: list[Row] = []
    while (step := parents[key]) is not None:
        key, row = step
        rows.append(row)
    return rows[::-1]
