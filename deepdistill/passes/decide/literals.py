"""The tests a person would write about the features of a table, each with its value on every row.

A *column* is an integer expression with its values; a *literal* is a truth expression (or a bit)
with its truth on every row. Literals that agree on all rows are one literal, in its cheapest form:
absent rows make tests cheaper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ...ir.expr import Const, Expr, Var, call
from .cost import cost
from .table import Ints, Mask, TruthTable, decides, row_keys

_WIDEST = 40  # a column with more values than this gets no ranges
_SETS = 12  # a column with more values than this gets no pairs of values
_GROUPS = 64  # assignments of the other columns whose value sets are looked at


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """An integer expression and its value on every row."""

    expr: Expr
    values: Ints

    @property
    def is_bit(self) -> bool:
        return bool(((self.values == 0) | (self.values == 1)).all())


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A truth expression, or a bit standing for one, and whether it holds on every row."""

    expr: Expr
    holds: Mask
    cost: int


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A table seen through columns that decide its target: its features, or sums of them."""

    columns: tuple[Evaluated, ...]
    target: Ints

    def __len__(self) -> int:
        return len(self.target)

    def distinct(self) -> View | None:
        """Each assignment of the columns once; None where they do not decide the target."""
        if not self.columns:
            return None
        rows = np.stack([c.values for c in self.columns], axis=1)
        if not decides(rows, self.target):
            return None
        first = np.unique(row_keys(rows), return_index=True)[1]
        first.sort()
        columns = tuple(Evaluated(c.expr, c.values[first]) for c in self.columns)
        return View(columns, self.target[first])

    @property
    def outcomes(self) -> list[int]:
        """The values the target takes, sorted."""
        values: list[int] = np.unique(self.target).tolist()
        return values

    @property
    def is_boolean(self) -> bool:
        """Whether the target is a bit."""
        return set(self.outcomes) <= {0, 1}


def view_of(table: TruthTable) -> View:
    """A table seen through its own features."""
    columns = [Evaluated(Var(f.name), table.rows[:, k]) for k, f in enumerate(table.features)]
    return View(tuple(columns), table.target)


def symmetric_view(table: TruthTable) -> View | None:
    """The table through the number of set bits of interchangeable bits; None where there are none.

    Bits join a group greedily as long as the sums still decide the target.
    """
    groups = [[k] for k in range(len(table.features))]
    merged: list[list[int]] = []
    rows = table.rows
    while groups:
        group = groups.pop(0)
        if table.features[group[0]].is_bit:
            for other in list(groups):
                rest = [g for g in groups if g is not other]
                trial = [*merged, [*group, *other], *rest]
                sums = np.stack([rows[:, g].sum(axis=1) for g in trial], axis=1)
                if table.features[other[0]].is_bit and decides(sums, table.target):
                    group = [*group, *other]
                    groups = rest
        merged.append(group)
    # two bits say more than their sum, at the same length
    merged = [part for g in merged for part in ([[k] for k in g] if len(g) == 2 else [g])]
    if len(merged) == len(table.features):
        return None
    merged.sort(key=lambda g: g[0])
    columns = []
    for group in merged:
        names: list[Expr] = [Var(table.features[j].name) for j in sorted(group)]
        expr = names[0] if len(names) == 1 else call("add", *names)
        columns.append(Evaluated(expr, rows[:, group].sum(axis=1)))
    return View(tuple(columns), table.target).distinct()


def derived(columns: Sequence[Evaluated]) -> list[Evaluated]:
    """The number of set bits, sums and differences of two wide features, and remainders."""
    bits = [c for c in columns if c.is_bit]
    wide = [c for c in columns if not c.is_bit]
    extra = []
    for some in {len(bits), len(bits) - 1} if len(bits) > 2 else {len(bits)} - {0, 1}:
        for few in combinations(bits, some):
            total = np.sum([c.values for c in few], axis=0)
            extra.append(Evaluated(call("add", *(c.expr for c in few)), total))
    for one, two in combinations(columns, 2):
        if not (one.is_bit and two.is_bit) and len(columns) <= 6:
            extra.append(Evaluated(call("add", one.expr, two.expr), one.values + two.values))
            extra.append(Evaluated(call("sub", one.expr, two.expr), one.values - two.values))
    for column in [*wide, *extra]:
        for m in (2, 3, 4):
            if column.values.min() >= 0 and column.values.max() > m:
                expr = call("mod", column.expr, Const(m))
                extra.append(Evaluated(expr, column.values % m))
    return extra


def cheapest_test(x: Expr, must: set[int], never: set[int], is_bit: bool = False) -> Expr | None:
    """The cheapest test of ``x`` that holds on ``must`` and fails on ``never``.

    None where both share a value, or one of them is empty (then no test is needed).
    """
    if not must or not never or must & never:
        return None
    if is_bit:
        return x if 1 in must else call("not", x)
    low, high = min(must), max(must)
    least, most = min(never), max(never)
    tests: list[tuple[int, str, tuple[int, ...]]] = []  # price, form, constants

    def form(price: int, op: str, *constants: int) -> None:
        tests.append((price + sum(1 + 2 * (c < 0) for c in constants), op, constants))

    if len(must) == 1:
        form(2, "eq", low)
    if len(never) == 1:
        form(2, "ne", least)
    if least > high:
        form(2, "le", high)
    elif most < low:
        form(2, "ge", low)
    if low < high and not any(low <= v <= high for v in never):
        form(3, "between", low, high)
    if len(must) > 1:
        form(4, "in", *sorted(must))
    if len(never) > 1:
        form(4, "notin", *sorted(never))
        if not any(least <= v <= most for v in must):
            form(5, "outside", least, most)
    _, op, constants = min(tests, key=lambda test: test[0])
    match op:
        case "between":
            return call("between", Const(constants[0]), x, Const(constants[1]))
        case "outside":
            return call("not", call("between", Const(constants[0]), x, Const(constants[1])))
        case "in" | "notin":
            return call(op, x, Const(constants))
        case _:
            return call(op, x, Const(constants[0]))


def tests_of(
    column: Evaluated, sets: bool = True, wanted: tuple[frozenset[int], ...] = ()
) -> list[tuple[Expr, Mask]]:
    """The tests of one column worth trying: single values, ranges, small and ``wanted`` sets."""
    present, inverse = np.unique(column.values, return_inverse=True)
    values = present.tolist()
    everything = set(values)
    subsets: dict[frozenset[int], None] = {}

    def add(subset: set[int]) -> None:
        subsets[frozenset(subset)] = None
        subsets[frozenset(everything - subset)] = None

    for v in values:
        add({v})
        add({u for u in values if u <= v})
    if not column.is_bit and len(values) <= _WIDEST:
        for low, high in combinations(values, 2):
            add({u for u in values if low <= u <= high})
            if sets and len(values) <= _SETS:
                add({low, high})
    for subset in wanted:
        add(set(subset))
    tests = []
    for subset in subsets:
        test = cheapest_test(column.expr, set(subset), everything - subset, column.is_bit)
        if test is not None:
            holds = np.array([value in subset for value in values])[inverse.reshape(-1)]
            tests.append((test, holds))
    return tests


def value_sets(columns: Sequence[Evaluated], k: int, holds: Mask) -> tuple[frozenset[int], ...]:
    """The values of column ``k`` for which a truth holds, for assignments of the others."""
    others = [*columns[:k], *columns[k + 1 :]]
    values = columns[k].values
    if columns[k].is_bit:
        return ()
    if not others:
        return (frozenset(np.unique(values[holds]).tolist()),)
    keys = row_keys(np.stack([c.values for c in others], axis=1))
    sets: dict[frozenset[int], None] = {}
    for key in np.unique(keys)[:_GROUPS]:
        sets[frozenset(np.unique(values[(keys == key) & holds]).tolist())] = None
    return tuple(sets)


def literals(columns: Sequence[Evaluated], holds: Mask | None = None) -> list[Literal]:
    """Every test of these columns worth trying, cheapest first, no two alike on all rows.

    Given the truth to be expressed, the value sets it depends on are among them.
    """
    pool: dict[bytes, Literal] = {}

    def offer(test: Expr, where: Mask) -> None:
        key = np.packbits(where).tobytes()
        price = cost(test)
        proper = 0 < int(where.sum()) < len(where)
        if proper and (key not in pool or price < pool[key].cost):
            pool[key] = Literal(test, where, price)

    for k, column in enumerate(columns):
        wanted = value_sets(columns, k, holds) if holds is not None else ()
        for test, where in tests_of(column, sets=isinstance(column.expr, Var), wanted=wanted):
            offer(test, where)
    for one, two in combinations([c for c in columns if isinstance(c.expr, Var)], 2):
        if not one.is_bit and not two.is_bit:
            for test, where in comparisons(one, two):
                offer(test, where)
    return sorted(pool.values(), key=lambda p: (p.cost, str(p.expr)))


def comparisons(one: Evaluated, two: Evaluated) -> list[tuple[Expr, Mask]]:
    """The six comparisons of two columns, none where their ranges do not overlap."""
    a, b = one.values, two.values
    if a.max() < b.min() or b.max() < a.min():
        return []
    masks = {"eq": a == b, "ne": a != b, "lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}
    return [(call(op, one.expr, two.expr), holds) for op, holds in masks.items()]
