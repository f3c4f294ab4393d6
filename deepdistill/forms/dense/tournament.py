"""Two lists compared number by number: who beats all others is who has the largest number.

An essence network of two classes ends in such a tournament: a unit for each pair of numbers says
which one is larger, a unit for each number whether it beats all of the other list, and the class
with more such numbers wins. The laws below hold for lists of the same length n >= 1, whatever n.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...ir.expr import Call, Const, Expr, If, Read, Size, Total, Var
from ...ir.program import Fill, Let, Program

_Linear = tuple[int, int]  # a * n + b


@dataclass(frozen=True, slots=True)
class _Champions:
    """A list of 1 where a number of ``own`` is larger than all of ``other``, else -1."""

    own: str
    other: str


def shorten_tournament(program: Program) -> Program:
    """The same answers where all sizes of the input are the same n; unchanged without a match."""
    fills = {s.name: s for s in program.body if isinstance(s, Fill) and s.points is None}
    last = program.body[-1]
    match last:
        case Let(name, If(Call("ge", (Total() as left, Total() as right)), then, otherwise)):
            first, second = (_champions(_summed(total), fills) for total in (left, right))
        case _:
            return program
    if first is None or second is None or first != _Champions(second.other, second.own):
        return program
    # sum(a > max(b) ? 1 : -1) >= sum(b > max(a) ? 1 : -1) -> max(a) >= max(b): at most one of the
    # two lists has any 1, and it is the one with the largest number
    question = Call("ge", tuple(Call("maximum", (Var(k),)) for k in (first.own, second.own)))
    kept = tuple(s for s in program.body[:-1] if s.name in (first.own, second.own))
    return replace(program, body=(*kept, Let(name, If(question, then, otherwise))))


def _summed(total: Total) -> str:
    """The name of the array that a sum adds up as a whole, or nothing."""
    match total:
        case Total(name, Const(0), Size(), Read(array, (Var(place),))) if place == name:
            return array
        case _:
            return ""


def _champions(name: str, fills: Mapping[str, Fill]) -> _Champions | None:
    """What a list of units says, where each of them adds up one line of comparisons."""
    fill = fills.get(name)
    if fill is None or len(fill.index) != 1 or not isinstance(fill.sizes[0], Size):
        return None
    match fill.value:
        case Call("sign", (Call("add", (summed, constant)),)):
            pass
        case _:
            return None
    weight, total = _weighted(summed)
    law = _law(constant)
    if total is None or law is None or total.start != Const(0) or not isinstance(total.stop, Size):
        return None
    # the sum of n signs is n where all are 1, else at most n - 1: the unit tells the two apart
    # where weight * n + constant > 0 > weight * (n - 1) + constant, for every n
    slope, offset = law
    strength = abs(weight)
    if slope != -strength or not 0 < offset < strength:
        return None
    (own,) = fill.index
    match total.body:
        case Read(table, (Var(row), Var(column))) if table in fills:
            compared = _compared(fills[table])
        case _:
            return None
    if compared is None:
        return None
    if (row, column) == (own, total.name) and weight > 0:
        return _Champions(*compared)
    if (row, column) == (total.name, own) and weight < 0:
        return _Champions(*reversed(compared))
    return None


def _compared(fill: Fill) -> tuple[str, str] | None:
    """Two lists where a table says sign(first[i] - second[j])."""
    if len(fill.index) != 2 or not all(isinstance(size, Size) for size in fill.sizes):
        return None
    row, column = fill.index
    match fill.value:
        case Call("sign", (Call("add", (left, Call("mul", (Const(-1), right)))),)):
            pass
        case Call("sign", (Call("sub", (left, right)),)):
            pass
        case _:
            return None
    match left, right:
        case Read(first, (Var(i),)), Read(second, (Var(j),)) if (i, j) == (row, column):
            return first, second
        case _:
            return None


def _weighted(expr: Expr) -> tuple[int, Total | None]:
    match expr:
        case Total():
            return 1, expr
        case Call("mul", (Const(int() as weight), Total() as total)):
            return weight, total
        case _:
            return 0, None


def _law(expr: Expr) -> _Linear | None:
    """``(a, b)`` where an expression is ``a * n + b`` in the one size n; None for others."""
    match expr:
        case Const(int() as value):
            return 0, value
        case Size():
            return 1, 0
        case Call("add", args):
            parts = [_law(arg) for arg in args]
            known = [part for part in parts if part is not None]
            whole = len(known) == len(parts)
            return (sum(a for a, _ in known), sum(b for _, b in known)) if whole else None
        case Call("mul", (Const(int() as factor), inner)):
            law = _law(inner)
            return None if law is None else (factor * law[0], factor * law[1])
        case _:
            return None
