"""Guesses about the joint state of two step machines, from states that were seen in runs.

Linear equalities come from the exact null space of the states (as in Karr's domain, 1976, but from
samples), also of those states where a condition holds; bounds, sets of values, remainders and
quotients from what was seen. None of them is trusted: see :mod:`.invariants`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, product
from math import lcm
from typing import TypeAlias

from .invariants import Combination, Divides, Fact, Member, Positive, Where, Zero, fact_holds
from .steps import STEPS, Paired

State: TypeAlias = Mapping[str, int]
Condition: TypeAlias = Zero | Positive | Member

_PRIME = 2**61 - 1
_EARLY = 80  # steps after which something bounded has been seen at its bounds
_FEW = 6  # values of a variable that are told apart
_SMALL = 16
_MOST_POINTS = 64
_LARGEST_WEIGHT = 1000
_MOST_SQUARED = 8  # variables whose products are looked at
_NEAR = 2
_FACTORS = (1, -1, 2, -2)


def guesses(step: Paired, states: Sequence[State], divisors: Sequence[int]) -> Iterator[list[Fact]]:
    """Larger and larger families of facts that hold at all the states.

    ``divisors`` are those of the two sides' divisions.
    """
    seen = _Seen(step, states)
    facts: list[Fact] = [*window_facts(step), *equalities(seen.everything, states)]
    yield facts
    facts += [*_true(seen.pairs(), states), *seen.bounds(states), *seen.sets()]
    yield facts
    for condition, chosen in seen.groups(states):
        facts += [Where(condition, fact) for fact in equalities(seen.everything, chosen)]
        facts += [Where(condition, bound) for bound in seen.bounds(chosen)]
    facts += seen.differences()
    yield facts
    facts += _true(seen.divided(divisors), states)
    yield facts
    squared = seen.squared()
    if squared:
        yield [*facts, *squared]


def _true(facts: Iterable[Fact], states: Sequence[State]) -> list[Fact]:
    """Without those that a state refutes: they were built from a single one."""
    return [f for f in dict.fromkeys(facts) if all(fact_holds(f, state) for state in states)]


def of(weights: Mapping[str, int], constant: int = 0) -> Combination:
    """A form of single variables."""
    return Combination(
        tuple(((name,), weight) for name, weight in weights.items() if weight), constant
    )


def window_facts(step: Paired) -> list[Fact]:
    """Earlier elements are 0 before the start and of the domain after it."""
    facts: list[Fact] = [Positive(of({STEPS: 1}))]
    low, high = step.domain
    for name, (steps, _) in step.window.items():
        facts.append(Where(Positive(of({STEPS: -1}, steps - 1)), Zero(of({name: 1}))))
        facts += [Positive(of({name: 1}, -min(0, low))), Positive(of({name: -1}, max(0, high)))]
        if low > 0 or high < 0:
            known = Positive(of({STEPS: 1}, -steps))
            facts.append(Where(known, Positive(of({name: 1}, -low))))
            facts.append(Where(known, Positive(of({name: -1}, high))))
    return facts


def equalities(names: Sequence[str], states: Sequence[State], degree: int = 1) -> list[Zero]:
    """A basis of the linear equalities between (products of) variables that hold at all states."""
    columns: list[tuple[str, ...]] = [()]
    for d in range(1, degree + 1):
        columns += combinations_with_replacement(names, d)
    rows = _independent([[_monomial(c, state) for c in columns] for state in states])
    return [
        Zero(
            Combination(
                tuple((c, w) for c, w in zip(columns[1:], null[1:], strict=True) if w), null[0]
            )
        )
        for null in _null_space(rows, len(columns))
        if max(map(abs, null)) <= _LARGEST_WEIGHT
    ]


def _monomial(names: Sequence[str], state: State) -> int:
    result = 1
    for name in names:
        result *= state[name]
    return result


def _independent(rows: Sequence[list[int]]) -> list[list[int]]:
    """Rows that span all of them, found modulo a large prime."""
    basis: list[tuple[int, list[int]]] = []
    chosen = []
    for row in rows:
        left = [v % _PRIME for v in row]
        for pivot, other in basis:
            if left[pivot]:
                factor = left[pivot]
                left = [(a - factor * b) % _PRIME for a, b in zip(left, other, strict=True)]
        lead = next((k for k, v in enumerate(left) if v), None)
        if lead is not None:
            inverse = pow(left[lead], -1, _PRIME)
            basis.append((lead, [v * inverse % _PRIME for v in left]))
            chosen.append(row)
            if len(chosen) == len(row):
                break
    return chosen


def _null_space(rows: Sequence[list[int]], width: int) -> list[list[int]]:
    """Integer vectors that all rows are orthogonal to: a later column from earlier ones."""
    reduced: list[tuple[int, list[Fraction]]] = []
    for row in rows:
        left = [Fraction(v) for v in row]
        for pivot, other in reduced:
            left = _minus(left, other, left[pivot])
        lead = next((k for k, v in enumerate(left) if v), None)
        if lead is not None:
            left = [v / left[lead] for v in left]
            reduced = [(p, _minus(other, left, other[lead])) for p, other in reduced]
            reduced.append((lead, left))
    pivots = {p for p, _ in reduced}
    vectors = []
    for free in range(width):
        if free not in pivots:
            vector = [Fraction(0)] * width
            vector[free] = Fraction(1)
            for p, other in reduced:
                vector[p] = -other[free]
            scale = lcm(*(v.denominator for v in vector))
            vectors.append([int(v * scale) for v in vector])
    return vectors


def _minus(row: list[Fraction], other: list[Fraction], factor: Fraction) -> list[Fraction]:
    return [a - factor * b for a, b in zip(row, other, strict=True)] if factor else row


class _Seen:
    """The variables and what values they had."""

    def __init__(self, step: Paired, states: Sequence[State]) -> None:
        self.states = states
        self.window = tuple(step.window)
        self.farthest = max((steps for steps, _ in step.window.values()), default=0)
        self.program, self.registers = step.program, step.registers
        self.carried = (*step.registers, *step.program)
        self.everything = (*step.window, *step.registers, STEPS, *step.program)
        self.initial = step.initial
        self.marks = {0, *step.domain}
        early = [s for s in states if s[STEPS] <= _EARLY]
        self.values = {n: sorted({s[n] for s in states}) for n in self.everything}
        first = {n: {s[n] for s in early} for n in self.carried}
        self.stays_above = {n for n in self.carried if min(first[n]) <= self.values[n][0]}
        self.stays_below = {n for n in self.carried if max(first[n]) >= self.values[n][-1]}
        self.small = tuple(n for n in self.carried if 1 < len(self.values[n]) <= _SMALL)

    def pairs(self) -> Iterator[Zero]:
        """Variables that are equal, opposite or a constant apart."""
        for a, b in combinations(self.everything, 2):
            one = self.states[0]
            yield Zero(of({b: 1, a: -1}, one[a] - one[b]))
            yield Zero(of({b: 1, a: 1}, -one[a] - one[b]))

    def bounds(self, states: Sequence[State]) -> Iterator[Positive]:
        """Bounds of what the sides carry, as seen and at values that stand out."""
        for name in self.carried:
            values = [s[name] for s in states]
            low, high = min(values), max(values)
            marks = {*self.marks, self.initial[name]}
            lows = {mark for mark in marks if mark <= low}
            highs = {mark for mark in marks if mark >= high}
            if name in self.stays_above or low >= self.values[name][0] + _NEAR:
                lows.add(low)
            if name in self.stays_below or high <= self.values[name][-1] - _NEAR:
                highs.add(high)
            yield from (Positive(of({name: 1}, -mark)) for mark in sorted(lows))
            yield from (Positive(of({name: -1}, mark)) for mark in sorted(highs))

    def sets(self) -> Iterator[Member]:
        """Values that one or more of the small variables have together."""
        groups: list[tuple[str, ...]] = [(n,) for n in self.small]
        groups += combinations(self.small, 2)
        if len(self.small) > 2:
            groups.append(self.small)
        for names in groups:
            points = sorted({tuple(s[n] for n in names) for s in self.states})
            if len(points) <= _MOST_POINTS:
                yield Member(names, tuple(points))

    def groups(self, states: Sequence[State]) -> Iterator[tuple[Condition, list[State]]]:
        """Conditions that hold at some states and not at all of them."""
        conditions: list[Condition] = [Zero(of({STEPS: 1})), Positive(of({STEPS: 1}, -1))]
        conditions += [Positive(of({STEPS: 1}, -s)) for s in range(2, self.farthest + 1)]
        for name in self.carried:
            values = self.values[name]
            if len(values) <= _FEW:
                conditions += [Zero(of({name: 1}, -v)) for v in values]
            else:
                conditions += [Positive(of({name: 1}, -1)), Positive(of({name: -1}, -1))]
                conditions += [Zero(of({name: 1})), Positive(of({name: 1}))]
                if name in self.stays_below:
                    top = values[-1]
                    conditions += [Zero(of({name: 1}, -top)), Positive(of({name: -1}, top - 1))]
                if name in self.stays_above:
                    least = values[0]
                    conditions += [Zero(of({name: 1}, -least)), Positive(of({name: 1}, -1 - least))]
        for condition in dict.fromkeys(conditions):
            chosen = [s for s in states if fact_holds(condition, s)]
            if chosen and len(chosen) < len(states):
                yield condition, chosen

    def differences(self) -> Iterator[Positive]:
        """How far two variables are apart at most, where that is little."""
        for a, b in combinations((*self.carried, *self.window), 2):
            gaps = [s[a] - s[b] for s in self.states]
            if abs(min(gaps)) <= _NEAR:
                yield Positive(of({a: 1, b: -1}, -min(gaps)))
            if abs(max(gaps)) <= _NEAR:
                yield Positive(of({a: -1, b: 1}, max(gaps)))

    def divided(self, divisors: Sequence[int]) -> Iterator[Divides]:
        """A variable that is a remainder or a quotient of one other, or of a sum of two."""
        wholes: list[dict[str, int]] = []
        for a in (*self.carried, STEPS):
            wholes += [{a: k} for k in _FACTORS]
        for a, b in combinations((*self.carried, STEPS), 2):
            wholes += [{a: k, b: j} for k, j in product((1, -1), repeat=2)]
        ends = {self.values[n][-1] + 1 for n in self.small if self.values[n][0] == 0}
        for divisor in sorted({*divisors, *(end for end in ends if end > 1)}):
            for weights in wholes:
                yield from self._parts(weights, divisor)

    def _parts(self, weights: Mapping[str, int], divisor: int) -> Iterator[Divides]:
        one = self.states[0]
        whole = sum(w * one[n] for n, w in weights.items())
        yield Divides(of(weights, -whole % divisor), divisor, of({}))
        for name in self.carried:
            if name in weights:
                continue
            if self.values[name][0] >= 0 and self.values[name][-1] < divisor:
                shift = (one[name] - whole) % divisor
                yield Divides(of(weights, shift), divisor, of({name: 1}))
            for shift in range(divisor):
                if (whole + shift) // divisor == one[name]:
                    yield Divides(of(weights, shift), divisor, of({name: 1}), quotient=True)

    def squared(self) -> list[Zero]:
        """Equalities between products of two, where the variables are few."""
        names = (*self.window, *self.carried)
        if not 2 <= len(names) <= _MOST_SQUARED:
            return []
        return equalities(names, self.states, 2)
