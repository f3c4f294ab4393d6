"""Why a model says so about one row: a formula of few terms that holds around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.parallel import mapped
from ..data.problem import InputError
from ..data.tables import identifiers
from ..formula.local import LocalFormula, local_formula
from ..formula.symbolic.arrays import values
from ..formula.teaching.given import as_teacher
from ..ir.expr import Expr
from ..target.formula_source import expression_text

Floats: TypeAlias = NDArray[np.float64]

_FEWEST = 10  # rows of data
_SURE = 1e-4  # a chance nearer to 0 or 1 is taken for that
_POINTS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class LocalExplanation:
    """What a model does around one row.

    ``formula`` is a text, ``target = ...``, of ``names``; ``prediction`` is what the model gives
    there, ``value`` what the formula gives. ``fidelity`` is R2 on fresh points around the row, of
    which near ones count for more, ``interval`` holds it with 95 %; ``baselines`` are those of the
    mean (``constant``) and of a ridge line of as many columns (``ridge``). ``terms`` are pairs of a
    text and what it adds at the row. ``width`` is how far the neighbourhood reaches, in spreads of
    the columns, and ``ranges`` are the ends of its columns.
    """

    formula: str
    target: str
    names: tuple[str, ...]
    prediction: float
    value: float
    fidelity: float
    interval: tuple[float, float]
    baselines: Mapping[str, float]
    terms: tuple[tuple[str, float], ...]
    width: float
    ranges: tuple[tuple[float, float], ...]
    expr: Expr

    def predict(self, rows: Any) -> Floats:
        """The formula's values (rows,) for rows (rows, columns) of the model."""
        x = np.asarray(rows, dtype=np.float64)
        if x.ndim != 2 or x.shape[1] != len(self.names):
            raise InputError(f"give rows of {len(self.names)} columns")
        return values(self.expr, dict(zip(self.names, x.T, strict=True)))

    def __str__(self) -> str:
        low, high = self.interval
        plain = ", ".join(f"{name} {score:.3g}" for name, score in self.baselines.items())
        return (
            f"{self.formula}\n"
            f"there {self.prediction:.4g}, the formula {self.value:.4g}; fidelity "
            f"{self.fidelity:.3g} (95 %: {low:.3g} to {high:.3g}) on fresh points around; {plain}"
        )


def explain_locally(
    predict: Any,
    data: Any,
    x: Any,
    *,
    names: Sequence[str] | None = None,
    output: Any = None,
    terms: int = 5,
    width: float | None = None,
    points: int = _POINTS,
    seed: int = 0,
    n_jobs: int | None = 1,
) -> Any:
    """A formula of at most so many terms for what a model says of one row, and how true it is.

    ``predict`` is a fitted model, a torch module, or a function from rows (rows, columns) to
    numbers (rows,) or (rows, outputs). Probabilities are explained by their logits, those of the
    class ``output`` (a label or a place), by default the likeliest one at ``x``. ``data`` (rows,
    columns) are rows of the kind that the model knows, a data frame keeps its names. ``x`` is one
    row, or several (rows, columns): then a list is given, made by ``n_jobs`` processes at a time.
    ``width`` is how far the neighbourhood reaches in spreads of the columns, by default as far as
    the nearest tenth of the rows. The same seed gives the same explanation. Raises
    :class:`InputError` for unusable input.
    """
    rows, titles = _numbers(data, names)
    given = np.asarray(x, dtype=np.float64) if _is_numbers(x) else None
    if given is None or given.ndim not in (1, 2) or given.shape[-1] != rows.shape[1]:
        raise InputError(f"x is one row of {rows.shape[1]} numbers, as data has, or several rows")
    if not np.isfinite(given).all():
        raise InputError("x holds missing or infinite values")
    if not 1 <= terms <= 20 or points < 50 or (width is not None and not width > 0):
        raise InputError("terms is from 1 to 20, points at least 50 and width positive")
    known = identifiers(titles, ("y",))
    queried = _QueriedOutput(predict, data, output)
    tasks = [
        (queried, rows, row, known, terms, points, width, seed) for row in np.atleast_2d(given)
    ]
    explanations = mapped(_explained, tasks, n_jobs)
    return explanations if given.ndim == 2 else explanations[0]


