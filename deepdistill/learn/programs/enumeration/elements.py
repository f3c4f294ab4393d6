"""The elements of lists in all examples, one after the other: what an expression is computed for.

An expression of an element is computed for all elements of all examples at once, as one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ....ir.expr import Call, Const, Expr, Listed, Var, uses
from .signatures import closure
from .valued import LARGEST, Bank, Numbers, Valued, bits_of

_VARIABLE = 3.5  # bits of a variable, about
_LISTED = 6.0  # bits of a list made element by element, besides its names and parts
_ROWS_LOOKED_INTO = 60


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """What is known of each element: an expression, its bits, its value for each."""

    expr: Expr
    bits: float
    row: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """Names bound to the elements of ``over``, and what is known of these elements.

    ``owner`` says to which example an element belongs, ``lengths`` how many an example has. An
    expression that uses none of ``new`` is told by simpler elements already. ``parts`` are lists
    that belong to each element, where it is a row.
    """

    over: Expr
    bits: float
    names: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    owner: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    new: tuple[str, ...] = ()
    parts: tuple[Valued, ...] = ()

    @property
    def own_bits(self) -> float:
        return self.bits + _LISTED + len(self.names)

    def listed(self, value: Expr, condition: Expr = Const(1)) -> Listed:
        return Listed(self.names, self.over, value, condition)

    def spread(self, number: Valued) -> Numbers:
        """A number of each example, for each of its elements."""
        values = [np.nan if v is None or abs(v) > LARGEST else float(v) for v in number.values]
        return np.repeat(np.array(values, dtype=np.float64), self.lengths)

    def is_new(self, expr: Expr) -> bool:
        return not self.new or any(uses(expr, name) for name in self.new)

    @property
    def sums(self) -> Numbers:
        """By which a row is multiplied for its sums in each example."""
        made = np.zeros((len(self.owner), len(self.lengths)))
        made[np.arange(len(self.owner)), self.owner] = 1
        return made


def _elements(
    over: Expr,
    bits: float,
    names: tuple[str, ...],
    items: Sequence[Sequence[tuple[int, ...]]],
    new: tuple[str, ...] = (),
) -> Elements | None:
    """Elements of which each has a number for each name; None where there is nothing to look at."""
    lengths = np.array([len(own) for own in items], dtype=np.int64)
    flat = [item for own in items for item in own]
    if not flat:
        return None
    columns = np.array(flat, dtype=np.float64).reshape(len(flat), len(names)).T
    if np.abs(columns).max() > LARGEST:
        return None
    leaves = tuple(Leaf(Var(n), _VARIABLE, c) for n, c in zip(names, columns, strict=True))
    owner = np.repeat(np.arange(len(lengths)), lengths)
    return Elements(over, bits, names, leaves, owner, lengths, new)


def alone(one: Valued, names: Sequence[str]) -> Elements | None:
    """The elements of a list one by one."""
    items = [[(x,) for x in own] for own in one.values]
    return _elements(one.expr, one.bits, (names[0],), items)


def placed(one: Valued, names: Sequence[str]) -> Elements | None:
    """Each element with its place."""
    items = [list(enumerate(own)) for own in one.values]
    own = (names[-1], names[0])
    bits = bits_of("enumerate", [one.bits])
    return _elements(Call("enumerate", (one.expr,)), bits, own, items, own[:1])


def neighbours(one: Valued, count: int, names: Sequence[str]) -> Elements | None:
    """So many elements that stand side by side in one list."""
    parts = [one.expr, *(Call("suffix", (one.expr, Const(k))) for k in range(1, count))]
    items = [list(zip(*(own[k:] for k in range(count)), strict=False)) for own in one.values]
    bits = bits_of("zip", [one.bits, *(one.bits + 17.0 for _ in parts[1:])])
    own = tuple(names[:count])
    return _elements(Call("zip", tuple(parts)), bits, own, items, own[-1:])


def side_by_side(first: Valued, second: Valued, names: Sequence[str]) -> Elements | None:
    """The elements of two lists in pairs."""
    items = [
        list(zip(a, b, strict=False)) for a, b in zip(first.values, second.values, strict=True)
    ]
    over = Call("zip", (first.expr, second.expr))
    bits = bits_of("zip", [first.bits, second.bits])
    return _elements(over, bits, tuple(names[:2]), items, tuple(names[:2]))


def counted(number: Valued, names: Sequence[str]) -> Elements | None:
    """The places below a number."""
    if any(v is None or not 0 <= v <= 200 for v in number.values):
        return None
    items = [[(k,) for k in range(v)] for v in number.values]
    over = Call("range", (number.expr,))
    return _elements(over, bits_of("range", [number.bits]), (names[-1],), items)


def rows_of(one: Valued, name: str) -> Elements | None:
    """The rows of rows, known by what operations of whole lists make of each."""
    items = [list(own) for own in one.values]
    flat = [row for own in items for row in own]
    if not flat:
        return None
    bank = Bank()
    start = Valued(Var(name), "list", _VARIABLE, tuple(flat))
    small = [Valued(Const(k), "number", 6.0 + abs(k), (k,) * len(flat)) for k in (0, 1, -1)]
    found = list(closure(bank, [start, *small], 34.0, _ROWS_LOOKED_INTO))
    made = [one for one in found if one.is_everywhere and not isinstance(one.expr, Const)]
    leaves = tuple(
        Leaf(one.expr, one.bits, np.array(one.values, dtype=np.float64))
        for one in made
        if one.kind == "number" and max(map(abs, one.values)) <= LARGEST
    )
    lengths = np.array(list(map(len, items)), dtype=np.int64)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    parts = tuple(one for one in made if one.kind == "list")
    return Elements(one.expr, one.bits, (name,), leaves, owner, lengths, (), parts)


def regrouped(flat: Sequence[object], lengths: Sequence[int]) -> Iterator[tuple[object, ...]]:
    """What belongs to each example, of what stands one after the other."""
    start = 0
    for length in lengths:
        yield tuple(flat[start : start + length])
        start += length
