"""Facts about the joint state of two step machines, and which of them every step keeps.

Candidates are thrown away until the rest is inductive (Houdini: Flanagan and Leino, 2001). Nothing
depends on how they were guessed: :func:`settled` shows from the steps alone that the facts hold
before the first step, that every step keeps them, and that the goals follow from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

import z3

from ....verify.proof.encode import Term
from ....verify.proof.session import Session, fresh_solver
from ....verify.proof.smt import Obligation, Obligations
from .steps import Paired

_MOST_DROPPED = 12  # facts that are tried without each other

Values = Mapping[str, int]
Terms = Mapping[str, Term]


@dataclass(frozen=True, slots=True)
class Combination:
    """A sum of products of variables with integer weights, plus a constant."""

    terms: tuple[tuple[tuple[str, ...], int], ...]
    constant: int = 0


@dataclass(frozen=True, slots=True)
class Zero:
    """A form is 0."""

    form: Combination


@dataclass(frozen=True, slots=True)
class Positive:
    """A form is at least 0."""

    form: Combination


@dataclass(frozen=True, slots=True)
class Divides:
    """The remainder of a form divided by ``divisor``, or its quotient, is another form."""

    form: Combination
    divisor: int
    result: Combination
    quotient: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """The variables have one of some values together."""

    names: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Where:
    """A fact that holds at least where a condition does."""

    condition: Zero | Positive | Member
    fact: Zero | Positive | Member


Fact: TypeAlias = Zero | Positive | Divides | Member | Where


def fact_term(fact: Fact, terms: Terms) -> Term:
    """The fact about the variables with these terms."""
    match fact:
        case Zero(form):
            return _form_term(form, terms) == 0
        case Positive(form):
            return _form_term(form, terms) >= 0
        case Divides(form, divisor, result, quotient):
            whole = _form_term(form, terms)
            part = whole / divisor if quotient else whole % divisor
            return part == _form_term(result, terms)
        case Member(names, values):
            return z3.Or(
                *(
                    z3.And(*(terms[n] == v for n, v in zip(names, point, strict=True)))
                    for point in values
                )
            )
        case Where(condition, inner):
            return z3.Implies(fact_term(condition, terms), fact_term(inner, terms))
        case _:
            assert_never(fact)


def _form_term(form: Combination, terms: Terms) -> Term:
    total: Term = z3.IntVal(form.constant)
    for names, weight in form.terms:
        product: Term = terms[names[0]]
        for name in names[1:]:
            product = product * terms[name]
        total = total + weight * product
    return total


def fact_holds(fact: Fact, values: Values) -> bool:
    """The same of numbers."""
    match fact:
        case Zero(form):
            return form_value(form, values) == 0
        case Positive(form):
            return form_value(form, values) >= 0
        case Divides(form, divisor, result, quotient):
            whole = form_value(form, values)
            part = whole // divisor if quotient else whole % divisor
            return part == form_value(result, values)
        case Member(names, points):
            return tuple(values[n] for n in names) in points
        case Where(condition, inner):
            return not fact_holds(condition, values) or fact_holds(inner, values)
        case _:
            assert_never(fact)


def form_value(form: Combination, values: Values) -> int:
    total = form.constant
    for names, weight in form.terms:
        product = weight
        for name in names:
            product *= values[name]
        total += product
    return total


def strengthened(step: Paired, facts: Sequence[Fact], session: Session, limit: int) -> list[Fact]:
    """Those of the facts that are inductive together, as far as z3 can tell.

    ``limit`` is what one question may cost. Empty where the budget ran out.
    """
    kept = [fact for fact in dict.fromkeys(facts) if fact_holds(fact, step.initial)]
    now = {fact: fact_term(fact, step.before) for fact in kept}
    then = {fact: fact_term(fact, step.after) for fact in kept}
    while kept:
        if session.effort >= session.budget:
            return []
        assumed = [*step.given, *(now[fact] for fact in kept)]
        verdict, model = _ask(session, limit, z3.And(*(then[fact] for fact in kept)), assumed)
        match verdict:
            case "valid":
                return kept
            case "invalid":
                left = [f for f in kept if not z3.is_false(model.eval(then[f], True))]
            case "unknown":
                left = [f for f in kept if _ask(session, limit, then[f], assumed)[0] == "valid"]
                if len(left) == len(kept):
                    return kept
        if len(left) == len(kept):  # a model that refutes nothing: products can come to that
            return []
        kept = left
    return kept


def _ask(session: Session, limit: int, goal: Term, assumed: Sequence[Term]) -> tuple[str, Any]:
    """One question with a budget of its own, which counts towards that of the session."""
    part = Session(max(0, min(limit, session.budget - session.effort)))
    answer = part.valid(goal, assumed)
    session.effort += part.effort
    return answer


def entails(step: Paired, facts: Sequence[Fact], session: Session, limit: int) -> bool:
    """Whether the goals follow from the facts and what elements can be."""
    assumed = [*step.given, *(fact_term(fact, step.before) for fact in facts)]
    return all(_ask(session, limit, goal, assumed)[0] == "valid" for goal in step.goals)


def settled(step: Paired, facts: Sequence[Fact], session: Session) -> bool:
    """Whether the goals hold at every reachable state, by induction over the steps.

    1. The facts hold before the first step. 2. Where they hold, each holds after any step.
    3. Where they hold, the goals do.
    """
    parts = _parts_of(step, facts)
    return all(session.all_valid(goals, known)[0] == "valid" for _, goals, known in parts)


def obligations(step: Paired, facts: Sequence[Fact], words: str) -> Obligations:
    """What :func:`settled` asks, one by one."""
    requested = [
        Obligation(about, (*known, z3.Not(goal)))
        for about, goals, known in _parts_of(step, facts)
        for goal in goals
    ]
    return Obligations(words, tuple(requested))


def _parts_of(
    step: Paired, facts: Sequence[Fact]
) -> Iterator[tuple[str, Sequence[Term], Sequence[Term]]]:
    """The parts of an induction: what each shows, its goals and what is known."""
    start = [(term, z3.IntVal(step.initial[name])) for name, term in step.before.items()]
    before = [fact_term(fact, step.before) for fact in facts]
    assumed = [*step.given, *before]
    first = [z3.substitute(term, *start) for term in before]
    yield "the invariant holds before the first step", first, []
    after = [fact_term(fact, step.after) for fact in facts]
    yield "every step keeps the invariant", after, assumed
    yield "by the invariant the answers are equal, and there are some", step.goals, assumed


def needed(step: Paired, facts: Sequence[Fact], limit: int) -> list[Fact]:
    """Few facts that still are inductive and entail the goals.

    For the words of an argument alone: the answer is to be settled anew.
    """
    chosen = _followed(step, facts, limit)
    if len(chosen) > _MOST_DROPPED:
        return chosen
    for fact in sorted(chosen, key=_plainness, reverse=True):
        fewer = [other for other in chosen if other != fact]
        if settled(step, fewer, Session(limit)):
            chosen = fewer
    return chosen


def _plainness(fact: Fact) -> int:
    """The plainer a fact is to read, the less."""
    match fact:
        case Zero(form):
            return len(form.terms) + sum(abs(weight) != 1 for _, weight in form.terms)
        case Positive(form):
            return 3 + len(form.terms)
        case Divides(_, _, result):
            return 6 - len(result.terms)
        case Member(_, values):
            return 5 + len(values)
        case Where(condition, inner):
            return 5 + _plainness(condition) + _plainness(inner)
        case _:
            assert_never(fact)


def _followed(step: Paired, facts: Sequence[Fact], limit: int) -> list[Fact]:
    """Facts from unsatisfiable cores: of the goals, then of the facts that those were."""
    now = [fact_term(fact, step.before) for fact in facts]
    then = [fact_term(fact, step.after) for fact in facts]
    wanted: set[int] = set()
    requested = [z3.And(*step.goals)]
    for goal in requested:
        core = _core(goal, [*step.given], now, wanted, limit)
        if core is None:
            return list(facts)
        requested += [then[k] for k in sorted(core - wanted)]
        wanted |= core
    return [facts[k] for k in sorted(wanted)]


def _core(
    goal: Term, given: Sequence[Term], facts: Sequence[Term], free: set[int], limit: int
) -> set[int] | None:
    """Which facts a goal follows from, besides those that come for free."""
    marks = {f"fact {k}": k for k in range(len(facts)) if k not in free}
    described = [z3.Implies(z3.Bool(mark), facts[k]) for mark, k in marks.items()]
    solver = fresh_solver([*given, z3.Not(goal), *(facts[k] for k in sorted(free)), *described])
    solver.set("rlimit", limit)
    solver.set("core.minimize", True)
    if solver.check(*(z3.Bool(mark, ctx=solver.ctx) for mark in marks)) != z3.unsat:
        return None
    return {marks[str(mark).strip("|")] for mark in solver.unsat_core()}
