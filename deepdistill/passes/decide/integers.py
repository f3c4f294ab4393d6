"""Small arithmetic over the columns of a table, in order of length.

Sums and differences of different columns, each with a weight of at most 3; with a constant added;
their remainders, absolute values and bounds; the larger and the smaller of two columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ...ir.expr import Call, Const, Expr, call, size
from .literals import Evaluated
from .table import Ints

_MOST = 400  # columns kept
_QUEUED = 6000  # columns considered
_EXTRA = 12  # nodes beyond those of the longest column
_LARGEST = 1000  # absolute value

FARTHEST_STEP = 2
"""No larger constant is added to a term."""


@dataclass(frozen=True, slots=True, eq=False)
class _Linear:
    """A sum or difference, and the columns in it (a set of bits)."""

    column: Evaluated
    price: int
    used: int


class IntegerTerms:
    """Arithmetic columns, found cost by cost; no two with the same values."""

    def __init__(self, columns: Sequence[Evaluated]) -> None:
        self.columns: list[Evaluated] = []
        self.costs: list[int] = []
        self._seen: set[bytes] = set()
        self._waiting: dict[int, list[tuple[Evaluated, int]]] = defaultdict(
            list
        )  # and columns used
        self._linear: list[_Linear] = []
        self._longest = 0
        self._kept = {True: 0, False: 0}  # shorter than the longest column, and longer
        self._queued = {True: 0, False: 0}
        bits = []
        for k, column in enumerate(columns):
            price = size(column.expr)
            self._longest = max(self._longest, price)
            self._waiting[price].append((column, 1 << k))
            for weight in (2, 3):
                expr = call("mul", Const(weight), column.expr)
                self._waiting[price + 3].append((Evaluated(expr, weight * column.values), 1 << k))
            if column.is_bit:
                bits.append((k, column))
            else:
                self._seen_or_new(column.values)
        for length in sorted({len(bits), len(bits) - 1} - {-1, 0, 1, 2}):
            for some in combinations(bits, length):
                total = np.sum([c.values for _, c in some], axis=0)
                sum_of = Evaluated(call("add", *(c.expr for _, c in some)), total)
                self._waiting[size(sum_of.expr)].append((sum_of, sum(1 << k for k, _ in some)))
        self._originals = {id(c) for c in columns}

    def _seen_or_new(self, values: Ints) -> bool:
        """Whether these values are there already; they are from now on."""
        key = values.tobytes()
        seen = key in self._seen
        self._seen.add(key)
        return seen

    def grow(self, level: int) -> Iterator[Evaluated]:
        """The new columns of this length; those that are bits are not kept."""
        if level > self._longest + _EXTRA:
            return
        for column, used in self._waiting.pop(level, ()):
            original = id(column) in self._originals
            if original and column.is_bit:
                self._extend(column, level, used)
                continue
            full = self._kept[level < self._longest] >= _MOST // (1 + 3 * (level < self._longest))
            if (full and not original) or (column.values == column.values[0]).all():
                continue
            if not original and self._seen_or_new(column.values):
                continue
            if int(np.abs(column.values).max()) > _LARGEST:
                continue
            if used:
                self._extend(column, level, used)
            if not column.is_bit:
                self._kept[level < self._longest] += 1
                self.columns.append(column)
                self.costs.append(level)
            if not original or not column.is_bit:
                yield column

    def _wait(self, expr: Expr, values: Ints, used: int = 0) -> None:
        price = size(expr)
        self._queued[price < self._longest] += 1
        if self._queued[price < self._longest] <= _QUEUED:
            self._waiting[price].append((Evaluated(expr, values), used))

    def _extend(self, column: Evaluated, price: int, used: int) -> None:
        """What can be made of a new linear column and the earlier ones."""
        x, values = column.expr, column.values
        single = used & (used - 1) == 0
        weighted = isinstance(x, Call) and x.op == "mul"
        if not column.is_bit and not weighted:
            self._shift(x, values)
            self._close(x, values)
        for other in self._linear:
            if other.used & used or not (single or other.used & (other.used - 1) == 0):
                continue
            if self._queued[price < self._longest] > _QUEUED:
                break
            y, b = other.column.expr, other.column.values
            both = used | other.used
            self._wait(_flat_add(y, x), b + values, both)
            self._wait(call("sub", y, x), b - values, both)
            self._wait(call("sub", x, y), values - b, both)
            plain = not weighted and not (isinstance(y, Call) and y.op == "mul")
            if plain and (b.max() > 1 or values.max() > 1):
                self._wait(call("max", y, x), np.maximum(b, values))
                self._wait(call("min", y, x), np.minimum(b, values))
                if single:
                    self._wait(call("mul", y, x), b * values)
        self._linear.append(_Linear(column, price, used))

    def _shift(self, x: Expr, values: Ints) -> None:
        """A constant added, and what can be made of that."""
        top = int(values.max())
        for expr, shifted in (
            (call("add", x, Const(1)), values + 1),
            (call("sub", x, Const(1)), values - 1),
            (call("add", x, Const(FARTHEST_STEP)), values + FARTHEST_STEP),
            (call("sub", x, Const(FARTHEST_STEP)), values - FARTHEST_STEP),
            (call("sub", Const(top), x), top - values),
        ):
            self._wait(expr, shifted)
            self._close(expr, shifted)

    def _close(self, x: Expr, values: Ints) -> None:
        """Remainders, quotients, the absolute value, and bounds."""
        low, high = int(values.min()), int(values.max())
        if low < 0:
            self._wait(call("abs", x), np.abs(values))
        for m in range(2, min(high, 9) + 1):
            # of 0, 1, 2 the remainder by 2 is a riddle, not a parity
            if m > 2 or high > 2:
                self._wait(call("mod", x, Const(m)), values % m)
        for c in (2, 3):
            self._wait(call("floordiv", x, Const(c)), values // c)
        for c in range(low + 1, min(high, low + 9)):
            self._wait(call("min", x, Const(c)), np.minimum(values, c))
            self._wait(call("max", x, Const(c)), np.maximum(values, c))


def is_detour(expr: Expr) -> bool:
    """Whether a comparison of this with a constant is better written without it."""
    match expr:
        case Call("floordiv" | "abs" | "mul", _):
            return True
        case Call("min" | "max" | "add" | "sub", args):
            return any(isinstance(arg, Const) for arg in args)
        case _:
            return False


def _flat_add(one: Expr, two: Expr) -> Expr:
    parts: list[Expr] = []
    for part in (one, two):
        parts.extend(part.args if isinstance(part, Call) and part.op == "add" else (part,))
    return call("add", *parts)
