"""The columns of data frames as estimators read them: levels and missing values, their answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import deepdistill as dd
from deepdistill.estimators.columns import level_text, texts_of
from deepdistill.estimators.encoding import codes_of, encoded
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


def test_a_truth_that_may_be_missing_is_neither() -> None:
    one = pd.Series([None if k < 2 else k < 6 for k in X["b"]], dtype=object)
    table = pd.DataFrame({"one": one, "a": X["a"]})
    model = dd.DistilledClassifier().fit(table, np.where(one.eq(False) | (X["a"] < 9), "in", "out"))
    assert model.certificate_.faithful.status == "proved"
    solve = load_solver(model.code_.encode(), "label")
    assert [solve(*row) for row in table.values.tolist()] == model.predict(table).tolist()
    assert "one is" in model.rules_ and "one is" in str(model.explain({"one": None, "a": 30}))
