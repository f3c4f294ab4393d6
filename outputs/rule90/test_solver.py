"""Property tests of the solver beside this file: run `pytest` on it."""

import importlib.util
import itertools
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
# Of each input: the name, the fixed sizes, the lowest and the highest value.
PORTS = (("cells", (None,), 0, 1),)
AXES = ("wrap",)  # of the first input
TRAINED = (20,)  # the size that the network learned from
LARGEST = (200,)
RADIUS = 1  # how far a cell can see
LOWEST, HIGHEST = 0, 1  # values of the output
# Recorded pairs: the inputs and the output.
EXAMPLES = (
    (
        ([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],),
        [0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ),
    (
        ([0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0],),
        [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1],
    ),
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


def nested(sizes, cell):
    """Nested lists of these sizes, each cell from a call of `cell`."""
    return [nested(sizes[1:], cell) for _ in range(sizes[0])] if sizes else cell()


def arguments(sizes, integer):
    """One array for each input; `integer(low, high)` makes a cell."""
    arrays = []
    for _, fixed, low, high in PORTS:
        own = [size or free for size, free in zip(fixed, itertools.cycle(sizes))]
        arrays.append(nested(own, lambda low=low, high=high: integer(low, high)))
    return arrays


@st.composite
def small(draw):
    """Small inputs, drawn cell by cell: a failure shrinks to a simple one."""
    sizes = [draw(st.integers(1, 6)) for _ in TRAINED]
    return arguments(sizes, lambda low, high: draw(st.integers(low, high)))


@st.composite
def large(draw):
    """Inputs larger than those the network learned from, drawn from a seed."""
    sizes = [draw(st.integers(*pair)) for pair in zip(TRAINED, LARGEST)]
    return arguments(sizes, random.Random(draw(st.integers(0, 2**32 - 1))).randint)


def sizes_of(array):
    return (len(array), *sizes_of(array[0])) if isinstance(array, list) else ()


def places_in(array):
    return itertools.product(*map(range, sizes_of(array)))


def at(array, place):
    return at(array[place[0]], place[1:]) if place else array


def put(array, place, value):
    at(array, place[:-1])[place[-1]] = value


@pytest.mark.parametrize("inputs, output", EXAMPLES)
def test_recorded_examples(inputs, output):
    assert solve(*inputs) == output


@repeatable
@given(small() | large())
def test_the_output_has_the_size_of_the_input_and_its_own_values(inputs):
    output = solve(*inputs)
    assert sizes_of(output) == sizes_of(inputs[0])
    for place in places_in(output):
        assert type(at(output, place)) is int
        assert LOWEST <= at(output, place) <= HIGHEST


def shifted(array, axis, steps):
    """The array moved around along one axis."""
    if axis:
        return [shifted(part, axis - 1, steps) for part in array]
    return [array[(k + steps) % len(array)] for k in range(len(array))]


@repeatable
@given(small() | large(), st.sampled_from((0,)), st.integers(0, 1000))
def test_shifting_the_input_shifts_the_output(inputs, axis, steps):
    moved = [
        array if all(port[1]) else shifted(array, axis, steps)
        for port, array in zip(PORTS, inputs)
    ]
    assert solve(*moved) == shifted(solve(*inputs), axis, steps)


def distance(kind, size, a, b):
    """How far apart two places are along an axis, on a wrapping one the shorter way."""
    if kind == "fixed":
        return 0
    return min(abs(a - b), size - abs(a - b)) if kind == "wrap" else abs(a - b)


@repeatable
@given(small() | large(), st.integers(0, 2**32 - 1))
def test_a_change_is_seen_no_farther_than_the_radius(inputs, seed):
    before = solve(*inputs)
    rng, (_, _, low, high) = random.Random(seed), PORTS[0]
    sizes = sizes_of(before)
    changed = [rng.randrange(size) for size in sizes]
    put(inputs[0], changed, rng.randint(low, high))
    after = solve(*inputs)
    for place in places_in(before):
        if at(after, place) != at(before, place):
            assert max(map(distance, AXES, sizes, place, changed)) <= RADIUS


def usable():
    return arguments([3] * len(TRAINED), lambda low, high: low)


@pytest.mark.parametrize("port", range(len(PORTS)))
@pytest.mark.parametrize("bad", [None, 0, "text", [], {}])
def test_no_array_is_refused(port, bad):
    inputs = usable()
    inputs[port] = bad
    with pytest.raises(ValueError):
        solve(*inputs)


@pytest.mark.parametrize("port", range(len(PORTS)))
@pytest.mark.parametrize("bad", [0.5, math.nan, "0", None, [0], 10**30, -(10**30)])
def test_a_bad_value_is_refused(port, bad):
    inputs = usable()
    put(inputs[port], [0] * len(PORTS[port][1]), bad)
    with pytest.raises(ValueError):
        solve(*inputs)


def run(text):
    command = [sys.executable, str(HERE / "solver.py")]
    return subprocess.run(command, input=text, capture_output=True, text=True)


def test_the_command_line_prints_the_answer():
    inputs = usable()
    done = run(json.dumps(inputs[0] if len(inputs) == 1 else inputs))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == solve(*inputs)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "[[[[0.5]]]]"])
def test_the_command_line_refuses_bad_input_in_one_sentence(text):
    done = run(text)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture(scope="module")
def network():
    deepdistill = pytest.importorskip("deepdistill")
    return deepdistill.load_network(HERE / "network.npz")


@repeatable
@given(inputs=small() | large())
def test_the_solver_computes_what_the_network_computes(network, inputs):
    numpy = pytest.importorskip("numpy")
    arrays = {port[0]: numpy.array(array) for port, array in zip(PORTS, inputs)}
    assert solve(*inputs) == network.run(arrays).tolist()
