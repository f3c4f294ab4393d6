"""A certificate that claims more than its kind of result can bear is refused in one sentence."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import deepdistill as dd
from deepdistill.cli import main
from deepdistill.data.problem import InputError, Problem
from deepdistill.forms.binding import bind, read_binding
from deepdistill.forms.files import network_bytes, read_network
from deepdistill.recheck import verify_folder
from deepdistill.result import Result
from deepdistill.verify.certificate import Certificate

OUTPUTS = Path(__file__).resolve().parents[1] / "outputs"
CLAIMS = ("faithful", "scalable", "correct")


@cache
def own_data() -> Result:
    """Rule 90 from pairs that a user has."""
    x = np.random.default_rng(0).integers(0, 2, (60, 16))
    y = np.roll(x, 1, axis=1) ^ np.roll(x, -1, axis=1)
    return dd.distill(Problem.from_arrays(x, y, "grid(wrap)", "mine"))


@cache
def foreign() -> Result:
    """A network from elsewhere, of one size: the first of three inputs, or the two others."""
    first = (np.array([[2.0], [1.0], [1.0]]), np.array([-1.5]))
    last = (np.array([[-1.0, 1.0]]), np.array([0.0, 0.0]))
    return dd.condense_network([first, last], (3,))


def sealed(folder: Path) -> None:
    """Write the digests of the files into the certificate, as whoever changes them can."""
    data = json.loads((folder / "certificate.json").read_text())
    data["digests"] = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in data["digests"]
    }
    (folder / "certificate.json").write_text(json.dumps(data))


def edited(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    data = json.loads((folder / "certificate.json").read_text())
    change(data)
    (folder / "certificate.json").write_text(json.dumps(data))
    return folder


def status(claim: str, value: str, sizes: Any = None) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        data[claim]["status"] = value
        data[claim].pop("checked", None)
        data[claim]["sizes"] = (
            sizes if sizes is not None or value == "proved" else [[16], [7]]
        ) or data["faithful"]["sizes"]

    return change


def refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The one sentence of a folder that ``verify`` refuses."""
    with pytest.raises(SystemExit) as stopped:
        main(["verify", str(folder)])
    told = capsys.readouterr()
    assert stopped.value.code == 2 and told.out == ""
    (sentence,) = told.err.splitlines()
    assert sentence.startswith("deepdistill: ")
    return sentence


def test_what_only_data_knew_is_bound_to_the_network(tmp_path: Path) -> None:
    result = own_data()
    folder = result.save(tmp_path)
    data = (folder / "network.npz").read_bytes()
    said = read_binding(data, "it")
    assert said is not None and said.status == result.certificate.correct.status
    assert verify_folder(folder).correct == result.certificate.correct
    assert network_bytes(read_network(data, "it")) == network_bytes(result.network)
    again = dd.load(folder).save(tmp_path / "again")
    for file in folder.iterdir():
        assert (again / file.name).read_bytes() == file.read_bytes(), file.name


@pytest.mark.parametrize("name", ["life", "hypotenuse", "maxsat", "argmax", "running_sum"])
def test_a_built_in_result_needs_no_binding(name: str) -> None:
    assert read_binding((OUTPUTS / name / "network.npz").read_bytes(), "it") is None


