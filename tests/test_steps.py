"""Steps of numbers: rules whose ends are numbers, from the learner to the file and the command."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.tree import DecisionTreeRegressor
from test_cli import call

from deepdistill.data.files import read_arrays
from deepdistill.data.measured import MeasuredTable
from deepdistill.data.problem import InputError
from deepdistill.data.row_columns import TableColumn
from deepdistill.data.running import INTERRUPT, CutOff, Run
from deepdistill.forms.steps.file import steps_bytes, steps_network
from deepdistill.forms.steps.table import StepTask, learned_steps, taken_steps
from deepdistill.recheck import load, verify_folder
from deepdistill.result import Result
from deepdistill.run import carry_out

RNG = np.random.default_rng(3)


def prices(x: Any) -> Any:
    """5 where the first is small, else 2, or 9 where the second is large."""
    return np.where(x[:, 0] < 3, 5.0, np.where(x[:, 1] >= 6, 9.0, 2.0))


def table(x: Any, y: Any, levels: dict[int, tuple[str, ...]] | None = None) -> MeasuredTable:
    columns = tuple(
        TableColumn(f"c{k}", column, (levels or {}).get(k, ())) for k, column in enumerate(x.T)
    )
    return MeasuredTable(columns, "price", np.asarray(y, dtype=float), np.ones(len(y)))


def planted(noise: float = 0.4, rows: int = 300) -> MeasuredTable:
    x = RNG.uniform(0, 10, (rows, 4))
    return table(x, prices(x) + RNG.normal(0, noise, rows))


@pytest.fixture(scope="module")
def found() -> Result:
    return carry_out(StepTask("price", planted()), Run())


def test_planted_steps_are_found_proved_and_judged(found: Result) -> None:
    assert "def price(c0, c1):" in found.text and found.text.count("return ") == 3
    certificate = found.certificate
    assert certificate.faithful.status == "proved" and certificate.correct.status == "evidence"
    evidence = certificate.correct.evidence
    assert evidence is not None and evidence.seen == 75 and evidence.wrong <= 3
    assert evidence.tolerance == pytest.approx(1.2, abs=0.3)
    assert evidence.support["skill"] > 0.95 and len(evidence.support["steps"]) == 3
    assert found.solve(1.0, 9.0) == pytest.approx(5, abs=0.2)
    assert found.solve(c0=7, c1=9.5) == pytest.approx(9, abs=0.2)
    assert "nine in ten of" in found.code and "held out do" in found.code
    told = str(found.explain(7.0, 9.5))
    assert "c1 >= 6" in told or "c1 < 6" in told
    assert "support" in told


def test_steps_without_noise_are_exact() -> None:
    x = RNG.integers(0, 10, (200, 3)).astype(float)
    found = carry_out(StepTask("price", table(x, prices(x))), Run())
    assert [found.solve(*row) for row in ((1, 9), (7, 9), (7, 1))] == [5.0, 9.0, 2.0]
    assert found.certificate.correct.evidence.wrong == 0


def test_text_and_missing_values_are_learned() -> None:
    x = np.column_stack([RNG.integers(0, 3, 240).astype(float), RNG.uniform(0, 1, 240)])
    y = np.where(x[:, 0] == 1, 4.0, 1.0) + np.where(RNG.random(240) < 0.3, 3.0, 0.0)
    x[y - np.where(x[:, 0] == 1, 4.0, 1.0) > 0, 1] = np.nan
    found = carry_out(StepTask("price", table(x, y, {0: ("blue", "green", "red")})), Run())
    assert [found.solve("green", None), found.solve("red", math.nan)] == [7.0, 4.0]
    assert [found.solve("green", 0.2), found.solve("blue", 0.9)] == [4.0, 1.0]
    assert found.certificate.faithful.status == "proved"


def score(answers: Any, y: Any, middle: float) -> float:
    return float(1 - ((y - answers) ** 2).sum() / ((y - middle) ** 2).sum())


def tables() -> list[tuple[str, Any, Any]]:
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 10, (600, 5))
    smooth = np.sin(x[:, 0]) * 3 + x[:, 1] + rng.normal(0, 0.5, 600)
    counts = np.floor(x[:, 2] / 3) * 4 + (x[:, 3] > 5) * 7 + rng.normal(0, 2, 600)
    diabetes = load_diabetes()
    return [
        ("diabetes", diabetes.data, diabetes.target),
        ("smooth", x, smooth),
        ("counts", x, counts),
    ]


@pytest.mark.parametrize(
    "name, x, y", tables(), ids=lambda one: one if isinstance(one, str) else ""
)
def test_steps_are_as_good_as_a_tree_of_that_depth(name: str, x: Any, y: Any) -> None:
    order = np.random.default_rng(0).permutation(len(y))
    seen, held = order[: 3 * len(y) // 4], order[3 * len(y) // 4 :]
    task = StepTask("t", table(x[seen], y[seen]), most_conditions=3, held_out=0.0)
    network = learned_steps(task, Run()).network
    read = [int(scalar.title[1:]) for scalar in network.inputs]
    answers = np.array(network.output.levels)[network.run(x[held][:, read])]
    tree = DecisionTreeRegressor(max_depth=3, random_state=0).fit(x[seen], y[seen])
    middle = float(y[seen].mean())
    ours = score(answers, y[held], middle)
    assert ours > score(tree.predict(x[held]), y[held], middle) - 0.03 and ours > 0.15
    assert len(network.output.levels) <= 8


def test_numbers_may_only_grow_with_a_column_that_is_bound() -> None:
    x = RNG.uniform(0, 10, (300, 2))
    y = np.where(x[:, 0] < 3, 1.0, np.where(x[:, 0] < 6, 5.0, 4.0)) + RNG.normal(0, 0.3, 300)
    free = learned_steps(StepTask("t", table(x, y)), Run()).network
    bound = learned_steps(StepTask("t", table(x, y), monotone=(1, 0)), Run()).network
    line = np.linspace(0, 10, 200)[:, None]
    answers = [
        np.array(one.output.levels)[one.run(np.repeat(line, len(one.inputs), axis=1))]
        for one in (free, bound)
    ]
    assert (np.diff(answers[0]) < 0).any() and not (np.diff(answers[1]) < 0).any()
    assert answers[1][0] < 1.5 and answers[1][-1] > 4


def test_smaller_steps_can_be_taken() -> None:
    task = StepTask("price", planted())
    trained = learned_steps(task, Run())
    sizes = [size for size, _ in trained.front]
    assert sizes == sorted(sizes) and trained.details.place > 1
    small = taken_steps(task, trained, Run(), 1).network
    assert len(small.output.levels) == 2
    limited = learned_steps(StepTask("price", task.table, complexity=sizes[1]), Run())
    assert limited.network.model == small.model
    result = carry_out(task, Run())
    assert result.choose(sizes[1]).network.model == small.model
    assert [row["complexity"] for row in result.table()] == sizes


@pytest.mark.parametrize("size", [1e300, 1e9, 1e-300])
def test_the_scale_of_numbers_does_not_matter(size: float) -> None:
    x = RNG.uniform(0, 10, (200, 2))
    scale = min(max(size, 1e-150), 1e150)
    network = learned_steps(StepTask("t", table(x * scale, prices(x) * size)), Run()).network
    assert np.allclose(np.array(network.output.levels) / size, [2, 5, 9])


def test_what_tells_nothing_fails() -> None:
    x = RNG.uniform(0, 10, (120, 3))
    claim = carry_out(StepTask("t", table(x, RNG.normal(size=120))), Run()).certificate.correct
    assert claim.status == "failed" and "mean" in claim.note


# ------------------------------------------------------------------ files


def test_steps_come_back_from_their_file(found: Result, tmp_path: Path) -> None:
    folder = found.save(tmp_path)
    assert load(folder).files() == found.files() and verify_folder(folder).ok
    data = steps_bytes(found.network)
    arrays = read_arrays(data, "it", 2**20)
    spec = json.loads(arrays.pop("network.json").tobytes())
    assert steps_bytes(steps_network(spec, {})) == data
    for change, words in (
        ({"output": [*spec["output"][:4], sorted(spec["output"][4])[::-1], False]}, "do not grow"),
        ({"output": [*spec["output"][:4], ["a", "b", "c"], False]}, "holds no steps"),
        ({"supports": spec["supports"][:1]}, "another number of supports"),
        ({"rows": [1, 2, *spec["rows"][2:]]}, "counts of rows"),
        ({"model": [[], [["leaf", 9]], []]}, "a label that is not there"),
    ):
        with pytest.raises(InputError, match=words):
            steps_network({**spec, **change}, {})


def written(
    path: Path, rows: Sequence[Sequence[Any]], head: Sequence[str], mark: str = ","
) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=mark).writerows([head, *rows])
    return path


def rents(count: int = 160) -> list[list[Any]]:
    rooms = RNG.integers(1, 6, count)
    part = RNG.choice(["north", "south"], count)
    rent = 300.5 + 200 * (rooms >= 3) + 150 * (part == "south") + RNG.normal(0, 20, count).round(1)
    return [[int(a), str(b), float(c)] for a, b, c in zip(rooms, part, rent, strict=True)]


def test_the_command_gives_steps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "rents.csv", rents(), ("rooms", "part", "rent"))
    options = ("--form", "rules", "--out", tmp_path / "out")
    status, out, _ = call(capsys, "fit", path, "--target", "rent", *options)
    assert status == 0 and "so these rules are steps" in out and "faithful  proved" in out
    folder = tmp_path / "out" / "rents"
    done = subprocess.run(
        [sys.executable, str(folder / "solver.py"), str(path)], capture_output=True, text=True
    )
    answers = done.stdout.split()
    assert answers[0] == "rent" and len(answers) == 161 and done.stderr == ""
    assert all(
        abs(float(one) - row[2]) < 80 for one, row in zip(answers[1:], rents(0), strict=False)
    )
    assert call(capsys, "report", folder)[0] == 0
    assert "What stands behind each step" in (folder / "report.html").read_text()
    (tmp_path / "row.json").write_text('{"rooms": 4, "part": "south"}')
    status, out, _ = call(capsys, "explain", folder, "--input", tmp_path / "row.json")
    assert status == 0 and "rent = " in out and "support" in out


def test_steps_are_written_with_the_mark_of_their_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [[a, b, f"{c:.1f}".replace(".", ",")] for a, b, c in rents()]
    path = written(tmp_path / "rents.csv", rows, ("rooms", "part", "rent"), ";")
    options = ("--form", "rules", "--out", tmp_path / "out", "-q")
    assert call(capsys, "fit", path, "--target", "rent", *options)[0] == 0
    solver = str(tmp_path / "out" / "rents" / "solver.py")
    done = subprocess.run([sys.executable, solver, str(path)], capture_output=True, text=True)
    assert done.stderr == "" and all("," in one for one in done.stdout.split()[1:])


@pytest.mark.parametrize(
    "rows, options, words",
    [
        ([[k, 2.5] for k in range(30)], [], "steps tell numbers apart"),
        ([[k, k / 7] for k in range(30)], ["--class-weight", "balanced"], "is for classes"),
        ([[k, k / 7] for k in range(30)], ["--ordered", "1,2"], "this is a number"),
        ([[k, ""] for k in range(30)], [], "no value in the column 'y'"),
    ],
)
def test_numbers_of_which_no_step_can_be_learned(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    rows: Any,
    options: list[str],
    words: str,
) -> None:
    path = written(tmp_path / "t.csv", rows, ("x", "y"))
    status, _, err = call(capsys, "fit", path, "--target", "y", "--form", "rules", *options)
    assert status == 2 and words in err and len(err.splitlines()) == 1


def test_a_column_that_is_the_target_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [[k % 7, 2 * y + 1, y] for k, y in enumerate(RNG.normal(size=40).round(3).tolist())]
    path = written(tmp_path / "t.csv", rows, ("x", "double", "y"))
    options = ("--form", "rules", "--out", tmp_path / "out")
    _, out, _ = call(capsys, "fit", path, "--target", "y", *options)
    assert "the column 'double' is the target itself" in out


@pytest.mark.parametrize("stop", [CutOff("the end"), KeyboardInterrupt()])
def test_steps_that_are_cut_off_answer_with_the_folds_judged(stop: BaseException) -> None:
    lines: list[str] = []

    def told(stage: str, text: str) -> None:
        lines.append(text)
        if "fold 2 of 10 judged" in text:
            raise stop

    run = Run(progress=told)
    trained = learned_steps(StepTask("price", planted(rows=80)), run)
    assert run.cut_off == (str(stop) or INTERRUPT) and len(trained.front) > 1
    assert "best so far: 0." in lines[-1] and "of the squared error" in lines[-1]


def test_large_steps_are_answered_from_a_first_look() -> None:
    x = RNG.uniform(0, 10, (3000, 4))

    def told(stage: str, text: str) -> None:
        if "proposed by all rows; best so far" in text:
            raise KeyboardInterrupt

    run = Run(progress=told)
    trained = learned_steps(StepTask("price", table(x, prices(x))), run)
    assert run.cut_off == INTERRUPT and trained.details.front[-1].loss < 0.1
