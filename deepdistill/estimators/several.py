"""Labels in several columns: rules for each of them, learned by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone

from ..data.problem import InputError
from ..ir.names import identifier
from .columns import columns_of
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
        columns = columns_of(y if hasattr(y, "columns") else np.asarray(y))
        self.models_ = []
        for title, column in zip(self.titles_, columns, strict=True):
            one = clone(self.model)
            one.title_ = title
            self.models_.append(one.fit(X, _of_one_kind(np.asarray(column)), sample_weight))
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
    """The labels of an array of objects as what they all are: truths, whole numbers, texts."""
    if column.dtype != object or len(set(map(type, column))) > 1:
        return column
    return np.array(column.tolist())


def _titles(y: Any) -> Sequence[str]:
    """The names of the labels, all different."""
    if hasattr(y, "columns"):
        titles = list(map(str, y.columns))
    else:
        titles = [f"label_{k}" for k in range(np.asarray(y).shape[1])]
    if len(set(map(identifier, titles))) < len(titles):
        titles = [f"{title}_{k}" for k, title in enumerate(titles)]
    return titles
