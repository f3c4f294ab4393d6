"""The rule of a clause solver: by itself that of Johnson, a clause weighs 2 to minus its length.

``NEUTRAL``, ``weight`` and ``hope`` are what is learned; a generated solver has others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

NEUTRAL = 1  # hope of a literal before any score is known


@cache
def weight(hope: int) -> int:
    """What a clause adds to the score of a literal, by the hope in its other literals."""
    return 2**20 >> hope


def hope(own: int, opposite: int) -> int:
    """The hope that a literal gives its clauses, by the scores of both polarities."""
    return 1


def scores(
    clauses: Iterable[Sequence[int]], costs: Iterable[int], hopes: Sequence[int]
) -> list[int]:
    """The score of each literal: the weights of its clauses, added up."""
    result = [0] * len(hopes)
    for clause, cost in zip(clauses, costs):
        total = sum([hopes[literal] for literal in clause])
        for literal in clause:
            result[literal] += cost * weight(total - hopes[literal])
    return result


# From here on the driver. Variable v (from 0) has the literals 2v (true) and 2v + 1 (false).


def rounds(
    count: int, clauses: Sequence[Sequence[int]], costs: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Hopes and scores after both rounds of the rule.

    In the first round all hopes are the same, so that a clause weighs as much for each literal.
    """
    first = [0] * (2 * count)
    for clause, cost in zip(clauses, costs):
        own = cost * weight(NEUTRAL * (len(clause) - 1))
        for literal in clause:
            first[literal] += own
    hopes = [hope(first[literal], first[literal ^ 1]) for literal in range(2 * count)]
    return hopes, scores(clauses, costs, hopes)
