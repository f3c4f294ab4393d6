"""With too little memory a command says so in one sentence, and never ends in a traceback."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import z3
from gallery import OUTPUTS

from deepdistill.cli import cli, main
from deepdistill.command import memory
from deepdistill.command.memory import (
    LEARNING,
    MIB,
    NEEDED,
    NUMBERS,
    out_of_memory,
    refuse_little_memory,
)
from deepdistill.data.problem import InputError
from deepdistill.verify.equivalence import answer
from deepdistill.verify.proof import attempted

resource = pytest.importorskip("resource")
RULE90 = str(OUTPUTS / "rule90")


def ran(limit: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process that may have so many MiB, as under ``ulimit -v``."""
    return subprocess.run(
        [sys.executable, "-m", "deepdistill.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit * MIB, limit * MIB)),
    )


@pytest.mark.parametrize("limit", [64, 100, 150, 200, 300, 399])
@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("verify", RULE90),
        ("distill", "rule90", "--out", "{out}"),
        ("fit", "{out}/table.csv", "--target", "y", "--out", "{out}"),
        ("explain", RULE90, "--input", "{out}/input.json"),
        ("report", "{out}/rule90"),
    ],
)
def test_below_the_need_there_is_one_sentence(
    tmp_path: Path, limit: int, arguments: tuple[str, ...]
) -> None:
    if limit not in (100, 200) and arguments[0] not in ("list", "verify"):
        return  # the same line of code refuses them
    done = ran(limit, *(part.format(out=tmp_path) for part in arguments))
    assert done.returncode == 2 and done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    needed = f"{NEEDED.get(arguments[0], NUMBERS):,} MiB"
    assert sentence.startswith("deepdistill: this process is limited to ")
    if memory.threads() <= 2:
        assert needed in sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("limit", [500, 1024, LEARNING - 1])
@pytest.mark.parametrize("arguments", [("list",), ("verify", RULE90), ("distill", "rule90")])
def test_in_between_it_is_a_sentence_or_a_result(
    tmp_path: Path, limit: int, arguments: tuple[str, ...]
) -> None:
    more = ("--out", str(tmp_path)) if arguments[0] == "distill" else ()
    done = ran(limit, *arguments, *more)
    assert done.returncode in (0, 2), done.stderr
    assert len(done.stderr.splitlines()) == done.returncode // 2
    if memory.threads() <= 2:
        assert done.returncode == (0 if limit >= NEEDED.get(arguments[0], NUMBERS) else 2)


def test_help_needs_nothing() -> None:
    for arguments in (("--help",), ("--version",), ("distill", "--help")):
        assert ran(64, *arguments).returncode == 0


def test_every_command_has_a_need() -> None:
    assert set(NEEDED) <= set(cli.commands)
    assert all(type(command).__name__ == "MeasuredCommand" for command in cli.commands.values())


def test_a_process_without_a_limit_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (resource.RLIM_INFINITY,) * 2)
    refuse_little_memory("distill")
    monkeypatch.setattr(resource, "getrlimit", lambda which: (LEARNING * MIB, -1))
    monkeypatch.setattr(memory, "threads", lambda: 2)
    refuse_little_memory("distill")
    monkeypatch.setattr(resource, "getrlimit", lambda which: (LEARNING * MIB - 1, -1))
    with pytest.raises(InputError, match=r"distill needs 1,500 MiB: allow more \(ulimit -v\)$"):
        refuse_little_memory("distill")
    monkeypatch.setattr(memory, "threads", lambda: 16)
    with pytest.raises(InputError, match=r"needs 2,900 MiB.*OMP_NUM_THREADS=1"):
        refuse_little_memory("distill")


def test_threads_are_those_that_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.os, "sched_getaffinity", lambda pid: set(range(16)), raising=False)
    for asked, count in (("", 16), ("1", 1), ("64", 16), ("0", 16), ("x", 16)):
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
        assert memory.threads() == count


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        ImportError("libtorch_cpu.so: failed to map segment from shared object"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"),
        RuntimeError("can't start new thread"),
    ],
)
def test_errors_that_speak_of_memory_become_a_sentence(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*given: Any) -> None:
        raise error

    assert out_of_memory(error)
    monkeypatch.setattr("deepdistill.recheck.check_again", fails)
    with pytest.raises(SystemExit) as stopped:
        main(["verify", RULE90])
    told = capsys.readouterr()
    assert stopped.value.code == 2 and not told.out
    assert told.err == "deepdistill: not enough memory for this input, give a smaller one\n"


@pytest.mark.parametrize("error", [RuntimeError("a defect"), ImportError("no module"), OSError()])
def test_defects_stay_defects(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*given: Any) -> None:
        raise error

    assert not out_of_memory(error)
    monkeypatch.setattr("deepdistill.recheck.check_again", fails)
    with pytest.raises(type(error)):
        main(["verify", RULE90])


def test_memory_is_no_answer_of_what_is_judged() -> None:
    def hungry(*given: Any) -> Any:
        raise MemoryError

    with pytest.raises(MemoryError):
        answer(hungry, SimpleNamespace())

    def without(*given: Any) -> Any:
        raise z3.Z3Exception(b"out of memory")

    with pytest.raises(MemoryError):
        attempted(without)
