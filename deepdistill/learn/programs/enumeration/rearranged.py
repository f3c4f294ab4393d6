"""Answers that last operations make of elements that are kept: in order, without repeats, a part.

Which elements may be kept follows from the answers: what is only put in order, or told once, keeps
no element that the answer does not have. All conditions are tried so, long ones too, before any
list is made of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from ....ir.code_length import constant_bits
from ....ir.expr import Call, Const, Expr
from ....ir.ops import OPERATIONS
from .bodies import Bodies, Conditions, Truths
from .elements import ALWAYS, regrouped
from .goal import Goal
from .valued import Numbers, Valued, bits_of

_VALUES = 12
"""So many values that elements become, the shortest, are arranged of each that is kept."""
_LISTS = 40
"""So many lists, of the shortest conditions that fit, are made for each of them,"""
_FOUND = 2
"""and so many answers are enough."""
_LONGEST = 9
"""A part has at most so many elements."""


@dataclass(frozen=True, slots=True)
class LastOperations:
    """What is done to a list at the end, the innermost first, and how many of it are left then."""

    ops: tuple[tuple[str, *tuple[int, ...]], ...]
    left: int | None = None

    def value(self, array: Any) -> tuple[int, ...]:
        for op, *more in self.ops:
            array = OPERATIONS[op].function(array, *more)
        return tuple(array)

    def expr(self, of: Expr) -> Expr:
        for op, *more in self.ops:
            of = Call(op, (of, *map(Const, more)))
        return of

    def bits(self, own: float) -> float:
        for op, *more in self.ops:
            own = bits_of(op, [own, *(2 + constant_bits(value) for value in more)])
        return own

    def may_give(self, goal: Goal) -> bool:
        """Whether the answers could be what is made: in order, without repeats."""
        turned = self.ops[-1][0] == "reversed"
        answers = [answer[::-1] if turned else answer for answer in goal.values]
        given = zip(answers, goal.values, strict=True)
        return self.left is not None or all(self.value(one) == answer for one, answer in given)

    @property
    def leaves_out(self) -> bool:
        """Whether an answer need not have all that is kept."""
        return self.left is not None or self.ops[0][0] in _RUNNING

    def fit(self, counts: Any, goal: Goal) -> Any:
        """Of which conditions as many elements are kept as the answers need."""
        if self.left is not None:
            return (np.minimum(counts, self.left) == goal.lengths).all(axis=1)
        once = ("unique",) in self.ops
        return (counts >= goal.lengths if once else counts == goal.lengths).all(axis=1)


_SORTED, _UNIQUE, _REVERSED = ("sorted",), ("unique",), ("reversed",)
_ARRANGED = (
    (_SORTED,),
    (_UNIQUE,),
    (_REVERSED,),
    (_UNIQUE, _SORTED),
    (_SORTED, _REVERSED),
    (_UNIQUE, _REVERSED),
    (_UNIQUE, _SORTED, _REVERSED),
    (("running_maximum",),),
    (("running_minimum",),),
)
_RUNNING = frozenset(["running_maximum", "running_minimum"])
"""What leaves out numbers that are there."""


def _ends(goal: Goal) -> Iterator[LastOperations]:
    """What may be done at the end so that the answers are left."""
    yield from (end for end in map(LastOperations, _ARRANGED) if end.may_give(goal))
    most = int(goal.lengths.max())
    if most <= _LONGEST and sum(len(answer) == most for answer in goal.values) > 1:
        first, last = ("prefix", most), ("suffix", -most)
        for ops in ((first,), (last,), (_SORTED, first), (_SORTED, _REVERSED, first)):
            yield LastOperations(ops, most)


def rearranged(made: Bodies, conditions: Conditions, goal: Goal) -> Iterator[Valued]:
    """Lists that are the goal, in another order, without repeats, or the first or last of them."""
    elements = made.elements
    if goal.kind != "list" or elements.outer is not None or not len(goal.flat):
        return
    every = np.ones((1, len(elements.owner)), dtype=bool)
    rows = np.concatenate([every, conditions.rows])
    counts = np.concatenate([elements.lengths[None], conditions.counts])
    fits = [(end, fit) for end in _ends(goal) if (fit := end.fit(counts, goal)).any()]
    values = made.shortest_first() if fits else []
    own = _in_answers(made, goal)
    for number, k in enumerate(k for k in values if not made.fixed[k]):
        several = number < _VALUES
        if not several and not own[k].all():
            continue
        inside = np.atleast_1d(~(rows[: None if several else 1] & ~own[k]).any(axis=1))
        for end, fit in fits:
            if made.letter[k] and end.ops[0][0] in _RUNNING:
                continue  # letters are sorted, but none is the largest so far
            near = fit[: len(inside)]
            masks = np.flatnonzero(near if end.leaves_out else near & inside)[:_LISTS]
            hits = (c for c in masks.tolist() if _are(made.rows[k][rows[c]], counts[c], end, goal))
            for c in islice(hits, _FOUND):
                condition = conditions.expr(c - 1) if c else ALWAYS
                bits = elements.own_bits + made.bits[k] + (conditions.bits[c - 1] if c else 0.0)
                kept = elements.listed(made.exprs[k], condition)
                yield Valued(end.expr(kept), "list", end.bits(bits), goal.values)


def _in_answers(made: Bodies, goal: Goal) -> Truths:
    """For each value, which elements become a number that the answer of their example has."""
    count = len(goal.values)
    answers = [x * count + k for k, answer in enumerate(goal.values) for x in set(answer)]
    codes = made.rows.astype(np.int64) * count + made.elements.owner
    return np.isin(codes, np.array(answers, dtype=np.int64))


def _are(kept: Numbers, counts: Numbers, end: LastOperations, goal: Goal) -> bool:
    """Whether the answers are what is made of what is kept, so many in each example."""
    lists = regrouped(kept.astype(int).tolist(), counts.astype(int).tolist())
    return all(end.value(own) == answer for own, answer in zip(lists, goal.values, strict=True))
