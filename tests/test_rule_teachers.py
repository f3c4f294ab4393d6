"""Rules that are a trained classifier, read from its own arrays; and how far others follow one."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

import deepdistill as dd
from deepdistill.forms.files import read_network
from deepdistill.forms.rules.argument import same_rules
from deepdistill.forms.rules.file import rules_bytes
from deepdistill.forms.rules.teachers.conditions import ModelColumn
from deepdistill.forms.rules.teachers.points import pointed
from deepdistill.recheck import check_again
from deepdistill.units.rules import Below, Leaf, Split
from deepdistill.units.teachers import FeatureStep, ModelFeature, NodeArrays, VotingTrees

RNG = np.random.default_rng(5)
X = RNG.normal(size=(150, 3)).round(2)
Y = np.where(X[:, 0] + X[:, 1] > 0.3, "high", np.where(X[:, 2] > 0.5, "middle", "low"))

MODELS: list[Any] = [
    DecisionTreeClassifier(max_depth=3, random_state=0),
    ExtraTreeClassifier(max_depth=4, random_state=1),
    RandomForestClassifier(3, max_depth=2, random_state=0),
    ExtraTreesClassifier(3, max_depth=2, random_state=0),
    GradientBoostingClassifier(n_estimators=2, max_depth=2, random_state=0),
    HistGradientBoostingClassifier(max_iter=2, max_depth=2, random_state=0),
    AdaBoostClassifier(n_estimators=4, random_state=0),
]


def beside_limits(result: dd.Result, x: Any) -> Any:
    """Rows with a column at each limit of the rules, and at its neighbours in both precisions."""
    titles = [scalar.title for scalar in result.network.inputs]
    rows = []
    for unit in result.network.model.units:
        if isinstance(unit, Below):
            place = int(titles[unit.column][1:])
            near = np.float32(unit.limit)
            single = [float(np.nextafter(near, np.float32(way))) for way in (-9e9, 9e9)]
            double = [math.nextafter(unit.limit, way) for way in (-math.inf, math.inf)]
            for value in (unit.limit, float(near), *single, *double):
                some = x[:8].copy()
                some[:, place] = value
                rows.append(some)
    return np.concatenate(rows)


def answers(result: dd.Result, x: Any) -> list[Any]:
    """What the solver gives for rows of all columns."""
    places = [int(scalar.title[1:]) for scalar in result.network.inputs]
    return [
        result.solve(*(None if math.isnan(row[k]) else row[k] for k in places))
        for row in x.tolist()
    ]


@pytest.mark.parametrize("model", MODELS, ids=lambda one: type(one).__name__)
def test_small_models_are_read_exactly(model: Any) -> None:
    model.fit(X, Y)
    result = dd.distill_rules(model, X)
    assert result.certificate.faithful.status == "proved"
    assert f"{type(model).__name__}, as it stands" in result.certificate.faithful.note
    drawn = RNG.normal(size=(500, 3)) * 2
    rows = np.concatenate([X, drawn, beside_limits(result, X)])
    assert answers(result, rows) == model.predict(rows).tolist()


def test_two_classes_of_boosted_trees_are_told_by_a_sign() -> None:
    y = Y == "high"
    for model in (
        GradientBoostingClassifier(n_estimators=3, learning_rate=1, max_depth=1),
        HistGradientBoostingClassifier(max_iter=3, learning_rate=1, max_depth=1),
        AdaBoostClassifier(n_estimators=3, random_state=0),
    ):
        result = dd.distill_rules(model.fit(X, y), X)
        assert result.certificate.faithful.status == "proved"
        rows = np.concatenate([X, beside_limits(result, X)])
        assert answers(result, rows) == model.predict(rows).tolist()


@pytest.mark.parametrize("kind", [DecisionTreeClassifier, RandomForestClassifier])
def test_missing_values_go_as_the_model_sends_them(kind: Any) -> None:
    x = X.copy()
    x[RNG.random(X.shape) < 0.15] = math.nan
    more = {} if kind is DecisionTreeClassifier else {"n_estimators": 2}
    model = kind(max_depth=2 if more else 4, random_state=0, **more).fit(x, Y)
    result = dd.distill_rules(model, x)
    assert result.certificate.faithful.status == "proved" and "is None" in result.text
    rows = np.concatenate([x, beside_limits(result, x), np.full((1, 3), math.nan)])
    assert answers(result, rows) == model.predict(rows).tolist()


def test_a_value_between_two_float32_is_rounded_as_the_model_does() -> None:
    """The limit lies halfway between two neighbours, on the side that ties go to."""
    low = np.float32(1)
    high = np.nextafter(low, np.float32(2))
    after = np.nextafter(high, np.float32(2))
    half = (float(low) + float(high)) / 2
    assert ModelFeature(0).last(float(low)) == half  # 1 is even: the tie goes down
    halfway = (float(high) + float(after)) / 2
    assert ModelFeature(0).last(float(high)) == math.nextafter(halfway, 0)
    assert ModelFeature(0, single=False).last(0.1) == 0.1
    assert ModelFeature(0).last(1e300) == math.inf
    scaled = ModelFeature(0, steps=(FeatureStep("subtract", 3.0), FeatureStep("divide", 0.7)))
    last = scaled.last(0.25)
    assert scaled.passes(last, 0.25) and not scaled.passes(math.nextafter(last, 9), 0.25)


def test_truths_are_read_as_a_model_reads_them() -> None:
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1] > 0})
    y = np.where(frame["b"] & (frame["a"] > 0.2), 1, 0)
    model = DecisionTreeClassifier(random_state=0).fit(frame, y)
    result = dd.distill_rules(model, frame, y)
    assert result.certificate.faithful.status == "proved"
    assert result.certificate.correct.evidence.wrong == 0
    given = [result.solve(row) for row in frame.to_dict("records")]
    assert given == model.predict(frame).tolist()


def test_a_wrong_reading_is_refuted() -> None:
    """The proof is about the model's arrays, so rules that were read otherwise fail."""
    model = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, Y)
    result = dd.distill_rules(model, X)
    teacher = result.network.teacher
    arrays = teacher.model.trees[0]
    moved = tuple(
        t + 1e-6 if left >= 0 else t for t, left in zip(arrays.threshold, arrays.left, strict=True)
    )
    other = replace(teacher.model, trees=(replace(arrays, threshold=moved),))
    network = replace(result.network, teacher=replace(teacher, model=other))
    assert same_rules(result.network, result.program).status == "proved"
    assert same_rules(network, result.program).status == "refuted"


