"""scikit-learn's trees, forests and boosted trees: their arrays as they stand.

A model is read where its class is one of scikit-learn's own: what a subclass changes is unknown.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ....units.teachers import ModelFeature, NodeArrays, VotingTrees
from .reading import NotExact

_LEAF = -1
_MOST_TREES = 100
_MOST_NODES = 5000


def voting_trees(model: Any, features: Sequence[ModelFeature]) -> VotingTrees:
    """What a fitted classifier computes of its features; labels are places of its classes.

    Raises :class:`NotExact` with the reason in words.
    """
    kind = type(model)
    own = kind.__module__.split(".")[0] == "sklearn"
    read = _READERS.get(kind.__name__) if own else None
    if read is None:
        raise NotExact(f"{kind.__name__} is none of scikit-learn's trees, forests or boosted trees")
    if getattr(model, "n_outputs_", 1) != 1:
        raise NotExact("it has several outputs")
    if "predict" in vars(model) or "predict_proba" in vars(model):
        raise NotExact("its predict was replaced")
    if len(features) != model.n_features_in_:
        raise NotExact(f"it reads {model.n_features_in_} columns, not {len(features)}")
    forest = read(model, tuple(features))
    if len(forest.trees) > _MOST_TREES:
        raise NotExact(f"it has {len(forest.trees)} trees, and {_MOST_TREES} are read at most")
    if sum(len(tree.left) for tree in forest.trees) > _MOST_NODES:
        raise NotExact(f"its trees have over {_MOST_NODES:,} nodes")
    return forest


def _tree(model: Any, features: tuple[ModelFeature, ...]) -> VotingTrees:
    values = model.tree_.value[:, 0, : len(model.classes_)]
    return _votes([_arrays(model.tree_, values)], features, np.zeros(len(model.classes_)))


def _forest(model: Any, features: tuple[ModelFeature, ...]) -> VotingTrees:
    trees = [
        _arrays(one.tree_, one.tree_.value[:, 0, : len(model.classes_)])
        for one in model.estimators_
    ]
    return replace(
        _votes(trees, features, np.zeros(len(model.classes_))), divisor=float(len(trees))
    )


def _boosted(model: Any, features: tuple[ModelFeature, ...]) -> VotingTrees:
    """Each tree adds to the score of one class."""
    if type(model.init_).__name__ != "DummyClassifier" and model.init_ != "zero":
        raise NotExact("it starts with the answers of another model")
    start = model._raw_predict_init(np.zeros((1, model.n_features_in_)))[0]
    trees = []
    for stage in model.estimators_:
        for k, one in enumerate(stage):
            values = np.zeros((one.tree_.node_count, len(start)))
            values[:, k] = model.learning_rate * one.tree_.value[:, 0, 0]
            trees.append(_arrays(one.tree_, values))
    return _signed(_votes(trees, features, start), "sign")


def _adaboost(model: Any, features: tuple[ModelFeature, ...]) -> VotingTrees:
    """Each tree votes with its weight for the class that it gives."""
    classes, trees = model.classes_, []
    for one, weight in zip(model.estimators_, model.estimator_weights_, strict=False):
        if type(one).__name__ not in ("DecisionTreeClassifier", "ExtraTreeClassifier"):
            raise NotExact(f"it adds up models of the class {type(one).__name__}")
        given = one.classes_.take(np.argmax(one.tree_.value[:, 0, : len(one.classes_)], axis=1))
        values = np.where(given[:, None] == classes, weight, -1 / (len(classes) - 1) * weight)
        trees.append(_arrays(one.tree_, values))
    forest = _votes(trees, features, np.zeros(len(classes)))
    return replace(forest, divisor=float(model.estimator_weights_.sum()))


def _histogram_boosted(model: Any, features: tuple[ModelFeature, ...]) -> VotingTrees:
    if model._preprocessor is not None:
        raise NotExact("it has columns of categories")
    start, trees = np.asarray(model._baseline_prediction, dtype=np.float64).ravel(), []
    for stage in model._predictors:
        for k, one in enumerate(stage):
            nodes = one.nodes
            if nodes["is_categorical"].any():
                raise NotExact("it has columns of categories")
            leaf = nodes["is_leaf"].astype(bool)
            values = np.zeros((len(nodes), len(start)))
            values[:, k] = nodes["value"]
            trees.append(
                _nodes(
                    np.where(leaf, 0, nodes["feature_idx"]),
                    nodes["num_threshold"],
                    np.where(leaf, _LEAF, nodes["left"].astype(np.int64)),
                    np.where(leaf, _LEAF, nodes["right"].astype(np.int64)),
                    nodes["missing_go_to_left"],
                    values,
                )
            )
    plain = tuple(replace(one, single=False) for one in features)
    return _signed(_votes(trees, plain, start), "above")


def _signed(votes: VotingTrees, decision: Any) -> VotingTrees:
    """Of two classes there is one sum, whose sign decides."""
    if len(votes.start) > 1:
        return votes
    return replace(votes, decision=decision, labels=(0, 1))


def _votes(
    trees: Sequence[NodeArrays], features: tuple[ModelFeature, ...], start: Any
) -> VotingTrees:
    begin = tuple(map(float, start))
    labels = tuple(range(len(begin)))
    return VotingTrees(features, tuple(trees), begin, 1.0, "largest", labels)


def _arrays(tree: Any, values: Any) -> NodeArrays:
    gone = getattr(tree, "missing_go_to_left", np.zeros(tree.node_count, dtype=bool))
    return _nodes(
        tree.feature, tree.threshold, tree.children_left, tree.children_right, gone, values
    )


def _nodes(
    feature: Any, threshold: Any, left: Any, right: Any, gone: Any, values: Any
) -> NodeArrays:
    leaf = np.asarray(left) < 0
    ends = sys.float_info.max  # an infinite threshold lets every number pass
    return NodeArrays(
        tuple(np.where(leaf, 0, feature).astype(int).tolist()),
        tuple(np.where(leaf, 0.0, np.clip(threshold, -ends, ends)).astype(float).tolist()),
        tuple(np.asarray(left).astype(int).tolist()),
        tuple(np.asarray(right).astype(int).tolist()),
        tuple(np.where(leaf, False, gone).astype(bool).tolist()),
        tuple(
            tuple(map(float, row)) if end else ()
            for row, end in zip(values, leaf.tolist(), strict=True)
        ),
    )


_READERS: Mapping[str, Callable[[Any, tuple[ModelFeature, ...]], VotingTrees]] = {
    "DecisionTreeClassifier": _tree,
    "ExtraTreeClassifier": _tree,
    "RandomForestClassifier": _forest,
    "ExtraTreesClassifier": _forest,
    "GradientBoostingClassifier": _boosted,
    "AdaBoostClassifier": _adaboost,
    "HistGradientBoostingClassifier": _histogram_boosted,
}
