"""Distilling a teacher: rows around the data, students, the choice by labels, given teachers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

import deepdistill as dd
from deepdistill import InputError
from deepdistill.cli import main
from deepdistill.data.tables import NumberTable
from deepdistill.formula.symbolic.backend import Fit
from deepdistill.formula.symbolic.sparse import Sparse
from deepdistill.formula.teaching.around import around
from deepdistill.formula.teaching.classes import class_scores, named
from deepdistill.formula.teaching.given import as_teacher, requested
from deepdistill.formula.teaching.student import best_of, determination, plainest, quick_student
from deepdistill.ir.expr import Const, Var
from deepdistill.result import Result
from deepdistill.run import fit_table

RNG = np.random.default_rng(0)
X = RNG.uniform(1, 3, (150, 2))
TRUTH = X[:, 0] * X[:, 1]
LABELS = TRUTH + 2.0 * RNG.normal(size=150)


def product(x: Any) -> Any:
    return x[:, 0] * x[:, 1]


def fitted(y: Any, teacher: Any, x: Any = X, **options: Any) -> Result:
    table = NumberTable(tuple(f"c{k}" for k in range(x.shape[1])), x, "y", y)
    return fit_table(
        table,
        backend="sparse",
        budget=0,
        operators=["add", "mul"],
        teacher=teacher,
        regimes=False,
        **options,
    )


def test_rows_around_the_data_keep_what_holds_between_columns() -> None:
    x = np.column_stack([X, 2 * X[:, 0] - X[:, 1], np.full(150, 4.0)])
    found = around(x, 200, 3)
    assert found.shape == (200, 4) and np.isfinite(found).all()
    assert found[:, 2] == pytest.approx(2 * found[:, 0] - found[:, 1])
    assert (found[:, 3] == 4).all()
    assert found.tobytes() == around(x, 200, 3).tobytes() != around(x, 200, 4).tobytes()
    assert len({row.tobytes() for row in found} & {row.tobytes() for row in x}) == 0


def test_rows_around_are_rare_where_rows_are_rare_and_reach_just_beyond() -> None:
    x = np.concatenate([RNG.normal(size=(200, 2)), [[30.0, 30.0]]])
    found = around(x, 400, 0)
    assert (np.abs(found) > 10).any(axis=1).mean() < 0.01
    line = np.linspace(0, 1, 50)[:, None]
    found = around(line, 400, 0)
    assert -0.1 < found.min() < 0 and 1 < found.max() < 1.1


@pytest.mark.parametrize("x", [np.ones((5, 2)), np.ones((1, 2)), np.zeros((0, 3)), X[:2]])
def test_rows_around_few_or_equal_rows(x: Any) -> None:
    found = around(x, 6, 0)
    assert found.shape[1] == x.shape[1] and len(found) in (0, 6) and np.isfinite(found).all()


@settings(max_examples=tries(50), deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20), st.integers(0, 2**31))
def test_determination_is_r2(y: list[float], seed: int) -> None:
    answers = np.array(y)
    found = answers + np.random.default_rng(seed).normal(size=len(y))
    if np.ptp(answers) > 1e-3:
        assert determination(answers, found) == pytest.approx(r2_score(answers, found), rel=1e-6)


def test_determination_without_value_or_spread() -> None:
    assert determination(np.array([1.0, 2.0]), np.array([np.nan, 2.0])) == -np.inf
    assert determination(np.ones(3), np.ones(3)) == 1
    assert determination(np.ones(3), np.zeros(3)) == -np.inf
    assert determination(np.array([1e300, -1e300]), np.array([1e300, -1e300])) == 1


def test_the_simplest_of_the_best_is_taken() -> None:
    front = [Fit(Const(1.0), 1.0, 1, ""), Fit(Var("x0"), 1.0, 2, ""), Fit(Var("x1"), 1.0, 3, "")]
    scores = {front[0].expr: 0.0, front[1].expr: 0.5, front[2].expr: 0.5}
    assert best_of(front, scores.__getitem__) == (front[1], 0.5)


@pytest.mark.parametrize(
    "scores, sizes, best",
    [
        ([0.5, 0.9, 0.899, 0.89], [1, 9, 5, 4], 2),
        ([0.99999, 1.0], [1, 9], 1),
        ([-1.0, -1.01], [9, 1], 1),
        ([0.9, 0.9], [5, 5], 0),
        ([-np.inf, -np.inf], [5, 3], 1),
        ([-np.inf, 0.0], [1, 3], 1),
    ],
)
def test_the_plainest_of_formulas_hardly_worse(scores: Any, sizes: Any, best: int) -> None:
    assert plainest(scores, sizes) == best


def test_a_quick_student_follows_answers_and_is_judged_by_labels() -> None:
    student = quick_student(X[:100], TRUTH[:100], X[100:], LABELS[100:], engine=Sparse(), budget=0)
    assert determination(TRUTH, student(X)) > 0.9999
    assert student.score == pytest.approx(determination(LABELS[100:], student(X[100:])))


@pytest.mark.parametrize(
    "answers", [lambda x: x, lambda x: x[:5, 0], lambda x: np.full(len(x), np.nan), lambda x: 1.0]
)
def test_answers_of_another_shape_are_refused(answers: Any) -> None:
    with pytest.raises(InputError, match="the teacher"):
        requested(answers, X)


def test_models_of_all_kinds_are_functions_of_rows() -> None:
    module = torch.nn.Linear(2, 1)
    module.train()
    expected = X @ module.weight.detach().numpy()[0] + module.bias.item()
    assert requested(as_teacher(module), X) == pytest.approx(expected, rel=1e-5, abs=1e-6)
    assert module.training
    model = LinearRegression().fit(X, TRUTH)
    assert requested(as_teacher(model), X) == pytest.approx(model.predict(X))
    both = as_teacher(lambda x: np.column_stack([x[:, 0], -x[:, 1]]), 1)
    assert requested(both, X) == pytest.approx(-X[:, 1])
    with pytest.raises(InputError, match="no output 2"):
        requested(as_teacher(lambda x: x, 2), X)
    with pytest.raises(InputError, match="a function of rows"):
        as_teacher("a network")


def test_an_exact_law_needs_no_teacher() -> None:
    asking = []
    result = fitted(TRUTH, lambda x: asking.append(x))
    assert result.text == "y = c0 * c1" and result.teaching is None and not asking


def test_a_teacher_that_knows_better_is_followed() -> None:
    labels = TRUTH + 4.0 * np.random.default_rng(3).normal(size=150)
    result = fitted(labels, product)
    assert result.teaching is not None and result.teaching.source != "labels"
    assert result.teaching.penalty == "given" and result.teaching.fidelity > 0.9
    held, answers = result.network.rows
    found = np.array([result.solve(*row) for row in held.tolist()])
    assert result.teaching.accuracy == pytest.approx(r2_score(answers, found))
    assert result.teaching.teacher_accuracy == pytest.approx(r2_score(answers, product(held)))
    direct = fitted(labels, False)
    straight = np.array([direct.solve(*row) for row in direct.details.used.rows(X).tolist()])
    followed = np.array([result.solve(*row) for row in X.tolist()])
    assert r2_score(TRUTH, followed) > r2_score(TRUTH, straight)


def test_a_teacher_that_knows_nothing_is_not_followed() -> None:
    result = fitted(LABELS, lambda x: np.sin(50 * x[:, 0]))
    assert result.teaching is not None and result.teaching.source != "teacher"
    assert result.teaching.accuracy > 0.2 > result.teaching.teacher_accuracy


@pytest.mark.parametrize("teacher", ["jacobian", True])
def test_a_smooth_network_teaches_a_table(teacher: Any) -> None:
    result = fitted(LABELS, teacher)
    assert result.certificate.ok and result.teaching is not None
    assert result.teaching.trials[0].strength == 0
    note = result.certificate.correct.note
    assert "to the labels" in note and "to the teacher" in note
    if teacher == "jacobian":
        assert fitted(LABELS, teacher).files() == result.files()


def test_enormous_numbers_reach_a_given_teacher_as_they_are() -> None:
    scale = 1e200
    result = fitted(LABELS * scale, lambda x: x[:, 0] / scale * x[:, 1] * scale, X * [scale, 1])
    assert result.teaching is not None and result.teaching.fidelity > 0.9


def test_short_tables_are_fitted_directly() -> None:
    result = fitted(LABELS[:30], "hessian", X[:30])
    assert result.teaching is None and result.certificate.faithful.ok


@pytest.mark.parametrize("teacher", ["smooth", 3, None])
def test_an_unknown_teacher_is_refused(teacher: Any) -> None:
    with pytest.raises(InputError, match="teacher"):
        fitted(LABELS, teacher)


def distilled(teacher: Any, rows: Any = X, labels: Any = None, **options: Any) -> Result:
    return dd.distil_teacher(
        teacher, rows, labels, backend="sparse", budget=0, operators=["add", "mul"], **options
    )


def test_any_function_is_distilled_on_rows() -> None:
    result = distilled(product, name="area")
    assert result.text == "y = x0 * x1" and result.name == "area" and result.certificate.ok
    assert distilled(lambda x: np.column_stack([x, x[:, 0] + 1]), output=2).text == "y = x0 + 1"


def test_a_formula_speaks_of_selected_columns_only() -> None:
    rows = np.column_stack([X, np.full(150, 5.0)])
    result = distilled(lambda x: x[:, 0] * x[:, 1] + x[:, 2], rows, columns=[0, 1])
    assert [scalar.name for scalar in result.program.inputs] == ["x0", "x1"]
    assert result.solve(2.0, 1.5) == pytest.approx(8.0)


def test_labels_tell_accuracy_apart_from_fidelity() -> None:
    result = distilled(product, X, LABELS)
    assert result.teaching is not None
    assert result.teaching.fidelity > result.teaching.accuracy


@pytest.mark.parametrize(
    "options",
    [
        {"columns": ["nothing"]}, {"columns": []}, {"columns": [0, 0]}, {"columns": [7]},
        {"output": 1}, {"rows": np.ones(3)}, {"rows": [["a", "b"]]}, {"rows": [[1.0, np.nan]]},
        {"labels": [1.0]}, {"labels": LABELS, "columns": [0]}, {"teacher": 5},
    ],
)  # fmt: skip
def test_unusable_input_is_refused_in_a_sentence(options: dict[str, Any]) -> None:
    given = {"teacher": product, "rows": X, **options}
    with pytest.raises(InputError):
        distilled(given.pop("teacher"), given.pop("rows"), **given)


def test_the_command_tells_what_the_teacher_was_worth(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "noisy.csv"
    lines = ["a,b,y"] + [f"{a},{b},{y}" for (a, b), y in zip(X, LABELS, strict=True)]
    path.write_text("\n".join(lines))
    with pytest.raises(SystemExit) as exit_:
        main(["fit", str(path), "--target", "y", "--engine", "sparse", "--budget", "0",
              "--teacher", "hessian", "--out", str(tmp_path)])  # fmt: skip
    assert exit_.value.code == 0
    assert "to the teacher" in capsys.readouterr().out
    certificate = json.loads((tmp_path / "noisy" / "certificate.json").read_text())
    assert "to the teacher" in certificate["correct"]["note"]


@pytest.mark.parametrize("classes", [2, 3])
def test_formulas_follow_the_scores_of_classes(classes: int) -> None:
    labels = np.digitize(TRUTH, [4.0, 5.0][: classes - 1])
    scores, taught = class_scores(X, labels, classes, "jacobian", budget=0.1)
    assert scores.shape == (150, 1 if classes == 2 else 3)
    assert np.mean(named(scores) == labels) > 0.85
    assert 0 <= taught.trials[0].student <= 1
    assert scores.tobytes() == class_scores(X, labels, classes, "jacobian", budget=0.1)[0].tobytes()


def test_estimators_take_a_teacher() -> None:
    model = dd.DistilledRegressor(backend="sparse", budget=0, teacher="hessian").fit(X, LABELS)
    assert model.fitted_.teaching is not None
    assert r2_score(TRUTH, model.predict(X)) > 0.6
    named_ = np.where(TRUTH > 4, "large", "small")
    classifier = dd.DistilledClassifier("formula", backend="sparse", budget=0, teacher="jacobian")
    assert classifier.fit(X, named_).score(X, named_) > 0.85
    assert classifier.model_.taught_.trials[0].strength == 0
    with pytest.raises(InputError, match="no teacher 'wise'"):
        dd.DistilledClassifier("formula", teacher="wise").fit(X, named_)
