"""A solver in a context of its own that is asked many times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import z3

from .encode import Term
from .session import Session
from .smt import Obligation


class Alone:
    """Facts, and questions about what agrees with them, from the budget of a session.

    Its context is its own, so that how z3 searches depends on nothing that was proved before. What
    agrees with the facts in no way is recorded in a session that keeps lemmas, with what it shows.
    """

    def __init__(self, session: Session, facts: Sequence[Term], shows: str = "a lemma") -> None:
        self.session, self.shows = session, shows
        self.known: Term = z3.BoolVal(True)
        self.context = z3.Context()
        self.solver = z3.Solver(ctx=self.context)
        self.solver.set("random_seed", 0)
        self.add(*facts)

    def add(self, *facts: Term) -> None:
        """More facts."""
        self._know(*facts)
        self.solver.add(*(fact.translate(self.context) for fact in facts))

    def check(self, *assumed: Term) -> Literal["sat", "unsat", "unknown"]:
        """Whether something agrees with the facts and with what is assumed."""
        left = self.session.budget - self.session.effort
        if left <= 0:
            return "unknown"
        self.solver.set("rlimit", left)
        before = self._work()
        verdict = self.solver.check(*(term.translate(self.context) for term in assumed))
        self.session.effort += max(1, self._work() - before)
        if verdict == z3.sat:
            return "sat"
        if verdict == z3.unsat:
            self._record(assumed)
        return "unsat" if verdict == z3.unsat else "unknown"

    def _know(self, *facts: Term) -> None:
        """Keep what was added; only where it is recorded: z3 tells terms that are kept apart."""
        if self.session.lemmas:
            self.known = z3.And(self.known, *facts)

    def _record(self, assumed: Sequence[Term]) -> None:
        if self.session.lemmas:
            shows = f"{self.session.about}: {self.shows}"
            self.session.asked.append(Obligation(shows, (self.known, *assumed)))

    def number(self, term: Term) -> int:
        """The value of a term in the model of the last check, which found one."""
        value = self.solver.model().eval(term.translate(self.context), model_completion=True)
        return int(value.as_long())

    def impossible(self, conditions: Sequence[Term]) -> list[bool]:
        """Which conditions agree with the facts in no way."""
        return [self.check(condition) == "unsat" for condition in conditions]

    def cells(self, marks: Sequence[Term], most: int) -> list[tuple[bool, ...]] | None:
        """All joint truths of some names that agree with the facts; None where there are more."""
        names = [mark.translate(self.context) for mark in marks]
        assignments: list[tuple[bool, ...]] = []
        known = self.known
        self.solver.push()
        try:
            while (verdict := self.check()) == "sat" and len(assignments) < most:
                model = self.solver.model()
                truths = [model.eval(name, model_completion=True) for name in names]
                assignments.append(tuple(map(z3.is_true, truths)))
                others = [name != truth for name, truth in zip(names, truths, strict=True)]
                self.solver.add(z3.Or(*others, self.context))
                signed = zip(marks, assignments[-1], strict=True)
                self._know(z3.Or(*(z3.Not(mark) if true else mark for mark, true in signed)))
        finally:
            self.solver.pop()
            self.known = known
        return sorted(assignments) if verdict == "unsat" else None

    def alike(
        self, number: Term, known: Sequence[tuple[Term, Term]], assumed: Sequence[Term]
    ) -> Term | None:
        """What stands with a known number that equals this one wherever the assumptions hold."""
        for other, what in known:
            if number.eq(other) or self.check(*assumed, number != other) == "unsat":
                return what
        return None

    def _work(self) -> int:
        statistics = self.solver.statistics()
        known = "rlimit count" in statistics.keys()  # noqa: SIM118
        return int(statistics.get_key_value("rlimit count")) if known else 0
