"""The classes of a model: as they are, or refused in a sentence."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import deepdistill as dd
from deepdistill.estimators.classes import as_level, checked_names, ordered_levels

X = np.random.default_rng(0).normal(size=(40, 2)).round(2)
FEW = np.where(X[:20] > 0, 1.0, -1.0)
LARGE = 2**63 + 5


def naming(*names: Any) -> Any:
    """A function of rows that names one class or another, by their first column."""
    return lambda x: [names[int(row[0] > 0)] for row in np.asarray(x)]


@pytest.mark.parametrize(
    "names", [(LARGE, -1), (1, "a"), (True, "x"), ("a\0", "a"), (2.0, 2**53 + 1)]
)
def test_classes_stay_as_they_are(names: tuple[Any, ...]) -> None:
    assert checked_names([*names]) == names
    levels, places = ordered_levels(names)
    assert [names[k] for k in places] == [*levels]


def test_a_solver_names_classes_of_both_kinds() -> None:
    names = (LARGE, "a\0")
    result = dd.distill_rules(naming(*names), FEW, max_conditions=1)
    given = [result.solve(row[0]) for row in FEW.tolist()]
    assert given == naming(*names)(FEW) and {*result.network.output.levels} == {*names}


def test_large_classes_of_a_tree_and_its_labels() -> None:
    y = np.where(X[:, 0] > 0, np.uint64(LARGE), np.uint64(1))
    result = dd.distill_rules(DecisionTreeClassifier(max_depth=1).fit(X, y), X, y)
    assert result.certificate.faithful.status == "proved"
    assert [result.solve(row[0]) for row in X.tolist()] == y.tolist()


@pytest.mark.parametrize(
    "classes, words",
    [
        ([None, "a"], "a class is a value of the type NoneType: name classes by texts"),
        ([b"a", b"b"], "of the type bytes"),
        ([(1, 2), (3, 4)], "of the type tuple"),
        (np.array(["2020-01-01"], dtype="datetime64[ns]"), "of the type datetime64"),
        ([0.1, 2], "0.1 is a number and no class"),
        ([math.nan, 1], "nan is a number and no class"),
        (["a", "a"], "two classes have one name"),
        (["1", 1], "two classes have one name"),
        ("ab", "classes is a value of the type str: give a list"),
        (3, "classes is a value of the type int: give a list"),
    ],
)
def test_what_names_no_classes_is_refused(classes: Any, words: str) -> None:
    with pytest.raises(dd.InputError, match=words):
        checked_names(classes)


@pytest.mark.parametrize("form", ["rules", "formula", "auto"])
@pytest.mark.parametrize(
    "labels, kind",
    [
        (np.array([b"a", b"b"]), "bytes"),
        ([b"a", b"b"], "bytes"),
        ([date(2024, 1, 1), date(2024, 1, 2)], "date"),
        (np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[ns]"), "datetime64"),
        (pd.Series(pd.to_datetime(["2024-01-01", "2024-01-02"])), "datetime64"),
        (np.array([1, 2], dtype="timedelta64[D]"), "timedelta64"),
        (np.array([(1, 2), (3, 4)], dtype="i4,i4"), "tuple"),
        ([[b"a", 1], [b"b", 2]], "bytes"),
    ],
    ids=str,
)
def test_labels_that_no_solver_can_name_are_refused(form: str, labels: Any, kind: str) -> None:
    with pytest.raises(dd.InputError, match=f"a class is a value of the type {kind}: name"):
        dd.DistilledClassifier(form=form).fit([[1.0], [2.0]], labels)


@pytest.mark.parametrize("label, level", [(np.str_("a"), "a"), (2.0, 2), (np.True_, True)])
def test_a_level_is_plain(label: Any, level: Any) -> None:
    assert (as_level(label), type(as_level(label))) == (level, type(level))


@pytest.mark.parametrize("missing", [None, math.nan])
def test_a_model_without_an_answer_is_refused(missing: Any) -> None:
    with pytest.raises(dd.InputError, match="the model has no answer for some of the rows"):
        dd.distill_rules(naming(missing, "a"), X)


@pytest.mark.parametrize("model", [DecisionTreeRegressor(max_depth=2), GradientBoostingRegressor()])
def test_numbers_are_no_classes(model: Any) -> None:
    model.fit(X, X[:, 0])
    for ask in (model, model.predict):
        with pytest.raises(dd.InputError, match="that answers with numbers fit DistilledRegressor"):
            dd.distill_rules(ask, X)


def test_whole_numbers_of_a_regressor_are_classes() -> None:
    model = DecisionTreeRegressor(max_depth=1).fit(FEW, FEW[:, 0])
    result = dd.distill_rules(model, FEW, max_conditions=1)
    assert [result.solve(row[0]) for row in FEW.tolist()] == model.predict(FEW).tolist()
