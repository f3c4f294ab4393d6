"""The shortest formula for a column of values: plain arithmetic first, then the long search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from ....ir.expr import Call, Const, Expr, Var, call, size
from ....ir.interval import Interval
from ....passes.decide.boolean import bit_of, number, rank
from ....passes.decide.divide import divided as deep_divided
from ....passes.decide.literals import Evaluated, cheapest_test, symmetric_view, view_of
from ....passes.decide.lookup import item, solve_affine
from ....passes.decide.table import Feature, Ints, TruthTable, decides, row_keys
from ....passes.decide.tree import value_tree, variable_tree
from ....passes.simplify import simplify
from .affine import Affine

_SHORT = 9  # nodes up to which plain arithmetic is not improved upon
_LARGEST_DIVISOR = 100
_LARGEST_SEARCH = 100  # rows; beyond, the long search takes too long
_LARGEST_TREE = 130  # rows; beyond, a tree is a page long
_BITWISE = {"bitxor": np.bitwise_xor, "bitand": np.bitwise_and, "bitor": np.bitwise_or}
_LONGEST = 80  # nodes of a tree or lookup


class Searches:
    """How many long searches may still be made, and what those made have found."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.allowed = left > 0
        self._found: dict[tuple[tuple[Expr, ...], bytes, bytes], Expr] = {}

    def run(self, columns: Sequence[Evaluated], rows: Ints, target: Ints) -> Expr | None:
        """The shortest expression for a table over variables; None where it is not searched."""
        key = (tuple(c.expr for c in columns), rows.tobytes(), target.tobytes())
        if key not in self._found:
            if self.left <= 0 or len(target) > _LARGEST_SEARCH:
                return None
            self.left -= 1
            features = tuple(
                Feature(c.expr.name, tuple(map(int, np.unique(c.values))))
                for c in columns
                if isinstance(c.expr, Var)
            )
            self._found[key] = min(_searched(TruthTable(features, rows, target)), key=rank)
        return self._found[key]


def _searched(table: TruthTable) -> Iterator[Expr]:
    """What the long search of :mod:`..decide` finds, over the features and over sums of bits."""
    table = table.essential()
    views = [view_of(table), symmetric_view(table)]
    for view in views:
        if view is None:
            continue
        if view.is_boolean:
            bit = bit_of(view.columns, view.target == 1)
            if bit is not None:
                yield bit
        else:
            yield from deep_divided(view)
    columns = views[0].columns  # type: ignore[union-attr]
    bits = [c.is_bit for c in columns]
    grown = (
        value_tree(columns, table.target, bits),
        variable_tree(columns, table.target, bits),
        item(columns, table.target),
    )
    yield from (number(expr) for expr in grown if expr is not None)


def formula(columns: Sequence[Evaluated], target: Ints, searches: Searches) -> Expr | None:
    """An expression over the columns that is the target on every row, as short as is found.

    None where the columns do not decide the target, or nothing is found.
    """
    rows = np.stack([c.values for c in columns], axis=1)
    if not decides(rows, target):
        return None
    first = np.sort(np.unique(row_keys(rows), return_index=True)[1])
    rows, target = rows[first], target[first]
    columns = [Evaluated(c.expr, c.values[first]) for c in columns]
    options = list(direct(columns, target))
    shortest = min(options, key=rank, default=None)
    enough = _SHORT if len(columns) > 1 else 2 * _SHORT
    if not searches.allowed or (shortest is not None and size(shortest) <= enough):
        return shortest
    if len(target) <= _LARGEST_TREE:
        lookup = item(columns, target)
        tree = value_tree(columns, target, [c.is_bit for c in columns])
        options += [
            option for option in (lookup, tree) if option is not None and size(option) <= _LONGEST
        ]
        searched = searches.run(columns, rows, target)
        options += [searched] if searched is not None else []
    ranges = {
        c.expr.name: Interval(int(c.values.min()), int(c.values.max()))
        for c in columns
        if isinstance(c.expr, Var)
    }
    return min((number(simplify(option, ranges)) for option in options), key=rank, default=None)


