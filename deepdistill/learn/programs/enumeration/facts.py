"""What is known of each element; of a number of a picture, those around it and in its block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ....ir.expr import Call, Const, Expr, Read, Sum, Var
from .valued import Numbers, Sort, Valued

USUAL = 7.5
"""Bits to be taken for the length of a longer fact where combinations are ordered."""

_COLOURS = 4
"""Colours besides 0 up to which those around a number are counted one by one."""

Rows = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """What is known of each element: an expression, its bits, its value for each."""

    expr: Expr
    bits: float
    row: Numbers
    sort: Sort = ""
    order: float = 0.0  # bits to be taken for its length where combinations are ordered


def around(one: Valued, i: str, j: str) -> list[Fact]:
    """What stands beside each number, sums of it, and how many are of a colour; 0 beyond the ends.

    Of pictures with more than two colours the others than 0 are counted, where these are few.
    """
    sides = ((-1, 0), (0, -1), (0, 1), (1, 0))
    corners = ((-1, -1), (-1, 1), (1, -1), (1, 1))

    def at(rows: Rows, a: int, b: int) -> float:
        inside = 0 <= a < len(rows) and 0 <= b < len(rows[a])
        return float(rows[a][b]) if inside else 0.0

    places = _places(one)

    def row(offsets: Sequence[tuple[int, int]]) -> Numbers:
        return np.array([[at(rows, a + da, b + db) for da, db in offsets] for rows, a, b in places])

    def shifted(name: str, step: int) -> Expr:
        return Call("add", (Var(name), Const(step))) if step else Var(name)

    assert isinstance(one.expr, Var)
    port, u, v = one.expr.name, "di", "dj"
    made = [
        Fact(Read(port, (shifted(i, a), shifted(j, b))), 20.0, row([(a, b)])[:, 0], "", USUAL)
        for a, b in sides
    ]
    colours = sorted({x for rows in one.values for own in rows for x in own} - {0})
    cell = Read(port, (Call("add", (Var(i), Var(u))), Call("add", (Var(j), Var(v)))))
    for offsets in (sides, sides + corners):
        beside, over = row(offsets), tuple(sorted(offsets))
        made.append(Fact(Sum((u, v), over, cell), 45.0, beside.sum(axis=1), "", USUAL))
        for colour in colours if 1 < len(colours) <= _COLOURS else ():
            held = (beside == colour).sum(axis=1).astype(float)
            expr = Sum((u, v), over, Call("eq", (cell, Const(colour))))
            made.append(Fact(expr, 52.0, held, "", USUAL))
    return made


def ring(one: Valued, i: str, j: str, line: str) -> Fact:
    """How many places lie between each number and the nearest end of its rows or columns."""
    ends = (Var(i), Var(j), _from_the_end(one.expr, i), _from_the_end(Var(line), j))
    row = [float(min(a, b, len(rows) - 1 - a, len(rows[a]) - 1 - b)) for rows, a, b in _places(one)]
    return Fact(Call("min", ends), 20.0, np.array(row), "place", USUAL)


def from_the_ends(one: Valued, i: str, j: str, line: str) -> list[Fact]:
    """At which place each number stands, counted from the last row, and from the last column."""
    places = _places(one)
    down = np.array([float(len(rows) - 1 - a) for rows, a, _ in places])
    right = np.array([float(len(rows[a]) - 1 - b) for rows, a, b in places])
    return [
        Fact(_from_the_end(one.expr, i), 20.0, down, "place", USUAL),
        Fact(_from_the_end(Var(line), j), 20.0, right, "place", USUAL),
    ]


def _from_the_end(array: Expr, place: str) -> Expr:
    return Call("sub", (Call("sub", (Call("length", (array,)), Const(1))), Var(place)))


def held_in(one: Valued, line: str) -> list[Fact]:
    """Whether each row has a number, of pictures with few colours."""
    colours = sorted({x for rows in one.values for own in rows for x in own})
    flat = [own for rows in one.values for own in rows]
    return [
        Fact(
            Call("in", (Const(colour), Var(line))),
            15.0,
            np.array([float(colour in own) for own in flat]),
            "truth",
            USUAL,
        )
        for colour in (colours if len(colours) <= _COLOURS + 1 else ())
    ]


def chequered(one: Valued, i: str, j: str) -> Fact:
    """Which of the two colours of a chessboard each number stands on."""
    row = np.array([float((a + b) % 2) for _, a, b in _places(one)])
    place = Call("mod", (Call("add", (Var(i), Var(j))), Const(2)))
    return Fact(place, 17.0, row, "place", USUAL)


def in_blocks(one: Valued, x: str, i: str, j: str) -> list[Fact]:
    """Where each number stands in its block of two by two, what stands there besides, and the sum.

    These are the blocks of Margolus's neighbourhood (Toffoli and Margolus 1987); there are none
    where a picture has an odd side.
    """
    if any(len(rows) % 2 or len(row) % 2 for rows in one.values for row in rows):
        return []
    assert isinstance(one.expr, Var)
    places = _places(one)
    made = []
    for name, across in ((i, False), (j, True)):
        row = np.array([float((b if across else a) % 2) for _, a, b in places])
        made.append(Fact(Call("mod", (Var(name), Const(2))), 8.0, row, "place", USUAL))
    others: list[Expr] = [Var(x)]
    held = [np.array([float(rows[a][b]) for rows, a, b in places])]
    for down, right in ((1, 0), (0, 1), (1, 1)):
        index = tuple(
            Call("bitxor", (Var(name), Const(1))) if step else Var(name)
            for name, step in ((i, down), (j, right))
        )
        others.append(Read(one.expr.name, index))
        held.append(np.array([float(rows[a ^ down][b ^ right]) for rows, a, b in places]))
        made.append(Fact(others[-1], 12.0, held[-1], "", USUAL))
    for op, together in (("add", np.sum), ("max", np.max), ("min", np.min)):
        made.append(Fact(Call(op, tuple(others)), 30.0, together(held, axis=0), "", USUAL))
    return made


def _places(one: Valued) -> list[tuple[Rows, int, int]]:
    """All numbers of the pictures, each by its picture and its place."""
    return [
        (rows, a, b) for rows in one.values for a, own in enumerate(rows) for b, _ in enumerate(own)
    ]
