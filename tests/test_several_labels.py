"""Labels in several columns: rules for each, as one classifier; and how a form is chosen."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import deepdistill as dd
from deepdistill.estimators import classifier
from deepdistill.estimators.several import LabelRules, _of_one_kind, _titles

X = np.random.default_rng(0).uniform(-1, 1, (60, 2)).round(2)
BOTH = np.stack([X[:, 0] > 0.2, X[:, 1] < 0], axis=1).astype(int)


@pytest.fixture(scope="module")
def model() -> dd.DistilledClassifier:
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1]})
    return dd.DistilledClassifier().fit(frame, pd.DataFrame(BOTH, columns=["is up", "is-up"]))


def test_each_label_has_rules_of_its_own(model: Any) -> None:
    assert isinstance(model.model_, LabelRules) and list(model.feature_names_in_) == ["a", "b"]
    assert model.model_.titles_ == ["is up_0", "is-up_1"]  # of one name in Python
    frame = pd.DataFrame(X, columns=["a", "b"])
    told = model.predict(frame)
    assert (np.mean(told == BOTH, axis=0) > 0.9).all()
    assert [list(one) for one in model.classes_] == [[0, 1], [0, 1]]
    first, second = model.predict_proba(frame)
    assert (first.argmax(axis=1) == told[:, 0]).all() and second.shape == (60, 2)
    texts = [one.certificate.text() for one in model.model_.fitted_]
    assert [one.text() for one in model.certificate_] == texts
    assert [f"def is_up_{k}(" in code for k, code in enumerate(model.code_)] == [True, True]
    assert [str(rules).startswith("def is_up_") for rules in model.rules_] == [True, True]
    assert all(rules.rules for rules in model.rules_)
    html = model._repr_html_()
    assert "is_up_0" in html and "is_up_1" in html


def test_labels_of_an_array_are_numbered() -> None:
    assert _titles(BOTH) == ["label_0", "label_1"]


def test_a_row_is_explained_for_each_label(model: Any) -> None:
    paths = model.model_.explain({"a": 0.9, "b": 0.9})
    assert [path.value for path in paths] == [1, 0]


def test_each_label_is_saved(model: Any, tmp_path: Path) -> None:
    assert model.model_.save(tmp_path) == tmp_path
    told = model.predict(pd.DataFrame(X, columns=["a", "b"]))
    for k in (0, 1):
        again = dd.load(tmp_path / f"is_up_{k}")
        assert [again.solve(x) for x in X[:9, k].tolist()] == told[:9, k].tolist()


def test_smaller_rules_for_each_label(model: Any) -> None:
    other = copy.deepcopy(model)
    other.choose(max(front[0]["complexity"] for front in model.front_))
    told = other.predict(pd.DataFrame(X, columns=["a", "b"]))
    assert all(len(set(column)) == 1 for column in told.T)


def test_an_order_is_of_one_column() -> None:
    with pytest.raises(dd.InputError, match="y has several"):
        dd.DistilledClassifier(ordered=[0, 1]).fit(X, BOTH)


@pytest.mark.parametrize(
    "parameters, words",
    [
        ({"form": "trees"}, "no form 'trees'"),
        ({"form": "formula", "max_conditions": 2}, "max_conditions is nothing that form='formula'"),
        ({"budget": 0.1}, "budget is nothing that form='rules' reads"),
    ],
)
def test_parameters_that_a_form_does_not_read(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(dd.InputError, match=words):
        dd.DistilledClassifier(**parameters).fit(X, BOTH[:, 0])


def test_no_answers_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="y"):
        dd.DistilledClassifier().fit(X, None)
    with pytest.raises(dd.InputError, match="y has no value in row 3"):
        dd.DistilledClassifier().fit(X, [1.0, 0.0, 1.0, np.nan, *BOTH[4:, 0]])


class Known:
    """A model that is right about a share of the rows."""

    def __init__(self, model: Any, answers: Any, right: float) -> None:
        self.model, self.right, self.classes_, self.n_features_in_ = model, right, [0, 1], 2
        self.answers = answers

    def predict(self, x: Any) -> Any:
        truth = (np.asarray(x)[:, 0] > 0.2).astype(int)
        return np.where(np.arange(len(x)) < self.right * len(x), truth, 1 - truth)


@pytest.mark.parametrize(
    "rules, formulas, taken",
    [(0.9, 1.0, "FormulaClassifier"), (1.0, 1.0, "RuleClassifier"), (0.0, None, "RuleClassifier")],
)
@pytest.mark.parametrize("x", [X, X.tolist(), pd.DataFrame(X)], ids=["array", "lists", "frame"])
def test_the_form_that_is_right_more_often_is_taken(
    x: Any, rules: float, formulas: float | None, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fitted(model: Any, x: Any, y: Any, weights: Any) -> Known:
        right = rules if type(model).__name__ == "RuleClassifier" else formulas
        if right is None:
            raise dd.InputError("no formula")
        return Known(model, y, right)

    monkeypatch.setattr(classifier, "_fit", fitted)
    found = dd.DistilledClassifier(form="auto").fit(x, BOTH[:, 0])
    assert type(found.model_.model).__name__ == taken and len(found.model_.answers) == 60
    with pytest.raises(dd.InputError, match="took formulas, which have no rules"):
        found.choose(3)


def test_a_class_of_one_row_is_in_no_two_parts() -> None:
    found = dd.DistilledClassifier(form="auto", max_conditions=1)._better(X, [0] * 59 + [1], None)
    assert type(found).__name__ == "RuleClassifier"


def test_labels_of_several_kinds_have_rules_each() -> None:
    frame = pd.DataFrame({"a": np.arange(40) % 20})
    labels = pd.DataFrame({"word": np.where(frame["a"] < 9, "up", "down"), "truth": frame["a"] > 5})
    model = dd.DistilledClassifier(max_conditions=1).fit(frame, labels)
    assert model.predict(frame).tolist() == labels.to_numpy().tolist()
    assert [list(classes) for classes in model.classes_] == [["down", "up"], [False, True]]
    kinds = [_of_one_kind(labels.to_numpy()[:, k]).dtype.kind for k in (0, 1)]
    assert kinds == ["U", "b"] and _of_one_kind(np.array([1, "a"], dtype=object)).dtype == object
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        dd.DistilledClassifier().fit(X, X)


@pytest.mark.parametrize("classes", [["a\0", "a"], [2**63 + 1, 1], [np.str_("b\0"), "b"]])
def test_labels_that_numpy_would_change_stay(classes: list[Any]) -> None:
    labels = np.array([classes[k % 20 > 9] for k in range(40)], dtype=object)
    assert _of_one_kind(labels).tolist() == labels.tolist()
    assert _of_one_kind(np.array([np.int64(2), 3], dtype=object)[:1]).dtype.kind == "i"
    frame = pd.DataFrame({"a": np.arange(40) % 20})
    both = pd.DataFrame({"one": labels, "two": np.where(frame["a"] > 4, "up", "down")})
    model = dd.DistilledClassifier(max_conditions=1)
    if isinstance(classes[0], int):  # no class to scikit-learn, in one column as in several
        with pytest.raises(ValueError, match="Unknown label type"):
            model.fit(frame, both)
    else:
        assert model.fit(frame, both).predict(frame).tolist() == both.to_numpy().tolist()


def test_weights_name_classes_of_any_label() -> None:
    frame = pd.DataFrame({"a": np.arange(40) % 20})
    both = pd.DataFrame({"one": np.where(frame["a"] < 9, "up", "down"), "two": frame["a"] > 5})
    weights = {"up": 2.0, True: 0.5}
    model = dd.DistilledClassifier(max_conditions=1, class_weight=weights).fit(frame, both)
    assert model.predict(frame).tolist() == both.to_numpy().tolist()
    words = (
        "class_weight has 'left', which is no class of y: name some of 'up', 'down', False, True"
    )
    with pytest.raises(dd.InputError, match=words):
        dd.DistilledClassifier(class_weight={"left": 2.0}).fit(frame, both)
