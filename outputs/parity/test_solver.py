"""Property tests of the solver beside this file: run `pytest` on it."""

import importlib.util
import json
import math
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HERE = Path(__file__).resolve().parent
PORT = "numbers"
CHANNELS = 0  # of an element of the input; 0: it is a number
ANSWERS = 0  # of an element of the output; 0: it is a number
LOWEST, HIGHEST = 0, 1  # values of the input
TRAINED = 10  # the length that the network learned from
# Recorded pairs: the input and the output.
EXAMPLES = (
    ([1, 1, 1, 1, 0, 1, 0, 1, 1, 0], [1, 0, 1, 0, 0, 1, 1, 0, 1, 1]),
    ([0, 0, 0, 1, 0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1, 1, 0, 1, 0]),
)

repeatable = settings(
    derandomize=True,
    deadline=None,
    max_examples=25,
    suppress_health_check=list(HealthCheck),
)


def load(name):
    """The solver as a module of a name of its own, so that several can be tested in one run."""
    spec = importlib.util.spec_from_file_location(name, HERE / "solver.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


solve = load(f"solver_in_{HERE.name}").solve

values = st.integers(LOWEST, HIGHEST)
elements = (
    st.lists(values, min_size=CHANNELS, max_size=CHANNELS) if CHANNELS else values
)
short = st.lists(elements, max_size=2 * TRAINED)


@st.composite
def long(draw):
    """Sequences longer than those the network learned from, drawn from a seed."""
    rng = random.Random(draw(st.integers(0, 2**32 - 1)))
    length = draw(st.integers(TRAINED, 20 * TRAINED))

    def element():
        if CHANNELS:
            return [rng.randint(LOWEST, HIGHEST) for _ in range(CHANNELS)]
        return rng.randint(LOWEST, HIGHEST)

    return [element() for _ in range(length)]


@pytest.mark.parametrize("sequence, answers", EXAMPLES)
def test_recorded_examples(sequence, answers):
    assert solve(sequence) == answers


@repeatable
@given(short | long())
def test_each_element_gets_an_answer_of_integers(sequence):
    answers = solve(sequence)
    assert type(answers) is list and len(answers) == len(sequence)
    for answer in answers:
        numbers = answer if ANSWERS else [answer]
        assert len(numbers) == max(ANSWERS, 1)
        assert all(type(number) is int for number in numbers)


@repeatable
@given(short | long(), st.integers(0, 2**32 - 1))
def test_an_answer_depends_on_the_past_alone(sequence, seed):
    rng = random.Random(seed)
    length = rng.randint(0, len(sequence))
    assert solve(sequence[:length]) == solve(sequence)[:length]


def test_an_empty_sequence_has_no_answers():
    assert solve([]) == []


@pytest.mark.parametrize("bad", [None, 0, "text", {}])
def test_no_list_is_refused(bad):
    with pytest.raises(ValueError):
        solve(bad)


def usable():
    return [[LOWEST] * CHANNELS if CHANNELS else LOWEST for _ in range(3)]


@pytest.mark.parametrize("bad", [0.5, math.nan, "0", None, [[0]], 10**30, -(10**30)])
def test_a_bad_value_is_refused(bad):
    sequence = usable()
    if CHANNELS:
        sequence[1][-1] = bad
    else:
        sequence[1] = bad
    with pytest.raises(ValueError):
        solve(sequence)


def run(text):
    command = [sys.executable, str(HERE / "solver.py")]
    return subprocess.run(command, input=text, capture_output=True, text=True)


def test_the_command_line_prints_the_answer():
    done = run(json.dumps(usable()))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == solve(usable())


@pytest.mark.parametrize("text", ["", "{", "null", "{}", "[[[0.5]]]"])
def test_the_command_line_refuses_bad_input_in_one_sentence(text):
    done = run(text)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture(scope="module")
def network():
    deepdistill = pytest.importorskip("deepdistill")
    return deepdistill.load_network(HERE / "network.npz")


@repeatable
@given(sequence=short | long())
def test_the_solver_computes_what_the_network_computes(network, sequence):
    assert solve(sequence) == network.run({PORT: sequence}).tolist()
