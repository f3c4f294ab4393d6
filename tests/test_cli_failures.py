"""Runs that fail or are interrupted: what they say, and that they leave everything as it was."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_cli import FILES, bits, call, distill_again, distilled, one_sentence, save, snapshot

from deepdistill.data import folders as folder
from deepdistill.data.problem import InputError


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return distilled(tmp_path_factory.mktemp("made"))


@pytest.fixture
def shift(made: Path, tmp_path: Path) -> Path:
    """A finished result that a test may damage."""
    return Path(shutil.copytree(made, tmp_path / "shift"))


# ------------------------------------------------------------------ interrupts

STAGES = (
    "deepdistill.forms.grid.train.fit",
    "deepdistill.learn.train.train",
    "deepdistill.units.lift.lift",
    "deepdistill.forms.grid.shorten.shorten",
    "deepdistill.target.source.solver",
    "deepdistill.target.source.solver_test",
    "deepdistill.verify.judge.judge",
    "deepdistill.run.certified_network",
    "deepdistill.data.folders._swap",
    "shutil.copy2",
)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("error", [KeyboardInterrupt, InputError("it is unusable"), MemoryError])
def test_an_earlier_result_survives(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    shift: Path,
    stage: str,
    error: Any,
) -> None:
    (shift / "notes.txt").write_text("mine")
    before = snapshot(shift.parent)

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(stage, fail)
    status, out, err = distill_again(capsys, shift)
    assert (status, out) == (130 if error is KeyboardInterrupt else 2, "")
    words = {KeyboardInterrupt: "interrupted", MemoryError: "memory"}.get(error, "unusable")
    assert words in one_sentence(err)
    after = snapshot(shift.parent)
    after.pop("again.npz")
    assert after == before


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_the_swap_is_undone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: int, error: Any
) -> None:
    """An interrupt just before or between the two renames that replace a folder."""
    target = folder.write_folder(tmp_path / "a", {"x": b"old"})
    renames = iter(range(9))
    original = os.rename

    def rename(source: Any, goal: Any) -> None:
        if next(renames) == number:
            raise error
        original(source, goal)

    monkeypatch.setattr(folder, "_exchange", lambda staged, target: False)
    monkeypatch.setattr(folder.os, "rename", rename)
    monkeypatch.setattr(Path, "rename", lambda self, goal: rename(self, goal))
    with pytest.raises((KeyboardInterrupt, InputError)):
        folder.write_folder(target, {"x": b"new"})
    monkeypatch.undo()
    assert snapshot(tmp_path) == {"a": None, "a/x": b"old"}


def test_a_full_disk_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(self: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="No space left on device"):
        folder.write_folder(tmp_path / "a", {"x": b"new"})
    assert not list(tmp_path.iterdir())


SLOW = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs inherit none
from deepdistill import cli
from deepdistill.learn import train
original = train.train
def announced(*arguments):
    print("training", flush=True)
    return original(*arguments)
train.train = announced
sys.exit(cli.main())
"""


EARLY = """
import sys
class Interrupt:
    def find_spec(self, name, *_):
        if name == sys.argv[1]:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
from deepdistill.__main__ import main
main(["list"])
"""


@pytest.mark.parametrize("module", ["deepdistill.cli", "click", "deepdistill.data.catalogue"])
def test_ctrl_c_while_modules_are_imported(module: str) -> None:
    run = subprocess.run([sys.executable, "-c", EARLY, module], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (130, "") and "interrupted" in one_sentence(run.stderr)


def test_ctrl_c_in_the_middle_of_training(shift: Path) -> None:
    data = save(shift.parent / "noise.npz", bits(60, 7, 7), bits(60, 7, 7, seed=1))
    before = snapshot(shift.parent)
    arguments = ["distill", "--data", data, "--axes", "grid grid", "--name", "shift"]
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, *arguments, "--out", shift.parent],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "training\n"
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    try:
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert time.monotonic() - sent < 10
    assert process.returncode == 130
    assert "interrupted" in one_sentence(err)
    assert not out.replace("training\n", "")
    assert snapshot(shift.parent) == before


# ------------------------------------------------------------------ folders that cannot be written


