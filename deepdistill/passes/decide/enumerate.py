"""Bottom-up enumeration of expressions by cost, one for each different column of values.

A *bank* holds, for the rows of a table, the cheapest expression found for each vector of values,
in three shelves: bits (numbers 0 and 1, closed under &, |, ^, 1 - x and conditionals), truths
(comparisons and and, or, not over truths and bits) and integers (small arithmetic). Bits and
truths are packed 64 rows to a word, so that one NumPy operation builds thousands of candidates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...ir.expr import Call, Const, Expr, If, call
from .cost import cost, strain
from .integers import IntegerTerms, is_detour
from .literals import Evaluated, comparisons, tests_of
from .table import Ints, Mask

Words = npt.NDArray[np.uint64]
Ids = npt.NDArray[np.int64]

# a value is arithmetic that happens to be 0 or 1: a number, but no way to write a condition
Kind = Literal["bit", "truth", "value"]

LAST_LEVEL = 60  # cost at which growing stops even where little is found
LARGEST_BANK = 1024  # rows
_WORK = 6_000_000  # words computed before a bank counts as exhausted
_ENTRIES = 30_000  # bits and truths kept
_LEVEL = 2_000_000  # words computed for one operation at one cost
_TESTED = 80  # integer columns whose comparisons are enumerated


def pack(holds: npt.NDArray[np.bool_]) -> Words:
    """Boolean vectors (last axis: rows) as words of 64 rows."""
    padding = -holds.shape[-1] % 64
    wide = np.pad(holds, [(0, 0)] * (holds.ndim - 1) + [(0, padding)])
    return np.packbits(wide, axis=-1).view(np.uint64)


def _keys(words: Words) -> Words:
    """One word for each vector: itself, or a hash of it (a mixing step, then a sum)."""
    if words.shape[1] == 1:
        return words[:, 0]
    total = np.zeros(len(words), dtype=np.uint64)
    for k in range(words.shape[1]):
        x = words[:, k] + np.uint64((0x9E3779B97F4A7C15 * (k + 1)) & 0xFFFFFFFFFFFFFFFF)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        total += x ^ (x >> np.uint64(31))
    return total


def flat(op: str, one: Expr, two: Expr) -> Call:
    """``op`` of two expressions, without nesting the same operation."""
    parts: list[Expr] = []
    for part in (one, two):
        parts.extend(part.args if isinstance(part, Call) and part.op == op else (part,))
    return call(op, *parts)


class Bank:
    """The cheapest expressions over one set of rows, grown cost by cost."""

    def __init__(self, columns: tuple[Evaluated, ...]) -> None:
        self.count = len(columns[0].values)
        self.full = pack(np.ones(self.count, dtype=bool))
        self.level = 0
        self._plain_value = False  # whether what is shelved now may only be the value of a branch
        self.work = 0
        self.exhausted = False
        self.columns = columns
        self.prices = [cost(c.expr) for c in columns]
        # bits and truths together, ids in order of cost
        self.exprs: list[Expr] = []
        self.costs: list[int] = []
        self.kinds: list[Kind] = []
        self.words = np.zeros((1024, self.full.shape[-1]), dtype=np.uint64)
        self._roles: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._seen = {True: np.zeros(0, dtype=np.uint64), False: np.zeros(0, dtype=np.uint64)}
        self._index: dict[bool, dict[int, int]] = {True: {}, False: {}}
        self.integers = IntegerTerms(columns)
        self._tested: dict[int, int] = defaultdict(int)
        self._pending: dict[int, list[tuple[Expr, Mask]]] = defaultdict(list)

    # ---- the shelves

    def find(self, holds: Mask, bit: bool) -> int | None:
        """The id of the number (or truth) with these values, if it is there."""
        key = int(_keys(pack(holds)[None])[0])
        return self._index[bit].get(key)

    def grown(self, entries: int) -> int:
        """Grow to that many entries if it can; the cost up to which it is complete then.

        The answer does not depend on how far the bank had grown before.
        """
        while len(self.exprs) < entries and not self.exhausted and self.level < LAST_LEVEL:
            self.grow()
        if len(self.exprs) < entries:
            return self.level if self.exhausted else LAST_LEVEL
        return self.costs[entries - 1]

    def unpack(self, k: int) -> Ints:
        """The values of an expression on the rows."""
        values = np.unpackbits(self.words[k].view(np.uint8))[: self.count]
        return values.astype(np.int64)

    def of_kind(self, *kinds: Kind) -> Ids:
        """The ids of these kinds, cheapest first, without the constants 0 and 1."""
        ids = [k for k, kind in enumerate(self.kinds) if kind in kinds and k > 1]
        return np.array(ids, dtype=np.int64)

    def lookup(self, words: Words) -> list[int | None]:
        """The id of the bit with each of these vectors of values, or None."""
        index = self._index[True]
        return [index.get(key) for key in _keys(words).tolist()]

    def _offer(self, words: Words, bit: bool, make: Callable[[int], Expr]) -> None:
        """Shelve those vectors that are new; ``make`` builds the expression of the k-th."""
        if not len(words):
            return
        self.work += words.size
        keys, first = np.unique(_keys(words), return_index=True)
        fresh = ~np.isin(keys, self._seen[bit], assume_unique=True)
        if not bit:
            fresh &= ~np.isin(keys, self._seen[True], assume_unique=True)
        if not fresh.any():
            return
        keys, first = keys[fresh], first[fresh]
        self._seen[bit] = np.sort(np.concatenate([self._seen[bit], keys]))
        order = np.argsort(first)
        for key, k in zip(keys[order].tolist(), first[order].tolist(), strict=True):
            self._shelve(words[k], key, bit, make(k))

    def _shelve(self, words: Words, key: int, bit: bool, expr: Expr) -> None:
        new = len(self.exprs)
        if new == len(self.words):
            self.words = np.concatenate([self.words, np.zeros_like(self.words)])
        self.words[new] = words
        self.exprs.append(expr)
        self.costs.append(self.level)
        self.kinds.append("value" if self._plain_value else "bit" if bit else "truth")
        self._index[bit][key] = new
        is_if = isinstance(expr, If)
        op = expr.op if isinstance(expr, Call) else ""
        price = self.level
        roles = self._roles
        if bit:
            roles["value"][price].append(new)
        if isinstance(expr, Const) or self._plain_value:
            return
        if bit:
            roles["bit"][price + is_if].append(new)
            if key in self._index[False]:
                return
        if not bit:
            roles["truth"][price + is_if].append(new)
            roles["branch"][price].append(new)
        roles["condition"][price + 2 * _has_if(expr)].append(new)
        roles["operand"][price + is_if].append(new)
        roles["and"][price + is_if - 2 * (op == "and")].append(new)
        roles["or"][price + is_if - 2 * (op == "or")].append(new)

    def _ids(self, role: str, price: int) -> Ids:
        return np.array(self._roles[role].get(price, ()), dtype=np.int64)

    def _pairs(self, role: str, total: int) -> Iterator[tuple[Ids, Ids]]:
        """Unordered pairs of ids of one role whose costs add up to ``total``."""
        used = 0
        for price in range(1, total // 2 + 1):
            one, two = self._ids(role, price), self._ids(role, total - price)
            if not len(one) or not len(two):
                continue
            room = (_LEVEL - used) // self.words.shape[1]
            if len(one) * len(two) > room:
                self.exhausted = True
                two = two[: room // len(one)]
            used += len(one) * len(two) * self.words.shape[1]
            if price * 2 == total:
                i, j = np.triu_indices(len(one), 1, len(two))
                yield one[i], two[j]
            else:
                yield np.repeat(one, len(two)), np.tile(two, len(one))

    # ---- growing

    def grow(self) -> None:
        """Enumerate the expressions of the next cost."""
        self.level += 1
        self._grow_integers()
        self._grow_truths()
        self._grow_bits()
        if self.work > _WORK or len(self.exprs) > _ENTRIES:
            self.exhausted = True

    def _grow_bits(self) -> None:
        if self.level == 1:
            none = np.zeros_like(self.full)[None]
            self._offer(np.concatenate([none, self.full[None]]), True, Const)
        for column, price in zip(self.columns, self.prices, strict=True):
            if column.is_bit and price == self.level:
                words = pack(column.values != 0)[None]
                self._offer(words, True, lambda _, e=column.expr: e)  # type: ignore[misc]
        ids = self._ids("bit", self.level - 3)
        self._offer(
            ~self.words[ids] & self.full,
            True,
            lambda k: call("sub", Const(1), self.exprs[ids[k]]),
        )
        for op, join in (
            ("bitxor", np.bitwise_xor),
            ("bitor", np.bitwise_or),
            ("bitand", np.bitwise_and),
        ):
            for i, j in self._pairs("bit", self.level - 2):
                self._offer(join(self.words[i], self.words[j]), True, self._join(op, i, j))
        truths = self._ids("truth", self.level - 3)
        self._offer(self.words[truths], True, lambda k: call("int", self.exprs[truths[k]]))
        self._grow_conditionals("value", True)

    def _grow_truths(self) -> None:
        tests = self._pending.pop(self.level, [])
        if tests:
            self._offer(pack(np.stack([holds for _, holds in tests])), False, lambda k: tests[k][0])
        for op, join in (("or", np.bitwise_or), ("and", np.bitwise_and)):
            for i, j in self._pairs(op, self.level - 2):
                self._offer(join(self.words[i], self.words[j]), False, self._join(op, i, j))
        ids = self._ids("operand", self.level - 2)
        self._offer(~self.words[ids] & self.full, False, lambda k: call("not", self.exprs[ids[k]]))
        for i, j in self._pairs("bit", self.level - 3):  # one more: == of bits reads worse than ^
            same = ~(self.words[i] ^ self.words[j]) & self.full
            self._offer(same, False, self._join("eq", i, j))
        self._grow_conditionals("branch", False)

    def _join(self, op: str, i: Ids, j: Ids) -> Callable[[int], Expr]:
        if op == "eq":
            return lambda k: call(op, self.exprs[i[k]], self.exprs[j[k]])
        return lambda k: flat(op, self.exprs[i[k]], self.exprs[j[k]])

    def _grow_conditionals(self, role: str, bit: bool) -> None:
        """``x if c else y``, shorter conditions first; of truths, it costs one more to read."""
        used, rest = 0, self.level - (1 if bit else 2)
        for price in range(2, rest - 1):
            conditions = self._ids("condition", price)
            if not len(conditions):
                continue
            for first in range(1, rest - price):
                x, y = self._ids(role, first), self._ids(role, rest - price - first)
                count = len(conditions) * len(x) * len(y)
                if not count:
                    continue
                if used + count * self.words.shape[1] > _LEVEL:
                    self.exhausted = True
                    return
                used += count * self.words.shape[1]
                c = np.repeat(conditions, len(x) * len(y))
                i = np.tile(np.repeat(x, len(y)), len(conditions))
                j = np.tile(y, len(conditions) * len(x))
                words = (self.words[c] & self.words[i]) | (~self.words[c] & self.words[j])
                self._offer(
                    words,
                    bit,
                    lambda k, c=c, i=i, j=j: If(  # type: ignore[misc]
                        self.exprs[c[k]], self.exprs[i[k]], self.exprs[j[k]]
                    ),
                )

    # ---- integers

    def _add_arithmetic_bit(self, column: Evaluated) -> None:
        """Arithmetic that happens to give a bit: a true parity is one, the rest are only values."""
        expr = column.expr
        if isinstance(expr, Call) and expr.op in ("mod", "add", "sub"):
            self._plain_value = expr.op != "mod"
            self._offer(pack(column.values != 0)[None], True, lambda _: expr)
            self._plain_value = False

    def _grow_integers(self) -> None:
        """New integer columns, and their tests among the truths still to come."""
        for column in self.integers.grow(self.level):
            if column.is_bit:
                self._add_arithmetic_bit(column)
                continue
            if is_detour(column.expr):
                continue
            self._tested[self.level] += 1
            if sum(self._tested.values()) > _TESTED and self._tested[self.level] > _TESTED // 8:
                continue
            for test, holds in tests_of(column, sets=any(column is c for c in self.columns)):
                self._pending[max(cost(test), self.level + 1)].append((test, holds))
            self._compare(column)

    def _compare(self, column: Evaluated) -> None:
        """Comparisons with bits and with shorter integer columns."""
        longest = 2 * max(self.prices)
        hard = strain(column.expr)
        if hard > 1:
            return
        for bit, price in zip(self.columns, self.prices, strict=True):
            if bit.is_bit and price + self.level <= 6 + longest:
                same = column.values == bit.values
                for op, holds in (("eq", same), ("ne", ~same)):
                    equal = call(op, column.expr, bit.expr)
                    self._pending[max(cost(equal), self.level + 1)].append((equal, holds))
        for other, price in zip(self.integers.columns[:-1], self.integers.costs, strict=False):
            if price + self.level <= 4 + longest and not hard + strain(other.expr):
                for test, holds in comparisons(other, column):
                    self._pending[max(cost(test), self.level + 1)].append((test, holds))


def _has_if(expr: Expr) -> bool:
    match expr:
        case If():
            return True
        case Call(_, args):
            return any(_has_if(arg) for arg in args)
        case _:
            return False


@lru_cache(maxsize=8)
def _bank(exprs: tuple[Expr, ...], shape: tuple[int, ...], rows: bytes) -> Bank:
    matrix = np.frombuffer(rows, dtype=np.int64).reshape(shape)
    return Bank(tuple(Evaluated(e, matrix[k]) for k, e in enumerate(exprs)))


def bank_of(columns: Sequence[Evaluated]) -> Bank:
    """The bank of these columns, shared by all tables with the same columns and rows."""
    matrix = np.stack([c.values for c in columns])
    return _bank(tuple(c.expr for c in columns), matrix.shape, matrix.tobytes())
