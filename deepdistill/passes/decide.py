"""From a truth table to the shortest expression for it: decision trees, and the choice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..ir.expr import Const, Expr, If, call
from .arithmetic import arithmetic
from .boolean import bit_of, number, peeled, rank
from .divide import divided
from .literals import Column, set_test, symmetric_view, view_of
from .lookup import item, read_port
from .table import Mask, Table

_SMALL = 16  # up to so many rows a table is searched through its own features in any case
_LARGEST_SEARCH = 5000  # rows; beyond, only trees, tables and arithmetic are tried


def shortest(table: Table) -> Expr:
    """The shortest expression found that has the target's value on every row of the table."""
    best: Expr | None = None
    for candidate in candidates(table):
        if best is None or rank(candidate) < rank(best):
            if not table.agrees(candidate):
                raise AssertionError(f"a candidate misses rows of the table: {candidate}")
            best = candidate
    if best is None:
        raise AssertionError("no candidate for the table")
    return best


def candidates(full: Table) -> Iterator[Expr]:
    """Expressions for the table, each exact by construction."""
    if len(full.outcomes) == 1:
        yield Const(full.outcomes[0])
        return
    read = read_port(full)
    if read is not None:
        yield read
    table = full.essential()
    yield tree(table)
    views = [view_of(table)]
    symmetric = symmetric_view(table)
    if symmetric is not None:
        views.append(symmetric)
        if 2 * len(symmetric) <= len(table) > _SMALL:
            views = [symmetric]
            if view_of(table).is_boolean:
                yield from map(number, peeled(view_of(table).columns, table.target == 1))
    for view in views:
        lookup = item(view.columns, view.target)
        if lookup is not None:
            yield lookup
        yield from arithmetic(view)
        if len(view) > _LARGEST_SEARCH:
            continue
        if view.is_boolean:
            yield bit_of(view.columns, view.target == 1)
        else:
            yield from divided(view)


def tree(table: Table) -> Expr:
    """scikit-learn's decision tree as nested conditionals."""
    from sklearn.tree import DecisionTreeClassifier

    fitted = DecisionTreeClassifier(random_state=0).fit(table.rows, table.target).tree_
    columns = view_of(table).columns

    def build(node: int, rows: np.ndarray) -> Expr:
        k = int(fitted.feature[node])
        outcomes = np.unique(table.target[rows])
        if len(outcomes) == 1:
            return Const(int(outcomes[0]))
        here = Column(columns[k].expr, columns[k].values[rows])
        below = here.values <= fitted.threshold[node]
        then = build(int(fitted.children_left[node]), rows[below])
        otherwise = build(int(fitted.children_right[node]), rows[~below])
        return branch(here, table.features[k].is_bit, below, then, otherwise)

    return build(0, np.arange(len(table)))


def branch(column: Column, bit: bool, mask: Mask, then: Expr, otherwise: Expr) -> Expr:
    """``then`` where the mask holds, tested in the cheaper direction."""
    if then == otherwise:
        return then
    if bit and then in (Const(0), Const(1)) and otherwise in (Const(0), Const(1)):
        if (then == Const(1)) == bool(column.values[mask][0]):
            return column.expr
        return call("sub", Const(1), column.expr)
    yes, no = set_test(column, mask, bit=bit), set_test(column, ~mask, bit=bit)
    if yes is None or no is None:
        raise AssertionError("the mask is not a test of the column")
    if yes.cost <= no.cost:
        return If(yes.expr, then, otherwise)
    return If(no.expr, otherwise, then)


__all__ = ["shortest"]
