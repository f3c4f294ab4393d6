"""Sets of a few values of which an element is one: which they are follows from the answers.

The fewest values with which the answers come out are an integer program (HiGHS, through SciPy).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from ....ir.code_length import constant_bits
from ....ir.expr import Call, Const, Var
from .elements import Elements, regrouped
from .facts import Fact
from .goal import Goal
from .valued import Numbers, Valued, bits_of

_VALUES = range(3, 41)
"""So many different values that elements have are looked at."""
_NODES = 500  # of branch and bound: a bound on work, not on time


def memberships(elements: Elements, goal: Goal) -> Iterator[tuple[Fact, tuple[int, ...]]]:
    """What is known of an element, and values of which it may be one.

    How many elements are among the values is the answer, or how many an answer has; or an answer is
    whether any is; or they come first in an answer, and the others after them.
    """
    for leaf in elements.leaves:
        if not isinstance(leaf.expr, Var) or leaf.sort == "place":
            continue
        seen = np.unique(leaf.row)
        if len(seen) not in _VALUES or not elements.is_new(leaf.expr):
            continue
        sets = [*_sets(_times(elements, leaf, seen), seen, goal), *_first(elements, leaf, goal)]
        for values in dict.fromkeys(sets):
            yield leaf, values


def among(numbers: Sequence[Valued], goal: Goal) -> Iterator[Valued]:
    """Truths that say whether a letter or an element at a place is one of a few values."""
    if not goal.is_truth:
        return
    for one in numbers:
        if one.sort not in ("letter", "element") or not one.is_everywhere:
            continue
        if len(set(one.values)) not in _VALUES:
            continue
        known = set(zip(one.values, goal.values, strict=True))
        no, yes = ({v for v, answer in known if answer == k} for k in (0, 1))
        for op, own in (("in", yes), ("notin", no)):
            if len(own) > 1 and not yes & no:
                values = tuple(sorted(own))
                expr = Call(op, (one.expr, Const(values)))
                bits = bits_of(op, [one.bits, 2 + constant_bits(values)])
                yield Valued(expr, "number", bits, goal.values, "truth")


def _times(elements: Elements, leaf: Fact, seen: Numbers) -> Numbers:
    """How often each value is among the elements of each example."""
    return np.stack([(leaf.row == value) @ elements.sums for value in seen], axis=1)


def _sets(times: Numbers, seen: Numbers, goal: Goal) -> Iterator[tuple[int, ...]]:
    """Values of which as many are among the elements as is wanted, or any where that is wanted."""
    lengths = times.sum(axis=1)
    wanted = goal.row if goal.kind == "number" else goal.lengths
    if ((wanted >= 0) & (wanted <= lengths)).all():
        for row in (wanted, lengths - wanted):
            yield from _fewest(times, seen, row, row)
    if goal.is_truth:
        for row in (goal.row, 1 - goal.row):
            highest = np.where(row == 1, np.inf, 0)
            yield from _fewest(times, seen, row, highest)


def _first(elements: Elements, leaf: Fact, goal: Goal) -> Iterator[tuple[int, ...]]:
    """Values that come first in each answer, in the order they are in, and then all others."""
    if goal.kind != "list" or not np.array_equal(elements.lengths, goal.lengths):
        return
    first: set[int] = set()
    last: set[int] = set()
    alike = []  # which are as they were
    rows, lengths = leaf.row.astype(int).tolist(), goal.lengths.astype(int).tolist()
    lists: Iterator[Any] = regrouped(rows, lengths)
    for own, answer in zip(lists, goal.values, strict=True):
        if own == answer:
            alike.append(own)
            continue
        start = _descent(own, answer)
        if start is None:
            return
        first.update(answer[:start])
        last.update(answer[start:])
    before = -1
    while before != (before := len(first) + len(last)):
        for own in alike:
            for k, value in enumerate(own):
                if value in last:
                    last.update(own[k:])
                if value in first:
                    first.update(own[: k + 1])
    if len(first) > 1 and not first & last:
        yield tuple(sorted(first))


def _descent(own: tuple[int, ...], answer: tuple[int, ...]) -> int | None:
    """Where the second part of an answer begins, if it has two, each in the order of ``own``."""
    if sorted(own) != sorted(answer):
        return None
    places: dict[int, deque[int]] = defaultdict(deque)
    for k, value in enumerate(own):
        places[value].append(k)
    order = [places[value].popleft() for value in answer]
    starts = [k for k in range(1, len(order)) if order[k] < order[k - 1]]
    return starts[0] if len(starts) == 1 else None


def _fewest(
    times: Numbers, seen: Numbers, low: Numbers, high: Numbers
) -> Iterator[tuple[int, ...]]:
    """The fewest values of which between ``low`` and ``high`` are in each example; none or one."""
    solution = milp(
        np.ones(len(seen)) + np.arange(len(seen)) / 1000,  # of as few the first
        constraints=LinearConstraint(times, low, high),
        integrality=np.ones(len(seen)),
        bounds=Bounds(0, 1),
        options={"node_limit": _NODES},
    )
    if solution.x is not None:
        chosen = np.round(solution.x) == 1
        count = times @ chosen
        if chosen.sum() > 1 and (low <= count).all() and (count <= high).all():
            yield tuple(seen[chosen].astype(int).tolist())
