"""Networks over items as programs: exact when lifted, exact when shortened, and short."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from item_networks import (
    BY_HAND,
    EQUAL_AFTER,
    GREATER,
    NUMBER,
    NUMBERS,
    OWN,
    PICTURE,
    RANK,
    networks,
    of_numbers,
    random_input,
)

from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Const, Expr, NoAnswer, Size, Var, call
from deepdistill.ir.program import Let, Program
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.passes.items import shorten_items
from deepdistill.units.gates import AffineUnit, Gate
from deepdistill.units.heads import Added, Each, Pick, Some
from deepdistill.units.item_readings import Line, Mirror, Number, Place, Turn
from deepdistill.units.items import ItemNetwork
from deepdistill.units.lift import lift

NONE = "no answer"


def outcome(run: Any) -> Any:
    """The answer of a call, or that there is none."""
    try:
        return run()
    except NoAnswer:
        return NONE


def agree(network: ItemNetwork, program: Program, array: Any) -> None:
    port = network.inputs[0].name
    expected = outcome(lambda: network.run({port: np.array(array)}).tolist())
    assert outcome(lambda: evaluate(program, {port: array})) == expected


@settings(max_examples=tries(150), suppress_health_check=list(HealthCheck))
@given(networks(), st.randoms(use_true_random=False))
def test_lifted_and_shortened_programs_compute_what_the_network_computes(
    network: ItemNetwork, rng: Random
) -> None:
    program = lift(network, "mine")
    shorter = shorten_items(program)
    for _ in range(8):
        array = random_input(rng, network.inputs[0])
        agree(network, program, array)
        agree(network, shorter, array)


@pytest.mark.parametrize("name", BY_HAND)
def test_programs_by_hand_compute_what_their_networks_compute(name: str) -> None:
    network, rng = BY_HAND[name], Random(0)
    program = lift(network, name)
    shorter = shorten_items(program)
    for _ in range(60):
        array = random_input(rng, network.inputs[0])
        agree(network, program, array)
        agree(network, shorter, array)


X, N = Var("numbers"), Size("numbers")
SMALL: dict[str, Expr] = {
    "argmax": call("position", X, call("maximum", X)),
    "argmin": call("position", X, call("minimum", X)),
    "maximum": call("maximum", X),
    "sort": call("sorted", X),
    "descending": call("reversed", call("sorted", X)),
    "median": call(
        "item", call("sorted", X), call("floordiv", call("add", N, Const(-1)), Const(2))
    ),
    "contains_duplicate": call("int", call("lt", call("distinct", X), N)),
}


@pytest.mark.parametrize("name", SMALL)
def test_questions_about_a_list_become_what_python_has_for_them(name: str) -> None:
    (statement,) = shorten_items(lift(BY_HAND[name], name)).body
    assert statement == Let("result", SMALL[name])


@pytest.mark.parametrize(
    "network",
    [
        # the largest number as the one that nothing follows in order, equal ones before or after
        of_numbers((*RANK, Place()), (Gate.of((1, 1, 0), None, 0),), Pick(OWN)),
        of_numbers((GREATER, EQUAL_AFTER), (Gate.of((-1, -1), 0),), Pick(OWN)),
        of_numbers((GREATER, EQUAL_AFTER), (Gate.of((3, 3), None, 2),), Pick(Place())),
    ],
)
def test_an_end_of_the_order_is_an_extreme(network: ItemNetwork) -> None:
    program = shorten_items(lift(network, "mine"))
    assert "maximum(" in str(program) or "minimum(" in str(program)
    assert "first" not in str(program)
    for k in range(40):
        agree(network, program, random_input(Random(k), NUMBERS))


def test_a_rank_that_may_not_exist_is_looked_for_only_where_it_does() -> None:
    program = shorten_items(lift(BY_HAND["third"], "third"))
    with pytest.raises(NoAnswer):
        evaluate(program, {"numbers": [4, 2]})
    assert evaluate(program, {"numbers": [4, 2, 9, 3]}) == 4


def network(features: Any, units: Any, head: Any, axes: Any, port: Port = PICTURE) -> ItemNetwork:
    return ItemNetwork((port,), NUMBER, axes, features, units, head)


@pytest.mark.parametrize(
    "broken, message",
    [
        (network((Line(),), (Gate.of((1,), 1),), Pick(Place(0)), (0, 1)), "along one axis"),
        (network((Number((0, 0)),), (Gate.of((1,), 1),), Some(), (0,)), "single places"),
        (network((Mirror(1),), (Gate.of((1,), 1),), Some(), (0,)), "single places"),
        (network((Place(1),), (Gate.of((1,), 1),), Some(), (0,)), "no place along"),
        (network((GREATER,), (Gate.of((1,), 1),), Some(), (0, 1)), "along one axis"),
        (network((Turn(),), (Gate.of((1,), 1),), Some(), (0,)), "asks for the turn"),
        (network((Line(),), (AffineUnit((1,)),), Some(), (0,)), "needs bits"),
        (network((Line(),), (AffineUnit((1,)), Gate.of((1,), 1)), Added(), (0,)), "beside others"),
        (
            network(
                (Line(),), (AffineUnit((1,)),), Each(), (0,),
                Port("ring", (Axis("grid", wrap=True),), Integers(0, 1)),
            ),
            "wraps around",
        ),
    ],
)  # fmt: skip
def test_networks_without_a_meaning_are_refused(broken: ItemNetwork, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lift(broken, "mine")
