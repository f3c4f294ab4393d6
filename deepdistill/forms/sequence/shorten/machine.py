"""Loops whose carried variables take few values: every reachable step, and states merged."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from ....ir.vector import evaluate_rows
from ....passes.decide.table import Ints
from .loop import Loop

MOST_STEPS = 6000
_LARGEST = 2**30


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """States × inputs → next state and answers.

    ``states`` holds the carried variables of each reachable state (the initial one first, then in
    order of discovery), ``inputs`` the channels of each input, ``follow`` the number of the next
    state and ``answers`` the answers, of shape (states, inputs) and (states, inputs, answers).
    """

    states: Ints
    inputs: Ints
    follow: Ints
    answers: Ints


def machine_of(loop: Loop) -> Machine | None:
    """Every step that a loop can make; None where there are more than ``MOST_STEPS``."""
    if any(abs(r.low) > _LARGEST or abs(r.high) > _LARGEST for r in loop.channels):
        return None
    if prod(int(r.high - r.low) + 1 for r in loop.channels) > MOST_STEPS:
        return None
    spans = [range(int(r.low), int(r.high) + 1) for r in loop.channels]
    inputs = np.array(list(product(*spans)), dtype=np.int64).reshape(-1, len(spans))
    initial = tuple(s.initial for s in loop.state)
    number = {initial: 0}
    states, follow, answers = [initial], [], []
    done = 0
    while done < len(states):
        if len(states) * len(inputs) > MOST_STEPS:
            return None
        here = states[done:]
        columns = step_columns(loop, np.array(here, dtype=np.int64), inputs)
        if any(int(np.abs(column).max()) > _LARGEST for column in columns.values()):
            return None
        after = np.stack([columns[s.updated] for s in loop.state], axis=1) if initial else None
        for k in range(len(here)):
            rows = slice(k * len(inputs), (k + 1) * len(inputs))
            following = [()] * len(inputs) if after is None else map(tuple, after[rows].tolist())
            row = []
            for state in following:
                if state not in number:
                    number[state] = len(states)
                    states.append(state)
                row.append(number[state])
            follow.append(row)
        answers.append(
            np.stack([columns[f"y{k}"] for k in range(len(loop.answers))], axis=1).reshape(
                len(here), len(inputs), -1
            )
        )
        done += len(here)
    return Machine(
        np.array(states, dtype=np.int64).reshape(len(states), -1),
        inputs,
        np.array(follow, dtype=np.int64),
        np.concatenate(answers),
    )


def step_columns(loop: Loop, states: Ints, inputs: Ints) -> dict[str, Ints]:
    """Every name of a loop on every pair of a state and an input, the answers as ``y0``, …"""
    columns: dict[str, Ints] = {}
    for k, name in enumerate(loop.channel_names):
        columns[name] = np.tile(inputs[:, k], len(states))
    for k, s in enumerate(loop.state):
        columns[s.name] = np.repeat(states[:, k], len(inputs))
    for name, value in loop.definitions():
        columns[name] = evaluate_rows(value, columns)
    for k, answer in enumerate(loop.answers):
        columns[f"y{k}"] = evaluate_rows(answer, columns)
    return columns


def merged(machine: Machine) -> tuple[Machine, Ints]:
    """The machine with equivalent states as one, and the class of each state.

    Two states are equivalent where no input ever tells them apart (Moore's refinement). Classes
    are numbered in order of discovery.
    """
    count = len(machine.states)
    signature = machine.answers.reshape(count, -1)
    classes = _numbered(signature)
    while True:
        signature = np.column_stack([classes, classes[machine.follow]])
        finer = _numbered(signature)
        if finer.max(initial=0) == classes.max(initial=0):
            break
        classes = finer
    first = np.unique(classes, return_index=True)[1]
    return (
        Machine(
            machine.states[first],
            machine.inputs,
            classes[machine.follow[first]],
            machine.answers[first],
        ),
        classes,
    )


def _numbered(rows: Ints) -> Ints:
    """A number for each row, the same for equal rows, in order of first appearance."""
    seen: dict[bytes, int] = {}
    return np.array(
        [seen.setdefault(row.tobytes(), len(seen)) for row in np.ascontiguousarray(rows)],
        dtype=np.int64,
    )