def test_what_is_saved_is_proved_again(tmp_path: Path) -> None:
    model = RandomForestClassifier(2, max_depth=2, random_state=0).fit(X, Y)
    folder = dd.distill_rules(model, X, Y).save(tmp_path)
    again = check_again(folder).certificate
    assert again.faithful.status == "proved" and "RandomForest" in again.faithful.note
    assert dd.load(folder).network.teacher.title == "RandomForestClassifier"
    data = json.loads((folder / "certificate.json").read_text())
    data["correct"]["wrong"] = data["correct"]["seen"] + 1
    (folder / "certificate.json").write_text(json.dumps(data))
    with pytest.raises(dd.InputError):
        check_again(folder)


def test_a_subclass_is_asked() -> None:
    class Turned(DecisionTreeClassifier):  # type: ignore[misc]
        def predict(self, X: Any) -> Any:
            return np.where(super().predict(X) == "low", "high", "low")

    model = Turned(max_depth=1, random_state=0).fit(X, Y)
    result = dd.distill_rules(model, X[:60], max_conditions=1)
    assert result.certificate.faithful.status == "evidence"
    assert answers(result, X) == model.predict(X).tolist()


def test_other_models_are_followed(tmp_path: Path) -> None:
    x, y = X[:80, :2], X[:80, 0] > 0.1
    model = KNeighborsClassifier(15).fit(x, y)
    result = dd.distill_rules(model, x, y, max_conditions=1)
    faithful, correct = result.certificate.faithful, result.certificate.correct
    assert faithful.status == "evidence" and faithful.evidence.support["around"]["seen"] == 20
    own = np.mean(np.array(answers(result, x)) == model.predict(x))
    assert own > 0.7 and faithful.evidence.bound > faithful.evidence.wrong / 20
    assert correct.status == "evidence" and "KNeighborsClassifier had learned" in "".join(
        correct.evidence.unknown
    )
    smallest = result.table()[0]["complexity"]
    assert result.choose(smallest).certificate.faithful.evidence is not None
    assert [row["complexity"] for row in result.choose(smallest).table()] == [smallest]
    folder = result.save(tmp_path)
    again = check_again(folder).certificate
    assert again.faithful.evidence == faithful.evidence
    data = json.loads((folder / "certificate.json").read_text())
    data["faithful"]["status"] = "proved"
    (folder / "certificate.json").write_text(json.dumps(data))
    with pytest.raises(dd.InputError, match="claims too much"):
        check_again(folder)


