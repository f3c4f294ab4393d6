"""Programs over sequences ≡ recurrent networks, at every length.

Both sides are machines that take a step for each element. If their answers are equal at every joint
state that some sequence reaches, they are equal for all sequences of all lengths. Two arguments
settle that:

- *all reachable states*: where they are few they are searched, with every element of the domain
  tried at each of them; the steps are computed by the reference interpreter and the network's own
  cells;
- *inductive invariant*: facts about the joint state that hold before the first step, that every
  step keeps, and from which equal answers follow. Guessed from runs, shown by z3 from two
  encodings (:mod:`.scan_steps`). For comprehensions over places, whose answers look back at a
  window, the invariant is that elements before the start are 0 and all others of the domain.

Taken for granted: z3, and that elements are integers of the port's domain (a solver refuses
others).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....ir.expr import Call, Const, Expr, walk
from ....ir.program import Let, Map, Program, Scan
from ....verify.proof.encode import NotEncoded
from ....verify.proof.session import BUDGET, Proof, Session
from ....verify.proof.smt import Obligations
from ....verify.proof.words import ENUMERATED, INDUCTION
from ..network import PrefixNetwork, RecurrentNetwork
from .guesses import guesses
from .invariant_words import facts_in_words
from .invariants import Fact, Member, entails, needed, obligations, settled, strengthened
from .runs import (
    Parting,
    Reached,
    State,
    joint_states,
    reach,
    sequences,
    split_at,
    values_of,
)
from .steps import Paired, carried_start, paired, the_statement

_FEW_STEPS = 2**12  # steps of a search that is made before an invariant is looked for
_MANY_STEPS = 2**16
_QUESTION = 3_000_000
_MOST_STATES = 400  # of runs, for guesses
_LARGEST_DIVISOR = 64


def prove_scan(
    program: Program, network: RecurrentNetwork | PrefixNetwork, budget: int = BUDGET
) -> Proof:
    """Whether a program answers what the network answers, at each step of every sequence."""
    if isinstance(network, PrefixNetwork):
        from ....verify.proof.items import (
            prove_prefixes,  # a large part, which only this form of sequences needs
        )

        return prove_prefixes(program, network.items, network, budget)
    (port,) = network.inputs
    try:
        the_statement(program, network)
    except NotEncoded as error:
        return Proof("unknown", "", reason=f"no encoding of {error}")
    for rows in sequences(port):
        split = split_at(program, network, rows)
        if split is not None:
            return _refuted(split, port.name)
    proof = _searched(program, network, _FEW_STEPS)
    if proof is None:
        proof = by_invariant(program, network, budget)
    if proof.status == "unknown":
        proof = _searched(program, network, _MANY_STEPS) or proof
    return proof


def _refuted(split: Parting, port: str) -> Proof:
    values = {
        f"{port}[{t}]" if len(row) == 1 else f"{port}[{t}][{c}]": value
        for t, row in enumerate(split.rows)
        for c, value in enumerate(row)
    }
    answers = "nothing" if split.program is None else _answers(split.program)
    described = f"the program answers {answers} and the network {_answers(split.network)}"
    return Proof("refuted", f"at step {split.step + 1} {described}", counterexample=values)


def _answers(values: Sequence[int]) -> str:
    return ", ".join(map(str, values))


def _searched(program: Program, network: RecurrentNetwork, most: int) -> Proof | None:
    """The search through all reachable states, if it ends within so many steps."""
    try:
        start = carried_start(program)
    except NotEncoded:
        return None
    reached = reach(program, network, start, most)
    if reached.split is not None:
        split = split_at(program, network, reached.split.rows)
        return None if split is None else _refuted(split, network.inputs[0].name)
    if not reached.states:
        return None
    argument = f"all {reached.states:,} reachable states, with every element at each"
    if reached.states == 1:
        argument = "each answer depends on its element alone, and every one was tried"
    return Proof("proved", argument, obligations=lambda: _listed(program, network, reached))


def _listed(program: Program, network: RecurrentNetwork, reached: Reached) -> Obligations:
    """A search as an induction, whose invariant is the list of what was found."""
    step = paired(program, network)
    names = (*step.program, *step.registers, *step.window)
    states = tuple(sorted({values_of(key, step) for key in reached.keys}))
    return obligations(step, [Member(names, states)] if names else [], ENUMERATED)


def by_invariant(program: Program, network: RecurrentNetwork, budget: int = BUDGET) -> Proof:
    """The argument by induction, whatever runs say."""
    session = Session(budget)
    try:
        step = paired(program, network)
    except NotEncoded as error:
        return Proof("unknown", "", reason=f"no encoding of {error}")
    facts = invariant(step, program, network, session)
    if facts is not None:
        said = f"The invariant: {facts_in_words(facts)}." if facts else "No fact is needed."
        words = f"{INDUCTION} {said}"
        return Proof(
            "proved",
            _argument(step, facts),
            session.effort,
            obligations=lambda: obligations(step, facts, words),
        )
    reason = "no inductive invariant was found from which the answers follow"
    if session.effort >= budget:
        reason = "z3 ran out of its budget"
    return Proof("unknown", "", session.effort, reason=reason)


def invariant(
    step: Paired, program: Program, network: RecurrentNetwork, session: Session
) -> list[Fact] | None:
    """Facts that hold at every joint state and from which equal answers follow."""
    states = _states(step, program, network)
    for facts in guesses(step, states, _divisors(program, network)):
        kept = strengthened(step, facts, session, _QUESTION)
        if entails(step, kept, session, _QUESTION):
            for option in (needed(step, kept, _QUESTION), kept):
                if settled(step, option, session):
                    return option
        if session.effort >= session.budget:
            return None
    return None


def _states(step: Paired, program: Program, network: RecurrentNetwork) -> list[State]:
    """Different joint states of the runs, some of each."""
    states: dict[tuple[int, ...], State] = {}
    runs = list(sequences(network.inputs[0], seed=1))
    for rows in runs:
        for t, state in enumerate(joint_states(step, program, network, rows)):
            if t < 8 or t % 3 == 0 or len(states) < _MOST_STATES // 4:
                states.setdefault(tuple(state.values()), state)
    return list(states.values())[:: max(1, len(states) // _MOST_STATES)]


def _divisors(program: Program, network: RecurrentNetwork) -> list[int]:
    """By what the two sides divide."""
    divisors = {
        inner.args[1].value
        for expr in _exprs(program)
        for inner in walk(expr)
        if isinstance(inner, Call)
        and inner.op in ("mod", "floordiv")
        and isinstance(inner.args[1], Const)
        and isinstance(inner.args[1].value, int)
    }
    for cell in (*network.updates, *network.outputs):
        for linear in (*(g.sum for g in cell.gates), *(r.value for r in cell.pieces)):
            divisors |= {linear.divisor, linear.modulus}
    return sorted(d for d in divisors if 1 < d <= _LARGEST_DIVISOR)


def _exprs(program: Program) -> Iterator[Expr]:
    for statement in program.body:
        match statement:
            case Let(_, value):
                yield value
            case Map(_, _, _, body, value):
                yield from (let.value for let in body)
                yield value
            case Scan(_, _, _, _, body, values):
                yield from (let.value for let in body)
                yield from values


def _argument(step: Paired, facts: Sequence[Fact]) -> str:
    """In words what was shown."""
    if not step.program and not step.registers:
        farthest = max((steps for steps, _ in step.window.values()), default=0)
        if not farthest:
            return "each answer depends on its element alone"
        return f"each answer depends on the last {farthest + 1} elements, 0 before the start"
    if not facts:
        return "the answers are equal whatever is carried"
    return f"inductive invariant: {facts_in_words(facts)}"
