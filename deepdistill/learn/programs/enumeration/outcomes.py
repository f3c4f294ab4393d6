"""What comes of elements: lists of those kept or of what each becomes, how many, their sums.

What the goal needs is not tried blindly: which elements are kept follows from how long the answers
are, what each becomes from what stands there.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ....ir.code_length import constant_bits, operation_bits
from ....ir.expr import Call, Const, Expr, If, Var
from .bodies import ARITHMETIC, Bodies, Conditions, Truths, first_of_each
from .elements import Elements, regrouped
from .facts import Fact
from .goal import Goal
from .last_steps import choices, pairs_of
from .valued import Numbers, Valued, bits_of, whole

_MASKS = 300
"""So many ways to keep elements as long as the answers are looked into."""
_DEEP = 12
"""For so many of them what each element becomes may be an operation of any two values."""
_SUMMED = 150
_VALUES = 12
_LOOKED_UP = 4
_KEPT, _OTHERS = 3, 2  # entries that are their own places, at least, and others, at most
_ENTRIES = 12
_CHOICES = 60
"""So many values are tried as one of two between which a condition chooses."""
_SIGN = 12.0  # bits of a choice between a value and what takes it away
_PARTS = 24
"""So many conditions are tried as the first of two."""


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
    own = Var(elements.names[-1])
    for place in chosen:
        kept = elements.listed(own, conditions.expr(place))
        bits = bits_of("length", [elements.own_bits + conditions.bits[place] + 3.5])
        count = Call("length", (kept,))
        yield Valued(count, "number", bits, whole(values[place]), "place")
        if (values[place] == 0).any() and (values[place] > 0).any():
            some = whole((values[place] > 0).astype(float))
            yield Valued(Call("ge", (count, Const(1))), "number", bits + 13.0, some, "truth")
            none = whole((values[place] == 0).astype(float))
            yield Valued(Call("eq", (count, Const(0))), "number", bits + 10.0, none, "truth")


def sums(made: Bodies, most: int) -> Iterator[Valued]:
    """Sums and extremes of what each element becomes."""
    elements, rows = made.elements, made.rows
    places = [k for k in made.shortest_first() if not made.fixed[k] and made.fresh[k]]
    places = [k for k in places if not isinstance(made.exprs[k], Var) and not made.letter[k]][:most]
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
    fit = [k for k in made.shortest_first() if not made.fixed[k] and made.fresh[k]]
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
            if conditions.fresh[k] or elements.is_new(leaf.expr):
                yield _kept(conditions, k, leaf)


def kept_lists(made: Bodies, conditions: Conditions, most: int) -> Iterator[Valued]:
    """The elements that are kept, by conditions of many kinds."""
    for k in conditions.varied(most):
        yield _kept(conditions, k, made.elements.leaves[0])


def _kept(conditions: Conditions, k: int, leaf: Fact) -> Valued:
    elements, kept = conditions.elements, conditions.rows[k]
    flat = tuple(map(int, leaf.row[kept].tolist()))
    values = tuple(regrouped(flat, conditions.counts[k].astype(int).tolist()))
    bits = elements.own_bits + leaf.bits + conditions.bits[k]
    expr = elements.listed(leaf.expr, conditions.expr(k))
    return Valued(expr, "list", bits, values, leaf.sort)


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


def answers(
    made: Bodies, conditions: Conditions, goal: Goal, deep: bool = False
) -> Iterator[Valued]:
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
        parts: list[tuple[float, Expr]] = []
        for column in columns:
            best = _best(made, kept, column, deep=number < _DEEP)
            if best is None and condition == Const(1):
                best = _chosen(made, conditions, column, deep)
            if best is None:
                break
            parts.append(best)
        if len(parts) < len(columns):
            continue
        cost = bits + elements.own_bits + sum(one[0] for one in parts)
        if goal.kind == "list":
            yield Valued(elements.listed(parts[0][1], condition), "list", cost, goal.values)
        else:
            exprs = tuple(one[1] for one in parts)
            value = Call("list", exprs) if len(exprs) > 1 else Call("single", exprs)
            cost += bits_of("list", [0.0] * len(exprs))
            yield Valued(elements.listed(value, condition), "rows", cost, goal.values)


def flat(rows: Valued) -> Valued:
    """The rows one after the other in one list."""
    values = tuple(tuple(x for row in own for x in row) for own in rows.values)
    return Valued(Call("flat", (rows.expr,)), "list", bits_of("flat", [rows.bits]), values)


def _best(made: Bodies, kept: Numbers, column: Numbers, deep: bool) -> tuple[float, Expr] | None:
    """The shortest value that is what is wanted; with ``deep`` also an operation of two."""
    plain = made.shortest(kept, column)
    if plain is not None or not deep or not len(column):
        return plain
    bits = np.array(made.bits)
    best = _looked_up(made, kept, column)
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


def _looked_up(made: Bodies, kept: Numbers, column: Numbers) -> tuple[float, Expr] | None:
    """An entry of a table at the place that an element is, where that tells each answer."""
    best: tuple[float, Expr] | None = None
    for k in range(min(len(made), _LOOKED_UP)):
        row = kept[k]
        low, high = row.min(), row.max()
        if made.fixed[k] or low < 0 or not 1 <= high <= _ENTRIES:
            continue
        held = [np.unique(column[row == place]) for place in range(int(high) + 1)]
        if any(len(one) != 1 for one in held):
            continue
        table = tuple(int(one[0]) for one in held)
        bits = made.bits[k] + bits_of("item", [2 + constant_bits(table)])
        if best is None or bits < best[0]:
            best = (bits, _entry(table, made.exprs[k]))
    return best


def _entry(table: tuple[int, ...], place: Expr) -> Expr:
    """The entry of a table; the place itself but for a few where that is what most are.

    So it holds for numbers that no entry is shown for.
    """
    others = [(k, entry) for k, entry in enumerate(table) if entry != k]
    if len(others) > _OTHERS or len(table) - len(others) < _KEPT:
        return Call("item", (Const(table), place))
    result = place
    for k, entry in reversed(others):
        result = If(Call("eq", (place, Const(k))), Const(entry), result)
    return result


def _chosen(
    made: Bodies, conditions: Conditions, column: Numbers, deep: bool = False
) -> tuple[float, Expr] | None:
    """The shortest choice between two values by a condition; with ``deep`` among three by two."""
    others = list(_opposites(made)) if set(column.tolist()) <= {0.0, 1.0} else []
    exprs, all_bits = [*made.exprs, *(one.expr for one in others)], [*made.bits]
    all_bits += [one.bits for one in others]
    equal = np.concatenate([made.rows, *(one.row[None] for one in others)]) == column
    some = np.flatnonzero(equal.any(axis=1)).tolist()

    def rank(k: int) -> tuple[bool, int, int]:
        # a new colour may be the answer of few
        return not isinstance(exprs[k], Const), -int(equal[k].sum()), k

    order = sorted(some, key=rank)[:_CHOICES]
    if len(order) < 2 or not equal[order].any(axis=0).all():
        return None
    bits = np.array([all_bits[k] for k in order])
    costs = np.array(conditions.bits) + 4
    for own, c, a, b in choices(conditions.rows, costs, equal[order], bits, 1):
        return own, If(conditions.expr(c), exprs[order[a]], exprs[order[b]])
    best: tuple[float, Expr] | None = None
    for c, a in _first_parts(conditions, equal[order]) if deep else ():
        left = ~conditions.rows[c]
        for own, d, v, w in choices(
            conditions.rows[:, left], costs, equal[order][:, left], bits, 1
        ):
            own += costs[c] + bits[a]
            if best is None or own < best[0]:
                rest = If(conditions.expr(d), exprs[order[v]], exprs[order[w]])
                best = own, If(conditions.expr(c), exprs[order[a]], rest)
    return best


def _opposites(made: Bodies) -> Iterator[Fact]:
    """What is known of elements by 0 or 1, the other way round."""
    for leaf in made.elements.leaves:
        if set(leaf.row.tolist()) == {0.0, 1.0} and made.place(1 - leaf.row) is None:
            expr = Call("sub", (Const(1), leaf.expr))
            yield Fact(
                expr, leaf.bits + operation_bits("sub", 2) + 2 + constant_bits(1), 1 - leaf.row
            )


def _first_parts(conditions: Conditions, equal: Truths) -> list[tuple[int, int]]:
    """Conditions wherever which a value is right: those that hold most often, and the value."""
    wrong = (~equal).T.astype(np.float32)
    fits = conditions.rows.astype(np.float32) @ wrong == 0
    held = np.where(fits.any(axis=1), conditions.rows.sum(axis=1), 0)
    order = np.argsort(-held, kind="stable")[:_PARTS]
    return [(int(c), int(fits[c].argmax())) for c in order if held[c]]


def masked_sums(made: Bodies, conditions: Conditions, goal: Goal) -> Iterator[Valued]:
    """Sums of what all elements, or those that are kept, become, where they are the goal.

    Of the shortest conditions any value is summed, of all others the shortest values.
    """
    if goal.kind != "number":
        return
    elements, rows, target = made.elements, made.rows, goal.row
    places = [k for k in made.shortest_first() if not made.letter[k]]
    every = (rows @ elements.sums == target).all(axis=1)
    for k in [k for k in places if every[k]][:_ENTRIES]:
        bits = bits_of("total", [elements.own_bits + made.bits[k]])
        total = Call("total", (elements.listed(made.exprs[k]),))
        yield Valued(total, "number", bits, goal.values)
    entries: list[tuple[float, int, int]] = []
    for c in range(min(_SUMMED, len(conditions))):
        sums = rows @ (elements.sums * conditions.rows[c][:, None])
        hit = np.flatnonzero((sums == target).all(axis=1)).tolist()
        entries += [(made.bits[k] + conditions.bits[c], c, k) for k in hit if not made.letter[k]]
    signed: list[tuple[float, int, int]] = []  # less the sum where the condition does not hold
    for k in places[:_VALUES]:
        sums = conditions.rows @ (elements.sums * rows[k][:, None])
        for found, given in ((entries, sums), (signed, 2 * sums - rows[k] @ elements.sums)):
            hit = np.flatnonzero((given == target).all(axis=1)).tolist()
            found += [(made.bits[k] + conditions.bits[c], c, k) for c in hit]
    for own, c, k in sorted(signed)[:_ENTRIES]:
        value = made.exprs[k]
        chosen = If(conditions.expr(c), value, Call("sub", (Const(0), value)))
        bits = bits_of("total", [elements.own_bits + own + made.bits[k] + _SIGN])
        yield Valued(Call("total", (elements.listed(chosen),)), "number", bits, goal.values)
    for own, c, k in sorted(set(entries))[:_ENTRIES]:
        kept = elements.listed(made.exprs[k], conditions.expr(c))
        bits = bits_of("total", [elements.own_bits + own])
        yield Valued(Call("total", (kept,)), "number", bits, goal.values)


def cell_answers(made: Bodies, conditions: Conditions, goal: Goal, deep: bool) -> Iterator[Valued]:
    """Rows as long as those gone through: each number becomes another."""
    shape = made.elements.shape
    if goal.kind != "rows" or shape is None:
        return
    shapes = [
        tuple(map(len, own)) == tuple(map(len, answer))
        for own, answer in zip(shape, goal.values, strict=True)
    ]
    if not all(shapes):
        return
    column = np.array([x for answer in goal.values for row in answer for x in row], dtype=float)
    best = _best(made, made.rows, column, deep=True) or _chosen(made, conditions, column, deep)
    if best is not None:
        value = made.elements.listed(best[1], flat=False)
        yield Valued(value, "rows", made.elements.own_bits + best[0], goal.values)


def row_answers(conditions: Conditions, goal: Goal, rows: Valued, most: int) -> Iterator[Valued]:
    """Rows that are kept, the shortest conditions first, and those that are the goal."""
    elements = conditions.elements
    flat = [row for own in rows.values for row in own]
    lengths = [len(answer) for answer in goal.values] if goal.kind == "rows" else [-1]
    fit = (conditions.counts == np.array(lengths)).all(axis=1)
    for k in [*range(min(most, len(conditions))), *np.flatnonzero(fit)[:_MASKS].tolist()]:
        kept = [row for row, holds in zip(flat, conditions.rows[k], strict=True) if holds]
        values = tuple(regrouped(kept, conditions.counts[k].astype(int).tolist()))
        if k < most or values == goal.values:
            expr = elements.listed(Var(elements.names[-1]), conditions.expr(k))
            bits = elements.own_bits + conditions.bits[k] + 3.5
            yield Valued(expr, "rows", bits, values)


def firsts(made: Bodies, conditions: Conditions, goal: Goal) -> Iterator[Valued]:
    """The first or last element that fulfils a condition, or its place; else one number."""
    if goal.kind != "number":
        return
    elements, target = conditions.elements, goal.row
    ends = np.cumsum(elements.lengths)
    held = conditions.counts > 0
    least = np.where(held, np.inf, target).min(axis=1)
    most = np.where(held, -np.inf, target).max(axis=1)
    open_ = np.flatnonzero(held.any(axis=1) & ((least == most) | held.all(axis=1)))
    for last in (False, True):
        rows = conditions.rows[open_]
        places = np.zeros((len(open_), len(ends)), dtype=np.int64)
        for e, (end, length) in enumerate(zip(ends, elements.lengths, strict=True)):
            if length:
                part = rows[:, end - length : end]
                at = length - 1 - part[:, ::-1].argmax(axis=1) if last else part.argmax(axis=1)
                places[:, e] = end - length + at
        for leaf in elements.leaves[:_LOOKED_UP]:
            right = (~held[open_] | (leaf.row[places] == target)).all(axis=1)
            for c in open_[right][:3].tolist():
                expr = elements.listed(leaf.expr, conditions.expr(c))
                bits = elements.own_bits + conditions.bits[c] + leaf.bits + 13.0
                if not held[c].all():
                    default = Call("single", (Const(int(least[c])),))
                    expr = Call("joined", (default, expr) if last else (expr, default))
                    bits += 25.0
                item = Call("item", (expr, Const(-1 if last else 0)))
                yield Valued(item, "number", bits, goal.values)
