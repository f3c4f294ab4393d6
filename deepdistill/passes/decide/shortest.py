"""From a truth table to the shortest expression for it: the candidates, and the choice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ...ir.expr import Const, Expr, size
from ...ir.interval import Interval
from ..simplify import simplify
from .arithmetic import arithmetic
from .boolean import bit_of, enumerated, number, peeled, rank
from .divide import divided
from .literals import Evaluated, View, symmetric_view, view_of
from .lookup import item, read_port
from .table import TruthTable
from .threshold import compared, threshold
from .tree import branch, value_tree, variable_tree

_SMALL = 16  # up to so many rows a table is searched through its own features in any case
_LARGEST_SEARCH = 5000  # rows; beyond, only trees, tables and arithmetic are tried
_LARGEST_SIMPLIFIED = 1500  # nodes


def shortest(table: TruthTable) -> Expr:
    """The shortest expression found that has the target's value on every row of the table.

    Absent rows are free. The expression is a number over ``Var(feature.name)``; where features
    have a place in a port it may read the port instead. Deterministic.
    """
    ranges = {f.name: Interval(min(f.values), max(f.values)) for f in table.features}
    best: Expr | None = None
    for candidate in candidates(table):
        if size(candidate) <= _LARGEST_SIMPLIFIED:
            candidate = min(candidate, number(simplify(candidate, ranges)), key=rank)
        if best is None or rank(candidate) < rank(best):
            if not table.agrees(candidate):
                raise AssertionError(f"a candidate misses rows of the table: {candidate}")
            best = candidate
    if best is None:
        raise AssertionError("no candidate for the table")
    return best


def candidates(full: TruthTable) -> Iterator[Expr]:
    """Expressions for the table, each exact by construction."""
    if len(full.outcomes) == 1:
        yield Const(full.outcomes[0])
        return
    read = read_port(full)
    if read is not None:
        yield read
        yield from arithmetic(view_of(full.essential()))
        return
    if full.is_boolean:
        columns, on = view_of(full).columns, full.target == 1
        tests = (compared(columns, weights, on) for weights in full.sums)
        yield from (number(test) for test in tests if test is not None)
    table = full.essential()
    plain = view_of(table)
    symmetric = symmetric_view(table)
    wider = full.with_spares(table)
    small = symmetric is None or len(table) <= _SMALL or 2 * len(symmetric) > len(table)
    on = table.target == 1
    if plain.is_boolean and small and wider is None and enumerated(plain.columns, on):
        bit = bit_of(plain.columns, on)
        if bit is not None:
            yield bit  # nothing shorter exists among trees and two-level forms
            return
    if plain.is_boolean and not small:
        yield from map(number, peeled(plain.columns, on))
    count = 0
    spare = view_of(wider) if wider is not None else None
    for view in (plain if small else None, symmetric, spare):
        for expr in _of_view(view) if view is not None else ():
            count += 1
            yield expr
    if count and len(table) > _LARGEST_SEARCH:
        return  # a tree over so many rows is a page long
    bits = [f.is_bit for f in table.features]
    grown = [value_tree(plain.columns, plain.target, bits)]
    if len(table) <= _LARGEST_SEARCH:
        grown.append(variable_tree(plain.columns, plain.target, bits))
    yield from (expr for expr in grown if expr is not None)
    if len(table) <= _LARGEST_SEARCH or grown == [None]:
        yield tree(table)


def _of_view(view: View) -> Iterator[Expr]:
    lookup = item(view.columns, view.target)
    if lookup is not None:
        yield lookup
    yield from arithmetic(view)
    if len(view) > _LARGEST_SEARCH:
        linear = threshold(view.columns, view.target == 1) if view.is_boolean else None
        if linear is not None:
            yield number(linear)
        return
    if view.is_boolean:
        bit = bit_of(view.columns, view.target == 1)
        if bit is not None:
            yield bit
    else:
        yield from divided(view)


def tree(table: TruthTable) -> Expr:
    """scikit-learn's decision tree as nested conditionals."""
    from sklearn.tree import DecisionTreeClassifier

    fitted = DecisionTreeClassifier(random_state=0).fit(table.rows, table.target).tree_
    columns = view_of(table).columns

    def build(node: int, rows: npt.NDArray[np.int64]) -> Expr:
        k = int(fitted.feature[node])
        outcomes = np.unique(table.target[rows])
        if len(outcomes) == 1:
            return Const(int(outcomes[0]))
        here = Evaluated(columns[k].expr, columns[k].values[rows])
        below = here.values <= fitted.threshold[node]
        then = build(int(fitted.children_left[node]), rows[below])
        otherwise = build(int(fitted.children_right[node]), rows[~below])
        return branch(here, table.features[k].is_bit, below, then, otherwise)

    return build(0, np.arange(len(table)))


__all__ = ["shortest"]
