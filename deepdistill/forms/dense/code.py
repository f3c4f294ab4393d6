"""Few different floats as integers, so that sums of slices of them are exact."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .slices import Table
from .template import Group, Part, Rest

_BASE = 64
_MOST_NUMBERS = 9  # powers of the base that fit 64 bits, with room for sums


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """The k-th number is written as the k-th power of 64: a sum of few tells how often each is in.

    Numbers with a common short factor would do as well, but this takes any.
    """

    numbers: Table

    @staticmethod
    def of(weights: Table) -> Code | None:
        """A code for these weights, where there are few different ones."""
        numbers = np.unique(np.abs(weights[weights != 0]))
        return Code(numbers) if len(numbers) <= _MOST_NUMBERS else None

    def encoded(self, weights: Table) -> Table:
        if not len(self.numbers):
            return np.zeros_like(weights, dtype=np.int64)
        places = np.searchsorted(self.numbers, np.abs(weights))
        powers = _BASE ** np.minimum(places, len(self.numbers) - 1).astype(np.int64)
        codes: Table = np.sign(weights).astype(np.int64) * powers
        return codes

    def number(self, code: float) -> float:
        """The sum of numbers that an integer stands for."""
        total, left = 0.0, int(code)
        for number in self.numbers.tolist():
            digit = (left + _BASE // 2) % _BASE - _BASE // 2
            total += digit * number
            left = (left - digit) // _BASE
        return total

    def decoded(self, part: Part) -> Part:
        """A group, or a table, with the numbers in place of their codes."""
        if isinstance(part, Rest):
            tables = tuple(
                np.vectorize(self.number, otypes=[np.float64])(table) for table in part.tables
            )
            return replace(part, tables=tables)
        terms = tuple(replace(t, coefficient=self.number(t.coefficient)) for t in part.terms)
        assert isinstance(part, Group)
        return replace(part, terms=terms)
