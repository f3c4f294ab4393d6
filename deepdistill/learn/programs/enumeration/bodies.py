"""Expressions of an element, and conditions on it: all short ones, of equal ones the shortest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ....ir.code_length import constant_bits, operation_bits
from ....ir.expr import Call, Const, Expr, is_truth, negated
from ....ir.ops import OPERATIONS
from .elements import ALWAYS, Elements
from .facts import Fact
from .goal import Goal
from .memberships import memberships
from .valued import LARGEST, Numbers, Valued

Truths = npt.NDArray[np.bool_]

ARITHMETIC = ("add", "sub", "mul", "mod", "floordiv", "max", "min")
_SYMMETRIC = frozenset(["add", "mul", "max", "min", "eq", "ne"])
COMPARED = {"eq": "ne", "lt": "ge"}
"""What is asked of two numbers, and what holds where that does not."""
MORE = 7.5
"""Bits above which a number in scope is not counted when it is ordered: it gets a name."""
_MOST_THRESHOLDS = 130
_CONSTANTS = (0, 1, 2, 3, 4, 5, 10)


class Bodies:
    """Values of an element: the shortest expression of each, in the order they were made."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self.exprs: list[Expr] = []
        self.bits: list[float] = []
        self.order: list[float] = []
        self.fixed: list[bool] = []  # the same for all elements of an example
        self.fresh: list[bool] = []  # not told by simpler elements
        self.letter: list[bool] = []  # equal or not, and no number
        self._rows: list[Numbers] = []
        self._places: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self.exprs)

    @property
    def rows(self) -> Numbers:
        return np.array(self._rows).reshape(len(self._rows), len(self.elements.owner))

    def add(
        self,
        expr: Expr,
        bits: float,
        row: Numbers,
        order: float = 0.0,
        fixed: bool = False,
        fresh: bool = False,
        letter: bool = False,
    ) -> bool:
        key = (row + 0.0).tobytes()  # -0.0 is 0.0
        if key in self._places:
            return False
        self._places[key] = len(self.exprs)
        self.exprs.append(expr)
        self.bits.append(bits)
        self.order.append(order or bits)
        self.fixed.append(fixed)
        self.fresh.append(fresh)
        self.letter.append(letter)
        self._rows.append(row + 0.0)
        return True

    def place(self, row: Numbers) -> int | None:
        return self._places.get((row + 0.0).tobytes())

    def shortest_first(self) -> list[int]:
        """The places of the values in the order of their bits."""
        return sorted(range(len(self)), key=lambda k: self.bits[k])

    def shortest(self, rows: Numbers, wanted: Numbers) -> tuple[float, Expr] | None:
        """The shortest value that is what is wanted, with its bits; ``rows`` are some elements'."""
        places = np.flatnonzero((rows == wanted).all(axis=1)).tolist()
        if not places:
            return None
        best = min(places, key=lambda k: self.bits[k])
        return self.bits[best], self.exprs[best]


def bodies(
    elements: Elements,
    numbers: Sequence[Valued],
    constants: Sequence[int],
    order: float,
    most: int,
) -> Bodies:
    """The values of an element up to a length, made of what is known of it and of numbers."""
    made = Bodies(elements)
    for leaf in elements.leaves:
        fresh = elements.is_new(leaf.expr)
        letter = leaf.sort == "letter"
        made.add(leaf.expr, leaf.bits, leaf.row, leaf.order, fresh=fresh, letter=letter)
    for value in dict.fromkeys([*_constants(elements), *constants]):
        bits = 2 + constant_bits(value)
        row = np.full(len(elements.owner), float(value))
        made.add(Const(value), bits, row, min(bits, MORE), True)
    for number in numbers:
        row = elements.spread(number)
        if np.isfinite(row).all():
            letter = number.sort == "letter"
            made.add(number.expr, number.bits, row, min(number.bits, MORE), True, letter=letter)
    known = len(made)
    done = 0
    while done < len(made) < most:  # each round combines what is new with the first ones
        start, done = done, len(made)
        _combine(made, range(start, done), range(known), order, most)
    return made


