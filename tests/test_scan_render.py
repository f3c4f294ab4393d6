"""Loops with carried variables as Python: the exact text, and the module around it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sequence_networks import NETWORKS

from deepdistill.forms.sequence.shorten.passes import shorten_scan
from deepdistill.ir.expr import Const, Expr, If, Var, call
from deepdistill.ir.program import Let, Program, Scan
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.target.body import function_body
from deepdistill.target.lower import Lowering
from deepdistill.target.scan_source import scan_solver, scan_solver_test
from deepdistill.target.source import Provenance
from deepdistill.target.words import describe
from deepdistill.units.lift import lift
from deepdistill.verify.solver import load_solver

LIST = (Axis("sequence"),)
PAIRS = (Axis("sequence"), Axis("fixed", size=2))
X, S, T = Var("number"), Var("state"), Var("total")


def looped(
    state: dict[str, int],
    body: list[tuple[str, Expr]],
    *values: Expr,
    element: tuple[str, ...] = ("number",),
) -> Program:
    inputs = (Port("numbers", LIST if len(element) == 1 else PAIRS, Integers(-9, 9)),)
    output = Port("result", LIST if len(values) == 1 else PAIRS, Integers(-9, 9))
    scan = Scan(
        "result",
        "numbers",
        element,
        tuple(Let(name, Const(value)) for name, value in state.items()),
        tuple(Let(name, value) for name, value in body),
        values,
    )
    return Program("mine", inputs, output, (scan,))


def lines_of(program: Program) -> list[str]:
    return function_body(program, Lowering(program))


def test_without_state_it_is_a_comprehension() -> None:
    program = looped({}, [], call("mod", X, Const(2)))
    assert lines_of(program) == ["return [number % 2 for number in numbers]"]


def test_channels_are_unpacked() -> None:
    program = looped({}, [], call("bitxor", Var("a"), Var("b")), element=("a", "b"))
    assert lines_of(program) == ["return [a ^ b for a, b in numbers]"]


@pytest.mark.parametrize(
    "value, line",
    [
        (call("add", S, X), "state += number"),
        (call("sub", call("add", X, S), Const(1)), "state += number - 1"),
        (call("sub", S, X), "state -= number"),
        (call("sub", call("sub", S, X), Const(2)), "state -= number + 2"),
        (call("bitxor", X, S), "state ^= number"),
        (call("mod", S, Const(3)), "state %= 3"),
        (call("mod", Const(3), call("add", S, Const(1))), "state = 3 % (state + 1)"),
        (call("max", S, X), "state = max(state, number)"),
        (call("add", S, call("eq", X, Const(2))), "state += number == 2"),
        (call("mod", call("add", S, X), Const(5)), "state = (state + number) % 5"),
        (call("sub", X, S), "state = number - state"),
    ],
)  # fmt: skip
def test_updates(value: Expr, line: str) -> None:
    program = looped({"state": 0}, [("state", value)], S)
    assert lines_of(program) == [
        "state = 0",
        "result = []",
        "for number in numbers:",
        f"    {line}",
        "    result.append(state)",
        "return result",
    ]


def test_a_variable_that_stays_is_left_alone() -> None:
    value = If(call("gt", X, Const(0)), X, If(call("lt", X, Const(-5)), Const(1), S))
    program = looped({"state": 0}, [("state", value)], S)
    assert lines_of(program)[3:7] == [
        "    if number > 0:",
        "        state = number",
        "    elif number < -5:",
        "        state = 1",
    ]
    kept = If(call("gt", X, Const(0)), S, X)
    program = looped({"state": 0}, [("state", kept)], S)
    assert lines_of(program)[3:5] == ["    if number <= 0:", "        state = number"]
    counted = call("add", S, If(call("gt", X, Const(0)), Const(2), Const(0)))
    program = looped({"state": 0}, [("state", counted)], S)
    assert lines_of(program)[3:5] == ["    if number > 0:", "        state += 2"]


def test_an_answer_from_before_the_update_is_appended_before_it() -> None:
    program = looped({"state": 0}, [("answer", S), ("state", X)], Var("answer"))
    assert lines_of(program)[3:5] == ["    result.append(state)", "    state = number"]


def test_an_answer_that_needs_the_update_waits_for_it() -> None:
    """``old`` is read again below, so it is no answer to append where it is bound."""
    body = [("old", S), ("state", call("add", S, X))]
    program = looped({"state": 0}, body, call("mul", Var("old"), S))
    assert lines_of(program)[3:6] == [
        "    old = state",
        "    state += number",
        "    result.append(old * state)",
    ]


def test_truths_are_told_as_numbers() -> None:
    body = [("state", call("and", S, call("gt", X, Const(0))))]
    program = looped({"state": 1}, body, S)
    assert lines_of(program)[0] == "state = True"
    assert lines_of(program)[3:5] == [
        "    state = state and number > 0",
        "    result.append(int(state))",
    ]


def test_several_answers_are_a_list() -> None:
    body = [("state", call("add", S, X)), ("total", call("add", T, S))]
    program = looped({"state": 0, "total": 0}, body, S, T)
    assert lines_of(program)[-2] == "    result.append([state, total])"


def test_the_summary_says_what_is_carried() -> None:
    program = shorten_scan(lift(NETWORKS["binary_addition"], "add"))
    assert describe(program) == (
        "Each answer is total % 2; total is a + b + carry; "
        "carry starts as 0 and becomes total // 2 at each step."
    )
    program = shorten_scan(lift(NETWORKS["diff_last2"], "change"))
    assert describe(program) == (
        "Each answer is number - previous; previous is the number one step before, 0 at the start."
    )


@pytest.mark.parametrize("name", ["binary_addition", "magnetic", "previous_3", "even"])
def test_the_test_beside_the_solver_passes(name: str, tmp_path: Path) -> None:
    network = NETWORKS[name]
    program = shorten_scan(lift(network, name))
    pair = len(network.inputs[0].axes) > 1
    sequence = [[1, 0], [1, 1], [0, 1]] if pair else [3, 1, 2]
    answers = network.run({"numbers": sequence}).tolist()
    provenance = Provenance("4 examples", (), (((sequence,), answers),), (10,), "0")
    (tmp_path / "solver.py").write_text(scan_solver(program, provenance))
    test = scan_solver_test(program, provenance)
    assert "deepdistill.load_network" in test
    (tmp_path / "test_solver.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not network"]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    # it fails where the solver is wrong
    bad = Provenance("4 examples", (), (((sequence,), [*answers, 99]),), (10,), "0")
    (tmp_path / "test_solver.py").write_text(scan_solver_test(program, bad))
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1


def test_bad_input_is_refused_in_one_sentence(tmp_path: Path) -> None:
    program = shorten_scan(lift(NETWORKS["binary_addition"], "add"))
    source = scan_solver(program, Provenance("examples", (), (), (10,), "0"))
    solve = load_solver(source.encode(), "add")
    assert solve([]) == [] and solve([(1, 1), (0, 0)]) == [0, 1]
    for bad in (None, 3, "no", {}, [1, 0], [[1]], [[1, 0, 1]], [[1, 2]], [[0.5, 0]], [[1, None]]):
        with pytest.raises(ValueError, match=r"\w+ \w+"):
            solve(bad)
    path = tmp_path / "solver.py"
    path.write_text(source)
    run = [sys.executable, str(path)]
    done = subprocess.run(run, input="[[1, 1], [0, 1]]", capture_output=True, text=True)
    assert (done.returncode, json.loads(done.stdout)) == (0, [0, 0])
    done = subprocess.run(run, input="[[1, 7]]", capture_output=True, text=True)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
