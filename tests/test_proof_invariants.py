"""What proofs about sequences stand on: the two encodings, and facts that are only guessed."""

from __future__ import annotations

import pytest
import z3
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from recurrent_strategies import networks, rows_for
from scan_pairs import PAIRS
from sequence_networks import NETWORKS

from deepdistill.forms.sequence.argument.guesses import equalities, guesses, of
from deepdistill.forms.sequence.argument.invariant_words import fact_words, facts_in_words
from deepdistill.forms.sequence.argument.invariants import (
    Combination,
    Divides,
    Fact,
    Member,
    Positive,
    Where,
    Zero,
    fact_holds,
    fact_term,
    needed,
    settled,
    strengthened,
)
from deepdistill.forms.sequence.argument.runs import (
    joint_states,
    network_step_values,
    program_step,
    sequences,
)
from deepdistill.forms.sequence.argument.scan import invariant
from deepdistill.forms.sequence.argument.steps import STEPS, Paired, paired
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.program import Scan
from deepdistill.units.lift import lift
from deepdistill.verify.proof.session import Session

QUICK = settings(derandomize=True, deadline=None, max_examples=tries(25))
A, B = Zero(of({"a": 1})), Positive(of({"a": 1, "b": -2}, 3))


def number(term: object, values: dict[str, int]) -> int:
    """The value of a term of integers where its variables have these values."""
    found = z3.simplify(
        z3.substitute(term, *((z3.Int(n), z3.IntVal(v)) for n, v in values.items()))
    )
    return found.as_long() if z3.is_int_value(found) else int(z3.is_true(found))


@QUICK
@given(st.data())
def test_a_step_of_the_network_is_that_of_its_run(data: st.DataObject) -> None:
    network = data.draw(networks())
    rows = data.draw(rows_for(network))
    registers, answers = network.initial, []
    for t in range(len(rows)):
        window = [rows[t - s] if t >= s else None for s in range(network.window + 1)]
        registers, answer = network_step_values(network, registers, window)
        answers.append(answer)
    assert answers == network.run_rows(rows)


@QUICK
@given(st.data())
def test_both_encodings_step_as_both_definitions_do(data: st.DataObject) -> None:
    network = data.draw(networks())
    rows = data.draw(rows_for(network))
    program = lift(network, "mine")
    step = paired(program, network)
    states = list(joint_states(step, program, network, rows))
    for now, then, row in zip(states, states[1:], rows, strict=False):
        here = {str(x): v for x, v in zip(_elements(step), row, strict=True)}
        assert {n: number(term, now | here) for n, term in step.after.items()} == then
        assert all(number(goal, now | here) for goal in step.goals)
        assert all(number(fact, here) for fact in step.given)


def _elements(step: Paired) -> list[object]:
    """The variables of the current element, in the order of its channels."""
    return [given.arg(1).arg(0) for given in step.given]


@QUICK
@given(networks())
def test_steps_of_programs_make_up_their_runs(network: object) -> None:
    program = lift(network, "mine")
    (scan,) = program.body
    assert isinstance(scan, Scan)
    for rows in list(sequences(network.inputs[0]))[:6]:
        carried = {let.name: let.value.value for let in scan.state}
        answers = []
        for row in rows:
            carried, answer = program_step(scan, carried, row)
            answers.append(answer)
        listed = [list(row) if len(row) > 1 else row[0] for row in rows]
        found = evaluate(program, {network.inputs[0].name: listed})
        assert [tuple(a) if isinstance(a, list) else (a,) for a in found] == answers


@pytest.mark.parametrize(
    "name", ["remainder", "saturating late", "window", "two channels", "running_min"]
)
def test_invariants_hold_on_runs_that_they_were_not_guessed_from(name: str) -> None:
    if name in PAIRS:
        program, network = PAIRS[name]
    else:
        network = NETWORKS[name]
        program = lift(network, "mine")
    step = paired(program, network)
    session = Session()
    facts = invariant(step, program, network, session)
    assert facts is not None
    assert 0 < session.effort < session.budget
    for rows in sequences(network.inputs[0], seed=77):
        for state in joint_states(step, program, network, rows):
            assert all(fact_holds(fact, state) for fact in facts)


