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
COLUMNS = (
    (-2.966067623733254, 2.9695238227760115),
    (-2.9699431712757356, 2.980084385464332),
    (0.11423103832137718, 3.9846319685388316),
)  # ranges of numbers, levels of text
# Recorded pairs: the arguments and the answer.
EXAMPLES = (
    ((-0.14095912568919644, 2.045951277382601, 3.7986008673029765), -0.0196463153233),
    ((-0.3289304102086641, -1.9116647472916108, 3.1166381546978084), 0.0631112433901),
    ((0.43444517615895695, 2.295484229227177, 3.8150690134735807), 0.0673609445665),
    ((-2.228160243103992, -2.907502914939191, 3.1933045515236627), 0.620107411362),
    ((-0.11917633999210464, 0.9031198333928216, 1.028269518285073), -0.0823279822575),
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
    return [
        [
            rng.choice(one) if isinstance(one, list) else rng.uniform(*one)
            for one in COLUMNS
        ]
        for _ in range(count)
    ]


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
        by_name = dict(zip(NAMES, row))
        assert solve(**by_name) == solve(by_name) == solve(*row)
        assert solve({name: str(value) for name, value in by_name.items()}) == solve(
            *row
        )


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
