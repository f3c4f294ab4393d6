"""Trained classifiers read from their arrays, as they answer, whatever stands before them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from deepdistill.data.row_columns import TableColumn
from deepdistill.forms.rules.teachers.pipelines import PipelineColumn, read_votes
from deepdistill.forms.rules.teachers.reading import NotExact
from deepdistill.units.teachers import (
    FeatureStep,
    ModelFeature,
    NodeArrays,
    OtherColumn,
    ReluLayer,
    ReluLayers,
    VotingTrees,
)

RNG = np.random.default_rng(5)
X = RNG.normal(size=(120, 3)).round(2)
Y = np.where(X[:, 0] + X[:, 1] > 0.3, 2, np.where(X[:, 2] > 0.5, 1, 0))
FRESH = np.concatenate([X, RNG.normal(size=(300, 3)) * 2])
COLORS = np.array(["blue", "green", "red", None], dtype=object)
PLACES = np.concatenate([np.arange(4), RNG.integers(0, 4, 116)])
MIXED = np.column_stack([X[:, :1].astype(object), COLORS[PLACES]])

TREE = DecisionTreeClassifier(max_depth=4, random_state=0)


def numbers(x: Any) -> list[TableColumn]:
    return [TableColumn(f"x{k}", x[:, k]) for k in range(x.shape[1])]


MODELS: dict[str, Any] = {
    "tree": TREE,
    "extra tree": ExtraTreeClassifier(max_depth=4, random_state=1),
    "forest": RandomForestClassifier(3, max_depth=3, random_state=0),
    "boosted": GradientBoostingClassifier(n_estimators=3, max_depth=2, random_state=0),
    "boosted from nothing": GradientBoostingClassifier(n_estimators=3, init="zero"),
    "adaboost": AdaBoostClassifier(n_estimators=4, random_state=0),
    "histograms": HistGradientBoostingClassifier(max_iter=3, max_depth=3, random_state=0),
    "standard": make_pipeline(StandardScaler(), TREE),
    "centred": make_pipeline(StandardScaler(with_std=False), TREE),
    "a range": make_pipeline(MinMaxScaler(), TREE),
    "the largest": make_pipeline(MaxAbsScaler(), TREE),
    "robust": make_pipeline(RobustScaler(), TREE),
    "robust, as it is": make_pipeline(RobustScaler(with_centering=False, with_scaling=False), TREE),
    "chosen columns": make_pipeline(SelectKBest(k=2), TREE),
    "nothing": make_pipeline(FunctionTransformer(), "passthrough", TREE),
    "pipelines": make_pipeline(make_pipeline(StandardScaler(), MaxAbsScaler()), TREE),
    "columns": make_pipeline(
        ColumnTransformer([("a", StandardScaler(), [2, 0]), ("b", "drop", [1])]), TREE
    ),
    "columns that stay": make_pipeline(
        ColumnTransformer([("a", MinMaxScaler(), [2])], remainder="passthrough"), TREE
    ),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("classes", [2, 3])
def test_a_model_is_read_as_it_answers(name: str, classes: int) -> None:
    labels = np.minimum(Y, classes - 1)
    model = MODELS[name].fit(X, labels)
    votes, known = read_votes(model, numbers(X))
    assert list(known) == list(range(classes)) and votes.fits([0, 0, 0])
    assert votes.run(FRESH).tolist() == model.predict(FRESH).tolist()


def test_missing_values_are_filled_in_or_go_their_way() -> None:
    x = X.copy()
    x[RNG.random(X.shape) < 0.2] = math.nan
    for model in (TREE, make_pipeline(SimpleImputer(strategy="median"), TREE)):
        votes, _ = read_votes(model.fit(x, Y), numbers(x))
        assert votes.run(x).tolist() == model.predict(x).tolist()


def encoded(encoder: Any, x: Any, labels: Any) -> Any:
    step = ColumnTransformer([("n", "passthrough", [0]), ("c", encoder, [1])])
    return make_pipeline(step, DecisionTreeClassifier(random_state=0)).fit(x, labels)


LEVELS = [
    TableColumn("x0", X[:, 0]),
    TableColumn("colour", np.where(PLACES == 3, np.nan, PLACES), ("blue", "green", "red")),
]


@pytest.mark.parametrize(
    "encoder",
    [
        OneHotEncoder(),
        OneHotEncoder(drop="first"),
        OrdinalEncoder(),
        OrdinalEncoder(encoded_missing_value=-1),
    ],
    ids=["one hot", "one less", "ordinal", "ordinal with a place for what is missing"],
)
@pytest.mark.parametrize("gone", [None, math.nan], ids=str)
def test_levels_are_read_as_they_are_encoded(encoder: Any, gone: Any) -> None:
    mixed = MIXED.copy()
    mixed[PLACES == 3, 1] = gone
    model = encoded(encoder, mixed, np.where(PLACES == 1, 2, np.where(PLACES == 3, 1, 0)))
    votes, _ = read_votes(model, LEVELS)
    x = np.column_stack([one.values for one in LEVELS])
    assert votes.run(x).tolist() == model.predict(mixed).tolist()
    assert set(votes.run(x).tolist()) == {0, 1, 2}


def test_an_encoder_may_tell_two_kinds_of_what_is_missing() -> None:
    both = MIXED.copy()
    both[PLACES == 2, 1] = math.nan
    with pytest.raises(NotExact, match="tells None from NaN"):
        read_votes(encoded(OrdinalEncoder(), both, Y), LEVELS)


def test_levels_that_an_encoder_never_saw() -> None:
    few = MIXED[PLACES != 2]
    step = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=9)
    model = make_pipeline(step, TREE).fit(few[:, 1:], Y[PLACES != 2])
    votes, _ = read_votes(model, LEVELS[1:])
    assert votes.features[0].levels == (0, 1, 9) and votes.features[0].fill == 2  # None
    model.fit(few[few[:, 1] != None, 1:], Y[PLACES != 2][few[:, 1] != None])  # noqa: E711
    assert read_votes(model, LEVELS[1:])[0].features[0].fill == 9
    step.set_params(unknown_value=math.nan)
    model.fit(few[:, 1:], Y[PLACES != 2])
    with pytest.raises(NotExact, match="makes levels missing"):
        read_votes(model, LEVELS[1:])


class Unknown(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    def fit(self, X: Any, y: Any = None) -> Unknown:
        return self

    def transform(self, X: Any) -> Any:
        return X[:, ::-1]


def replaced() -> Any:
    model = DecisionTreeClassifier().fit(X, Y)
    model.predict = lambda x: np.zeros(len(x))
    return model


NAMED = np.where(X > 0, "up", "down")
UP = [TableColumn(f"x{k}", (X[:, k] > 0) * 1.0, ("down", "up")) for k in range(3)]
GONE = [math.nan, *X[1:, 0]]
REFUSED: dict[str, tuple[Any, Any, Any]] = {
    "none of scikit-learn's trees": (LogisticRegression(), X, None),
    "it has several outputs": (TREE, X, np.column_stack([Y, Y])),
    "it adds up models of the class LogisticRegression": (
        AdaBoostClassifier(LogisticRegression(), n_estimators=2), X, None,
    ),
    "it starts with the answers of another model": (
        GradientBoostingClassifier(n_estimators=1, init=LogisticRegression()), X, None,
    ),
    "it has 101 trees": (RandomForestClassifier(101, max_depth=1), X, None),
    "its trees have over 5,000 nodes": (
        RandomForestClassifier(90, min_samples_leaf=1, max_features=1, random_state=0),
        RNG.normal(size=(120, 3)), RNG.integers(0, 3, 120),
    ),
    "it stands behind a Unknown": (make_pipeline(Unknown(), TREE), X, None),
    "it stands behind a FunctionTransformer": (
        make_pipeline(FunctionTransformer(np.sin), TREE), X, None,
    ),
    "a scaler clips": (make_pipeline(MinMaxScaler(clip=True), TREE), X, None),
    "a scale is not positive": (
        make_pipeline(MinMaxScaler((0, 5e-324)), TREE), X * [1e9, 1e9, 1e9], None,
    ),
    "does more than to fill in": (
        make_pipeline(SimpleImputer(add_indicator=True), TREE), X, None,
    ),
    "stands behind another step": (
        make_pipeline(StandardScaler(), SimpleImputer(), TREE), X, None,
    ),
    "puts rare levels together": (
        make_pipeline(OneHotEncoder(min_frequency=20, handle_unknown="ignore"), TREE), X, None,
    ),
    "reads a column of numbers": (
        make_pipeline(OneHotEncoder(handle_unknown="ignore"), TREE), X, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("words", REFUSED)
@pytest.mark.filterwarnings("ignore")
def test_what_is_not_read_exactly_says_why(words: str) -> None:
    model, x, labels = REFUSED[words]
    model.fit(x, Y if labels is None else labels)
    with pytest.raises(NotExact, match=words):
        read_votes(model, numbers(x))


def test_models_that_do_not_fit_their_columns_are_not_read() -> None:
    with pytest.raises(NotExact, match="its predict was replaced"):
        read_votes(replaced(), numbers(X))
    with pytest.raises(NotExact, match="it reads 3 columns, not 2"):
        read_votes(TREE.fit(X, Y), numbers(X)[:2])
    with pytest.raises(NotExact, match="holds text, which it cannot read"):
        PipelineColumn(0, UP[0]).number()
    truths = PipelineColumn(1, TableColumn("is", X[:, 0] > 0, (False, True)))
    assert truths.number() == ModelFeature(1, (0.0, 1.0))
    model = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(), TREE)
    with pytest.raises(NotExact, match="fills in no number|holds text"):
        read_votes(model.fit(NAMED.astype(object), Y), UP)


def test_histograms_of_categories_are_not_read() -> None:
    x = np.column_stack([X[:, 0], PLACES]).astype(float)
    model = HistGradientBoostingClassifier(max_iter=1, categorical_features=[1]).fit(x, Y)
    with pytest.raises(NotExact, match="columns of categories"):
        read_votes(model, numbers(x))


# ---- the arrays themselves


STUMP = NodeArrays((0, 0, 0), (0.5, 0, 0), (1, -1, -1), (2, -1, -1), (True, False, False),
                   ((), (1.0, 0.0), (0.0, 1.0)))  # fmt: skip
VOTES = VotingTrees((ModelFeature(0),), (STUMP,), (0.0, 0.0), 1.0, "largest", (0, 1))


def test_a_stump_by_hand() -> None:
    x = np.array([[0.4], [0.5], [0.6], [np.nan]])
    assert VOTES.run(x).tolist() == [0, 0, 1, 0] and VOTES.fits([0])
    steps = (FeatureStep("multiply", 2.0), FeatureStep("add", 1.0))
    assert ModelFeature(0, steps=steps).values(np.array([0.5, 3.0])).tolist() == [2, 7]
    assert ModelFeature(0, fill=9.0).values(np.array([np.nan, 1.0])).tolist() == [9, 1]
    assert ModelFeature(0, steps=(FeatureStep("add", 1e308),) * 2).last(1.0) < 0
    none = VotingTrees((), (NodeArrays((0,), (0.0,), (-1,), (-1,), (False,), ((0.0, 2.0),)),),
                       (1.0, 0.0), 1.0, "largest", (0, 1))  # fmt: skip
    assert none.fits([0]) and none.run(x).tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "broken, levels",
    [
        (VotingTrees(VOTES.features, VOTES.trees, (0.0,), 1.0, "largest", (0, 1)), [0]),
        (VotingTrees(VOTES.features, VOTES.trees, (0.0, 0.0), 0.0, "largest", (0, 1)), [0]),
        (VotingTrees(VOTES.features, VOTES.trees, (0.0, 0.0), 1.0, "sign", (0, 1)), [0]),
        (VOTES, [3]),
        (VOTES, []),
        (VotingTrees((ModelFeature(0, steps=(FeatureStep("divide", -1.0),)),), VOTES.trees,
                     (0.0, 0.0), 1.0, "largest", (0, 1)), [0]),
        (ReluLayers((ReluLayer(((1.0,),), (0.0,)),), (0,), (0, 1), 0.0), [2]),
        (ReluLayers((ReluLayer(((1.0, 2.0),), (0.0,)),), (0,), (0, 1), 0.0), [0]),
        (ReluLayers((ReluLayer(((1.0,),), ()),), (0,), (0, 1), 0.0), [0]),
        (ReluLayers((), (0,), (0, 1), 0.0), [0]),
    ],
)  # fmt: skip
def test_parts_that_do_not_fit_each_other(broken: Any, levels: list[int]) -> None:
    assert not broken.fits(levels)


@pytest.mark.parametrize("left, right", [(0, 2), (2, 0), (1, 3), (3, 1)])
def test_trees_in_which_rows_go_in_circles_or_out(left: int, right: int) -> None:
    tree = NodeArrays(STUMP.feature, STUMP.threshold, (left, -1, -1), (right, -1, -1),
                      STUMP.missing_left, STUMP.values)  # fmt: skip
    assert not tree.fits(1, 2) and STUMP.fits(1, 2) and not STUMP.fits(0, 2)
    assert not STUMP.fits(1, 3)


def test_the_rows_that_a_model_reads_besides() -> None:
    other = OtherColumn(0, False, 1.0, 2.0)
    two = (ModelFeature(0), ModelFeature(1))
    votes = VotingTrees(two, VOTES.trees, (0.0, 0.0), 1.0, "largest", (0, 1), (other,))
    assert votes.run(np.array([[0.1], [0.9]])).tolist() == [0, 1]
