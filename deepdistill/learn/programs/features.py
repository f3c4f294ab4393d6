"""Numbers that are told of a list: of it, of parts of it, and of what a loop over it carries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations
from math import gcd

import numpy as np
from numpy.typing import NDArray

from ...data.running import Run
from ...ir.expr import Call, Const, Expr, If, Listed, Var
from ...ir.program import Scan
from ...ir.program_length import expression_bits, program_bits
from .labelled import IntArray, LabelledLists
from .registers import OWN, CarriedRegister, X, in_order, reads_last, traces, trackers

_COUNTED = 12  # symbols up to which each is counted
_PAIRED = 4  # symbols up to which neighbours are told apart one by one
_MOST_FEATURES = 6000
_PATTERN = 12  # the longest pattern that is looked for
_PATTERNS = 60
_ENDS = 4  # elements from either end that are looked at one by one


@dataclass(frozen=True, slots=True, eq=False)
class ListFeature:
    """A number a list: the expression, its registers, its value for each list, and its bits.

    ``bits`` are those of the expression alone; ``truth`` says that it is 0 or 1 and written as
    a truth.
    """

    expr: Expr
    column: IntArray
    bits: float
    registers: frozenset[CarriedRegister] = frozenset()
    truth: bool = False


@dataclass(slots=True, eq=False)
class _Pool:
    """Features by their values: of those that never differ here the shortest stays."""

    data: LabelledLists
    loop: LoopBits
    shortest: dict[tuple[bytes, bool], ListFeature] = field(default_factory=dict)

    def add(
        self, expr: Expr, column: IntArray, registers: frozenset[CarriedRegister] = frozenset()
    ) -> None:
        if (column == column[0]).all():
            return
        key = column.astype(np.int64).tobytes(), bool(registers)
        bits = expr_bits(self.data, expr)
        old = self.shortest.get(key)
        if old is None or bits + self.loop(registers) < old.bits + self.loop(old.registers):
            truth = isinstance(expr, Call) and expr.op in ("same", "contains")
            self.shortest[key] = ListFeature(expr, column, bits, registers, truth)


def expr_bits(data: LabelledLists, expr: Expr) -> float:
    """The bits of an expression, where its registers are one name among a few."""
    return expression_bits(expr, data.problem.inputs)


class LoopBits:
    """The bits of loops that carry registers, each of which is counted once."""

    def __init__(self, data: LabelledLists) -> None:
        self.data = data
        self.own: dict[CarriedRegister, tuple[float, bool]] = {}
        loop = Scan("steps", data.port.name, ("x",), (), (), ())
        self.empty = program_bits(data.program((loop,), Const(0)))
        self.empty -= program_bits(data.program((), Const(0)))
        self.last = 3 * 2 + 2 * expr_bits(data, Var("last"))

    @property
    def least(self) -> float:
        """What about the shortest program takes that asks what a loop has carried."""
        choice = If(Call("eq", (X, Const(0))), Call("add", (OWN, Const(1))), Const(0))
        program = self.data.program((), Call("int", (Call("eq", (OWN, Const(0))),)))
        return self.empty + expr_bits(self.data, choice) + program_bits(program)

    def __call__(self, registers: Iterable[CarriedRegister]) -> float:
        order = in_order(registers)
        if not order:
            return 0.0
        bits = self.empty
        for one in order:
            if one not in self.own:
                update = expr_bits(self.data, one.update) + expr_bits(self.data, Const(one.start))
                self.own[one] = update + 2, reads_last(one)
            bits += self.own[one][0]
        return bits + self.last * any(self.own[one][1] for one in order)


def features(data: LabelledLists, run: Run, carried: bool = True) -> list[ListFeature]:
    """The features of the lists, those of equal values once, the shortest first.

    Without ``carried`` only those for which no loop carries anything.
    """
    pool = _Pool(data, LoopBits(data))
    for view, lists in views(data):
        _of_view(pool, view, lists)
    _of_ends(pool)
    _of_neighbours(pool)
    _of_patterns(pool)
    _of_equal_parts(pool)
    _of_known_ends(pool)
    _of_differences(pool)
    run.check()
    for trace in traces(data) if carried else ():
        _of_trace(pool, trace.register, trace.final)
        for tracker in trackers(data, trace):
            _of_trace(pool, tracker.register, tracker.final)
        run.check()
        if len(pool.shortest) > _MOST_FEATURES:
            break
    ranked = sorted(pool.shortest.values(), key=lambda one: one.bits + pool.loop(one.registers))
    return ranked[:_MOST_FEATURES]


def _of_trace(pool: _Pool, register: CarriedRegister, final: IntArray) -> None:
    pool.add(register.value, final, frozenset([register]))


def views(data: LabelledLists) -> Iterator[tuple[Expr, list[tuple[int, ...]]]]:
    """The list and parts of it: every second element, from either end, halves, all but an end."""
    word = data.word
    half = Call("floordiv", (Call("length", (word,)), Const(2)))
    upper = Call("floordiv", (Call("add", (Call("length", (word,)), Const(1))), Const(2)))
    parts: list[tuple[Expr, Callable[[tuple[int, ...]], tuple[int, ...]]]] = [
        (word, lambda w: w),
        (Call("stride", (word, Const(2))), lambda w: w[::2]),
        (Call("stride", (Call("suffix", (word, Const(1))), Const(2))), lambda w: w[1::2]),
        (Call("stride", (word, Const(-2))), lambda w: w[::-2]),
        (Call("stride", (Call("prefix", (word, Const(-1))), Const(-2))), lambda w: w[:-1][::-2]),
        (Call("stride", (word, Const(3))), lambda w: w[::3]),
        (Call("prefix", (word, half)), lambda w: w[: len(w) // 2]),
        (Call("suffix", (word, half)), lambda w: w[len(w) // 2 :]),
        (Call("prefix", (word, upper)), lambda w: w[: (len(w) + 1) // 2]),
        (Call("suffix", (word, upper)), lambda w: w[(len(w) + 1) // 2 :]),
        (Call("suffix", (word, Const(1))), lambda w: w[1:]),
        (Call("prefix", (word, Const(-1))), lambda w: w[:-1]),
    ]
    for view, function in parts:
        yield view, [function(one) for one in data.lists]


def _of_view(pool: _Pool, view: Expr, lists: Sequence[tuple[int, ...]]) -> None:
    data, low = pool.data, min(0, pool.data.symbols[0])

    def add(expr: Expr, values: Iterator[int]) -> None:
        pool.add(expr, np.array(list(values), dtype=np.int64))

    if isinstance(view, Var):
        add(Call("length", (view,)), map(len, lists))
    if not data.port.is_text or len(data.symbols) == 2 or len(data.symbols) > _COUNTED:
        add(Call("total", (view,)), map(sum, lists))
    if len(data.symbols) <= _COUNTED:
        for symbol in data.symbols:
            add(Call("count", (view, Const(symbol))), (one.count(symbol) for one in lists))
    add(Call("distinct", (view,)), (len(set(one)) for one in lists))
    if not data.port.is_text and isinstance(view, Var):
        add(Call("divisor", (view,)), (gcd(*one) for one in lists))
    if not data.port.is_text:
        for op, extreme, end in (("maximum", max, low), ("minimum", min, data.symbols[-1])):
            if all(lists):
                add(Call(op, (view,)), map(extreme, lists))
            elif isinstance(view, Var):  # of an empty list the end that all others are beyond
                known = Call("joined", (view, Call("single", (Const(end),))))
                add(Call(op, (known,)), (extreme((*one, end)) for one in lists))


def _of_ends(pool: _Pool) -> None:
    """Single elements from either end, where all lists have them; else whether they are some."""
    data, word = pool.data, pool.data.word
    for k in range(_ENDS):
        for place in (k, -1 - k):
            if int(data.lengths.min()) > k:
                at = np.array([one[place] for one in data.lists], dtype=np.int64)
                pool.add(Call("item", (word, Const(place))), at)
                continue
            if place >= 0:
                rest = Call("suffix", (word, Const(k))) if k else word
                part = Call("prefix", (rest, Const(1)))
                ends = [one[k : k + 1] for one in data.lists]
            else:
                rest = Call("prefix", (word, Const(-k))) if k else word
                part = Call("suffix", (rest, Const(-1)))
                ends = [one[: max(0, len(one) - k)][-1:] for one in data.lists]
            for value in data.symbols if len(data.symbols) <= _COUNTED // 2 else ():
                same = Call("same", (part, Call("single", (Const(value),))))
                pool.add(same, np.array([one == (value,) for one in ends], dtype=np.int64))


def _of_known_ends(pool: _Pool) -> None:
    """Whether a list begins or ends as all those of one answer do."""
    data = pool.data
    for answer in data.classes if len(data.classes) <= 4 else ():
        own = [one for one, a in zip(data.lists, data.answers, strict=True) if a == answer]
        for size in (1, 2, 3):
            ends = {one[:size] for one in own}, {one[-size:] for one in own}
            for backwards, parts in enumerate(ends):
                (part, *more) = sorted(parts)
                if more or len(part) < size:
                    continue
                known = Call("list", tuple(map(Const, part))) if size > 1 else None
                known = known or Call("single", (Const(part[0]),))
                end = Const(-size if backwards else size)
                taken = Call("suffix" if backwards else "prefix", (data.word, end))
                cut = [one[-size:] if backwards else one[:size] for one in data.lists]
                pool.add(Call("same", (taken, known)), np.array([int(c == part) for c in cut]))


def _of_differences(pool: _Pool) -> None:
    """By how much one symbol stands there more often than another, or than several of it."""
    data = pool.data
    if len(data.symbols) > _COUNTED // 2:
        return
    counts = {
        value: np.array([one.count(value) for one in data.lists], dtype=np.int64)
        for value in data.symbols
    }
    for a, b in permutations(counts, 2):
        first, second = (Call("count", (data.word, Const(value))) for value in (a, b))
        for k in (1, 2, 3):
            times = second if k == 1 else Call("mul", (Const(k), second))
            if k > 1 or a < b:
                pool.add(Call("sub", (first, times)), counts[a] - k * counts[b])


def _of_neighbours(pool: _Pool) -> None:
    """How many neighbours are equal, rise, fall, or are two given symbols."""
    data = pool.data
    before, after = Var("before"), Var("after")
    pairs = Call("zip", (data.word, Call("suffix", (data.word, Const(1)))))
    left, right = data.padded[:, :-1], data.padded[:, 1:]
    there = np.arange(1, data.padded.shape[1]) < data.lengths[:, None]
    for op, holds in (("eq", left == right), ("ne", left != right)):
        _count(pool, pairs, Call(op, (before, after)), holds & there)
    if not data.port.is_text or len(data.symbols) > 2:
        for op, holds in (("lt", left < right), ("gt", left > right)):
            _count(pool, pairs, Call(op, (before, after)), holds & there)
    if len(data.symbols) <= _PAIRED:
        for a in data.symbols:
            for b in data.symbols:
                both = Call("eq", (before, Const(a))), Call("eq", (after, Const(b)))
                holds = (left == a) & (right == b)
                _count(pool, pairs, Call("and", both), holds & there)


def _count(pool: _Pool, pairs: Expr, condition: Expr, holds: NDArray[np.bool_]) -> None:
    counted = Listed(("before", "after"), pairs, Const(1), condition)
    pool.add(Call("length", (counted,)), holds.sum(axis=1))


def _of_patterns(pool: _Pool) -> None:
    """Whether a pattern stands anywhere: those that all lists of one answer have, or none."""
    data = pool.data
    if len(data.classes) > 4:
        return
    held: dict[tuple[int, ...], set[int]] = {}
    for place, one in enumerate(data.lists):
        for size in range(2, min(_PATTERN, len(one)) + 1):
            for k in range(len(one) - size + 1):
                held.setdefault(one[k : k + size], set()).add(place)
    answers = np.array(data.answers)
    scored: list[tuple[int, tuple[int, ...]]] = []
    for pattern, places in held.items():
        where = np.zeros(len(answers), dtype=bool)
        where[sorted(places)] = True
        for answer in data.classes:
            own = answers == answer
            if where[own].all():
                scored.append((int((~where & ~own).sum()), pattern))
            elif not where[own].any():
                scored.append((int((where & ~own).sum()), pattern))
    scored.sort(key=lambda one: (-one[0], len(one[1]), one[1]))
    for _, pattern in scored[:_PATTERNS]:
        there = Call("contains", (data.word, Const(pattern)))
        where = np.zeros(len(answers), dtype=np.int64)
        where[sorted(held[pattern])] = 1
        pool.add(there, where)


def _of_equal_parts(pool: _Pool) -> None:
    """Whether two readings of a list are equal: palindromes, doubled lists, sorted ones."""
    data, word = pool.data, pool.data.word
    half = Call("floordiv", (Call("length", (word,)), Const(2)))
    readings: list[tuple[Expr, list[tuple[int, ...]]]] = [
        (word, list(data.lists)),
        (Call("reversed", (word,)), [one[::-1] for one in data.lists]),
        (Call("sorted", (word,)), [tuple(sorted(one)) for one in data.lists]),
        (
            Call("reversed", (Call("sorted", (word,)),)),
            [tuple(sorted(one))[::-1] for one in data.lists],
        ),
        (Call("prefix", (word, half)), [one[: len(one) // 2] for one in data.lists]),
        (Call("suffix", (word, half)), [one[len(one) // 2 :] for one in data.lists]),
    ]
    for size in (1, 2, 3):
        first, last = Const(size), Const(-size)
        readings.append((Call("prefix", (word, first)), [one[:size] for one in data.lists]))
        readings.append((Call("suffix", (word, last)), [one[-size:] for one in data.lists]))
    for (a, ours), (b, theirs) in combinations(readings, 2):
        equal = np.array([x == y for x, y in zip(ours, theirs, strict=True)], dtype=np.int64)
        pool.add(Call("same", (a, b)), equal)
