"""The classifier for users: rules by default, a formula for each class where asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from ..data.problem import InputError
from .classes import refuse_nameless
from .columns import framed, refuse_gone
from .delegated import DelegatedEstimator, refuse_unread
from .formulas import FormulaClassifier
from .rules import RuleClassifier
from .several import LabelRules

FORMS = ("rules", "formula", "auto")
_RULES = ("max_complexity", "max_conditions", "monotone", "held_out", "n_jobs",
          "time_limit", "verbose", "ordered", "handle_unknown")  # fmt: skip
_FORMULAS = ("backend", "budget", "operators", "teacher")
_BOTH = ("class_weight",)


class DistilledClassifier(ClassifierMixin, DelegatedEstimator):  # type: ignore[misc]
    """Classification by rules that can be read: if and else over the columns of a table.

    With ``form="formula"`` it is a short formula for the log odds of each class instead, of which
    the largest wins (one formula for two classes); ``auto`` takes whichever is right more often on
    a quarter of the rows that is held out for that.

    For rules: ``max_complexity`` is the largest size (nodes of Python's ``ast``),
    ``max_conditions`` the most conditions on a path; ``monotone`` maps columns to 1 or -1,
    ``class_weight``, which formulas read, too, is None, ``balanced`` or a mapping. The share
    ``held_out`` of the rows is not learned from and judges; by default all are learned from, and
    the certificate rests on the length of the rules alone. Missing values are learned; where there
    were none ``predict`` refuses them, as the solver does, and a text that was never seen goes
    where the rare ones of its column went, else it is refused, too. With
    ``handle_unknown="ignore"`` it is answered, by both, as none of those that were seen. Columns of
    dates give year, month, weekday and days. ``n_jobs``,
    ``time_limit`` (seconds), ``verbose`` and ``random_state`` are as elsewhere. ``ordered`` says
    that the classes have an order, True that of ``classes_``, or lists them in theirs. Labels in
    several columns (rows, labels) get rules each: ``predict`` gives (rows, labels),
    ``predict_proba`` a list. For formulas: ``backend``, ``budget``, ``operators`` and ``teacher``
    as in :class:`DistilledRegressor`.

    Unusable parameters and tables raise :class:`InputError`, a ``ValueError``, in ``fit``.

    After ``fit``: ``classes_``, ``code_`` (source of the solver module), ``rules_`` (the function
    that gives the label; its ``rules`` are the same as data), ``front_`` (the rules that could be
    chosen: ``choose(complexity=20)`` takes others), ``certificate_``, ``fitted_`` (the result, or
    one a class of formulas), and ``model_``, the estimator of the form that was taken.
    """

    def __init__(
        self,
        form: str = "rules",
        max_complexity: int | None = None,
        max_conditions: int | None = None,
        monotone: Mapping[str, int] | None = None,
        class_weight: Any = None,
        held_out: float = 0.0,
        random_state: Any = None,
        n_jobs: int | None = None,
        time_limit: float | None = None,
        verbose: int = 0,
        backend: str = "auto",
        budget: float = 1.0,
        operators: Sequence[str] | None = None,
        teacher: Any = "none",
        ordered: bool | Sequence[Any] = False,
        handle_unknown: str = "error",
    ) -> None:
        self.form = form
        self.max_complexity = max_complexity
        self.max_conditions = max_conditions
        self.monotone = monotone
        self.class_weight = class_weight
        self.held_out = held_out
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.time_limit = time_limit
        self.verbose = verbose
        self.backend = backend
        self.budget = budget
        self.operators = operators
        self.teacher = teacher
        self.ordered = ordered
        self.handle_unknown = handle_unknown

    __metadata_request__fit: ClassVar = {"sample_weight": None}

    @property
    def fit(self) -> Any:
        """Learn the classes ``y`` (rows,) of the rows ``X`` (rows, columns).

        Several columns of ``y`` (rows, labels) are learned one by one. Formulas take no
        ``sample_weight`` (rows,), so scikit-learn sees none of them.
        """
        return self._fit_formula if self.form == "formula" else self._fit_rules

    def _fit_formula(self, X: Any, y: Any) -> DistilledClassifier:
        return self._learned(X, y, None)

    def _fit_rules(self, X: Any, y: Any, sample_weight: Any = None) -> DistilledClassifier:
        return self._learned(X, y, sample_weight)

    def _learned(self, X: Any, y: Any, sample_weight: Any) -> DistilledClassifier:
        unread = _RULES if self.form == "formula" else _FORMULAS if self.form == "rules" else ()
        refuse_unread(self, DistilledClassifier(), FORMS, unread)
        refuse_gone(y)
        refuse_nameless(y)
        shape = (y if hasattr(y, "shape") else np.asarray(y)).shape
        if self.form == "rules" and len(shape) == 2 and shape[1] > 1:
            self.model_: Any = LabelRules(self._model("rules")).fit(X, y, sample_weight)
        else:
            better = self.form == "auto"
            model = self._better(X, y, sample_weight) if better else self._model(self.form)
            self.model_ = _fit(model, X, y, sample_weight)
        self.classes_ = self.model_.classes_
        self.n_features_in_ = self.model_.n_features_in_
        if hasattr(self.model_, "feature_names_in_"):
            self.feature_names_in_ = self.model_.feature_names_in_
        return self

    def _model(self, form: str) -> Any:
        kind, names = (
            (RuleClassifier, _RULES) if form == "rules" else (FormulaClassifier, _FORMULAS)
        )
        given = {name: getattr(self, name) for name in (*names, *_BOTH)}
        return kind(random_state=self.random_state, **given)

    def _better(self, X: Any, y: Any, sample_weight: Any) -> Any:
        """The form that is right more often on rows that it did not see; rules on a tie."""
        from sklearn.model_selection import train_test_split

        check_consistent_length(framed(X), y)
        y = column_or_1d(np.asarray(y))
        places = np.arange(len(y))
        seed = self.random_state if isinstance(self.random_state, int) else 0
        try:
            seen, held = train_test_split(places, test_size=0.25, stratify=y, random_state=seed)
        except ValueError:  # a class of one row
            return self._model("rules")
        right = []
        for form in ("rules", "formula"):
            weights = None if sample_weight is None else np.asarray(sample_weight)[seen]
            try:
                model = _fit(self._model(form), _taken(X, seen), y[seen], weights)
                right.append(float((model.predict(_taken(X, held)) == y[held]).mean()))
            except InputError:  # no formula of what is missing, or of so many levels
                right.append(-1.0)
        return self._model("formula" if right[1] > right[0] else "rules")

    def predict(self, X: Any) -> Any:
        """The class of each row, (rows,)."""
        check_is_fitted(self)
        return self.model_.predict(X)

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class for each row, (rows, classes)."""
        check_is_fitted(self)
        return self.model_.predict_proba(X)

    @available_if(lambda model: model.form == "formula")  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> Any:
        """The formulas' log odds: (rows,) for two classes, else (rows, classes)."""
        check_is_fitted(self)
        return self.model_.decision_function(X)

    def choose(self, complexity: int) -> DistilledClassifier:
        """Take the best rules of the front that are no larger; they are judged anew."""
        check_is_fitted(self)
        self._rules().choose(complexity)
        return self

    def _rules(self) -> Any:
        if not isinstance(self.model_, RuleClassifier | LabelRules):
            raise InputError("this classifier took formulas, which have no rules")
        return self.model_

    @property
    def rules_(self) -> Any:
        """The rules as the function that gives the label, with ``rules`` as data; one a label."""
        check_is_fitted(self)
        return self._rules().rules_

    @property
    def formula_(self) -> tuple[str, ...]:
        check_is_fitted(self)
        formulas: tuple[str, ...] = self.model_.formula_
        return formulas

    @property
    def latex_(self) -> tuple[str, ...]:
        """The formulas in LaTeX."""
        check_is_fitted(self)
        formulas: tuple[str, ...] = self.model_.latex_
        return formulas

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.form == "rules"
        tags.input_tags.categorical = True
        tags.classifier_tags.multi_label = tags.target_tags.multi_output = self.form == "rules"
        return tags

    def _repr_html_(self) -> str:
        if isinstance(getattr(self, "model_", None), RuleClassifier | LabelRules):
            text: str = self._rules()._repr_html_()
            return text
        html: str = super()._repr_html_()
        return html


def _fit(model: Any, X: Any, y: Any, sample_weight: Any) -> Any:
    if isinstance(model, RuleClassifier):
        return model.fit(X, y, sample_weight)
    return model.fit(X, y)


def _taken(X: Any, places: Any) -> Any:
    """Some rows of a data frame or an array."""
    X = framed(X)
    return X.iloc[places] if hasattr(X, "iloc") else np.asarray(X)[places]
