"""Rules as a scikit-learn classifier, and rules read from other classifiers."""

from __future__ import annotations

import pickle
from typing import Any, ClassVar

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.tree import DecisionTreeClassifier

import deepdistill as dd
from deepdistill.data.problem import InputError
from deepdistill.estimators.columns import framed
from deepdistill.forms.rules.table import learned
from deepdistill.verify.solver import load_solver

RNG = np.random.default_rng(0)
X = RNG.integers(0, 40, (120, 3)).astype(float)
Y = np.where((X[:, 0] < 20) & (X[:, 1] >= 10), "in", "out")


@pytest.fixture(scope="module")
def model() -> dd.DistilledClassifier:
    return dd.DistilledClassifier(max_conditions=2).fit(X, Y)


def test_rules_predict_as_their_solver_does(model: Any) -> None:
    assert model.score(X, Y) == 1.0 and "if x0 >= 20 or x1 < 10:" in model.rules_
    solve = load_solver(model.code_.encode(), "label")
    rows = [[row[int(name[1:])] for name in ("x0", "x1")] for row in X[:30].tolist()]
    assert [solve(*row) for row in rows] == model.predict(X[:30]).tolist()
    shares = model.predict_proba(X)
    assert shares.shape == (120, 2) and np.allclose(shares.sum(axis=1), 1)
    told = solve.__globals__["probability"](*rows[0])  # type: ignore[attr-defined]
    assert np.allclose([told["in"], told["out"]], shares[0], atol=2e-3)


def test_what_a_classifier_of_rules_tells(model: Any, tmp_path: Any) -> None:
    assert model.certificate_.faithful.status == "proved"
    assert "no row was left to look at" in model.certificate_.correct.note
    sizes = [one["complexity"] for one in model.front_]
    losses = [one["loss"] for one in model.front_]
    assert sizes == sorted(sizes) and losses == sorted(losses, reverse=True)
    told = model.explain(X[0])
    assert str(told).startswith(f"label = {str(Y[0])!r}, because") and "support" in str(told)
    assert "x0 &gt;= 20" in model._repr_html_()
    assert (model.save(tmp_path) / "solver.py").is_file()
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict(X), model.predict(X))


def test_smaller_rules_can_be_chosen() -> None:
    model = dd.DistilledClassifier(max_conditions=2).fit(X, Y)
    small = model.front_[1]["complexity"]
    before = model.rules_
    assert model.choose(small).rules_ != before
    assert model.certificate_.correct.evidence.wrong == 0 and model.rules_ in model.code_
    with pytest.raises(dd.InputError, match="the smallest rules have a size of"):
        model.choose(0)


def test_text_missing_values_and_unseen_levels() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(
        {
            "size": np.where(RNG.random(150) < 0.2, np.nan, RNG.integers(1, 9, 150)),
            "colour": RNG.choice(["red", "green", None], 150),
            "open": RNG.random(150) < 0.5,
            "kind": pandas.Categorical(RNG.choice(["a", "b", "c"], 150)),
        }
    )
    answers = pandas.Series(np.where(table["colour"] == "red", "warm", "cold"), name="feel")
    model = dd.DistilledClassifier().fit(table, answers)
    assert model.score(table, answers) == 1.0 and 'if colour == "red"' in model.rules_
    assert model.rules_.startswith("def feel(colour):")
    assert model.predict(table[:1].assign(colour=[None])).tolist() == ["cold"]
    row = table.iloc[3].to_dict()
    assert str(answers[3]) in str(model.explain(row))
    odd = table[:2].assign(colour=["red", "blue"])
    solve = load_solver(model.code_.encode(), "feel")
    for call in (model.predict, model.predict_proba, lambda x: model.explain(x[1:])):
        with pytest.raises(InputError, match="a text that was never seen in the column 'colour'"):
            call(odd)
    with pytest.raises(ValueError, match="blue"):
        solve("blue")
    assert [solve(one) for one in (None, pandas.NA, np.float32("nan"), "")] == ["cold"] * 4
    open_ = dd.DistilledClassifier(handle_unknown="ignore").fit(table, answers)
    assert open_.predict(odd).tolist() == ["warm", "cold"]
    assert load_solver(open_.code_.encode(), "feel")("blue") == "cold"
    assert "cold" in str(open_.explain({**row, "colour": "blue"}))


