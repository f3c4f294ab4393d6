"""Numbers of elements that are kept: extremes, counts and sums of different ones, and two of them.

Or the element itself at which something is largest. All conditions are tried at once. Where nothing
is kept the answer is one number, if there is any.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
import numpy.typing as npt

from ....ir.code_length import constant_bits, operation_bits
from ....ir.expr import Call, Const, Expr, If, Var
from ....ir.ops import OPERATIONS
from .bodies import Bodies, Conditions
from .elements import ALWAYS, Elements
from .goal import Goal
from .valued import Numbers, Valued, bits_of

_VALUES = 4
"""So many values that elements become, the shortest, are looked at."""
_FOUND = 2
_FIRST = 2
"""So many examples rule out nearly all."""
_PAIRED = ("add", "sub", "mul", "floordiv", "mod")
_SYMMETRIC = frozenset(["add", "mul"])


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
    """What numbers of what is kept, or an operation of two of them, give as the goal says.

    Nothing is kept of an empty list alone where no condition is needed.
    """
    if goal.kind == "number":
        for own in (conditions.none(), conditions):
            if len(own):
                yield from _of_kept(made, own, goal)


def _of_kept(made: Bodies, conditions: Conditions, goal: Goal) -> Iterator[Valued]:
    values = [k for k in made.shortest_first() if not made.fixed[k] and not made.letter[k]][
        :_VALUES
    ]
    for k in values:
        numbers = list(_numbers(made.elements, conditions, made.rows[k]))
        own = made.elements.own_bits + made.bits[k]
        for number in numbers:
            places = _places(number.rows, goal)
            for c, none in _fitting(number.rows[places], places, conditions, goal):
                kept = _kept(made.elements, made.exprs[k], conditions.expr(c))
                bits = own + conditions.bits[c] + number.bits
                yield _or_none(number.expr(kept), bits, kept, none, goal)
        for op, (a, b) in product(_PAIRED, permutations(numbers, 2) if k in values[:2] else ()):
            if op not in _SYMMETRIC or a.ops < b.ops:
                for c, none in _of_two(op, a.rows, b.rows, conditions, goal):
                    kept = _kept(made.elements, made.exprs[k], conditions.expr(c))
                    bits = bits_of(op, [own + conditions.bits[c] + a.bits, b.bits + 4.0])
                    yield _or_none(Call(op, (a.expr(kept), b.expr(kept))), bits, kept, none, goal)


def _kept(elements: Elements, value: Expr, condition: Expr) -> Expr:
    """The list of what is kept: of all elements as they are the list itself."""
    whole = condition == ALWAYS and elements.names == (getattr(value, "name", None),)
    return elements.over if whole else elements.listed(value, condition)


def _of_two(
    op: str, one: Numbers, other: Numbers, conditions: Conditions, goal: Goal
) -> Iterator[tuple[int, int | None]]:
    """Conditions of which an operation of two numbers is the goal: few examples are tried first."""
    function = OPERATIONS[op].columns
    assert function is not None
    with np.errstate(all="ignore"):
        few = function(np, one[:, :_FIRST], other[:, :_FIRST])
        places = _places(few, goal)
        if len(places):
            yield from _fitting(function(np, one[places], other[places]), places, conditions, goal)


def _places(rows: Numbers, goal: Goal) -> npt.NDArray[np.int64]:
    """Conditions that are right on the first examples, or have no value there."""
    right = (rows == goal.row[: rows.shape[1]]) | ~np.isfinite(rows)
    places: npt.NDArray[np.int64] = np.flatnonzero(right.all(axis=1))
    return places


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


def _fitting(
    rows: Numbers, places: npt.NDArray[np.int64], conditions: Conditions, goal: Goal
) -> Iterator[tuple[int, int | None]]:
    """Conditions of which a number is the goal, the shortest first, and what is it of nothing.

    ``rows`` are the numbers of the conditions at these places.
    """
    target, count = goal.row, 0
    without = ~np.isfinite(rows)
    fit = (without | (rows == target)).all(axis=1) & ~without.all(axis=1)
    for c, none in zip(places[fit].tolist(), without[fit], strict=True):
        left = set(target[none].tolist())
        if len(left) > 1 or (conditions.counts[c, none] > 0).any():
            continue
        yield c, int(left.pop()) if left else None
        count += 1
        if count == _FOUND:
            return


def of_largest(made: Bodies, goal: Goal) -> Iterator[Valued]:
    """The first element at which what it becomes is largest or smallest, where that is the goal."""
    elements = made.elements
    own = Var(elements.names[-1])
    leaf = next((one for one in elements.leaves if one.expr == own), None)
    if goal.kind != "number" or len(elements.names) > 1 or elements.outer or leaf is None:
        return
    ends = np.cumsum(elements.lengths)
    spans = list(zip(ends - elements.lengths, ends, goal.row, strict=True))
    if not elements.lengths.all():
        return
    rows = made.rows
    every = [k for k in made.shortest_first() if not (made.fixed[k] or made.letter[k])]
    for op, place_of in (("maximum", np.argmax), ("minimum", np.argmin)):
        left = np.array([k for k in every if made.exprs[k] != own], dtype=np.int64)
        for start, end, answer in spans:
            places = start + place_of(rows[left, start:end], axis=1)
            left = left[leaf.row[places] == answer]
            if not len(left):
                break
        for k in left[:_FOUND].tolist():
            by = elements.listed(made.exprs[k])
            place = Call("position", (by, Call(op, (by,))))
            bits = bits_of("position", [elements.own_bits + made.bits[k], bits_of(op, [4.0])])
            bits = bits_of("item", [elements.bits, bits])
            yield Valued(Call("item", (elements.over, place)), "number", bits, goal.values)


def _or_none(expr: Expr, bits: float, kept: Expr, none: int | None, goal: Goal) -> Valued:
    """The same with a number that stands for nothing kept, where there is one."""
    if none is not None:
        some = Call("ge", (Call("length", (kept,)), Const(1)))
        expr = If(some, expr, Const(none))
        test_bits = bits_of("ge", [bits_of("length", [4.0]), 2 + constant_bits(1)])
        bits += 4 + test_bits + 2 + constant_bits(none)
    return Valued(expr, "number", bits, goal.values)
