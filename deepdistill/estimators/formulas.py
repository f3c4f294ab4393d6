"""scikit-learn estimators whose model is a short formula."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
from sklearn.utils import check_array
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import check_is_fitted, check_X_y, validate_data

from ..data.categories import Category, category
from ..data.files import write_bytes
from ..data.problem import InputError
from ..data.tables import NumberTable, identifiers
from ..result import Result
from ..run import fit_table
from .classes import sorted_classes
from .columns import (
    answer_title,
    columns_of,
    framed,
    is_text,
    refuse_class_weights,
    seed_of,
    texts_as,
    texts_of,
    titles_of,
    truth_places,
)

if TYPE_CHECKING:
    from ..formula.symbolic.losses import Loss


_SUREST = 30.0  # log odds


class FormulaEstimator(BaseEstimator):  # type: ignore[misc]
    """What estimators of formulas share: their parameters, their inputs, what they tell."""

    def __init__(
        self,
        backend: str = "auto",
        budget: float = 1.0,
        operators: Sequence[str] | None = None,
        random_state: Any = None,
        teacher: Any = "none",
    ) -> None:
        self.backend = backend
        self.budget = budget
        self.operators = operators
        self.random_state = random_state
        self.teacher = teacher

    def _learned(self, X: Any, y: Any, **checks: Any) -> tuple[Any, Any]:
        """Inputs as numbers (rows, inputs), text told by indicators; answers as they are."""
        X = framed(X)
        self.truths_ = truth_places(X)
        if hasattr(X, "columns"):
            columns = columns_of(X)
            titles = [
                name if isinstance(name, str) else f"x{k}" for k, name in enumerate(X.columns)
            ]
            self.categories_ = {
                k: category(title, texts_of(title, column))
                for k, (title, column) in enumerate(zip(titles, columns, strict=True))
                if is_text(title, column)
            }
        else:
            self.categories_ = {}
        if not self.categories_:
            checked = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2, **checks)
            return checked[0], checked[1]
        validate_data(self, X, y, skip_check_array=True)
        checked = check_X_y(
            self._encoded(columns), y, dtype=np.float64, ensure_min_samples=2, **checks
        )
        return checked[0], checked[1]

    def _inputs(self, X: Any) -> Any:
        """The same for rows to predict."""
        check_is_fitted(self)
        X = framed(X)
        if not self.categories_:
            return validate_data(self, X, dtype=np.float64, reset=False)
        if not hasattr(X, "columns"):
            X = np.asarray(X, dtype=object)
            if X.ndim != 2:
                raise ValueError(f"give rows and columns, not an array of {X.ndim} dimensions")
        validate_data(self, X, reset=False, skip_check_array=True)
        return check_array(self._encoded(columns_of(X)), dtype=np.float64)

    def _encoded(self, columns: Sequence[Any]) -> Any:
        titles = titles_of(self)
        parts = []
        for k, column in enumerate(columns):
            if (one := self.categories_.get(k)) is not None:
                parts.append(one.indicators(texts_as(one.levels, texts_of(titles[k], column))))
            else:
                parts.append(np.asarray(column, dtype=np.float64)[:, None])
        return np.concatenate(parts, axis=1)

    def _fitted(
        self,
        X: Any,
        y: Any,
        target: str,
        name: str,
        regimes: bool = True,
        loss: Loss = "mse",
        weights: Any = None,
    ) -> Result:
        titles: list[str] = []
        categories: list[tuple[int, Category]] = []
        truths: list[int] = []
        for k, title in enumerate(titles_of(self)):
            if (one := self.categories_.get(k)) is not None:
                categories.append((len(titles), one))
                titles += one.titles
            else:
                truths += [len(titles)] if k in self.truths_ else []
                titles.append(title)
        table = NumberTable(
            tuple(titles),
            X,
            target,
            np.asarray(y, dtype=np.float64),
            tuple(categories),
            truths=tuple(truths),
        )
        return fit_table(
            table,
            name=name,
            backend=self.backend,
            operators=self.operators,
            budget=self.budget,
            seed=seed_of(self.random_state),
            regimes=regimes,
            teacher=False if is_classifier(self) else self.teacher,
            loss=loss,
            weights=weights,
        )

    def _row(self, x: Any) -> list[float]:
        """One row, given in the order of the columns, by their names or as a table of one row."""
        check_is_fitted(self)
        titles = titles_of(self)
        if hasattr(x, "columns"):
            values = [list(np.asarray(column, dtype=object)) for column in columns_of(x)]
        elif hasattr(x, "keys") and hasattr(self, "feature_names_in_"):
            known = {str(key): x[key] for key in x.keys()}  # noqa: SIM118  a pandas row, too
            if missing := [title for title in titles if title not in known]:
                raise InputError(f"the row has no value for the column {missing[0]!r:.60}")
            values = [[known[title]] for title in titles]
        else:
            values = [[value] for value in np.asarray(x, dtype=object).ravel()]
        if len(values) != len(titles) or any(len(column) != 1 for column in values):
            raise InputError(f"give one row with {len(titles)} values to explain")
        row = check_array(self._encoded(values), dtype=np.float64)
        return list(map(float, row[0]))


def formula_values(fitted: Result, x: Any) -> Any:
    """The formula's values; where it has none, the nearest bound of what it was fitted to."""
    from ..formula.symbolic.arrays import values

    columns = dict(
        zip([one.name for one in fitted.program.inputs], fitted.details.used.rows(x).T, strict=True)
    )
    for let in fitted.program.body:
        columns[let.name] = np.array(values(let.value, columns))
    answers = np.array(values(fitted.program.value, columns), dtype=np.float64)
    answers = np.broadcast_to(answers, (len(x),))
    domain = fitted.program.output.domain
    return np.nan_to_num(
        answers, nan=domain.low / 2 + domain.high / 2, posinf=domain.high, neginf=domain.low
    )


