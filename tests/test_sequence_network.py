"""Recurrent networks found from sequences: exact at lengths that were never trained."""

from __future__ import annotations

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from sequence_problems import LISTED, TASKS, arrays, impossible, mealy, rows_of

from deepdistill.data.problem import Axis, InputError, Integers, Port, Problem
from deepdistill.data.running import Run
from deepdistill.forms.sequence.network import PrefixNetwork, RecurrentNetwork
from deepdistill.forms.sequence.search.affine import affine
from deepdistill.forms.sequence.search.cells import learn
from deepdistill.forms.sequence.search.machine import find_machine, minimal
from deepdistill.forms.sequence.search.registers import pool
from deepdistill.forms.sequence.search.update import History, simulate
from deepdistill.forms.sequence.train import SequencesFitted, fit_arrays, fit_sequences
from deepdistill.units.gates import AffineUnit, Cell, Gate

LENGTHS = (10, 100, 1000)
QUICK = (
    "abs_diff",
    "alternating_last3",
    "balanced_parenthesis",
    "binary_addition",
    "compare",
    "count_evens",
    "divide_by_3",
    "fibonacci",
    "gravity",
    "last_nonzero",
    "magnetic",
    "majority_0_2",
    "perfect_square",
    "previous_7",
    "product_last2",
    "running_min",
    "since_last_1",
    "two_outputs",
)


def fitted(name: str, count: int = 1200) -> SequencesFitted:
    x, y = arrays(name, count, seed=0)
    cut = count * 3 // 4
    return fit_arrays(x[:cut], y[:cut], x[cut:], y[cut:])


def right_at(network: RecurrentNetwork | PrefixNetwork, name: str, length: int) -> bool:
    oracle, sampler, _, _ = TASKS[name]
    rows = rows_of(sampler(np.random.default_rng(length), length))
    wanted = [value if isinstance(value, tuple) else (value,) for value in oracle(rows)]
    return network.run_rows(rows) == [tuple(map(int, row)) for row in wanted]


@pytest.mark.parametrize("name", QUICK)
def test_exact_at_lengths_never_trained(name: str) -> None:
    found = fitted(name)
    assert found.exact and found.wrong == 0
    assert [length for length in LENGTHS if not right_at(found.network, name, length)] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", list(TASKS))
def test_every_task_from_5000_sequences(name: str) -> None:
    found = fitted(name, 5000)
    assert found.exact
    assert [length for length in LENGTHS if not right_at(found.network, name, length)] == []


def test_a_palindrome_needs_the_whole_prefix() -> None:
    found = fitted("palindrome", 400)
    assert found.exact and isinstance(found.network, PrefixNetwork)
    assert right_at(found.network, "palindrome", 100)


def test_what_has_no_rule_is_never_exact() -> None:
    for name, x, y in impossible(400, seed=3):
        if name.startswith(("random", "twelve")):
            found = fit_arrays(x[:300], y[:300], x[300:], y[300:])
            assert not found.exact, name
            assert found.rows == 4000


def test_the_rate_of_noise_is_reported() -> None:
    cases = {name: (x, y) for name, x, y in impossible(600, seed=4)}
    for name in ("parity", "running_sum", "previous_3"):
        x, noisy = cases[f"{name}_with_noise"]
        _, clean = arrays(name, 600, seed=4)
        found = fit_arrays(x[:450], noisy[:450], x[450:], noisy[450:])
        assert not found.exact
        assert found.wrong == int((noisy != clean).sum()), name


def test_a_network_answers_alike_one_by_one_and_together() -> None:
    for name in ("balanced_parenthesis", "magnetic", "running_min", "product_last2"):
        x, y = arrays(name, 200, seed=1)
        network = fit_arrays(x[:150], y[:150], x[150:], y[150:]).network
        assert isinstance(network, RecurrentNetwork)
        channels = x.reshape(200, 10, -1)
        together = network.run_together(channels)
        for k in range(20):
            rows = rows_of(channels[k])
            assert [tuple(row) for row in together[k].tolist()] == network.run_rows(rows)


@pytest.mark.parametrize("name", ["binary_addition", "binary_subtraction", "binary_increment"])
def test_four_bits_are_enough(name: str) -> None:
    x, y = arrays(name, 240, seed=2)
    found = fit_arrays(x[:180, :4], y[:180, :4], x[180:, :4], y[180:, :4])
    assert found.exact and right_at(found.network, name, 1000)


def test_sequences_of_two_are_refused() -> None:
    x, y = arrays("parity", 20, seed=2)
    with pytest.raises(InputError, match="at least 3 elements"):
        fit_arrays(x[:10, :2], y[:10, :2], x[10:, :2], y[10:, :2])


def test_the_same_data_give_the_same_network() -> None:
    one, two = fitted("majority_0_1", 400), fitted("majority_0_1", 400)
    for name in ("features", "initial", "updates", "outputs"):
        assert getattr(one.network, name) == getattr(two.network, name)
    assert one.attempts == two.attempts


def test_big_integers_do_not_round() -> None:
    network = fitted("fibonacci", 400).network
    answers = network.run_rows([(1,)] * 400)
    a, b = 0, 0
    for (answer,) in answers:
        a, b = a + b + 1, a
        assert answer == a
    assert a > 2**200


