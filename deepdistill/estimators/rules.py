"""A scikit-learn classifier whose model are rules: if and else over the columns of a table."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin

from ..data.labelled import LabelledTable, determined_columns, in_order
from ..data.problem import InputError
from ..forms.rules.table import LabelledTask, learned
from ..ir.names import identifier
from ..ir.types import Level
from .classes import as_level, sorted_classes
from .columns import answer_title, refuse_class_weights
from .encoding import table_columns
from .rule_base import RuleEstimator


class RuleClassifier(ClassifierMixin, RuleEstimator):  # type: ignore[misc]
    """Classification by rules; see :class:`deepdistill.DistilledClassifier` for the parameters."""

    def __init__(
        self,
        max_complexity: int | None = None,
        max_conditions: int | None = None,
        monotone: Mapping[str, int] | None = None,
        class_weight: Any = None,
        held_out: float = 0.0,
        random_state: Any = None,
        n_jobs: int | None = None,
        time_limit: float | None = None,
        verbose: int = 0,
        ordered: bool | Sequence[Any] = False,
        handle_unknown: str = "error",
    ) -> None:
        self.max_complexity = max_complexity
        self.max_conditions = max_conditions
        self.monotone = monotone
        self.class_weight = class_weight
        self.held_out = held_out
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.time_limit = time_limit
        self.verbose = verbose
        self.ordered = ordered
        self.handle_unknown = handle_unknown

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> RuleClassifier:
        """Learn rules for the classes ``y`` (rows,) of the rows ``X`` (rows, columns)."""
        self.target_ = getattr(self, "title_", "") or answer_title(y, "label")
        X, y = self._checked(X, y)
        self.classes_, places = sorted_classes(y)
        if len(self.classes_) < 2:
            only = as_level(self.classes_[0])
            raise ValueError(f"DistilledClassifier needs two classes, y has one class: {only!r}")
        x = self._encoded(X)
        weights = self._weights(X, places, sample_weight)
        some = weights > 0  # a row of no weight is not there
        labels, ends = self._labels(places[some].astype(np.int64))
        table = LabelledTable(
            table_columns(self.codes_, x[some], self._open()),
            self.target_,
            labels,
            ends,
            weights[some],
            self.ordered is not False,
            **self._of_dates(),
        )
        for column in determined_columns(table.columns, table.y):
            warnings.warn(
                f"the column {column!r:.40} is the target in other words: leave it out if it was "
                "made from it",
                stacklevel=2,
            )
        self.task_ = LabelledTask(
            identifier(self.target_),
            table,
            complexity=self.max_complexity,
            most_conditions=self.max_conditions,
            balanced=self.class_weight == "balanced",
            monotone=self._directions(),
            held_out=self.held_out,
        )
        run = self._run()
        self.trained_ = learned(self.task_, run)
        self.cut_off_ = run.cut_off
        self.network_ = self.trained_.network
        self.result_ = None
        return self

    def _labels(self, places: Any) -> tuple[tuple[Level, ...], Any]:
        """The classes in their order as the solver names them, and each row's place there."""
        labels = tuple(as_level(one) for one in self.classes_)
        if isinstance(self.ordered, bool):
            self.order_ = np.arange(len(labels))
            return labels, places
        ranked, ends = in_order(labels, places, self.ordered, self.target_)
        self.order_ = np.array([labels.index(label) for label in ranked])
        return ranked, ends

    def _weights(self, X: Any, places: Any, sample_weight: Any) -> Any:
        refuse_class_weights(self.class_weight, self.classes_.tolist())
        weights = self._sample_weights(X, len(places), sample_weight)
        if isinstance(self.class_weight, Mapping):
            own = {label: float(weight) for label, weight in self.class_weight.items()}
            weights = (
                weights * np.array([own.get(one, 1.0) for one in self.classes_.tolist()])[places]
            )
            if not (weights > 0).any():
                raise InputError("class_weight leaves no row a weight: give a class one above 0")
        return weights

    def predict(self, X: Any) -> Any:
        """The class of each row, (rows,)."""
        rows = self._rows(X)
        return self.classes_[self.order_[self.network_.run(rows)]]

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class for each row, (rows, classes), as ``classes_`` has them."""
        rows = self._rows(X)
        shares = np.empty((len(rows), len(self.classes_)))
        shares[:, self.order_] = self.network_.chances(rows)
        return shares / shares.sum(axis=1, keepdims=True)