def test_dates_are_years_months_weekdays_and_days() -> None:
    pandas = pytest.importorskip("pandas")
    days = pandas.Timestamp("2022-03-01 08:30") + pandas.to_timedelta(
        RNG.integers(0, 700, 200), unit="D"
    )
    table = pandas.DataFrame({"sold": days, "price": RNG.integers(1, 90, 200)})
    answers = pandas.Series(np.where(days.day_of_week >= 5, "closed", "open"), name="shop")
    model = dd.DistilledClassifier().fit(table, answers)
    assert model.score(table, answers) == 1.0 and "sold_weekday < 6" in model.rules_
    assert model.n_features_in_ == 2
    solve = load_solver(model.code_.encode(), "shop")
    assert solve({"sold": "2024-06-08", "price": 3}) == solve(6) == "closed"
    assert solve({"sold": table["sold"][0]}) == answers[0]
    assert answers[0] in str(model.explain(table.iloc[0]))
    plain = table.assign(sold=[day.date() for day in days])
    assert model.predict(plain).tolist() == answers.tolist()
    with pytest.raises(InputError, match="row 1 has no value in the column 'sold_weekday'"):
        model.predict(table[:2].assign(sold=[days[0], None]))
    with pytest.raises(InputError, match="'tomorrow' is no date like 2024-01-31"):
        model.predict(table[:1].assign(sold=["tomorrow"]))
    with pytest.raises(InputError, match="a column 'sold_year', which the dates of 'sold' would"):
        dd.DistilledClassifier().fit(table.assign(sold_year=1), answers)
    spans = table.assign(sold=days - days[0])
    with pytest.raises(InputError, match="'sold' holds spans of time"):
        dd.DistilledClassifier().fit(spans, answers)
    with pytest.raises(InputError, match="'sold' holds dates: give numbers, as year, month"):
        dd.distill_rules(lambda x: answers[: len(x)], table)


def test_a_value_is_missing_only_where_some_were_learned() -> None:
    model = dd.DistilledClassifier(max_conditions=2).fit(X, Y)
    gone = np.where(np.arange(3) == 1, np.nan, X[:2])
    with pytest.raises(InputError, match="row 0 has no value in the column 'x1': the rules have"):
        model.predict(gone)
    with pytest.raises(InputError, match="row 0 has no value in the column 'x1'"):
        model.explain({"x0": 1.0, "x1": None, "x2": 2.0})
    assert model.predict(np.where(np.arange(3) == 2, np.nan, X[:2])).tolist() == Y[:2].tolist()


def test_weights_count_as_copies_and_their_order_does_not_matter() -> None:
    weights = RNG.integers(0, 3, len(X))
    weights[::2] = 0
    one = dd.DistilledClassifier().fit(X, Y, sample_weight=weights)
    order = RNG.permutation(np.repeat(np.arange(len(X)), weights))
    other = dd.DistilledClassifier().fit(X[order], Y[order])
    assert one.rules_ == other.rules_
    assert np.allclose(one.predict_proba(X), other.predict_proba(X))