class FormulaRegressor(RegressorMixin, FormulaEstimator):  # type: ignore[misc]
    """Regression by one formula; see :class:`deepdistill.DistilledRegressor`."""

    def fit(self, X: Any, y: Any) -> FormulaRegressor:
        """Search a formula for ``y``, a column of numbers."""
        target = answer_title(y, "y")
        X, y = self._learned(X, y, y_numeric=True)
        self.fitted_ = self._fitted(X, y, target, f"compute {target}")
        self.formula_ = self.fitted_.text
        self.code_ = self.fitted_.code
        self.certificate_ = self.fitted_.certificate
        self.front_ = self.fitted_.table()
        return self

    def predict(self, X: Any) -> Any:
        """The formula's values, (rows,)."""
        X = self._inputs(X)
        return formula_values(self.fitted_, X)

    @property
    def latex_(self) -> str:
        """The formula in LaTeX."""
        from ..target.notation import formula_latex

        check_is_fitted(self)
        return formula_latex(self.fitted_.program)

    def explain(self, x: Any) -> dict[str, float]:
        """The named intermediate values and the answer for one row.

        The row is a sequence, a mapping by column or a data frame of one row. ``ValueError`` where
        the formula has no value. ``fitted_.explain(row)`` tells the regime that was taken, too.
        """
        row = self._row(x)
        return explained(self.fitted_, row)

    def save(self, folder: Path | str) -> Path:
        """Write the solver, its test, the formula and the certificate to a folder."""
        check_is_fitted(self)
        return self.fitted_.save(folder)


def explained(fitted: Result, row: Sequence[float]) -> dict[str, float]:
    """Intermediate values by name, then the answer; ``ValueError`` where there is none."""
    from ..ir.evaluate import Scope, evaluate_expr

    law = fitted.program
    scope = Scope((), {})
    numbers = fitted.details.used.rows(np.array([row]))[0].tolist()
    scope.names.update(zip([scalar.name for scalar in law.inputs], numbers, strict=True))
    result: dict[str, float] = {}
    try:
        for let in law.body:
            result[let.name] = scope.names[let.name] = evaluate_expr(let.value, scope)
        result[law.output.name] = float(evaluate_expr(law.value, scope))
    except (ArithmeticError, ValueError):
        raise InputError("the formula has no value for this row") from None
    return result


