"""A scikit-learn classifier whose model are rules: if and else over the columns of a table."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from ..data.labelled import LabelledTable
from ..data.problem import InputError
from ..data.running import Run
from ..forms import form_of_task
from ..forms.rules.table import LabelledTask, learned
from ..ir.names import identifier
from ..ir.types import Level
from ..result import Result
from ..run import written
from .columns import seed_of, titles_of
from .encoding import codes_of, encoded, table_columns


class RuleClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
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

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> RuleClassifier:
        """Learn rules for the classes ``y`` (rows,) of the rows ``X`` (rows, columns)."""
        title = getattr(y, "name", None)
        self.target_ = title if isinstance(title, str) and title else "label"
        if hasattr(X, "columns"):
            validate_data(self, X, y, skip_check_array=True)
        else:
            X, y = validate_data(
                self, X, y, dtype=None, ensure_all_finite="allow-nan", ensure_min_samples=2
            )
        y = np.asarray(y).ravel() if np.ndim(y) == 1 else np.asarray(y)
        check_classification_targets(y)
        self.classes_, places = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"DistilledClassifier needs two classes, y has one class: {y[0]!r}")
        self.codes_ = codes_of(X, titles_of(self))
        x = encoded(self.codes_, X)
        if np.isinf(x).any():
            raise ValueError("X holds infinity: make such values missing, or remove their rows")
        weights = self._weights(X, places, sample_weight)
        some = weights > 0  # a row of no weight is not there
        table = LabelledTable(
            table_columns(self.codes_, x[some]),
            self.target_,
            tuple(as_level(one) for one in self.classes_),
            places[some].astype(np.int64),
            weights[some],
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
        self.trained_ = learned(self.task_, self._run())
        self.network_ = self.trained_.network
        self.result_: Result | None = None
        return self

    def _run(self) -> Run:
        progress = (lambda stage, detail: print(f"{stage}: {detail}")) if self.verbose else None
        return Run(seed_of(self.random_state), progress, self.n_jobs or 1, self.time_limit)

    def _weights(self, X: Any, places: Any, sample_weight: Any) -> Any:
        weights = np.ones(len(places))
        if sample_weight is not None:
            weights = np.asarray(_check_sample_weight(sample_weight, X, dtype=np.float64))
        if isinstance(self.class_weight, Mapping):
            own = {label: float(weight) for label, weight in self.class_weight.items()}
            weights = (
                weights * np.array([own.get(one, 1.0) for one in self.classes_.tolist()])[places]
            )
        elif self.class_weight not in (None, "balanced"):
            raise InputError(
                f"class_weight is {self.class_weight!r:.40}: give None, 'balanced' or a mapping"
            )
        return weights

    def _directions(self) -> tuple[int, ...]:
        if not self.monotone:
            return ()
        titles = [code.title for code in self.codes_]
        for title, sign in self.monotone.items():
            if title not in titles or sign not in (-1, 0, 1):
                raise InputError(f"monotone {title!r:.40}: {sign!r:.20} is no column with 1 or -1")
        return tuple(int(self.monotone.get(title, 0)) for title in titles)

    def _rows(self, X: Any) -> Any:
        """The rows of the network's inputs."""
        check_is_fitted(self)
        if hasattr(X, "columns"):
            validate_data(self, X, reset=False, skip_check_array=True)
        else:
            X = validate_data(self, X, dtype=None, ensure_all_finite="allow-nan", reset=False)
        x = encoded(self.codes_, X)
        if np.isinf(x).any():
            raise ValueError("X holds infinity: make such values missing, or remove their rows")
        titles = [code.title for code in self.codes_]
        return x[:, [titles.index(scalar.title) for scalar in self.network_.inputs]]

    def _row(self, x: Any) -> list[float]:
        """One row, by column, in order, or as a table of one; what the network reads of it."""
        if not hasattr(x, "columns") and hasattr(x, "keys"):
            known = {str(key): x[key] for key in x.keys()}  # noqa: SIM118  a pandas row, too
            titles = [code.title for code in self.codes_]
            if missing := [title for title in titles if title not in known]:
                raise InputError(f"the row has no value for the column {missing[0]!r:.60}")
            found = {code.title: code.values([known[code.title]])[0] for code in self.codes_}
            return [float(found[scalar.title]) for scalar in self.network_.inputs]
        rows = x if hasattr(x, "columns") or np.ndim(x) == 2 else np.asarray(x, dtype=object)[None]
        found_rows = self._rows(rows)
        if len(found_rows) != 1:
            raise InputError(f"give one row to explain, not {len(found_rows)}")
        return list(map(float, found_rows[0]))

    def predict(self, X: Any) -> Any:
        """The class of each row, (rows,)."""
        rows = self._rows(X)
        return self.classes_[self.network_.run(rows)]

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class for each row, (rows, classes)."""
        rows = self._rows(X)
        shares = np.array(self.network_.probabilities)[self.network_.cases(rows)]
        return shares / shares.sum(axis=1, keepdims=True)

    def choose(self, complexity: int) -> RuleClassifier:
        """Take the best rules that are no larger; they are judged anew."""
        check_is_fitted(self)
        form = form_of_task(self.task_)
        self.trained_ = form.chosen(self.task_, self.trained_, self._run(), complexity)
        self.network_, self.result_ = self.trained_.network, None
        return self

    # ---- what it tells

    @property
    def fitted_(self) -> Result:
        """The rules as a result: solver, certificate, report; made when it is asked for first."""
        check_is_fitted(self)
        if self.result_ is None:
            self.result_ = written(self.task_, self.trained_, self._run())
        return self.result_

    @property
    def code_(self) -> str:
        """The source of the solver module."""
        return self.fitted_.code

    @property
    def certificate_(self) -> Any:
        return self.fitted_.certificate

    @property
    def front_(self) -> list[dict[str, Any]]:
        """The rules that could be chosen: a dict of complexity, loss, error and source for each."""
        check_is_fitted(self)
        return form_of_task(self.task_).front_rows(self.trained_)

    @property
    def rules_(self) -> str:
        """The rules as the function that gives the label."""
        from ..forms.rules.lift import lift_rules
        from ..target.label_source import label_text

        check_is_fitted(self)
        return label_text(lift_rules(self.network_, self.network_.output.name))

    def explain(self, x: Any) -> Any:
        """The path that one row takes, each condition with its outcome, and the rows behind it."""
        check_is_fitted(self)
        row = self._row(x)
        given = [s.written(value) for s, value in zip(self.network_.inputs, row, strict=True)]
        return self.fitted_.explain(*given)

    def save(self, folder: Path | str) -> Path:
        """Write the solver, its test, the rules and the certificate to a folder."""
        return self.fitted_.save(folder)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags

    def _repr_html_(self) -> str:
        if not hasattr(self, "network_"):
            return f"<pre>{html.escape(repr(self))}</pre>"
        return f"<pre>{html.escape(self.rules_)}</pre>"


def as_level(label: Any) -> Level:
    """A class as the solver names it."""
    value = label.item() if hasattr(label, "item") else label
    if isinstance(value, float):
        return int(value) if value.is_integer() else repr(value)
    return value if isinstance(value, str | bool | int) else str(value)
