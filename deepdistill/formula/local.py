"""A formula of few terms for a function around one row, and how true it is there.

The neighbourhood is drawn along the lines to the nearest rows of the data, so that columns which
depend on each other go on doing so; near points weigh more. Terms join one at a time, each the one
that takes most of what is left (orthogonal matching pursuit: Pati, Rezaiifar, Krishnaprasad 1993),
and are exchanged where another one serves better. A second draw, which selection has not seen,
tells how true the formula is, beside a constant and a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..ir.expr import Call, Const, Expr, Var
from ..ir.rounding import rounded, simplest_number
from .symbolic.arrays import significant, values

Floats: TypeAlias = NDArray[np.float64]
Ask: TypeAlias = Callable[[Floats], Floats]

_NEAREST = 0.1  # of the rows of the data
_FEWEST, _MOST = 25, 200  # rows that are near
_SPREAD = 0.35  # of the near rows' own spread, added to a point between them
_FEW_VALUES = 12  # of a column that is not a number line
_JUDGED = 0.3  # of the draws choose how many terms there are
_HARDLY = 0.001  # of R2 that a term has to gain
_CUTS = 19  # places of a column where a step or a bend is tried
_NEAR = 0.6  # of the way to the next one that a cut may be moved to be a simple number
_MOST_COLUMNS = 40  # whose squares, products, steps and bends are tried
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
    answers, told = ask(learned.x), ask(judged.x)
    start, found = fitted(learned, answers, x, names, terms)
    expr = _expression(start, found)
    columns = dict(zip(names, judged.x.T, strict=True))
    errors = values(expr, columns) - told
    lined = line_of(learned, answers, max(1, len(found)))(judged.x) - told
    low, high = _interval(errors, told, judged.weights, seed)
    ranges = zip(learned.x.min(axis=0).tolist(), learned.x.max(axis=0).tolist(), strict=True)
    return LocalFormula(
        expr,
        start,
        tuple(found),
        weighted_r2(errors, told, judged.weights),
        (low, high),
        weighted_r2(lined, told, judged.weights),
        weighted_r2(np.average(answers, weights=learned.weights) - told, told, judged.weights),
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
    few = np.array([len(np.unique(column)) <= _FEW_VALUES for column in data.T])
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
    candidates, matrix = _features(near, answers, x, names)
    columns = sum(isinstance(one, Var) for one in candidates)
    # among many candidates some fit by chance: a line is a rival by itself
    found = [_judged(matrix[:, :many], answers, near.weights, terms)
             for many in (columns, len(candidates))]  # fmt: skip
    _, chosen = max(found, key=lambda one: one[0])
    weights = _solved(matrix[:, chosen], answers, near.weights)
    digits = [float(f"{weight:.4g}") for weight in weights.tolist()]
    return digits[0], [(candidates[k], w) for k, w in zip(chosen, digits[1:], strict=True) if w]


def _judged(
    matrix: Floats, answers: Floats, weights: Floats, terms: int
) -> tuple[float, list[int]]:
    """As many features as pay on points that selection has not seen, and R2 there."""
    judge = np.arange(len(answers)) % round(1 / _JUDGED) == 0
    learn = ~judge
    best: tuple[float, list[int]] = (-np.inf, [])
    chosen: list[int] = []
    for _ in range(min(terms, matrix.shape[1])):
        longer = _longer(matrix[learn], answers[learn], weights[learn], chosen)
        if longer is None:
            break
        chosen = longer
        found = _solved(matrix[learn][:, chosen], answers[learn], weights[learn])
        left = matrix[judge][:, chosen] @ found[1:] + found[0] - answers[judge]
        score = weighted_r2(left, answers[judge], weights[judge])
        if score > best[0] + _HARDLY:
            best = score, chosen
    return best


def line_of(near: Neighbourhood, answers: Floats, columns: int) -> Callable[[Floats], Floats]:
    """The ridge line of the so many columns that weigh most, in spreads of the neighbourhood."""
    middle, spread = near.x.mean(axis=0), near.x.std(axis=0)
    unit = np.where(spread > 0, spread, 1.0)

    def solved(kept: NDArray[np.int64]) -> Floats:
        return _solved((near.x[:, kept] - middle[kept]) / unit[kept], answers, near.weights, _RIDGE)

    every = np.flatnonzero(spread > 0)
    weights = solved(every)[1:]
    kept = every[np.argsort(-significant(np.abs(weights), _DIGITS), kind="stable")[:columns]]
    found = solved(kept)
    return lambda rows: ((rows[:, kept] - middle[kept]) / unit[kept]) @ found[1:] + found[0]


def _solved(matrix: Floats, answers: Floats, weights: Floats, ridge: float = 1e-9) -> Floats:
    """Weighted least squares with a constant in front."""
    basis = np.concatenate([np.ones((len(matrix), 1)), matrix], axis=1)
    scale = np.sqrt(np.average(basis**2, axis=0, weights=weights))
    basis = basis / np.where(scale > 0, scale, 1.0)
    price = np.full(basis.shape[1], ridge)
    price[0] = 0.0
    square = (basis * weights[:, None]).T @ basis + np.diag(price)
    found = np.linalg.lstsq(square, basis.T @ (weights * answers), rcond=1e-12)[0]
    return np.asarray(found / np.where(scale > 0, scale, 1.0))


def _features(
    near: Neighbourhood, answers: Floats, x: Floats, names: Sequence[str]
) -> tuple[list[Expr], Floats]:
    """Columns, their squares and products around ``x``, steps and bends, with their values."""
    spread = near.x.std(axis=0)
    live = [k for k in range(len(names)) if spread[k] > 0]
    found: list[Expr] = [Var(names[k]) for k in live]
    if len(live) > _MOST_COLUMNS:
        unit = (near.x[:, live] - near.x[:, live].mean(axis=0)) / spread[live]
        worth = significant(np.abs((near.weights * (answers - answers.mean())) @ unit), _DIGITS)
        live = sorted(live[k] for k in np.argsort(-worth, kind="stable")[:_MOST_COLUMNS].tolist())
    centred: dict[int, Expr] = {}
    for k in live:
        name, here = Var(names[k]), near.x[:, k]
        kinds = np.unique(here)
        middle = simplest_number(float(x[k] - spread[k] / 50), float(x[k] + spread[k] / 50))
        centred[k] = _less(name, middle)
        if len(kinds) > 2:
            found.append(Call("pow", (centred[k], Const(2))))
        for limit in _cuts(here, kinds):
            found.append(Call("lt", (name, _number(limit))))
            if len(kinds) > _FEW_VALUES:
                found.append(Call("max", (_less(name, limit), Const(0))))
    for place, k in enumerate(live):
        found += [Call("mul", (centred[k], centred[j])) for j in live[place + 1 :]]
    columns = dict(zip(names, near.x.T, strict=True))
    matrix = np.stack([values(expr, columns) for expr in found], axis=1)
    return found, matrix


def _cuts(column: Floats, kinds: Floats) -> Iterator[float]:
    """Simple numbers that cut a column: between all its values, or near quantiles of many."""
    if len(kinds) <= _CUTS + 1:
        for low, high in pairwise(kinds.tolist()):
            yield simplest_number(float(np.nextafter(low, high)), high)
        return
    ends = np.quantile(column, np.linspace(0, 1, 2 * _CUTS + 3)[1:-1]).tolist()
    for place in range(1, len(ends) - 1, 2):
        low, middle, high = ends[place - 1 : place + 2]
        low, high = middle - _NEAR * (middle - low), middle + _NEAR * (high - middle)
        if kinds[0] < low < high:
            yield simplest_number(low, high)


def _number(value: float) -> Const:
    return Const(int(value) if value.is_integer() and abs(value) < 2**53 else value)


def _less(name: Var, number: float) -> Expr:
    if number == 0:
        return name
    op = "add" if number < 0 else "sub"
    return Call(op, (name, _number(abs(number))))


def _longer(
    matrix: Floats, answers: Floats, weights: Floats, chosen: list[int]
) -> list[int] | None:
    """One more feature, and then each of the others exchanged where that gains."""
    first = _next(matrix, answers, weights, chosen)
    if first is None:
        return None
    found = [*chosen, first]
    for place in range(len(found) - 1):
        rest = [k for k in found if k != found[place]]
        other = _next(matrix, answers, weights, rest)
        if other is not None and other not in found:
            before, after = (
                _left(matrix, answers, weights, one) for one in (found, [*rest, other])
            )
            if after < before * (1 - 1e-6):
                found = [*rest, other]
    return found


def _next(matrix: Floats, answers: Floats, weights: Floats, chosen: list[int]) -> int | None:
    """The feature that takes most of what the chosen ones leave."""
    root = np.sqrt(weights)[:, None]
    basis = np.concatenate([np.ones((len(matrix), 1)), matrix[:, chosen]], axis=1) * root
    ways, _ = np.linalg.qr(basis)
    left = answers * root[:, 0]
    left = left - ways @ (ways.T @ left)
    scaled = matrix * root
    sizes = (scaled**2).sum(axis=0)
    free = sizes - ((ways.T @ scaled) ** 2).sum(axis=0)
    gains = np.where(free > 1e-9 * sizes, (left @ scaled) ** 2 / np.maximum(free, 1e-300), 0.0)
    gains[chosen] = 0.0
    gains = significant(gains, _DIGITS)
    best = int(np.argmax(gains)) if len(gains) else 0
    return best if len(gains) and gains[best] > 1e-18 * float(answers @ answers) else None


def _left(matrix: Floats, answers: Floats, weights: Floats, chosen: list[int]) -> float:
    found = _solved(matrix[:, chosen], answers, weights)
    return float(weights @ (matrix[:, chosen] @ found[1:] + found[0] - answers) ** 2)


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
