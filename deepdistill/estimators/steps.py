"""A scikit-learn regressor whose model are rules: steps of numbers over the columns of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin

from ..data.measured import MeasuredTable
from ..forms.steps.table import StepTask, learned_steps
from ..ir.names import identifier
from .columns import answer_title
from .encoding import table_columns
from .rule_base import RuleEstimator


class StepRegressor(RegressorMixin, RuleEstimator):  # type: ignore[misc]
    """Regression by steps; see :class:`deepdistill.DistilledRegressor` for the parameters."""

    def __init__(
        self,
        max_complexity: int | None = None,
        max_conditions: int | None = None,
        monotone: Mapping[str, int] | None = None,
        held_out: float = 0.0,
        random_state: Any = None,
        n_jobs: int | None = None,
        time_limit: float | None = None,
        verbose: int = 0,
        handle_unknown: str = "error",
    ) -> None:
        self.max_complexity = max_complexity
        self.max_conditions = max_conditions
        self.monotone = monotone
        self.held_out = held_out
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.time_limit = time_limit
        self.verbose = verbose
        self.handle_unknown = handle_unknown

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> StepRegressor:
        """Learn steps for the numbers ``y`` (rows,) of the rows ``X`` (rows, columns)."""
        self.target_ = answer_title(y, "y")
        X, y = self._checked(X, y, y_numeric=True)
        y = np.asarray(y, dtype=np.float64)
        x = self._encoded(X)
        weights = self._sample_weights(X, len(y), sample_weight)
        some = weights > 0  # a row of no weight is not there
        table = MeasuredTable(
            table_columns(self.codes_, x[some], self._open()),
            self.target_,
            y[some],
            weights[some],
            **self._of_dates(),
        )
        self.task_ = StepTask(
            identifier(self.target_),
            table,
            complexity=self.max_complexity,
            most_conditions=self.max_conditions,
            monotone=self._directions(),
            held_out=self.held_out,
        )
        run = self._run()
        self.trained_ = learned_steps(self.task_, run)
        self.cut_off_ = run.cut_off
        self.network_ = self.trained_.network
        self.result_ = None
        return self

    def predict(self, X: Any) -> Any:
        """The number of each row, (rows,)."""
        rows = self._rows(X)
        return np.array(self.network_.output.levels, dtype=np.float64)[self.network_.run(rows)]
