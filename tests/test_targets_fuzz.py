"""Programs of every kind for NumPy: they answer as the interpreter does or are refused."""

from __future__ import annotations

from random import Random
from typing import Any

import item_networks
import recurrent_strategies
import strategies
from effort import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepdistill.exporting import difference
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.program import Program
from deepdistill.passes.items import shorten_items
from deepdistill.target.registry import Exported, NotWritten, find_target
from deepdistill.units.lift import lift
from deepdistill.verify.solver import load_solver

QUICK = settings(
    max_examples=tries(40), deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def agrees(program: Program, cases: list[list[Any]]) -> bool:
    """Whether the program could be written; then it gives what the interpreter gives."""
    try:
        text = find_target("numpy").write(Exported(program))
    except NotWritten as reason:
        assert str(reason) and "\n" not in str(reason)
        return False
    names = [port.name for port in program.inputs]

    def solve(*arrays: Any) -> Any:
        return evaluate(program, dict(zip(names, arrays, strict=True)))

    twin = load_solver(text.encode(), "solver_np")
    for case in cases:
        assert difference(solve, twin, tuple(case)) == "", text
    return True


@QUICK
@given(st.booleans(), st.sampled_from([1, 2]), st.data(), st.randoms(use_true_random=False))
def test_random_grids(wrap: bool, dimensions: int, data: st.DataObject, rng: Random) -> None:
    program = data.draw(strategies.programs(dimensions, wrap))
    port = program.inputs[0]
    written = agrees(program, [[item_networks.random_input(rng, port)] for _ in range(8)])
    assert written


def nested(rng: Random, port: Any) -> Any:
    sizes = [axis.size or rng.randint(1, 5) for axis in port.axes]

    def part(left: list[int]) -> Any:
        if not left:
            return rng.randint(port.domain.low, port.domain.high)
        return [part(left[1:]) for _ in range(left[0])]

    return part(sizes)


@QUICK
@given(item_networks.networks(), st.randoms(use_true_random=False))
def test_random_lists_and_pictures(network: Any, rng: Random) -> None:
    lifted = lift(network, "mine")
    for program in (lifted, shorten_items(lifted)):
        port = program.inputs[0]
        agrees(program, [[item_networks.random_input(rng, port)] for _ in range(8)])


@QUICK
@given(recurrent_strategies.networks(), st.randoms(use_true_random=False))
def test_random_sequences(network: Any, rng: Random) -> None:
    program = lift(network, "mine")
    agrees(program, [[nested(rng, program.inputs[0])] for _ in range(5)])
