"""What users' estimators hand on to the one of the form that they took."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ..data.problem import InputError


def refuse_unread(model: Any, usual: Any, forms: Sequence[str], unread: Sequence[str]) -> None:
    """:class:`InputError` for a form that there is not, or for what the form does not read.

    That are the parameters of these names which are not as in ``usual``.
    """
    if model.form not in forms:
        raise InputError(f"there is no form {model.form!r:.40}: use one of {', '.join(forms)}")
    known = usual.get_params()
    if given := [name for name in unread if np.any(getattr(model, name) != known[name])]:
        raise InputError(
            f"{given[0]} is nothing that form={model.form!r} reads: leave it out, or give "
            "another form"
        )


class DelegatedEstimator(BaseEstimator):  # type: ignore[misc]
    """An estimator whose fitted ``model_`` does the work."""

    model_: Any

    def explain(self, x: Any) -> Any:
        """Why one row gets its answer: the path, or the named values of the formulas.

        The row is a sequence, a mapping by column or a data frame of one row. ``ValueError`` where
        a formula has no value. ``fitted_.explain(row)`` tells the regime that was taken, too.
        """
        check_is_fitted(self)
        return self.model_.explain(x)

    def save(self, folder: Path | str) -> Path:
        """Write solver, test, network, certificate and report to a folder."""
        check_is_fitted(self)
        path: Path = self.model_.save(folder)
        return path

    @property
    def code_(self) -> Any:
        """The source of the solver module; of a classifier's formulas one a class."""
        check_is_fitted(self)
        return self.model_.code_

    @property
    def certificate_(self) -> Any:
        check_is_fitted(self)
        return self.model_.certificate_

    @property
    def front_(self) -> Any:
        """What could have been chosen, simplest first; of a classifier's formulas one a class."""
        check_is_fitted(self)
        return self.model_.front_

    @property
    def fitted_(self) -> Any:
        """The result: solver, certificate, report; of a classifier's formulas one a class."""
        check_is_fitted(self)
        return self.model_.fitted_

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")