def _constants(elements: Elements) -> Iterator[int]:
    largest = max(float(leaf.row.max()) for leaf in elements.leaves)
    smallest = min(float(leaf.row.min()) for leaf in elements.leaves)
    span = max(largest - smallest, 1.0)
    yield from (c for c in _CONSTANTS if c <= 2 or c <= span)
    if smallest < 0:
        yield -1


def _combine(made: Bodies, left: range, right: range, order: float, most: int) -> None:
    rows = made.rows
    pairs: list[tuple[float, str, int, int]] = []
    for op in ARITHMETIC:
        own = operation_bits(op, 2)
        for i in left:
            if made.order[i] + own + 2 > order or made.letter[i]:
                continue
            for j in right:
                bits = made.order[i] + made.order[j] + own
                if bits > order or (made.fixed[i] and made.fixed[j]) or made.letter[j]:
                    continue
                pairs.append((bits, op, i, j))
                if op not in _SYMMETRIC and i != j:
                    pairs.append((bits, op, j, i))
    pairs.sort(key=lambda pair: pair[0])
    with np.errstate(all="ignore"):
        for bits, op, i, j in pairs:
            if len(made) >= most:
                return
            if op in ("mod", "floordiv") and made.fixed[j] and rows[j].min() < 2:
                continue
            function = OPERATIONS[op].columns
            assert function is not None
            row = function(np, rows[i], rows[j])
            if not np.abs(row).max() <= LARGEST:  # NaN neither
                continue
            expr = Call(op, (made.exprs[i], made.exprs[j]))
            own = made.bits[i] + made.bits[j] + operation_bits(op, 2)
            fresh = made.fresh[i] or made.fresh[j]
            made.add(expr, own, row, bits, fresh=fresh)
            if op == "sub" and i < j:
                size = Call("abs", (expr,))
                made.add(size, own + operation_bits("abs", 1), np.abs(row), bits + 4, fresh=fresh)


