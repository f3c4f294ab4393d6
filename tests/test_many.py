"""Many problems at once: in one process, in several, on a cluster; lost workers and reruns."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from test_cli import FILES, LIFE_2X2, NEIGHBOURS, bits, call, snapshot

import deepdistill as dd
from deepdistill import many
from deepdistill.data import parallel
from deepdistill.data.running import Run

RULES = ("rule204", "rule170")


def shifted(name: str = "shift", seed: int = 0) -> dd.Problem:
    cells = bits(40, 8, seed=seed)
    return dd.Problem.from_arrays(cells, np.roll(cells, 1, axis=1), "grid(wrap)", name)


def dying(marker: Path | None) -> Callable[[Any], Any]:
    """An oracle that kills its process: once where there is a marker file, else always."""

    def oracle(cells: Any) -> Any:
        if marker is None or not marker.exists():
            if marker is not None:
                marker.touch()
            os._exit(1)
        return cells

    return oracle


def killer(name: str, marker: Path | None) -> dd.Problem:
    plain = shifted()
    return dd.Problem(
        name,
        plain.inputs,
        plain.output,
        training_shapes=((8,),),
        check_shapes=((20,),),
        training_count=40,
        oracle=dying(marker),
    )


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process writes, problem after problem."""
    out = tmp_path_factory.mktemp("alone")
    for task in (*RULES, shifted()):
        dd.distill(task).save(out)
    return out


def certificates(out: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in out.glob("*/certificate.json")}


# ------------------------------------------------------------------ one process


def test_results_come_in_the_order_given_and_lie_in_the_folder(alone: Path, tmp_path: Path) -> None:
    said: list[tuple[str, str]] = []
    results = dd.distill_many(
        [*RULES, shifted()], 1, tmp_path, progress=lambda name, text: said.append((name, text))
    )
    assert [result.name for result in results] == [*RULES, "shift"]
    assert all(isinstance(result, dd.Result) and result.certificate.ok for result in results)
    written = snapshot(tmp_path)
    kept = written.pop("shift/task.json")
    assert written == snapshot(alone)
    sealed = json.loads(kept or b"")
    assert sealed["task"] == many.task_digest(shifted(), 0)
    assert ("rule204", "proved") in said and ("rule204", "train") in said


def test_an_unusable_input_does_not_stop_the_others(tmp_path: Path) -> None:
    life = (NEIGHBOURS == 3) | (LIFE_2X2 & (NEIGHBOURS == 2))
    wrong = dd.Problem.from_arrays(LIFE_2X2, life, "grid grid", "tiny")
    found = dd.distill_many(["no_such_rule", wrong, "rule204"], 1, tmp_path)
    assert isinstance(found[0], dd.NoResult) and found[0].why == "failed"
    assert "no built-in problem" in found[0].reason
    assert isinstance(found[1], dd.NoResult) and "no neighbourhood" in found[1].reason
    assert isinstance(found[2], dd.Result)
    assert os.listdir(tmp_path) == ["rule204"]


