"""Decisions: one variable after another, the most decided one first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heapify, heappop, heappush

from .clauses import Clauses
from .rule import hope, weight


def decide(
    formula: Clauses, tell: Callable[[int, Sequence[int]], object] | None = None
) -> list[bool]:
    """The values of all variables, the most decided one first; `tell` hears of each decision."""
    count, costs, containing = formula.count, formula.costs, formula.containing
    order, rank, colours = formula.order, formula.rank, formula.colours
    hopes, score = list(formula.hopes), list(formula.scores)
    steps = _steps()
    heard = len(steps[0]) + 2 * min(steps)  # a clause of more hope weighs nothing for anyone
    left = [list(clause) for clause in formula.clauses]  # the open literals
    total = [sum([hopes[literal] for literal in clause]) for clause in left]
    alive = [True] * len(left)
    values: dict[int, bool] = {}
    forced = [c[0] for c, cost in zip(left, costs) if len(c) == 1 and cost == formula.hard]
    # The queue holds -difference * 2**bits + rank; a difference that has become smaller is
    # noticed when its turn comes, a larger one is queued again.
    bits = count.bit_length()
    mask = (1 << bits) - 1
    queued = [abs(score[2 * v] - score[2 * v + 1]) for v in range(count)]
    queue = [(-queued[v] << bits) + rank[v] for v in range(count)]
    heapify(queue)
    while queue:
        if forced:
            true, sides = forced.pop(), []  # which nobody weighs
            v = true >> 1
            if v in values:
                continue
        else:
            entry = heappop(queue)
            v = order[entry & mask]
            if v in values:
                continue
            sides = score[2 * v : 2 * v + 2]
            lean = sides[0] - sides[1]
            if abs(lean) < -(entry >> bits):
                queued[v] = abs(lean)
                heappush(queue, (-queued[v] << bits) + rank[v])
                continue
            tie = lean == 0 and colours[2 * v] < colours[2 * v + 1]
            true = 2 * v + (lean < 0 or tie)
        values[v] = true == 2 * v
        if tell:
            tell(true, sides)
        near: set[int] = set()
        for c in containing[true]:  # these clauses hold now
            if alive[c]:
                alive[c] = False
                if total[c] >= heard:
                    continue
                cost, before, clause = costs[c], total[c], left[c]
                change = steps[0]
                for literal in clause:
                    score[literal] += cost * change[before - hopes[literal]]
                near.update(clause)
        false = true ^ 1
        change = steps[-hopes[false]]
        for c in containing[false]:  # these become shorter
            if alive[c]:
                cost, before, clause = costs[c], total[c], left[c]
                clause.remove(false)
                total[c] -= hopes[false]
                if total[c] >= heard:
                    continue
                for literal in clause:
                    score[literal] += cost * change[before - hopes[literal]]
                near.update(clause)
                if len(clause) == 1 and cost == formula.hard:
                    forced.append(clause[0])
        touched = {literal >> 1 for literal in near}
        touched.discard(v)
        turned: list[tuple[int, int]] = []
        for u in touched:
            new = hope(score[2 * u], score[2 * u + 1])
            if new != hopes[2 * u]:
                turned += [(2 * u, new), (2 * u + 1, hope(score[2 * u + 1], score[2 * u]))]
        for turning, new in turned:
            own, step = score[turning], new - hopes[turning]
            if step == 0:
                continue
            hopes[turning] = new
            change = steps[step]
            for c in containing[turning]:
                if alive[c]:
                    cost, before = costs[c], total[c]
                    total[c] = before + step
                    if min(before, total[c]) >= heard:
                        continue
                    for literal in left[c]:
                        score[literal] += cost * change[before - hopes[literal]]
            score[turning] = own  # hope in a literal is no reason for that literal
        for u in touched:
            size = abs(score[2 * u] - score[2 * u + 1])
            if size > queued[u]:
                queued[u] = size
                heappush(queue, (-size << bits) + rank[u])
    return [values[v] for v in range(count)]


def _steps() -> dict[int, list[int]]:
    """By how much a weight changes: `steps[k][h]` where hope h becomes h + k, `[0]` where it ends.

    As far as weights go: up to the first hope from which on all are 0, and a little beyond.
    """
    hopes = (hope(0, 0), hope(1, 0), hope(0, 1))
    table = [weight(0)]
    while table[-1]:
        table.append(weight(len(table)))
    table += [0] * (3 * max(hopes))
    steps = {0: [-number for number in table]}
    for k in {*(-h for h in hopes), *(a - b for a in hopes for b in hopes)} - {0}:
        moved = [table[h + k] if 0 <= h + k < len(table) else 0 for h in range(len(table))]
        steps[k] = [new - old for new, old in zip(moved, table)]
    return steps