def test_a_linear_model_of_three_classes_is_followed_by_sums(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(240, 3)).round(2)
    sums = np.stack([2 * x[:, 0], 2 * x[:, 1], 2 * x[:, 2]], axis=1)
    labels = np.array(["a", "b", "c"])[(sums + 2 * rng.gumbel(size=sums.shape)).argmax(axis=1)]
    model = LogisticRegression().fit(x, labels)
    alone, beside = dd.distill_rules(model, x), dd.distill_rules(model, x, labels)
    scores = [result.network.model.scores for result in (alone, beside)]
    assert scores[0] is not None and scores[1] is not None
    # the same labels; of the model's own answers they are sure, of the right labels they are not
    assert scores[0].classes == scores[1].classes and scores[0].worth > 2 * scores[1].worth
    assert alone.certificate.faithful.evidence.wrong <= 4
    assert beside.network.rows.loss < 0.95 * beside.network.rows.plain
    assert check_again(beside.save(tmp_path)).certificate.correct == beside.certificate.correct


def test_labels_that_a_model_never_says_are_refused() -> None:
    model = DecisionTreeClassifier(max_depth=2).fit(X[:80], X[:80, 0] > 0.1)
    with pytest.raises(dd.InputError, match="no label is a class of the model, which says"):
        dd.distill_rules(model, X[:80], np.where(X[:80, 0] > 0.1, "yes", "no"))


def test_limits_of_size_are_kept() -> None:
    model = DecisionTreeClassifier(random_state=0).fit(X, Y)
    result = dd.distill_rules(model, X[:60], max_complexity=30)
    assert "exactly it has a complexity of" in result.notes[0]
    assert result.certificate.faithful.status == "evidence"


def test_the_docs_read_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    docs = Path(__file__).resolve().parents[1] / "docs" / "rules.md"
    section = docs.read_text(encoding="utf-8").partition("## From a trained model")[2]
    (example,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    known: dict[str, Any] = {}
    exec(example, known)
    printed = capsys.readouterr().out
    assert "return 'setosa'" in printed or 'return "setosa"' in printed
    assert printed.endswith("proved\n")
    iris, result = known["iris"], known["result"]
    given = [result.solve(row) for row in iris.data.to_dict("records")]
    assert given == known["model"].predict(iris.data).tolist()


def pipelines() -> list[Any]:
    tree = DecisionTreeClassifier(max_depth=4, random_state=0)
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore")
    mixed = ColumnTransformer([("n", numbers, ["age", "size"]), ("w", words, ["kind"])])
    order = ColumnTransformer(
        [("w", OrdinalEncoder(), ["kind"]), ("n", SimpleImputer(), ["size"])],
        remainder="drop",
    )
    return [
        make_pipeline(mixed, tree),
        make_pipeline(order, MinMaxScaler(), tree),
        make_pipeline(mixed, GradientBoostingClassifier(n_estimators=2, max_depth=2)),
    ]


@pytest.mark.parametrize("model", pipelines(), ids=["scaled", "ordinal", "boosted"])
def test_what_stands_before_a_model_is_read_too(model: Any) -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, 120).astype(float),
            "size": np.where(rng.random(120) < 0.15, math.nan, rng.normal(size=120).round(2)),
            "kind": rng.choice(["a", "b", "c"], 120),
        }
    )
    y = np.where((frame["kind"] == "b") | (frame["size"].fillna(0) > 0.4), "yes", "no")
    model.fit(frame, y)
    result = dd.distill_rules(model, frame, y)
    assert result.certificate.faithful.status == "proved", result.notes
    rows = frame.copy()
    for unit in result.network.model.units:
        if isinstance(unit, Below):
            title = result.network.inputs[unit.column].title
            for value in (unit.limit, math.nextafter(unit.limit, -math.inf)):
                rows = pd.concat([rows, frame[:9].assign(**{title: value})])
    given = [result.solve({k: None if v != v else v for k, v in row.items()})
             for row in rows.to_dict("records")]  # fmt: skip
    assert given == model.predict(rows).tolist()


