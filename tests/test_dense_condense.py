"""Two published networks, and networks without structure: condensed without losing a unit."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import published
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.forms.dense.answers import agree, plain_answer
from deepdistill.forms.dense.given import rounded
from deepdistill.forms.dense.lift import lift_dense
from deepdistill.forms.dense.network import DenseLayer, DenseNetwork
from deepdistill.forms.dense.reduce import lowest_terms, plainest, reduce
from deepdistill.forms.dense.samples import samples
from deepdistill.forms.dense.slices import Slicer
from deepdistill.ir.errors import InputError
from deepdistill.ir.evaluate import Scope, evaluate, evaluate_fill
from deepdistill.ir.expr import Const, Read, Total, Var, call
from deepdistill.ir.interval import Interval, bounds
from deepdistill.ir.program import Fill, Let, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.recheck import verify_folder
from deepdistill.result import Result
from deepdistill.run import condense_network
from deepdistill.target.dense_source import body_lines

# Condensed once for all tests: on one worker. The largest one is condensed at its hardest.
pytestmark = pytest.mark.xdist_group("published networks")
NETWORKS = {"orientation": published.orientation, "max_sat": published.max_sat}
LINES = {"orientation": 12, "max_sat": 20}
HARDEST = "shuffled, noise of 1e-3"
WAYS: dict[str, Callable[[DenseNetwork], DenseNetwork]] = {
    "in order": lambda network: network,
    "noise of 1e-6": lambda network: published.noisy(network, 1e-6),
    HARDEST: lambda n: published.noisy(published.shuffled(n), 1e-3),
}


def published_at(name: str, way: str) -> DenseNetwork:
    """The network as published; where it is in order or nearly so, of 14 x 14 pictures, not 28."""
    if name == "orientation" and way != HARDEST:
        return published.orientation(14)
    return NETWORKS[name]()


def clean_integers(network: DenseNetwork) -> DenseNetwork:
    """The published network without the rounding of floats, so that ties are ties."""
    layers = []
    for layer in network.layers:
        unit = np.abs(layer.weights[layer.weights != 0]).min()
        if layer.activation == "softmax":
            layers.append(layer)
        else:
            weights, bias = np.round(layer.weights / unit), np.round(layer.bias / unit)
            layers.append(DenseLayer(weights, bias, layer.activation))
    return DenseNetwork(network.shape, tuple(layers))


@pytest.fixture(scope="module", params=[(n, w) for n in NETWORKS for w in WAYS], ids=" ".join)
def condensed(request: pytest.FixtureRequest) -> tuple[str, str, Result, float]:
    name, way = request.param
    network = WAYS[way](published_at(name, way))
    start = time.process_time()
    result = condense_network(network, name=name)
    return name, way, result, time.process_time() - start


def test_published_networks_are_short_and_quick(
    condensed: tuple[str, str, Result, float],
) -> None:
    name, _, result, seconds = condensed
    assert result.certificate.ok
    assert body_lines(result.code, name) <= LINES[name]
    assert seconds < 120  # no blow-up; of the processor


def test_the_weights_are_those_without_noise(
    condensed: tuple[str, str, Result, float],
) -> None:
    name, way, result, _ = condensed
    network = published_at(name, way)
    exact = clean_integers(published.shuffled(network) if "shuffled" in way else network)
    for found, layer in zip(result.network.layers[:-1], exact.layers[:-1], strict=True):
        assert (found.weights == layer.weights).all()
        assert (found.bias == layer.bias).all()


def test_every_hidden_unit_is_right_on_2000_inputs(
    condensed: tuple[str, str, Result, float],
) -> None:
    """The arrays of the program, computed side by side, against the units of the network."""
    _, way, result, _ = condensed
    if way not in ("in order", "shuffled"):
        return  # the same weights, as the test before has found
    network = result.network
    smaller = reduce(network)
    lifted = lift_dense(smaller.network, "again", network.domain, "cells")
    inputs = samples(network, 2000, 11)
    solve = result.solve
    hidden = network_values(network, inputs)
    arrays = program_values(lifted.program, inputs[:4])
    for k, values in enumerate(hidden):
        for unit, stand in enumerate(smaller.stands[k]):
            if stand is None or stand.unit is None:
                assert stand is not None, "a unit was lost that something reads"
                continue
            name, place = lifted.units[k][stand.unit]
            for sample in range(4):
                value = arrays[sample][name]
                for index in place:
                    value = value[index]
                assert stand.factor * value + stand.constant == values[sample, unit]
    assert_units_equal(network, smaller.network, smaller.stands, inputs)
    answers = network.run(inputs.astype(float))
    for cells, answer in zip(inputs[:200], answers, strict=False):
        assert agree(network, plain_answer(network, answer), solve(cells.tolist()))


def network_values(network: DenseNetwork, inputs: np.ndarray) -> list[np.ndarray]:
    values, x = [], inputs.reshape(len(inputs), -1).astype(float)
    for layer in network.layers[:-1]:
        x = layer.run(x)
        values.append(x)
    return values


def assert_units_equal(network, smaller, stands, inputs) -> None:  # type: ignore[no-untyped-def]
    for full, few, stand in zip(
        network_values(network, inputs), network_values(smaller, inputs), stands, strict=True
    ):
        for unit, s in enumerate(stand):
            if s is not None:
                own = 0 if s.unit is None else s.factor * few[:, s.unit]
                assert (own + s.constant == full[:, unit]).all()


def program_values(program: Program, inputs: np.ndarray) -> list[dict[str, object]]:
    """What every name of the program holds, for each input."""
    results = []
    (port,) = program.inputs
    for cells in inputs:
        scope = Scope(program.inputs, {port.name: cells.tolist()})
        scope.arrays.update((table.name, table.values) for table in program.tables)
        for statement in program.body:
            evaluate_fill(statement, scope)
        results.append(dict(scope.names))
    return results


def test_a_network_without_structure_ends_as_a_table() -> None:
    rng = np.random.default_rng(5)
    layers = (
        DenseLayer(rng.standard_normal((60, 100)), rng.standard_normal(60), "sign"),
        DenseLayer(rng.standard_normal((30, 60)), rng.standard_normal(30), "step"),
        DenseLayer(rng.standard_normal((3, 30)), rng.standard_normal(3), "argmax"),
    )
    start = time.process_time()
    result = condense_network(DenseNetwork((10, 10), layers), name="noise")
    assert time.process_time() - start < 30
    assert result.certificate.ok
    assert "UNIT_WEIGHTS" in result.code
    assert body_lines(result.code, "noise") < 26


def test_nearly_equal_weights_that_are_meant_stay_apart() -> None:
    """1 and 1.0005 in large numbers are no noise: each value stands for itself."""
    rng = np.random.default_rng(6)
    weights = rng.choice([1.0, 1.0005], (40, 64))
    network = DenseNetwork(
        (8, 8),
        (
            DenseLayer(weights, np.full(40, -20.0), "step"),
            DenseLayer(np.ones((1, 40)), np.zeros(1), "linear"),
        ),
    )
    kept, note = rounded(network)
    assert note == ""
    ratio = kept.layers[0].weights.max() / kept.layers[0].weights.min()
    assert np.isclose(ratio, 1.0005, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-6, 6), min_size=3, max_size=3),
    st.floats(-20, 20),
    st.integers(1, 7),
)
def test_step_units_without_a_common_factor_answer_integers_alike(
    weights: list[int], bias: float, factor: int
) -> None:
    rows = np.array([weights], dtype=float) * factor
    given_ = DenseNetwork((3,), (DenseLayer(rows, np.array([bias]), "step"),), Integers(-2, 2))
    found = lowest_terms(given_)
    cells = np.indices((5, 5, 5)).reshape(3, -1).T - 2.0
    assert (found.run(cells) == given_.run(cells)).all()
    assert np.gcd.reduce(np.abs(found.layers[0].weights[0]).astype(int)) <= 1


@pytest.mark.parametrize("activation", ["sign", "step"])
def test_multiples_of_a_unit_are_merged_at_one_size_and_kept_for_laws_of_the_size(
    activation: Any,
) -> None:
    rows, bias = np.array([[2.0, -4.0], [1.0, -2.0], [3.0, -6.0]]), np.array([2.0, 1.0, 4.0])
    units = DenseLayer(rows, bias, activation)
    given_ = DenseNetwork((2,), (units, DenseLayer(np.ones((1, 3)), np.zeros(1), "linear")))
    kept = rounded(given_)[0]
    assert kept.layers[0].weights.tolist() == rows.tolist()
    found = plainest(kept)
    cells = np.indices((2, 2)).reshape(2, -1).T.astype(float)
    assert (found.run(cells) == given_.run(cells)).all()
    # of the third unit a sum of integers reaches 4 / 3 where it reaches 1; its sign may not be told
    assert len(found.layers[0].bias) == (1 if activation == "step" else 2)


def test_a_majority_of_bits_is_a_count() -> None:
    """Weights 1 and a bias of -1.5 are 2, 2, 2 and -3 as integers: two of the three."""
    layers = (
        DenseLayer(np.array([[1.0, 1, 1, 0, 0], [1, 0, 1, 0, 1]]), np.full(2, -1.5), "step"),
        DenseLayer(np.array([[1.0, 1.0]]), np.zeros(1), "linear"),
    )
    code = condense_network(DenseNetwork((5,), layers), name="majorities").code
    assert "int(sum(values[:3]) >= 2)" in code
    assert "int(values[0] + values[2] + values[4] >= 2)" in code


@pytest.mark.parametrize("i, j", [(0, 0), (0, 5), (3, 4), (6, 6)])
def test_slices_are_additive(i: int, j: int) -> None:
    table = np.zeros((7, 7), dtype=np.int64)
    table[:, i] += 1
    table[j] -= 1
    terms = Slicer().decompose(table)
    assert terms is not None
    assert {(t.coefficient, t.box) for t in terms} == {
        (1, ((0, 7), (i, i + 1))),
        (-1, ((j, j + 1), (0, 7))),
    }


def test_slices_add_up_to_the_table() -> None:
    rng = np.random.default_rng(7)
    slicer, found = Slicer(), 0
    for _ in range(60):
        shape = tuple(rng.integers(1, 8, int(rng.integers(1, 4))).tolist())
        table = np.zeros(shape, dtype=np.int64)
        for _ in range(int(rng.integers(1, 5))):
            box = [sorted(rng.integers(0, n + 1, 2).tolist()) for n in shape]
            table[tuple(slice(a, b) for a, b in box)] += int(rng.integers(-5, 6))
        terms = slicer.decompose(table)
        if terms is None:
            continue
        found += 1
        total = np.zeros_like(table)
        for term in terms:
            total[tuple(slice(a, b) for a, b in term.box)] += int(term.coefficient)
        assert (total == table).all()
        assert len(terms) <= 9
    assert found > 50


def test_totals_and_arrays_are_evaluated() -> None:
    port = Port("cells", (Axis("fixed", size=3),), Integers(0, 9))
    prefix = Total("p", Const(0), call("add", Var("i"), Const(1)), Read("cells", (Var("p"),)))
    program = Program(
        "sums",
        (port,),
        Port("answer", (), Integers(0, 1)),
        (
            Fill("sums", ("i",), (3,), prefix),
            Fill("some", ("i",), (2,), Read("sums", (Var("i"),)), points=((2,), (0,))),
            Let("answer", call("list", Read("sums", (Const(1),)), Read("some", (Const(0),)))),
        ),
    )
    assert evaluate(program, {"cells": [2, 3, 4]}) == [5, 9]
    span = bounds(prefix, {"cells": Interval(0, 9), "i": Interval(0, 2)})
    assert (span.low, span.high) == (0, 27)


def test_what_the_network_that_was_handed_over_answers_otherwise_is_told(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    signs = np.where(np.arange(20) % 2 == 0, 1.0, -1.0)[:, None]
    first = signs * (1 + 0.002 * rng.normal(size=(20, 3)))
    second = (np.array([[1.0, -1], [1, -1], [1, -1]]), np.array([0.5, 0]))
    result = condense_network([(first, np.zeros(3)), second], (20,), name="balanced")
    claim = result.certificate.correct
    x = rng.integers(0, 2, (2000, 20))
    given = (np.sign(x @ first) @ second[0] + second[1]).argmax(axis=1)
    wrong = np.mean([int(result.solve(row.tolist()) != a) for row, a in zip(x, given, strict=True)])
    assert claim.status == "evidence" and claim.evidence is not None
    assert 0 < wrong <= claim.evidence.bound < 0.2
    assert "handed over answers" in claim.note
    folder = result.save(tmp_path)
    assert verify_folder(folder).correct == claim
    with pytest.raises(InputError, match="one output"):
        condense_network([(np.ones((5, 1)), np.zeros(1))], (5,))
