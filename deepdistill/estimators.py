"""scikit-learn estimators whose model is a short formula, or a short formula for each class."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from .formulas import Fitted, fit_table
from .tables import NumberTable

_FAR = 700.0  # beyond it exp overflows; a share is 0 or 1 long before


class _Distilled(BaseEstimator):  # type: ignore[misc]
    """What both estimators share: their parameters and what they tell of their formulas."""

    def __init__(
        self, backend: str = "auto", budget: float = 1.0, random_state: int | None = None
    ) -> None:
        self.backend = backend
        self.budget = budget
        self.random_state = random_state

    def _seed(self) -> int:
        return 0 if self.random_state is None else int(self.random_state)

    def _titles(self) -> tuple[str, ...]:
        names = getattr(self, "feature_names_in_", None)
        if names is None:
            return tuple(f"x{k}" for k in range(self.n_features_in_))
        return tuple(map(str, names))

    def _fitted(self, x: Any, y: Any, target: str) -> Fitted:
        table = NumberTable(self._titles(), x, target, np.asarray(y, dtype=np.float64))
        return fit_table(
            table,
            name=f"compute_{target}",
            backend=self.backend,
            budget=self.budget,
            seed=self._seed(),
        )


def _rows(fitted: Fitted, x: Any) -> Any:
    """The formula's values; where it has none, the nearest bound of what it was fitted to."""
    from .symbolic.arrays import values

    columns = {scalar.name: x[:, k] for k, scalar in enumerate(fitted.formula.inputs)}
    for let in fitted.formula.body:
        columns[let.name] = np.array(values(let.value, columns))
    found = np.array(values(fitted.formula.value, columns), dtype=np.float64)
    if len(found) != len(x):
        found = np.full(len(x), float(found.ravel()[0]))
    domain = fitted.formula.output.domain
    return np.nan_to_num(
        found, nan=(domain.low + domain.high) / 2, posinf=domain.high, neginf=domain.low
    )


class DistilledRegressor(RegressorMixin, _Distilled):  # type: ignore[misc]
    """Regression by one short formula.

    ``backend`` is ``auto``, ``sparse``, ``operon`` or ``pysr``; ``budget`` is an amount of work, 1
    being a usual search. After ``fit``: ``formula_`` (text), ``code_`` (source of the solver
    module), ``front_`` (rows of complexity, loss, formula and engine), ``certificate_``.
    Where the formula has no value ``predict`` gives the middle of the training answers; ``code_``
    raises ``ValueError`` there.
    """

    def fit(self, X: Any, y: Any) -> DistilledRegressor:
        """Search a formula for ``y``; missing values, infinities and text are refused."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True, ensure_min_samples=2)
        self.fitted_ = self._fitted(X, y, "y")
        self.formula_ = self.fitted_.text
        self.code_ = self.fitted_.code
        self.certificate_ = self.fitted_.certificate
        self.front_ = front_rows(self.fitted_)
        return self

    def predict(self, X: Any) -> Any:
        """The formula's values, (rows,)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return _rows(self.fitted_, X)

    def explain(self, x: Any) -> dict[str, float]:
        """The named intermediate values and the answer for one row."""
        check_is_fitted(self)
        return explained(self.fitted_, _row(x))

    def save(self, folder: Path | str) -> Path:
        """Write the solver, its test, the formula and the certificate to a folder."""
        check_is_fitted(self)
        return self.fitted_.save(folder)


class DistilledClassifier(ClassifierMixin, _Distilled):  # type: ignore[misc]
    """Classification by a short formula for each class; the largest value wins.

    With two classes there is one formula, positive for the second class. Parameters and attributes
    are those of :class:`DistilledRegressor`, with one formula, source and certificate a class.
    """

    def fit(self, X: Any, y: Any) -> DistilledClassifier:
        """Fit a formula to the indicator of each class (least squares on -1 and 1)."""
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError(f"DistilledClassifier needs two classes, y has one class: {y[0]!r}")
        shown = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        self.fitted_ = tuple(
            self._fitted(X, np.where(y == one, 1.0, -1.0), f"score_{k}")
            for k, one in enumerate(shown)
        )
        self.formula_ = tuple(fitted.text for fitted in self.fitted_)
        self.code_ = tuple(fitted.code for fitted in self.fitted_)
        self.certificate_ = tuple(fitted.certificate for fitted in self.fitted_)
        self.front_ = tuple(front_rows(fitted) for fitted in self.fitted_)
        return self

    def decision_function(self, X: Any) -> Any:
        """The formulas' values: (rows,) for two classes, else (rows, classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        scores = np.stack([_rows(fitted, X) for fitted in self.fitted_], axis=1)
        return scores[:, 0] if len(self.classes_) == 2 else scores

    def predict(self, X: Any) -> Any:
        """The class with the largest value, (rows,)."""
        scores = self.decision_function(X)
        if len(self.classes_) == 2:
            return self.classes_[(scores > 0).astype(int)]
        return self.classes_[scores.argmax(axis=1)]

    def explain(self, x: Any) -> tuple[dict[str, float], ...]:
        """For each formula the named intermediate values and the score for one row."""
        check_is_fitted(self)
        return tuple(explained(fitted, _row(x)) for fitted in self.fitted_)

    def save(self, folder: Path | str) -> Path:
        """Write a folder for each formula, and the classes in ``classes.json``."""
        check_is_fitted(self)
        folder = Path(folder)
        for fitted in self.fitted_:
            fitted.save(folder)
        (folder / "classes.json").write_text(json.dumps(self.classes_.tolist()))
        return folder


def front_rows(fitted: Fitted) -> list[dict[str, Any]]:
    """The front as a table: one row for each formula, simplest first."""
    from .ir.text import expr_text

    return [
        {
            "complexity": fit.complexity,
            "loss": fit.loss,
            "formula": expr_text(fit.expr),
            "backend": fit.backend,
        }
        for fit in fitted.front
    ]


def explained(fitted: Fitted, row: Sequence[float]) -> dict[str, float]:
    """Intermediate values by name, then the answer; ``ValueError`` where there is none."""
    from .ir.evaluate import Scope, evaluate_expr

    law = fitted.formula
    scope = Scope((), {})
    scope.names.update(zip([scalar.name for scalar in law.inputs], row, strict=True))
    result: dict[str, float] = {}
    for let in law.body:
        result[let.name] = scope.names[let.name] = evaluate_expr(let.value, scope)
    result[law.output.name] = float(evaluate_expr(law.value, scope))
    return result


def _row(x: Any) -> list[float]:
    return np.asarray(x, dtype=np.float64).ravel().tolist()
