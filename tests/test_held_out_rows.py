"""Rows that are held out together, solvers that refuse what lies outside, and no data in files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_cli import call, refused

import deepdistill as dd
from deepdistill.data.tables import NumberTable, read_table
from deepdistill.forms.formula.table import _HELD, _split
from deepdistill.run import fit_table

ROWS = 40


def days(place: Path) -> Path:
    """Ten days of four rows each: y = 3 a + 1."""
    a = np.random.default_rng(0).integers(1, 90, ROWS)
    lines = [f"{k // 4},2024-01-{k // 4 + 1:02d},{v},{3 * v + 1}" for k, v in enumerate(a.tolist())]
    place.mkdir(exist_ok=True)
    path = place / "days.csv"
    path.write_text("\n".join(["patient,day,a,y", *lines]) + "\n")
    return path


def test_rows_of_one_group_are_held_out_together(tmp_path: Path) -> None:
    table = read_table(days(tmp_path), "y", drop=["day"], groups="patient")
    assert table.titles == ("a",) and table.groups is not None
    held, fitted = _split(ROWS, 0, _HELD, table)
    assert len(held) >= ROWS / 4
    assert not {*table.groups[held]} & {*table.groups[fitted]}


def test_the_latest_rows_are_held_out(tmp_path: Path) -> None:
    table = read_table(days(tmp_path), "y", drop=["patient"], time_column="day")
    assert table.titles == ("a",) and table.order is not None
    held, fitted = _split(ROWS, 0, _HELD, table)
    assert table.order[held].min() > table.order[fitted].max() and len(held) == 12


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        ({"groups": "nobody"}, "no column 'nobody'"),
        ({"time_column": "name"}, "line 2"),
    ],
)
def test_columns_that_cannot_tell_are_refused(
    tmp_path: Path, options: dict[str, str], cause: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("name,a,y\n" + "\n".join(f"n{k % 3},{k},{2 * k}" for k in range(12)))
    with pytest.raises(dd.InputError, match=cause):
        read_table(path, "y", **options)


@pytest.mark.parametrize("times", [[5] * 20, [1] + [5] * 19])
def test_one_time_for_nearly_all_rows_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], times: list[int]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("t,a,y\n" + "\n".join(f"{t},{k},{2 * k}" for k, t in enumerate(times)))
    said = refused(capsys, "fit", path, "--target", "y", "--time-column", "t", "--out", tmp_path)
    assert "belong together" in said and f"{20 - times.count(5)} are left" in said


def test_the_command_fits_strictly_and_without_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = days(tmp_path)
    status, out, err = call(
        capsys, "fit", path, "--target", "y", "--groups", "patient", "--drop", "day", "--strict",
        "--no-data", "--budget", 0.1, "--json", "--out", tmp_path / "out",
    )  # fmt: skip
    assert (status, err) == (0, "")
    told: dict[str, Any] = json.loads(out)
    correct = told["certificate"]["correct"]
    assert correct["status"] == "evidence" and correct["unit"] == "row" and correct["seen"] >= 10
    folder = Path(told["folder"])
    result = dd.load(folder)
    assert result.solve(10) == 31 and len(result.network.rows[1]) == 0
    with pytest.raises(ValueError, match="outside the range"):
        result.solve(-1000)
    assert "EXAMPLES = ()" in (folder / "test_solver.py").read_text()
    status, out, _ = call(capsys, "verify", folder)
    assert status == 0 and "evidence" in out


def test_a_bound_that_is_too_large_fails_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = np.random.default_rng(0).integers(0, 2, (40, 8))
    np.savez(tmp_path / "pairs.npz", x=cells, y=np.roll(cells, 1, axis=1))
    arguments = ("distill", "--data", tmp_path / "pairs.npz", "--axes", "grid(wrap)")
    arguments += ("--out", tmp_path / "out", "-q")
    assert call(capsys, *arguments, "--max-error", 0.5)[0] == 0
    status, out, err = call(capsys, *arguments, "--max-error", 0.001)
    assert status == 1 and "more than --max-error 0.001" in err and len(out.splitlines()) == 1


def test_no_example_is_quoted_where_one_fails(tmp_path: Path) -> None:
    """Its network is not exact: an example of the user's is what differs."""
    x = np.random.default_rng(0).integers(0, 9, (16, 2))
    y = np.random.default_rng(1).integers(0, 2, 16)
    problem = dd.Problem.from_arrays(x, y, axes="set")
    quoting, silent = (dd.distill(problem, no_data=hidden).certificate for hidden in (False, True))
    assert (quoting.correct.status, silent.correct.status) == ("failed", "failed")
    assert quoting.correct.counterexample is not None
    assert all(claim.counterexample is None for claim in silent.claims.values())
    assert "no example is shown" in silent.correct.note


def test_groups_of_a_table_of_arrays() -> None:
    x = np.arange(30.0)[:, None]
    table = NumberTable(("a",), x, "y", 2 * x[:, 0])
    result = fit_table(table, budget=0.1, groups=np.arange(30) // 6, n_jobs=1)
    assert result.certificate.ok
    with pytest.raises(dd.InputError, match="one value for each of the 30 rows"):
        fit_table(table, groups=[1, 2])


def test_commands_tell_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capsys, "list", "--json")
    assert status == 0 and "life" in json.loads(out)
    assert "no such" in refused(capsys, "verify", tmp_path / "none", "--json").lower()
