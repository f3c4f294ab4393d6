"""Clauses as the driver works on them: numbered variables, costs, and where literals occur."""

from __future__ import annotations

from collections.abc import Sequence

from .rule import rounds

ROUNDS = 8  # of telling variables apart, at most
MOST_VARIABLES = 5 * 10**6


class Clauses:
    """Clauses of at least one literal that may fail, what they cost, and where literals occur."""

    def __init__(
        self, clauses: Sequence[Sequence[int]], weights: Sequence[int | None] | None = None
    ) -> None:
        if weights is None:
            weights = [1] * len(clauses)
        used = _check(clauses, weights)
        self.hard = 1 + sum([cost for cost in weights if cost is not None])
        self.names = sorted({abs(literal) for literal in used})
        self.count = len(self.names)
        codes = {name: 2 * place for place, name in enumerate(self.names)}
        codes |= {-name: code + 1 for name, code in codes.items()}
        self.clauses: list[list[int]]
        self.costs: list[int]
        self.clauses, self.costs = [], []
        for clause, cost in zip(clauses, weights):
            own = [codes[literal] for literal in clause]
            if len(set(map(abs, clause))) < len(clause):
                own = sorted(set(own))
                if len({literal >> 1 for literal in own}) < len(own):
                    continue  # it holds both polarities of a variable
            if own and cost != 0:
                self.clauses.append(own)
                self.costs.append(self.hard if cost is None else cost)
        self.containing: list[list[int]] = [[] for _ in range(2 * self.count)]
        for k, clause in enumerate(self.clauses):
            for literal in clause:
                self.containing[literal].append(k)
        self.hopes, self.scores = rounds(self.count, self.clauses, self.costs)
        self.colours = self._colours()
        self.order = sorted(
            range(self.count), key=lambda v: sorted(self.colours[2 * v : 2 * v + 2])
        )
        self.rank = [0] * self.count
        for place, v in enumerate(self.order):
            self.rank[v] = place

    def _colours(self) -> list[int]:
        """Numbers that tell literals apart by how they are connected, whatever they are called.

        The scores, and on ties whom literals share clauses with, as often as that tells more.
        """
        size, colours, before = 2 * self.count, self.scores, 0
        for _ in range(ROUNDS):
            different = len(set(colours))
            if different in (before, size):
                break
            before = different
            mixed = list(map(_mix, colours))
            around = [0] * size
            for clause, cost in zip(self.clauses, self.costs):
                one = _mix(cost + sum([mixed[literal] for literal in clause]))
                for literal in clause:
                    around[literal] += one
            colours = [_mix(3 * mixed[k] + 5 * mixed[k ^ 1] + 7 * around[k]) for k in range(size)]
        return colours


def _check(clauses: Sequence[Sequence[int]], weights: Sequence[int | None]) -> set[int]:
    """Return the literals that occur; raise ValueError if one is none, or if a weight is none."""
    if len(weights) != len(clauses):
        raise ValueError(f"there are {len(clauses)} clauses and {len(weights)} weights")
    for cost in weights:
        if cost is not None and (type(cost) is not int or cost < 0):
            raise ValueError(f"the weight {cost!r:.40} is not a natural number, or None")
    used: set[int] = set().union(*clauses)
    for literal in used:
        if type(literal) is not int or not 1 <= abs(literal) <= MOST_VARIABLES:
            raise ValueError(f"{literal!r:.40} is not a literal: use 1, -1, 2, -2 and so on")
    return used


def _mix(number: int) -> int:
    number = (number ^ number >> 31) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    return (number ^ number >> 29) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
