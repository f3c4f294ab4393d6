"""Networks over items and of several sizes on disk: read back as written, or refused."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from built_in_items import ITEM_NETWORKS, item_network
from effort import tries
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_weights import archive, npy

from deepdistill.data import catalogue
from deepdistill.data.problem import InputError, Problem
from deepdistill.forms.dense.sized import SizedNetwork
from deepdistill.forms.dense.train import fit_essence
from deepdistill.forms.files import network_bytes, read_network
from deepdistill.ir.expr import NoAnswer
from deepdistill.units.items import ItemNetwork


@pytest.mark.parametrize("name", ITEM_NETWORKS)
def test_what_is_read_is_what_was_written(name: str) -> None:
    network = item_network(name)
    data = network_bytes(network)
    back = read_network(data, "it")
    assert isinstance(back, ItemNetwork)
    assert network_bytes(back) == data
    for field in ("inputs", "output", "axes", "features", "units", "head"):
        assert getattr(back, field) == getattr(network, field)


def description(data: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        (name,) = (name for name in file.namelist() if name == "network.json.npy")
        text = file.read(name)
    return json.loads(text[text.index(b"{", 80) :])


def rewritten(value: Any) -> bytes:
    text = npy(np.frombuffer(json.dumps(value).encode(), np.uint8))
    return archive({"network.json.npy": text})


MEDIAN = description(network_bytes(item_network("median")))
BORDER = description(network_bytes(item_network("touches_border")))


@pytest.mark.parametrize(
    ("base", "changes", "sentence"),
    [
        (MEDIAN, {"format": 2}, "another format"),
        (MEDIAN, {"format": True}, "another format"),
        (MEDIAN, {"more": 1}, "other keys"),
        (MEDIAN, {"inputs": []}, "one array"),
        (MEDIAN, {"inputs": MEDIAN["inputs"] * 2}, "one array"),
        (MEDIAN, {"inputs": [{**MEDIAN["inputs"][0], "axes": "fixed(3)"}]}, "one array"),
        (MEDIAN, {"inputs": [{**MEDIAN["inputs"][0], "axes": "grid(wrap)"}]}, "wraps around"),
        (MEDIAN, {"inputs": [{**MEDIAN["inputs"][0], "axes": ""}]}, "unknown axes"),
        (MEDIAN, {"inputs": [{**MEDIAN["inputs"][0], "low": -(2**40)}]}, "small integer"),
        (MEDIAN, {"output": {**MEDIAN["output"], "axes": "fixed(3)"}}, "fixed size"),
        (MEDIAN, {"output": {**MEDIAN["output"], "axes": "set set"}}, "axes of its head"),
        (MEDIAN, {"output": {**MEDIAN["output"], "name": "__import__"}}, "plain identifier"),
        (MEDIAN, {"axes": [0, 0]}, "repeat an axis"),
        (MEDIAN, {"axes": [1]}, "does not have"),
        (MEDIAN, {"axes": "0"}, "not a list"),
        (MEDIAN, {"features": [["pickle"]] * 3}, "unknown kind"),
        (MEDIAN, {"features": [["number", [0, 0], None]] * 3}, "offset does not fit"),
        (MEDIAN, {"features": [["number", [10**6], None]] * 3}, "offset does not fit"),
        (MEDIAN, {"features": [["number", [0.5], None]] * 3}, "usable integer"),
        (MEDIAN, {"features": [["mirror", 7]] * 3}, "not there"),
        (MEDIAN, {"features": [["turn"]] * 3}, "asks for the turn"),
        (MEDIAN, {"features": [["place", 1]] * 3}, "no place along axis 1"),
        (MEDIAN, {"features": [["others", "near", "any", ["line", None]]] * 3}, "unknown kind"),
        (
            MEDIAN,
            {"features": [["others", "less", "now", ["line", None]]] * 3},
            "order is of an unknown kind",
        ),
        (
            MEDIAN,
            {"features": [["others", "less", "any", ["place", 0]]] * 3},
            "of is of an unknown kind",
        ),
        (MEDIAN, {"features": MEDIAN["features"][:2]}, "number of weights"),
        (MEDIAN, {"features": MEDIAN["features"] * 9999}, "too many features"),
        (MEDIAN, {"units": [["unit", [1, 2], 0, 0]]}, "number of weights"),
        (MEDIAN, {"units": [["unit", [1, 2, 1e300], 0, 0]]}, "usable integer"),
        (MEDIAN, {"units": [["relu", [1, 2, 3], 0, 0]]}, "unknown kind"),
        (MEDIAN, {"units": [["linear", [1, 2, 3], 0]]}, "linear unit"),
        (MEDIAN, {"head": ["max"]}, "unknown kind"),
        (MEDIAN, {"head": ["each"]}, "axes of its head"),
        (MEDIAN, {"head": ["pick", ["turn"], False]}, "unknown kind"),
        (MEDIAN, {"head": ["pick", ["length", 0], False]}, "head.gives is of an unknown kind"),
        (MEDIAN, {"head": ["pick", ["place", 0], 1]}, "unknown kind"),
        (BORDER, {"head": ["pick", ["place", 0], False]}, "picks what is no item"),
        (BORDER, {"axes": [0]}, "not single places"),
    ],
)
def test_hostile_descriptions_are_refused(
    base: dict[str, Any], changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InputError, match=f"^it is not a network of deepdistill: .*{sentence}"):
        read_network(rewritten({**base, **changes}), "it")


def test_arrays_that_belong_nowhere_are_refused() -> None:
    text = npy(np.frombuffer(json.dumps(MEDIAN).encode(), np.uint8))
    with pytest.raises(InputError, match="holds arrays"):
        read_network(archive({"network.json.npy": text, "weights_0.npy": npy(np.ones(3))}), "it")


SMALL = st.one_of(
    st.integers(-3, 3),
    st.none(),
    st.booleans(),
    st.sampled_from(["line", "place", "less", "before", "number", "set", "pick", "each"]),
)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A description with one value somewhere replaced."""
    whole = json.loads(json.dumps(description(network_bytes(draw(networks())))))
    node, key = whole, "head"
    for _ in range(8):
        key = draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        child = node[key]
        if not isinstance(child, dict | list) or not child or draw(st.booleans()):
            break
        node = child
    node[key] = draw(SMALL | st.lists(SMALL, max_size=3))
    return whole