def direct(columns: Sequence[Evaluated], target: Ints) -> Iterator[Expr]:
    """Constants, columns, and one or two operations on a sum or difference of a few columns."""
    if (target == target[0]).all():
        yield Const(int(target[0]))
        return
    solved = solve_affine(columns, target)
    if solved is not None:
        terms = {c.expr: w for c, w in zip(columns, solved[0], strict=True)}
        yield Affine.of(terms, solved[1]).expr()
    is_bit = bool(((target == 0) | (target == 1)).all())
    for column in _sums(columns):
        x, values = column.expr, column.values
        if not decides(values[:, None], target):
            continue
        yield from divided(x, values, target)
        if is_bit:
            yes = set(values[target == 1].tolist())
            no = set(values[target == 0].tolist())
            test = cheapest_test(x, yes, no, column.is_bit)
            if test is not None:
                yield number(test)
        low, high = int(target.min()), int(target.max())
        for c in (0, int(target[0] - values[0]), int((target - values).max())):
            shifted = x if not c else call("add", x, Const(c))
            if c < 0:
                shifted = call("sub", x, Const(-c))
            if (np.minimum(values + c, high) == target).all():
                yield call("min", shifted, Const(high))
            if (np.maximum(values + c, low) == target).all():
                yield call("max", shifted, Const(low))
        if (np.abs(values) == target).all():
            yield call("abs", x)
    for one, two in combinations(columns, 2):
        if one.is_bit and two.is_bit:
            for op, join in _BITWISE.items():
                if (join(one.values, two.values) == target).all():
                    yield call(op, one.expr, two.expr)
        if (np.maximum(one.values, two.values) == target).all():
            yield call("max", one.expr, two.expr)
        if (np.minimum(one.values, two.values) == target).all():
            yield call("min", one.expr, two.expr)


def _sums(columns: Sequence[Evaluated]) -> Iterator[Evaluated]:
    """The columns, their sums and differences two by two, and the sum of all."""
    yield from columns
    if len(columns) > 6:
        return
    for one, two in combinations(columns, 2):
        yield Evaluated(Affine.of({one.expr: 1, two.expr: 1}, 0).expr(), one.values + two.values)
        yield Evaluated(call("sub", one.expr, two.expr), one.values - two.values)
        yield Evaluated(call("sub", two.expr, one.expr), two.values - one.values)
    if len(columns) > 2 and all(c.is_bit for c in columns):
        yield Evaluated(
            call("bitxor", *(c.expr for c in columns)),
            np.bitwise_xor.reduce([c.values for c in columns]),
        )
    if len(columns) > 2:
        total = np.sum([c.values for c in columns], axis=0)
        yield Evaluated(Affine.of({c.expr: 1 for c in columns}, 0).expr(), total)


def divided(x: Expr, values: Ints, target: Ints) -> Iterator[Expr]:
    """Remainders and quotients, with a constant added where it must be."""
    low, high = int(target.min()), int(target.max())
    largest = min(int(np.abs(values).max()) + 1, _LARGEST_DIVISOR)
    for sign in (1, -1) if low >= 0 else ():
        apart = sign * values - target
        common = int(np.gcd.reduce(apart - apart[0]))
        for m in range(max(2, high + 1), largest + 1):
            if common and common % m == 0:
                shift = -int(apart[0]) % m
                if sign == 1:
                    yield call("mod", _shifted(x, shift - m if 2 * shift > m else shift), Const(m))
                else:
                    turned = call("sub", Const(shift), x) if shift else call("mul", Const(-1), x)
                    yield call("mod", turned, Const(m))
                break
    top = int(values.argmax())
    bottom = int(values.argmin())
    for shift in range(min(largest, 16)):
        for d in range(max(2, shift + 1), largest + 1):
            if (
                all((int(values[k]) + shift) // d == int(target[k]) for k in (top, bottom))
                and ((values + shift) // d == target).all()
            ):
                yield call("floordiv", _shifted(x, shift), Const(d))
                return


def is_part(values: Ints, target: Ints) -> bool:
    """Whether a target is a quotient or remainder of a sum by a constant, without more."""
    apart = values - target
    common = int(np.gcd.reduce(apart))
    if target.min() >= 0 and common > target.max():
        return True
    top = int(values.argmax())
    most, goal = int(values[top]), int(target[top])
    if goal <= 0:
        return False
    divisors = range(most // (goal + 1) + 1, most // goal + 1)
    return any(d > 1 and bool((values // d == target).all()) for d in divisors)


def _shifted(x: Expr, constant: int) -> Expr:
    if not constant:
        return x
    if constant < 0:
        return call("sub", x, Const(-constant))
    if isinstance(x, Call) and x.op == "add":
        return call("add", *x.args, Const(constant))
    return call("add", x, Const(constant))
