"""Groups of threshold units as terms, from the network's own definition.

Floats are no obstacle: every weight is an integer multiple of one power of two, and as long as the
largest sum that can occur stays below 2**53 multiples of it, no addition rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import z3

from ...units.groups import FloatArray
from .encode import NotEncoded, Term, added, as_number

_EXACT = 2**53
"""Below this a float64 holds every integer."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Weighted sums of integers in [-reach, reach] as integer arithmetic.

    ``weights`` (units × inputs) and ``bias`` (units) are the given ones times one power of two,
    ``scale``; no sum of theirs reaches 2**53.
    """

    weights: tuple[tuple[int, ...], ...]
    bias: tuple[int, ...]
    scale: int

    @staticmethod
    def exact(weights: FloatArray, bias: FloatArray, reach: int) -> Sums:
        """The same sums without rounding; :class:`NotEncoded` where floats would round."""
        table = np.column_stack([weights, bias])
        if not np.isfinite(table).all():
            raise NotEncoded("weights that are not finite")
        fractions = {value: Fraction(value) for value in np.unique(table).tolist()}
        scale = max((part.denominator for part in fractions.values()), default=1)
        integer = {value: int(part * scale) for value, part in fractions.items()}
        whole = [[integer[value] for value in row] for row in table.tolist()]
        largest = max((reach * sum(map(abs, row[:-1])) + abs(row[-1]) for row in whole), default=0)
        if largest >= _EXACT:
            raise NotEncoded("weights whose sums floats may round")
        return Sums(tuple(tuple(row[:-1]) for row in whole), tuple(row[-1] for row in whole), scale)

    def terms(self, inputs: Sequence[Term]) -> list[Term]:
        """The sum of each unit, times ``scale``."""
        numbers = [as_number(term) for term in inputs]
        return [
            added(z3.IntVal(bias), *_weighted(row, numbers))
            for row, bias in zip(self.weights, self.bias, strict=True)
        ]


def _weighted(row: Sequence[int], numbers: Sequence[Term]) -> list[Term]:
    """A term for each weight: few products are quickly made."""
    alike: dict[int, list[Term]] = {}
    for weight, number in zip(row, numbers, strict=True):
        if weight != 0:
            alike.setdefault(weight, []).append(number)
    return [weight * added(*of) for weight, of in alike.items()]


def fire(
    weights: FloatArray,
    bias: FloatArray,
    activation: Literal["step", "sign", "argmax"],
    inputs: Sequence[Term],
    reach: int,
) -> list[Term]:
    """Outputs of units whose inputs are integers of at most ``reach`` in absolute value.

    ``step``: a truth for each unit, its sum is at least 0 (a tie fires); ``sign``: −1, 0 or 1;
    ``argmax``: one term, the index of the largest sum, the first one on a tie.
    """
    return activate(Sums.exact(weights, bias, reach).terms(inputs), activation)


def activate(totals: Sequence[Term], activation: Literal["step", "sign", "argmax"]) -> list[Term]:
    """What units make of their sums."""
    match activation:
        case "step":
            return [total >= 0 for total in totals]
        case "sign":
            return [
                z3.If(total > 0, z3.IntVal(1), z3.If(total < 0, z3.IntVal(-1), z3.IntVal(0)))
                for total in totals
            ]
        case "argmax":
            return [first_largest(totals)]


def first_largest(totals: Sequence[Term]) -> Term:
    """The index of the largest term, the first one on a tie."""
    index: Term = z3.IntVal(len(totals) - 1)
    for k in range(len(totals) - 2, -1, -1):
        wins = z3.And(
            *(totals[k] > earlier for earlier in totals[:k]),
            *(totals[k] >= later for later in totals[k + 1 :]),
        )
        index = z3.If(wins, z3.IntVal(k), index)
    return index
