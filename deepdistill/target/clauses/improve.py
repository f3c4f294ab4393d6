"""A walk of single flips that starts at the values decided, and the solver of both."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush

from .clauses import Clauses
from .decide import decide

FLIPS = 20  # for each variable, but no more than ...
MOST_FLIPS = 20_000  # ... this, or than one for each variable


def improve(formula: Clauses, values: Sequence[bool]) -> list[bool]:
    """The best assignment on a walk of flips that starts at `values`.

    A flip's gain is what its clauses lose and win; the variable of the largest gain is flipped
    that was not flipped lately, the one that rests longest on a tie.
    """
    count, clauses, costs = formula.count, formula.clauses, formula.costs
    containing, order, rank = formula.containing, formula.order, formula.rank
    true = [2 * v + (not value) for v, value in enumerate(values)]
    chosen = set(true)
    holds = [sum([literal in chosen for literal in clause]) for clause in clauses]
    gain = [0] * count
    cost = 0
    for clause, number, own in zip(clauses, holds, costs):
        if number == 0:
            cost += own
            for literal in clause:
                gain[literal >> 1] += own
        elif number == 1:
            for literal in clause:
                if literal in chosen:
                    gain[literal >> 1] -= own
    since: list[int]
    best, since = cost, []  # the variables flipped since the best assignment
    budget = min(FLIPS * count, max(MOST_FLIPS, count))
    rest: deque[int] = deque()
    tenure = min(int((2 * count) ** 0.5), count - 1)
    last, resting = [0] * count, [False] * count
    bits = count.bit_length()
    mask, ages = (1 << bits) - 1, budget.bit_length()
    queued = list(gain)
    queue = [(-gain[v] << ages + bits) + rank[v] for v in range(count)]
    heapify(queue)
    for step in range(1, budget + 1):
        if not cost:
            break
        if len(rest) > tenure:
            v = rest.popleft()
            resting[v] = False
            queued[v] = gain[v]
            heappush(queue, (((-gain[v] << ages) + last[v]) << bits) + rank[v])
        while queue:
            entry = heappop(queue)
            v = order[entry & mask]
            if resting[v]:
                continue
            if gain[v] < -(entry >> ages + bits):
                queued[v] = gain[v]
                heappush(queue, (((-gain[v] << ages) + last[v]) << bits) + rank[v])
                continue
            break
        else:
            continue
        old = true[v]
        new = true[v] = old ^ 1
        chosen.remove(old)
        chosen.add(new)
        cost -= gain[v]
        own = -gain[v]
        near: set[int] = set()
        for c in containing[new]:
            holds[c] += 1
            if holds[c] == 1:
                for literal in clauses[c]:
                    gain[literal >> 1] -= costs[c]
            elif holds[c] == 2:
                for literal in clauses[c]:
                    if literal != new and literal in chosen:
                        gain[literal >> 1] += costs[c]
                        near.add(literal >> 1)
        for c in containing[old]:
            holds[c] -= 1
            if holds[c] == 0:
                for literal in clauses[c]:
                    gain[literal >> 1] += costs[c]
                    near.add(literal >> 1)
            elif holds[c] == 1:
                for literal in clauses[c]:
                    if literal in chosen:
                        gain[literal >> 1] -= costs[c]
        gain[v] = own
        near.discard(v)
        for u in near:
            if not resting[u] and gain[u] > queued[u]:
                queued[u] = gain[u]
                heappush(queue, (((-gain[u] << ages) + last[u]) << bits) + rank[u])
        last[v], resting[v] = step, True
        rest.append(v)
        since.append(v)
        if cost < best:
            best, since = cost, []
    for v in reversed(since):
        true[v] ^= 1
    return [literal & 1 == 0 for literal in true]


def solve(
    clauses: Iterable[Iterable[int]], weights: Sequence[int | None] | None = None
) -> list[int]:
    """Return the literals chosen true, for variables 1 to the largest that occurs."""
    formula = Clauses([list(clause) for clause in clauses], weights)
    values = improve(formula, decide(formula))
    chosen = {name: name if value else -name for name, value in zip(formula.names, values)}
    return [chosen.get(v, -v) for v in range(1, max(formula.names, default=0) + 1)]
