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
COLUMNS = (
    (1.0079779950027508, 4.984237916450084),
    (1.0226215841778306, 4.983481689974207),
    (0.5064731051907091, 2.999231931981695),
    (0.5077189262775026, 2.9917018272768052),
    (0.5067224570312102, 2.9897449229165187),
)  # ranges of numbers, levels of text
# Recorded pairs: the arguments and the answer.
EXAMPLES = (
    (
        (
            4.793436786977412,
            1.4955846500034,
            1.83688665493663,
            1.6355486159469321,
            2.7733642086403965,
        ),
        3.48204747301,
    ),
    (
        (
            2.0235796540230977,
            1.3066368506763957,
            1.9310188233995655,
            2.7064517621779904,
            2.881454495816398,
        ),
        0.911663762482,
    ),
    (
        (
            3.693812871182469,
            2.7625760725908144,
            0.929474533531474,
            1.7003431916699565,
            2.1262999305803425,
        ),
        8.22890778626,
    ),
    (
        (
            2.7674692265638092,
            1.6727035351802972,
            1.498782216823649,
            1.7064724649839502,
            2.7216051308992397,
        ),
        2.45870902356,
    ),
    (
        (
            2.6500886543215563,
            2.7220677716896144,
            2.1090255449560757,
            1.262549448465778,
            1.6625256122082395,
        ),
        5.46721687368,
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
