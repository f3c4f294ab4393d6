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
NAMES = ("m1", "m2", "x", "y", "z")
RANGES = (
    (1.007977995, 4.98423791645),
    (1.02262158418, 4.98348168997),
    (0.506473105191, 2.99923193198),
    (0.507718926278, 2.99170182728),
    (0.506722457031, 2.98974492292),
)
# Recorded pairs: the arguments and the answer.
EXAMPLES = (
    (
        (4.79343678698, 1.49558465, 1.83688665494, 1.63554861595, 2.77336420864),
        3.482047473,
    ),
    (
        (2.02357965402, 1.30663685068, 1.9310188234, 2.70645176218, 2.88145449582),
        0.911663762482,
    ),
    (
        (3.69381287118, 2.76257607259, 0.929474533531, 1.70034319167, 2.12629993058),
        8.22890778625,
    ),
    (
        (2.76746922656, 1.67270353518, 1.49878221682, 1.70647246498, 2.7216051309),
        2.45870902357,
    ),
    (
        (2.65008865432, 2.72206777169, 2.10902554496, 1.26254944847, 1.66252561221),
        5.46721687366,
    ),
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