def test_a_problem_gives_its_own_examples() -> None:
    oracle, sampler, _, _ = LISTED["parity"]
    problem = Problem(
        "mine",
        (Port("x", (Axis("sequence"),), Integers(0, 1)),),
        Port("y", (Axis("sequence"),), Integers(0, 1)),
        ((8,),),
        (),
        training_count=100,
        sampler=lambda rng, shape: (sampler(rng, shape[0]),),
        oracle=lambda x: np.array(oracle(rows_of(x))),
    )
    found = fit_sequences(problem, Run(1))
    assert found.exact and found.rows == 800
    assert found.network.run({"x": np.array([1, 0, 1, 1])}).tolist() == [1, 1, 0, 1]
    assert found.attempts[-1].outcome.startswith("exact")


@settings(max_examples=tries(60), deadline=None)
@given(
    st.lists(st.integers(-9, 9), min_size=3, max_size=3),
    st.integers(-50, 50),
    st.integers(0, 10**6),
)
def test_affine_laws_are_found_exactly(weights: list[int], bias: int, seed: int) -> None:
    rows = np.random.default_rng(seed).integers(-(10**6), 10**6, (80, 3))
    found = affine(rows, rows @ np.array(weights) + bias)
    assert found == AffineUnit(tuple(weights), bias)


@settings(max_examples=tries(40), deadline=None)
@given(st.sampled_from([2, 3, 5, 7]), st.integers(0, 10**6))
def test_affine_laws_modulo_a_prime_are_found(prime: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, weights = rng.integers(0, 50, (300, 4)), rng.integers(0, prime, 4)
    target = (rows @ weights + 1) % prime
    found = affine(rows, target, prime)
    assert found is not None and found.modulus == prime
    fresh = rng.integers(-1000, 1000, (50, 4))
    assert [found.run(row) for row in fresh.tolist()] == ((fresh @ weights + 1) % prime).tolist()


CELLS = {
    "larger": (lambda x: np.maximum(x[:, 0], x[:, 1]), 2),
    "largest of three": (lambda x: x.max(axis=1), 3),
    "magnitude": (lambda x: abs(x[:, 0] - x[:, 1]), 2),
    "difference of magnitudes": (lambda x: abs(x[:, 0]) - abs(x[:, 1]), 2),
    "clipped": (lambda x: np.clip(x[:, 0] + x[:, 1], -20, 30), 2),
    "if even": (lambda x: np.where(x[:, 0] % 2 == 0, x[:, 1] + 1, 0), 2),
    "place of the largest": (lambda x: x.argmax(axis=1), 4),
    "quotient": (lambda x: (x[:, 0] + 2 * x[:, 1] + 3) // 7, 2),
}


@pytest.mark.parametrize("name", list(CELLS))
def test_cells_are_exact_on_rows_they_never_saw(name: str) -> None:
    rule, width = CELLS[name]
    rng = np.random.default_rng(5)
    rows = rng.integers(-60, 60, (6000, width))
    learned = learn(rows, rule(rows))
    assert learned is not None
    fresh = rng.integers(-1000, 1000, (3000, width))
    assert (learned.cell.columns(fresh) == rule(fresh)).all()
    assert [learned.cell.run(row) for row in fresh[:50].tolist()] == rule(fresh[:50]).tolist()


def test_rows_that_contradict_or_show_nothing_have_no_cell() -> None:
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 100, (2000, 2))
    assert learn(rows, rng.integers(0, 2, 2000)) is None
    assert learn(np.zeros((4, 1), dtype=int), np.array([0, 0, 1, 0])) is None


def test_bounds_of_gates_stand_on_the_right_side() -> None:
    rows = np.arange(-30, 30)[:, None]
    learned = learn(rows, (rows[:, 0] >= 7).astype(int))
    assert learned is not None
    (gate,) = learned.cell.gates
    assert gate in (Gate(AffineUnit((1,)), low=7), Gate(AffineUnit((1,)), high=6))


@pytest.mark.parametrize(("states", "symbols"), [(2, 2), (5, 3), (8, 2), (12, 2)])
def test_machines_are_found_from_their_transductions(states: int, symbols: int) -> None:
    oracle = mealy(states, symbols, seed=5)
    rng = np.random.default_rng(0)
    x = rng.integers(0, symbols, (2000, 12))
    y = np.array([oracle(rows_of(row)) for row in x])
    machine = find_machine(History(x[:, :, None], y[:, :, None]), 0)
    assert machine is not None
    machine = minimal(machine)
    assert len(machine) <= states
    state, fresh = 0, rng.integers(0, symbols, 500)
    for symbol, wanted in zip(fresh.tolist(), oracle(rows_of(fresh)), strict=True):
        assert machine.outputs[state, symbol] == wanted
        state = int(machine.moves[state, symbol])


def test_guessed_registers_are_what_their_cells_compute() -> None:
    x = np.random.default_rng(1).integers(-5, 6, (40, 8, 1))
    history = History(x, x)
    guesses = pool(history)
    assert len(guesses) > 300
    for guess in guesses[::40]:
        assert (simulate(guess.update, history, {}) == guess.at).all()
        value, one = guess.update.initial, x[0, :, 0].tolist()
        for t, wanted in enumerate(guess.at[0].tolist()):
            value = guess.update.cell.run([one[t], one[t - 1] if t else 0, value])
            assert value == wanted


def test_a_cell_takes_the_first_piece_that_fits() -> None:
    learned = learn(np.arange(-50, 50)[:, None], abs(np.arange(-50, 50)))
    assert learned is not None and isinstance(learned.cell, Cell)
    assert learned.cell.run([-(10**30)]) == 10**30
