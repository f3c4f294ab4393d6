"""Why a clause solver chose its literals: what both sides of a variable weighed at each decision.

The solver's own driver decides once more, and tells of each decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any

from ...data.problem import InputError
from ...explain.trace import Explanation, Step

FIRST = 5
"""How many decisions are told where no variable is asked for."""

_FORCED = "a hard clause leaves no other choice"


def explain_decisions(
    name: str, solve: Callable[..., Any], clauses: Any, weights: Any = None, at: int | None = None
) -> Explanation:
    """The first decisions of a clause solver, or the one about variable ``at`` (from 1 on).

    ``clauses`` are lists of DIMACS literals; ``weights`` has a natural number for each, None where
    a clause is hard. Raises :class:`InputError` for unusable clauses.
    """
    module = getattr(solve, "__globals__", {})
    read, decide = (module.get(name) for name in ("Clauses", "decide"))
    if not callable(read) or not callable(decide) or "tell" not in signature(decide).parameters:
        raise InputError("the solver has no driver that tells of its decisions: distill it again")
    try:
        chosen = solve(clauses, weights)
        formula = read([list(clause) for clause in clauses], weights)
    except (TypeError, ValueError) as error:
        described = (
            str(error) if isinstance(error, ValueError) else "they are not lists of literals"
        )
        raise InputError(f"the clauses cannot be used: {described}") from None
    if at is not None and at not in formula.names:
        raise InputError(f"no clause has the variable {at}: name one that occurs, from 1 on")
    steps: list[Step] = []
    turned: list[int] = []
    for variable, step in _decisions(formula, decide):
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


def _decisions(formula: Any, decide: Callable[..., Any]) -> Iterator[tuple[int, Step]]:
    """Each variable with its decision, in the driver's order; literals are coded as there."""
    made: list[tuple[int, list[int]]] = []
    decide(formula, lambda true, sides: made.append((true, sides)))
    for true, sides in made:
        variable = formula.names[true >> 1]
        why = "true weighs {}, false {}".format(*sides) if sides else _FORCED
        literal = -variable if true & 1 else variable
        yield variable, Step("decision", f"variable {variable}", literal, why)
