"""A program that may be the rule behind some pairs, and how often it misses them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

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
    answered = zip(_answers(program, pairs), pairs, strict=True)
    return tuple(k for k, (answer, pair) in enumerate(answered) if answer != (pair.output,))


def answers_all(program: Program, pairs: Sequence[ExamplePair]) -> bool:
    """Whether a program has some answer to each of the inputs."""
    return None not in _answers(program, pairs)


def _answers(program: Program, pairs: Sequence[ExamplePair]) -> Iterator[tuple[Any] | None]:
    """The answer to each input; None where there is none."""
    names = [port.name for port in program.inputs]
    run = compiled(program)
    for pair in pairs:
        try:
            yield (run(dict(zip(names, pair.inputs, strict=True))),)
        except RAISES:
            yield None
