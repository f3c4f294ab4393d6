"""Rules from a trained classifier: read exactly where it is small, else from its answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.problem import InputError
from ..data.running import Run
from ..forms.rules.teachers.networks import is_module, module_answers
from ..forms.rules.teachers.task import TaughtTask
from ..ir.names import identifier
from ..ir.types import Level
from ..result import Result
from ..run import carry_out
from .classes import ClassName, checked_names, labels_of, names_of, ordered_levels
from .columns import columns_of, is_gone
from .encoding import ColumnCode, codes_of, encoded, is_dates, table_columns


def distill_rules(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    columns: Sequence[str] | None = None,
    bounds: Sequence[tuple[float, float]] | None = None,
    classes: Sequence[Any] | None = None,
    exact: bool = True,
    target: str = "label",
    name: str = "mine",
    max_complexity: int | None = None,
    max_conditions: int | None = None,
    seed: int = 0,
    n_jobs: int | None = 1,
    time_limit: float | None = None,
    progress: Callable[[str, str], None] | None = None,
) -> Result:
    """Read rules from a trained classifier.

    ``model`` has ``predict``, or is a function from rows to their classes. The rows ``X`` (rows,
    columns; a data frame keeps its names and its text, ``columns`` names those of an array) say
    where it matters. A small tree, forest or sum of boosted trees of scikit-learn is read from its
    own arrays: the claim *faithful* is then proved against these. So is a small module of torch
    of affine layers and ReLU, whose largest score is the class (``classes`` names them; of one
    score, whether it is positive), in the ranges of the columns or in ``bounds``, a pair a column:
    the rules are for these alone. Any other model, and every one
    without ``exact``, is asked: for the rows, between neighbours, with values of other rows and
    where its answer changes, each row around weighted by how close it is to those given. One row in
    four is kept aside, and the claim *faithful* is how often rules and model agree there. The claim
    *correct* speaks of the labels ``y`` (rows,), where they are given. Raises :class:`InputError`
    for unusable input.
    """
    if is_module(model):
        classes = None if classes is None else checked_names(classes)
        ask = module_answers(model, classes)
    else:
        ask = model.predict if hasattr(model, "predict") else model
        if bounds is not None:
            raise InputError("bounds are those of a module of torch: leave them out")
        if classes is not None:
            raise InputError("classes name the scores of a module of torch: leave them out")
    if not callable(ask):
        raise InputError("give a model with predict, or a function of rows")
    if not hasattr(X, "columns"):
        X = np.asarray(X.detach().cpu() if hasattr(X, "detach") else X)
    elif not hasattr(X, "iloc"):
        raise InputError("give the rows as an array or a pandas data frame")
    if np.ndim(X) != 2 or not len(X) or not X.shape[1]:
        raise InputError("give rows and columns to ask the model about")
    titles = _titles(X, columns)
    for title, column in zip(titles, columns_of(X), strict=True):
        if is_dates(column):
            raise InputError(
                f"the column {title!r:.60} holds dates: give numbers, as year, month and weekday"
            )
    codes = codes_of(X, titles)
    rows = encoded(codes, X)
    if np.isinf(rows).any():
        raise InputError("the rows hold infinity: make such values missing, or leave them out")
    queried = QueriedModel(ask, X, codes)
    answers = queried.met(queried.given(X))
    named = hasattr(model, "predict") or is_module(model)
    labels = None
    if y is not None:
        given = labels_of(y)
        if given.shape != answers.shape:
            raise InputError(f"give {len(answers)} labels, one a row, not {given.shape}")
        if any(map(is_gone, given.tolist())):
            raise InputError("a label is missing: leave such rows out")
        labels = queried.met(given)
        if not set(labels.tolist()) & set(answers.tolist()):
            said = list(queried.known)[int(answers[0])]
            raise InputError(
                f"no label is a class of the model, which says {said!r:.40}: give labels as it "
                "says them, or with a module of torch classes=[...] that name its scores"
            )
    task = TaughtTask(
        identifier(name),
        type(model).__name__ if named else "the function",
        target,
        model,
        queried,
        table_columns(codes, rows),
        answers,
        labels,
        exact,
        max_complexity,
        max_conditions,
        () if bounds is None else _box(bounds, rows),
        None if classes is None else tuple(classes),
    )
    return carry_out(task, Run(seed, progress, n_jobs, time_limit))


class QueriedModel:
    """Asks a model about rows of numbers and places of levels; its classes become numbers."""

    def __init__(self, ask: Callable[[Any], Any], X: Any, codes: Sequence[ColumnCode]) -> None:
        self.ask, self.X, self.codes = ask, X, codes
        self.known: dict[ClassName, int] = {}
        self.shown = [self._examples(code, column)
                      for code, column in zip(codes, columns_of(X), strict=True)]  # fmt: skip

    def __call__(self, x: NDArray[np.float64]) -> NDArray[np.int64]:
        """The classes of rows (rows, columns), as numbers."""
        return self.met(self.given(self._written(x)))

    def given(self, rows: Any) -> Any:
        """What the model answers, (rows,)."""
        try:
            answers = labels_of(self.ask(rows))
        except (InputError, MemoryError):
            raise
        except Exception as error:
            why = " ".join(str(error).split())[:150]
            raise InputError(
                f"the model cannot be asked about these rows ({why}): give rows as it takes them"
            ) from None
        if answers.shape != (len(rows),):
            raise InputError(
                f"the model gives an array of shape {answers.shape} for {len(rows)} rows: give one "
                "that names one class a row"
            )
        if any(map(is_gone, answers.tolist())):
            raise InputError(
                "the model has no answer for some of the rows that it is asked about: give one "
                "that names a class for each row, or leave such rows out"
            )
        return answers

    def met(self, labels: Any) -> NDArray[np.int64]:
        """The numbers of labels (rows,)."""
        names = names_of(labels)
        return np.array([self.known.setdefault(one, len(self.known)) for one in names], dtype=int)

    def levels(self, used: Sequence[int]) -> tuple[tuple[Level, ...], list[int]]:
        """The names of some classes in order, and their numbers."""
        names = [*self.known]
        levels, places = ordered_levels([names[k] for k in used])
        return levels, [used[k] for k in places]

    def _examples(self, code: ColumnCode, column: Any) -> Mapping[float, int]:
        """A row that shows each level, and one where there is none (-1)."""
        if not code.levels:
            return {}
        places = np.nan_to_num(code.values(column), nan=-1.0)
        values, rows = np.unique(places, return_index=True)
        return dict(zip(values.tolist(), rows.tolist(), strict=True))

    def _written(self, x: NDArray[np.float64]) -> Any:
        """The rows as the model was given them; what is no whole number in float64."""
        parts = [self._column(k, values) for k, values in enumerate(x.T)]
        if hasattr(self.X, "iloc"):
            return type(self.X)(dict(zip(self.X.columns, parts, strict=True)))
        if self.X.dtype.kind in "biuf":
            rows = np.stack([np.asarray(part, dtype=np.float64) for part in parts], axis=1)
            return _as_whole(rows, self.X.dtype)
        return np.stack([np.asarray(part, dtype=object) for part in parts], axis=1)

    def _column(self, k: int, values: NDArray[np.float64]) -> Any:
        column = self.X.iloc[:, k] if hasattr(self.X, "iloc") else self.X[:, k]
        if not self.codes[k].levels:
            return _as_whole(values, column.dtype)
        if getattr(column.dtype, "kind", "O") == "b":
            return values.astype(bool)
        rows = [self.shown[k][place] for place in np.nan_to_num(values, nan=-1.0).tolist()]
        return column.take(rows).array if hasattr(column, "array") else column.take(rows)


def _as_whole(values: NDArray[np.float64], kind: Any) -> Any:
    """Whole numbers again, where the model was given such."""
    if getattr(kind, "kind", "O") not in "iu" or not (values == np.rint(values)).all():
        return values
    return values.astype(kind)


def _box(bounds: Sequence[tuple[float, float]], rows: Any) -> tuple[tuple[float, float], ...]:
    """The ranges of the columns; :class:`InputError` where they hold not all of the rows."""
    try:
        ranges = tuple((float(low), float(high)) for low, high in bounds)
    except (TypeError, ValueError):
        raise InputError("give bounds as pairs of numbers, one a column") from None
    if len(ranges) != rows.shape[1] or not all(low < high for low, high in ranges):
        raise InputError(f"give {rows.shape[1]} bounds, each a smaller and a larger number")
    low, high = np.array(ranges).T
    if not np.isfinite(ranges).all() or (rows < low).any() or (rows > high).any():
        raise InputError("some rows lie outside the bounds: give wider ones, or other rows")
    return ranges


def _titles(X: Any, columns: Sequence[str] | None) -> list[str]:
    if hasattr(X, "columns"):
        if columns is not None:
            raise InputError("a data frame names its columns: leave columns out")
        titles = list(map(str, X.columns))
        if len(set(titles)) < len(titles):
            raise InputError("two columns have one name: name them differently")
        return titles
    count = X.shape[1]
    if columns is None:
        return [f"x{k}" for k in range(count)]
    if len(columns) != count or len(set(columns)) < count:
        raise InputError(f"give {count} names of columns, all different")
    return list(map(str, columns))
