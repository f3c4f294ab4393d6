"""The scikit-learn estimators: scikit-learn's own checks, names of columns, what they tell."""

from __future__ import annotations

import ast
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

import deepdistill as dd
from deepdistill.ir.expr import Call, Const, Expr, If, Var
from deepdistill.ir.program import Formula, Let
from deepdistill.ir.types import Reals, Scalar
from deepdistill.target.notation import formula_latex

RNG = np.random.default_rng(0)
X = RNG.uniform(1, 3, (80, 2))


def quick(**parameters: Any) -> dd.DistilledRegressor:
    return dd.DistilledRegressor(backend="sparse", budget=0.1, **parameters)


MODELS = {
    "regressor": dd.DistilledRegressor(backend="sparse", budget=0.0),
    "formulas": dd.DistilledClassifier(form="formula", backend="sparse", budget=0.0),
    "rules": dd.DistilledClassifier(),
}
CHECKS = ("check_dtype_object", "check_fit2d_1feature", "check_n_features_in_after_fitting",
          "check_dataframe_column_names_consistency", "check_estimators_nan_inf")  # fmt: skip
LEARNED = "check_estimators_nan_inf", "rules"  # what is missing is learned


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    "check, kind",  # rules learn what is missing
    [
        (check, kind)
        for check in CHECKS
        for kind in MODELS
        if (check, kind) != (CHECKS[-1], "rules")
    ],
)
def test_a_few_of_the_checks_of_scikit_learn(check: str, kind: str) -> None:
    getattr(estimator_checks, check)(type(MODELS[kind]).__name__, MODELS[kind])


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@parametrize_with_checks(
    list(MODELS.values()),
    expected_failed_checks=lambda model: (
        {"check_class_weight_classifiers": "formulas take no weights, and refuse them"}
        if getattr(model, "form", "") == "formula"
        else {}
    ),
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
    for row in model.front_:
        assert row["complexity"] == sum(1 for _ in ast.walk(ast.parse(row["formula"]).body[0])) - 1
    *_, best = model.front_
    assert best["formula"] == "x0 * x1 - 2" and best["complexity"] == 9
    assert [row["complexity"] for row in model.front_] == sorted(
        row["complexity"] for row in model.front_
    )


def test_columns_of_a_data_frame_keep_their_names() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["Width", "E"])
    model = quick().fit(frame, X[:, 0] / X[:, 1])
    assert model.formula_ == "y = width / e"
    assert list(model.feature_names_in_) == ["Width", "E"]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_missing_values_are_refused(bad: float) -> None:
    broken = X.copy()
    broken[3, 1] = bad
    with pytest.raises(ValueError, match="NaN|infinity"):
        dd.DistilledRegressor(backend="sparse", budget=0.0).fit(broken, X[:, 0])


def test_a_classifier_saves_a_formula_for_each_class(tmp_path: Path) -> None:
    labels = np.array(["low", "high"])[(X[:, 0] + X[:, 1] > 4).astype(int)]
    model = dd.DistilledClassifier(form="formula", backend="sparse", budget=0.0)
    model.fit(X, labels)
    assert model.score(X, labels) > 0.9
    model.save(tmp_path)
    assert json.loads((tmp_path / "classes.json").read_text()) == ["high", "low"]
    assert (tmp_path / "compute_score_low" / "solver.py").is_file()
    assert isinstance(model.latex_, tuple) and model.latex_[0].startswith(r"\mathrm{score\_low} = ")
    assert model.explain(X[0])[0].keys() == {"score_low"}


def frame() -> Any:
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(1)
    return pandas.DataFrame(
        {
            "Width": rng.uniform(1, 3, 120),
            "colour": rng.choice(["red", "green", "light blue"], 120),
            "smoker": pandas.Categorical(rng.choice(["yes", "no"], 120)),
            "open": rng.random(120) > 0.5,
        }
    )


def terms(model: dd.DistilledRegressor) -> set[str]:
    """The terms of a sum, in whatever order it is written."""
    return set(model.formula_.split(" = ")[1].replace(" - ", " + -").split(" + "))


