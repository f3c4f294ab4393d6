"""Rules in scikit-learn: steps as a regressor, labels in order and in several columns, as data."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks

import deepdistill as dd
from deepdistill.forms.rules.paths import ReadRule
from deepdistill.verify.solver import load_solver

RNG = np.random.default_rng(5)
X = RNG.integers(0, 20, (150, 3)).astype(float)
PRICE = np.where(X[:, 0] < 8, 5.0, np.where(X[:, 1] >= 12, 9.5, 2.0))
SIZES = np.array(["low", "mid", "high"])[(X[:, 0] > 9) * 1 + (X[:, 1] > 9) * 1]


@pytest.fixture(scope="module")
def steps() -> Any:
    return dd.DistilledRegressor(form="rules", held_out=0.25).fit(X, PRICE)


def test_a_regressor_of_rules_predicts_as_its_solver_does(steps: Any, tmp_path: Any) -> None:
    assert steps.score(X, PRICE) > 0.9 and "def y(x0, x1):" in steps.rules_
    solve = load_solver(steps.code_.encode(), "y")
    assert [solve(*row) for row in X[:20, :2].tolist()] == steps.predict(X[:20]).tolist()
    assert steps.certificate_.ok and steps.certificate_.correct.evidence.seen in (37, 38)
    assert (steps.save(tmp_path) / "solver.py").is_file()
    again = pickle.loads(pickle.dumps(steps))
    assert np.array_equal(again.predict(X), steps.predict(X))
    assert "y = 9.5, because" in str(steps.explain([15, 15, 0]))


def test_rules_are_data_too(steps: Any) -> None:
    rules = steps.rules_.rules
    (low,) = [one for one in rules if one.answer == 5.0]
    assert low == ReadRule(low.conditions, 5.0, None, low.learned, low.held_out)
    assert all("x0" in one.conditions[0] for one in rules)
    assert sum(rule.learned + rule.held_out for rule in rules) == len(X)
    assert {rule.answer for rule in rules} == {2.0, 5.0, 9.5}
    assert "x0 &lt; " in steps._repr_html_() and "<table>" in steps._repr_html_()
    again = pickle.loads(pickle.dumps(steps.rules_))
    assert again == steps.rules_ and again.rules == rules


def test_each_row_meets_the_conditions_of_one_rule() -> None:
    model = dd.DistilledClassifier().fit(X, SIZES)
    names, rules = [f"x{k}" for k in range(3)], model.rules_.rules
    met = []
    for row, answer in zip(X[:60].tolist(), model.predict(X[:60]), strict=True):
        known = dict(zip(names, row, strict=True))
        here = [one for one in rules if all(holds(test, known) for test in one.conditions)]
        assert [rule.answer for rule in here] == [answer]
        met += here
    assert len(set(met)) > 2 and all(0 < rule.probability <= 1 for rule in met)


def holds(condition: str, row: dict[str, float]) -> bool:
    name, sign, limit = condition.split()
    return row[name] < float(limit) if sign == "<" else row[name] >= float(limit)


def test_classes_in_their_order_keep_their_columns() -> None:
    model = dd.DistilledClassifier(ordered=("low", "mid", "high")).fit(X, SIZES)
    assert list(model.classes_) == ["high", "low", "mid"] and model.score(X, SIZES) == 1.0
    assert "'low', 'mid' or 'high'" in model.rules_
    shares = model.predict_proba(X)
    assert (model.classes_[shares.argmax(axis=1)] == SIZES).all()
    with pytest.raises(dd.InputError, match="'mid' is not named"):
        clone(model).set_params(ordered=["low", "high"]).fit(X, SIZES)


def test_labels_in_several_columns(tmp_path: Any) -> None:
    y = np.column_stack([X[:, 0] > 9, X[:, 1] > 4]).astype(int)
    model = dd.DistilledClassifier().fit(X, y)
    assert np.array_equal(model.predict(X), y) and model.score(X, y) == 1.0
    assert [one.shape for one in model.predict_proba(X)] == [(150, 2)] * 2
    assert ["def label_0(x0)" in model.rules_[0], "def label_1(x1)" in model.rules_[1]] == [
        True
    ] * 2
    assert [one.faithful.status for one in model.certificate_] == ["proved", "proved"]
    assert len(model.explain(X[0])) == 2
    model.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"label_0", "label_1"}


def test_weights_count_as_copies() -> None:
    weights = RNG.integers(0, 4, len(X))
    noisy = PRICE + RNG.normal(0, 0.3, len(X))
    one = dd.DistilledRegressor(form="rules").fit(X, noisy, sample_weight=weights)
    order = RNG.permutation(np.repeat(np.arange(len(X)), weights))
    other = dd.DistilledRegressor(form="rules").fit(X[order], noisy[order])
    assert np.allclose(one.predict(X), other.predict(X)) and one.rules_ == other.rules_


def test_smaller_steps_and_bound_ones() -> None:
    model = dd.DistilledRegressor(form="rules", monotone={"x1": 1}).fit(X, PRICE)
    line = np.column_stack([np.full(20, 15.0), np.arange(20), np.zeros(20)])
    assert (np.diff(model.predict(line)) >= 0).all()
    small = model.front_[1]["complexity"]
    assert len(model.choose(small).rules_.rules) == 2
    with pytest.raises(dd.InputError, match="the smallest rules have a size of"):
        model.choose(0)


@pytest.mark.parametrize(
    "parameters, words",
    [
        ({"form": "trees"}, "there is no form 'trees'"),
        ({"form": "rules", "budget": 2.0}, "budget is nothing that form='rules' reads"),
        ({"max_conditions": 2}, "max_conditions is nothing that form='formula'"),
        ({"form": "rules", "monotone": {"x9": 1}}, "monotone 'x9'"),
        ({"form": "rules", "time_limit": 0}, "the time limit is 0"),
        ({"form": "rules", "n_jobs": 0}, "the number of jobs is 0"),
    ],
)
def test_unusable_parameters_are_refused(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(dd.InputError, match=words):
        dd.DistilledRegressor(**parameters).fit(X, PRICE)


@pytest.mark.parametrize(
    "check",
    ["check_sample_weights_list", "check_regressors_int"],
)
def test_a_few_of_the_checks_of_scikit_learn(check: str) -> None:
    getattr(estimator_checks, check)("DistilledRegressor", dd.DistilledRegressor(form="rules"))


def test_it_stands_in_pipelines_and_grids() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(X, columns=["a", "b", "c"])
    scaled = make_column_transformer(
        (StandardScaler(), ["a"]), remainder="passthrough", verbose_feature_names_out=False
    ).set_output(transform="pandas")
    model = make_pipeline(scaled, dd.DistilledRegressor(form="rules")).fit(table, PRICE)
    assert model.score(table, PRICE) == 1.0 and "def y(a, b):" in model[-1].rules_
    grid = GridSearchCV(dd.DistilledRegressor(form="rules"), {"max_conditions": [1, 2]}, cv=2)
    assert grid.fit(table, PRICE).best_params_ == {"max_conditions": 2}
