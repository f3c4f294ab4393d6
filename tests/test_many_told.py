"""Several problems done for the command line: what is told of each, and the exit status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import deepdistill as dd
from deepdistill import many
from deepdistill.command import carrying, console, export
from deepdistill.command.options import Talk
from deepdistill.data import pair_files
from deepdistill.data.pair_files import read_examples
from deepdistill.data.running import INTERRUPT
from deepdistill.many import NoResult
from deepdistill.result import Result

SOLVER = dd.load(Path(__file__).parents[1] / "outputs" / "rule30")


def done(
    monkeypatch: pytest.MonkeyPatch, outcomes: list[Any], talk: Talk, target: str = ""
) -> int | str | None:
    """The exit status where the problems end like that."""

    def streamed(*given: Any) -> Iterator[tuple[int, Any]]:
        yield from enumerate(outcomes)

    monkeypatch.setattr(many, "stream", streamed)
    names = [outcome.name for outcome in outcomes]
    with pytest.raises(SystemExit) as ended:
        carrying.many_carried_out(names, Path("out"), 0, 1, None, None, talk, target)
    return ended.value.code


def test_what_was_done_before_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = NoResult("life", "skipped", "")
    assert done(monkeypatch, [before], Talk()) == 0
    assert capsys.readouterr().out == "life: done before, nothing to do\n"
    assert done(monkeypatch, [before], Talk(as_data=True)) == 0
    assert json.loads(capsys.readouterr().out) == {"name": "life", "skipped": True}


@pytest.mark.parametrize(
    "outcomes, status, said",
    [
        ([SOLVER], 0, ""),
        ([SOLVER, NoResult("life", "cut off", "the time limit")], 1, "life: the time limit"),
        ([NoResult("life", "failed", "no worker"), SOLVER], 2, "life: no worker"),
    ],
)
def test_the_worst_status_counts(
    outcomes: list[Any], status: int, said: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert done(monkeypatch, outcomes, Talk(quiet=True)) == status
    assert said in capsys.readouterr().err


def test_an_interrupt_is_the_status(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = Result(
        SOLVER.task, SOLVER.trained, SOLVER.program, SOLVER.code, SOLVER.test_code,
        SOLVER.certificate, cut_off=INTERRUPT,
    )  # fmt: skip
    assert done(monkeypatch, [ended], Talk(quiet=True)) == 130


def test_a_target_that_has_no_words_for_a_program_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def exported(folder: Path, target: str) -> None:
        asked.append((folder.name, target))
        raise dd.InputError("numpy has no words for it")

    monkeypatch.setattr(export, "export_folder", exported)
    lost = NoResult("life", "failed", "no worker")
    assert done(monkeypatch, [SOLVER, lost], Talk(quiet=True), "numpy") == 2
    assert asked == [("rule30", "numpy")]  # what was lost is not exported
    assert "rule30: numpy has no words for it" in capsys.readouterr().err


def test_an_interrupt_ends_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    statuses = iter((0, 1, 130, 0))
    monkeypatch.setattr(carrying, "_done", lambda *given: next(statuses))
    with pytest.raises(SystemExit) as ended:
        carrying.all_carried_out("abcd", Path("out"))
    assert ended.value.code == 130 and next(statuses) == 0  # the last was not begun


def test_a_result_is_told_at_length_or_as_data(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    console.tell(SOLVER, Path("out/rule30"), Talk(verbose=True))
    told = capsys.readouterr().out
    assert all(sentence in told for sentence in SOLVER.certificate.sentences())
    assert f"time grows as {SOLVER.certificate.growth}" in told and "wrote out/rule30" in told
    console.tell(SOLVER, Path("out/rule30"), Talk(as_data=True))
    data = json.loads(capsys.readouterr().out)
    assert data["folder"] == "out/rule30" and data["program"] == SOLVER.text and data["ok"]
    console.tell_certificate(SOLVER.certificate, Talk(as_data=True))
    assert json.loads(capsys.readouterr().out)["certificate"] == SOLVER.certificate.as_json()
    console.tell_certificate(SOLVER.certificate, Talk(quiet=True))
    assert capsys.readouterr().out.count("\n") == 1
    monkeypatch.setattr(console, "_MOST_LINES", 1)
    console.show_program(SOLVER)
    first, more = capsys.readouterr().out.splitlines()
    assert "lines more" in more and first.strip() in SOLVER.code
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    console.show_program(SOLVER)
    coloured = capsys.readouterr().out
    assert "\x1b[" in coloured and "rule30" in coloured


# ---- files of pairs that are refused


@pytest.mark.parametrize(
    "content, said",
    [
        (b"\xff\xfe\x00", "is no UTF-8 text and no .npz file"),
        (b" \n\n", "is empty: give lines of"),
        (b"1\n2\n3\n4\n", "holds more than 3 lines"),
        (b'{"inputs": [1]}', "holds no pairs"),
        (b'{"input": [1], "output": 2}', "one pair"),
        (b'{"train": [], "tests": []}', "the unknown key 'tests'"),
        (b'{"train": {}}', 'must hold lists of pairs under "train"'),
        (b'{"train": [], "test": [3]}', "test pair 0 of"),
    ],
)
def test_files_that_hold_no_pairs(
    content: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pair_files, "MOST_PAIRS", 3)
    (tmp_path / "pairs").write_bytes(content)
    with pytest.raises(dd.InputError) as refused:
        read_examples(tmp_path / "pairs")
    assert said in str(refused.value) and "\n" not in str(refused.value)


FLAT = {"x_values": [1, 2, 3], "x_shapes": [1, 2], "y": [1, 2]}


@pytest.mark.parametrize(
    "change, said",
    [
        ({"z": [1]}, "the unknown array 'z'"),
        ({"y": [1, 2, 3]}, "has 2 inputs but 3 answers"),
        ({"y": 3}, "y of .* has the shape"),
        ({"x": [[1], [2]]}, "x alone where all have one size"),
        ({"x_values": [[1, 2, 3]]}, "give one long row"),
        ({"x_shapes": [1.0, 2.0]}, "must hold integers"),
        ({"x_shapes": [[1, 1, 1], [1, 1, 2]]}, "has 3 dimensions"),
        ({"x_shapes": [-1, 4]}, "a size below 0"),
        ({"x_shapes": [1, 9]}, "a size beyond its 3 values"),
    ],
)
def test_ragged_arrays_that_do_not_fit(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "pairs.npz", **{**FLAT, **change})
    with pytest.raises(dd.InputError, match=said):
        read_examples(tmp_path / "pairs.npz")
    np.savez(tmp_path / "pairs.npz", **FLAT)
    assert [pair.inputs for pair in read_examples(tmp_path / "pairs.npz").given] == [
        ([1],), ([2, 3],),
    ]  # fmt: skip
