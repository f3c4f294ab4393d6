"""``dd.fit``: names are taken as they are, and what cannot be used is told before the search."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import deepdistill as dd
from deepdistill.data.labelled import class_weights
from deepdistill.data.running import Run
from deepdistill.fitting import FileOptions, FormulaOptions, RuleOptions, fitting_tasks

HEAD = ("price, eur", "m=n", "a,b", "label", "lab2")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Columns and labels with commas and signs in their names."""
    draws = random.Random(5)
    with (tmp_path / "t.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEAD)
        for _ in range(80):
            p, q = round(draws.uniform(0, 9), 2), draws.randint(0, 50)
            labels = "x,y" if p > 3 else "z", "hi, there" if p > 5 else "lo", "lk"[q > 20]
            lines.writerow([p, q, *labels])
    return tmp_path / "t.csv"


def given(monkeypatch: pytest.MonkeyPatch, table: Path, target: Any, **options: Any) -> list[Any]:
    """The tasks that are carried out, none of which is."""
    tasks: list[Any] = []
    monkeypatch.setattr("deepdistill.run.carry_out", lambda task, run: tasks.append(task))
    dd.fit(table, target, **options)
    return tasks


def test_names_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch, table: Path) -> None:
    def only(target: str, **options: Any) -> Any:
        return given(monkeypatch, table, target, **options)[0]

    titles = [column.title for column in only("label", drop="lab2").table.columns]
    assert titles == ["price, eur", "m=n", "a,b"]
    assert [c.title for c in only("label", features="a,b").table.columns] == ["a,b"]
    options = {"features": ["price, eur", "m=n"], "ordered": ("lo", "hi, there")}
    task = only("label", monotone={"price, eur": 1, "m=n": -1}, **options)
    assert task.monotone == (1, -1) and task.table.labels == ("lo", "hi, there")
    first, second = given(monkeypatch, table, ["a,b", "label"])
    assert (first.table.target, second.table.target) == ("a,b", "label")
    assert "label" not in [column.title for column in first.table.columns]


def test_columns_with_commas_have_signs_on_the_command_line(table: Path) -> None:
    file = FileOptions(table, "label", (), ("price, eur", "m=n"), None, None, None, None)
    for texts in (["price, eur=+", "m=n=-"], ["m=n=-", "price, eur=+"]):
        rules = RuleOptions(monotone=texts)
        formula = FormulaOptions("auto", 1.0, "none")
        assert fitting_tasks(file, rules, formula, "auto", None, False)[0].monotone == (1, -1)


def test_weights_of_classes(monkeypatch: pytest.MonkeyPatch, table: Path) -> None:
    (task,) = given(monkeypatch, table, "label", class_weight={"lo": 2})
    assert not task.balanced
    assert [{2.0: "lo", 1.0: "hi, there"}[w] for w in task.table.weights] == [
        task.table.labels[y] for y in task.table.y
    ]
    assert given(monkeypatch, table, "label", class_weight="balanced")[0].balanced
    assert class_weights((1, 2), task.table.y[:0], {"1": 3}, "y").tolist() == []


@pytest.mark.parametrize(
    "target, options, words",
    [
        ("label", {"form": "x"}, "form is 'x': give 'auto', 'rules' or 'formula'"),
        ("label", {"class_weight": "Balanced"}, "give None, 'balanced' or a mapping"),
        ("label", {"class_weight": {"low": 2}}, "'low', which is no label of 'label'"),
        ("label", {"class_weight": {"lo": float("nan")}}, "give a number above 0"),
        ("label", {"class_weight": {"lo": 5j}}, "5j for 'lo': give a number above 0"),
        ("label", {"class_weight": np.array([1, 2])}, "give None, 'balanced' or a mapping"),
        ("label", {"monotone": {"m=n": np.array([1, 2])}}, "give 1 or -1 for a column"),
        ("label", {"monotone": np.eye(3)}, "give a mapping from columns to 1 or -1"),
        ("label", {"drop": 3}, "drop is 3: give a list"),
        ("label", {"drop": "a"}, "no column 'a'"),
        ("label", {"drop": ["m=n,lab2"]}, "no column 'm=n,lab2'"),
        ("label", {"ordered": "lo"}, "'hi, there' is not named"),
        ("label", {"monotone": ["m=n"]}, "give a mapping from columns to 1 or -1"),
        ("label", {"monotone": {"m": 1}}, "'m', which is no column of the inputs"),
        ("label", {"monotone": {"m=n": 2}}, "give 1 or -1"),
        ("label", {"max_complexity": 0}, "max_complexity is 0: give a whole number from 1"),
        ("label", {"max_complexity": -3}, "max_complexity is -3"),
        ("label", {"max_conditions": 0}, "max_conditions is 0"),
        ("label", {"max_conditions": np.array([1, 2])}, "max_conditions is array([1, 2])"),
        ("label", {"seed": -1}, "the seed is -1: give a whole number from 0 on"),
        ("label", {"seed": 1.5}, "the seed is 1.5"),
        ("label", {"name": 5}, "the name is 5: give a text"),
        (["label", "label"], {}, "target names a column twice"),
        ([], {}, "target names no column"),
        (3, {}, "target is 3: give a list"),
        ([3], {}, "target has 3: give titles of columns"),
        ("label,lab2", {}, "no column 'label,lab2'"),
    ],
)
def test_what_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, table: Path, target: Any, options: Any, words: str
) -> None:
    monkeypatch.setattr("deepdistill.forms.rounds.learned", lambda *_: pytest.fail("a search"))
    with pytest.raises(dd.InputError) as error:
        dd.fit(table, target, **options)
    assert words in str(error.value) and len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("table", [5, None, {"y": [1]}, np.eye(2)])
def test_a_table_is_a_file(table: Any) -> None:
    kind = type(table).__name__
    with pytest.raises(dd.InputError, match=f"type {kind}, and dd.fit reads a CSV file: give its"):
        dd.fit(table, "y")


@pytest.mark.parametrize("form, expected", [("rules", 1.0), ("formula", 25.0)])
def test_no_input_is_called_as_another_column(tmp_path: Path, form: str, expected: float) -> None:
    rows = [f"{a},{a * 7 % 5},{2 * a + 1 if form == 'formula' else a // 10}" for a in range(20)] * 3
    (tmp_path / "t.csv").write_text("\n".join(["a (m),a_m,z", *rows]), encoding="utf-8")
    solve = dd.fit(tmp_path / "t.csv", "z", drop="a_m", form=form).solve
    row = {"a (m)": 12, "a_m": 1}
    assert solve(**row) == solve(row) == solve(12) == expected
    with pytest.raises(ValueError, match="missing a required argument: 'a_m_2'"):
        solve({"a_m": 12})


def test_a_label_has_one_weight() -> None:
    with pytest.raises(dd.InputError, match="class_weight has the label 0 twice: name it once"):
        class_weights((0, 1), np.array([0, 1]), {0: 5, "0": 7}, "y")


def test_seeds_of_any_run() -> None:
    assert Run(2**31).seed == 2**31
    assert type(Run(np.int64(3)).seed) is int
    for seed in (-1, 2**32, None, True, np.array([1, 2])):
        with pytest.raises(dd.InputError, match="the seed is"):
            Run(seed)  # type: ignore[arg-type]
