"""Counterexamples of every judge are minimal, and can be pasted into a test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from mutant_formulas import FORMULAS, formula_source
from mutant_trials import space_of, subject

from deepdistill.forms.dense.inputs import DenseInputs
from deepdistill.forms.dense.network import DenseLayer, DenseNetwork
from deepdistill.forms.formula.inputs import FormulaInputs
from deepdistill.ir.types import Reals, Scalar
from deepdistill.verify.certificate import Certificate, Claim
from deepdistill.verify.equivalence import NumberDifference
from deepdistill.verify.judge import judge
from deepdistill.verify.paste import assertion, pasted
from deepdistill.verify.reduce import reduced, simpler_values
from deepdistill.verify.solver import load_solver


def judged(name: str, solve: Any) -> Certificate:
    """What the judge of a problem says about another solver, from few examples."""
    one = subject(name)
    return judge(space_of(one.problem, one.network, None, examples=40, large_examples=1), solve)


def found(certificate: Certificate) -> Any:
    claim = certificate.scalable
    assert claim.status == "failed" and claim.counterexample is not None
    return claim.counterexample


def test_of_grids() -> None:
    """A rule that forgets one neighbour differs where that one alone is alive."""

    def rule90(cells: list[int]) -> list[int]:
        return [cells[k - 1] for k in range(len(cells))]

    wrong = found(judged("rule90", rule90))
    assert wrong["inputs"] == {"cells": [1]}  # one cell is its own neighbour twice
    assert (wrong["expected"], wrong["got"]) == ([0], [1])


def test_of_items() -> None:
    wrong = found(judged("argmax", lambda numbers: 0))
    assert wrong["inputs"] == {"numbers": [0, 1]}


def test_of_sequences() -> None:
    wrong = found(judged("running_min", lambda numbers: list(numbers)))
    assert wrong["inputs"] in ({"numbers": [0, 1]}, {"numbers": [1, 2]})


def test_of_dense_networks() -> None:
    weights = np.ones((1, 12))
    head = DenseLayer(weights, np.array([0.0]), "linear")
    network = DenseNetwork((3, 4), (head,))

    def solve(cells: list[list[int]]) -> float:
        return float(sum(map(sum, cells)) - cells[1][2])

    claim = judge(DenseInputs("mine", network), solve).faithful
    assert claim.counterexample is not None
    cells = np.array(claim.counterexample["input"])
    assert cells[1][2] == 1 and cells.sum() == 1


def test_of_formulas() -> None:
    energy = FORMULAS[0]
    source = formula_source(energy).replace("0.5 * x", "0.5 * (x + (x > 2.25))")
    rows = (np.array([[1.0, 1.0]]), np.array([0.5]))
    space = FormulaInputs("energy", energy, rows)
    claim = judge(space, load_solver(source.encode(), "s")).faithful
    assert claim.counterexample is not None
    x, y = claim.counterexample["input"]
    assert x == 3.0 and y == 1.0
    ranges = (Scalar("x", Reals(2.0, 3.0)), Scalar("y", Reals(0.0, 1.0)))
    space = FormulaInputs("energy", replace(energy, inputs=ranges), rows)
    first = NumberDifference([2.718281828, 0.5], 0.0, 1.0)
    least = reduced(first, lambda row: NumberDifference(list(row), 0.0, 1.0), space.reduced())
    assert least.case == [3.0, 0.0]


def test_simpler_values_are_inside_the_domain() -> None:
    domain = subject("argmax").problem.inputs[0].domain
    assert simpler_values(0, domain) == []
    assert simpler_values(-7, domain) == [0, 1, -1, -4, -6] and simpler_values(-1, domain) == [0, 1]


def test_lines_can_be_pasted() -> None:
    """The line of a failed claim fails for the wrong solver and holds for the right one."""
    certificate = judged("argmax", lambda numbers: 0)
    lines = pasted(certificate)
    assert lines and all(line.startswith("assert solve([0, 1]) == 1  # the") for line in lines)
    for line in lines:
        exec(line, {"solve": lambda numbers: numbers.index(max(numbers))})
        with pytest.raises(AssertionError):
            exec(line, {"solve": lambda numbers: 0})


@pytest.mark.parametrize(
    "counterexample, line",
    [
        (
            {"inputs": {"cells": [1, 0], "rule": [0]}, "expected": "no answer", "got": [1]},
            "with pytest.raises(ValueError): solve([1, 0], [0])  # it; the solver gives [1]",
        ),
        (
            {"input": [1.5, 2.0], "expected": 3.0, "answered": None},
            "assert abs(solve(1.5, 2.0) - 3.0) <= 1e-9 * 3.0  # it; the solver gives None",
        ),
        (
            {"input": [[1]], "expected": 0, "answered": 1},
            "assert solve([[1]]) == 0  # it; the solver gives 1",
        ),
        (
            {"call": "solve([])", "expected": "raises ValueError", "got": "0"},
            "solve([])  # is promised: raises ValueError; the solver: 0",
        ),
        ({"shapes": {"cells": [500]}, "expected": 1, "got": 0, "cell": [3]}, ""),
    ],
)
def test_each_kind_of_counterexample(counterexample: Any, line: str) -> None:
    assert assertion(counterexample, "it") == line


def test_claims_that_hold_print_no_line() -> None:
    fine = Claim("sampled", 1)
    assert pasted(Certificate("mine", 0, fine, fine, fine)) == []
