"""Tests of the solver beside this file: run `pytest` on it."""

import importlib.util
import json
import math
import random
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SHAPE = (28, 28)
FREE = (0, 1)  # axes of any size
LEAST = (1, 1)  # the smallest shape, where a size is free
ALIKE = ((0, 1),)  # axes that have the same size
LOWEST, HIGHEST = 0, 1  # values of the input
HEAD = "argmax"
CLASSES = 2
# Recorded pairs: the input and the answer.
EXAMPLES = ()


def load(name):
    """The solver as a module of a name of its own, so that several can be tested in one run."""
    spec = importlib.util.spec_from_file_location(name, HERE / "solver.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


solve = load(f"solver_in_{HERE.name}").solve


def nested(shape, cell):
    """Nested lists of this shape, each cell from a call of `cell`."""
    return [nested(shape[1:], cell) for _ in range(shape[0])] if shape else cell()


def inputs(count):
    """Random inputs of several densities."""
    rng = random.Random(0)
    for k in range(count):
        share = (0.5, 0.1, 0.9, 0.02)[k % 4]
        yield nested(
            SHAPE,
            lambda share=share: (
                rng.randint(LOWEST, HIGHEST) if rng.random() < share else LOWEST
            ),
        )


def same(answer, expected):
    """Whether two answers agree; floats up to the order of additions."""
    if isinstance(expected, list):
        return len(answer) == len(expected) and all(map(same, answer, expected))
    return math.isclose(answer, expected, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("cells, answer", EXAMPLES)
def test_recorded_examples(cells, answer):
    assert same(solve(cells), answer)


def test_the_answer_is_of_its_kind():
    for cells in inputs(20):
        answer = solve(cells)
        if HEAD == "argmax":
            assert type(answer) is int and 0 <= answer < CLASSES
        elif HEAD == "softmax":
            assert len(answer) == CLASSES and math.isclose(sum(answer), 1)


@pytest.mark.parametrize("bad", [None, 0, "text", [], {}, [0.5], [[0.5]]])
def test_no_array_is_refused(bad):
    with pytest.raises(ValueError):
        solve(bad)


@pytest.mark.parametrize("bad", [0.5, math.nan, "0", None, [0], 10**30])
def test_a_bad_value_is_refused(bad):
    cells = nested(SHAPE, lambda: LOWEST)
    last = cells
    for _ in SHAPE[1:]:
        last = last[-1]
    last[-1] = bad
    with pytest.raises(ValueError):
        solve(cells)


def other_shapes():
    """Shapes that differ from SHAPE along one axis, or along two that have the same size."""
    for axis in range(len(SHAPE)):
        axes = {axis, *(k for pair in ALIKE if axis in pair for k in pair)}
        for step in (-1, 1):
            yield axis, tuple(n + step if k in axes else n for k, n in enumerate(SHAPE))


@pytest.mark.parametrize("axis, shape", list(other_shapes()))
def test_other_sizes_are_answered_or_refused(axis, shape):
    taken = axis in FREE and all(n >= least for n, least in zip(shape, LEAST))
    if taken:
        solve(nested(shape, lambda: HIGHEST))
    else:
        with pytest.raises(ValueError):
            solve(nested(shape, lambda: LOWEST))


@pytest.mark.skipif(len(SHAPE) < 2, reason="a list has no rows")
def test_a_ragged_input_is_refused():
    cells = nested(SHAPE, lambda: LOWEST)
    cells[0].pop()
    with pytest.raises(ValueError):
        solve(cells)


@pytest.mark.parametrize("pair", ALIKE)
def test_a_shape_that_was_not_checked_is_refused(pair):
    shape = list(SHAPE)
    shape[pair[0]] += 1
    with pytest.raises(ValueError):
        solve(nested(shape, lambda: LOWEST))


def run(text):
    command = [sys.executable, str(HERE / "solver.py")]
    return subprocess.run(command, input=text, capture_output=True, text=True)


def test_the_command_line_prints_the_answer():
    cells = nested(SHAPE, lambda: LOWEST)
    done = run(json.dumps(cells))
    assert (done.returncode, done.stderr) == (0, "")
    assert same(json.loads(done.stdout), solve(cells))


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "[[[[0.5]]]]"])
def test_the_command_line_refuses_bad_input_in_one_sentence(text):
    done = run(text)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_the_solver_computes_what_the_network_computes():
    deepdistill = pytest.importorskip("deepdistill")
    numpy = pytest.importorskip("numpy")
    network = deepdistill.load_network(HERE / "network.npz")
    for cells in inputs(60):
        answer = network.run(numpy.array([cells], dtype=float))[0].tolist()
        if isinstance(answer, list) and HEAD == "linear" and len(answer) == 1:
            (answer,) = answer
        assert same(solve(cells), answer)
