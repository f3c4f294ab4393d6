"""Weights in numbers: rows are inputs, always; what rounding decides is counted and told."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import deepdistill as dd
from deepdistill.cli import main
from deepdistill.data.problem import InputError
from deepdistill.forms.dense.readers import read_dense
from deepdistill.ir.types import Integers

SQUARE = np.array([[1.0, -2.0, 0.0], [3.0, 1.0, -1.0], [0.0, -1.0, 2.0]])  # rows are inputs
BIAS = np.array([-1.0, 0.5, 0.0])
INPUTS = np.array(list(product([0, 1], repeat=3)))
WANTED = np.argmax(INPUTS @ SQUARE + BIAS, axis=1)


def condensed(arguments: list[str], tmp_path: Path) -> dd.Result:
    with pytest.raises(SystemExit) as stop:
        main(["condense", *arguments, "--shape", "3", "--out", str(tmp_path / "out")])
    assert stop.value.code == 0
    return dd.load(tmp_path / "out" / "mine")


def assert_wanted(result: dd.Result) -> None:
    assert [result.solve(x.tolist()) for x in INPUTS] == WANTED.tolist()


def test_a_square_layer_is_not_turned(tmp_path: Path) -> None:
    """The same table in every way in which it can be handed over."""
    table = tmp_path / "layer.csv"
    np.savetxt(table, np.vstack([SQUARE, BIAS]), delimiter=",")
    assert_wanted(condensed([str(table)], tmp_path))
    np.savez(tmp_path / "own.npz", weights_0=SQUARE, bias_0=BIAS)
    own = condensed([str(tmp_path / "own.npz")], tmp_path)
    assert_wanted(own)
    assert "torch" not in own.certificate.faithful.note
    assert_wanted(dd.condense_network([(SQUARE, BIAS)], (3,)))


@pytest.mark.parametrize("name", ["0.", "", "fc.hidden."])
def test_names_of_torch_have_the_layout_of_torch_and_it_is_said(name: str, tmp_path: Path) -> None:
    arrays: dict[str, Any] = {f"{name}weight": SQUARE.T, f"{name}bias": BIAS}
    np.savez(tmp_path / "state.npz", **arrays)
    result = condensed([str(tmp_path / "state.npz")], tmp_path)
    assert_wanted(result)
    assert "as torch lays them out" in result.certificate.faithful.note
    assert_wanted(dd.condense_network(arrays, (3,)))


def test_layers_of_torch_keep_their_order_and_may_have_no_bias() -> None:
    rng = np.random.default_rng(0)
    tables = [rng.integers(-3, 4, (3, 3)).astype(float) for _ in range(11)]
    state = {f"{k}.weight": tables[k] for k in sorted(range(11), key=str)}
    x = INPUTS.astype(float)
    for table in tables[:-1]:
        x = np.sign(x @ table.T)
    result = dd.condense_network(state, (3,))
    wanted = np.argmax(x @ tables[-1].T, axis=1)
    assert [result.solve(one.tolist()) for one in INPUTS] == wanted.tolist()


@pytest.mark.parametrize(
    "network",
    [
        [(np.ones((2, 3)), np.zeros(2))],
        {"weights_0": np.ones((2, 3)), "bias_0": np.zeros(2)},
        {"0.weight": np.ones((3, 2)), "0.bias": np.zeros(2)},
    ],
)
def test_a_turned_table_is_refused_and_not_guessed(network: Any) -> None:
    with pytest.raises(InputError, match=r"layer 1 .* 3 inputs: a row .*(transpose|column)"):
        dd.condense_network(network, (3,))


@pytest.mark.parametrize(
    "state, words",
    [
        ({"0.weight": np.ones((2, 3)), "scale": np.ones(3)}, "'scale' beside names of torch"),
        ({"0.weight": np.ones((2, 3, 3))}, "not the weight of a linear layer"),
        ({"0.bias": np.ones(2)}, "a bias but no '0.weight'"),
    ],
)
def test_other_names_of_torch_are_refused(state: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        dd.condense_network(state, (3,))


@pytest.mark.parametrize("hidden, divisor", [("sign", 10), ("step", 10), ("sign", 3), ("step", 3)])
@pytest.mark.parametrize("seed", range(3))
def test_ties_within_rounding_are_counted_and_one_is_told(
    hidden: str, divisor: int, seed: int
) -> None:
    rng = np.random.default_rng([seed, divisor])
    tables = [rng.integers(-9, 10, shape) / divisor for shape in [(8, 5), (5,), (5, 3), (3,)]]
    result = dd.condense_network([tuple(tables[:2]), tuple(tables[2:])], (8,), hidden=hidden)
    x = np.array(list(product([0, 1], repeat=8)))
    a, b, c, d = (np.round(table * divisor).astype(int) for table in tables)
    exact, floats = x @ a + b, x @ tables[0] + tables[1]
    band = 9 * np.finfo(float).eps * (x @ abs(tables[0]) + abs(tables[1]))
    if hidden == "sign":
        ours, theirs = np.sign(exact), np.sign(floats)
    else:
        ours, theirs = (exact >= 0).astype(int), (floats >= 0).astype(float)
    solved = np.array([result.solve(one.tolist()) for one in x])
    assert (solved == np.argmax(ours @ c + d, axis=1)).all()  # exact on the decimals
    wrong = solved != np.argmax(theirs @ tables[2] + tables[3], axis=1)
    note = result.certificate.faithful.note
    assert result.certificate.faithful.status == "exhaustive"
    assert ("ties within rounding" in note) >= bool((abs(exact) <= band).any())
    if wrong.any():
        assert f"the floats answer {wrong.sum()} of them otherwise" in note
        shown = note.split("for example ")[1]
        assert wrong[int(shown[1:23].replace(", ", ""), 2)]


def test_whole_weights_have_no_ties_within_rounding() -> None:
    result = dd.condense_network([(SQUARE, BIAS), (SQUARE, BIAS)], (3,))
    assert "rounding" not in result.certificate.faithful.note


def test_noise_that_changes_an_answer_is_not_taken_out_where_all_inputs_are_known() -> None:
    """1 and 1 - 1e-6 look like noise, and an answer hangs on it."""
    weights = np.array([[1.0, -1.0 + 1e-6, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]]).T
    result = dd.condense_network([(weights, np.zeros(2)), (np.eye(2), np.zeros(2))], (4,))
    x = np.array(list(product([0, 1], repeat=4)))
    wanted = np.argmax(np.sign(x @ weights), axis=1)
    assert [result.solve(one.tolist()) for one in x] == wanted.tolist()


def test_biases_that_are_no_list_are_refused_with_what_to_do() -> None:
    words = r"layer 1 has biases of shape \(1, 3\), not a list: .*bias.ravel"
    for network in ([(SQUARE, BIAS[None])], {"0.weight": SQUARE, "0.bias": BIAS[None]}):
        with pytest.raises(InputError, match=words):
            dd.condense_network(network, (3,))
    with pytest.raises(InputError, match=r"needs a table .*; it holds w \(3, 3\), b \(1, 3\)$"):
        dd.condense_network({"w": SQUARE, "b": BIAS[None]}, (3,))
    with pytest.raises(InputError, match=r"layer 1 has weights of shape \(3,\), not a table"):
        dd.condense_network([(BIAS, BIAS)], (3,))


@pytest.mark.parametrize("name", ["weights.npz", "weights.pt"])
@pytest.mark.parametrize("newer", [True, False])
def test_what_torch_saved_is_named(
    name: str, newer: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch = pytest.importorskip("torch")
    state = {"0.weight": torch.as_tensor(SQUARE.T.copy()), "0.bias": torch.as_tensor(BIAS)}
    torch.save(state, tmp_path / name, _use_new_zipfile_serialization=newer)
    with pytest.raises(SystemExit) as stop:
        main(["condense", str(tmp_path / name), "--shape", "3", "--out", str(tmp_path / "out")])
    assert stop.value.code == 2
    words = capsys.readouterr().err
    assert f"{name} was written by torch.save" in words and "np.savez('weights.npz'" in words
    np.savez(tmp_path / "state.npz", **{k: v.numpy() for k, v in state.items()})
    assert_wanted(condensed([str(tmp_path / "state.npz")], tmp_path))


def test_files_of_other_kinds_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "one.npy", SQUARE)
    (tmp_path / "two.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    (tmp_path / "three.pkl").write_bytes(b"\x80\x04N.")
    kinds = {"one.npy": "a single array", "two.h5": "HDF5", "three.pkl": "pickle"}
    for name, words in kinds.items():
        with pytest.raises(SystemExit) as stop:
            main(["condense", str(tmp_path / name), "--shape", "3"])
        assert stop.value.code == 2
        assert words in capsys.readouterr().err
    with pytest.raises(InputError, match=r"is the name of a file: .*np.load"):
        dd.condense_network(tmp_path / "one.npy", (3,))


def test_whole_weights_that_no_float_equals_are_refused(tmp_path: Path) -> None:
    weights = np.array([[2**54 + 1, -(2**54) - 1], [-(2**54), 2**54], [0, 0]])
    pairs = [(weights, np.zeros(2, int))]
    table = tmp_path / "layer.csv"
    np.savetxt(table, np.vstack([weights, [[0, 0]]]), delimiter=",", fmt="%d")
    with pytest.raises(InputError, match="layer 1 holds 18014398509481985, which no float equals"):
        dd.condense_network(pairs, (3,))
    with pytest.raises(InputError, match="line 1 holds 18014398509481985"):
        read_dense([table], (3,), "sign", "argmax", Integers(0, 1))
    for first in (2**53 + 1, -(2**53) - 1, "9007199254740993.0", Decimal(2**53 + 1)):
        with pytest.raises(InputError, match="which no float equals"):
            dd.condense_network([([[1, 0], [first, 1]], [0, 0])], (2,))
    exact = [(np.sign(weights) * 2**54, np.zeros(2, int))]
    assert dd.condense_network(exact, (3,)).solve([1, 0, 0]) == 0


def test_sums_that_no_float_equals_are_ties_within_rounding() -> None:
    network = [([[2**53, 2**53], [0, 1]], [0, 0])]
    result = dd.condense_network(network, (2,))
    assert [result.solve(list(case)) for case in ((0, 0), (1, 0), (0, 1), (1, 1))] == [0, 0, 1, 1]
    claim = result.certificate.faithful
    assert claim.status == "exhaustive"
    assert (
        "the floats answer 1 of them otherwise than the exact sums, for example [1, 1]"
        in claim.note
    )
