"""Numbers of elements that are kept: extremes, counts and sums of different ones, and two of them.

All conditions are tried at once. Where nothing is kept the answer is one number, if there is any.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import numpy.typing as npt

from ....ir.code_length import constant_bits, operation_bits
from ....ir.expr import Call, Const, Expr, If
from ....ir.ops import OPERATIONS
from .bodies import ARITHMETIC, Bodies, Conditions
from .elements import Elements
from .goal import Goal
from .valued import Numbers, Valued, bits_of

_VALUES = 4
"""So many values that elements become, the shortest, are looked at."""
_FOUND = 2
_SYMMETRIC = frozenset(["add", "mul", "max", "min"])


@dataclass(frozen=True, slots=True, eq=False)
class _Number:
    """A number of what each condition keeps, NaN where there is none: a row for each condition."""

    ops: tuple[str, ...]  # the innermost first
    rows: Numbers

    def expr(self, kept: Expr) -> Expr:
        for op in self.ops:
            kept = Call(op, (kept,))
        return kept

    @property
    def bits(self) -> float:
        return sum(operation_bits(op, 1) for op in self.ops)


def of_kept(made: Bodies, conditions: Conditions, goal: Goal) -> Iterator[Valued]:
    """What numbers of what is kept, or an operation of two of them, give as the goal says."""
    if goal.kind != "number" or not len(conditions):
        return
    values = np.argsort(made.bits, kind="stable").tolist()
    for k in [k for k in values if not made.fixed[k] and not made.letter[k]][:_VALUES]:
        numbers = list(_numbers(made.elements, conditions, made.rows[k]))
        own = made.elements.own_bits + made.bits[k]
        for number in numbers:
            for c, none in _fitting(number.rows, conditions, goal):
                kept = made.elements.listed(made.exprs[k], conditions.expr(c))
                bits = own + conditions.bits[c] + number.bits
                yield _or_none(number.expr(kept), bits, kept, none, goal)
        for a, b in permutations(numbers, 2):
            for op in ARITHMETIC:
                if op in _SYMMETRIC and a.ops > b.ops:
                    continue
                function = OPERATIONS[op].columns
                assert function is not None
                with np.errstate(all="ignore"):
                    both = function(np, a.rows, b.rows)
                for c, none in _fitting(both, conditions, goal):
                    kept = made.elements.listed(made.exprs[k], conditions.expr(c))
                    bits = bits_of(op, [own + conditions.bits[c] + a.bits, b.bits + 4.0])
                    yield _or_none(Call(op, (a.expr(kept), b.expr(kept))), bits, kept, none, goal)


def _numbers(elements: Elements, conditions: Conditions, row: Numbers) -> Iterator[_Number]:
    filled = elements.lengths > 0
    starts = (np.cumsum(elements.lengths) - elements.lengths)[filled]
    for op, function, empty in (("maximum", np.maximum, -np.inf), ("minimum", np.minimum, np.inf)):
        rows = np.full(conditions.counts.shape, np.nan)
        masked = np.where(conditions.rows, row, empty)
        rows[:, filled] = function.reduceat(masked, starts, axis=1)
        yield _Number((op,), np.where(conditions.counts > 0, rows, np.nan))
    yield _Number(("length",), conditions.counts)
    yield _Number(("total",), conditions.rows @ (elements.sums * row[:, None]))
    kinds, place = np.unique(np.stack([elements.owner, row]), axis=1, return_inverse=True)
    kind = np.zeros((len(row), kinds.shape[1]), dtype=np.float32)
    kind[np.arange(len(row)), place.ravel()] = 1
    present = (conditions.rows.astype(np.float32) @ kind > 0).astype(np.float64)
    owners = np.zeros((kinds.shape[1], len(elements.lengths)))
    owners[np.arange(kinds.shape[1]), kinds[0].astype(np.int64)] = 1
    yield _Number(("distinct",), present @ owners)
    yield _Number(("unique", "total"), present @ (owners * kinds[1][:, None]))


def _fitting(rows: Numbers, conditions: Conditions, goal: Goal) -> Iterator[tuple[int, int | None]]:
    """Conditions of which a number is the goal, the shortest first, and what is it of nothing."""
    target = goal.row
    none = ~np.isfinite(rows)
    fit: npt.NDArray[np.int64] = np.flatnonzero((none | (rows == target)).all(axis=1))
    found = 0
    for c in fit.tolist():
        left = set(target[none[c]].tolist())
        if len(left) > 1 or none[c].all() or (conditions.counts[c, none[c]] > 0).any():
            continue
        yield c, int(left.pop()) if left else None
        found += 1
        if found == _FOUND:
            return


def _or_none(expr: Expr, bits: float, kept: Expr, none: int | None, goal: Goal) -> Valued:
    """The same with a number that stands for nothing kept, where there is one."""
    if none is not None:
        some = Call("ge", (Call("length", (kept,)), Const(1)))
        expr = If(some, expr, Const(none))
        asked = bits_of("ge", [bits_of("length", [4.0]), 2 + constant_bits(1)])
        bits += 4 + asked + 2 + constant_bits(none)
    return Valued(expr, "number", bits, goal.values)
