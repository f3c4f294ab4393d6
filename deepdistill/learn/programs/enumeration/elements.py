"""The elements of lists in all examples, one after the other: what an expression is computed for.

An expression of an element is computed for all elements of all examples at once, as one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import numpy.typing as npt

from ....ir.code_length import constant_bits
from ....ir.expr import Call, Const, Expr, Listed, Var, uses
from ....ir.ops import OPERATIONS
from .digits import digit_sums
from .facts import USUAL, Fact, around, chequered, from_the_ends, held_in, in_blocks, ring
from .signatures import closure
from .valued import LARGEST, KnownValues, Numbers, Sort, Valued, Values, bits_of

ALWAYS = Const(1)
_VARIABLE = 3.5  # bits of a variable, about
_WHOLE = 8
"""In so many lists, the shortest that have all elements, it is looked at which place one has."""
_LISTED = 6.0  # bits of a list made element by element, besides its names and parts


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """Names bound to the elements of ``over``, and what is known of these elements.

    ``owner`` says to which example an element belongs, ``lengths`` how many an example has. An
    expression that uses none of ``new`` is told by simpler elements already. ``parts`` are lists
    that belong to each element, where it is a row.

    Elements of the rows of ``outer`` are reached through these: ``over`` then is a row of it, whose
    names come first. Places, which stand before what they are the places of, are left out of what
    is listed where nothing uses them.
    """

    over: Expr
    bits: float
    names: tuple[str, ...]
    leaves: tuple[Fact, ...]
    owner: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    new: tuple[str, ...] = ()
    parts: tuple[Valued, ...] = ()
    outer: tuple[tuple[str, str], Expr] | None = None
    rows: Valued | None = None
    """What is gone through, where it is rows."""
    shape: Values | None = None
    """Rows as long as those that elements stand in, one after the other."""

    @property
    def own_bits(self) -> float:
        return self.bits + _LISTED + len(self.names)

    def listed(self, value: Expr, condition: Expr = ALWAYS, flat: bool = True) -> Expr:
        """What is made of those elements for which a condition holds; ``flat`` forgets rows."""
        inner = _gone_through(self.names, self.over, value, condition)
        if self.outer is None:
            return inner
        (place, row), rows = self.outer
        made = _gone_through((place, row), Call("enumerate", (rows,)), inner, Const(1))
        return Call("flat", (made,)) if flat else made

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


def _gone_through(names: tuple[str, ...], over: Expr, value: Expr, condition: Expr) -> Listed:
    match over:
        case Call("enumerate", (plain,)) if not (
            uses(value, names[0]) or uses(condition, names[0])
        ):
            return Listed(names[1:], plain, value, condition)
        case _:
            return Listed(names, over, value, condition)


def elements_of(
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
    leaves = tuple(Fact(Var(n), _VARIABLE, c) for n, c in zip(names, columns, strict=True))
    owner = np.repeat(np.arange(len(lengths)), lengths)
    return Elements(over, bits, names, leaves, owner, lengths, new)


def alone(
    one: Valued, names: Sequence[str], others: Sequence[Valued], whole: Sequence[Valued] = ()
) -> Elements | None:
    """The elements of a list one by one, how often they are there, and whether in other lists.

    Of a list of ``whole`` that has all of them besides, at which place; and what stands in a list
    at the places that they are.
    """
    items = [[(x,) for x in own] for own in one.values]
    made = elements_of(one.expr, one.bits, (names[0],), items)
    if made is None:
        return None
    x, own = Var(names[0]), [(v, k) for v in one.values for k in range(len(v))]
    more = [
        Fact(
            Call("count", (one.expr, x)), one.bits + 12.5,
            np.array([float(v.count(v[k])) for v, k in own]), "place", USUAL,
        ),
        Fact(
            Call("position", (one.expr, x)), one.bits + 12.5,
            np.array([float(v.index(v[k])) for v, k in own]), "place", USUAL,
        ),
    ]  # fmt: skip
    for other in others:
        if other is not one and other.kind == "list" and other.is_everywhere:
            pairs = [(a, b) for a, b in zip(one.values, other.values, strict=True) for _ in a]
            held = [float(v[k] in b) for (v, k), (_, b) in zip(own, pairs, strict=True)]
            expr = Call("in", (x, other.expr))
            more.append(Fact(expr, other.bits + 12.5, np.array(held), "", USUAL))
            times = np.array(
                [float(b.count(v[k])) for (v, k), (_, b) in zip(own, pairs, strict=True)]
            )
            expr = Call("count", (other.expr, x))
            more.append(Fact(expr, other.bits + 12.5, times, "place", USUAL))
    if one.sort != "letter":
        more += digit_sums(x, _VARIABLE, made.leaves[0].row)
    more += islice(_places_in(one, x, whole), _WHOLE)
    more += _items_at(one, x, [one, *(other for other in others if other is not one)])
    leaves = tuple(replace(leaf, sort=one.sort) for leaf in made.leaves)
    return replace(made, leaves=(*leaves, *more))


def _places_in(one: Valued, x: Expr, whole: Sequence[Valued]) -> Iterator[Fact]:
    """At which place an element stands in lists that have all of them."""
    for other in whole:
        pairs = [(v, b) for a, b in zip(one.values, other.values, strict=True) for v in a]
        if other is not one and all(v in b for v, b in pairs):
            row = np.array([float(b.index(v)) for v, b in pairs])
            expr = Call("position", (other.expr, x))
            yield Fact(expr, other.bits + 12.5, row, "place", USUAL)


def _items_at(one: Valued, x: Expr, lists: Sequence[Valued]) -> Iterator[Fact]:
    """What stands in lists at the place that an element is, where all of them are such places."""
    for other in lists:
        if one.sort == "letter" or other.kind != "list" or not other.is_everywhere:
            continue
        pairs = list(zip(one.values, other.values, strict=True))
        if all(0 <= v < len(b) for a, b in pairs for v in a):
            row = np.array([float(b[v]) for a, b in pairs for v in a])
            yield Fact(Call("item", (other.expr, x)), other.bits + 12.5, row, other.sort, USUAL)


def placed(one: Valued, names: Sequence[str], defaults: Sequence[int] = ()) -> Elements | None:
    """Each element with its place, and how it stands to those before and after it.

    Of these the first that is larger, and so on; one of ``defaults`` where there is none.
    """
    items = [list(enumerate(own)) for own in one.values]
    own = (names[4], names[0])
    bits = bits_of("enumerate", [one.bits])
    made = elements_of(Call("enumerate", (one.expr,)), bits, own, items, own[:1])
    if made is None:
        return None
    place, x = made.leaves
    leaves = [replace(x, sort=one.sort), replace(place, sort="place")]
    leaves += _powers(place)
    return replace(made, leaves=(*leaves, *_related(one, names, defaults)))


def _powers(place: Fact) -> list[Fact]:
    """Two and ten to the power of a place, by which digits are weighed."""
    highest = place.row.max()
    return [
        Fact(Call("power", (Const(base), place.expr)), 12.0, base**place.row, "", USUAL)
        for base in (2, 10)
        if base**highest <= LARGEST
    ]


def _related(one: Valued, names: Sequence[str], defaults: Sequence[int]) -> Iterator[Fact]:
    """Whether an element stood before; how many of those before or after compare to it, and which
    is the nearest."""
    x, y, k = Var(names[0]), Var(names[1]), Var(names[4])
    flat = [(v, j) for v in one.values for j in range(len(v))]
    before = Call("prefix", (one.expr, k))
    after = Call("suffix", (one.expr, Call("add", (k, Const(1)))))
    known = np.array([float(v[j] in v[:j]) for v, j in flat])
    yield Fact(Call("in", (x, before)), one.bits + 25.0, known, "", USUAL)
    times = np.array([float(v[:j].count(v[j])) for v, j in flat])
    yield Fact(Call("count", (before, x)), one.bits + 25.5, times, "place", USUAL)
    for part, is_after in ((before, False), (after, True)):
        for op in ("gt", "lt", "eq") if defaults and one.sort != "letter" else ():
            function = OPERATIONS[op].function
            fit = [
                [w for w in (v[j + 1 :] if is_after else v[:j]) if function(w, v[j])]
                for v, j in flat
            ]
            those = Listed((names[1],), part, y, Call(op, (y, x)))
            bits = one.bits + 45.0
            count = np.array([float(len(numbers)) for numbers in fit])
            yield Fact(Call("length", (those,)), bits, count, "place", USUAL)
            for default in defaults if op != "eq" else ():
                single = Call("single", (Const(default),))
                both = Call("joined", (those, single) if is_after else (single, those))
                ends = [(numbers or [default])[0 if is_after else -1] for numbers in fit]
                item = Call("item", (both, Const(0 if is_after else -1)))
                yield Fact(item, bits + 38.0, np.array(ends, dtype=float), one.sort, USUAL)


def neighbours(one: Valued, count: int, names: Sequence[str]) -> Elements | None:
    """So many elements that stand side by side in one list."""
    parts = [one.expr, *(Call("suffix", (one.expr, Const(k))) for k in range(1, count))]
    items = [list(zip(*(own[k:] for k in range(count)), strict=False)) for own in one.values]
    bits = bits_of("zip", [one.bits, *(one.bits + 17.0 for _ in parts[1:])])
    own = tuple(names[:count])
    return _sorted(elements_of(Call("zip", tuple(parts)), bits, own, items, own[-1:]), one.sort)


def _sorted(made: Elements | None, *sorts: Sort) -> Elements | None:
    """The same, where letters are known as such."""
    if made is None or "letter" not in sorts:
        return made
    leaf_sorts = (*sorts, *sorts[-1:] * len(made.leaves))
    leaves = [replace(leaf, sort=sort) for leaf, sort in zip(made.leaves, leaf_sorts, strict=False)]
    return replace(made, leaves=tuple(leaves))


def in_pairs(one: Valued, names: Sequence[str]) -> Elements | None:
    """The first and second element, the third and fourth, and so on."""
    items = [list(zip(own[::2], own[1::2], strict=False)) for own in one.values]
    halves = one.expr, Call("suffix", (one.expr, Const(1)))
    over = Call("zip", tuple(Call("stride", (half, Const(2))) for half in halves))
    return elements_of(over, 2 * one.bits + 50.0, tuple(names[:2]), items, tuple(names[:2]))


def side_by_side(first: Valued, second: Valued, names: Sequence[str]) -> Elements | None:
    """The elements of two lists in pairs."""
    items = [
        list(zip(a, b, strict=False)) for a, b in zip(first.values, second.values, strict=True)
    ]
    over = Call("zip", (first.expr, second.expr))
    bits = bits_of("zip", [first.bits, second.bits])
    made = elements_of(over, bits, tuple(names[:2]), items, tuple(names[:2]))
    return _sorted(made, first.sort, second.sort)


def counted(number: Valued, names: Sequence[str], lists: Sequence[Valued] = ()) -> Elements | None:
    """The places below a number, the numbers from one to it, and how often each is in lists."""
    if any(v is None or not 0 <= v <= 200 for v in number.values):
        return None
    items = [[(k,) for k in range(v)] for v in number.values]
    over = Call("range", (number.expr,))
    made = elements_of(over, bits_of("range", [number.bits]), (names[4],), items)
    if made is None:
        return None
    (k,) = made.leaves
    add = Call("add", (k.expr, Const(1)))
    more = [Fact(add, bits_of("add", [k.bits, 2 + constant_bits(1)]), k.row + 1, "place", USUAL)]
    for one in lists:
        pairs = zip(items, one.values, strict=True)
        times = [float(own.count(k)) for part, own in pairs for (k,) in part]
        expr = Call("count", (one.expr, Var(names[4])))
        more.append(Fact(expr, one.bits + 12.5, np.array(times), "place", USUAL))
    return replace(made, leaves=(*made.leaves, *more))


def rows_of(
    one: Valued, names: Sequence[str], others: Sequence[Valued], most: int
) -> Elements | None:
    """The rows of rows with their places, known by what whole lists' operations make of each.

    Besides, by what of ``others`` belongs to an example, the sum of products with each row.
    """
    name, place = names[3], names[4]
    items = [list(own) for own in one.values]
    flat = [row for own in items for row in own]
    if not flat:
        return None
    bank = KnownValues()
    start = Valued(Var(name), "list", _VARIABLE, tuple(flat), one.sort)
    small = [Valued(Const(k), "number", 6.0 + abs(k), (k,) * len(flat)) for k in (0, 1, -1)]
    places = Valued(
        Var(place), "number", _VARIABLE, tuple(k for own in items for k in range(len(own)))
    )
    derived = list(closure(bank, [start, places, *small], 44.0, most, name + "_"))
    made = [one for one in derived if one.is_everywhere and not isinstance(one.expr, Const)]
    numbers = [one for one in bank.of("number") if one.is_everywhere][:most]
    leaves = tuple(
        Fact(
            one.expr,
            one.bits,
            np.array(one.values, dtype=np.float64),
            one.sort,
            min(one.bits, USUAL),
        )
        for one in numbers
        if not isinstance(one.expr, Const) and max(map(abs, one.values)) <= LARGEST
    )
    leaves += (*_products(one, names, others), *held_in(one, name))
    lengths = np.array(list(map(len, items)), dtype=np.int64)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    parts = tuple(one for one in made if one.kind == "list")
    over, bits = Call("enumerate", (one.expr,)), one.bits
    return Elements(over, bits, (place, name), leaves, owner, lengths, (), parts, None, one)


def _products(one: Valued, names: Sequence[str], others: Sequence[Valued]) -> Iterator[Fact]:
    x, y, row = Var(names[0]), Var(names[1]), Var(names[3])
    for other in others:
        if other.kind == "list" and other.is_everywhere:
            pairs = Call("zip", (row, other.expr))
            expr = Call("total", (Listed((x.name, y.name), pairs, Call("mul", (x, y))),))
            numbers = [
                float(sum(a * b for a, b in zip(own, v, strict=False)))
                for rows, v in zip(one.values, other.values, strict=True)
                for own in rows
            ]
            yield Fact(expr, other.bits + 50.0, np.array(numbers), one.sort, USUAL)


def cells_of(
    one: Valued, names: Sequence[str], places: Sequence[str], is_port: bool
) -> Elements | None:
    """The numbers in rows with their places; of an input those around each, 0 beyond the ends."""
    x, row = names[0], names[3]
    i, j = places
    items = [[(b, v) for own in rows for b, v in enumerate(own)] for rows in one.values]
    over = Call("enumerate", (Var(row),))
    made = _sorted(elements_of(over, one.bits + 10.0, (j, x), items), "place", one.sort)
    if made is None:
        return None
    above = [a for rows in one.values for a, own in enumerate(rows) for _ in own]
    leaves = [Fact(Var(i), _VARIABLE, np.array(above, dtype=np.float64)), *made.leaves]
    if is_port and isinstance(one.expr, Var):
        leaves += [*around(one, i, j), ring(one, i, j, row), chequered(one, i, j)]
        leaves += [*from_the_ends(one, i, j, row), *in_blocks(one, x, i, j)]
    return replace(
        made, leaves=tuple(leaves), outer=((i, row), one.expr), rows=one, shape=one.values
    )


def regrouped(flat: Sequence[object], lengths: Sequence[int]) -> Iterator[tuple[object, ...]]:
    """What belongs to each example, of what stands one after the other."""
    start = 0
    for length in lengths:
        yield tuple(flat[start : start + length])
        start += length