forms = st.builds(
    lambda weights, constant: of(weights, constant),
    st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(-3, 3)),
    st.integers(-5, 5),
) | st.just(Combination(((("a", "b"), 2), (("c", "c"), -1)), 1))
plain = (
    st.builds(Zero, forms)
    | st.builds(Positive, forms)
    | st.builds(
        Member,
        st.just(("a", "b")),
        st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1).map(tuple),
    )
)
facts = plain | st.builds(Divides, forms, st.integers(2, 7), forms, st.booleans())
facts = facts | st.builds(Where, plain, plain)


@QUICK
@given(facts, st.fixed_dictionaries(dict.fromkeys("abc", st.integers(-4, 4))))
def test_facts_mean_the_same_of_terms_and_of_numbers(fact: Fact, values: dict[str, int]) -> None:
    terms = {name: z3.Int(name) for name in values}
    assert number(fact_term(fact, terms), values) == fact_holds(fact, values)
    assert fact_words(fact)


def test_facts_in_words() -> None:
    described = [
        (Zero(of({"a": 1, "b": -1})), "a = b"),
        (Zero(of({"a": -2, "b": 1}, 3)), "b = 2 * a - 3"),
        (Zero(of({"a": -1}, 4)), "a = 4"),
        (Positive(of({"a": -1}, 4)), "a <= 4"),
        (Positive(of({"a": 1, "b": -1})), "a >= b"),
        (Divides(of({"a": 1}), 3, of({"b": 1})), "b = a % 3"),
        (Divides(of({"a": 1}, 2), 3, of({"b": 1}), True), "b = (a + 2) // 3"),
        (Divides(of({"a": -1, "b": 1}), 5, of({})), "5 divides b - a"),
        (Member(("a",), ((1,), (4,))), "a in {1, 4}"),
        (Where(A, B), "a >= 2 * b - 3 where a = 0"),
    ]
    for fact, words in described:
        assert fact_words(fact) == words
    assert facts_in_words([A, A]) == "a = 0"
    assert facts_in_words([A, Zero(of({"b": 1}))]) == "a = 0 and b = 0"


def test_equalities_are_a_basis_of_those_that_hold() -> None:
    states = [{"a": k, "b": 3 * k + 1, "c": k * k} for k in range(6)]
    assert equalities(("a", "b", "c"), states) == [Zero(of({"a": -3, "b": 1}, -1))]
    squares = equalities(("a", "c"), states, degree=2)
    assert Zero(Combination(((("c",), -1), (("a", "a"), 1)))) in squares
    assert all(fact_holds(fact, state) for fact in squares for state in states)


def _counting() -> tuple[Paired, list[dict[str, int]]]:
    network = NETWORKS["count_evens"]
    program = lift(network, "mine")
    step = paired(program, network)
    rows = next(iter(sequences(network.inputs[0])))
    return step, list(joint_states(step, program, network, rows))


def test_what_no_step_keeps_is_dropped() -> None:
    step, _ = _counting()
    same = Zero(of({"r0": 1, "register 0": -1}))
    wrong = [
        Positive(of({STEPS: -1}, 50)),  # kept by the first 50 steps alone
        Zero(of({"r0": 1})),
        Positive(of({"r0": 1}, -1)),  # fails at the start
        Divides(of({"r0": 1}), 2, of({})),
    ]
    assert strengthened(step, [*wrong, same], Session(), 10**6) == [same]
    assert settled(step, [same], Session())
    for fact in wrong:
        assert not settled(step, [same, fact], Session())
    assert not settled(step, [], Session())
    more = [Positive(of({STEPS: 1})), same, Positive(of({"r0": 1}))]
    assert needed(step, more, 10**6) == [same]


def test_without_a_budget_nothing_is_settled() -> None:
    step, states = _counting()
    same = Zero(of({"r0": 1, "register 0": -1}))
    assert not settled(step, [same], Session(budget=0))
    assert strengthened(step, [same], Session(budget=0), 10**6) == []
    for family in guesses(step, states, []):
        assert all(fact_holds(fact, state) for fact in family for state in states)