def test_what_stands_before_a_model_and_is_not_read() -> None:
    model = make_pipeline(PCA(2), DecisionTreeClassifier(max_depth=1)).fit(X, Y)
    result = dd.distill_rules(model, X[:60], max_conditions=1)
    assert "it stands behind a PCA" in result.notes[0]
    assert result.certificate.faithful.status == "evidence"


def test_many_columns_are_told_by_points() -> None:
    """Thresholds of many columns cut too many cells, and few leaves that go together do not."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(300, 9)).round(2)
    y = (x[:, :7] > 0.2).sum(axis=1) > 3
    for model in (
        AdaBoostClassifier(n_estimators=7, random_state=0),
        GradientBoostingClassifier(n_estimators=7, max_depth=1, learning_rate=1.0),
        RandomForestClassifier(4, max_depth=2, random_state=0),
    ):
        result = dd.distill_rules(model.fit(x, y), x, y)
        assert result.certificate.faithful.status == "proved", result.notes
        assert result.network.model.limits and re.search("points|count >= 4", result.text)
        rows = np.concatenate([x, rng.normal(size=(500, 9)), beside_limits(result, x)])
        assert answers(result, rows) == model.predict(rows).tolist()


def test_points_of_equal_trees_are_added_up_once() -> None:
    model = VotingTrees(
        (ModelFeature(0), ModelFeature(1)),
        tuple(stump(feature, worth) for feature, worth in ((0, 0.5), (1, 0.7), (0, 0.5))),
        (-0.6,),
        1.0,
        "sign",
        (0, 1),
    )
    found = pointed(model, [ModelColumn(0, False, 0.0, 1.0)] * 2)
    assert found is not None and len(found.trees) == 2 and found.limits == (1,)
    assert found.trees[0] == Split(0, Leaf(0), Leaf(1)) and found.trees[1].rests == Leaf(1)


def stump(feature: int, worth: float) -> NodeArrays:
    """Adds so much where a feature is above one half."""
    return NodeArrays(
        (feature, 0, 0),
        (0.5, 0.0, 0.0),
        (1, -1, -1),
        (2, -1, -1),
        (False, False, False),
        ((), (0.0,), (worth,)),
    )


def test_forests_that_are_not_small_are_followed() -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(size=(60, 6)).round(2)
    model = RandomForestClassifier(20, random_state=0).fit(x, x[:, 0] > 0.3)
    result = dd.distill_rules(model, x, max_conditions=1)
    assert "more than 20,000, and few points" in result.notes[0]
    assert result.certificate.faithful.status == "evidence"


@pytest.mark.parametrize(
    "change",
    [
        {"left": (1, -1, -1, -1, -1)},
        {"left": (0, -1, -1)},
        {"feature": (7, 0, 0)},
        {"values": ((), (0.0, 1.0, 2.0, 3.0), (1.0, 0.0))},
        {"right": (9, -1, -1)},
    ],
)
def test_arrays_of_a_model_that_are_none_are_refused(change: dict[str, Any]) -> None:
    model = DecisionTreeClassifier(max_depth=1, random_state=0).fit(X, Y == "high")
    network = dd.distill_rules(model, X).network
    trees = network.teacher.model.trees
    broken = replace(network.teacher.model, trees=(replace(trees[0], **change),))
    broken_network = replace(network, teacher=replace(network.teacher, model=broken))
    assert decoded(network).teacher == network.teacher
    with pytest.raises(dd.InputError, match="does not fit its columns and labels"):
        decoded(broken_network)


def decoded(network: Any) -> Any:
    return read_network(rules_bytes(network), "network.npz")