def test_two_problems_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(dd.InputError, match="two problems of the name"):
        dd.distill_many(["rule204", shifted("rule204")], 1, tmp_path)
    with pytest.raises(dd.InputError, match="number of jobs is 0"):
        dd.distill_many(["rule204"], 0, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_defect_is_told_with_its_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(task: Any, run: Run) -> Any:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(many, "carry_out", broken)
    with pytest.raises(RuntimeError, match=r"(?s)'rule204'.*ZeroDivisionError: a defect"):
        dd.distill_many(["rule204"], 1, tmp_path)


def test_a_limit_that_is_over_is_told(tmp_path: Path) -> None:
    (found,) = dd.distill_many([shifted()], 1, tmp_path, time_limit=1e-9)
    assert isinstance(found, dd.NoResult) and found.why == "cut off"
    assert not list(tmp_path.iterdir())


# ------------------------------------------------------------------ reruns


def test_a_rerun_does_what_is_not_done(
    monkeypatch: pytest.MonkeyPatch, alone: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(alone, out)
    done: list[str] = []
    original = many.carry_out

    def counted(task: Any, run: Run) -> Any:
        done.append(task.name)
        return original(task, run)

    monkeypatch.setattr(many, "carry_out", counted)
    tasks = [*RULES, shifted()]
    found = dd.distill_many(tasks, 1, out)
    # of the user's own problem nothing says that it is that one: `save` keeps no digest
    assert done == ["shift"] and [many._in_words(one).split(":")[0] for one in found] == [
        *("skipped", "skipped", "evidence"),
    ]
    before = snapshot(out)
    found = dd.distill_many(tasks, 1, out)
    assert done == ["shift"] and all(isinstance(one, dd.NoResult) for one in found)
    assert snapshot(out) == before
    (out / "rule170" / "solver.py").write_text("def rule170(cells): return cells\n")
    dd.distill_many([*RULES, shifted(seed=1)], 1, out)  # changed, and another problem's examples
    assert done == ["shift", "rule170", "shift"]
    assert {k: v for k, v in snapshot(out).items() if "shift" not in k} == {
        k: v for k, v in before.items() if "shift" not in k
    }


@pytest.mark.parametrize("change", ["seed", "version", "failed", "cut off", "user's", "damaged"])
def test_what_is_not_the_same_is_done_again(alone: Path, tmp_path: Path, change: str) -> None:
    folder = tmp_path / "rule204"
    shutil.copytree(alone / "rule204", folder)
    assert many._is_done(folder, "rule204", "rule204", 0)
    path = folder / "certificate.json"
    described = json.loads(path.read_text())
    match change:
        case "seed":
            described["seed"] = 1
        case "version":
            described["versions"]["deepdistill"] = "0.0.1"
        case "failed":
            described["correct"]["status"] = "failed"
        case "cut off":
            described["cut_off"] = "the time limit of 3 s"
        case "user's":
            sealed = {"task": "0" * 64, "certificate": many._digest(path.read_bytes())}
            (folder / "task.json").write_text(json.dumps(sealed))
        case "damaged":
            (folder / "network.npz").write_bytes(b"")
    if change not in ("user's", "damaged"):
        path.write_text(json.dumps(described))
    assert not many._is_done(folder, "rule204", "rule204", 0)


def test_what_tells_problems_apart() -> None:
    digests = [
        many.task_digest(shifted(), 0),
        many.task_digest(shifted("other"), 0),
        many.task_digest(shifted(seed=1), 0),
    ]
    assert len(set(digests)) == 3 and many.task_digest(shifted(), 0) == digests[0]


# ------------------------------------------------------------------ workers


def test_workers_give_what_one_process_gives(alone: Path, tmp_path: Path) -> None:
    results = dd.distill_many([*RULES, shifted()], 2, tmp_path)
    assert [result.name for result in results] == [*RULES, "shift"]
    assert certificates(tmp_path) == certificates(alone)
    assert isinstance(results[2], dd.Result) and results[2].problem.name == "shift"
    assert results[2].solve([1, 0, 0]) == [0, 1, 0]


def test_what_a_dead_worker_had_is_tried_again(tmp_path: Path) -> None:
    """One kills its worker once, one whenever it is tried; the others are done all the same."""
    marker = tmp_path / "once"
    tasks = ["rule204", killer("once_dead", marker), killer("deadly", None)]
    found = dd.distill_many(tasks, 2, tmp_path / "out")
    assert marker.exists()
    assert isinstance(found[0], dd.Result) and isinstance(found[1], dd.Result)
    assert found[1].certificate.ok
    assert isinstance(found[2], dd.NoResult) and found[2].why == "failed"
    assert "no worker could finish it, tried 3 times: TerminatedWorkerError" in found[2].reason
    assert sorted(os.listdir(tmp_path / "out")) == ["once_dead", "rule204"]


def test_a_backend_that_cannot_stream_serves_too() -> None:
    with joblib.parallel_config(backend="multiprocessing"):
        assert sorted(parallel.unordered(pow, [(k, 2) for k in range(5)], 2)) == [
            (k, k * k) for k in range(5)
        ]


def test_what_has_arrived_can_end_it() -> None:
    """Whoever has had enough raises, and the workers stop."""
    seen: list[int] = []

    def arrived(value: int) -> None:
        seen.append(value)
        if len(seen) == 2:
            raise dd.CutOff("enough")

    for jobs in (1, 2):
        seen.clear()
        with pytest.raises(dd.CutOff, match="enough"):
            parallel.mapped(pow, [(k, 2) for k in range(6)], jobs, arrived)
        assert seen == [0, 1]


# ------------------------------------------------------------------ a cluster


def test_a_cluster_is_used_unchanged(alone: Path, tmp_path: Path) -> None:
    """Two workers in processes of their own, in a folder of their own."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            local_directory=str(tmp_path / "workers"),
        ) as cluster,
        distributed.Client(cluster) as client,
        joblib.parallel_config(backend="dask"),
    ):
        assert parallel.workers(-1) == 2
        results = dd.distill_many([*RULES, shifted()], out=tmp_path / "out")
        modules = client.run(lambda: list(sys.modules))  # by value: a worker need not know tests
    worked = [worker for worker, some in modules.items() if "deepdistill.forms.grid.train" in some]
    assert [result.name for result in results] == [*RULES, "shift"]
    assert certificates(tmp_path / "out") == certificates(alone)
    assert worked, "this process did it all"


# ------------------------------------------------------------------ the command


def test_several_names_are_told_and_done_once(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, out, err = call(capsys, "distill", *RULES, "--jobs", 2, "--out", tmp_path)
    assert (status, err) == (0, "")
    assert all(f"{name}: proved" in out for name in RULES)
    assert all(set(os.listdir(tmp_path / name)) == FILES for name in RULES)
    before = snapshot(tmp_path)
    status, out, err = call(capsys, "distill", *RULES, "--jobs", 2, "--out", tmp_path)
    assert (status, err) == (0, "")
    assert out == "".join(f"{name}: done before, nothing to do\n" for name in RULES)
    assert snapshot(tmp_path) == before


def test_a_name_that_is_mistyped_is_told_before_any_work(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, out, err = call(capsys, "distill", "rule204", "no_such", "--out", tmp_path)
    assert (status, out) == (2, "") and "no built-in problem" in err
    assert not list(tmp_path.iterdir())
    status, out, err = call(capsys, "distill", "rule204", "rule170", "--jobs", 0)
    assert (status, out) == (2, "") and "number of jobs is 0" in err


def test_the_workers_of_a_fit_change_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rng = np.random.default_rng(5)
    a = rng.uniform(0.5, 3, 40)
    y = np.sin(a * np.sqrt(a)) + 0.2 * rng.standard_normal(40)
    lines = ["a,y", *(f"{one},{other}" for one, other in zip(a.tolist(), y.tolist(), strict=True))]
    (tmp_path / "table.csv").write_text("\n".join(lines) + "\n")
    shared: list[int | None] = []
    original = parallel._done

    def counted(calls: Any, n_jobs: int | None, order: str) -> Any:
        shared.append(n_jobs)
        return original(calls, n_jobs, order)

    monkeypatch.setattr(parallel, "_done", counted)
    command = ("fit", tmp_path / "table.csv", "--target", "y", "--engine", "sparse")
    for jobs in (1, 2):
        out = ("--budget", 0.5, "--jobs", jobs, "--out", tmp_path / f"out{jobs}")
        status, _, err = call(capsys, *command, *out)
        assert (status, err) == (0, "")
        assert set(shared) == ({2} if jobs == 2 else set())
    assert snapshot(tmp_path / "out1") == snapshot(tmp_path / "out2")
