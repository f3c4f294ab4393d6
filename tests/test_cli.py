"""The command line: what it prints, its exit status, and that nothing is left half-written."""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import deepdistill
from deepdistill import cli

HEAVY = ("torch", "sklearn", "scipy", "jinja2", "black", "hypothesis", "sympy", "pandas", "numpy")
FILES = {"solver.py", "test_solver.py", "certificate.json", "network.npz", "report.html"}


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run the command in this process: exit status, stdout, stderr."""
    capsys.readouterr()
    try:
        status = cli.main([str(argument) for argument in arguments])
    except SystemExit as leave:
        status = leave.code
    captured = capsys.readouterr()
    return int(status or 0), captured.out, captured.err


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run the command on unusable input: the one sentence that it says."""
    status, out, err = call(capsys, *arguments)
    assert (status, out) == (2, ""), (status, out, err)
    return one_sentence(err)


def one_sentence(err: str) -> str:
    assert "Traceback" not in err
    assert err.startswith("deepdistill: ") and err.endswith("\n")
    assert len(err.splitlines()) == 1, err
    assert 15 < len(err) < 400
    return err


def snapshot(path: Path) -> dict[str, bytes | None]:
    """Every file and folder below a path, hidden ones too."""
    return {
        str(p.relative_to(path)): p.read_bytes() if p.is_file() else None for p in path.rglob("*")
    }


def save(path: Path, x: Any, y: Any, **more: Any) -> Path:
    np.savez(path, x=x, y=y, **more)
    return path


def bits(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, shape)


def distilled(place: Path) -> Path:
    """A finished result: each cell becomes the cell to its left."""
    cells = bits(40, 8)
    data = save(place / "pairs.npz", cells, np.roll(cells, 1, axis=1))
    arguments = ["distill", "--data", str(data), "--axes", "grid(wrap)", "--name", "shift"]
    with pytest.raises(SystemExit) as leave:
        cli.main([*arguments, "--out", str(place / "out"), "--seed", "3"])
    assert leave.value.code == 0
    return place / "out" / "shift"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return distilled(tmp_path_factory.mktemp("made"))


@pytest.fixture
def shift(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(made, tmp_path / "shift"))


# ------------------------------------------------------------------ what works


def python(code: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def loaded_by(code: str) -> set[str]:
    code += "\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    done = python(code)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import deepdistill; deepdistill.__version__; dir(deepdistill)",
        "from deepdistill.cli import main; main(['--help'])",
        "from deepdistill.cli import main; main(['--version'])",
        "from deepdistill.cli import main; main(['distill', '--help'])",
        "from deepdistill.cli import main; main(['verify', '--help'])",
        "from deepdistill.cli import main; main(['explain', '--help'])",
    ],
)
def test_help_and_import_are_cheap(code: str) -> None:
    assert not loaded_by(code) & set(HEAVY)


def test_listing_problems_does_not_load_the_trainer() -> None:
    modules = loaded_by("from deepdistill.cli import main; main(['list'])")
    assert not modules & set(HEAVY) - {"numpy"}