@pytest.mark.parametrize(
    "parameters, words",
    [
        ({"form": "trees"}, "there is no form 'trees'"),
        ({"budget": 2.0}, "budget is nothing that form='rules' reads"),
        ({"form": "formula", "max_conditions": 2}, "max_conditions is nothing that"),
        ({"class_weight": "even"}, "class_weight is 'even'"),
        ({"handle_unknown": "guess"}, "handle_unknown is 'guess': give 'error' or 'ignore'"),
        ({"monotone": {"x9": 1}}, "monotone 'x9'"),
    ],
)
def test_unusable_parameters_are_refused(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(dd.InputError, match=words):
        dd.DistilledClassifier(**parameters).fit(X, Y)


def test_it_works_in_cross_validation() -> None:
    small = dd.DistilledClassifier(max_complexity=20, random_state=1)
    assert cross_val_score(clone(small), X, Y, cv=2).mean() > 0.8


# ------------------------------------------------------------------ from other classifiers


def test_rules_are_read_from_another_classifier() -> None:
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, Y)
    asked = dd.distill_rules(
        tree, X, Y, columns=["a", "b", "c"], name="tree", exact=False, max_conditions=2
    )
    assert asked.certificate.ok and asked.certificate.correct.evidence.wrong == 0
    assert "a >= 20 or b < 10" in asked.text and "def label(a, b):" in asked.text
    assert "followed by its answers" in asked.notes[0]
    assert "the rules give 100.0%, the model 100.0%" in asked.notes[-1]
    faithful = asked.certificate.faithful
    assert faithful.status == "evidence" and faithful.evidence.seen == 30
    assert "with DecisionTreeClassifier, 0 of 30 rows" in faithful.note


@pytest.mark.parametrize(
    "model, rows, words",
    [
        (3, X, "a model with predict"),
        (lambda x: np.zeros(len(x)), X, "answers 0 everywhere"),
        (lambda x: x, X, "names one class a row"),
        (lambda x: Y, np.zeros(3), "give rows and columns"),
        (lambda x: x["a"], X, "the model cannot be asked about these rows"),
        (lambda x: Y[: len(x)], np.full((5, 2), np.nan), "has no value: leave it out"),
    ],
)
def test_what_no_rules_can_be_read_from(model: Any, rows: Any, words: str) -> None:
    with pytest.raises(dd.InputError, match=words):
        dd.distill_rules(model, rows)


def test_tables_of_pyarrow_are_taken_as_data_frames() -> None:
    """As far as they differ: names in ``column_names``, a data frame where it is asked for."""
    pandas = pytest.importorskip("pandas")

    class Table:
        column_names: ClassVar = ["a"]

        def to_pandas(self) -> Any:
            return pandas.DataFrame({"a": [1.0, 2.0]})

    assert framed(Table())["a"].tolist() == [1.0, 2.0]
    other = pandas.DataFrame({"a": [1.0]})
    assert framed(other) is other


def test_what_no_rule_is_learned_from_is_told_in_a_sentence() -> None:
    pd = pytest.importorskip("pandas")
    x = pd.DataFrame({"a": np.arange(40) % 7, "b": np.arange(40) % 5})
    y = np.where(x["a"] < 3, "low", "high")
    with pytest.raises(InputError, match="y has no value in row 5"):
        dd.DistilledClassifier().fit(x, [None if k == 5 else one for k, one in enumerate(y)])
    with pytest.raises(InputError, match="weights of rows are numbers from 0 on"):
        dd.DistilledClassifier().fit(x, y, sample_weight=-np.ones(40))
    with pytest.raises(ValueError, match="y has one class: 'low'"):
        dd.DistilledClassifier().fit(x, ["low"] * 40)
    with pytest.warns(UserWarning, match="'same' is the target in other words"):
        dd.DistilledClassifier().fit(x.assign(same=np.where(y == "low", "L", "H")), y)


def test_labels_of_several_kinds_are_told_in_a_sentence() -> None:
    labels = np.array([True, "maybe", False, "maybe"] * 5, dtype=object)
    for form in ("rules", "formula"):
        with pytest.raises(ValueError, match=r"several kinds \(bool, str\): give labels of one"):
            dd.DistilledClassifier(form=form).fit(np.arange(20.0).reshape(-1, 1), labels)


def test_a_search_that_was_cut_off_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(task: Any, run: Any) -> Any:
        found = learned(task, run)
        run.cut_off = "the time limit of 1 s"
        return found

    monkeypatch.setattr("deepdistill.estimators.rules.learned", cut_off)
    x = np.arange(40.0).reshape(-1, 1)
    model = dd.DistilledClassifier().fit(x, np.where(x[:, 0] < 20, "low", "high"))
    assert model.certificate_.cut_off == "the time limit of 1 s"
