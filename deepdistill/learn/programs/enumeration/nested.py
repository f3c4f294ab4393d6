"""Loops in loops: each element with each of another list, sums gathered by place, digits carried.

What two elements give is computed for all pairs of them at once. Sums of it that belong to one
place each, as ``i + j`` of a product, follow from the answers; so do digits of which what is too
large goes on to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ....ir.code_length import constant_bits
from ....ir.expr import Call, Const, Expr, Listed, Var, uses
from .bodies import Bodies
from .elements import Elements, elements_of
from .goal import Goal
from .last_steps import pairs_of
from .valued import KnownValues, Numbers, Valued, Values, applied, bits_of, constant, matrix

_MOST = 4000
"""So many pairs of elements are looked at, in all examples together."""
_LONGEST = 20
"""So many places below an element are looked at."""
_GATHERED = 60
"""So many values of a pair are summed, the shortest,"""
_PLACES = 16
"""by so many places."""
_BASES = (2, 10, 100)
_SUMMED = 60
"""So many numbers, the shortest, are added for the length of the answers."""


def each_with_each(
    first: Valued, second: Valued, names: Sequence[str], places: Sequence[str]
) -> Elements | None:
    """The elements of one list, each with all of another, and their places."""
    x, y, (i, j) = names[0], names[1], places
    items = [
        [(u, v, a, b) for a, u in enumerate(own) for b, v in enumerate(other)]
        for own, other in zip(first.values, second.values, strict=True)
    ]
    over = Call("enumerate", (second.expr,))
    shape = tuple(
        tuple((0,) * len(other) for _ in own)
        for own, other in zip(first.values, second.values, strict=True)
    )
    bits = first.bits + second.bits + 20.0
    return _pairs(over, bits, (j, y), (x, y, i, j), items, ((i, x), first.expr), shape)


def each_with_later(one: Valued, names: Sequence[str], places: Sequence[str]) -> Elements | None:
    """The elements of a list, each with all that stand after it."""
    x, y, i = names[0], names[1], places[0]
    items = [[(v, u, a) for a, u in enumerate(own) for v in own[a + 1 :]] for own in one.values]
    over = Call("suffix", (one.expr, Call("add", (Var(i), Const(1)))))
    return _pairs(over, one.bits + 45.0, (y,), (y, x, i), items, ((i, x), one.expr), None)


def each_with_places(
    one: Valued, names: Sequence[str], places: Sequence[str]
) -> Iterator[Elements | None]:
    """The elements of a list, each with all places below it, or up to its own place."""
    x, k, i = names[0], names[4], places[0]
    for end in (Var(x), Call("add", (Var(i), Const(1)))):
        counts = [own if end == Var(x) else range(1, len(own) + 1) for own in one.values]
        if any(not 0 <= n <= _LONGEST for own in counts for n in own):
            continue
        items = [
            [(j, u, a) for a, (u, n) in enumerate(zip(own, below, strict=True)) for j in range(n)]
            for own, below in zip(one.values, counts, strict=True)
        ]
        over = Call("range", (end,))
        yield _pairs(over, one.bits + 25.0, (k,), (k, x, i), items, ((i, x), one.expr), None)


def _pairs(
    over: Expr,
    bits: float,
    own: tuple[str, ...],
    known: tuple[str, ...],
    items: Sequence[Sequence[tuple[int, ...]]],
    outer: tuple[tuple[str, str], Expr],
    shape: tuple[tuple[tuple[int, ...], ...], ...] | None,
) -> Elements | None:
    made = (
        elements_of(over, bits, known, items, own[-1:]) if sum(map(len, items)) <= _MOST else None
    )
    if made is None:
        return None
    places = (Var(own[0]), Var(outer[0][0]))
    leaves = tuple(replace(x, sort="place") if x.expr in places else x for x in made.leaves)
    return replace(made, names=own, leaves=leaves, outer=outer, shape=shape)


def gathered(made: Bodies, goal: Goal, bank: KnownValues, names: Sequence[str]) -> Iterator[Valued]:
    """Lists of sums: at each place those of the pairs that belong there, or their digits."""
    elements = made.elements
    if goal.kind != "list" or elements.outer is None:
        return
    size = _size(tuple(map(len, goal.values)), bank)
    longest = max(map(len, goal.values))
    if size is None or not longest:
        return
    order = sorted(range(len(made)), key=lambda k: made.bits[k])
    whole = made.rows[order]
    values = [k for k in range(len(order)) if made.fresh[order[k]]][:_GATHERED]
    inside = [
        k
        for k in range(len(order))
        if whole[k].min() >= 0 and whole[k].max() < longest and _uses_both(made, order[k])
    ][:_PLACES]
    starts, bases = elements.owner * longest, _bases(goal)
    for place in inside:
        at = (starts + whole[place]).astype(np.int64)
        for value in values:
            cells = np.bincount(at, whole[value], len(goal.values) * longest)
            sums: Numbers = cells.reshape(len(goal.values), longest).astype(np.float64)
            for base in (0, *bases) if sums.min() >= 0 else (0,):
                if not _matches(sums, base, goal):
                    continue
                p, v = order[place], order[value]
                test = Call("eq", (made.exprs[p], Var(names[4])))
                total = Call("total", (elements.listed(made.exprs[v], test),))
                listed = Listed((names[4],), Call("range", (size.expr,)), total)
                bits = elements.own_bits + made.bits[p] + made.bits[v] + size.bits + 30.0
                yield _valued(listed, bits, base, goal)


def _size(lengths: Values, bank: KnownValues) -> Valued | None:
    """How long the answers are: a number, the sum of two, or one more or less than that."""
    if (number := bank.get("number", lengths)) is not None:
        return number
    numbers = [one for one in bank.of("number")[:_SUMMED] if one.is_everywhere]
    rows, one = matrix(numbers), constant(1, len(lengths))
    for step, op in ((0, ""), (1, "sub"), (-1, "add")):
        target = np.array(lengths, dtype=np.float64) + step
        places = pairs_of("add", rows, target).tolist() if numbers else []
        if places:
            i, j = min(places, key=lambda pair: numbers[pair[0]].bits + numbers[pair[1]].bits)
            values = tuple(n + step for n in lengths)
            both = applied("add", "number", (numbers[i], numbers[j]), values)
            return applied(op, "number", (both, one), lengths) if op else both
    return None


def _uses_both(made: Bodies, k: int) -> bool:
    """Whether a value tells of both elements: of two places, that is."""
    elements = made.elements
    assert elements.outer is not None
    (i, _), _ = elements.outer
    return uses(made.exprs[k], i) and uses(made.exprs[k], elements.names[0])


def _valued(listed: Expr, bits: float, base: int, goal: Goal) -> Valued:
    if not base:
        return Valued(listed, "list", bits, goal.values)
    cost = bits_of("carried", [bits, 2 + constant_bits(base)])
    return Valued(Call("carried", (listed, Const(base))), "list", cost, goal.values)


def _bases(goal: Goal) -> list[int]:
    """Bases in which the answers may be digits."""
    digits = goal.flat
    if not len(digits) or digits.min() < 0:
        return []
    return [base for base in _BASES if digits.max() < base <= 10 * digits.max() + 1]


def _matches(sums: Numbers, base: int, goal: Goal) -> bool:
    """Whether each answer is the beginning of a row, or its digits; nothing is left after it."""
    for row, answer in zip(sums, goal.values, strict=True):
        if row[len(answer) :].any():
            return False
        carry = 0
        for total, digit in zip(row[: len(answer)], answer, strict=True):
            carry += int(total)
            if (carry % base if base else carry) != digit:
                return False
            carry = carry // base if base else 0
    return True


def carried(made: Bodies, goal: Goal) -> Iterator[Valued]:
    """Digits of what each element becomes: what is too large is added to the next one."""
    elements = made.elements
    lengths = elements.lengths
    if goal.kind != "list" or elements.outer is not None or not len(goal.flat):
        return
    more = goal.lengths - lengths
    if not ((more == 0).all() or (more == 1).all()):
        return
    rows = made.rows
    starts = np.cumsum(lengths) - lengths
    for base in _bases(goal):
        left = np.flatnonzero((rows >= 0).all(axis=1))
        for start, length, answer in zip(starts, lengths, goal.values, strict=True):
            carry = np.zeros(len(left))
            fit = np.ones(len(left), dtype=bool)
            for k in range(length):
                carry = carry + rows[left, start + k]
                fit &= carry % base == answer[k]
                carry //= base
            if more[0] == 1:
                fit &= carry == answer[-1]
            left = left[fit]
            if not len(left):
                break
        if len(left):
            k = min(left.tolist(), key=lambda place: made.bits[place])
            listed, bits = elements.listed(made.exprs[k]), elements.own_bits + made.bits[k]
            if more[0] == 1:
                listed = Call("joined", (listed, Call("single", (Const(0),))))
                bits += 20.0
            yield _valued(listed, bits, base, goal)