def networks() -> st.SearchStrategy[ItemNetwork]:
    return st.sampled_from(ITEM_NETWORKS).map(item_network)


@given(damaged())
@settings(max_examples=tries(400))
@example({**MEDIAN, "units": []})
@example({**MEDIAN, "features": [], "units": [["unit", [], 0, None]]})
@example({**MEDIAN, "axes": []})
def test_a_damaged_description_is_refused_or_runs(value: Any) -> None:
    try:
        network = read_network(rewritten(value), "it")
    except InputError as error:
        assert str(error).startswith("it ")
        return
    assert isinstance(network, ItemNetwork)
    (port,) = network.inputs
    array = np.arange(3 ** len(port.axes)).reshape((3,) * len(port.axes)) % 2
    try:
        answer = network.run({port.name: array})
    except NoAnswer:
        return
    assert answer.dtype == np.int64
    assert answer.ndim == len(network.output.axes)


# Dense networks of several sizes


def strokes() -> SizedNetwork:
    lines = np.concatenate([np.eye(8), np.eye(8)]).astype(np.int64)
    pictures = np.stack([np.broadcast_to(row, (8, 8)) for row in lines[:8]])
    pictures = np.concatenate([pictures, pictures.transpose(0, 2, 1)])
    problem = Problem.from_arrays(pictures, np.repeat([3, 5], 8), "grid grid")
    return fit_essence(replace(problem, hold_out=False, trainer="essence")).network


STROKES = network_bytes(strokes())


def test_networks_of_several_sizes_are_read_back() -> None:
    network = strokes()
    back = read_network(STROKES, "it")
    assert isinstance(back, SizedNetwork)
    assert network_bytes(back) == STROKES
    assert back.sizes == network.sizes == ((8, 8), (4, 4))
    assert back.states == (3, 5)
    for size in back.sizes:
        picture = np.zeros(size, dtype=np.int64)
        picture[1] = 1
        name = back.inputs[0].name
        assert back.run({name: picture}) == network.run({name: picture}) == 5
        assert back.run({name: picture.T}) == 3


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"states": [1]}, "does not choose among the states"),
        ({"states": "ab"}, "not a list"),
        ({"networks": []}, "belong to no layer"),
        ({"networks": [[[8, 8]]]}, "not a shape with activations"),
        ({"networks": [[[8, 8], ["sign", "sign", "linear"]]]}, "does not choose"),
        ({"networks": [[[8, 8], ["sign", "sign", "argmax"]]] * 2}, "gives 64 inputs"),
        ({"networks": [[[64], ["sign", "sign", "argmax"]]]}, "number of axes"),
        ({"networks": [[[8, 8], ["exec", "sign", "argmax"]]]}, "hidden layers"),
        ({"networks": [[[8, 8], ["sign"] * 99]]}, "no table of weights"),
        ({"inputs": []}, "one array"),
    ],
)
def test_hostile_sizes_are_refused(changes: dict[str, Any], sentence: str) -> None:
    with zipfile.ZipFile(io.BytesIO(STROKES)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    spec = {**description(STROKES), **changes}
    members["network.json.npy"] = npy(np.frombuffer(json.dumps(spec).encode(), np.uint8))
    with pytest.raises(InputError, match=sentence):
        read_network(archive(members), "it")


def test_the_essence_trainer_says_what_it_cannot_take() -> None:
    with pytest.raises(InputError, match="one input and one size"):
        fit_essence(catalogue.find("sort"))
