"""Digits of numbers: lists of their own, and what they add up to for each element of a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ....ir.expr import Call, Expr
from ....ir.listwise import digits
from .facts import USUAL, Fact
from .valued import LARGEST, Numbers, Valued, applied, bits_of, constant

BASES = (10, 2)


def digits_of(ports: Sequence[Valued]) -> Iterator[Valued]:
    """The digits of each number that is an input, highest first."""
    for one in ports:
        if one.kind == "number" and min(one.values) >= 0:
            for base in BASES:
                values = tuple(tuple(digits(value, base)) for value in one.values)
                if any(len(own) > 1 for own in values):
                    yield applied("digits", "list", (one, constant(base, len(values))), values)


def digit_sums(x: Expr, bits: float, row: Numbers) -> Iterator[Fact]:
    """What the decimal digits of each element add up to, where some have several."""
    if row.min() >= 0 and BASES[0] <= row.max() <= LARGEST:
        sums = np.array([float(sum(digits(int(n), BASES[0]))) for n in row])
        base = constant(BASES[0], 1)
        expr = Call("total", (Call("digits", (x, base.expr)),))
        own = bits_of("total", [bits_of("digits", [bits, base.bits])])
        yield Fact(expr, own, sums, "", USUAL)
