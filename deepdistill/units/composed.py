"""A program that was found as it is, for inputs of any lengths: what stands for its network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..ir.evaluate import evaluate
from ..ir.expr import NoAnswer
from ..ir.program import Program
from ..ir.types import Port


@dataclass(frozen=True, slots=True)
class ComposedNetwork:
    """A program, by whom it was found, and the sizes of the inputs that it was found from.

    ``longest`` and ``shortest`` have for each input its largest and smallest size along each axis.
    The texts ``open`` may hold characters that are not in their alphabets.
    """

    program: Program
    found_by: str
    longest: tuple[tuple[int, ...], ...]
    shortest: tuple[tuple[int, ...], ...]
    open: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[Port, ...]:
        return self.program.inputs

    @property
    def output(self) -> Port:
        return self.program.output

    def run(self, case: Mapping[str, Any]) -> Any:
        """The answer in the program's own numbers; :class:`NoAnswer` where it has none."""
        return answered(partial(evaluate, self.program), case)


def answered(run: Callable[[Mapping[str, Any]], Any], case: Mapping[str, Any]) -> Any:
    """What a program gives; :class:`NoAnswer` for whatever it raises in place of an answer."""
    try:
        return run(case)
    except (ValueError, ArithmeticError, LookupError, TypeError) as error:
        raise NoAnswer(str(error)) from None
