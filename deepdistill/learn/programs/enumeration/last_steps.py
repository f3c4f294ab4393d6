"""The last operation of a program from what the answers need: of numbers, and of lists.

All pairs of numbers that were found are tried for each operation, an example at a time, so that
few are left after two or three. A condition that chooses between two numbers follows from where
each of them is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ....ir.code_length import operation_bits
from ....ir.expr import Call, If
from ....ir.ops import OPERATIONS
from .bodies import ARITHMETIC, Truths, first_of_each, roundest
from .goal import Goal
from .valued import KnownValues, Numbers, Valued, alike, applied, bits_of, constant, matrix

Columnwise: TypeAlias = Callable[..., Any]
"""An operation of the columns of a module, as of NumPy."""

_PAIRS = 2_000_000
"""Pairs that are tried at once."""
_KEPT = 12
_COMPARED = ("eq", "ne", "lt", "le")
_SYMMETRIC = frozenset(["add", "mul", "max", "min", "eq", "ne"])
_THEN: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("sub", "abs", ()), ("add", "floordiv", (2,)), ("sub", "floordiv", (2,))
)  # fmt: skip
"""An operation of two numbers, and one of what it gives and of constants: halves, and sizes."""
_HALVED = 600
"""So many numbers, the shortest, are tried with each other for these."""


def of_numbers(numbers: Sequence[Valued], goal: Goal, mixed: bool) -> Iterator[Valued]:
    """Numbers or truths that an operation of two of these gives, for each operation the shortest.

    ``mixed`` lets numbers of different sorts be added and compared.
    """
    if len(numbers) < 2 or goal.kind != "number":
        return
    rows, target = matrix(list(numbers)), goal.row
    bits = np.array([one.bits for one in numbers])
    for op in (*ARITHMETIC, *(_COMPARED if goal.is_truth else ())):
        pairs = pairs_of(op, rows, target)
        pairs = pairs[np.argsort(bits[pairs].sum(axis=1), kind="stable")][: 20 * _KEPT]
        fit = [(i, j) for i, j in pairs.tolist() if _may(op, numbers[i], numbers[j], mixed)]
        for i, j in fit[:_KEPT]:
            if numbers[i].expr != numbers[j].expr or op in ("add", "mul"):
                yield applied(op, "number", (numbers[i], numbers[j]), goal.values)


def _may(op: str, one: Valued, other: Valued, mixed: bool) -> bool:
    return _fit(op, one, other) or (mixed and "letter" not in (one.sort, other.sort))


def _fit(op: str, one: Valued, other: Valued) -> bool:
    """Whether the sorts of two numbers go together."""
    if "letter" in (one.sort, other.sort):
        return op in ("eq", "ne") and alike(one, other)
    if "truth" in (one.sort, other.sort):
        return one.sort == other.sort and op in ("mul", "max", *_COMPARED)
    if op in ("floordiv", "mod"):
        return other.sort != "element"
    return op == "mul" or alike(one, other)


def then_one(numbers: Sequence[Valued], goal: Goal) -> Iterator[Valued]:
    """How far two numbers are apart, half of their sum, half of their difference."""
    if len(numbers) < 2 or goal.kind != "number" or goal.is_truth:
        return
    numbers = [one for one in numbers if one.sort not in ("letter", "truth")][:_HALVED]
    rows, target = matrix(numbers), goal.row
    bits = np.array([one.bits for one in numbers])
    for op, then, rest in _THEN:
        first, second = OPERATIONS[op].columns, OPERATIONS[then].columns
        assert first is not None and second is not None
        both = partial(_in_turn, first, second, rest)
        pairs = _pairs_where(both, rows, target, op in _SYMMETRIC)
        pairs = pairs[np.argsort(bits[pairs].sum(axis=1), kind="stable")][:_KEPT]
        for one, other in ((numbers[i], numbers[j]) for i, j in pairs.tolist() if i != j):
            if alike(one, other):
                inner = applied(op, "number", (one, other), goal.values)
                args = inner, *(constant(value, 1) for value in rest)
                yield applied(then, "number", args, goal.values)


def _in_turn(
    first: Columnwise, second: Columnwise, rest: Sequence[int], module: Any, a: Any, b: Any
) -> Any:
    return second(module, first(module, a, b), *rest)


def pairs_of(op: str, rows: Numbers, target: Numbers) -> npt.NDArray[np.int64]:
    """The pairs of rows of which an operation gives the target."""
    function = OPERATIONS[op].columns
    assert function is not None
    return _pairs_where(function, rows, target, op in _SYMMETRIC)


def _pairs_where(
    function: Columnwise, rows: Numbers, target: Numbers, symmetric: bool
) -> npt.NDArray[np.int64]:
    count = len(rows)
    pairs: list[npt.NDArray[np.int64]] = []
    step = max(1, _PAIRS // count)
    with np.errstate(all="ignore"):
        for start in range(0, count, step):
            left = np.arange(start, min(start + step, count))
            grid = function(np, rows[left, 0][:, None], rows[:, 0][None])
            fit = grid == target[0]
            if symmetric:
                fit &= left[:, None] <= np.arange(count)[None]
            i, j = np.nonzero(fit)
            i = i + start
            for k in range(1, len(target)):
                if not len(i):
                    break
                right = function(np, rows[i, k], rows[j, k]) == target[k]
                defined = np.isfinite(rows[i, k]) & np.isfinite(rows[j, k])
                i, j = i[right & defined], j[right & defined]
            defined = np.isfinite(rows[i, 0]) & np.isfinite(rows[j, 0])
            pairs.append(np.stack([i[defined], j[defined]], axis=1))
    return np.concatenate(pairs)


def thresholds(numbers: Sequence[Valued], goal: Goal) -> Iterator[Valued]:
    """Truths that say whether a number reaches a constant: the shortest of them."""
    if not goal.is_truth or len(set(goal.values)) < 2:
        return
    numbers = [one for one in numbers if one.sort != "letter"]
    if not numbers:
        return
    rows, yes = matrix(numbers), goal.row == 1
    made: list[Valued] = []
    for op, above, below in (("ge", yes, ~yes), ("lt", ~yes, yes)):
        least, most = rows[:, above].min(axis=1), rows[:, below].max(axis=1)
        for k in np.flatnonzero(least > most)[:_KEPT].tolist():  # NaN is in no order
            value = roundest(int(most[k]) + 1, int(least[k]))
            made.append(applied(op, "number", (numbers[k], constant(value, 1)), goal.values))
    yield from sorted(made, key=lambda one: one.bits)[:_KEPT]


def truths(numbers: Sequence[Valued], most: int) -> list[Valued]:
    """What comparisons of two numbers say of the examples: of equal ones the shortest."""
    rows = matrix(list(numbers))
    bits = np.array([one.bits for one in numbers])
    count = len(numbers)
    i, j = np.nonzero(~np.eye(count, dtype=bool))
    costs, held = [], []
    for op in _COMPARED:
        function = OPERATIONS[op].columns
        assert function is not None
        held.append(function(np, rows[i], rows[j]))
        costs.append(bits[i] + bits[j] + operation_bits(op, 2))
    both, every = np.concatenate(costs), np.concatenate(held)
    order = np.argsort(both, kind="stable")
    order = order[every[order].any(axis=1) & ~every[order].all(axis=1)]
    made: list[Valued] = []
    for k in order[first_of_each(every[order])[:most]].tolist():
        op, pair = _COMPARED[k // len(i)], k % len(i)
        args = (numbers[i[pair]], numbers[j[pair]])
        if not alike(*args) or (op in ("lt", "le") and "letter" in (args[0].sort, args[1].sort)):
            continue
        made.append(applied(op, "number", args, tuple(map(int, every[k].tolist()))))
    return made


def chosen(values: Sequence[Valued], conditions: Sequence[Valued], goal: Goal) -> Iterator[Valued]:
    """One of two values, as a condition says."""
    if not values or not conditions:
        return
    equal = np.array([[a == b for a, b in zip(v.values, goal.values, strict=True)] for v in values])
    useful = np.flatnonzero(equal.any(axis=1))
    patterns: dict[bytes, int] = {}
    for k in useful.tolist():
        patterns.setdefault(equal[k].tobytes(), k)  # they come with the shortest first
    kept = sorted(patterns.values(), key=lambda k: (-int(equal[k].sum()), k))[:400]
    if len(kept) < 2:
        return
    truth_rows = np.array([one.values for one in conditions], dtype=bool)
    bits = np.array([values[k].bits for k in kept])
    costs = np.array([one.bits for one in conditions]) + 4
    picks = choices(truth_rows, costs, equal[kept], bits, _KEPT)
    for own, c, a, b in ((own, c, kept[a], kept[b]) for own, c, a, b in picks):
        expr = If(conditions[c].expr, values[a].expr, values[b].expr)
        yield Valued(expr, goal.kind, own, goal.values)


def choices(
    conditions: Truths, costs: Numbers, right: Truths, bits: Numbers, most: int
) -> list[tuple[float, int, int, int]]:
    """Conditions that choose between two values what is right: their bits, condition, values.

    ``conditions`` has a row of truths for each and ``costs`` its bits; ``right`` says where
    each value is right, which takes ``bits``.
    """
    wrong = (~right).T.astype(np.float32)
    holds = conditions.astype(np.float32)
    yes = np.where(holds @ wrong == 0, bits, np.inf)  # right wherever the condition holds
    no = np.where((1 - holds) @ wrong == 0, bits, np.inf)
    least = costs + yes.min(axis=1) + no.min(axis=1)
    order = np.argsort(least, kind="stable")[:most]
    return [
        (float(least[c]), int(c), int(yes[c].argmin()), int(no[c].argmin()))
        for c in order
        if np.isfinite(least[c]) and yes[c].argmin() != no[c].argmin()
    ]


def of_lists(bank: KnownValues, goal: Goal) -> Iterator[Valued]:
    """A part of a list as long as a number says; two or three lists one after the other."""
    if goal.kind != "list":
        return
    lists = [one for one in bank.of("list") if one.is_everywhere]
    numbers = [one for one in bank.of("number") if one.is_everywhere]
    yield from _cut(lists, numbers, goal)
    yield from _joined(lists, bank, goal)


def _cut(lists: Sequence[Valued], numbers: Sequence[Valued], goal: Goal) -> Iterator[Valued]:
    """Beginnings and ends of lists."""
    for one in lists:
        pairs = list(zip(one.values, goal.values, strict=True))
        if one.values == goal.values or any(len(a) < len(b) for a, b in pairs):
            continue
        begins = all(a[: len(b)] == b for a, b in pairs)
        ends = all(a[len(a) - len(b) :] == b for a, b in pairs)
        if not begins and not ends:
            continue
        for op, fits in (("prefix", begins), ("suffix", ends)):
            function = OPERATIONS[op].function
            hits = (
                number
                for number in numbers
                if fits
                and all(function(a, n) == b for (a, b), n in zip(pairs, number.values, strict=True))
            )
            for _, number in zip(range(2), hits, strict=False):
                yield applied(op, "list", (one, number), goal.values)


def _joined(lists: Sequence[Valued], bank: KnownValues, goal: Goal) -> Iterator[Valued]:
    """What begins as a list does, and what the rest of it is."""
    starts: list[tuple[Valued | None, tuple[tuple[int, ...], ...]]] = [(None, goal.values)]
    for one in lists:
        pairs = list(zip(one.values, goal.values, strict=True))
        if any(one.values) and all(b[: len(a)] == a for a, b in pairs):
            starts.append((one, tuple(b[len(a) :] for a, b in pairs)))
    for first, rest in starts[:60]:
        if first is not None and (piece := _whole_or_single(bank, rest)) is not None:
            yield applied("joined", "list", (first, piece), goal.values)
        for last in lists:
            pairs = list(zip(last.values, rest, strict=True))
            if not any(last.values) or not all(b[len(b) - len(a) :] == a for a, b in pairs):
                continue
            middle = tuple(b[: len(b) - len(a)] for a, b in pairs)
            piece = _whole_or_single(bank, middle)
            if piece is None or not any(middle):
                continue
            bits = bits_of("joined", [piece.bits, last.bits])
            joined = Valued(Call("joined", (piece.expr, last.expr)), "list", bits, rest)
            if first is None:
                yield joined
            else:
                yield applied("joined", "list", (first, joined), goal.values)


def _whole_or_single(bank: KnownValues, values: tuple[tuple[int, ...], ...]) -> Valued | None:
    """A list with these values: one that was found, or a list of one number."""
    known = bank.get("list", values)
    if known is None and all(len(v) == 1 for v in values):
        number = bank.get("number", tuple(v[0] for v in values))
        if number is not None:
            return applied("single", "list", (number,), values)
    return known
