"""The label and the probabilities of a row: what a solver gives, and whether that is the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any

from ...ir.types import Level

_DIGITS = 3  # that a solver prints of a probability
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class LabelAnswer:
    """A label and the probability of each label by name, or a sentence where one is raised."""

    label: Any
    shares: Any


def answers_of(solve: Callable[..., Any]) -> Callable[[Sequence[Any]], LabelAnswer]:
    """What a solver and the ``probability`` beside it say of the values of a row."""
    shares = getattr(solve, "__globals__", {}).get("probability")

    def answered(function: Any, values: Sequence[Any]) -> Any:
        if function is None:
            return "there is no function probability"
        try:
            return function(*values)
        except MemoryError:
            raise
        except Exception as error:
            return f"raises {type(error).__name__}"

    return lambda values: LabelAnswer(answered(solve, values), answered(shares, values))


def same_shares(names: Sequence[Level], expected: Sequence[float], got: Any) -> bool:
    """Whether these are the probabilities in three digits, by label and in order.

    What rounding leaves over may stand at the largest one.
    """
    if type(got) is not dict or tuple(got) != tuple(names):
        return False
    if any(type(a) is not type(b) for a, b in zip(got, names, strict=True)):
        return False
    values = list(got.values())
    if any(type(value) not in (int, float) for value in values):
        return False
    largest = max(range(len(expected)), key=lambda k: expected[k], default=0)
    room = [_half_digit(p) for p in expected]
    if room:
        room[largest] = sum(room)
    return all(
        abs(value - p) <= most + _ROUNDING
        for value, p, most in zip(values, expected, room, strict=True)
    )


def _half_digit(p: float) -> float:
    """How far a number in three digits may be from the one that it was."""
    return 0.5 * 10.0 ** (floor(log10(p)) + 1 - _DIGITS) if p > 0 else 0.0
