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
NAMES = ("x", "mu", "sigma")
COLUMNS = (
    (-2.966067623733254, 2.9695238227760115),
    (-0.9899810570919119, 0.9933614618214441),
    (0.5054734762774528, 1.9940892186687813),
)  # ranges of numbers, levels of text
# Recorded pairs: the arguments and the answer.
EXAMPLES = (
    ((-0.14095912568919644, 0.6819837591275337, 1.9225387951165294), 0.189342341758),
    ((-0.3289304102086641, -0.637221582430537, 1.6602454441145418), 0.236183934869),
    ((0.43444517615895695, 0.7651614097423922, 1.928872697489839), 0.203808836434),
    ((-2.228160243103992, -0.9691676383130636, 1.6897325198167934), 0.178872174999),
    ((-0.11917633999210464, 0.30103994446427396, 0.8570267378019512), 0.412772529751),
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
