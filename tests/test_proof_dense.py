"""Proofs of condensed networks: held against every input there is."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from proving import prove_program

from deepdistill.forms.dense.lift import lift_dense
from deepdistill.forms.dense.network import BITS, DenseLayer, DenseNetwork
from deepdistill.forms.dense.reduce import reduce
from deepdistill.forms.dense.scaled_lift import lift_two
from deepdistill.forms.dense.sized import SizedNetwork
from deepdistill.forms.dense.tournament import shorten_tournament
from deepdistill.forms.files import read_network
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Call, Const, First, Read, Size, Total, Var, call
from deepdistill.ir.program import Fill, Let, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.verify.proof import Proof

ORIENTATION = Path(__file__).resolve().parents[1] / "outputs" / "orientation" / "network.npz"


def orientation() -> SizedNetwork:
    network = read_network(ORIENTATION.read_bytes(), "orientation")
    assert isinstance(network, SizedNetwork)
    return network


def orientation_program(network: SizedNetwork) -> Program:
    first, second, *_ = network.networks
    return shorten_tournament(lift_two(first, second, "orientation", "picture", "grid").program)


def test_orientation_is_proved_at_all_its_sizes() -> None:
    network = orientation()
    program = orientation_program(network)
    proof = prove_program(program, network)
    assert proof is not None and proof.status == "proved"
    assert proof.sizes == network.sizes == ((28, 28), (14, 14), (7, 7))


def test_a_changed_network_of_orientation_is_not_proved() -> None:
    network = orientation()
    program = orientation_program(network)
    small = network.networks[-1]
    first, middle, last = small.layers
    shifted = replace(middle, bias=middle.bias + 4)  # fires with fewer than all
    for layers in (
        (first, shifted, last),
        (first, middle, replace(last, weights=last.weights[::-1])),
        (replace(first, weights=-first.weights), middle, last),
    ):
        changed = replace(network, networks=(replace(small, layers=layers),))
        proof = prove_program(program, changed)
        assert proof is not None and proof.status != "proved"


# Small networks, where all inputs can be run


@st.composite
def dense_networks(draw: st.DrawFn) -> DenseNetwork:
    shape = draw(st.sampled_from([(3,), (2, 2), (2, 3), (3, 2), (4,)]))
    domain = draw(st.sampled_from([BITS, BITS, Integers(-1, 1)]))
    width, layers = int(np.prod(shape)), []
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    for activation in (*draw(st.lists(st.sampled_from(["sign", "step"]), max_size=2)), "argmax"):
        units = int(rng.integers(2, 5))
        weights = rng.integers(-2, 3, (units, width)).astype(float)
        layers.append(DenseLayer(weights, rng.integers(-2, 3, units).astype(float), activation))
        width = units
    return DenseNetwork(shape, tuple(layers), domain)


def equal(program: Program, network: DenseNetwork) -> bool:
    (port,) = program.inputs
    cells = int(np.prod(network.shape))
    inputs = np.array(list(product(network.domain.values, repeat=cells))).reshape(
        -1, *network.shape
    )
    answers = network.run(inputs.astype(float))
    return all(
        evaluate(program, {port.name: case.tolist()}) == answer
        for case, answer in zip(inputs, answers, strict=True)
    )


def changed(network: DenseNetwork, rng: np.random.Generator) -> DenseNetwork:
    """The same network with one weight or bias another one."""
    k = int(rng.integers(len(network.layers)))
    weights, bias = network.layers[k].weights.copy(), network.layers[k].bias.copy()
    if rng.random() < 0.3:
        bias[rng.integers(len(bias))] += rng.choice([-1.0, 1.0])
    else:
        weights[rng.integers(weights.shape[0]), rng.integers(weights.shape[1])] += 1.0
    layer = replace(network.layers[k], weights=weights, bias=bias)
    return replace(network, layers=(*network.layers[:k], layer, *network.layers[k + 1 :]))


@settings(max_examples=tries(15))
@given(dense_networks(), st.integers(0, 2**20))
def test_lifted_networks_are_proved_and_changed_ones_refuted(
    network: DenseNetwork, seed: int
) -> None:
    program = lift_dense(reduce(network).network, "mine", network.domain, "cells").program
    proof = prove_program(program, [network])
    assert proof is not None and proof.status == "proved", proof
    rng = np.random.default_rng(seed)
    for _ in range(2):
        other = changed(network, rng)
        found = prove_program(program, [other])
        assert found is not None
        assert found.status == ("proved" if equal(program, other) else "refuted"), found


# What is written out, and what is not


def summing(value: Any, *before: Any, axes: tuple[Axis, ...] = (Axis("grid"),)) -> Program:
    """A program about a row of bits."""
    port = Port("cells", axes, BITS)
    return Program("mine", (port,), Port("answer", (), BITS), (*before, Let("answer", value)))


MAJORITY = DenseNetwork(
    (4,), (DenseLayer(np.array([[0.0] * 4, [1.0] * 4]), np.array([2.5, 0.0]), "argmax"),)
)
TOTAL = Total("k", Const(0), Size("cells"), Read("cells", (Var("k"),)))
COPY = Fill("copy", ("i",), (Size("cells"),), Read("cells", (Var("i"),)))
ABOVE = call("int", call("gt", TOTAL, Const(2)))


@pytest.mark.parametrize(
    ("program", "status"),
    [
        (summing(ABOVE), "proved"),
        (summing(call("int", call("gt", TOTAL, Const(1)))), "refuted"),
        (summing(Call("maximum", (Var("copy"),)), COPY), "refuted"),
        (summing(call("argmax", call("list", Const(2), TOTAL))), "proved"),
        (summing(call("argmax", call("list", TOTAL, Const(2)))), "refuted"),
        (summing(Read("copy", (Const(4),)), COPY), "unknown"),  # the list ends before
        (summing(Read("copy", (TOTAL,)), COPY), "unknown"),  # an index that depends on the cells
        (summing(Call("distinct", (Var("copy"),)), COPY), "unknown"),
        (summing(call("add", Var("k"), ABOVE)), "unknown"),  # left behind by the loop
        (summing(ABOVE, Let("k", Const(0))), "unknown"),  # two meanings of k
        (
            summing(First("k", Const(0), Size("cells"), Read("cells", (Var("k"),)), Var("k"))),
            "unknown",
        ),
        (summing(ABOVE, axes=(Axis("fixed", size=5),)), "unknown"),
    ],
)
def test_programs_are_written_out(program: Program, status: str) -> None:
    proof = prove_program(program, [MAJORITY])
    assert proof is not None and proof.status == status, proof
    if status in ("proved", "refuted"):
        assert equal(program, MAJORITY) == (status == "proved")


def test_smooth_heads_and_large_networks_are_unknown() -> None:
    layer = MAJORITY.layers[0]
    for network in (
        DenseNetwork((4,), (replace(layer, activation="softmax"),)),
        DenseNetwork((4,), (replace(layer, weights=layer.weights * 0.1),)),
        DenseNetwork((4,), (DenseLayer(np.zeros((2**20, 4)), np.zeros(2**20), "argmax"),)),
    ):
        proof: Proof | None = prove_program(summing(ABOVE), [network])
        assert proof is not None and proof.status == "unknown" and proof.reason
