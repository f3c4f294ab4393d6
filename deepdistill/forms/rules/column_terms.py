"""The columns of a table as a prover knows them."""

from __future__ import annotations

from dataclasses import dataclass

import z3

from ...verify.proof.encode import Term


@dataclass(frozen=True, slots=True)
class ColumnTerm:
    """A column: its number or the place of its level, and whether it is missing."""

    value: Term
    gone: Term


def real(limit: float) -> Term:
    """A float as the number that it is."""
    over, under = float(limit).as_integer_ratio()
    return z3.RealVal(over) / z3.RealVal(under)