def test_text_and_categories_become_indicators_with_readable_names(tmp_path: Path) -> None:
    table = frame()
    price = 2 * table["Width"] + 3 * (table["colour"] == "red") - (table["smoker"] == "yes")
    model = quick().fit(table, price.rename("price"))
    assert terms(model) == {"2 * width", '3 * (colour == "red")', '-(smoker == "yes")'}
    assert model.score(table, price) == pytest.approx(1)
    solve = model.fitted_.solve
    assert solve(width=2, colour="red", smoker="yes", open=True) == pytest.approx(6)
    assert solve(2, "red", "yes") == solve({"Width": "2", "colour": "red", "smoker": "yes"})
    assert solve(table.iloc[3]) == pytest.approx(price[3])
    with pytest.raises(ValueError, match="'pink', not one of 'green', 'light blue', 'red'"):
        solve(2, "pink", "yes")
    row = {"Width": 2.0, "colour": "red", "smoker": "no", "open": True}
    assert model.explain(row) == model.explain(list(row.values())) == {"price": pytest.approx(7)}
    assert model.explain(table.iloc[3]) == {"price": pytest.approx(price[3])}
    assert model.explain(table.iloc[[3]]) == {"price": pytest.approx(price[3])}


def test_rows_that_do_not_fit_the_table_are_refused_in_a_sentence() -> None:
    table = frame()
    model = quick().fit(table, table["Width"])
    strange = table.assign(colour="purple")
    with pytest.raises(dd.InputError, match="'colour' has 'purple', which did not occur"):
        model.predict(strange)
    with pytest.raises(dd.InputError, match="one row with 4 values"):
        model.explain([1.0])
    with pytest.raises(dd.InputError, match="no value for the column 'colour'"):
        model.explain({"Width": 1.0})
    with pytest.raises(ValueError, match="feature names"):
        model.predict(table.rename(columns={"open": "closed"}))


def test_columns_that_are_numbered_are_taken_in_order() -> None:
    pandas = pytest.importorskip("pandas")
    table = frame()
    table.columns = pandas.RangeIndex(4)
    model = quick().fit(table, 2 * table[0] + (table[1] == "red"))
    assert terms(model) == {"2 * x0", '(x1 == "red")'}
    assert model.explain(table.iloc[0]) == {"y": pytest.approx(model.predict(table)[0])}


def test_a_law_in_two_regimes_is_predicted_and_explained() -> None:
    x = np.linspace(-3, 3, 60)[:, None]
    model = quick().fit(x, np.where(x[:, 0] < 1, 3 - x[:, 0], 5 * x[:, 0]))
    assert model.predict([[-2.0], [2.0]]).tolist() == pytest.approx([5, 10])
    assert model.explain([2.0])["y"] == pytest.approx(10)
    assert "cases" in model.latex_


@pytest.mark.parametrize("last, words", [(None, "missing values"), (3.5, "text and numbers")])
def test_text_with_gaps_or_numbers_is_refused(last: Any, words: str) -> None:
    table = frame()
    table["colour"] = [*table["colour"][:-1].tolist(), last]
    with pytest.raises(dd.InputError, match=f"'colour' (has|holds) {words}"):
        quick().fit(table, table["Width"])


def test_text_with_many_levels_and_dates_are_refused() -> None:
    pandas = pytest.importorskip("pandas")
    table = frame()
    with pytest.raises(dd.InputError, match="120 different texts"):
        quick().fit(table.assign(name=[f"car {k}" for k in range(120)]), table["Width"])
    with pytest.raises(dd.InputError, match="dates"):
        quick().fit(table.assign(day=pandas.Timestamp("2020-01-01")), table["Width"])


def test_a_classifier_takes_text_columns() -> None:
    table = frame()
    warm = np.where(table["colour"] == "red", "warm", "cold")
    model = dd.DistilledClassifier(form="formula", backend="sparse", budget=0.1)
    model.fit(table, warm)
    assert model.score(table, warm) == 1
    assert "colour == " in model.formula_[0]


