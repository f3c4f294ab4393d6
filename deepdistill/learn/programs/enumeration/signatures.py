"""Operations of whole lists, by kinds of their arguments: what is combined with what.

A row is an operation of :data:`~deepdistill.ir.ops.OPERATIONS`; what it means stands there.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import Any

from ....ir.code_length import operation_bits
from ....ir.ops import OPERATIONS
from .valued import Bank, Kind, Valued, Values, applied, frozen

SIGNATURES: dict[str, tuple[tuple[Kind, ...], Kind]] = {
    # of a list a number
    "length": (("list",), "number"),
    "total": (("list",), "number"),
    "maximum": (("list",), "number"),
    "minimum": (("list",), "number"),
    "distinct": (("list",), "number"),
    "product": (("list",), "number"),
    "divisor": (("list",), "number"),
    "argmax": (("list",), "number"),
    "item": (("list", "number"), "number"),
    "count": (("list", "number"), "number"),
    "position": (("list", "number"), "number"),
    "in": (("number", "list"), "number"),
    "same": (("list", "list"), "number"),
    # of a list a list
    "sorted": (("list",), "list"),
    "reversed": (("list",), "list"),
    "unique": (("list",), "list"),
    "prefix": (("list", "number"), "list"),
    "suffix": (("list", "number"), "list"),
    "stride": (("list", "number"), "list"),
    "joined": (("list", "list"), "list"),
    "running_sum": (("list",), "list"),
    "running_maximum": (("list",), "list"),
    "running_minimum": (("list",), "list"),
    "single": (("number",), "list"),
    # of rows
    "runs": (("list",), "rows"),
    "flat": (("rows",), "list"),
    "columns": (("rows",), "rows"),
}

_TWICE = frozenset(["sorted", "reversed", "unique", "running_maximum", "running_minimum"])
"""What done twice is done once, or undone."""
_LONGEST = 4000
"""A list of more elements is no intermediate value."""
_RAISES = (ValueError, ArithmeticError, IndexError, TypeError)

ROWS = ("item", "length", "reversed", "prefix", "suffix", "stride", "joined")
"""Operations of a list that mean the same for rows: they give rows, or a row."""


def of_rows(op: str) -> tuple[tuple[Kind, ...], Kind]:
    """The signature of such an operation where the list is one of rows."""
    args, result = SIGNATURES[op]
    if op == "item":
        return ("rows", "number"), "list"
    return tuple("rows" if a == "list" else a for a in args), (
        result if op == "length" else "rows"
    )


_ROWS = [
    (op, *row, operation_bits(op, len(row[0])))
    for op, row in [*SIGNATURES.items(), *((op, of_rows(op)) for op in ROWS)]
]


def given_by(op: str, args: tuple[Valued, ...]) -> Values:
    """What an operation gives on each example."""
    function = OPERATIONS[op].function
    columns = zip(*(arg.values for arg in args), strict=True)
    return tuple(None if None in column else _value(function, column) for column in columns)


def _value(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    try:
        value = frozen(function(*args))
    except _RAISES:
        return None
    return None if isinstance(value, tuple) and len(value) > _LONGEST else value


def closure(
    bank: Bank, start: list[Valued], bits: float, most: int, numbers: float = 16.0
) -> Iterator[Valued]:
    """What operations of whole lists make of what is there, the shortest first; all go to the bank.

    ``start`` are expressions to go on from besides those in the bank; ``bits`` bounds how long
    what is made may be, ``numbers`` the same for numbers that are arguments, ``most`` counts.
    """
    waiting: list[tuple[float, int, Valued]] = []
    count = 0

    def wait(one: Valued) -> None:
        nonlocal count
        if bank.add(one):
            heappush(waiting, (one.bits, count, one))
            count += 1

    done: dict[Kind, list[Valued]] = {kind: bank.of(kind) for kind in ("number", "list", "rows")}
    done["number"] = [one for one in done["number"] if one.bits <= numbers]
    for one in start:
        wait(one)
    while waiting and most > 0:
        _, _, one = heappop(waiting)
        if bank.get(one.kind, one.values) is not one:
            continue  # said shorter by now
        most -= 1
        yield one
        if one.kind == "number" and one.bits > numbers:
            continue
        insort(done[one.kind], one, key=_bits)
        for op, kinds, result, own in _ROWS:
            if one.kind not in kinds or _is_idle(op, one):
                continue
            for args in _arguments(kinds, one, done, bits - own - one.bits):
                values = given_by(op, args)
                if any(value is not None for value in values):
                    wait(applied(op, result, args, values))


def _bits(one: Valued) -> float:
    return one.bits


def _arguments(
    kinds: tuple[Kind, ...], one: Valued, done: dict[Kind, list[Valued]], left: float
) -> Iterator[tuple[Valued, ...]]:
    """All arguments of these kinds of which one is the newest, the other of no more bits."""
    if left < 0:
        return
    if len(kinds) == 1:
        yield (one,)
        return
    first, second = kinds
    if one.kind == first:
        others = done[second]
        yield from ((one, other) for other in others[: bisect_right(others, left, key=_bits)])
    if one.kind == second:
        others = done[first]
        near = others[: bisect_right(others, left, key=_bits)]
        yield from ((other, one) for other in near if other is not one)


def _is_idle(op: str, one: Valued) -> bool:
    expr = one.expr
    return op in _TWICE and getattr(expr, "op", "") == op
