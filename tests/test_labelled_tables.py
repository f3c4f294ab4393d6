"""Tables with a column of labels: what is read from files, and what the command makes of it."""

from __future__ import annotations

import csv
import random
import re
import runpy
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_cli import call

import deepdistill as dd
from deepdistill.data.labelled import LabelledTable, has_labels, read_labelled
from deepdistill.data.opened import open_table
from deepdistill.data.problem import InputError
from deepdistill.data.row_columns import TableColumn
from deepdistill.data.running import Run
from deepdistill.forms.rules.table import LabelledTask
from deepdistill.recheck import verify_folder
from deepdistill.run import carry_out

DOCS = Path(__file__).resolve().parents[1] / "docs" / "rules.md"
HEAD = ("age", "income", "housing", "decision")


def decided(age: float, income: float, housing: str) -> str:
    return "reject" if income < 2000 or (age < 25 and housing == "rent") else "accept"


def loans(count: int = 240) -> list[list[Any]]:
    draws = random.Random(2)
    rows = []
    for _ in range(count):
        age, income = draws.randint(18, 80), draws.randint(500, 9000)
        housing = draws.choice(["rent", "own", "other"])
        rows.append([age, income, housing, decided(age, income, housing)])
    return rows


def written(path: Path, rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def table(
    tmp_path: Path, rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD
) -> LabelledTable:
    return read_labelled(written(tmp_path / "t.csv", rows, head), head[-1])


def test_columns_are_numbers_levels_and_missing_values(tmp_path: Path) -> None:
    rows = [["1", "a", "x"], ["", "b", "y"], ["2.5", "NA", "x"], ["3", "a", "y"]]
    found = table(tmp_path, rows, ("n", "t", "y"))
    assert found.labels == ("x", "y") and found.y.tolist() == [0, 1, 0, 1]
    assert [column.levels for column in found.columns] == [(), ("a", "b")]
    assert np.array_equal(found.columns[0].values, [1, np.nan, 2.5, 3], equal_nan=True)
    assert np.array_equal(found.columns[1].values, [0, 1, np.nan, 0], equal_nan=True)


@pytest.mark.parametrize(
    "answers, labels",
    [
        (["no", "yes", "yes", "no"], ("no", "yes")),
        (["True", "true", "True", "False", "False"], ("False", "True")),
        (["10", "9", "10", "9"], (9, 10)),
        (["-1", "1", "-1", "1"], (-1, 1)),
        (["b", "a", "a", "b"], ("a", "b")),
        (["007", "042", "007", "042"], ("007", "042")),
        (["01", "02", "01", "02"], ("01", "02")),
        (["01", "1", "1", "01"], ("01", "1")),
    ],
)
def test_labels_stay_what_they_are(tmp_path: Path, answers: list[str], labels: Any) -> None:
    found = table(tmp_path, [[k, answer] for k, answer in enumerate(answers)], ("x1", "y"))
    assert found.labels == labels


@pytest.mark.parametrize(
    "answers, classes",
    [(["1.5", "2", "1.5", "2"], False), (["0", "1", "0", "1"], True), (["a", "a", "b", "b"], True),
     (["1", "2", "3", "1"], False), (["1", "2", "2", "2"], False)],
)  # fmt: skip
def test_what_a_target_asks_for(tmp_path: Path, answers: list[str], classes: bool) -> None:
    path = written(tmp_path / "t.csv", [[k % 3, one] for k, one in enumerate(answers)], ("x", "y"))
    assert has_labels(open_table(path, "y")) is classes


def test_names_of_rows_are_left_out_and_the_target_in_other_words_is_told(tmp_path: Path) -> None:
    rows = [[k, f"n{k}", k % 3, "AB"[k % 2], "xy"[k % 2]] for k in range(12)]
    found = table(tmp_path, rows, ("id", "name", "n", "copy", "y"))
    assert [column.title for column in found.columns] == ["n", "copy"]
    assert set(found.others) == {"id", "name"}
    told = "; ".join(found.notes)
    assert "'id' counts the rows" in told and "'name' has a text of its own" in told
    assert "'copy' is the target in other words" in told


def test_rows_without_a_target_are_left_out_and_told(tmp_path: Path) -> None:
    rows = [[k, "ab"[k % 2] if k % 5 else ["", "NA"][k % 2]] for k in range(20)]
    found = table(tmp_path, rows, ("x", "y"))
    assert found.x[:, 0].tolist() == [k for k in range(20) if k % 5]
    assert found.labels == ("a", "b") and len(found.y) == 16
    (told,) = [note for note in found.notes if "left out" in note]
    assert told.startswith("4 of 20 rows have no value in the column 'y', the first in line 2")


@pytest.mark.parametrize(
    "rows, words",
    [
        ([[1, "a"], [2, "a"], [3, "a"]], "rules tell classes apart"),
        ([], "has 0 usable rows: give at least 2"),
        ([[1, "a"], [2, "a"], [3, "b"]], "no other row has it"),
        ([[1, "a"], [2, ""], [3, "a"]], "rules tell classes apart"),
        ([[1, ""], [2, ""], [3, "NA"]], "no value in the column 'y'"),
        ([["", "a"], ["", "b"], ["", "a"], ["", "b"]], "no value in the column 'x'"),
        ([["inf", "a"], [1, "b"], [2, "a"], [2, "b"]], "not a finite number"),
        ([["2024-01-01", "a"], ["2024-01-02", "b"]] * 2, "a date or a time"),
        ([[1, "1.5"], [2, "2.5"], [3, "1.5"], [3, "2.5"]], "--form formula"),
    ],
)
def test_tables_of_which_no_rule_can_be_learned(tmp_path: Path, rows: Any, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        table(tmp_path, rows, ("x", "y"))
    assert len(str(refused.value).splitlines()) == 1


def test_the_command_gives_the_rule_that_the_docs_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made, rule, *_ = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "made.py").write_text(made)
    runpy.run_path("made.py")
    status, out, _ = call(capsys, "fit", "loans.csv", "--target", "decision", "--out", "out")
    assert status == 0 and textwrap.indent(rule, "  ") in out
    assert "so these are rules" in out and "faithful  proved" in out
    assert "scalable" not in out and "compared  " in out and ", always 'accept' 2" in out
    folder = tmp_path / "out" / "loans"
    command = [sys.executable, str(folder / "solver.py"), "loans.csv"]
    told = subprocess.run(command, capture_output=True, text=True)
    assert told.stdout.split() == ["decision", *(row[-1] for row in loans())]
    assert verify_folder(folder).ok
    status, out, _ = call(capsys, "report", folder)
    assert (
        status == 0
        and "the bars are all rows that come there" in (folder / "report.html").read_text()
    )
    (tmp_path / "row.json").write_text('{"age": 20, "income": 5000, "housing": "rent"}')
    status, out, _ = call(capsys, "explain", folder, "--input", tmp_path / "row.json")
    assert status == 0 and "decision = 'reject', because" in out and "support" in out


@pytest.mark.parametrize("target", ["probability", "solve", "TARGET", "csv", "if", "a b"])
def test_any_name_of_a_target_gives_a_solver(target: str) -> None:
    rows = np.arange(40)
    table = LabelledTable(
        (TableColumn("n", rows.astype(float)),), target, ("lo", "hi"), (rows > 19) * 1, np.ones(40)
    )
    result = carry_out(LabelledTask("mine", table), Run())
    assert result.certificate.faithful.ok and result.solve(3) == "lo"
    assert result.solve({"n": "30", target: "?"}) == "hi"


@pytest.mark.parametrize("balanced", [False, True])
def test_rules_of_balanced_classes_are_judged_as_such(balanced: bool) -> None:
    """Their probabilities are far from the shares of the classes as they are."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=500)
    y = (rng.random(500) < 1 / (1 + np.exp(3.4 - 2.5 * x))).astype(np.int64)
    table = LabelledTable((TableColumn("x", x),), "y", ("no", "yes"), y, np.ones(500))
    claim = carry_out(LabelledTask("mine", table, balanced=balanced), Run()).certificate.correct
    assert claim.status == "evidence" and ("counted alike" in claim.note) == balanced


def test_labels_that_nothing_tells_apart_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draws = random.Random(0)
    rows = [[draws.random(), draws.random(), draws.choice("ab")] for _ in range(80)]
    path = written(tmp_path / "noise.csv", rows, ("p", "q", "y"))
    status, out, _ = call(capsys, "fit", path, "--target", "y", "--out", tmp_path / "out")
    assert status == 1 and "FAILED (correct)" in out


@pytest.mark.parametrize(
    "options, words",
    [
        (["--monotone", "age"], "names no column with a sign"),
        (["--monotone", "nobody=+"], "names no column with a sign"),
        (["--form", "formula", "--max-complexity", "9"], "are for rules"),
        (["--form", "rules", "--engine", "sparse"], "are for formulas"),
    ],
)
def test_options_that_do_not_go_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    path = written(tmp_path / "loans.csv", loans(30))
    status, _, err = call(capsys, "fit", path, "--target", "decision", *options)
    assert status == 2 and words in err and len(err.splitlines()) == 1


def test_rules_of_few_texts_are_learned_from_copies() -> None:
    """The same few rows come back hundreds of times: none is held out from all of its copies."""
    rng = np.random.default_rng(0)
    sex, rank = rng.integers(0, 2, 900), rng.integers(0, 3, 900)
    chance = np.where(sex == 1, np.where(rank == 2, 0.5, 0.93), 0.2)
    y = (rng.random(900) < chance).astype(np.int64)
    columns = (
        TableColumn("sex", sex.astype(float), ("male", "female")),
        TableColumn("rank", rank.astype(float), ("1", "2", "3")),
    )
    table = LabelledTable(columns, "lived", ("no", "yes"), y, np.ones(900))
    result = carry_out(LabelledTask("mine", table), Run())
    assert result.certificate.ok and 'sex == "female"' in result.text


def test_an_empty_column_is_left_out(tmp_path: Path) -> None:
    rows = [[k % 5, "", "NA", "xy"[k % 5 > 2]] for k in range(20)]
    found = table(tmp_path, rows, ("n", "empty", "none", "y"))
    assert [column.title for column in found.columns] == ["n"]
    assert {"empty", "none"} <= set(found.others)
    assert "the column 'empty' has no value and was left out" in found.notes


@pytest.mark.parametrize(
    "order, words",
    [("low,high", "'mid' is not named"), ("low,mid,high,top", "no row has 'top'"),
     ("low,mid,mid,high", "named twice")],
)  # fmt: skip
def test_an_order_names_each_label_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], order: str, words: str
) -> None:
    rows = [[k, ("low", "mid", "high")[k // 10]] for k in range(30)]
    path = written(tmp_path / "t.csv", rows, ("n", "size"))
    status, _, err = call(capsys, "fit", path, "--target", "size", "--ordered", order)
    assert status == 2 and words in err and len(err.splitlines()) == 1


def test_labels_in_their_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draws = random.Random(0)
    rows = []
    for _ in range(150):
        a, b, c = (draws.randint(0, 9) for _ in range(3))
        rows.append([a, b, c, ("low", "mid", "high")[(a >= 5) + (b >= 5)]])
    path = written(tmp_path / "t.csv", rows, ("a", "b", "c", "size"))
    options = ("--ordered", "low, mid,high", "--monotone", "a=+,b=+", "--out", tmp_path / "out")
    status, out, _ = call(capsys, "fit", path, "--target", "size", *options)
    assert status == 0 and "Return size: 'low', 'mid' or 'high'." in out
    assert "0 of 37" in out or "0 of 38" in out


def test_whole_numbers_are_taken_in_their_order(tmp_path: Path) -> None:
    rows = [[k, k // 10 + 1] for k in range(50)]
    found = table(tmp_path, rows, ("n", "grade"))
    assert found.ordered and found.labels == (1, 2, 3, 4, 5)
    assert has_labels(open_table(tmp_path / "t.csv", "grade"))
    assert "the numbers of 'grade' are taken in their order" in found.notes
    rows = [[k, "ab"[k % 2]] for k in range(50)]
    assert not table(tmp_path, rows, ("n", "y")).ordered


def test_several_targets_get_a_folder_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [[k % 10, k, "xy"[k % 10 > 4], "uv"[k % 10 > 6], k % 10 * 1.5] for k in range(60)]
    path = written(tmp_path / "t.csv", rows, ("n", "more", "one", "two, or", "cost"))
    options = ("--form", "rules", "--out", tmp_path / "out", "-q")
    status, out, _ = call(capsys, "fit", path, "--target", "one,cost", *options)
    assert status == 0 and [line.split(":")[0] for line in out.splitlines()] == ["t_one", "t_cost"]
    code = (tmp_path / "out" / "t_cost" / "solver.py").read_text()
    head = next(line for line in code.splitlines() if line.startswith("def cost("))
    assert "one" not in head and (tmp_path / "out" / "t_one" / "solver.py").is_file()
    status, out, _ = call(capsys, "fit", path, "--target", "two, or", *options)
    assert status == 0 and out.startswith("t: ")
    status, _, err = call(capsys, "fit", path, "--target", "one,nobody", *options)
    assert status == 2 and "no column 'nobody'" in err


def test_fit_from_python(tmp_path: Path) -> None:
    path = written(tmp_path / "loans.csv", loans(), HEAD)
    result = dd.fit(path, "decision")
    assert isinstance(result, dd.Result) and result.solve(20, 5000, "rent") == "reject"
    several = dd.fit(path, ["decision", "housing"], drop=["age"], max_conditions=1)
    assert isinstance(several, dict) and list(several) == ["decision", "housing"]
    assert several["decision"].name == "loans_decision"
    with pytest.raises(InputError, match="give 1 or -1"):
        dd.fit(path, "decision", monotone={"age": 2})


def animals(count: int = 200) -> LabelledTable:
    """Cows and hens are kept inside; of a hundred other kinds hardly one comes back."""
    rng = np.random.default_rng(1)
    kinds = ("cow", "hen", *(f"kind {k}" for k in range(60)))
    place = np.where(rng.random(count) < 0.6, rng.integers(0, 2, count), 0)
    rare = rng.permutation(count)[:60]
    place[rare] = np.arange(60) + 2
    y = (place < 2).astype(np.int64)
    column = TableColumn("kind", place.astype(float), kinds)
    return LabelledTable((column,), "where", ("out", "in"), y, np.ones(count))


def test_unseen_levels_go_where_the_rare_ones_went(tmp_path: Path) -> None:
    result = carry_out(LabelledTask("mine", animals()), Run())
    assert "cow" in result.text and "kind 7" not in result.text
    assert [result.solve(kind) for kind in ("cow", "hen", "kind 7", "unicorn")] == [
        *("in", "in"),
        *("out", "out"),
    ]
    assert result.certificate.faithful.status == "proved" and "another one" in result.code
    assert "where = 'out'" in str(result.explain("unicorn"))
    for missing in ("", "NA", None, 3.5):
        with pytest.raises(ValueError):
            result.solve(missing)
    folder = result.save(tmp_path)
    again = dd.load(folder)
    assert again.files() == result.files() and verify_folder(folder).ok
    path = written(tmp_path / "new.csv", [["hen"], ["yeti"]], ("kind",))
    command = [sys.executable, str(folder / "solver.py"), str(path)]
    assert subprocess.run(command, capture_output=True, text=True).stdout.split() == [
        "where", "in", "out"
    ]  # fmt: skip


def test_levels_that_all_come_back_are_all_there_are() -> None:
    rows = np.arange(60)
    column = TableColumn("kind", (rows % 3).astype(float), ("a", "b", "c"))
    y = (rows % 3 > 0).astype(np.int64)
    result = carry_out(
        LabelledTask("mine", LabelledTable((column,), "y", ("n", "y"), y, np.ones(60))), Run()
    )
    with pytest.raises(ValueError, match="not one of 'a', 'b', 'c'"):
        result.solve("d")


def test_a_solver_lists_no_level_that_it_does_not_ask_for() -> None:
    result = carry_out(LabelledTask("mine", animals()), Run())
    assert "kind 7" not in result.code and "cow" in result.code and len(result.code) < 12_000
    assert "kind 7" not in result.test_code.split("EXAMPLES = ")[0]
