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
NAMES = ("k", "x")
COLUMNS = (
    (0.5193222933469646, 4.979407496671352),
    (-2.966067623733254, 2.980084385464332),
)  # ranges of numbers, levels of text
# Recorded pairs: the arguments and the answer.
EXAMPLES = (
    ((4.0962616091220445, -0.14095912568919644), 0.577405455016),
    ((4.24447632594409, -2.520585093146966), 10.6985637554),
    ((4.719630108824946, 1.4168923174310732), -6.68720764231),
    ((2.934177113258214, -1.4646305189653535), 4.29748534813),
    ((3.374272565020361, -0.0004358233567596237), 0.00147058679591),
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
