"""What an encoding says of an answer."""

from __future__ import annotations

from dataclasses import dataclass

from .encode import Term


@dataclass(frozen=True, slots=True)
class Described:
    """An answer: the sizes of its axes, the element asked for, and whether there is one at all.

    ``obligations`` have to hold for the terms to mean what is computed.
    """

    sizes: tuple[Term, ...]
    value: Term
    answered: Term
    obligations: tuple[Term, ...] = ()
