"""The regressor for users: a formula by default, steps of rules where asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from ..data.problem import InputError
from .delegated import DelegatedEstimator, refuse_unread
from .formulas import FormulaRegressor
from .rule_base import ReadRules
from .steps import StepRegressor

FORMS = ("formula", "rules")
_RULES = ("max_complexity", "max_conditions", "monotone", "held_out", "n_jobs", "time_limit",
          "verbose", "handle_unknown")  # fmt: skip
_FORMULAS = ("backend", "budget", "operators", "teacher")


class DistilledRegressor(RegressorMixin, DelegatedEstimator):  # type: ignore[misc]
    """Regression by one short formula, or with ``form="rules"`` by steps of numbers.

    For formulas: ``backend`` is ``auto``, ``sparse``, ``operon`` or ``pysr``; ``budget`` is an
    amount of work, 1 being a usual search; ``operators`` are those the formula may use, None for
    the usual ones. For rules: ``max_complexity`` is the largest size (nodes of Python's ``ast``),
    ``max_conditions`` the most conditions on a path, ``monotone`` maps columns to 1 or -1. The
    share ``held_out`` of the rows is not learned from and judges. ``n_jobs``, ``time_limit``
    (seconds), ``verbose`` and ``random_state`` are as elsewhere.

    Columns of a data frame keep their names. A column of text or categories stays one in
    ``code_``, ``colour == "red"``, and so does one of truths; rows to predict have the text, too.
    Rules take missing values where they have learned from some, and texts that were never seen
    where ``handle_unknown`` is ``ignore``; else ``predict`` refuses them. Formulas refuse them in a
    sentence, and infinities, dates and text with more than a dozen levels.

    Unusable parameters and tables raise :class:`InputError`, a ``ValueError``, in ``fit``.

    After ``fit``: ``code_`` (source of the solver module), ``certificate_``, ``fitted_``, and
    ``model_``, the estimator of the form. Of formulas: ``formula_`` (text), ``latex_``,
    ``categories_`` (of text columns, by their place). Of rules: ``rules_`` (the function; its
    ``rules`` are the same as data), ``choose(complexity=20)``. ``front_`` is a list with a dict of
    complexity, loss and more for each that could be chosen, simplest first; the complexity is the
    number of nodes of Python's ``ast``.
    Where the formula has no value ``predict`` gives the middle of the training answers; ``code_``
    raises ``ValueError`` there.
    """

    def __init__(
        self,
        backend: str = "auto",
        budget: float = 1.0,
        operators: Sequence[str] | None = None,
        random_state: Any = None,
        teacher: Any = "none",
        form: str = "formula",
        max_complexity: int | None = None,
        max_conditions: int | None = None,
        monotone: Mapping[str, int] | None = None,
        held_out: float = 0.0,
        n_jobs: int | None = None,
        time_limit: float | None = None,
        verbose: int = 0,
        handle_unknown: str = "error",
    ) -> None:
        self.backend = backend
        self.budget = budget
        self.operators = operators
        self.random_state = random_state
        self.teacher = teacher
        self.form = form
        self.max_complexity = max_complexity
        self.max_conditions = max_conditions
        self.monotone = monotone
        self.held_out = held_out
        self.n_jobs = n_jobs
        self.time_limit = time_limit
        self.verbose = verbose
        self.handle_unknown = handle_unknown

    __metadata_request__fit: ClassVar = {"sample_weight": None}

    @property
    def fit(self) -> Any:
        """Learn ``y`` (rows,), a column of numbers, from the rows ``X`` (rows, columns).

        Only rules take a ``sample_weight`` (rows,), so scikit-learn sees none of formulas.
        """
        return self._fit_rules if self.form == "rules" else self._fit_formula

    def _fit_rules(self, X: Any, y: Any, sample_weight: Any = None) -> DistilledRegressor:
        return self._learned(StepRegressor, _RULES, _FORMULAS, X, y, sample_weight)

    def _fit_formula(self, X: Any, y: Any) -> DistilledRegressor:
        return self._learned(FormulaRegressor, _FORMULAS, _RULES, X, y)

    def _learned(
        self, kind: Any, read: Sequence[str], unread: Sequence[str], *rows: Any
    ) -> DistilledRegressor:
        refuse_unread(self, DistilledRegressor(), FORMS, unread)
        own = {name: getattr(self, name) for name in read}
        self.model_ = kind(random_state=self.random_state, **own).fit(*rows)
        self.n_features_in_ = self.model_.n_features_in_
        if hasattr(self.model_, "feature_names_in_"):
            self.feature_names_in_ = self.model_.feature_names_in_
        return self

    def predict(self, X: Any) -> Any:
        """The number of each row, (rows,)."""
        check_is_fitted(self)
        return self.model_.predict(X)

    def choose(self, complexity: int) -> DistilledRegressor:
        """Take the best steps of the front that are no larger; they are judged anew."""
        self._steps().choose(complexity)
        return self

    def _steps(self) -> StepRegressor:
        check_is_fitted(self)
        if not isinstance(self.model_, StepRegressor):
            raise InputError("this regressor took a formula, which has no rules")
        return self.model_

    def _formula(self) -> FormulaRegressor:
        check_is_fitted(self)
        if not isinstance(self.model_, FormulaRegressor):
            raise AttributeError("this regressor took rules, which have no formula")
        return self.model_

    @property
    def rules_(self) -> ReadRules:
        """The steps as the function that gives the number; its ``rules`` are the same as data."""
        return self._steps().rules_

    @property
    def formula_(self) -> str:
        text: str = self._formula().formula_
        return text

    @property
    def latex_(self) -> str:
        """The formula in LaTeX."""
        return self._formula().latex_

    @property
    def categories_(self) -> Any:
        return self._formula().categories_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.form == "rules"
        tags.input_tags.categorical = self.form == "rules"
        return tags

    def _repr_html_(self) -> str:
        if isinstance(getattr(self, "model_", None), StepRegressor):
            return self._steps()._repr_html_()
        html: str = super()._repr_html_()
        return html
