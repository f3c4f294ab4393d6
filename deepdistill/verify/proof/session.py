"""What a proof says, and z3 with a budget that is the same on every machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import z3

from .encode import Term
from .smt import Obligation, Obligations

BUDGET = 30_000_000
"""Units of z3's own work counter for one proof: some ten seconds. Never seconds, which differ."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome of one argument.

    ``argument`` names it in words, for the certificate. ``effort`` is z3's work counter: the time,
    in a unit that is the same for the same seed; 0 where z3 was not asked. ``counterexample`` are
    values of named terms where the sides differ, ``reason`` says why nothing was settled. ``sizes``
    says for which sizes the outcome holds: all, or those of a network that has no others.
    ``obligations`` are what was settled, for other solvers; None where nothing of it is a term.
    """

    status: Literal["proved", "refuted", "unknown"]
    argument: str
    effort: int = 0
    counterexample: dict[str, int] | None = None
    reason: str = ""
    sizes: Literal["all"] | tuple[tuple[int, ...], ...] = "all"
    obligations: Callable[[], Obligations] | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class Session:
    """Goals settled one after another, all from one budget.

    Each goal is settled in a context of its own: how z3 searches depends on the order in which it
    met its terms, and so on whatever was proved before in the same process. ``asked`` are the goals
    as obligations, for the record, with ``lemmas`` what was found on the way as well; ``about``
    says what they show.
    """

    budget: int = BUDGET
    effort: int = 0
    about: str = "it holds"
    lemmas: bool = False
    asked: list[Obligation] = field(default_factory=list)

    def valid(
        self, goal: Term, assumptions: Iterable[Term] = ()
    ) -> tuple[Literal["valid", "invalid", "unknown"], Any]:
        """Whether the assumptions imply the goal; a model where they do not."""
        terms = [*assumptions, z3.Not(goal)]
        self.asked.append(Obligation(self.about, tuple(terms)))
        left = self.budget - self.effort
        if left <= 0:
            return "unknown", None
        solver = fresh_solver(terms)
        solver.set("rlimit", left)
        before = _work(solver)
        verdict = solver.check()
        self.effort += max(1, _work(solver) - before)
        if verdict == z3.unsat:
            return "valid", None
        if verdict == z3.sat:
            return "invalid", solver.model().translate(z3.main_ctx())
        return "unknown", None

    def all_valid(
        self, goals: Sequence[Term], assumptions: Sequence[Term] = ()
    ) -> tuple[Literal["valid", "invalid", "unknown"], Any]:
        """Whether every goal follows; the first that does not decides."""
        for goal in goals:
            verdict, model = self.valid(goal, assumptions)
            if verdict != "valid":
                return verdict, model
        return "valid", None

    def recorded(self, words: str) -> Callable[[], Obligations]:
        """What was asked so far, with the argument in words."""
        obligations = tuple(self.asked)
        return lambda: Obligations(words, obligations)


def fresh_solver(terms: Sequence[Term]) -> Any:
    """A solver in a new context with these terms.

    They go there as text: what ``translate`` makes of terms depends on who else uses their parts.
    """
    described = z3.Solver()
    described.add(*terms)
    solver = z3.Solver(ctx=z3.Context())
    solver.set("random_seed", 0)
    solver.from_string(described.sexpr())
    return solver


def _work(solver: Any) -> int:
    statistics = solver.statistics()
    known = "rlimit count" in statistics.keys()  # noqa: SIM118
    return int(statistics.get_key_value("rlimit count")) if known else 0