class Conditions:
    """Conditions on an element, the shortest first: a row of truths for each."""

    def __init__(self, made: Bodies, goal: Goal, order: float, most: int) -> None:
        self.elements = made.elements
        parts = [
            *_thresholds(made.elements), *_compared(made, order), *_members(made.elements, goal)
        ]  # fmt: skip
        width = len(made.elements.owner)
        rows = np.concatenate([np.zeros((0, width), dtype=bool), *(part.rows for part in parts)])
        bits = np.concatenate([np.zeros(0), *(part.bits for part in parts)])
        fresh = np.concatenate([np.zeros(0, dtype=bool), *(part.fresh for part in parts)])
        sizes = [len(part.bits) for part in parts]
        starts = np.cumsum([0, *sizes])
        owner = np.repeat(np.arange(len(parts)), sizes)
        less = np.repeat([part.less for part in parts], sizes)
        shortest = np.argsort(bits, kind="stable")
        unique = shortest[first_of_each(rows[shortest])]
        # what is known of an element is asked whatever the length of what it is known by
        looked_at = np.sort(np.argsort((bits - less)[unique], kind="stable")[:most])
        kept = unique[looked_at]
        self.rows: Truths = rows[kept]
        self.fresh: Truths = fresh[kept]
        self.bits: list[float] = bits[kept].tolist()
        self._told: list[tuple[_Compared, int] | tuple[str, int, int] | Const] = [
            (parts[owner[k]], int(k - starts[owner[k]])) for k in kept.tolist()
        ]
        self.counts: Numbers = self._counted(self.rows)

    def __len__(self) -> int:
        return len(self.bits)

    def expr(self, place: int) -> Expr:
        """The condition itself."""
        match self._told[place]:
            case Const() as always:
                return always
            case (op, i, j):
                return Call(op, (self.expr(i), self.expr(j)))
            case (part, k):
                assert isinstance(part, _Compared)
                return Call(part.op, (part.left[k], part.right[k])) if part.op else part.left[k]

    def none(self) -> Conditions:
        """The one that holds for all elements."""
        every = copy(self)
        every.rows = np.ones((1, len(self.elements.owner)), dtype=bool)
        every.fresh, every.bits, every._told = np.zeros(1, dtype=bool), [0.0], [ALWAYS]
        every.counts = every._counted(every.rows)
        return every

    def varied(self, most: int, each: int = 3) -> list[int]:
        """The shortest conditions, a few of each that ask for the same."""
        counts: Counter[Expr] = Counter()
        places: list[int] = []
        for place, origin in enumerate(self._told):
            if (
                not isinstance(origin, Const)
                and len(origin) == 2
                and counts[origin[0].left[origin[1]]] < each
            ):
                counts[origin[0].left[origin[1]]] += 1
                places.append(place)
            if len(places) == most:
                break
        return places

    def _counted(self, rows: Truths) -> Numbers:
        sums = rows.astype(np.float32) @ self.elements.sums.astype(np.float32)
        counts: Numbers = sums.astype(np.float64)
        return counts

    def combined(self, first: int, most: int) -> None:
        """Add what two of the ``first`` conditions say together."""
        count = min(first, len(self))
        i, j = np.triu_indices(count, 1)
        both, either = self.rows[i] & self.rows[j], self.rows[i] | self.rows[j]
        varied = [both.any(axis=1), ~either.all(axis=1)]
        rows = np.concatenate([self.rows, both[varied[0]], either[varied[1]]])
        own = np.array(self.bits)
        more = [
            own[i[v]] + own[j[v]] + operation_bits(op, 2)
            for op, v in zip(("and", "or"), varied, strict=True)
        ]
        origins: list[tuple[str, int, int]] = [
            (op, a, b)
            for op, v in zip(("and", "or"), varied, strict=True)
            for a, b in zip(i[v].tolist(), j[v].tolist(), strict=True)
        ]
        bits = np.concatenate([own, *more])
        order = np.concatenate(
            [np.arange(len(own)), len(own) + np.argsort(bits[len(own) :], kind="stable")]
        )
        kept = order[first_of_each(rows[order])[: len(own) + most]]
        kept = kept[np.argsort(bits[kept], kind="stable")]
        place = {int(old): new for new, old in enumerate(kept) if old < len(own)}
        old = self._told
        self._told = [
            old[k]
            if k < len(own)
            else (origins[k - len(own)][0], *(place[p] for p in origins[k - len(own)][1:]))
            for k in kept.tolist()
        ]
        fresh = self.fresh[i] | self.fresh[j]
        self.fresh = np.concatenate([self.fresh, *(fresh[v] for v in varied)])[kept]
        self.rows, self.bits = rows[kept], bits[kept].tolist()
        self.counts = self._counted(self.rows)


