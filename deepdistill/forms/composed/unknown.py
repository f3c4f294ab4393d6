"""What some pairs cannot tell of a composed program, in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ...data.examples import LARGEST
from ...data.pairs import PairProblem
from ...ir.expr import NoAnswer
from ...ir.program import Program
from ...ir.types import Integers, Port
from ...units.composed import ComposedNetwork
from .values import numbers_in


def unknown_of(task: PairProblem, network: ComposedNetwork) -> Iterator[str]:
    """In sentences."""
    for port, low, high in zip(network.inputs, network.shortest, network.longest, strict=True):
        if port.axes and low == high:
            size = " x ".join(map(str, low))
            yield (
                f"{port.name} of size {size} alone was shown, so that what depends on the size "
                "is not known"
            )
        if low and low[0] > 0 and len(low) == 1 and _answers_empty(port, task, network):
            yield f"{port.name} was never shown empty: if its answer is right is not known"
        if port.name in network.open:
            yield (
                f"characters that were never shown are taken in {port.name}, as equality alone "
                "decides: that one of them has a meaning of its own is not known"
            )
        if not port.symbols:
            yield from _left_out(port, task, network.program)


def _answers_empty(port: Port, task: PairProblem, network: ComposedNetwork) -> bool:
    """Whether the program has an answer where a list or a text has no elements."""
    names = [one.name for one in network.inputs]
    try:
        for pair in task.given[:1]:
            network.run({**dict(zip(names, pair.inputs, strict=True)), port.name: []})
    except NoAnswer:
        return False
    return bool(task.given)


def _left_out(port: Port, task: PairProblem, program: Program) -> Iterator[str]:
    """Numbers that the solver takes, and that hardly an example shows."""
    place = program.inputs.index(port)
    every = [*task.given, *task.reserved[0], *task.reserved[1]]
    numbers = sorted({n for pair in every for n in numbers_in(pair.inputs[place], None)})
    low, high = (numbers[0], numbers[-1]) if numbers else (0, 0)
    count = len(port.domain) - len(numbers)
    if numbers and (port.domain.low < low or port.domain.high > high):
        by_order = port.domain == Integers(-LARGEST, LARGEST)
        ends = f" from {port.domain.low:,} to {port.domain.high:,}"
        more = "others" if by_order else f"others{ends}"
        why = ", as order and equality alone decide" if by_order else ""
        yield (
            f"numbers from {low:,} to {high:,} were shown in {port.name}; {more} are taken{why}"
            ": that one of them has a meaning of its own is not known"
        )
    elif count > 0 and numbers:
        edges = [port.domain.low - 1, *numbers, port.domain.high + 1]
        first = next(a + 1 for a, b in pairwise(edges) if b - a > 1)
        yield (
            f"{count:,} of the {len(port.domain):,} numbers from {port.domain.low:,} to "
            f"{port.domain.high:,} {'was' if count == 1 else 'were'} never shown in "
            f"{port.name}, {first:,} for one: that one of them has a meaning of its own is not "
            "known"
        )