def test_a_file_where_the_folder_should_be(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    before = snapshot(tmp_path)
    for out in ("file", "file/deeper/still"):
        status, said, err = call(capsys, "distill", "rule30", "--out", tmp_path / out)
        assert (status, said) == (2, "")
        assert "cannot write" in one_sentence(err) and "--out" in err
    assert snapshot(tmp_path) == before


def test_a_file_with_the_name_of_the_problem(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "shift").write_text("mine")
    status, _, err = distill_again(capsys, tmp_path / "shift")
    assert status == 2
    assert "cannot write" in one_sentence(err)
    assert set(os.listdir(tmp_path)) == {"shift", "again.npz"}
    assert (tmp_path / "shift").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        status, _, err = call(capsys, "distill", "rule30", "--out", tmp_path / "out")
    finally:
        tmp_path.chmod(0o700)
    assert status == 2
    assert "permission denied" in one_sentence(err)


# ------------------------------------------------------------------ claims that fail


def test_random_labels_fail_and_are_written_all_the_same(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = save(tmp_path / "noise.npz", bits(10, 9), bits(10, 9, seed=1))
    arguments = ["--data", data, "--axes", "grid(wrap)", "--name", "noise"]
    status, out, err = call(capsys, "distill", *arguments, "--out", tmp_path / "out")
    assert (status, err) == (1, "")
    assert "noise: FAILED (correct)" in out and "  correct   failed: " in out
    written = tmp_path / "out" / "noise"
    assert set(os.listdir(written)) == FILES
    certificate = json.loads((written / "certificate.json").read_text())
    assert certificate["correct"]["status"] == "failed"
    assert certificate["faithful"]["status"] != "failed"
    status, out, err = call(capsys, "verify", written, "--size", 20)
    assert (status, err) == (1, "")
    assert "noise: FAILED" in out


def test_one_failure_among_several_names_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An interrupt in the second problem leaves the first one's finished folder."""
    from deepdistill import many

    original = many.carry_out

    def second_fails(problem: Any, *arguments: Any) -> Any:
        if problem.name == "rule0":
            raise KeyboardInterrupt
        return original(problem, *arguments)

    monkeypatch.setattr(many, "carry_out", second_fails)
    names = ("rule204", "rule0", "rule255")
    status, out, err = call(capsys, "distill", *names, "--jobs", 1, "--out", tmp_path)
    assert status == 130
    assert "rule204: proved" in out
    assert "interrupted" in one_sentence(err)
    assert os.listdir(tmp_path) == ["rule204"]
    assert set(os.listdir(tmp_path / "rule204")) == FILES


# ------------------------------------------------------------------ damaged results


@pytest.mark.parametrize("name", ["network.npz", "certificate.json", "solver.py"])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "flipped", "noise", "folder"])
def test_verify_refuses_damaged_files(
    capsys: pytest.CaptureFixture[str], shift: Path, name: str, damage: str
) -> None:
    path = shift / name
    data = path.read_bytes()
    path.unlink()
    match damage:
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(data[: len(data) // 2])
        case "flipped":
            path.write_bytes(bytes([*data[:40], data[40] ^ 255, *data[41:]]))
        case "noise":
            path.write_bytes(np.random.default_rng(0).bytes(300))
        case "folder":
            path.mkdir()
    before = snapshot(shift)
    status, out, err = call(capsys, "verify", shift)
    assert (status, out) == (2, "")
    assert name in one_sentence(err) or "it is not" in err
    assert snapshot(shift) == before


def test_verify_never_executes_a_changed_solver(
    capsys: pytest.CaptureFixture[str], shift: Path, tmp_path: Path
) -> None:
    evil = tmp_path / "evil"
    code = (shift / "solver.py").read_text()
    (shift / "solver.py").write_text(f"open({str(evil)!r}, 'w').close()\n{code}")
    status, _, err = call(capsys, "verify", shift)
    assert status == 2
    assert "solver.py was changed" in one_sentence(err)
    assert not evil.exists()


@pytest.mark.parametrize(
    "key, value",
    [
        ("problem", "no such \u001b[31m"),
        ("seed", -1),
        ("seed", "0"),
        ("faithful", {}),
        ("faithful", None),
        ("correct", {"status": "splendid", "examples": 1, "sizes": [], "counterexample": None}),
        ("digests", {}),
        ("digests", {"solver.py": "0" * 64, "network.npz": "0" * 64}),
        ("extra", 1),
    ],
)
def test_verify_refuses_other_certificates(
    capsys: pytest.CaptureFixture[str], shift: Path, key: str, value: Any
) -> None:
    path = shift / "certificate.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    status, out, err = call(capsys, "verify", shift)
    assert (status, out) == (2, "")
    assert "\u001b" not in one_sentence(err)


def test_verify_refuses_sizes_beyond_all_memory(
    capsys: pytest.CaptureFixture[str], shift: Path
) -> None:
    status, out, err = call(capsys, "verify", shift, "--size", 10**12)
    assert (status, out) == (2, "")
    assert "size" in one_sentence(err)