def first_of_each(rows: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """The places of rows that are the first of their kind, in order."""
    if not len(rows):
        return np.zeros(0, dtype=np.int64)
    packed = np.ascontiguousarray(np.packbits(rows, axis=1) if rows.dtype == bool else rows)
    keys = packed.view(np.dtype((np.void, packed.shape[1] * packed.itemsize))).ravel()
    _, first = np.unique(keys, return_index=True)
    return np.sort(first)


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """Comparisons by one operation: what is compared, bits, and where it holds."""

    op: str
    left: Sequence[Expr]
    right: Sequence[Expr]
    bits: Numbers
    rows: Truths
    fresh: Truths
    less: float = 0.0
    """Bits that are not counted where conditions are ordered."""


def _compared(made: Bodies, order: float) -> Iterator[_Compared]:
    """Comparisons of two values."""
    rows, exprs = made.rows, made.exprs
    orders, bits = np.array(made.order), np.array(made.bits)
    fixed, fresh = np.array(made.fixed), np.array(made.fresh)
    letter = np.array(made.letter)
    for op, opposite in COMPARED.items():
        function = OPERATIONS[op].columns
        assert function is not None
        own, other = operation_bits(op, 2), operation_bits(opposite, 2)
        for i in range(len(made)):
            near = (orders + orders[i] + own <= order) & ~(fixed & fixed[i])
            if op in _SYMMETRIC:
                near &= _after(made, i)
                near &= (letter == letter[i]) | fixed | fixed[i]
            else:
                near &= ~(letter | letter[i])
            places = np.flatnonzero(near)
            if not len(places):
                continue
            truths = function(np, rows[i], rows[places])
            varied = truths.any(axis=1) & ~truths.all(axis=1)
            places, truths = places[varied], truths[varied]
            left, right = [exprs[i]] * len(places), [exprs[j] for j in places.tolist()]
            pair_bits = bits[i] + bits[places]
            new = fresh[places] | fresh[i]
            yield _Compared(op, left, right, pair_bits + own, truths, new)
            yield _Compared(opposite, left, right, pair_bits + other, ~truths, new)


def _after(made: Bodies, i: int) -> Truths:
    """Which values stand after one in the order in which they are compared: constants last."""
    ranks = np.array(made.fixed) * len(made) + np.arange(len(made))
    later: Truths = ranks > ranks[i]
    return later


def _thresholds(elements: Elements) -> Iterator[_Compared]:
    """What is known of an element, compared with each number seen; a truth as it is."""
    for leaf in elements.leaves:
        if is_truth(leaf.expr) and elements.is_new(leaf.expr):
            held = leaf.row[None] == 1
            opposite = negated(leaf.expr)
            match leaf.expr:
                case Call("in", args):
                    opposite = Call("notin", args)
            for expr, rows in ((leaf.expr, held), (opposite, ~held)):
                cost = np.array([leaf.bits])
                yield _Compared("", [expr], [expr], cost, rows, rows[:, 0] | True)
            continue
        seen = np.unique(leaf.row)
        if not elements.is_new(leaf.expr) or not 1 < len(seen) <= _MOST_THRESHOLDS:
            continue
        ends = zip(seen[:-1].tolist(), seen[1:].tolist(), strict=True)
        steps = [roundest(int(low) + 1, int(high)) for low, high in ends]
        holds = leaf.row >= np.array(steps, dtype=np.float64)[:, None]
        is_one = leaf.row == seen[:, None]
        kinds = ("eq", "ne") if leaf.sort == "letter" else ("ge", "lt", "eq", "ne")
        for op, values, rows in (
            ("ge", steps, holds), ("lt", steps, ~holds),
            ("eq", seen.tolist(), is_one), ("ne", seen.tolist(), ~is_one),
        ):  # fmt: skip
            if op not in kinds:
                continue
            own = leaf.bits + operation_bits(op, 2) + 2
            bits = np.array([own + constant_bits(int(value)) for value in values])
            right = [Const(int(value)) for value in values]
            less = leaf.bits - (leaf.order or leaf.bits)
            fresh = rows[:, 0] | True
            yield _Compared(op, [leaf.expr] * len(right), right, bits, rows, fresh, less)
        if leaf.sort not in ("letter", "truth") and seen[-1] > 1:
            yield _odd_or_even(leaf)


def _odd_or_even(leaf: Fact) -> _Compared:
    """Whether what is known of an element is even, and whether it is odd."""
    rows = leaf.row % 2 == np.array([[0.0], [1.0]])
    rest, right = Call("mod", (leaf.expr, Const(2))), [Const(0), Const(1)]
    own = leaf.bits + operation_bits("mod", 2) + operation_bits("eq", 2) + 4 + constant_bits(2)
    bits = np.array([own + constant_bits(value) for value in (0, 1)])
    less = leaf.bits - (leaf.order or leaf.bits)
    return _Compared("eq", [rest] * 2, right, bits, rows, np.array([True, True]), less)


def _members(elements: Elements, goal: Goal) -> Iterator[_Compared]:
    """Whether an element is one of a few values."""
    for fact, values in memberships(elements, goal):
        held = np.isin(fact.row, values)
        for op, rows in (("in", held), ("notin", ~held)):
            bits = np.array([fact.bits + operation_bits(op, 2) + 2 + constant_bits(values)])
            yield _Compared(op, [fact.expr], [Const(values)], bits, rows[None], np.array([True]))


def roundest(low: int, high: int) -> int:
    """The number from ``low`` to ``high`` that is told most briefly, of equal ones the roundest."""
    between = range(low, min(high, low + 1000) + 1)
    return min(between, key=lambda c: (constant_bits(c), c % 10 != 0, c % 5 != 0, c))
