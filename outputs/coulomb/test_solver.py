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
NAMES = ("q1", "q2", "r")
RANGES = (
    (-2.96606762373, 2.96952382278),
    (-2.96994317128, 2.98008438546),
    (0.114231038321, 3.98463196854),
)
# Recorded pairs: the arguments and the answer.
EXAMPLES = (
    ((-0.140959125689, 2.04595127738, 3.7986008673), -0.0196463153233),
    ((-0.328930410209, -1.91166474729, 3.1166381547), 0.06311124339),
    ((0.434445176159, 2.29548422923, 3.81506901347), 0.0673609445667),
    ((-2.2281602431, -2.90750291494, 3.19330455152), 0.620107411362),
    ((-0.119176339992, 0.903119833393, 1.02826951829), -0.0823279822568),
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
