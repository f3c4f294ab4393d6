"""A program that may be the rule behind some pairs, and how often it misses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from ...data.pairs import ExamplePair
from ...ir.compiled import compiled
from ...ir.program import Program
from ...ir.program_length import program_bits

_KIND = 4.0  # bits that tell which kind of programs it is
RAISES = (ValueError, ArithmeticError, LookupError, TypeError)
"""What programs raise for inputs that have no answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A program, by whom it was found (``enumeration``, ``automaton``), and the pairs it misses.

    ``kinds`` is how many programs of one kind its search chose from, where these are few.
    """

    program: Program
    found_by: str
    missed: tuple[int, ...]
    kinds: int | None = None

    @property
    def bits(self) -> float:
        return program_bits(self.program)

    @property
    def choice_bits(self) -> float:
        """What it takes to tell the program among those that its search chose from."""
        return self.bits if self.kinds is None else min(self.bits, _KIND + log2(self.kinds))


def missed_pairs(program: Program, pairs: Sequence[ExamplePair]) -> tuple[int, ...]:
    """The places of the pairs whose answer a program does not give."""
    names = [port.name for port in program.inputs]
    run, missed = compiled(program), []
    for place, pair in enumerate(pairs):
        try:
            answer = run(dict(zip(names, pair.inputs, strict=True)))
        except RAISES:
            missed.append(place)
            continue
        if answer != pair.output:
            missed.append(place)
    return tuple(missed)


def answers_all(program: Program, pairs: Sequence[ExamplePair]) -> bool:
    """Whether a program has some answer to each of the inputs."""
    names = [port.name for port in program.inputs]
    run = compiled(program)
    try:
        for pair in pairs:
            run(dict(zip(names, pair.inputs, strict=True)))
    except RAISES:
        return False
    return True
