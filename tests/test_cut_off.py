"""Searches that end before they are done: what is kept of them, what is said, the exit status."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_cli import FILES, bits, call, one_sentence, save

import deepdistill as dd
from deepdistill.data import running
from deepdistill.data.running import Run
from deepdistill.data.tables import NumberTable
from deepdistill.forms import form_of_task
from deepdistill.forms.formula.table import TableTask
from deepdistill.run import carry_out

NEVER = 1e-9  # seconds: over before anything was tried

CELLS = bits(20, 9)
MANY = np.random.default_rng(2).integers(0, 99, (20, 6))
NOISE: dict[str, tuple[np.ndarray, np.ndarray, str]] = {
    "grid": (CELLS, np.roll(CELLS, 1, axis=1) ^ (CELLS | np.roll(CELLS, -1, axis=1)), "grid(wrap)"),
    "sequence": (MANY, bits(20, 6), "sequence"),
    "set": (MANY, bits(20), "set"),
}
"""Random labels, and a rule that the first networks which are tried cannot be."""


def started(form: str) -> dd.Problem:
    x, y, axes = NOISE[form]
    return dd.Problem.from_arrays(x, y, axes, "noise")


def table(path: Path) -> Path:
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.uniform(1, 2, (40, 2)), rng.uniform(size=40)])
    lines = ["a,b,y", *(",".join(map(str, row)) for row in rows.tolist())]
    path.write_text("\n".join(lines) + "\n")
    return path


def stop_when_something_is_kept(
    monkeypatch: pytest.MonkeyPatch, stop: type[BaseException] | None = None
) -> None:
    """The time is over, or Ctrl-C is pressed, at the first look at the clock after that."""
    keep, check = Run.keep, Run.check

    def kept(run: Run, *best: Any) -> None:
        keep(run, *best)
        run.time_limit = NEVER

    def checked(run: Run) -> None:
        if stop is not None and run.best is not None:
            raise stop
        check(run)

    monkeypatch.setattr(Run, "keep", kept)
    monkeypatch.setattr(Run, "check", checked)


# ------------------------------------------------------------------ the time is over


@pytest.mark.parametrize("form", NOISE)
def test_the_best_so_far_is_kept_and_judged(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    stop_when_something_is_kept(monkeypatch)
    result = dd.distill(started(form), time_limit=1000)
    assert result.cut_off == result.certificate.cut_off == "the time limit of 1e-09 s"
    assert not result.certificate.ok and "cut off" in result.code
    assert form_of_task(result.task).name == form
    again = json.loads(result.files()["certificate.json"])
    assert again["cut_off"] == result.cut_off


def test_a_formula_is_kept_from_the_front_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 2, (40, 2))
    task = TableTask("mine", NumberTable(("a", "b"), x, "y", rng.uniform(size=40)), "sparse")
    stop_when_something_is_kept(monkeypatch)
    said: list[str] = []
    result = carry_out(task, Run(0, lambda stage, text: said.append(text), 1, 1000))
    assert result.cut_off and result.front and "cut off" in result.code
    assert "a first look" in said


def test_nothing_is_said_and_written_where_nothing_was_found(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    x, y, axes = NOISE["grid"]
    data = save(tmp_path / "noise.npz", x, y)
    limit = ("--time-limit", NEVER, "--out", tmp_path / "out")
    layers = tmp_path / "layers.npz"
    np.savez(layers, w0=np.ones((4, 1)), b0=np.zeros(1), w1=np.ones((1, 2)), b1=np.zeros(2))
    for command in (
        ("distill", "--data", data, "--axes", axes),
        ("fit", table(tmp_path / "table.csv"), "--target", "y"),
        ("condense", layers, "--shape", "2x2"),
    ):
        status, out, err = call(capsys, *command, *limit)
        assert (status, out) == (1, ""), (command, err)
        assert "nothing was found" in one_sentence(err) and "1e-09 s" in err
    assert not (tmp_path / "out").exists()
    with pytest.raises(dd.CutOff, match="nothing was found"):
        dd.distill(started("grid"), time_limit=NEVER)


def test_a_search_of_a_second(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Whatever was found by then, the search ends, and far sooner than it would."""
    data = save(tmp_path / "noise.npz", bits(60, 9, 9), bits(60, 9, 9, seed=1))
    start = time.monotonic()
    status, out, err = call(
        *(capsys, "distill", "--data", data, "--axes", "grid grid", "--time-limit", 1),
        *("--out", tmp_path / "out"),
    )
    assert status == 1
    assert time.monotonic() - start < 120
    if out:
        assert "cut off by the time limit of 1 s" in out
        assert set(os.listdir(tmp_path / "out" / "mine")) == FILES
    else:
        assert "nothing was found" in one_sentence(err)


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "soon"])
def test_unusable_limits_are_refused(capsys: pytest.CaptureFixture[str], limit: str) -> None:
    status, out, err = call(capsys, "distill", "rule30", "--time-limit", limit)
    assert (status, out) == (2, "")
    one_sentence(err)


def test_a_limit_that_is_not_reached_changes_nothing() -> None:
    plain, limited = dd.distill("rule204"), dd.distill("rule204", time_limit=10_000)
    assert plain.files() == limited.files() and not limited.cut_off


def test_a_run_can_be_cancelled() -> None:
    run = Run(cancelled=lambda: True)
    result = carry_out(started("set"), run)
    assert result.cut_off == "a request to stop"


# ------------------------------------------------------------------ Ctrl-C


def test_the_best_so_far_survives_an_interrupt(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stop_when_something_is_kept(monkeypatch, KeyboardInterrupt)
    x, y, axes = NOISE["grid"]
    data = save(tmp_path / "noise.npz", x, y)
    command = ("distill", "--data", data, "--axes", axes, "--out", tmp_path / "out")
    status, out, err = call(capsys, *command)
    assert (status, err) == (130, "")
    assert f"cut off by {running.INTERRUPT}" in out
    assert set(os.listdir(tmp_path / "out" / "mine")) == FILES


def test_a_second_interrupt_writes_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def impatient(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    stop_when_something_is_kept(monkeypatch, KeyboardInterrupt)
    monkeypatch.setattr("deepdistill.verify.judge.judge", impatient)
    x, y, axes = NOISE["grid"]
    data = save(tmp_path / "noise.npz", x, y)
    command = ("distill", "--data", data, "--axes", axes, "--out", tmp_path / "out")
    status, out, err = call(capsys, *command)
    assert (status, out) == (130, "")
    assert "interrupted" in one_sentence(err)
    assert not (tmp_path / "out").exists()


# ------------------------------------------------------------------ what is told meanwhile


def test_progress_tells_the_best_so_far() -> None:
    said: list[str] = []

    def described(stage: str, text: str) -> None:
        said.append(f"{stage}: {text}")
        if "best so far" in text:
            raise KeyboardInterrupt

    result = dd.distill(started("grid"), progress=described)
    assert result.cut_off == running.INTERRUPT
    (last,) = [text for text in said if "best so far" in text]
    assert last.startswith("train: ") and last.endswith("readings wrong")
