"""Why a clause solver chose its literals: what both sides of a variable weighed at each decision.

The driver's decisions are made again by its own rule, from its own functions ``Formula``, ``hope``
and ``scores``, but plainly: all scores are added up anew after each decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from heapq import heapify, heappop, heappush
from typing import Any

from ...data.problem import InputError
from ...explain.trace import Explanation, Step

FIRST = 5
"""How many decisions are told where no variable is asked for."""

_NEEDED = ("Formula", "hope", "scores", "decide", "_steps")


def explain_decisions(
    name: str, solve: Callable[..., Any], clauses: Any, weights: Any = None, at: int | None = None
) -> Explanation:
    """The first decisions of a clause solver, or the one about variable ``at`` (from 1 on).

    ``clauses`` are lists of DIMACS literals; ``weights`` has a natural number for each, None where
    a clause is hard. Raises :class:`InputError` for unusable clauses.
    """
    rule: Mapping[str, Any] = getattr(solve, "__globals__", {})
    if any(word not in rule for word in _NEEDED):
        raise InputError("the solver has no learned rule whose decisions could be told")
    try:
        chosen = solve(clauses, weights)
        formula = rule["Formula"]([list(clause) for clause in clauses], weights)
    except (TypeError, ValueError) as error:
        described = (
            str(error) if isinstance(error, ValueError) else "they are not lists of literals"
        )
        raise InputError(f"the clauses cannot be used: {described}") from None
    if at is not None and at not in formula.names:
        raise InputError(f"no clause has the variable {at}: name one that occurs, from 1 on")
    steps: list[Step] = []
    turned: list[int] = []
    for variable, step in _decisions(formula, rule):
        if at is None or variable == at:
            steps.append(step)
            if step.value not in chosen:
                turned.append(-step.value)
        if variable == at or (at is None and len(steps) == FIRST):
            break
    left = formula.count - len(steps)
    if at is None and left > 0:
        steps.append(Step("value", "decisions after these", left))
    if turned:
        steps.append(Step("value", "turned by the single flips that follow", turned))
    if at is None:
        return Explanation(name, "literals", chosen, tuple(steps))
    return Explanation(name, f"literal of variable {at}", chosen[at - 1], tuple(steps))


def _decisions(formula: Any, rule: Mapping[str, Any]) -> Iterator[tuple[int, Step]]:
    """Each variable with its decision, in the driver's order; literals are coded as there."""
    hopes, score = list(formula.hopes), list(formula.scores)
    table = rule["_steps"]()
    heard = len(table[0]) + 2 * min(table)  # a clause of more hope weighs nothing
    left = {k: list(clause) for k, clause in enumerate(formula.clauses)}
    hard = {k for k in left if formula.costs[k] == formula.hard}
    decided: set[int] = set()
    forced = [left[k][0] for k in left if len(left[k]) == 1 and k in hard]
    queued = [abs(score[2 * v] - score[2 * v + 1]) for v in range(formula.count)]
    queue = [(-queued[v], formula.rank[v], v) for v in range(formula.count)]
    heapify(queue)
    while queue:
        if forced:
            true, why = forced.pop(), "a hard clause leaves no other choice"
            v = true >> 1
            if v in decided:
                continue
        else:
            size, _, v = heappop(queue)
            if v in decided:
                continue
            lean = score[2 * v] - score[2 * v + 1]
            if abs(lean) < -size:
                queued[v] = abs(lean)
                heappush(queue, (-queued[v], formula.rank[v], v))
                continue
            tie = lean == 0 and formula.colours[2 * v] < formula.colours[2 * v + 1]
            true = 2 * v + (lean < 0 or tie)
            why = f"true weighs {score[2 * v]}, false {score[2 * v + 1]}"
        decided.add(v)
        variable = formula.names[v]
        literal = variable if true == 2 * v else -variable
        yield variable, Step("decision", f"variable {variable}", literal, why)
        near: set[int] = set()
        for k in [k for k in formula.containing[true] if k in left]:
            clause = left.pop(k)
            if sum(hopes[one] for one in clause) < heard:
                near.update(one >> 1 for one in clause)
        for k in [k for k in formula.containing[true ^ 1] if k in left]:
            left[k].remove(true ^ 1)
            if sum(hopes[one] for one in left[k]) < heard:
                near.update(one >> 1 for one in left[k])
                if len(left[k]) == 1 and k in hard:
                    forced.append(left[k][0])
        near.discard(v)
        costs = [formula.costs[k] for k in left]
        score = rule["scores"](left.values(), costs, hopes)
        new = {}
        for u in near:
            if (own := rule["hope"](score[2 * u], score[2 * u + 1])) != hopes[2 * u]:
                new[2 * u] = own
                new[2 * u + 1] = rule["hope"](score[2 * u + 1], score[2 * u])
        for one, hope in new.items():
            hopes[one] = hope
        score = rule["scores"](left.values(), costs, hopes)
        for u in near:
            size = abs(score[2 * u] - score[2 * u + 1])
            if size > queued[u]:
                queued[u] = size
                heappush(queue, (-size, formula.rank[u], u))
