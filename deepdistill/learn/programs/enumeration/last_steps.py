"""The last operation of a program from what the answers need: of numbers, and of lists.

All pairs of numbers that were found are tried for each operation, an example at a time, so that
few are left after two or three. A condition that chooses between two numbers follows from where
each of them is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ....ir.code_length import operation_bits
from ....ir.expr import Call, If
from ....ir.ops import OPERATIONS
from .bodies import ARITHMETIC
from .goal import Goal
from .valued import Bank, Numbers, Valued, applied, bits_of, matrix

_PAIRS = 2_000_000
"""Pairs that are tried at once."""
_KEPT = 12
_COMPARED = ("eq", "ne", "lt", "le")
_SYMMETRIC = frozenset(["add", "mul", "max", "min", "eq", "ne"])
_CONDITIONS = 4000


def of_numbers(numbers: Sequence[Valued], goal: Goal) -> Iterator[Valued]:
    """Numbers or truths that an operation of two of these gives, for each operation the shortest."""
    if len(numbers) < 2 or goal.kind != "number":
        return
    rows, target = matrix(list(numbers)), goal.row
    bits = np.array([one.bits for one in numbers])
    for op in (*ARITHMETIC, *(_COMPARED if goal.is_truth else ())):
        pairs = _pairs(op, rows, target)
        pairs = pairs[np.argsort(bits[pairs].sum(axis=1), kind="stable")][:_KEPT]
        for i, j in pairs.tolist():
            if numbers[i].expr != numbers[j].expr or op in ("add", "mul"):
                yield applied(op, "number", (numbers[i], numbers[j]), goal.values)


def _pairs(op: str, rows: Numbers, target: Numbers) -> npt.NDArray[np.int64]:
    """The pairs of rows of which an operation gives the target."""
    function = OPERATIONS[op].columns
    assert function is not None
    count = len(rows)
    found: list[npt.NDArray[np.int64]] = []
    step = max(1, _PAIRS // count)
    with np.errstate(all="ignore"):
        for start in range(0, count, step):
            left = np.arange(start, min(start + step, count))
            grid = function(np, rows[left, 0][:, None], rows[:, 0][None])
            fit = grid == target[0]
            if op in _SYMMETRIC:
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
            found.append(np.stack([i[defined], j[defined]], axis=1))
    return np.concatenate(found)


def truths(numbers: Sequence[Valued], examples: int) -> list[Valued]:
    """What comparisons of two numbers say of the examples: of equal ones the shortest."""
    rows = matrix(list(numbers))
    bits = [one.bits for one in numbers]
    order: list[tuple[float, str, int, int]] = []
    for op in _COMPARED:
        own = operation_bits(op, 2)
        for i in range(len(numbers)):
            for j in range(i + 1 if op in _SYMMETRIC else 0, len(numbers)):
                if i != j:
                    order.append((own + bits[i] + bits[j], op, i, j))
    order.sort(key=lambda one: one[0])
    bank = Bank()
    for _, op, i, j in order[: 20 * _CONDITIONS]:
        function = OPERATIONS[op].columns
        assert function is not None
        row = function(np, rows[i], rows[j])
        if row.any() and not row.all() and np.isfinite(rows[[i, j]]).all():
            values = tuple(map(int, row.tolist()))
            if bank.get("number", values) is None:
                bank.add(applied(op, "number", (numbers[i], numbers[j]), values))
        if len(bank) >= _CONDITIONS:
            break
    return bank.of("number")


def chosen(
    values: Sequence[Valued], conditions: Sequence[Valued], goal: Goal
) -> Iterator[Valued]:
    """One of two values, as a condition says."""
    if not values or not conditions:
        return
    equal = np.array(
        [[a == b for a, b in zip(v.values, goal.values, strict=True)] for v in values]
    )
    useful = np.flatnonzero(equal.any(axis=1))
    patterns: dict[bytes, int] = {}
    for k in useful.tolist():
        patterns.setdefault(equal[k].tobytes(), k)  # they come with the shortest first
    kept = sorted(patterns.values(), key=lambda k: (-int(equal[k].sum()), k))[:400]
    right = equal[kept]
    asked = np.array([one.values for one in conditions], dtype=bool)
    found: list[tuple[float, int, int, int]] = []
    yes = ~(asked[:, None, :] & ~right[None]).any(axis=2)  # condition by value
    no = ~(~asked[:, None, :] & ~right[None]).any(axis=2)
    for c in np.flatnonzero(yes.any(axis=1) & no.any(axis=1)).tolist():
        a = min(np.flatnonzero(yes[c]).tolist(), key=lambda k: values[kept[k]].bits)
        b = min(np.flatnonzero(no[c]).tolist(), key=lambda k: values[kept[k]].bits)
        told = 4 + conditions[c].bits + values[kept[a]].bits + values[kept[b]].bits
        found.append((told, c, kept[a], kept[b]))
    for told, c, a, b in sorted(found)[:_KEPT]:
        expr = If(conditions[c].expr, values[a].expr, values[b].expr)
        yield Valued(expr, goal.kind, told, goal.values)


def of_lists(bank: Bank, goal: Goal) -> Iterator[Valued]:
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
                and all(
                    function(a, n) == b for (a, b), n in zip(pairs, number.values, strict=True)
                )
            )
            for _, number in zip(range(2), hits, strict=False):
                yield applied(op, "list", (one, number), goal.values)


def _joined(lists: Sequence[Valued], bank: Bank, goal: Goal) -> Iterator[Valued]:
    """What begins as a list does, and what the rest of it is."""
    starts: list[tuple[Valued | None, tuple[tuple[int, ...], ...]]] = [(None, goal.values)]
    for one in lists:
        pairs = list(zip(one.values, goal.values, strict=True))
        if any(one.values) and all(b[: len(a)] == a for a, b in pairs):
            starts.append((one, tuple(b[len(a) :] for a, b in pairs)))
    for first, rest in starts[:60]:
        if first is not None and (found := _whole_or_single(bank, rest)) is not None:
            yield applied("joined", "list", (first, found), goal.values)
        for last in lists:
            pairs = list(zip(last.values, rest, strict=True))
            if not any(last.values) or not all(b[len(b) - len(a) :] == a for a, b in pairs):
                continue
            middle = tuple(b[: len(b) - len(a)] for a, b in pairs)
            found = _whole_or_single(bank, middle)
            if found is None or not any(middle):
                continue
            bits = bits_of("joined", [found.bits, last.bits])
            joined = Valued(Call("joined", (found.expr, last.expr)), "list", bits, rest)
            if first is None:
                yield joined
            else:
                yield applied("joined", "list", (first, joined), goal.values)


def _whole_or_single(bank: Bank, values: tuple[tuple[int, ...], ...]) -> Valued | None:
    """A list with these values: one that was found, or a list of one number."""
    found = bank.get("list", values)
    if found is None and all(len(v) == 1 for v in values):
        number = bank.get("number", tuple(v[0] for v in values))
        if number is not None:
            return applied("single", "list", (number,), values)
    return found
