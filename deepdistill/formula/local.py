"""A formula of few terms for a function around one row, and how true it is there.

The neighbourhood is drawn along the lines to the nearest rows of the data, so that columns which
depend on each other go on doing so; near points weigh more. A second draw, which selection has not
seen, tells how true the formula is, beside a constant and a line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..ir.expr import Call, Const, Expr
from ..ir.rounding import rounded
from .local_choice import chosen_terms
from .local_terms import FEW_VALUES, LocalTerms
from .symbolic.arrays import significant, values

Floats: TypeAlias = NDArray[np.float64]
Ask: TypeAlias = Callable[[Floats], Floats]

_NEAREST = 0.1  # of the rows of the data
_FEWEST, _MOST = 25, 200  # rows that are near
_SPREAD = 0.35  # of the near rows' own spread, added to a point between them
_DIGITS = 9  # of what is compared: roundings must not decide
_RESAMPLED = 200
_RIDGE = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Neighbourhood:
    """Points around a row (points, columns) with their weights (points,).

    ``width`` is the distance, in spreads of the columns, at which a point weighs exp(-1/2).
    """

    x: Floats
    weights: Floats
    width: float


@dataclass(frozen=True, slots=True, eq=False)
class LocalFormula:
    """The formula, its terms with their weights, and R2 on fresh points of the neighbourhood.

    ``interval`` holds it with 95 % (percentiles of a bootstrap of the points); ``ridge`` is the R2
    of a line of as many columns, ``constant`` that of the mean. ``ranges`` are those of the points.
    """

    expr: Expr
    start: float
    terms: tuple[tuple[Expr, float], ...]
    fidelity: float
    interval: tuple[float, float]
    ridge: float
    constant: float
    width: float
    ranges: tuple[tuple[float, float], ...]


def local_formula(
    ask: Ask,
    data: Floats,
    x: Floats,
    names: Sequence[str],
    *,
    terms: int = 5,
    points: int = 1000,
    width: float | None = None,
    seed: int = 0,
) -> LocalFormula:
    """The formula for ``ask`` around one row ``x`` (columns,) of the kind of ``data``.

    ``ask`` gives a number for each row (rows, columns).
    """
    learned = near_rows(data, x, points, width, [seed, 61])
    judged = near_rows(data, x, points, width, [seed, 67])
    return formula_within(ask, learned, judged, x, names, terms, seed)


def formula_within(
    ask: Ask,
    learned: Neighbourhood,
    judged: Neighbourhood,
    x: Floats,
    names: Sequence[str],
    terms: int = 5,
    seed: int = 0,
) -> LocalFormula:
    """The formula for ``ask`` around ``x`` from one draw of a neighbourhood, judged by another."""
    answers, expected = ask(learned.x), ask(judged.x)
    start, summands = fitted(learned, answers, x, names, terms)
    expr = _expression(start, summands)
    columns = dict(zip(names, judged.x.T, strict=True))
    errors = values(expr, columns) - expected
    lined = line_of(learned, answers, max(1, len(summands)))(judged.x) - expected
    low, high = _interval(errors, expected, judged.weights, seed)
    ranges = zip(learned.x.min(axis=0).tolist(), learned.x.max(axis=0).tolist(), strict=True)
    return LocalFormula(
        expr,
        start,
        tuple(summands),
        weighted_r2(errors, expected, judged.weights),
        (low, high),
        weighted_r2(lined, expected, judged.weights),
        weighted_r2(
            np.average(answers, weights=learned.weights) - expected, expected, judged.weights
        ),
        learned.width,
        tuple(ranges),
    )


def near_rows(
    data: Floats, x: Floats, count: int, width: float | None, seed: Sequence[int]
) -> Neighbourhood:
    """Points around ``x`` between it and near rows of ``data``, and a little beside the line.

    A column of few different values, or one that holds still near ``x``, takes no others.
    """
    rng = np.random.default_rng(seed)
    spread = data.std(axis=0)
    unit = np.where(spread > 0, spread, 1.0)
    distance = np.sqrt((((data - x) / unit) ** 2).mean(axis=1))
    many = int(np.clip(round(_NEAREST * len(data)), _FEWEST, _MOST))
    order = np.argsort(significant(distance, _DIGITS), kind="stable")
    near = order[: min(many, len(order))]
    own = float(np.median(distance[near])) if width is None else width
    own = own if own > 0 else 1.0
    others = data[near[rng.integers(len(near), size=count)]]
    share = rng.uniform(0, 1, (count, 1))
    moved = x + share * (others - x)
    spreads = data[near].std(axis=0)
    moved = moved + _SPREAD * rng.normal(size=moved.shape) * np.minimum(spreads, own * unit)
    few = np.array([len(np.unique(column)) <= FEW_VALUES for column in data.T])
    taken = np.where(rng.uniform(size=moved.shape) < share, others, x)
    moved = np.where(few, taken, moved)
    whole = (data == np.round(data)).all(axis=0) & ~few
    moved = np.where(whole, np.round(moved), moved)
    moved = np.clip(moved, np.minimum(data.min(axis=0), x), np.maximum(data.max(axis=0), x))
    away = np.sqrt((((moved - x) / unit) ** 2).mean(axis=1))
    return Neighbourhood(moved, np.exp(-((away / own) ** 2) / 2), own)


def weighted_r2(errors: Floats, answers: Floats, weights: Floats) -> float:
    """The coefficient of determination of weighted points; 1 or 0 where the answers are alike."""
    middle = np.average(answers, weights=weights)
    spread = float(weights @ (answers - middle) ** 2)
    left = float(weights @ errors**2)
    if spread <= 1e-20 * float(weights @ answers**2):
        return 1.0 if left <= 1e-20 * float(weights @ answers**2) else 0.0
    return rounded(1 - left / spread)


def fitted(
    near: Neighbourhood, answers: Floats, x: Floats, names: Sequence[str], terms: int
) -> tuple[float, list[tuple[Expr, float]]]:
    """The constant and at most so many terms with their weights, rounded."""
    terms_of = LocalTerms(near.x, _worth(near, answers), x, names)
    groups = (terms_of.columns, terms_of.smooth, len(terms_of.terms))
    chosen = chosen_terms(terms_of.matrix, answers, near.weights, terms, groups)
    weights = _solved(terms_of.matrix[:, chosen], answers, near.weights)
    digits = [float(f"{weight:.4g}") for weight in weights.tolist()]
    return digits[0], [
        (terms_of.expr(k), weight) for k, weight in zip(chosen, digits[1:], strict=True) if weight
    ]


def _worth(near: Neighbourhood, answers: Floats) -> Floats:
    """How far each column goes along with the answers."""
    spread = near.x.std(axis=0)
    unit = (near.x - near.x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return np.asarray(np.abs((near.weights * (answers - answers.mean())) @ unit))


def line_of(near: Neighbourhood, answers: Floats, columns: int) -> Callable[[Floats], Floats]:
    """The ridge line of the so many columns that weigh most, in spreads of the neighbourhood."""
    middle, spread = near.x.mean(axis=0), near.x.std(axis=0)
    unit = np.where(spread > 0, spread, 1.0)

    def solved(kept: NDArray[np.int64]) -> Floats:
        return _solved((near.x[:, kept] - middle[kept]) / unit[kept], answers, near.weights, _RIDGE)

    every = np.flatnonzero(spread > 0)
    weights = solved(every)[1:]
    kept = every[np.argsort(-significant(np.abs(weights), _DIGITS), kind="stable")[:columns]]
    line = solved(kept)
    return lambda rows: ((rows[:, kept] - middle[kept]) / unit[kept]) @ line[1:] + line[0]


def _solved(matrix: Floats, answers: Floats, weights: Floats, ridge: float = 1e-9) -> Floats:
    """Weighted least squares with a constant in front."""
    basis = np.concatenate([np.ones((len(matrix), 1)), matrix], axis=1)
    scale = np.sqrt(np.average(basis**2, axis=0, weights=weights))
    basis = basis / np.where(scale > 0, scale, 1.0)
    price = np.full(basis.shape[1], ridge)
    price[0] = 0.0
    square = (basis * weights[:, None]).T @ basis + np.diag(price)
    solution = np.linalg.lstsq(square, basis.T @ (weights * answers), rcond=1e-12)[0]
    return np.asarray(solution / np.where(scale > 0, scale, 1.0))


def _expression(start: float, terms: Sequence[tuple[Expr, float]]) -> Expr:
    parts: list[Expr] = [Const(start)] if start or not terms else []
    for term, weight in terms:
        match term:
            case Call("mul", args):
                parts.append(Call("mul", (Const(weight), *args)))
            case _:
                parts.append(Call("mul", (Const(weight), term)))
    return parts[0] if len(parts) == 1 else Call("add", tuple(parts))


def _interval(errors: Floats, answers: Floats, weights: Floats, seed: int) -> tuple[float, float]:
    rng = np.random.default_rng([seed, 71])
    scores = []
    for _ in range(_RESAMPLED):
        some = rng.integers(len(errors), size=len(errors))
        scores.append(weighted_r2(errors[some], answers[some], weights[some]))
    low, high = np.quantile(scores, (0.025, 0.975)).tolist()
    return rounded(low), rounded(high)