def test_the_installed_command(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("deepdistill")
    run = subprocess.run([command, "--version"], capture_output=True, text=True, cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert deepdistill.__version__ in run.stdout
    run = subprocess.run([command, "distill", "lief"], capture_output=True, text=True, cwd=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert "did you mean life" in one_sentence(run.stderr)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("module", ["deepdistill", "deepdistill.cli"])
def test_the_module_runs_as_a_command(module: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", module, "--version"], capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["distill", "--help"], ["verify", "-h"]])
def test_help(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    status, out, err = call(capsys, *arguments)
    assert (status, err) == (0, "")
    assert "Usage: deepdistill" in out


def test_list_names_the_problems(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = call(capsys, "list")
    assert (status, err) == (0, "")
    names = {line.split()[0] for line in out.splitlines()}
    wanted = {"life", "highlife", "seeds", "day_and_night", "brians_brain", "wireworld"}
    wanted |= {"rule30", "rule90", "rule110", "rule184", "eca_universal", "life_bounded"}
    assert wanted <= names


def test_distill_a_name(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, out, err = call(capsys, "distill", "rule90", "--out", tmp_path / "a" / "b")
    assert (status, err) == (0, "")
    assert "rule90: proved" in out and "return [" in out and "tried radius 0" not in out
    assert set(os.listdir(tmp_path / "a" / "b" / "rule90")) == FILES
    assert os.listdir(tmp_path / "a" / "b") == ["rule90"]
    certificate = json.loads((tmp_path / "a/b/rule90/certificate.json").read_text())
    assert certificate["problem"] == "rule90" and certificate["seed"] == 0
    status, out, err = call(
        capsys, "verify", tmp_path / "a/b/rule90", "--size", 5000, "--examples", 3
    )
    assert (status, err) == (0, "")
    assert out.startswith("rule90: proved") and "5,000" in out


def test_distill_pairs(made: Path) -> None:
    assert set(os.listdir(made)) == FILES
    assert os.listdir(made.parent) == ["shift"]
    certificate = json.loads((made / "certificate.json").read_text())
    assert {"problem", "seed", "versions", "faithful", "scalable", "correct"} <= set(certificate)
    assert (certificate["problem"], certificate["seed"]) == ("shift", 3)
    assert certificate["correct"]["status"] == "evidence"
    for claim in ("faithful", "scalable", "correct"):
        assert {"status", "examples", "sizes", "counterexample"} <= set(certificate[claim])


def test_verify_plays_another_size(capsys: pytest.CaptureFixture[str], made: Path) -> None:
    before = snapshot(made)
    status, out, err = call(capsys, "verify", made, "--size", 300, "--examples", 2)
    assert (status, err) == (0, "")
    assert "300" in out
    assert snapshot(made) == before


def test_a_second_run_replaces_the_first_and_keeps_what_else_is_there(
    capsys: pytest.CaptureFixture[str], shift: Path
) -> None:
    (shift / "notes.txt").write_text("mine")
    (shift / "solver.py").write_text("old")
    status, _, _ = distill_again(capsys, shift)
    assert status == 0
    assert set(os.listdir(shift)) == FILES | {"notes.txt"}
    assert set(os.listdir(shift.parent)) == {"shift", "again.npz"}
    assert "def shift" in (shift / "solver.py").read_text()


def distill_again(
    capsys: pytest.CaptureFixture[str], shift: Path, *more: object
) -> tuple[int, str, str]:
    cells = bits(40, 8)
    data = save(shift.parent / "again.npz", cells, np.roll(cells, 1, axis=1))
    arguments = ["--data", data, "--axes", "grid(wrap)", "--name", "shift", "--out", shift.parent]
    return call(capsys, "distill", *arguments, *more)


# ------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    "arguments, words",
    [
        ([], "command"),
        (["nonsense"], "nonsense"),
        (["distill"], "name a problem"),
        (["distill", "lief"], "did you mean life"),
        (["distill", "rule30", "qqqqq"], "deepdistill list"),
        (["distill", "rule256"], "rule256"),
        (["distill", "life_b9s23"], "life_b9s23"),
        (["distill", "../life"], "there is no built-in problem"),
        (["distill", ""], "there is no built-in problem"),
        (["distill", "rule30", "--axes", "grid"], "--axes goes with --data"),
        (["distill", "rule30", "--data", "pairs.npz"], "not both"),
        (["distill", "rule30", "--examples", "pairs.jsonl"], "not both"),
        (["distill", "--data", "pairs.npz", "--examples", "pairs.jsonl"], "not both"),
        (["distill", "--examples", "missing.jsonl"], "missing.jsonl"),
        (["distill", "--data", "pairs.npz"], "--axes"),
        (["distill", "--data", "missing.npz", "--axes", "grid"], "missing.npz"),
        (["distill", "rule30", "--seed", "x"], "--seed"),
        (["distill", "rule30", "--seed", "-1"], "--seed"),
        (["distill", "rule30", "--max-error", "nan"], "'--max-error': this is not a number"),
        (["distill", "rule30", "--max-error", "-0.1"], "--max-error"),
        (["distill", "rule30", "--max-error", "inf"], "--max-error"),
        (["distill", "rule30", "--time-limit", "nan"], "--time-limit"),
        (["fit", "t.csv", "--target", "y", "--budget", "nan"], "--budget"),
        (["distill", "rule30", "--bogus"], "--bogus"),
        (["verify"], "FOLDER"),
        (["verify", "nowhere"], "certificate.json"),
        (["verify", ".", "--size", "0"], "--size"),
        (["verify", ".", "--examples", "0"], "--examples"),
    ],
)
def test_bad_arguments(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in refused(capsys, *arguments)
    assert not list(tmp_path.iterdir())


LIFE_2X2 = bits(80, 2, 2)
NEIGHBOURS = sum(np.roll(LIFE_2X2, s, (1, 2)) for s in np.ndindex(3, 3) if any(s))
CONTRADICTION = np.concatenate([bits(6, 5), bits(6, 5)[:1]])


@pytest.mark.parametrize(
    "x, y, axes, words",
    [
        (np.zeros((0, 5), int), np.zeros((0, 5), int), "grid", "empty"),
        (np.zeros((5, 0), int), np.zeros((5, 0), int), "grid", "empty"),
        (bits(1, 5), bits(1, 5), "grid", "one sample"),
        (bits(9, 5), bits(9, 5), "grid grid", "2 dimensions"),
        (bits(9, 5, 5), bits(9, 5, 5), "grid", "1 dimensions"),
        (bits(9, 5), bits(9, 5), "ring", "cannot read the axis"),
        (bits(9, 5), bits(9, 5), "", "no axes"),
        (bits(9, 5), bits(9, 5), "fixed", "grid"),
        (bits(9, 5), bits(9, 5), "set grid", "2 dimensions"),
        (bits(9, 5), bits(9, 5), "fixed(5)", "grid"),
        (bits(9, 5), bits(9, 4), "grid", "shape"),
        (bits(9, 5), bits(8, 5), "grid", "shape"),
        (bits(9, 5), bits(9, 2), "set", "shape"),
        (bits(9, 5) + 0.5, bits(9, 5), "grid", "not integers"),
        (bits(9, 5), bits(9, 5) * np.nan, "grid", "NaN"),
        (bits(9, 5), np.full((9, 5), np.inf), "grid", "infinity"),
        (bits(9, 5), np.full((9, 5), 1e300), "grid", "2^31"),
        (np.arange(45).reshape(9, 5) * 1000, bits(9, 5), "grid", "256"),
        (bits(9, 5).astype(complex), bits(9, 5), "grid", "plain numbers"),
        (bits(9, 5).astype(str), bits(9, 5), "grid", "plain numbers"),
        (CONTRADICTION, np.arange(35).reshape(7, 5), "grid", "same input"),
        (LIFE_2X2, (NEIGHBOURS == 3) | (LIFE_2X2 & (NEIGHBOURS == 2)), "grid grid", "2 x 2"),
    ],
)
def test_bad_pairs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, x: Any, y: Any, axes: str, words: str
) -> None:
    data = save(tmp_path / "pairs.npz", x, y)
    said = refused(capsys, "distill", "--data", data, "--axes", axes, "--out", tmp_path / "out")
    assert words in said
    assert os.listdir(tmp_path) == ["pairs.npz"]


class Trap:
    """Unpickling it creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (open, (str(self.path), "w"))


def test_objects_are_never_unpickled(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    evil = tmp_path / "evil"
    objects = np.empty((4, 5), dtype=object)
    objects[:] = Trap(evil)
    data = save(tmp_path / "pairs.npz", objects, bits(4, 5))
    assert "plain numbers" in refused(capsys, "distill", "--data", data, "--axes", "grid")
    data.write_bytes(pickle.dumps(Trap(evil)))
    assert "not an .npz file" in refused(capsys, "distill", "--data", data, "--axes", "grid")
    assert not evil.exists()


def archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as written:
        for name, content in members.items():
            written.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"x,y\n1,2\n", b"PK\x03\x04", archive(), archive(x__npy=b"junk", y__npy=b"")]
)
def test_files_that_hold_no_pairs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes
) -> None:
    data = tmp_path / "pairs.npz"
    data.write_bytes(content)
    refused(capsys, "distill", "--data", data, "--axes", "grid", "--out", tmp_path / "out")
    refused(capsys, "distill", "--data", tmp_path, "--axes", "grid", "--out", tmp_path / "out")
    assert os.listdir(tmp_path) == ["pairs.npz"]


def test_pairs_without_x_or_y(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    np.savez(tmp_path / "pairs.npz", x=bits(9, 5), z=bits(9, 5))
    said = refused(capsys, "distill", "--data", tmp_path / "pairs.npz", "--axes", "grid")
    assert "no array 'y'" in said


def test_names_become_plain_folders(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = save(tmp_path / "pairs.npz", bits(9, 5), bits(9, 5))
    name = "../../Über; import os"
    arguments = ["--data", data, "--axes", "grid", "--name", name, "--out", tmp_path / "out"]
    status, _, _ = call(capsys, "distill", *arguments)
    assert status == 0
    assert os.listdir(tmp_path / "out") == ["über_import_os"]
