"""What comes of elements: lists of those kept or of what each becomes, how many, their sums.

What the goal needs is not tried blindly: which elements are kept follows from how long the answers
are, what each becomes from what stands there.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ....ir.code_length import operation_bits
from ....ir.expr import Call, Const, Expr, If, Var
from .bodies import ARITHMETIC, Bodies, Conditions, Truths, first_of_each
from .elements import Elements, regrouped
from .goal import Goal
from .last_steps import choices, pairs_of
from .valued import Numbers, Valued, bits_of, whole

_MASKS = 300
"""So many ways to keep elements as long as the answers are looked into."""
_DEEP = 12
"""For so many of them what each element becomes may be an operation of any two values."""
_CHOICES = 60
"""So many values are tried as one of two between which a condition chooses."""


def counts(conditions: Conditions, goal: Goal, most: int) -> Iterator[Valued]:
    """How many elements fulfil a condition, and whether any or all do: ``most``, and the goal."""
    elements = conditions.elements
    values = conditions.counts
    hit = np.zeros(len(conditions), dtype=bool)
    if goal.kind == "number":
        hit = (values == goal.row).all(axis=1)
        if goal.is_truth:
            hit |= ((values > 0) == goal.row).all(axis=1) | ((values == 0) == goal.row).all(axis=1)
    fresh = np.flatnonzero(conditions.fresh)
    first = fresh[first_of_each(values[fresh])] if len(fresh) else fresh
    chosen = np.union1d(first[:most], first[hit[first]]).tolist()
    own = Var(elements.names[0])
    for place in chosen:
        kept = elements.listed(own, conditions.expr(place))
        bits = bits_of("length", [elements.own_bits + conditions.bits[place] + 3.5])
        count = Call("length", (kept,))
        yield Valued(count, "number", bits, whole(values[place]))
        if (values[place] == 0).any() and (values[place] > 0).any():
            some = whole((values[place] > 0).astype(float))
            yield Valued(Call("ge", (count, Const(1))), "number", bits + 13.0, some)
            none = whole((values[place] == 0).astype(float))
            yield Valued(Call("eq", (count, Const(0))), "number", bits + 10.0, none)


def sums(made: Bodies, most: int) -> Iterator[Valued]:
    """Sums and extremes of what each element becomes."""
    elements, rows = made.elements, made.rows
    places = [k for k in _shortest(made) if not made.fixed[k] and made.fresh[k]]
    places = [k for k in places if not isinstance(made.exprs[k], Var)][:most]
    totals = rows[places] @ elements.sums
    ends = np.cumsum(elements.lengths)
    for k, total in zip(places, totals, strict=True):
        of = (elements.listed(made.exprs[k]),)
        bits = elements.own_bits + made.bits[k]
        yield Valued(Call("total", of), "number", bits_of("total", [bits]), whole(total))
        parts = [rows[k][e - n : e] for e, n in zip(ends, elements.lengths, strict=True)]
        for op, extreme in (("maximum", np.max), ("minimum", np.min)):
            row = np.array([extreme(part) if len(part) else np.nan for part in parts])
            yield Valued(Call(op, of), "number", bits_of(op, [bits]), whole(row))


def lists(
    made: Bodies, conditions: Conditions, most_values: int, most_kept: int
) -> Iterator[Valued]:
    """What each element becomes, and the elements that are kept: the shortest of both."""
    elements, rows = made.elements, made.rows
    lengths = elements.lengths.tolist()
    fit = [k for k in _shortest(made) if not made.fixed[k] and made.fresh[k]]
    several = len(elements.names) > 1
    fit = [k for k in fit if several or not isinstance(made.exprs[k], Var)][:most_values]
    for k in fit:
        flat = tuple(map(int, rows[k].tolist()))
        bits = elements.own_bits + made.bits[k]
        values = tuple(regrouped(flat, lengths))
        yield Valued(elements.listed(made.exprs[k]), "list", bits, values)
    for name, leaf in zip(elements.names, elements.leaves, strict=False):
        if leaf.expr != Var(name):
            continue
        for k in range(min(most_kept, len(conditions))):
            if not conditions.fresh[k] and not elements.is_new(leaf.expr):
                continue
            expr, bits = elements.listed(leaf.expr, conditions.expr(k)), conditions.bits[k]
            kept = conditions.rows[k]
            flat = tuple(map(int, leaf.row[kept].tolist()))
            values = tuple(regrouped(flat, conditions.counts[k].astype(int).tolist()))
            yield Valued(expr, "list", elements.own_bits + bits + leaf.bits, values)


def _shortest(made: Bodies) -> list[int]:
    return sorted(range(len(made)), key=lambda k: made.bits[k])


def _masks(
    elements: Elements, conditions: Conditions, goal: Goal
) -> Iterator[tuple[Expr, float, Truths]]:
    """Which elements may be kept: as many as the answers have."""
    lengths = goal.lengths
    if (lengths == elements.lengths).all():
        yield Const(1), 0.0, np.ones(len(elements.owner), dtype=bool)
    places = np.flatnonzero((conditions.counts == lengths).all(axis=1))
    for k in places[:_MASKS].tolist():
        yield conditions.expr(k), conditions.bits[k], conditions.rows[k]


def answers(made: Bodies, conditions: Conditions, goal: Goal) -> Iterator[Valued]:
    """Lists that are what the goal says: of numbers, or of rows of a few numbers each."""
    elements, rows = made.elements, made.rows
    if goal.kind == "list":
        columns = goal.flat[None]
    elif goal.kind == "rows" and goal.width:
        columns = goal.columns
    else:
        return
    for number, (condition, bits, mask) in enumerate(_masks(elements, conditions, goal)):
        kept = rows[:, mask]
        found: list[tuple[float, Expr]] = []
        for column in columns:
            best = _best(made, kept, column, deep=number < _DEEP)
            if best is None and condition == Const(1):
                best = _chosen(made, conditions, column)
            if best is None:
                break
            found.append(best)
        if len(found) < len(columns):
            continue
        told = bits + elements.own_bits + sum(one[0] for one in found)
        if goal.kind == "list":
            yield Valued(elements.listed(found[0][1], condition), "list", told, goal.values)
        else:
            exprs = tuple(one[1] for one in found)
            value = Call("list", exprs) if len(exprs) > 1 else Call("single", exprs)
            told += bits_of("list", [0.0] * len(exprs))
            yield Valued(elements.listed(value, condition), "rows", told, goal.values)


def _best(
    made: Bodies, kept: Numbers, column: Numbers, deep: bool
) -> tuple[float, Expr] | None:
    """The shortest value that is what is wanted; with ``deep`` also an operation of two."""
    places = np.flatnonzero((kept == column).all(axis=1)).tolist()
    if places:
        k = min(places, key=lambda k: made.bits[k])
        return made.bits[k], made.exprs[k]
    if not deep or not len(column):
        return None
    bits = np.array(made.bits)
    best: tuple[float, Expr] | None = None
    for op in ARITHMETIC:
        pairs = pairs_of(op, kept, column)
        if not len(pairs):
            continue
        both = bits[pairs].sum(axis=1)
        i, j = pairs[both.argmin()].tolist()
        own = float(both.min()) + operation_bits(op, 2)
        if best is None or own < best[0]:
            best = (own, Call(op, (made.exprs[i], made.exprs[j])))
    return best


def _chosen(
    made: Bodies, conditions: Conditions, column: Numbers
) -> tuple[float, Expr] | None:
    """The shortest choice between two values by a condition."""
    equal = made.rows == column
    some = np.flatnonzero(equal.any(axis=1)).tolist()
    order = sorted(some, key=lambda k: (-int(equal[k].sum()), k))[:_CHOICES]
    if len(order) < 2 or not equal[order].any(axis=0).all():
        return None
    bits = np.array([made.bits[k] for k in order])
    told = np.array(conditions.bits) + 4
    for own, c, a, b in choices(conditions.rows, told, equal[order], bits, 1):
        return own, If(conditions.expr(c), made.exprs[order[a]], made.exprs[order[b]])
    return None
