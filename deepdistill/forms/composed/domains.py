"""Which numbers and characters a composed program takes besides those that were shown.

Where the order and equality of numbers alone decide, any; where equality alone does, any
characters; where they are places of a list, those of a list ten times as long. Else those a little
beyond the shown ones, if so many were shown that they are numbers and no states: others like them
will lie there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...data.examples import LARGEST
from ...data.from_pairs import tenfold
from ...data.pairs import PairProblem
from ...ir.order import by_equality_alone, by_order_alone, by_place_alone
from ...ir.program import Program
from ...ir.types import Integers, Port
from ...target.spelt import spelt
from ..protocol import Trained
from .values import numbers_in

FEW_VALUES = 16
"""Those that are no more may be states, which stand for themselves."""


def widened(task: PairProblem, trained: Trained) -> tuple[PairProblem, Trained]:
    """The task and the program with the numbers and the characters that are taken."""
    program: Program = trained.network.program
    numbers = {port.name for port in task.inputs if not port.symbols}
    texts = {port.name for port in task.inputs if port.is_text and port.axes}
    by_order = _free(program, numbers, by_order_alone)
    places = {name for name in numbers - by_order if by_place_alone(program, name)}
    inputs = tuple(
        replace(port, domain=tenfold(port.domain))
        if port.axes and port.name in places
        else replace(port, domain=_domain(task, k, port.name in by_order))
        for k, port in enumerate(task.inputs)
    )
    open_names = _free(program, texts, by_equality_alone)
    output = task.output
    alphabets = {port.symbols for port in task.inputs if port.name in open_names}
    if output.is_text and output.axes and output.symbols not in alphabets:
        open_names = set()
    if spelt(program).program is program:  # it will be written with numbers
        open_names = set()
    network = replace(
        trained.network,
        program=replace(program, inputs=inputs),
        open=tuple(port.name for port in inputs if port.name in open_names),
    )
    return replace(task, inputs=inputs), replace(trained, network=network)


def _free(program: Program, names: set[str], alone: Callable[..., bool]) -> set[str]:
    """The inputs, together or each by itself, that a program asks for no more than that."""
    if names and alone(program, *sorted(names)):
        return names
    return {name for name in names if alone(program, name)}


def _domain(task: PairProblem, place: int, by_order: bool) -> Integers:
    port: Port = task.inputs[place]
    pairs = (*task.given, *task.reserved[0], *task.reserved[1])
    numbers = {n for pair in pairs for n in numbers_in(pair.inputs[place], None)}
    if port.symbols or len(numbers) <= FEW_VALUES:
        return port.domain
    if by_order:
        return Integers(-LARGEST, LARGEST)
    low, high = port.domain.low, port.domain.high
    beyond = (high - low) // 4
    least = low - beyond if low < 0 else max(0, low - beyond)
    return Integers(max(-LARGEST, least), min(LARGEST, high + beyond))
