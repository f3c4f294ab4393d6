"""The cells of an axis: what counts over its places have to do with one another.

The places that are no *point* (a place with a name) are divided into cells: one for each joint
truth of the conditions that are counted, as far as z3 finds it possible at all. One number for each
cell, not negative, is how many places it has; a count is the sum of its cells and of its points,
and all of them are as many as there are places. The method is that of Kuncak, Nguyen and Rinard,
Deciding Boolean Algebra with Presburger Arithmetic (2006).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import z3

from .alone import Alone
from .counts import Counts, Family, nodes
from .encode import Term, added
from .session import Session

MOST_CELLS = 400
_LEMMA = "a lemma on the cells of axis"


class Point(NamedTuple):
    """A place, where ``there`` holds. ``age`` counts the witnesses of witnesses that led to it."""

    place: Term
    there: Term
    age: int


class Counted(NamedTuple):
    """A count at ground arguments. ``level`` says how deep in conditions it stands."""

    family: Family
    args: tuple[Term, ...]
    term: Term
    level: int
    age: int

    def holds(self, place: Term) -> Term:
        return self.family.holds(self.args, place)

    def gives(self, place: Term) -> Term:
        return self.family.gives(self.args, place)

    def share(self, place: Term) -> Term:
        """What a place adds."""
        return z3.If(self.holds(place), self.gives(place), z3.IntVal(0))

    @property
    def adds(self) -> bool:
        """Whether it is a sum of numbers."""
        return self.family.value is not None


class TooMany(Exception):
    """More cells than can be told apart in reasonable time."""


@dataclass(frozen=True, slots=True)
class CellAxis:
    """The places along one axis, some of which are points, and what is known of everything."""

    counts: Counts
    session: Session
    number: int
    points: Sequence[Point]
    facts: Sequence[Term]
    label: str
    known: frozenset[int] = frozenset()  # the ids of counts that ``facts`` tell

    @property
    def size(self) -> Term:
        return self.counts.sizes[self.number]

    def equations(self, counted: Sequence[Counted], nested: bool = True) -> list[Term]:
        """What the counts are: consequences of what they mean, whatever the input is.

        ``nested``: the counts in conditions are told apart too, at a place that is no point.
        :class:`TooMany` where the cells are too many.
        """
        place = z3.Int(f"any place {self.label}")
        holds = [c.holds(place) for c in counted]
        parts = [(k, c.gives(place)) for k, c in enumerate(counted) if c.adds]
        marked = [*holds, *(z3.And(holds[k], number >= 1) for k, number in parts)]
        base = [place >= 0, place < self.size, *bounds(self.counts, marked)]
        base += [z3.Or(z3.Not(point.there), place != point.place) for point in self.points]
        solver = Alone(self.session, [*self.facts, *base], f"{_LEMMA} {self.label}")
        if nested:
            solver.add(*self._inner(place, marked))
        cells = self._cells(solver, counted, marked)
        sizes = [z3.Int(f"cell {self.label} {k}") for k in range(len(cells))]
        result = [size >= 0 for size in sizes]
        for k, (cell, size) in enumerate(zip(cells, sizes, strict=True)):
            # a cell that is not empty has a place
            own = z3.Int(f"any place {self.label} {k}")
            described = z3.And(*base, *_signed(marked, cell))
            result.append(z3.Implies(size >= 1, z3.substitute(described, (place, own))))
        there = self._distinct()
        ones = [z3.If(own, 1, 0) for own in there]
        result.append(self.size == added(z3.IntVal(0), *ones, *sizes))
        shares_of: list[list[Term]] = [[] for _ in counted]
        for k, (cell, size) in enumerate(zip(cells, sizes, strict=True)):
            for t, c in enumerate(counted):
                if cell[t] and not c.adds:
                    shares_of[t].append(size)
            within = _signed(marked, cell)
            result += self._sums(solver, counted, parts, cell, within, size, k, shares_of)
        for c, shares in zip(counted, shares_of, strict=True):
            own = [
                z3.If(distinct, c.share(point.place), z3.IntVal(0))
                for distinct, point in zip(there, self.points, strict=True)
            ]
            result.append(c.term == added(z3.IntVal(0), *own, *shares))
        return result

    def _cells(
        self, solver: Alone, counted: Sequence[Counted], marked: Sequence[Term]
    ) -> list[tuple[bool, ...]]:
        """The joint truths that a place may have; none of a count that has to be 0."""
        marks = [z3.Bool(f"mark {self.label} {k}") for k in range(len(marked))]
        for c, mark in zip(counted, marks, strict=False):
            if not c.adds and solver.check(c.term >= 1) == "unsat":
                solver.add(z3.Not(mark))
        solver.add(*(mark == truth for mark, truth in zip(marks, marked, strict=True)))
        cells = solver.cells(marks, MOST_CELLS)
        if cells is None:
            raise TooMany
        return cells

    def _distinct(self) -> list[Term]:
        """Whether each point is a place, and not the same as one before it."""
        return [
            z3.And(
                point.there,
                *(z3.Or(z3.Not(p.there), p.place != point.place) for p in self.points[:k]),
            )
            for k, point in enumerate(self.points)
        ]

    def _sums(
        self,
        solver: Alone,
        counted: Sequence[Counted],
        parts: Sequence[tuple[int, Term]],
        cell: Sequence[bool],
        within: Sequence[Term],
        size: Term,
        k: int,
        added: list[list[Term]],
    ) -> list[Term]:
        """Add what a cell gives to each sum of numbers; the laws of these shares.

        Numbers that are always equal in the cell have the same share.
        """
        laws: list[Term] = []
        sums: list[tuple[Term, Term]] = []
        for t, number in parts:
            if not cell[t]:
                continue
            share = solver.alike(number, sums, within)
            if share is None:
                share = z3.Int(f"sum {self.label} {k} {len(sums)}")
                sums.append((number, share))
                laws.append(z3.Implies(size == 0, share == 0))
                if solver.check(*within, number < 0) == "unsat":
                    laws.append(share >= 0)
                if solver.check(*within, number < 1) == "unsat":
                    laws.append(share >= size)
                if solver.check(*within, number > 0) == "unsat":
                    laws.append(share <= 0)
            limits = counted[t].family.bounds
            if limits is not None:
                laws += [share >= limits.low * size, share <= limits.high * size]
            added[t].append(share)
        return laws

    def _inner(self, place: Term, marked: Sequence[Term]) -> list[Term]:
        """What the counts that are said of one place have to do with one another."""
        by_axis: dict[int, list[Counted]] = {}
        for term in nodes(marked):
            family = self.counts.families.get(term.decl().name())
            if family is not None and term.get_id() not in self.known:
                inner = Counted(family, tuple(term.children()), term, 0, 0)
                by_axis.setdefault(family.axis, []).append(inner)
        result: list[Term] = []
        facts = [*(size >= 1 for size in self.counts.sizes), place >= 0, place < self.size]
        facts += bounds(self.counts, marked)
        for axis, counted in sorted(by_axis.items()):
            own = [Point(place, z3.BoolVal(True), 0)] if axis == self.number else []
            label = f"{self.label} in {axis}"
            with suppress(TooMany):
                there = CellAxis(self.counts, self.session, axis, own, facts, label)
                result += there.equations(counted, nested=False)
        return result


def bounds(counts: Counts, terms: Sequence[Term]) -> list[Term]:
    """The ranges of elements, chosen places and counts among the subterms."""
    result = []
    for term in nodes(terms):
        name = term.decl().name()
        if term.decl().eq(counts.array):
            result.append(z3.And(term >= counts.domain.low, term <= counts.domain.high))
        elif name in counts.choices:
            size = counts.sizes[counts.choices[name].axis]
            result.append(z3.And(term >= 0, term < size))
        elif name in counts.families and counts.families[name].value is None:
            size = counts.sizes[counts.families[name].axis]
            result.append(z3.And(term >= 0, term <= size))
    return result


def _signed(marked: Sequence[Term], cell: Sequence[bool]) -> list[Term]:
    return [truth if mark else z3.Not(truth) for truth, mark in zip(marked, cell, strict=True)]
