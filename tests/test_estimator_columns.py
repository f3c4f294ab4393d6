"""The columns of data frames as estimators read them: levels and missing values, their answers."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import DataConversionWarning

import deepdistill as dd
from deepdistill.estimators import classifier
from deepdistill.estimators.columns import level_text, refuse_class_weights, texts_of
from deepdistill.estimators.encoding import codes_of, encoded
from deepdistill.target.level_tests import are_numerals, numeral
from deepdistill.target.solver.rows import _numeral
from deepdistill.verify.solver import load_solver

RNG = np.random.default_rng(0)
X = pd.DataFrame({"a": RNG.integers(0, 40, 90), "b": RNG.integers(0, 9, 90)})
Y = pd.Series(np.where(X["a"] < 20, "low", "high"), name="level")


WHOLE = [(2, "2"), (2.0, "2"), (np.float32(3), "3")]


@pytest.mark.parametrize("one, text", [*WHOLE, (2.5, "2.5"), ("2.0", "2.0"), (np.inf, "inf")])
def test_a_whole_number_is_one_text(one: object, text: str) -> None:
    assert level_text(one) == text


def test_categories_of_numbers_are_one_with_missing_values_and_without() -> None:
    numbers = RNG.integers(1, 5, 90)
    gone = pd.Series(pd.Categorical(numbers))
    gone[::10] = np.nan
    kinds = [gone, pd.Series(pd.Categorical(numbers)), pd.Series(pd.Categorical(numbers * 1.0))]
    here = np.arange(90) % 10 > 0
    for learned in kinds:
        (code,) = codes_of(pd.DataFrame({"c": learned}), ["c"])
        assert code.levels == ("1", "2", "3", "4")
        for other in kinds:
            read = encoded([code], pd.DataFrame({"c": other[here]}))
            assert (read[:, 0] == numbers[here] - 1).all()
    assert texts_of("c", kinds[1]) == texts_of("c", kinds[2])  # for formulas


def test_a_solver_takes_the_numbers_of_a_category() -> None:
    column = pd.Series(pd.Categorical(X["b"] % 4))
    column[::10] = np.nan
    answers = np.where((X["b"] % 4 == 2) & column.notna(), "in", "out")
    model = dd.DistilledClassifier().fit(pd.DataFrame({"c": column}), answers)
    solve = load_solver(model.code_.encode(), "label")
    assert [solve(one) for one in (0, 2, "2", None)] == ["out", "in", "in", "out"]


@pytest.mark.parametrize("handle_unknown", ["error", "ignore"])
@pytest.mark.parametrize("kind", ["whole", "missing", "floats", "halves", "texts", "small"])
def test_a_solver_reads_numbers_of_categories_as_files_have_them(
    kind: str, handle_unknown: str
) -> None:
    numbers = X["b"] % 4
    column = {
        "whole": numbers,
        "missing": numbers.where(X.index % 7 > 0).astype("Int64"),
        "floats": numbers * 1.0,
        "halves": numbers / 2,
        "texts": numbers.astype(str),
        "small": numbers * 1e-7,
    }[kind].astype("category")
    table = pd.DataFrame({"c": column, "a": X["a"]})
    answers = np.where(column == column.cat.categories[2], "in", "out")
    model = dd.DistilledClassifier(max_conditions=1, handle_unknown=handle_unknown)
    model.fit(table, answers)
    solve = load_solver(model.code_.encode(), "label")
    told = model.predict(table).tolist()
    assert told == answers.tolist()
    rows = list(csv.DictReader(io.StringIO(table.to_csv(index=False))))
    assert [solve(row) for row in rows] == told
    assert model.predict(pd.DataFrame(rows).astype({"a": int}).replace("", None)).tolist() == told
    assert [solve(None if pd.isna(one) else one) for one in column] == told
    if handle_unknown == "ignore":
        for new in ("17.0", "17", 17, 17.0, "2.0.0"):
            (expected,) = model.predict(pd.DataFrame({"c": [new], "a": [39]}))
            assert solve(new) == expected == "out"


def test_levels_that_are_no_numerals_stay_apart() -> None:
    table = pd.DataFrame({"version": ["2", "2.0", "3"] * 30})
    answers = np.where(table["version"] == "2", "in", "out")
    model = dd.DistilledClassifier(handle_unknown="ignore").fit(table, answers)
    solve = load_solver(model.code_.encode(), "label")
    assert [solve(one) for one in ("2", "2.0", "3")] == ["in", "out", "out"]
    assert not are_numerals(("2", "2.0")) and not are_numerals(("007",)) and not are_numerals(())
    assert are_numerals(("-3", "2.5", "1e-07", str(10**20))) and not are_numerals((True, False))
    same = {"2.0": "2", " x ": " x ", "1e3": "1000", "1e999": "1e999", "1_0.0": "1_0.0"}
    big = {one: one for one in ("9007199254740993", "nan", "inf", "0.1")}
    assert {one: numeral(one) for one in same | big} == same | big
    assert {one: _numeral(one) for one in big | {"2.0": 0, "1e999": 0}} == (
        big | {"2.0": "2", "1e999": "1e999"}
    )
    assert _numeral(None) is None and _numeral(True) is True and _numeral(2.0) == "2"


def test_formulas_take_numerals_too() -> None:
    table = pd.DataFrame({"c": pd.Categorical(X["b"] % 3 * 1.0), "a": X["a"]})
    model = dd.DistilledRegressor(form="formula", backend="auto", budget=0.05)
    model.fit(table, X["a"] + 2.0 * (X["b"] % 3 == 2))
    rows = pd.DataFrame(csv.DictReader(io.StringIO(table.to_csv(index=False)))).astype({"a": int})
    assert rows["c"][0][-2:] == ".0" and (model.predict(rows) == model.predict(table)).all()


def test_a_truth_that_may_be_missing_is_neither() -> None:
    one = pd.Series([None if k < 2 else k < 6 for k in X["b"]], dtype=object)
    table = pd.DataFrame({"one": one, "a": X["a"]})
    model = dd.DistilledClassifier().fit(table, np.where(one.eq(False) | (X["a"] < 9), "in", "out"))
    assert model.certificate_.faithful.status == "proved"
    solve = load_solver(model.code_.encode(), "label")
    assert [solve(*row) for row in table.values.tolist()] == model.predict(table).tolist()
    assert "one is" in model.rules_ and "one is" in str(model.explain({"one": None, "a": 30}))


def test_answers_in_a_data_frame_of_one_column_are_that_column() -> None:
    with pytest.warns(DataConversionWarning):
        model = dd.DistilledClassifier(max_conditions=1).fit(X[["a"]], Y.to_frame())
    assert model.predict(X[["a"]]).tolist() == Y.tolist() and "def level(" in model.rules_
    answers = pd.DataFrame({"n": X["a"] // 20})
    with pytest.warns(DataConversionWarning):
        steps = dd.DistilledRegressor(form="rules", max_conditions=1).fit(X[["a"]], answers)
    assert "def n(a):" in steps.rules_


@pytest.mark.parametrize("form", ["rules", "auto"])
@pytest.mark.parametrize("x", [X, X.to_numpy()], ids=["frame", "array"])
def test_answers_are_as_many_as_rows(x: Any, form: str) -> None:
    for y in (Y[:-5], [*Y, "low"]):
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            dd.DistilledClassifier(form=form).fit(x, y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        dd.DistilledRegressor(form="rules").fit(x, X["a"][:-5])
    with pytest.raises(ValueError, match="y should be a 1d array"):
        dd.DistilledRegressor(form="rules").fit(x, X)


def test_auto_judges_a_column_of_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = []

    def fitted(model: Any, x: Any, y: Any, weights: Any) -> None:
        shapes.append(y.shape)
        raise dd.InputError("no model")

    monkeypatch.setattr(classifier, "_fit", fitted)
    model = dd.DistilledClassifier(form="auto")._better(X, Y.to_frame(), None)
    assert type(model).__name__ == "RuleClassifier" and shapes == [(67,), (67,)]


@pytest.mark.parametrize("texts, words", [
    (["none", "brick", None], "'T' holds the text 'none' and has missing values"),
    (["", "brick", None], "'T' holds the text '' and has missing values"),
    (["a", "a ", "b"], "'T' holds 'a' and 'a ', which a solver reads alike"),
])  # fmt: skip
def test_levels_that_a_solver_reads_alike_are_refused(texts: list[Any], words: str) -> None:
    table = X.assign(T=texts * 30)
    with pytest.raises(dd.InputError, match=words):
        dd.DistilledClassifier().fit(table, Y)
    apart = [text for text in texts if text is not None][-2:]
    (*_, code) = codes_of(X.assign(T=apart * 45), ["a", "b", "T"])
    assert len(code.levels) == 2  # where nothing is missing a text is that text


def test_formulas_refuse_them_too() -> None:
    with pytest.raises(dd.InputError, match="'a' and 'a ', which a solver reads alike"):
        dd.DistilledRegressor(form="formula").fit(X.assign(T=["a", "a "] * 45), X["a"])


@pytest.mark.parametrize("weight", [-1, np.nan, np.inf, "2"])
@pytest.mark.parametrize("form", ["rules", "formula"])
def test_a_class_has_a_weight_from_0_on(form: str, weight: Any) -> None:
    weights = {"low": weight, "high": 1}
    with pytest.raises(dd.InputError, match="class_weight of 'low' is .*: give a number from 0 on"):
        dd.DistilledClassifier(form=form, class_weight=weights).fit(X, Y)


def test_some_class_has_a_weight() -> None:
    with pytest.raises(dd.InputError, match="class_weight leaves no row a weight"):
        dd.DistilledClassifier(class_weight={"low": 0, "high": 0}).fit(X, Y)


@pytest.mark.parametrize("form", ["rules", "formula"])
def test_weights_are_of_classes(form: str) -> None:
    def fitted(weights: Any) -> None:
        dd.DistilledClassifier(form=form, class_weight=weights).fit(X, X["a"] // 20)

    for weights, label in (({7: 3.0}, "7"), ({"1": 3.0}, "'1'"), ({0: 1, "1": 2}, "'1'")):
        words = f"class_weight has {label}, which is no class of y: name some of 0, 1"
        with pytest.raises(dd.InputError, match=words):
            fitted(weights)
    with pytest.raises(dd.InputError, match="give None, 'balanced' or a mapping"):
        fitted(np.array([1, 2]))
    refuse_class_weights({0: 1, 1: 1, 2: 5}, [0, 1])  # the rows of a fold may lack a class


@pytest.mark.parametrize("monotone", [np.ones(2), ["a"], {"a": np.ones(2)}, {"a": 2}, {"c": 1}])
def test_directions_are_of_columns(monotone: Any) -> None:
    with pytest.raises(dd.InputError, match="monotone .* 1 or -1"):
        dd.DistilledClassifier(monotone=monotone).fit(X, Y)
    with pytest.raises(dd.InputError, match="monotone is nothing that form='formula' reads"):
        dd.DistilledClassifier(form="formula", monotone=monotone).fit(X, Y)