def _explained(
    model: _QueriedOutput,
    data: Floats,
    x: Floats,
    names: tuple[str, ...],
    terms: int,
    points: int,
    width: float | None,
    seed: int,
) -> LocalExplanation:
    target, ask = model.at(x)
    formula = local_formula(ask, data, x, names, terms=terms, points=points, width=width, seed=seed)
    here = {name: np.array([value]) for name, value in zip(names, x.tolist(), strict=True)}
    return LocalExplanation(
        f"{target} = {expression_text(formula.expr)}",
        target,
        names,
        float(ask(x[None])[0]),
        float(values(formula.expr, here)[0]),
        formula.fidelity,
        formula.interval,
        {"constant": formula.constant, "ridge": formula.ridge},
        _added(formula, here),
        formula.width,
        formula.ranges,
        formula.expr,
    )


def _added(formula: LocalFormula, here: Mapping[str, Floats]) -> tuple[tuple[str, float], ...]:
    return tuple(
        (expression_text(term), float(f"{weight * float(values(term, here)[0]):.4g}") or 0.0)
        for term, weight in formula.terms
    )


@dataclass(frozen=True, slots=True, eq=False)
class _QueriedOutput:
    """A model, what it is asked with, and which of its outputs is to be explained."""

    given: Any
    data: Any
    output: Any

    def at(self, x: Floats) -> tuple[str, Callable[[Floats], Floats]]:
        """What is explained at a row, in words, and the function of rows that gives it."""
        function = self.given.predict_proba if hasattr(self.given, "predict_proba") else None
        function = function or as_teacher(self.given)
        first = self._answers(function, x[None])
        if first.shape == (1,):
            if self.output is not None:
                raise InputError("the model gives one number a row: leave output out")
            return "y", lambda rows: self._answers(function, rows)
        labels = list(getattr(self.given, "classes_", range(first.shape[1])))
        place = int(np.argmax(first[0])) if self.output is None else self._place(labels)
        chances = bool((first >= 0).all()) and abs(float(first.sum()) - 1) < 1e-6

        def ask(rows: Floats) -> Floats:
            answers = self._answers(function, rows)[:, place]
            if not chances:
                return answers
            answers = np.clip(answers, _SURE, 1 - _SURE)
            return np.asarray(np.log(answers / (1 - answers)))

        return (f"logit P({labels[place]})" if chances else f"y{place}"), ask

    def _place(self, labels: list[Any]) -> int:
        if self.output in labels:
            return labels.index(self.output)
        raise InputError(f"there is no output {self.output!r:.40}: the model has {labels!r:.100}")

    def _answers(self, function: Any, rows: Floats) -> Floats:
        """The model's answers (rows,) or (rows, outputs)."""
        inputs = rows
        if hasattr(self.data, "iloc"):
            inputs = type(self.data)(rows, columns=self.data.columns)
        array = np.asarray(function(inputs), dtype=np.float64)
        if array.ndim == 2 and array.shape[1] == 1:
            array = array[:, 0]
        if array.ndim not in (1, 2) or len(array) != len(rows):
            raise InputError(
                f"the model answers {len(rows)} rows with an array of shape {array.shape}: it must "
                "give a number, or as many as there are classes, for each row"
            )
        if not np.isfinite(array).all():
            raise InputError("the model gives missing or infinite answers around that row")
        return array


def _is_numbers(given: Any) -> bool:
    try:
        np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        return False
    return True


def _numbers(data: Any, names: Sequence[str] | None) -> tuple[Floats, list[str]]:
    """Rows (rows, columns) of numbers, and the titles of the columns."""
    if not _is_numbers(data):
        raise InputError("data holds something that is not a number: encode text first")
    rows = np.asarray(data, dtype=np.float64)
    if rows.ndim != 2 or len(rows) < _FEWEST or not rows.shape[1]:
        raise InputError(f"data has rows and columns, at least {_FEWEST} rows of them")
    if not np.isfinite(rows).all():
        raise InputError("data holds missing or infinite values: leave those rows out")
    if names is None:
        known = getattr(data, "columns", None)
        names = [f"x{k}" for k in range(rows.shape[1])] if known is None else list(map(str, known))
    if len(names) != rows.shape[1]:
        raise InputError(f"give {rows.shape[1]} names, one a column")
    return rows, list(names)
