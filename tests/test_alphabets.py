"""Grids of other states than 0, 1, …: solvers take, return and tell what their users write."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import deepdistill as dd
from deepdistill import InputError
from deepdistill.data.problem import Problem
from deepdistill.forms.files import network_bytes, read_network
from deepdistill.forms.protocol import Lifted
from deepdistill.ir.alphabet import alphabet, coded, in_codes, written
from deepdistill.ir.parse import parse_program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.recheck import load, verify_folder
from deepdistill.verify.paste import pasted
from deepdistill.verify.solver import load_solver

RNG = np.random.default_rng(0)
X = RNG.integers(0, 2, (60, 12))
THREE = RNG.integers(0, 3, (120, 12))


def rule_90(x: Any) -> Any:
    return np.roll(x, 1, 1) ^ np.roll(x, -1, 1)


def spelt(x: Any, y: Any, x_symbols: Any, y_symbols: Any = None) -> Problem:
    x_symbols = np.array(x_symbols)
    y_symbols = x_symbols if y_symbols is None else np.array(y_symbols)
    return Problem.from_arrays(x_symbols[x], y_symbols[y], "grid(wrap)", "mine")


@pytest.mark.parametrize(
    "values, symbols",
    [
        ([0, 1], ()), ([0], ()), ([1], ()), ([0, 1, 2], ()), ([-1, 0, 1], ()), ([0, 1, 3], ()),
        ([0, 255], (0, 255)), ([-1, 1], (-1, 1)), ([1, 2], (1, 2)), ([0, 2], (0, 2)),
        ([1, 2, 3], (1, 2, 3)), ([0, 128, 255], (0, 128, 255)), (list(range(1, 41)), ()),
    ],
)  # fmt: skip
def test_which_values_are_symbols(values: list[int], symbols: tuple[int, ...]) -> None:
    assert alphabet(values) == symbols


@given(
    st.lists(st.integers(-(2**31), 2**31), min_size=2, max_size=16, unique=True).map(sorted),
    st.data(),
)
def test_states_and_symbols_are_told_apart(symbols: list[int], data: st.DataObject) -> None:
    port = Port("cells", (Axis("grid"),), Integers(0, len(symbols) - 1), tuple(symbols))
    nested = data.draw(st.lists(st.lists(st.sampled_from(symbols))))
    assert written(port, coded(port, nested)) == nested
    other = data.draw(st.integers().filter(lambda value: value not in symbols))
    assert coded(port, other) < 0 and coded(port, [0.5, None]) == [0.5, None]
    if abs(other) < 2**40:
        assert written(port, coded(port, other)) == other
    bits = replace(port, domain=Integers(0, 1), symbols=())
    assert in_codes(abs, [bits], bits) is abs


def test_what_stays_as_it_is() -> None:
    plain = Problem.from_arrays(X, rule_90(X), "grid(wrap)")
    assert plain.inputs[0].symbols == plain.output.symbols == ()
    assert plain.inputs[0].domain == Integers(0, 1)
    states = Problem.from_arrays(THREE, 2 * (THREE > 1), "grid(wrap)")  # 1 may be an answer
    assert states.output.domain == Integers(0, 2) and not states.output.symbols
    counted = Problem.from_arrays(THREE, THREE + 100, "grid(wrap)")
    assert counted.output.symbols == (100, 101, 102) and not counted.inputs[0].symbols
    assert counted.given[0].output.max() == 2
    both = spelt(X, X & 0, (0, 255))
    assert both.output.symbols == (0, 255)  # a subset of what is taken


@pytest.fixture(scope="module", params=[(0, 255), (-1, 1), (1, 2)], ids=str)
def result(request: pytest.FixtureRequest) -> Any:
    return dd.distill(spelt(X, rule_90(X), request.param))


def test_a_solver_takes_and_returns_what_its_users_write(result: Any, tmp_path: Path) -> None:
    symbols = result.problem.inputs[0].symbols
    assert result.certificate.ok and result.certificate.faithful.status == "proved"
    array = np.array(symbols)[X[0]]
    expected = np.array(symbols)[rule_90(X[:1])[0]].tolist()
    assert result.solve(array.tolist()) == result.solve(array) == expected
    for bad in {-2, -1, 0, 1, 2, 3, 254, 255, 256} - set(symbols):
        with pytest.raises(ValueError, match=f"cells holds {bad}, not one of {symbols[0]}, "):
            result.solve([symbols[0], bad])
    assert f"are written {symbols[0]}, {symbols[1]}" in " ".join(result.code.split())
    explained = result.explain(array.tolist(), at=3)
    assert explained.value == expected[3] and list(symbols) in [s.value for s in explained.steps]
    with pytest.raises(InputError, match="not one of"):
        result.explain([7, 7, 7], at=0)
    assert "def _rule(cells):" in result.form.excerpt(result.program, result.code, result.name)
    path = result.save(tmp_path)
    assert verify_folder(path).ok and load(path).program == result.program
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_programs_and_networks_with_symbols_come_back(result: Any) -> None:
    assert parse_program(str(result.program)) == result.program
    data = network_bytes(result.network)
    network = read_network(data, "it")
    assert network.inputs == result.network.inputs and network.output == result.network.output
    for symbols in ((1, 0), (0, 0), (0, 1, 2)):
        port = replace(result.network.output, symbols=symbols)
        with pytest.raises(InputError, match="symbols are not one for each"):
            network_bytes(replace(result.network, output=port))


WRITTEN = "return _replaced(_rule("


@pytest.mark.parametrize(
    "changes",
    [
        {WRITTEN: "return (lambda answer, symbols: [symbols[1 - k] for k in answer])(_rule("},
        {WRITTEN: "return (lambda answer, symbols: [float(symbols[k]) for k in answer])(_rule("},
        {WRITTEN: "return (lambda answer, symbols: [symbols[k] + 1 for k in answer])(_rule("},
        {"value not in values": "value > values[-1]", "values.index(value)": "int(value > 0)"},
    ],
    ids=["another answer", "another type", "no symbol", "takes what it should refuse"],
)
def test_a_wrong_solver_is_refuted_in_symbols(result: Any, changes: dict[str, str]) -> None:
    code = result.code
    for before, after in changes.items():
        assert before in code
        code = code.replace(before, after)
    solve = load_solver(code.encode(), "solver")
    lifted = Lifted(result.program)
    found = result.form.judge(result.problem, result.trained, lifted, solve, 0, examples=5)
    assert found.faithful.status == "failed"
    symbols = set(result.problem.inputs[0].symbols)
    wrong = found.faithful.counterexample
    if "inputs" in wrong:
        if "symbols[k] + 1" in changes.get(WRITTEN, ""):
            assert {*wrong["got"]} <= {symbol + 1 for symbol in symbols}
        assert {*wrong["inputs"]["cells"], *wrong["expected"]} <= symbols
        assert pasted(found)[0].startswith(f"assert solve({wrong['inputs']['cells']}) == ")
    else:
        assert wrong["expected"] == "raises ValueError with a sentence"


def test_input_and_answer_may_have_symbols_of_their_own() -> None:
    one = dd.distill(spelt(X, rule_90(X), (0, 255), (0, 1)))
    assert one.certificate.ok and one.solve([0, 255, 0, 0]) == [1, 0, 1, 0]
    assert "the states 0 to 1 of `cells` are written 0, 255" in " ".join(one.code.split()).lower()
    other = dd.distill(spelt(X, rule_90(X), (0, 1), (-5, 7)))
    assert other.certificate.ok and other.solve([0, 1, 0, 0]) == [7, -5, 7, -5]


def test_three_symbols_in_a_bounded_grid() -> None:
    symbols = np.array([10, 20, 99])
    y = np.maximum(THREE, np.pad(THREE, ((0, 0), (1, 0)))[:, :-1])  # the larger of it and its left
    result = dd.distill(Problem.from_arrays(symbols[THREE], symbols[y], "grid", "mine"))
    assert result.certificate.ok
    assert result.solve([10, 99, 10, 20, 10]) == [10, 99, 99, 20, 20]


def test_pictures_of_symbols_that_lie_far_apart(tmp_path: Path) -> None:
    x = (RNG.random((500, 4, 5)) < 0.2).astype(int)
    y = (x.sum((1, 2)) > 3).astype(int)
    symbols = np.array([-1, 50])
    given_ = Problem.from_arrays(symbols[x], y, "grid grid", "mine")
    assert given_.inputs[0].symbols == (-1, 50) and not given_.output.symbols
    assert not Problem.from_arrays(2 * x - 1, y, "grid grid").inputs[0].symbols  # may be added up
    result = dd.distill(given_)
    assert result.certificate.ok and result.solve(symbols[x[0]].tolist()) == y[0]
    assert result.explain(symbols[x[0]]).value == y[0]
    for bad in (-2, 0, 1, 49, 51):
        with pytest.raises(ValueError, match="not one of -1, 50"):
            result.solve([[-1, bad]])
    path = result.save(tmp_path)
    assert verify_folder(path).ok
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_two_answers_are_the_names_of_two_classes(tmp_path: Path) -> None:
    x = np.random.default_rng(1).integers(0, 21, (300, 5))
    hit = (x > 15).any(1)
    result = dd.distill(Problem.from_arrays(x, np.where(hit, 2, 1), "set", "mine"))
    assert result.certificate.ok and result.network.output.symbols == (1, 2)
    fresh = np.random.default_rng(5).integers(0, 21, (200, 7))
    expected = np.where((fresh > 15).any(1), 2, 1).tolist()
    assert [result.solve(row.tolist()) for row in fresh] == expected
    assert result.explain([3, 17]).value == 2
    path = result.save(tmp_path)
    assert verify_folder(path).ok and load(path).code == result.code
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    bits = np.random.default_rng(2).integers(1, 3, (9, 5))  # answers that an input shows, too
    assert not Problem.from_arrays(bits, bits.max(1), "set").output.symbols
