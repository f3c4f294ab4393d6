"""Lists in the language of :mod:`.counts`: functions of a place, with a length.

What an operation gives for a list is described, not computed: the k-th in order is an element of
which at most k are smaller, and an operation that stands for a loop has the loop's own terms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import z3

from .counts import Counts
from .encode import NotEncoded, Term


@dataclass(frozen=True, slots=True)
class LineTerms:
    """A list: its elements, its length, and the axis that has as many places or more."""

    axis: int
    length: Term
    at: Callable[[Term], Term]
    sorted_of: LineTerms | None = None  # the list that it is in order


@dataclass(frozen=True, slots=True)
class ListTerms:
    """Operations of whole lists, as counts of places."""

    counts: Counts

    def ordered(self, line: LineTerms) -> LineTerms:
        """In order: the k-th element has at most k that are smaller, and more than k not larger."""

        def at(k: Term) -> Term:
            def fact(place: Term) -> Term:
                smaller = self.many(line, lambda j: line.at(j) < line.at(place))
                not_larger = self.many(line, lambda j: line.at(j) <= line.at(place))
                described = z3.And(place < line.length, smaller <= k, k < not_larger)
                return z3.Implies(z3.And(k >= 0, k < line.length), described)

            return line.at(self.counts.choose(line.axis, fact))

        return LineTerms(line.axis, line.length, at, line)

    def many(self, line: LineTerms, condition: Callable[[Term], Term]) -> Term:
        return self.counts.count(line.axis, lambda j: z3.And(j >= 0, j < line.length, condition(j)))

    def quick(self, op: str, line: LineTerms) -> LineTerms:
        """The list of an operation that stands for a loop: what the loop gives at each place."""
        return LineTerms(line.axis, line.length, partial(self._at, op, line))

    def _at(self, op: str, line: LineTerms, k: Term) -> Term:
        beginning = LineTerms(line.axis, k + 1, line.at)
        match op:
            case "ranks":
                smaller = self.many(line, lambda j: line.at(j) < line.at(k))
                return smaller + self._at("earlier", line, k)
            case "earlier":
                return self.many(line, lambda j: z3.And(j < k, line.at(j) == line.at(k)))
            case "tally":  # the place is a value
                return self.many(line, lambda j: line.at(j) == k)
            case "running_sum":
                return self.sum(line, k + 1)
            case "running_maximum" | "running_minimum":
                return self.extreme(beginning, op == "running_maximum")
            case "running_distinct":
                return self.distinct(beginning)
            case "palindromes":
                return z3.If(self.same(beginning, backwards(beginning)), 1, 0)
            case _:
                raise NotEncoded(f"the operation {op}")

    def distinct(self, line: LineTerms) -> Term:
        def repeated(j: Term) -> Term:
            return self.many(line, lambda k: z3.And(k < j, line.at(k) == line.at(j))) >= 1

        return line.length - self.many(line, repeated)

    def same(self, one: LineTerms, other: LineTerms) -> Term:
        unlike = self.many(one, lambda j: one.at(j) != other.at(j))
        return z3.And(one.length == other.length, unlike == 0)

    def extreme(self, line: LineTerms, largest: bool) -> Term:
        def fact(place: Term) -> Term:
            beyond = self.many(
                line,
                lambda j: line.at(j) > line.at(place) if largest else line.at(j) < line.at(place),
            )
            return z3.Implies(line.length >= 1, z3.And(place < line.length, beyond == 0))

        return line.at(self.counts.choose(line.axis, fact))

    def sum(self, line: LineTerms, stop: Term) -> Term:
        """The elements before a place, added up."""
        place = self.counts.running(line.axis)
        inside = z3.And(place >= 0, place < stop)
        return self.counts.total(line.axis, place, inside, line.at(place), None)


def backwards(line: LineTerms) -> LineTerms:
    return LineTerms(line.axis, line.length, lambda k: line.at(line.length - 1 - k))
