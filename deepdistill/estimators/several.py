"""Labels in several columns: rules for each of them, learned by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone

from ..data.problem import InputError
from ..ir.names import identifier
from .columns import columns_of, refuse_class_weights
from .rule_base import rules_html
from .rules import RuleClassifier


class LabelRules:
    """Rules for each column of labels; what they tell is a list with an entry a label."""

    def __init__(self, model: RuleClassifier) -> None:
        self.model = model

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LabelRules:
        """Learn the labels ``y`` (rows, labels) of the rows ``X`` (rows, columns)."""
        self.titles_ = _titles(y)
        if self.model.ordered is not False and not isinstance(self.model.ordered, bool):
            raise InputError("ordered lists the labels of one column, and y has several: give True")
        columns = list(map(np.asarray, columns_of(y if hasattr(y, "columns") else np.asarray(y))))
        weights = self.model.class_weight
        refuse_class_weights(weights, [one for column in columns for one in column.tolist()])
        self.models_ = []
        for title, column in zip(self.titles_, columns, strict=True):
            one = clone(self.model)
            one.title_ = title
            if isinstance(weights, Mapping):
                own = set(column.tolist())
                one.class_weight = {label: weights[label] for label in weights if label in own}
            self.models_.append(one.fit(X, _of_one_kind(column), sample_weight))
        self.classes_ = [one.classes_ for one in self.models_]
        self.n_features_in_ = self.models_[0].n_features_in_
        if hasattr(self.models_[0], "feature_names_in_"):
            self.feature_names_in_ = self.models_[0].feature_names_in_
        return self

    def predict(self, X: Any) -> Any:
        """The class of each row and label, (rows, labels)."""
        answers = [one.predict(X) for one in self.models_]
        if len({column.dtype.kind for column in answers}) > 1:  # texts beside truths stay such
            answers = [column.astype(object) for column in answers]
        return np.stack(answers, axis=1)

    def predict_proba(self, X: Any) -> list[Any]:
        """For each label the probabilities of its classes, (rows, classes)."""
        return [one.predict_proba(X) for one in self.models_]

    def choose(self, complexity: int) -> LabelRules:
        """Take the best rules of each label that are no larger."""
        for one in self.models_:
            one.choose(complexity)
        return self

    def explain(self, x: Any) -> list[Any]:
        """The path of one row for each label."""
        return [one.explain(x) for one in self.models_]

    def save(self, folder: Path | str) -> Path:
        """Write a folder for each label."""
        for one in self.models_:
            one.save(folder)
        return Path(folder)

    @property
    def rules_(self) -> list[Any]:
        return [one.rules_ for one in self.models_]

    @property
    def code_(self) -> list[str]:
        return [one.code_ for one in self.models_]

    @property
    def certificate_(self) -> list[Any]:
        return [one.certificate_ for one in self.models_]

    @property
    def front_(self) -> list[Any]:
        return [one.front_ for one in self.models_]

    @property
    def fitted_(self) -> list[Any]:
        return [one.fitted_ for one in self.models_]

    def _repr_html_(self) -> str:
        return rules_html(self.rules_)


def _of_one_kind(column: Any) -> Any:
    """The labels of an array of objects as what they all are, where NumPy changes none of them."""
    if column.dtype != object or len(set(map(type, column))) > 1:
        return column
    values = [one.item() if isinstance(one, np.generic) else one for one in column]
    made = np.array(values)
    again = made.tolist()  # NumPy cuts a NUL at the end off and makes floats of long integers
    same = again == values and set(map(type, again)) == set(map(type, values))
    return made if same else column


def _titles(y: Any) -> Sequence[str]:
    """The names of the labels, all different."""
    if hasattr(y, "columns"):
        titles = list(map(str, y.columns))
    else:
        titles = [f"label_{k}" for k in range(np.asarray(y).shape[1])]
    if len(set(map(identifier, titles))) < len(titles):
        titles = [f"{title}_{k}" for k, title in enumerate(titles)]
    return titles