def test_clone_pickle_and_grid_search() -> None:
    y = X[:, 0] * X[:, 1] - 2
    model = quick(operators=("add", "sub", "mul"), random_state=np.random.RandomState(1))
    again = clone(model).fit(X, y)
    again.fitted_.solve(1.0, 2.0)  # the loaded function is no part of the pickle
    copied = pickle.loads(pickle.dumps(again))
    assert np.array_equal(copied.predict(X), again.predict(X))
    assert copied.fitted_.solve(2.0, 3.0) == 4.0
    search = GridSearchCV(quick(), {"budget": [0.0, 0.1]}, cv=2).fit(X, y)
    assert search.best_score_ > 1 - 1e-12


@pytest.mark.parametrize(
    "parameters, words",
    [
        ({"budget": -1}, "budget"),
        ({"budget": float("nan")}, "budget"),
        ({"budget": float("inf")}, "budget"),
        ({"operators": ("add", "eval")}, "no operator 'eval'"),
    ],
)
def test_unusable_parameters_are_refused(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(dd.InputError, match=words):
        dd.DistilledRegressor(backend="sparse").set_params(**parameters).fit(X, X[:, 0])


def test_explain_names_the_parts_and_refuses_where_there_is_no_value() -> None:
    model = quick().fit(X, X[:, 0] + X[:, 1])
    part = Let("part", Call("sqrt", (Call("add", (Var("x0"), Const(1))),)))
    value = Call("div", (Const(6), Var("part")))
    inputs = tuple(Scalar(name, Reals(0, 9)) for name in ("x0", "x1"))
    law = Formula("compute_y", inputs, Scalar("y", Reals(0, 9)), (part,), value)
    model.model_.fitted_ = replace(model.fitted_, program=law)
    assert model.explain([3.0, 0.0]) == {"part": 2.0, "y": 3.0}
    with pytest.raises(dd.InputError, match="no value"):
        model.explain([-1.0, 0.0])
    assert np.isfinite(model.predict([[-1.0, 0.0], [-5.0, 0.0]])).all()


x, beta, word = Var("x1"), Var("beta"), Var("colour_is_red")
LATEX: dict[str, tuple[Expr, str]] = {
    "sum": (Call("add", (x, Call("mul", (Const(-1), beta)))), r"x_{1} - \beta"),
    "minus": (Call("sub", (x, Call("sub", (beta, x)))), r"x_{1} - \left(\beta - x_{1}\right)"),
    "product": (
        Call("mul", (Const(3), word, Call("add", (x, Const(1))), Const(2))),
        r"3 \, \mathrm{colour\_is\_red} \, \left(x_{1} + 1\right) \cdot 2",
    ),
    "power": (
        Call("power", (Call("div", (x, Const(-2.5e-7))), Const(2))),
        r"\left(\frac{x_{1}}{-2.5 \cdot 10^{-7}}\right)^{2}",
    ),
    "functions": (
        Call("exp", (Call("max", (Call("abs", (x,)), Call("pi", ()))),)),
        r"e^{\max\left(\left|x_{1}\right|, \pi\right)}",
    ),
    "regimes": (
        If(Call("lt", (x, Const(2))), Const(1), Call("log", (x,))),
        r"\begin{cases}1 & \text{if } x_{1} < 2 \\ \log\left(x_{1}\right) "
        r"& \text{otherwise}\end{cases}",
    ),
}


@pytest.mark.parametrize("case", LATEX)
def test_latex_shows_the_structure(case: str) -> None:
    value, expected = LATEX[case]
    inputs = tuple(Scalar(one.name, Reals(0, 1)) for one in (x, beta, word))
    law = Formula("law", inputs, Scalar("y", Reals(0, 1)), (), value)
    assert formula_latex(law) == f"y = {expected}"
    named = Formula("law", inputs, Scalar("e", Reals(0, 1)), (Let("part", value),), Var("part"))
    assert formula_latex(named) == (
        rf"\begin{{aligned}}\mathrm{{part}} &= {expected} \\ \mathrm{{e}} &= \mathrm{{part}}"
        r"\end{aligned}"
    )
