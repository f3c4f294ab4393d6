"""Columns of dates: read as year, month, weekday and days, and taken by the solver as they are."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_cli import refused

import deepdistill as dd
from deepdistill.data.labelled import labelled
from deepdistill.data.measured import measured
from deepdistill.data.opened import open_table
from deepdistill.data.problem import InputError
from deepdistill.data.tables import number_table
from deepdistill.recheck import load, verify_folder

SALES = [date(2023, 12, 20) + timedelta(days=3 * k) for k in range(60)]


def written(path: Path, days: list[Any], target: str = "busy", title: str = "sold on") -> Path:
    draws = random.Random(1)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow([title, "price", target])
        for day in days:
            busy = isinstance(day, date) and day.isoweekday() >= 6
            table.writerow([day, draws.randint(1, 99), "yes" if busy else "no"])
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp("dates")
    path = written(here / "sales.csv", SALES)
    return dd.fit(path, "busy", dates=["sold on"], max_conditions=1).save(here)  # type: ignore[union-attr]


def test_a_solver_takes_the_dates_of_its_table(folder: Path) -> None:
    source = (folder / "solver.py").read_text()
    assert "if sold_on_weekday < 6:" in source or "if sold_on_weekday >= 6:" in source
    space: dict[str, Any] = {"__name__": "solver"}
    exec(compile(source, "solver.py", "exec"), space)
    solve, probability = space["solve"], space["probability"]
    saturday = {"sold on": "2024-06-01", "price": 5, "busy": "?"}
    assert solve(saturday) == solve(**{"sold on": "2024-06-01"}) == solve(6) == "yes"
    assert probability(saturday)["yes"] > 0.5
    for day in (date(2024, 6, 3), datetime(2024, 6, 3, 9), np.datetime64("2024-06-03")):
        assert solve({"sold on": day}) == "no"
    assert solve({"sold on": " 2024-06-02T10:00:00Z "}) == "yes"
    for bad in ("soon", "2024-06-31", "2024-06-011", "", None, 3):
        with pytest.raises(ValueError, match="not a date like 2024-01-31"):
            solve({"sold on": bad})


def test_from_a_shell_a_column_of_dates_stands_in_the_table(folder: Path) -> None:
    def answered(text: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(folder / "solver.py")]
        return subprocess.run(command, input=text, capture_output=True, text=True)

    assert answered("price,sold on\n3,2024-06-01\n4,2024-06-03\n").stdout == "busy\nyes\nno\n"
    assert answered('{"sold on": "2024-06-01"}').stdout == '"yes"\n'
    wrong = answered("price,sold on\n3,01.06.2024\n")
    assert (wrong.returncode, wrong.stdout) == (2, "") and "line 2: sold on is" in wrong.stderr


def test_what_was_written_is_read_explained_and_verified(folder: Path) -> None:
    result = load(folder)
    assert result.explain({"sold on": "2024-06-01"}).value == "yes"
    assert verify_folder(folder).faithful.status == "proved"


def test_the_parts_of_dates(tmp_path: Path) -> None:
    days = ["2024-02-29", "2024-03-02 10:00", "", "2024-12-30"] * 3
    path = written(tmp_path / "a.csv", days)
    table = measured(open_table(path, "price", drop=["busy"], dates=["sold on"]))
    columns = {column.title: column.values[:4].tolist() for column in table.columns}
    assert columns["sold on month"][:2] == [2, 3] and np.isnan(columns["sold on month"][2])
    assert columns["sold on weekday"][::3] == [4, 1]
    assert columns["sold on days"][0] == (date(2024, 2, 29) - date(1970, 1, 1)).days
    assert "sold on year" not in columns and "sold on" in table.others  # one year tells nothing
    assert "the dates of 'sold on' give month, weekday, days" in table.notes


def test_formulas_read_dates_as_well(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", SALES, title="day")
    table = number_table(open_table(path, "price", drop=["busy"], dates=["day"]))
    assert table.titles == ("day_year", "day_month", "day_weekday", "day_days")


@pytest.mark.parametrize(
    ("days", "dates", "words"),
    [
        (SALES[:12], [], "--dates 'sold on'"),
        ([*SALES[:12], "soon"], ["sold on"], "'soon' in line 14.*no date like 2024-01-31"),
        (["31.01.2024"] * 12, ["sold on"], "no date like 2024-01-31"),
        (SALES[:12], ["busy"], "'busy' is the target"),
    ],
)
def test_what_is_no_date_is_refused(
    tmp_path: Path, days: list[Any], dates: list[str], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        labelled(open_table(written(tmp_path / "a.csv", days), "busy", dates=dates))


def test_a_column_that_is_there_already_is_not_made(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", SALES)
    path.write_text(path.read_text().replace("price", "sold on month", 1))
    with pytest.raises(InputError, match="which --dates would make"):
        open_table(path, "busy", dates=["sold on"])


def test_the_command_takes_dates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.csv", SALES[:12])
    fit = ("fit", path, "--target", "busy")
    assert "--dates 'sold on'" in refused(capsys, *fit)
    assert "no column 'when'" in refused(capsys, *fit, "--dates", "when")