@pytest.mark.parametrize(
    "change",
    [
        *(status("correct", one) for one in ("proved", "exhaustive", "sampled", "not applicable")),
        status("correct", "failed"),
        status("correct", "proved", "all"),
        lambda data: data["correct"].update(examples=10**6),
        lambda data: data["correct"].update(note="all 10,000 pairs that were held out agree"),
        lambda data: data["correct"].update(counterexample={"inputs": {"cells": [0]}}),
        lambda data: data.update(problem="rule90"),
        lambda data: data.update(seed=1),
        lambda data: data.update(cut_off="the time limit"),
    ],
)
def test_an_edited_claim_is_not_the_one_that_was_established(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = edited(own_data().save(tmp_path), change)
    assert "the certificate was changed" in refused(folder, capsys)
    with pytest.raises(InputError, match="was changed"):
        dd.load(folder)


def rebound(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The folder of a run whose certificate said something else."""
    edited(folder, change)
    network = {"network.npz": network_bytes(own_data().network)}
    network = bind(network, Certificate.read(folder / "certificate.json"))
    (folder / "network.npz").write_bytes(network["network.npz"])
    sealed(folder)
    return folder


def test_a_failed_run_does_not_become_one_without_an_oracle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = own_data().certificate.correct.status
    folder = rebound(own_data().save(tmp_path), status("correct", "failed"))
    assert not verify_folder(folder).ok
    edited(folder, status("correct", held))
    sentence = refused(folder, capsys)
    assert "'failed'" in sentence and repr(held) in sentence
    sealed(folder)
    assert "the certificate was changed" in refused(folder, capsys)


@pytest.mark.parametrize("one", ["proved", "exhaustive", "sampled"])
def test_without_a_binding_nothing_but_held_out_examples_is_believed(
    tmp_path: Path, one: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As an earlier version wrote it, or whoever takes the binding out."""
    folder = own_data().save(tmp_path)
    (folder / "network.npz").write_bytes(network_bytes(own_data().network))
    edited(folder, lambda data: data["versions"].update(certificate=1))
    edited(folder, status("correct", "no oracle"))
    sealed(folder)
    again = verify_folder(folder)
    assert again.correct.status == "no oracle" and "does not bind" in again.correct.note
    edited(folder, lambda data: data["versions"].update(certificate=2))
    assert "does not bear out" in refused(folder, capsys)
    edited(folder, lambda data: data["versions"].update(certificate=1))
    edited(folder, status("correct", one))
    assert f"says that 'correct' is {one}" in refused(folder, capsys)


@pytest.mark.parametrize(
    ("name", "claim", "one"),
    [
        ("hypotenuse", "faithful", "proved"),
        ("hypotenuse", "faithful", "exhaustive"),
        ("hypotenuse", "scalable", "sampled"),
        ("hypotenuse", "scalable", "proved"),
        ("hypotenuse", "correct", "proved"),
        ("maximum", "correct", "proved"),
        ("maximum", "correct", "exhaustive"),
        ("running_sum", "correct", "proved"),
        ("foreign", "scalable", "sampled"),
        ("foreign", "scalable", "exhaustive"),
        ("foreign", "correct", "sampled"),
        ("foreign", "correct", "proved"),
    ],
)
def test_a_claim_that_its_kind_cannot_bear_is_refused(
    tmp_path: Path, name: str, claim: str, one: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if name == "foreign":
        folder = foreign().save(tmp_path)
    else:
        folder = Path(shutil.copytree(OUTPUTS / name, tmp_path / name))
    edited(folder, status(claim, one, [[3]] if name == "foreign" else None))
    sentence = refused(folder, capsys)
    assert "claims too much" in sentence and repr(claim) in sentence and one in sentence


def test_another_version_may_settle_less(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(OUTPUTS / "maximum", tmp_path / "maximum"))
    edited(folder, status("correct", "exhaustive"))
    edited(folder, lambda data: data["versions"].update(deepdistill="0.0.1"))
    assert verify_folder(folder).correct.status == "sampled"


def test_no_oracle_is_no_excuse_where_there_is_one(tmp_path: Path) -> None:
    """A claim about a built-in problem is looked at again, whatever it is edited to."""
    folder = Path(shutil.copytree(OUTPUTS / "rule90", tmp_path / "rule90"))
    edited(folder, status("correct", "no oracle"))
    assert verify_folder(folder).correct.status == "proved"


@pytest.mark.parametrize("wrong", ["got", "expected"])
def test_a_counterexample_is_looked_at_again(
    tmp_path: Path, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(OUTPUTS / "rule90", tmp_path / "rule90"))
    case = {"inputs": {"cells": [1, 0, 0, 0]}, "expected": [0, 1, 0, 1], "got": [0, 1, 0, 1]}

    def change(data: dict[str, Any]) -> None:
        data["correct"].update(status="failed", sizes=[[4]], examples=1, counterexample=case)
        data["correct"].pop("checked", None)

    edited(folder, change)
    assert not verify_folder(folder).ok  # it is told as it stands there: what failed stays failed
    case[wrong] = [1, 1, 1, 1]
    edited(folder, change)
    assert "its counterexample to 'correct' is none" in refused(folder, capsys)


@pytest.mark.parametrize("text", ["", "{}", '{"format":2,"status":"x","claim":"y"}', "[1"])
def test_a_damaged_binding_is_refused(tmp_path: Path, text: str) -> None:
    from deepdistill.units.archive import with_text

    folder = own_data().save(tmp_path)
    plain = network_bytes(own_data().network)
    (folder / "network.npz").write_bytes(with_text(plain, "established.json", text))
    sealed(folder)
    with pytest.raises(InputError, match=re.escape("network.npz")):
        verify_folder(folder)
