"""Lists in the order of what each element becomes: sorted by a key, of equal ones as they stand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ....ir.expr import Call, Const, Expr, Var
from .bodies import Bodies, Conditions
from .elements import Elements, regrouped
from .goal import Goal
from .valued import Numbers, Valued, Values, bits_of

_CONDITIONS = 400
"""So many conditions, the shortest, part the elements into two, and all sets of values."""


def arranged_answers(made: Bodies, conditions: Conditions, goal: Goal) -> Iterator[Valued]:
    """The answers, where they are the elements in another order: the shortest key first.

    ``conditions`` part the elements into two as well.
    """
    elements = made.elements
    if goal.kind != "list" or not _is_plain(elements) or not len(goal.flat):
        return
    if not (goal.lengths == elements.lengths).all():
        return
    column, target = elements.leaves[0].row, goal.flat
    if not np.array_equal(_in_order(elements, column, column), _in_order(elements, target, target)):
        return
    for expr, bits, keys in _keys(made, conditions):
        if np.array_equal(_in_order(elements, keys, column), target):
            yield _arranged(elements, expr, bits, goal.values)
            return


def arranged_lists(made: Bodies, most: int) -> Iterator[Valued]:
    """The elements in the order of what they become, by so many of the shortest keys."""
    elements = made.elements
    if not _is_plain(elements):
        return
    column = elements.leaves[0].row
    order = [k for k in made.shortest_first() if _is_key(made, k)]
    rows = made.rows
    lengths = elements.lengths.tolist()
    for k in order[:most]:
        for expr, bits, keys in _up_and_down(made, k, rows[k]):
            flat = tuple(map(int, _in_order(elements, keys, column).tolist()))
            yield _arranged(elements, expr, bits, tuple(regrouped(flat, lengths)))


def _is_plain(elements: Elements) -> bool:
    """Whether elements are those of one list, each alone."""
    names = elements.names
    return elements.outer is None and len(names) == 1 and elements.leaves[0].expr == Var(names[0])


def _is_key(made: Bodies, k: int) -> bool:
    return not made.fixed[k] and not isinstance(made.exprs[k], Var)


def _up_and_down(made: Bodies, k: int, row: Numbers) -> Iterator[tuple[Expr, float, Numbers]]:
    yield made.exprs[k], made.bits[k], row
    down = Call("sub", (Const(0), made.exprs[k]))
    yield down, bits_of("sub", [made.bits[k], 4.0]), -row


def _keys(made: Bodies, conditions: Conditions) -> Iterator[tuple[Expr, float, Numbers]]:
    """Keys, the shortest first: what elements become, and whether they fulfil a condition."""
    own = [(k, row) for k, row in enumerate(made.rows) if _is_key(made, k)]
    keys = [key for k, row in own for key in _up_and_down(made, k, row)]
    asked = [(k, conditions.expr(k)) for k in range(len(conditions))]
    keys += [
        (expr, conditions.bits[k], conditions.rows[k].astype(np.float64))
        for k, expr in asked
        if k < _CONDITIONS or (isinstance(expr, Call) and expr.op in ("in", "notin"))
    ]
    yield from sorted(keys, key=lambda key: key[1])


def _in_order(elements: Elements, keys: Numbers, column: Numbers) -> Numbers:
    """A column, the elements of each example in the order of their keys."""
    ordered: Numbers = column[np.lexsort((keys, elements.owner))]
    return ordered


def _arranged(elements: Elements, key: Expr, bits: float, values: Values) -> Valued:
    keys = elements.listed(key)
    own = bits_of("arranged", [elements.bits, elements.own_bits + bits])
    sort = elements.leaves[0].sort
    return Valued(Call("arranged", (elements.over, keys)), "list", own, values, sort)
