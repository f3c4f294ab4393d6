"""The arithmetic problems: oracles, references, and solvers at a hundred times the length."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gallery import OUTPUTS, committed
from sequence_references import REFERENCES, loop_nodes, reference_nodes

import deepdistill as dd
from deepdistill.data import catalogue
from deepdistill.forms import form_of_task
from deepdistill.verify.certificate import Certificate
from problems.arithmetic import NAMES

MOST = 1.5  # times the nodes of the loop written by hand
LENGTHS = (1, 2, 3, 7, 10, 40, 300)
QUICK = ("divide_by_3", "magnetic", "running_min")


def drawn(name: str, length: int, seed: int = 5) -> Any:
    """A sequence as the problem draws it, as nested lists."""
    problem = catalogue.find(name)
    shape = (length, *problem.training_shapes[0][1:])
    return problem.draw(np.random.default_rng([seed, length]), shape)[0].tolist()


def answers(name: str, sequence: Any) -> Any:
    oracle = catalogue.find(name).oracle
    assert oracle is not None
    return oracle(np.array(sequence, dtype=np.int64)).tolist()


def test_each_problem_has_a_reference() -> None:
    assert set(NAMES) == set(REFERENCES)
    assert len(NAMES) == 34


@pytest.mark.parametrize("name", NAMES)
def test_oracle_reference_and_solver_agree(name: str) -> None:
    solve = committed(name)
    for length in LENGTHS:
        for seed in range(5):
            sequence = drawn(name, length, seed)
            expected = answers(name, sequence)
            assert REFERENCES[name](sequence) == expected
            assert solve(sequence) == expected


@pytest.mark.parametrize("name", NAMES)
def test_training_sequences_are_few_and_short(name: str) -> None:
    problem = catalogue.find(name)
    assert form_of_task(problem).name == "sequence"
    assert problem.training_count <= 5000
    assert problem.training_shapes[0][0] <= (20 if name == "sum_last5" else 10)
    assert max(shape[0] for shape in problem.check_shapes) == 1000
    training, _ = problem.examples(seed=0)
    assert all(len(np.unique(group.output)) > 1 for group in training)


@pytest.mark.parametrize("name", NAMES)
def test_solvers_are_certified_at_1000_and_about_as_short_as_by_hand(name: str) -> None:
    certificate = Certificate.read(OUTPUTS / name / "certificate.json")
    assert certificate.ok
    assert certificate.correct.status == "sampled"
    assert max(size[0] for size in certificate.correct.sizes) == 1000
    source = (OUTPUTS / name / "solver.py").read_text(encoding="utf-8")
    assert loop_nodes(source) <= MOST * reference_nodes(name)


@pytest.mark.parametrize("name", QUICK)
def test_from_arrays_alone(name: str) -> None:
    """The same data without the oracle, the domain and the name give the same answers."""
    problem = catalogue.find(name)
    (training,), (held_out,) = problem.examples(seed=1)
    x = np.concatenate([training.inputs[0], held_out.inputs[0]])
    y = np.concatenate([training.output, held_out.output])
    result = dd.distill(dd.Problem.from_arrays(x, y, axes="sequence", name="mine"))
    assert result.certificate.ok
    assert result.certificate.correct.status == "evidence"
    for length in (10, 100, 1000):
        sequence = drawn(name, length)
        assert result.solve(sequence) == answers(name, sequence)


def test_numbers_that_grow_are_exact() -> None:
    """The charge's place has hundreds of digits: Python's integers, nothing rounded."""
    sequence = drawn("magnetic", 1000)
    expected = answers("magnetic", sequence)
    assert max(abs(number) for place in expected for number in place) > 10**100
    assert committed("magnetic")(sequence) == expected
    network = dd.load_network(OUTPUTS / "magnetic" / "network.npz")
    assert network.run({"numbers": sequence}).tolist() == expected