class FormulaClassifier(ClassifierMixin, FormulaEstimator):  # type: ignore[misc]
    """Classification by a short formula for each class; the largest value wins.

    A formula gives the log odds of its class (logistic loss). With two classes there is one, of
    the second class. Parameters and attributes
    are those of :class:`FormulaRegressor`, with one formula, source and certificate a class.
    With a ``teacher`` (``auto``, ``jacobian``, ``lipschitz`` or ``hessian``) the formulas follow
    the scores of a smooth network, ``taught_``, instead of -1 and 1; short tables have none.
    ``class_weight`` is None, ``balanced`` or a mapping from classes to weights.
    """

    def __init__(
        self,
        backend: str = "auto",
        budget: float = 1.0,
        operators: Sequence[str] | None = None,
        random_state: Any = None,
        teacher: Any = "none",
        class_weight: Any = None,
    ) -> None:
        super().__init__(backend, budget, operators, random_state, teacher)
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any) -> FormulaClassifier:
        """Fit a formula for the log odds of each class."""
        X, y = self._learned(X, y)
        self.classes_, _ = sorted_classes(y)
        refuse_class_weights(self.class_weight, self.classes_.tolist())
        if len(self.classes_) < 2:
            only = self.classes_.tolist()[0]
            raise ValueError(f"DistilledClassifier needs two classes, y has one class: {only!r}")
        classes = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        titles = [f"score {one}" for one in classes]
        targets = self._targets(X, y, classes)
        weights = None if self.class_weight is None else compute_sample_weight(self.class_weight, y)
        loss: Loss = "mse" if hasattr(self, "taught_") else "logistic"
        self.fitted_ = tuple(
            # a score grows towards a class; in regimes it would be -1 or 1 and ties would decide
            self._fitted(
                X, target, title, f"compute {name}", regimes=False, loss=loss, weights=weights
            )
            for target, title, name in zip(targets, titles, identifiers(titles), strict=True)
        )
        self.formula_ = tuple(fitted.text for fitted in self.fitted_)
        self.code_ = tuple(fitted.code for fitted in self.fitted_)
        self.certificate_ = tuple(fitted.certificate for fitted in self.fitted_)
        self.front_ = tuple(fitted.table() for fitted in self.fitted_)
        return self

    def _targets(self, X: Any, y: Any, classes: Any) -> list[Any]:
        """For each formula what it is fitted to, (rows,)."""
        from ..formula.teaching.classes import class_scores
        from ..formula.teaching.teach import FEWEST, TEACHERS

        self.__dict__.pop("taught_", None)
        if self.teacher not in TEACHERS:
            raise InputError(
                f"there is no teacher {self.teacher!r:.40}: use one of {', '.join(TEACHERS)}"
            )
        if self.teacher == "none" or len(y) < FEWEST:
            return [np.where(y == one, 1.0, -1.0) for one in classes]
        scores, self.taught_ = class_scores(
            X,
            np.searchsorted(self.classes_, y),
            len(self.classes_),
            self.teacher,
            budget=self.budget,
            seed=seed_of(self.random_state),
        )
        return list(scores.T)

    def decision_function(self, X: Any) -> Any:
        """The formulas' values: (rows,) for two classes, else (rows, classes)."""
        X = self._inputs(X)
        scores = np.stack([formula_values(fitted, X) for fitted in self.fitted_], axis=1)
        return scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class for each row, (rows, classes), from the log odds."""
        chances = 1 / (1 + np.exp(-np.clip(self.decision_function(X), -_SUREST, _SUREST)))
        if len(self.classes_) == 2:
            return np.stack([1 - chances, chances], axis=1)
        return chances / chances.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> Any:
        """The class with the largest value, (rows,)."""
        scores = self.decision_function(X)
        if len(self.classes_) == 2:
            return self.classes_[(scores > 0).astype(int)]
        return self.classes_[scores.argmax(axis=1)]

    def explain(self, x: Any) -> tuple[dict[str, float], ...]:
        """For each formula the named intermediate values and the score for one row."""
        row = self._row(x)
        return tuple(explained(fitted, row) for fitted in self.fitted_)

    @property
    def latex_(self) -> tuple[str, ...]:
        """The formulas in LaTeX."""
        from ..target.notation import formula_latex

        check_is_fitted(self)
        return tuple(formula_latex(fitted.program) for fitted in self.fitted_)

    def save(self, folder: Path | str) -> Path:
        """Write a folder for each formula, and the classes in ``classes.json``."""
        check_is_fitted(self)
        folder = Path(folder)
        for fitted in self.fitted_:
            fitted.save(folder)
        write_bytes(folder / "classes.json", json.dumps(self.classes_.tolist()).encode())
        return folder
