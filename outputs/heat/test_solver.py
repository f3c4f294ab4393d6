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
NAMES = ("a", "t", "x")
RANGES = (
    (0.10508985644, 0.995428573416),
    (0.00500947145404, 0.996680730911),
    (0.00364898418497, 0.996059479113),
)
# Recorded pairs: the arguments and the answer.
EXAMPLES = (
    ((0.528856131147, 0.840991879564, 0.948359196744), 0.00200372830889),
    ((0.500660438469, 0.181389208785, 0.773496962743), 0.266486336473),
    ((0.615166776424, 0.882580704871, 0.952581798327), 0.000698715008438),
    ((0.215775963534, 0.0154161808435, 0.793155013211), 0.585503744361),
    ((0.532123549001, 0.650519972232, 0.238017825201), 0.0223237694793),
)


def load(name):
    """The solver as a module of a name of its own, so that several can be tested in one run."""
    spec = importlib.util.spec_from_file_location(name, HERE / "solver.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


solve = load(f"solver_in_{HERE.name}").solve


def rows(count):
    """Random arguments within the sampled ranges."""
    rng = random.Random(0)
    return [[rng.uniform(low, high) for low, high in RANGES] for _ in range(count)]


@pytest.mark.parametrize("row, answer", EXAMPLES)
def test_recorded_examples(row, answer):
    assert math.isclose(solve(*row), answer, rel_tol=1e-9, abs_tol=1e-300)


def test_the_answer_is_a_finite_number_or_none_is_given():
    for row in rows(100):
        try:
            assert math.isfinite(solve(*row))
        except ValueError:
            pass


def test_arguments_by_name():
    for row, answer in EXAMPLES:
        assert solve(**dict(zip(NAMES, row))) == solve(*row)


@pytest.mark.skipif(not NAMES, reason="there is no argument")
@pytest.mark.parametrize("bad", [None, "1", math.nan, math.inf, [1.0], 10**400, True])
def test_a_bad_value_is_refused(bad):
    (row,) = rows(1)
    row[-1] = bad
    with pytest.raises(ValueError):
        solve(*row)


def run(text):
    command = [sys.executable, str(HERE / "solver.py")]
    return subprocess.run(command, input=text, capture_output=True, text=True)


def test_the_command_line_prints_the_answer():
    for row, answer in EXAMPLES[:1]:
        for given in (list(row), dict(zip(NAMES, row))):
            done = run(json.dumps(given))
            assert (done.returncode, done.stderr) == (0, "")
            assert json.loads(done.stdout) == solve(*row)


@pytest.mark.parametrize("text", ["{", "null", '{"?": 1}', '["a", "b"]'])
def test_the_command_line_refuses_bad_input_in_one_sentence(text):
    done = run(text)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
