"""The scikit-learn estimators: scikit-learn's own checks, names of columns, what they tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import deepdistill as dd

RNG = np.random.default_rng(0)
X = RNG.uniform(1, 3, (80, 2))


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@parametrize_with_checks(
    [
        dd.DistilledRegressor(backend="sparse", budget=0.0),
        dd.DistilledClassifier(backend="sparse", budget=0.0),
    ]
)
def test_scikit_learn_finds_nothing_wrong(estimator: Any, check: Any) -> None:
    check(estimator)


def test_a_regressor_tells_its_formula() -> None:
    model = dd.DistilledRegressor(backend="sparse", budget=0.0).fit(X, X[:, 0] * X[:, 1] - 2)
    assert model.formula_ == "y = x0 * x1 - 2"
    assert model.score(X, X[:, 0] * X[:, 1] - 2) > 1 - 1e-12
    assert model.explain([2.0, 3.0]) == {"y": 4.0}
    assert model.certificate_.ok and "def compute_y(x0, x1)" in model.code_
    assert model.front_[-1]["loss"] <= model.front_[0]["loss"]


def test_columns_of_a_data_frame_keep_their_names() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["Width", "E"])
    model = dd.DistilledRegressor(backend="sparse", budget=0.0).fit(frame, X[:, 0] + X[:, 1])
    assert model.formula_ == "y = width + e"
    assert list(model.feature_names_in_) == ["Width", "E"]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_missing_values_are_refused(bad: float) -> None:
    broken = X.copy()
    broken[3, 1] = bad
    with pytest.raises(ValueError, match="NaN|infinity"):
        dd.DistilledRegressor(backend="sparse", budget=0.0).fit(broken, X[:, 0])


def test_a_classifier_saves_a_formula_for_each_class(tmp_path: Path) -> None:
    labels = np.array(["low", "high"])[(X[:, 0] + X[:, 1] > 4).astype(int)]
    model = dd.DistilledClassifier(backend="sparse", budget=0.0).fit(X, labels)
    assert model.score(X, labels) > 0.9
    model.save(tmp_path)
    assert json.loads((tmp_path / "classes.json").read_text()) == ["high", "low"]
    assert (tmp_path / "compute_score_0" / "solver.py").is_file()
