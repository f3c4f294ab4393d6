"""The columns of data frames and arrays: what each holds, as numbers or as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from ..data.problem import InputError
from ..ir.names import on_one_line
from ..ir.types import MISSING, Level
from ..target.level_tests import are_numerals, numeral


def framed(X: Any) -> Any:
    """A table of pyarrow as a data frame; anything else as it is."""
    return X.to_pandas() if hasattr(X, "column_names") and hasattr(X, "to_pandas") else X


def columns_of(X: Any) -> list[Any]:
    """The columns of a data frame or of an array."""
    if hasattr(X, "iloc"):
        return [X.iloc[:, k] for k in range(X.shape[1])]
    if hasattr(X, "columns"):
        return [X[name] for name in X.columns]
    return [X[:, k] for k in range(X.shape[1])]


def truth_places(X: Any) -> set[int]:
    """The places of columns that hold True and False."""
    if hasattr(X, "columns"):
        kinds = [getattr(getattr(column, "dtype", None), "kind", "") for column in columns_of(X)]
        return {k for k, kind in enumerate(kinds) if kind == "b"}
    dtype = getattr(X, "dtype", None)
    return set(range(X.shape[1])) if dtype == np.bool_ and np.ndim(X) == 2 else set()


def is_text(title: str, column: Any) -> bool:
    """Whether a data frame's column is to be told by indicators; other columns are numbers."""
    if getattr(column.dtype, "categories", None) is not None:
        return True
    kind = np.asarray(column).dtype.kind
    if kind in "mM":
        raise InputError(
            f"the column {title!r:.60} holds dates: give numbers, as year, month and weekday"
        )
    if kind not in "OUST":
        return False
    return any(isinstance(value, str) for value in np.asarray(column, dtype=object))


def texts_of(title: str, column: Any) -> list[str]:
    """A text column's values, none missing."""
    values = list(np.asarray(column, dtype=object))
    for value in values:
        if is_gone(value):
            raise InputError(f"the column {title!r:.60} has missing values: remove those rows")
    kinds = {isinstance(value, str) for value in values}
    if len(kinds) > 1:
        raise InputError(f"the column {title!r:.60} holds text and numbers: make it one of them")
    texts = list(map(level_text, values))
    refuse_folded(title, sorted(set(texts)), False)
    return texts


def level_text(value: Any) -> str:
    """A level as text, a whole number always as an integer: pandas makes floats of categories."""
    is_whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return str(int(value)) if is_whole else str(value)


def texts_as(levels: Sequence[Level], texts: Sequence[str]) -> list[str]:
    """The texts of a column; where its levels are numbers ``2.0``, as files have it, is ``2``."""
    return [numeral(text.strip()) for text in texts] if are_numerals(levels) else list(texts)


def is_gone(value: Any) -> bool:
    """Whether a value says that there is none."""
    return (
        value is None
        or type(value).__name__ in ("NAType", "NaTType")
        or (isinstance(value, float | np.floating) and bool(value != value))
    )


def refuse_gone(y: Any) -> None:
    """:class:`InputError` where an answer (rows,) or (rows, columns) is missing among others."""
    answers = np.asarray(y, dtype=object)
    for row, own in enumerate(answers if answers.ndim else ()):  # scikit-learn refuses one alone
        if any(map(is_gone, np.ravel(own))):
            raise InputError(f"y has no value in row {row}: remove the row or fill it in")


def titles_of(estimator: Any) -> list[str]:
    """The names of the columns that a fitted estimator has seen."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        return [f"x{k}" for k in range(estimator.n_features_in_)]
    return list(map(str, names))


def refuse_folded(title: str, levels: Sequence[Level], some_gone: bool) -> None:
    """:class:`InputError` where a solver, as it reads cells, would take two levels for one."""
    stripped: dict[str, str] = {}
    for level in map(str, levels):
        text = level.strip()
        if some_gone and text.lower() in MISSING:
            raise InputError(
                f"the column {title!r:.60} holds the text {level!r:.40} and has missing values, "
                "which a solver reads alike: write the text otherwise, or make it missing, too"
            )
        if (other := stripped.setdefault(text, level)) != level:
            raise InputError(
                f"the column {title!r:.60} holds {other!r:.40} and {level!r:.40}, which a solver "
                "reads alike: remove the spaces around them"
            )


def refuse_class_weights(class_weight: Any, classes: Sequence[Any]) -> None:
    """:class:`InputError` where it is none, or a mapping with what is no weight or no class.

    As in scikit-learn it may name more ``classes`` than there are if it names all of them: rows to
    learn from, as of a fold, may lack one.
    """
    if class_weight is None or (isinstance(class_weight, str) and class_weight == "balanced"):
        return
    if not isinstance(class_weight, Mapping):
        given = on_one_line(f"{class_weight!r:.40}")
        raise InputError(f"class_weight is {given}: give None, 'balanced' or a mapping")
    known = list(dict.fromkeys(classes))
    further = [label for label in class_weight if label not in known]
    if further and any(one not in class_weight for one in known):
        raise InputError(
            f"class_weight has {further[0]!r:.40}, which is no class of y: name some of "
            f"{', '.join(map(repr, known[:10])):.200}"
        )
    for label, weight in class_weight.items():
        is_number = isinstance(weight, int | float | np.integer | np.floating)
        if not is_number or not 0 <= weight < np.inf:
            raise InputError(
                f"class_weight of {label!r:.40} is {weight!r:.40}: give a number from 0 on"
            )


def answer_title(y: Any, usual: str) -> str:
    """The name of the answers (rows,) or (rows, 1), the ``usual`` one where they have none."""
    columns = list(getattr(y, "columns", []))
    title = columns[0] if len(columns) == 1 else getattr(y, "name", None)
    return title if isinstance(title, str) and title else usual


def seed_of(random_state: Any) -> int:
    """The seed that scikit-learn's ``random_state`` stands for."""
    if random_state is None:
        return 0
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))
