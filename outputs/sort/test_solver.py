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
SIZES = (None,)  # of the input, None where any will do
LOWEST, HIGHEST = -9999, 9999  # values of the input
TRAINED = (4,)  # a size that the network learned from
DEPTH = 1  # of the answer: 0 for a number, 1 for a list
# Recorded pairs: the input and the answer.
EXAMPLES = (
    ([-9224, -9224, -9224, -9225], [-9225, -9224, -9224, -9224]),
    ([-9918, -9918, -9918, -9916], [-9918, -9918, -9918, -9916]),
    ([9878, 9884, 9865, 9883, 9884], [9865, 9878, 9883, 9884, 9884]),
    ([-857, -858, -857, -857, -858], [-858, -858, -857, -857, -857]),
    (
        [-7635, -7633, -7639, -7641, -7638, -7632],
        [-7641, -7639, -7638, -7635, -7633, -7632],
    ),
    (
        [-8741, -8313, -7953, -8278, -8743, -8057],
        [-8743, -8741, -8313, -8278, -8057, -7953],
    ),
)

repeatable = settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
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


@st.composite
def small(draw):
    """Small inputs, drawn one by one, often with equal values: a failure shrinks to a simple one."""
    sizes = [size or draw(st.integers(1, 6)) for size in SIZES]
    few = (
        st.integers(max(LOWEST, -1), min(HIGHEST, 2))
        if LOWEST <= 2 and HIGHEST >= -1
        else None
    )
    anything = st.integers(LOWEST, HIGHEST)
    cell = draw(st.sampled_from([few, anything])) if few is not None else anything
    return nested(sizes, lambda: draw(cell))


@st.composite
def large(draw):
    """Inputs larger than those the network learned from, drawn from a seed."""
    sizes = [
        size or draw(st.integers(trained, 10 * trained))
        for size, trained in zip(SIZES, TRAINED)
    ]
    rng = random.Random(draw(st.integers(0, 2**32 - 1)))
    low = rng.randint(LOWEST, HIGHEST)
    high = rng.choice([HIGHEST, min(HIGHEST, low + 3)])
    return nested(sizes, lambda: rng.randint(low, high))


def answer(cells):
    """The answer, None where the solver says that there is none."""
    try:
        return solve(cells)
    except ValueError as error:
        assert "there is no answer" in str(error)
        return None


def depth(nested):
    return 1 + depth(nested[0]) if isinstance(nested, list) else 0


@pytest.mark.parametrize("cells, expected", EXAMPLES)
def test_recorded_examples(cells, expected):
    assert solve(cells) == expected


@repeatable
@given(small() | large())
def test_the_answer_is_of_its_kind_and_the_input_is_left_alone(cells):
    before = json.dumps(cells)
    found = answer(cells)
    assert json.dumps(cells) == before
    if found is not None:
        assert depth(found) == DEPTH
        assert json.loads(json.dumps(found)) == found
        assert "true" not in json.dumps(found) and "false" not in json.dumps(found)


def usable():
    return nested([size or 3 for size in SIZES], lambda: LOWEST)


@pytest.mark.parametrize("bad", [None, 0, "text", [], {}])
def test_no_array_is_refused(bad):
    with pytest.raises(ValueError):
        solve(bad)


@pytest.mark.parametrize(
    "bad", [0.5, math.nan, "0", None, [0], LOWEST - 1, HIGHEST + 1]
)
def test_a_bad_value_is_refused(bad):
    cells = usable()
    last = cells
    for _ in SIZES[1:]:
        last = last[-1]
    last[-1] = bad
    with pytest.raises(ValueError):
        solve(cells)


def run(text):
    command = [sys.executable, str(HERE / "solver.py")]
    return subprocess.run(command, input=text, capture_output=True, text=True)


def test_the_command_line_prints_the_answer():
    cells = usable()
    done, found = run(json.dumps(cells)), answer(cells)
    if found is None:
        assert (done.returncode, done.stdout) == (2, "")
    else:
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout) == found


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
@given(cells=small() | large())
def test_the_solver_computes_what_the_network_computes(network, cells):
    numpy = pytest.importorskip("numpy")
    try:
        expected = network.run({PORT: numpy.array(cells)}).tolist()
    except ValueError:
        expected = None
    assert answer(cells) == expected
