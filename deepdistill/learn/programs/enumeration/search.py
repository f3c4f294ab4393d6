"""One round of the search: what operations of lists and of their elements give on few examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from ....data.pairs import ExamplePair, PairProblem
from ....data.running import Run
from ....ir.code_length import constant_bits
from ....ir.expr import Call, Const, Expr, Var
from ....ir.interval import bounds
from ....ir.types import Port
from . import last_steps
from .bodies import Conditions, bodies
from .digits import digits_of
from .elements import (
    Elements,
    alone,
    cells_of,
    counted,
    in_pairs,
    neighbours,
    placed,
    rows_of,
    side_by_side,
)
from .goal import Goal
from .halves import halved, halves
from .kept import of_kept, of_largest
from .memberships import among
from .nested import carried, each_with_each, each_with_later, each_with_places, gathered
from .ordered import arranged_answers, arranged_lists
from .outcomes import (
    answers,
    cell_answers,
    counts,
    firsts,
    flat,
    kept_lists,
    lists,
    masked_sums,
    row_answers,
    sums,
)
from .pieces import pieces
from .rearranged import rearranged
from .signatures import closure, given_by, last_of
from .valued import (
    Kind,
    KnownValues,
    Numbers,
    Sort,
    Valued,
    applied,
    bits_of,
    constant,
    frozen,
    matrix,
)


@dataclass(frozen=True, slots=True)
class Effort:
    """How far one round of the search goes, in bits and in counts."""

    closure: float
    pieces: int
    lists: int
    body: float
    bodies: int
    condition: float
    conditions: int
    numbers: int
    combined: int
    both: int  # conditions of which two are asked together
    sure: float  # programs of no more bits are not looked for again with more effort


_KEPT = 30
"""So many lists of elements of an input that are kept get a name,"""
_NAMED = 3.0
_OF_NAMED = 36.0
"""and of what is made of each so many bits are looked at."""

_COLOURS = 6
"""Pictures of so few have them as values that a number becomes."""

EFFORTS = (
    Effort(42.0, 130, 1, 22.0, 160, 36.0, 1500, 300, 0, 16, 36.0),
    Effort(44.0, 350, 4, 22.5, 250, 38.0, 2500, 800, 0, 30, 36.0),
    Effort(46.0, 900, 7, 24.0, 400, 42.0, 5000, 2000, 60, 60, 999.0),
    Effort(50.0, 1800, 12, 31.0, 700, 46.0, 9000, 3500, 100, 100, 999.0),
)


def kind_of(axes: int) -> Kind | None:
    """The kind of what has so many axes."""
    kinds: tuple[Kind, ...] = ("number", "list", "rows")
    return kinds[axes] if axes < len(kinds) else None


def has_letters(port: Port) -> bool:
    """Whether a port holds characters that are no digits, so that they are not counted with."""
    return port.is_text and not all(str(one).isdigit() for one in port.symbols)


def as_truth(one: Valued) -> Valued:
    """A number that was 0 or 1 on the examples alone as the truth that it is not 0."""
    if bounds(one.expr, {}).is_bit:
        return one
    expr = Call("ge", (one.expr, Const(1)))
    bits = bits_of("ge", [one.bits, 2 + constant_bits(1)])
    return Valued(expr, "number", bits, one.values, "truth")


class SearchRound:
    """One round of the search on a few examples."""

    def __init__(
        self, problem: PairProblem, pairs: list[ExamplePair], effort: Effort, run: Run
    ) -> None:
        self.effort, self.run = effort, run
        kind = kind_of(len(problem.output.axes))
        assert kind is not None
        self.goal = Goal(kind, tuple(frozen(pair.output) for pair in pairs))
        widths = (2, 3) if effort.lists > 1 else ()
        self.in_rows = [goal for width in widths if (goal := self.goal.in_rows(width)) is not None]
        self.in_steps = self.goal.in_steps() if effort.lists == 1 else None  # in the first round
        self.bank = KnownValues(kind, self.goal.values)
        self.answers_truths = problem.output.symbols == (False, True)
        self.counted: list[Valued] = []
        self.right: list[Valued] = []
        self.kept: list[Valued] = []  # of inputs, by many kinds of conditions
        self.names = _bound_names(problem)
        self.ports: list[Valued] = []
        for place, port in enumerate(problem.inputs):
            own = kind_of(len(port.axes))
            assert own is not None
            values = tuple(frozen(pair.inputs[place]) for pair in pairs)
            sort: Sort = "" if own == "number" else "letter" if has_letters(port) else "element"
            self.ports.append(Valued(Var(port.name), own, 3.0, values, sort))
        count = len(pairs)
        self.answered = _often(self.goal)
        wanted = [v for v in (-1, 0) if v in self.answered and self.goal.kind == "list"]
        self.defaults = wanted[:1] if effort.lists > 1 else []
        self.constants = [constant(c, count) for c in _constants(self.goal)]

    def hits(self) -> list[Valued]:
        """Expressions that give the answers, the shortest first."""
        effort = self.effort
        start = [*self.ports, *self.constants, *halves(self.ports), *digits_of(self.ports)]
        self.close(start, effort.closure, effort.pieces)
        for one in self.quotients():
            self.bank.add(one)
        new: list[Valued] = []
        for elements in self.all_elements():
            self.run.check()
            new += self.of_elements(elements)
        self.close(new, effort.closure + 14.0, effort.pieces)
        values = self.goal.values
        last = last_of(self.bank, self.goal.kind, values, 4 * effort.pieces, self.names[3])
        self.right += islice(last, 12)
        known = {id(one) for one in self.counted}
        numbers = [one for one in self.bank.of("number") if id(one) not in known]
        self.counted.sort(key=lambda one: one.bits)
        numbers = numbers[: effort.numbers] + self.counted[: effort.numbers]
        self.right += last_steps.of_numbers(numbers, self.goal, effort.combined > 0)
        self.right += last_steps.then_one(numbers, self.goal)
        self.right += last_steps.thresholds(numbers, self.goal)
        self.right += among(numbers, self.goal)
        self.right += last_steps.of_lists(self.bank, self.goal)
        if effort.combined or not self.right:
            self.choose(numbers)
        if not (effort.combined or self.right or self.bank.hits):
            self.right += self.of_named()
        unique: dict[Expr, Valued] = {}
        hits = self.right + self.bank.hits
        if self.answers_truths:
            hits = list(map(as_truth, hits))
        for one in sorted(hits, key=lambda one: one.bits):
            unique.setdefault(one.expr, one)
        return list(unique.values())

    def quotients(self) -> list[Valued]:
        """Quotients of the shortest numbers: means of many kinds."""
        numbers = [one for one in self.bank.of("number") if not isinstance(one.expr, Const)][:9]
        pairs = [(a, b) for a in numbers for b in numbers if a is not b]
        made = [applied("floordiv", "number", pair, given_by("floordiv", pair)) for pair in pairs]
        return [one for one in made if any(one.values)]

    def of_named(self) -> Iterator[Valued]:
        """What operations make of elements that are kept, which are told once and get a name."""
        goal = self.goal
        for one in sorted(self.kept, key=lambda one: one.bits):
            self.run.check()
            bank = KnownValues(goal.kind, goal.values)
            start = [replace(one, bits=_NAMED), *self.constants]
            for _ in closure(bank, start, _OF_NAMED, self.effort.pieces // 6, self.names[3]):
                pass
            numbers = bank.of("number")[: self.effort.numbers]
            last = last_of(bank, goal.kind, goal.values, self.effort.pieces, self.names[3])
            hits = [*bank.hits, *last, *last_steps.thresholds(numbers, goal)]
            hits += last_steps.of_numbers(numbers, goal, False)
            yield from (replace(hit, bits=hit.bits + one.bits - _NAMED) for hit in hits)

    def close(self, start: list[Valued], bits: float, most: int) -> None:
        for place, _ in enumerate(closure(self.bank, start, bits, most, self.names[3])):
            if place % 50 == 0:
                self.run.check()

    def choose(self, numbers: list[Valued]) -> None:
        """A condition that chooses between two answers."""
        count = len(self.goal.values)
        defined = [one for one in numbers if one.is_everywhere]
        conditions = [
            one for one in defined if set(one.values) <= {0, 1} and len(set(one.values)) > 1
        ]
        conditions += last_steps.truths(defined[:80], 3000)
        own = self.bank.of(self.goal.kind)[: self.effort.numbers]
        if self.goal.kind == "number":
            known = {one.expr for one in own}
            plain = [constant(v, count) for v in sorted(set(self.goal.values))[:20]]
            own += [one for one in plain if one.expr not in known]
            own.sort(key=lambda one: one.bits)
        conditions.sort(key=lambda one: one.bits)
        self.right += last_steps.chosen(own, conditions[:3000], self.goal)

    def all_elements(self) -> Iterator[Elements]:
        """Elements of the shortest lists, alone, with places and neighbours, and side by side."""
        names, effort, deep = self.names, self.effort, self.effort.lists > 1
        chosen = [one for one in self.bank.of("list") if _is_long(one)]
        inputs = [one for one in chosen if one in self.ports]
        chosen = list(dict.fromkeys([*inputs, *chosen]))[: max(effort.lists, len(inputs))]
        made: list[Elements | None] = []
        whole = [one for one in self.bank.of("list") if one.is_everywhere] if deep else []
        whole = [one for one in whole if one not in self.ports]
        for place, one in enumerate(chosen):
            made += [alone(one, names, self.ports, whole)]
            if place < max(3, effort.lists // 2):
                made += [
                    placed(one, names, self.defaults),
                    neighbours(one, 2, names),
                    neighbours(one, 3, names),
                ]
        for first, a in enumerate(chosen[:5]):
            made += [side_by_side(a, b, names) for b in chosen[first + 1 : 5]]
        if effort.lists > 1:
            for one in inputs:
                made += [side_by_side(a, b, names) for a, b in halved(one, self.goal)]
            pairs = [(a, b) for k, a in enumerate(inputs) for b in inputs[k + 1 :]]
            made += [each_with_each(a, b, names, names[5:]) for a, b in pairs]
            for one in inputs:
                made += [in_pairs(one, names)]
                made += [each_with_later(one, names, names[5:])]
                made += each_with_places(one, names, names[5:])
        for number in self.bank.of("number")[: effort.lists]:
            if not isinstance(number.expr, Const):
                made.append(counted(number, names, inputs if effort.lists > 1 else ()))
        rows = [one for one in self.bank.of("rows") if one.is_everywhere][: effort.lists]
        if self.goal.kind == "rows" or any(one.kind == "rows" for one in self.ports):
            rows = [one for one in self.bank.of("rows") if one.is_everywhere][: 2 * effort.lists]
        for one in rows:
            made.append(rows_of(one, names, self.ports, 30 + effort.pieces // 10))
            made.append(cells_of(one, names, names[5:], one in self.ports))
        yield from (one for one in made if one is not None)

    def of_elements(self, elements: Elements) -> list[Valued]:
        """What these elements give; what is the goal is found, other lists and numbers are kept."""
        effort, goal = self.effort, self.goal
        numbers = self.in_scope(elements)
        made = bodies(elements, numbers, self.answered, effort.body, effort.bodies)
        conditions = Conditions(made, goal, effort.condition, effort.conditions)
        conditions.combined(effort.both, effort.conditions)
        deep = effort.lists > 1
        self.right += answers(made, conditions, goal, deep)
        for rows_goal in self.in_rows:
            self.right += map(flat, answers(made, conditions, rows_goal, False))
        if self.in_steps is not None:
            steps = answers(made, conditions, self.in_steps, False)
            self.right += (applied("running_sum", "list", (one,), goal.values) for one in steps)
        self.right += pieces(made, conditions, goal)
        if not effort.combined:
            self.right += rearranged(made, conditions, goal)
            self.right += of_kept(made, conditions, goal)
            if len(elements.names) == 1 and any(elements.over == one.expr for one in self.ports):
                self.kept += kept_lists(made, conditions, _KEPT)
        self.right += of_largest(made, goal)
        self.right += arranged_answers(made, conditions, goal)
        self.right += masked_sums(made, conditions, goal)
        self.right += firsts(made, conditions, goal)
        for one in counts(conditions, goal, effort.numbers // 4):
            self.counted += [one] if self.bank.add(one) else []
        for one in sums(made, effort.numbers // 12):
            self.counted += [one] if self.bank.add(one) else []
        rows = elements.rows
        self.right += cell_answers(made, conditions, goal, deep)
        if effort.lists > 1:
            self.right += gathered(made, goal, self.bank, self.names)
            self.right += carried(made, goal)
        if rows is not None and elements.outer is not None:
            return []
        new = list(lists(made, conditions, 12 * effort.lists, 12 * effort.lists))
        if effort.lists > 1:
            new += arranged_lists(made, 6 * effort.lists)
        if rows is not None:
            new += row_answers(conditions, goal, rows, 4 * effort.lists)
        return new

    def in_scope(self, elements: Elements) -> list[Valued]:
        """Numbers that stand beside elements: inputs, then those among them, then the shortest.

        Means come before others that are as long.
        """
        lengths = elements.lengths > 0
        low, high = self.among(elements)

        def order(one: Valued) -> tuple[bool, float]:
            row = matrix([one])[0, lengths]
            first = one in self.ports or bool(((low <= row) & (row <= high)).all())
            mean = isinstance(one.expr, Call) and one.expr.op == "floordiv"
            return not first, one.bits / 2 if mean else one.bits

        numbers = [
            one
            for one in self.bank.of("number")[: self.effort.numbers]
            if one.is_everywhere and not isinstance(one.expr, Const)
        ]
        return sorted(numbers, key=order)[: 6 + 3 * self.effort.lists]

    def among(self, elements: Elements) -> tuple[Numbers, Numbers]:
        """The smallest and the largest of the elements of each example that has some."""
        own = (leaf for leaf in elements.leaves if leaf.expr == Var(elements.names[-1]))
        row = next(own, elements.leaves[0]).row
        ends = np.cumsum(elements.lengths)
        spans = zip(ends, elements.lengths, strict=True)
        parts = [row[end - length : end] for end, length in spans if length]
        return np.array([part.min() for part in parts]), np.array([part.max() for part in parts])


def _is_long(one: Valued) -> bool:
    """Whether a list has elements to look at; a number in brackets is looked at without."""
    single = isinstance(one.expr, Call) and one.expr.op == "single"
    return not single and one.is_everywhere and sum(map(len, one.values)) >= 2


def _constants(goal: Goal) -> list[int]:
    plain = [0, 1, 2, 3, -1, -2]
    if goal.kind == "number":
        plain += [v for v in sorted(set(goal.values)) if abs(v) <= 10][:8]
    return list(dict.fromkeys(plain))


def _often(goal: Goal) -> list[int]:
    """Numbers that answers have often, their extremes, and of what they could be remainders."""
    if goal.kind == "rows":
        colours = sorted({x for rows in goal.values for row in rows for x in row})
        return colours if len(colours) <= _COLOURS else []
    numbers = list(goal.values) if goal.kind == "number" else [x for v in goal.values for x in v]
    if not numbers:
        return []
    often = [v for v, times in Counter(numbers).most_common(4) if times * 8 >= len(numbers)]
    return list(dict.fromkeys([*often, min(numbers), max(numbers), max(numbers) + 1]))


def _bound_names(problem: PairProblem) -> tuple[str, ...]:
    """Names for three elements side by side, a row, and three places, which no input has."""
    taken = {problem.name, problem.output.name, *(port.name for port in problem.inputs)}
    wanted = (("x", "number"), ("y", "following"), ("z", "third"), ("row", "line"), ("k", "place"))
    more = (("i", "down"), ("j", "across"))
    own = (*wanted, *more)
    return tuple(next(n for n in (*names, names[0] + "_1") if n not in taken) for names in own)
