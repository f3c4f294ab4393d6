"""Rules from a trained classifier: it is asked where the rows live, and its answers are learned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..data.labelled import LabelledTable
from ..data.problem import InputError
from ..data.running import Run
from ..forms.rules.table import LabelledTask
from ..ir.names import identifier
from ..result import Result
from ..run import carry_out
from .columns import columns_of
from .encoding import codes_of, encoded, table_columns
from .rules import as_level

_MOST_AROUND = 2000
_MIXED = 0.3  # of a row's values that come from other rows


def distill_rules(
    model: Any,
    X: Any,
    labels: Any = None,
    *,
    columns: Sequence[str] | None = None,
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
    where it is followed: it is asked for them, and for as many rows, at most 2,000, in which some
    values are those of other rows. One answer in four is held out: the certificate's claim
    *correct* is the fidelity to the model there. With ``labels`` (rows,) the accuracy of both on
    the rows is told in ``result.notes``, too. Raises :class:`InputError` for unusable input.
    """
    ask = model.predict if hasattr(model, "predict") else model
    if not callable(ask):
        raise InputError("give a model with predict, or a function of rows")
    if not hasattr(X, "columns"):
        X = np.asarray(X)
    if np.ndim(X) != 2 or not len(X):
        raise InputError("give rows and columns to ask the model about")
    titles = _titles(X, columns)
    answers = _answers(ask, X)
    around = _around(X, min(len(X), _MOST_AROUND), seed)
    more = _answers(ask, around)
    classes, places = np.unique(np.concatenate([answers, more]), return_inverse=True)
    if len(classes) < 2:
        raise InputError(f"the model answers {classes[0]!r:.40} everywhere: no rule is to be read")
    codes = codes_of(X, titles)
    x = np.concatenate([encoded(codes, X), encoded(codes, around)])
    weights = np.concatenate([np.ones(len(answers)), np.full(len(more), 0.5)])
    told = [f"the labels are answers of {type(model).__name__}, so correct is the fidelity to it"]
    table = LabelledTable(
        table_columns(codes, x),
        target,
        tuple(map(as_level, classes)),
        places.astype(np.int64),
        weights,
        notes=tuple(told),
    )
    task = LabelledTask(
        identifier(name), table, complexity=max_complexity, most_conditions=max_conditions
    )
    result = carry_out(task, Run(seed, progress, n_jobs, time_limit))
    if labels is None:
        return result
    return _with_accuracy(result, table, classes, answers, np.asarray(labels))


def _with_accuracy(
    result: Result, table: LabelledTable, classes: Any, answers: Any, labels: Any
) -> Result:
    """The result with a note on how often the rules and the model are right on the rows."""
    if labels.shape != answers.shape:
        raise InputError(f"give {len(answers)} labels, one a row, not an array of {labels.shape}")
    titles = [column.title for column in table.columns]
    places = [titles.index(scalar.title) for scalar in result.network.inputs]
    given = classes[result.network.run(table.x[: len(labels)][:, places])]
    note = (
        f"of the {len(labels):,} labels the rules give {(given == labels).mean():.1%}, "
        f"the model {(answers == labels).mean():.1%}"
    )
    trained = replace(result.trained, notes=(*result.notes, note))
    return replace(result, trained=trained)


def _titles(X: Any, columns: Sequence[str] | None) -> list[str]:
    if hasattr(X, "columns"):
        if columns is not None:
            raise InputError("a data frame names its columns: leave columns out")
        return list(map(str, X.columns))
    count = X.shape[1]
    if columns is None:
        return [f"x{k}" for k in range(count)]
    if len(columns) != count or len(set(columns)) < count:
        raise InputError(f"give {count} names of columns, all different")
    return list(map(str, columns))


def _answers(ask: Callable[[Any], Any], rows: Any) -> Any:
    """What the model answers, (rows,)."""
    found = np.asarray(ask(rows))
    if found.shape != (len(rows),):
        raise InputError(
            f"the model gives an array of shape {found.shape} for {len(rows)} rows: give one that "
            "names one class a row"
        )
    return found


def _around(X: Any, count: int, seed: int) -> Any:
    """Rows near those given: copies, some of whose values are those of other rows."""
    rng = np.random.default_rng([seed, 53])
    base = rng.integers(len(X), size=count)
    other = rng.integers(len(X), size=(count, X.shape[1]))
    mixed = rng.random((count, X.shape[1])) < _MIXED
    source = np.where(mixed, other, base[:, None])
    if hasattr(X, "iloc"):
        parts = {name: X.iloc[:, k].take(source[:, k]).array for k, name in enumerate(X.columns)}
        return type(X)(parts)
    if hasattr(X, "columns"):
        raise InputError("give the rows as an array or a pandas data frame")
    return np.stack([column[rows] for column, rows in zip(columns_of(X), source.T, strict=True)], 1)
