"""What the rest of the package has to know of an operation: its meaning and its notation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from .arithmetic import BIT, UNKNOWN, Interval
from .notation import Notation, nodes

Term: TypeAlias = Any
"""A term of a prover, on which Python's operators work: a number or a truth."""


class Logic(Protocol):
    """What a prover offers besides Python's operators on its terms."""

    def choose(self, condition: Term, then: Term, otherwise: Term) -> Term: ...
    def every(self, *truths: Term) -> Term: ...
    def some(self, *truths: Term) -> Term: ...
    def opposite(self, truth: Term) -> Term: ...
    def odd(self, *truths: Term) -> Term: ...
    def total(self, *numbers: Term) -> Term: ...
    def product(self, *numbers: Term) -> Term: ...
    def entry(self, table: tuple[int, ...], place: Term) -> Term: ...
    def exponent(self, number: Term) -> int:
        """A small whole number that is known; where it is none the term cannot be made."""
        ...

    def need(self, condition: Term) -> None:
        """What has to hold for the term to mean what the evaluator computes."""
        ...


@dataclass(frozen=True, slots=True)
class Operation:
    """What an operation computes and how it is written.

    ``arity`` is None for operations of two or more arguments. ``truth`` says that the result is
    a truth value (Python's bool) rather than a number, ``of_truths`` that of the arguments only
    matters whether they are 0, and ``decides`` which truth of an argument ends the evaluation.
    At the places ``arrays`` an argument is a whole array, or a constant tuple.

    ``columns`` takes NumPy and the arguments as columns, ``term`` a prover's names and the
    arguments as its terms, constant tuples as they are; None where there is no such meaning.
    ``interval`` gives an interval that holds the result. ``words`` is the notation for a reader,
    where it is not Python's, ``opposite`` the comparison that holds where this one does not. Of
    integers, an argument that is ``neutral`` changes nothing, and ``zero`` makes the result so.
    """

    function: Callable[..., Any]
    arity: int | None
    python: Notation
    truth: bool = False
    of_truths: bool = False
    decides: bool | None = None
    arrays: tuple[int, ...] = ()
    columns: Callable[..., Any] | None = None
    term: Callable[..., Term] | None = None
    interval: Callable[..., Interval] | None = None
    words: Notation | None = None
    opposite: str = ""
    neutral: int | None = None
    zero: int | None = None

    def takes(self, count: int) -> bool:
        """Whether it can be applied to so many arguments."""
        return count >= 2 if self.arity is None else count == self.arity

    def nodes(self, count: int) -> int:
        """Nodes of Python's ``ast`` for the operation itself, applied to so many arguments."""
        return nodes(self.python, count)

    def bounds(self, args: Sequence[Interval]) -> Interval:
        """An interval that holds the result for arguments from these intervals."""
        if self.truth:
            return BIT
        if self.interval is None:
            return UNKNOWN
        try:
            known = not any(math.isnan(end) for a in args for end in (a.low, a.high))
            return self.interval(*args) if known else UNKNOWN
        except OverflowError:  # an integer beyond all floats
            return UNKNOWN
