"""Networks over sequences on disk: read back as written, or refused."""

from __future__ import annotations

from typing import Any

import pytest
from effort import tries
from hypothesis import given, settings
from recurrent_strategies import networks
from sequence_networks import NETWORKS
from test_item_weights import description, rewritten

from deepdistill.data.problem import InputError
from deepdistill.forms.files import network_bytes, read_network
from deepdistill.forms.sequence.network import PrefixNetwork, RecurrentNetwork
from deepdistill.ir.types import Axis, Integers, Port
from deepdistill.units.gates import Gate
from deepdistill.units.heads import Some
from deepdistill.units.item_readings import Number
from deepdistill.units.items import ItemNetwork

BITS = Port("numbers", (Axis("sequence"),), Integers(0, 1))
ANSWERS = Port("result", (Axis("sequence"),), Integers(0, 1))
PREFIXES = PrefixNetwork(
    (BITS,),
    ANSWERS,
    ItemNetwork(
        (BITS,),
        Port("result", (), Integers(0, 1)),
        (0,),
        (Number((0,)),),
        (Gate.of((1,), 1),),
        Some(False),
    ),
)


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_read_is_what_was_written(name: str) -> None:
    check(NETWORKS[name])


@settings(max_examples=tries(60), deadline=None, derandomize=True)
@given(networks())
def test_any_network_is_read_back(network: RecurrentNetwork) -> None:
    check(network)


def check(network: RecurrentNetwork) -> None:
    data = network_bytes(network)
    back = read_network(data, "it")
    assert isinstance(back, RecurrentNetwork)
    assert network_bytes(back) == data
    for field in ("inputs", "output", "features", "initial", "updates", "outputs", "closed_form"):
        assert getattr(back, field) == getattr(network, field)


def test_networks_over_prefixes_are_read_back() -> None:
    data = network_bytes(PREFIXES)
    back = read_network(data, "it")
    assert isinstance(back, PrefixNetwork)
    assert network_bytes(back) == data
    assert back.run({"numbers": [0, 0, 1, 0]}).tolist() == [0, 0, 1, 1]


PARITY = description(network_bytes(NETWORKS["parity"]))
CELL = PARITY["updates"][0]
WIDTH = len(PARITY["features"])
PLAIN = [[0] * WIDTH, 0, 1, 0]
PREFIX = description(network_bytes(PREFIXES))
AFTER = [["register", 0, True]] * WIDTH


def cell(linear: Any = PLAIN, gates: Any = (), wanted: Any = ()) -> list[Any]:
    """An update of one piece before the one that is always there."""
    return [[list(gates), [[list(wanted), linear], [[], PLAIN]]]]


@pytest.mark.parametrize(
    ("base", "changes", "sentence"),
    [
        (PARITY, {"format": 2}, "another format"),
        (PARITY, {"more": 1}, "other keys"),
        (PARITY, {"inputs": []}, "one sequence"),
        (PARITY, {"inputs": PARITY["inputs"] * 2}, "one sequence"),
        (PARITY, {"inputs": [{**PARITY["inputs"][0], "axes": "set"}]}, "not a sequence"),
        (PARITY, {"inputs": [{**PARITY["inputs"][0], "axes": "sequence set"}]}, "not a sequence"),
        (
            PARITY,
            {"output": {**PARITY["output"], "axes": "sequence fixed(2) fixed(2)"}},
            "too many channels",
        ),
        (PARITY, {"output": {**PARITY["output"], "axes": "sequence fixed(2)"}}, "outputs"),
        (PARITY, {"initial": [0, 0]}, "number of updates"),
        (PARITY, {"initial": [0.5]}, "usable integer"),
        (PARITY, {"initial": [True]}, "usable integer"),
        (PARITY, {"initial": [2**300]}, "usable integer"),
        (PARITY, {"initial": "0"}, "not a list"),
        (PARITY, {"features": [["lag", 0, 1]] * WIDTH}, "channel that is not there"),
        (PARITY, {"features": [["lag", -1, 0]] * WIDTH}, "lag that is not there"),
        (PARITY, {"features": [["lag", 10**6, 0]] * WIDTH}, "lag that is not there"),
        (PARITY, {"features": [["register", 1, False]] * WIDTH}, "register that is not there"),
        (PARITY, {"features": [["register", 0, 1]] * WIDTH}, "unknown kind"),
        (PARITY, {"features": [["pickle"]] * WIDTH}, "unknown kind"),
        (
            PARITY,
            {"features": [["product", ["product", *[["lag", 0, 0]] * 2], ["lag", 0, 0]]] * WIDTH},
            r"features\[0\].left is of an unknown kind",
        ),
        (PARITY, {"features": PARITY["features"] * 2}, "number of weights"),
        (PARITY, {"features": AFTER, "updates": cell([[1] * WIDTH, 0, 1, 0])}, "before its update"),
        (PARITY, {"updates": [[[], []]]}, "no last piece that wants nothing"),
        (PARITY, {"updates": [7]}, "unknown kind"),
        (PARITY, {"updates": [[[], [[[[0, True]], PLAIN]]]]}, "gate that is not there"),
        (
            PARITY,
            {"updates": cell(wanted=[[0, 1]], gates=[[PLAIN, 0, 1]])},
            r"wanted\[0\]\[1\] is of an unknown kind",
        ),
        (PARITY, {"updates": cell(gates=[[PLAIN, 0]])}, "unknown kind"),
        (PARITY, {"updates": cell([[0] * WIDTH, 0, 0, 0])}, "not positive"),
        (PARITY, {"updates": cell([[0] * WIDTH, 0, 1, -1])}, "not positive"),
        (PARITY, {"updates": cell([[0] * WIDTH, 0, 1])}, "unknown kind"),
        (
            PARITY,
            {"updates": [[[[PLAIN, 0, None]], [[[[0, True]], PLAIN]]]]},
            "no last piece that wants nothing",
        ),
        (PARITY, {"closed_form": 3}, "short text"),
        (PARITY, {"closed_form": "x" * 2000}, "short text"),
        (PREFIX, {"items": PARITY}, "no network over items"),
        (PREFIX, {"items": {**PREFIX["items"], "axes": [3]}}, "does not have"),
        (PREFIX, {"items": {**PREFIX["items"], "output": PREFIX["output"]}}, "axes of"),
        (PREFIX, {"inputs": [{**PREFIX["inputs"][0], "high": 2}]}, "another input"),
        (
            PREFIX,
            {"inputs": [{**PREFIX["inputs"][0], "axes": "sequence fixed(2)"}]},
            "one answer for each",
        ),
    ],
)
def test_a_damaged_description_is_refused(base: Any, changes: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read_network(rewritten({**base, **changes}), "it")
