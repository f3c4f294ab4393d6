"""The tournament of two lists: found in networks of strokes, exact, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepdistill.forms.dense.essence import essence_network
from deepdistill.forms.dense.network import DenseLayer, DenseNetwork
from deepdistill.forms.dense.scaled_lift import lift_two
from deepdistill.forms.dense.tournament import shorten_tournament
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.program import Fill, Program
from problems.shapes import full_strokes


def network(n: int) -> DenseNetwork:
    examples = full_strokes((n, n))
    return essence_network(examples.inputs[0], examples.output)


def lifted(first: DenseNetwork, second: DenseNetwork) -> Program:
    return lift_two(first, second, "orientation", "picture", "grid").program


def test_strokes_end_in_a_tournament_of_sums() -> None:
    before = lifted(network(12), network(6))
    after = shorten_tournament(before)
    assert len(before.body) == 6
    assert len(after.body) == 3
    rng = np.random.default_rng(0)
    for n in range(1, 8):
        for _ in range(40):
            picture = (rng.random((n, n)) < rng.random()).astype(int).tolist()
            assert evaluate(after, {"picture": picture}) == evaluate(before, {"picture": picture})


@pytest.mark.parametrize("margin", [-1.0, 1.0, 2.0])
def test_units_that_ask_for_less_or_for_more_are_left_alone(margin: float) -> None:
    def other(n: int) -> DenseNetwork:
        first, second, last = network(n).layers
        changed = DenseLayer(second.weights, second.bias + margin, "sign")
        return DenseNetwork((n, n), (first, changed, last))

    before = lifted(other(12), other(6))
    assert shorten_tournament(before) is before


def test_comparisons_of_one_list_with_itself_are_left_alone() -> None:
    before = lifted(network(12), network(6))
    turned = tuple(
        replace(s, index=s.index[::-1]) if isinstance(s, Fill) and len(s.index) == 2 else s
        for s in before.body
    )
    program = replace(before, body=turned)
    assert shorten_tournament(program) is program
