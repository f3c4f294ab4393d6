"""Lists of pieces: each element becomes a few numbers, fewer or others where a condition holds.

Where each piece stands in an answer follows from how long the pieces are; what stands in them is
what an element becomes, or the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from ....ir.code_length import constant_bits
from ....ir.expr import Call, Const, Expr, If, negated
from .bodies import Bodies, Conditions, Truths
from .goal import Goal
from .valued import Numbers, Valued, bits_of

_LONGEST = 3
"""So many numbers a piece has at most."""
_CONDITIONS = 200
"""So many conditions are looked into for each pair of lengths, the shortest,"""
_FOUND = 3
"""and so many answers are enough."""


def pieces(made: Bodies, conditions: Conditions, goal: Goal) -> Iterator[Valued]:
    """Lists that are the goal, in which each element became one of two pieces."""
    elements = made.elements
    if goal.kind != "list" or elements.outer is not None:
        return
    lengths, rows, count = goal.lengths, made.rows, 0
    for few, many in _sizes():
        fit = (conditions.counts * (many - few) == lengths - few * elements.lengths).all(axis=1)
        for c in np.flatnonzero(fit)[:_CONDITIONS].tolist():
            one = _spliced(made, rows, conditions, c, (few, many), goal)
            if one is not None:
                yield one
                count += 1
            if count == _FOUND:
                return


def _sizes() -> list[tuple[int, int]]:
    """How long the two pieces are, short ones first; lists of one number each are no pieces."""
    sizes = product(range(_LONGEST + 1), range(_LONGEST + 1))
    return sorted((pair for pair in sizes if max(pair) > 1), key=lambda pair: (sum(pair), pair))


def _spliced(
    made: Bodies,
    rows: Numbers,
    conditions: Conditions,
    place: int,
    sizes: tuple[int, int],
    goal: Goal,
) -> Valued | None:
    """The list for one condition, with pieces so long where it does not hold, and where it does."""
    mask = conditions.rows[place]
    ends = np.cumsum(np.where(mask, sizes[1], sizes[0]))
    flat, bits = goal.flat, conditions.bits[place] + made.elements.own_bits
    parts: list[tuple[Expr, ...]] = []
    for size, holds in zip(sizes, (~mask, mask), strict=True):
        starts = ends[holds] - size
        values = [_value(made, rows, holds, flat[starts + k]) for k in range(size)]
        if any(value is None for value in values):
            return None
        bits += sum(value[0] for value in values if value) + bits_of("list", [0.0] * size)
        parts.append(tuple(value[1] for value in values if value))
    without, within = parts
    condition, other = conditions.expr(place), made.elements.listed
    if not without:
        made_of = other(_piece(within), condition)
    elif not within:
        made_of = other(_piece(without), negated(condition))
    else:
        bits += 4
        made_of = other(If(condition, _piece(within), _piece(without)))
    return Valued(Call("flat", (made_of,)), "list", bits_of("flat", [bits]), goal.values)


def _value(
    made: Bodies, rows: Numbers, holds: Truths, wanted: Numbers
) -> tuple[float, Expr] | None:
    """The shortest value that is what is wanted where a condition holds."""
    if len(wanted) and (wanted == wanted[0]).all():
        value = int(wanted[0])
        return 2 + constant_bits(value), Const(value)
    return made.shortest(rows[:, holds], wanted)


def _piece(values: tuple[Expr, ...]) -> Expr:
    return Call("list", values) if len(values) > 1 else Call("single", values)
