"""Which numbers a composed program takes besides those that were shown.

Where their order and equality alone decide, any. Else those a little beyond the shown ones, if so
many were shown that they are numbers and no states: others like them will lie there.
"""

from __future__ import annotations

from dataclasses import replace

from ...data.examples import LARGEST
from ...data.pairs import PairProblem
from ...ir.order import by_order_alone
from ...ir.program import Program
from ...ir.types import Integers, Port
from ..protocol import Trained
from .values import numbers_in

FEW_VALUES = 16
"""Those that are no more may be states, which stand for themselves."""


def widened(task: PairProblem, trained: Trained) -> tuple[PairProblem, Trained]:
    """The task and the program with the numbers that are taken."""
    program: Program = trained.network.program
    inputs = tuple(
        replace(port, domain=_domain(task, program, k)) for k, port in enumerate(task.inputs)
    )
    network = replace(trained.network, program=replace(program, inputs=inputs))
    return replace(task, inputs=inputs), replace(trained, network=network)


def _domain(task: PairProblem, program: Program, place: int) -> Integers:
    port: Port = task.inputs[place]
    pairs = (*task.given, *task.reserved[0], *task.reserved[1])
    shown = {n for pair in pairs for n in numbers_in(pair.inputs[place], None)}
    if port.symbols or len(shown) <= FEW_VALUES:
        return port.domain
    if by_order_alone(program, port.name):
        return Integers(-LARGEST, LARGEST)
    low, high = port.domain.low, port.domain.high
    beyond = (high - low) // 4
    least = low - beyond if low < 0 else max(0, low - beyond)
    return Integers(max(-LARGEST, least), min(LARGEST, high + beyond))
