"""Several processes that write to one folder, killed and interrupted ones among them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_cli import snapshot

from deepdistill.data import folders as folder
from deepdistill.data.problem import InputError

WRITER = """
import signal
import sys
from pathlib import Path
from deepdistill.data.folders import write_folder
signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs inherit none
target, first, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
for k in range(first, first + count):
    write_folder(target, {f"file_{j}": str(k).encode() * 2000 for j in range(6)})
"""


def writer(target: Path, first: int, count: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(target), str(first), str(count)],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def whole(target: Path) -> str:
    """All files are those of one run: the text that each of them holds."""
    texts = {path.name: path.read_text() for path in target.iterdir() if path.name != "mine"}
    assert set(texts) == {f"file_{j}" for j in range(6)}
    assert len(set(texts.values())) == 1
    return next(iter(texts.values()))


@pytest.mark.parametrize("exchange", [True, False])
def test_writers_at_once_leave_one_whole_result(
    tmp_path: Path, exchange: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "result"
    if not exchange:  # as on systems that cannot exchange two folders
        monkeypatch.setattr(
            sys.modules[__name__],
            "WRITER",
            "import deepdistill.data.folders as f\nf._exchange = lambda *_: False\n" + WRITER,
        )
    processes = [writer(target, 1000 * k, 25) for k in range(1, 4)]
    for process in processes:
        assert process.communicate(timeout=60)[1] == ""
        assert process.returncode == 0
    assert whole(target) in {str(1000 * k + 24) * 2000 for k in range(1, 4)}
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_result_is_whole_at_any_moment_that_its_writer_ends(
    tmp_path: Path, number: signal.Signals
) -> None:
    """The folder is there from the first time on, and never a mixture; the remains are removed."""
    target = tmp_path / "result"
    folder.write_folder(target, {f"file_{j}": b"0" for j in range(6)})
    (target / "mine").write_text("stays")
    waits = random.Random(5)
    for k in range(1, 7):
        process = writer(target, 100_000 * k, 99_999)
        end = time.monotonic() + waits.random() / 10
        while time.monotonic() < end:
            assert {path.name for path in tmp_path.iterdir() if path.name == "result"}
        os.kill(process.pid, number)
        try:
            process.communicate(timeout=60)
        finally:
            process.kill()
        assert process.returncode != 0
        whole(target)
        assert (target / "mine").read_text() == "stays"
    folder.write_folder(target, {f"file_{j}": b"1" for j in range(6)})
    assert whole(target) == "1"
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def test_links_are_replaced_or_kept_never_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "x").write_text("theirs")
    (tmp_path / "result").symlink_to(elsewhere)
    folder.write_folder(tmp_path / "result", {"x": b"ours"})
    assert not (tmp_path / "result").is_symlink()
    assert (tmp_path / "result" / "x").read_text() == "ours"
    (tmp_path / "result" / "to").symlink_to("/proc/self")
    (tmp_path / "result" / "none").symlink_to(tmp_path / "none")
    folder.write_folder(tmp_path / "result", {"x": b"again"})
    assert (tmp_path / "result" / "to").readlink() == Path("/proc/self")
    assert (tmp_path / "result" / "none").is_symlink()
    assert snapshot(elsewhere) == {"x": b"theirs"}
    assert {path.name for path in tmp_path.iterdir()} == {"result", "elsewhere"}


@pytest.mark.parametrize("name", ["..", "x" * 200, "a\0b", "a\nb", "\ud800", "\udcff"])
def test_folders_with_odd_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot write to") as caught:
        folder.write_folder(tmp_path / name, {"x": b""})
    assert str(caught.value).isprintable()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "\ud800", "loop/x", "file/x"])
def test_unusable_folders_are_refused_before_the_work(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write to"):
        folder.refuse_unwritable(tmp_path / name / "deeper")
