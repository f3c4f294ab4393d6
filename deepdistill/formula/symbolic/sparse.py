"""The deterministic engine: sparse regression over a library of products of simple functions.

Orthogonal matching pursuit (Pati, Rezaiifar, Krishnaprasad 1993): terms join one at a time, each
the feature most correlated with what is left; products of many factors grow from the best products
of fewer. NumPy only: it serves wherever no wheel of another engine exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...ir.expr import Call, Const, Expr, Var
from .arrays import Columns, Floats, complexity, smallest, values
from .backend import Fit, pareto
from .constants import mean_square_of
from .elimination import eliminated, monomials, polynomials
from .exponentials import exponential_sums, oscillations
from .levels import meets_any_levels
from .library import Features, features, library_of, norms, plain, products, together
from .losses import Loss, RowErrors
from .rational import bent_quotients, quotients

_ROWS = 300  # at most so many serve to choose features
_SOLVED = 1e-16
_SCREENED = 12  # features of each look that also take part in the elimination
_MOST_SCREENED = 170
_SIZE_PRICE = 0.002  # a feature with one more node must correlate that much better
_EXACT = 1e-13
_FEW_NAMES = 3
_MOST_PAIRED = 1200  # features whose pairs are all tried
_PAIRS = 6
_SPANNED = 1e-7  # what is left of a feature's square that the chosen ones span
_DECIMALS = 6  # of a correlation: features that roundings tell apart are equal, the first is taken


@dataclass(frozen=True, slots=True)
class _SparseSearch:
    """How widely a library is searched: first terms tried, terms, factors, products kept."""

    starts: int
    terms: int
    depth: int
    beam: int


_SEARCHES = (_SparseSearch(2, 6, 6, 40), _SparseSearch(2, 5, 5, 30), _SparseSearch(1, 4, 3, 20))


@dataclass(frozen=True, slots=True)
class Sparse:
    """Greedy forward selection of terms; ``first`` is the smallest library that is looked into.

    ``loss`` decides which of the formulas of one size are kept.
    """

    first: int = 0
    loss: Loss = "mse"

    @property
    def name(self) -> str:
        return "sparse"

    @staticmethod
    def ready() -> bool:
        """It needs nothing that is not installed anyway."""
        return True

    @staticmethod
    def reach(budget: float) -> int:
        """How far a budget leads: those of one reach find the same."""
        return sum(2 * budget > stage for stage in range(len(_SEARCHES)))

    def fit(
        self,
        x: Floats,
        y: Floats,
        names: Sequence[str],
        operators: Sequence[str],
        budget: float,
        seed: int,
        weights: Floats | None = None,
    ) -> list[Fit]:
        """The front; ``weights`` (rows,) multiply the errors, as a noise that varies asks for."""
        if len(y) < 3 or np.ptp(y) == 0:
            return []
        few = np.sort(np.random.default_rng([seed, 13]).permutation(len(y))[:_ROWS])
        columns = {name: x[few, k] for k, name in enumerate(names)}
        target = y[few]
        weight = np.ones(len(few)) if weights is None else weights[few]
        solved = _SOLVED * float(np.var(weight * target))
        losses: dict[Expr, float] = {}
        errors = RowErrors(self.loss)

        def take(exprs: Sequence[Expr]) -> None:
            for expr in exprs:
                with np.errstate(all="ignore"):
                    left = weight * values(expr, columns), weight * target
                    losses[expr] = (
                        mean_square_of(*left) if errors.is_plain else errors.of(left[0] - left[1])
                    )

        def ended() -> bool:
            exact = [expr for expr, loss in losses.items() if loss < solved]
            return any(not meets_any_levels(expr, columns) for expr in exact)

        take(polynomials(columns, names, target, weight))
        if "div" in operators and budget > 0 and not ended():
            take(quotients(columns, names, target, weight))
        wide = int(len(names) <= _FEW_NAMES)  # few variables afford the largest library
        for stage, search in enumerate(_SEARCHES):
            if ended() or not 2 * budget > stage - wide:
                break
            if stage < self.first:
                continue
            single, library = library_of(stage, x[few].tobytes(), tuple(names), tuple(operators))
            if stage == 1:
                take(_varying(columns, names, operators, target, weight))
                take(exponential_sums(columns, names, operators, target, weight))
                take(oscillations(columns, names, operators, target, weight))
            if stage == 2 and len(names) <= _FEW_NAMES and "div" in operators:
                take(bent_quotients(columns, names, operators, target, weight))
            if stage == 0:
                take(eliminated(library.exprs, library.columns, target, weight))
            if not (weight == 1).all():  # else its unit columns serve all targets
                library = replace(library, columns=library.columns * weight[:, None])
            aim = _Aim(target * weight, weight)
            take(_paired(library, aim))
            screened: dict[Expr, Floats] = {}
            for start in range(search.starts):
                if ended():
                    break
                take(_pursued(single, library, aim, start, search, screened))
            if screened:
                matrix = np.stack(list(screened.values()), axis=1) / weight[:, None]
                take(eliminated(list(screened), matrix, target, weight))
        fits = [Fit(expr, loss, complexity(expr), self.name) for expr, loss in losses.items()]
        return pareto([fit for fit in fits if np.isfinite(fit.loss)])


@dataclass(frozen=True, slots=True, eq=False)
class _Aim:
    """A target times its weights; the column of the constant is the weights themselves."""

    y: Floats
    weights: Floats


def _varying(
    columns: Columns,
    names: Sequence[str],
    operators: Sequence[str],
    y: Floats,
    weights: Floats,
) -> list[Expr]:
    """Polynomials in all variables but one, with functions of that one as coefficients."""
    result: list[Expr] = []
    for name in names if len(names) > 1 else ():
        others = [other for other in names if other != name]
        curves = features(list(plain(Var(name), operators)), columns, complexity)
        rest = features(monomials(others, 2), columns, complexity)
        every = together([curves, rest, products(rest, curves)])
        result += eliminated(every.exprs, every.columns, y, weights)
    return result


def _paired(library: Features, aim: _Aim) -> list[Expr]:
    """The best pairs of features of all pairs: greedy choices may miss the first of two terms."""
    basis = _basis([], aim)
    left = aim.y - basis @ (basis.T @ aim.y)
    size = float(np.linalg.norm(left))
    columns = library.columns - basis @ (basis.T @ library.columns)
    lengths = norms(columns)
    good = np.flatnonzero(lengths > 1e-9 * norms(library.columns))
    if len(good) < 2 or not size > 0:
        return []
    unit = columns[:, good] / lengths[good]
    along: Floats = left @ unit / size
    order = smallest(np.round(-np.abs(along), _DECIMALS), _MOST_PAIRED)
    good, along, unit = good[order], along[order], unit[:, order]
    alike = unit.T @ unit
    both = np.maximum(1 - alike**2, 1e-12)
    with np.errstate(all="ignore"):
        gain = np.add.outer(along**2, along**2) - 2 * np.outer(along, along) * alike
        rest = 1 - gain / both
    rest = np.round(rest, _DECIMALS + 2)
    rest[(both < _SPANNED) | (np.tri(len(good)) > 0)] = 1.0
    price = np.exp(_SIZE_PRICE * 5 * np.add.outer(library.sizes[good], library.sizes[good]))
    best = smallest((np.maximum(rest, 1e-15) * price).ravel(), _PAIRS)
    models = []
    for place in best.tolist():
        i, k = good[place // len(good)], good[place % len(good)]
        picked = [library.columns[:, i], library.columns[:, k]]
        models += _models([library.exprs[i], library.exprs[k]], picked, aim)
    return models


def _pursued(
    single: Features,
    library: Features,
    aim: _Aim,
    start: int,
    search: _SparseSearch,
    screened: dict[Expr, Floats],
) -> list[Expr]:
    """Models of one term, two terms, ...; ``start`` is the rank of the first feature taken.

    ``screened`` collects the features that came near being taken.
    """
    chosen: list[Expr] = []
    picked: list[Floats] = []
    models: list[Expr] = []
    total = _left([], aim)
    for step in range(search.terms):
        basis = _basis(picked, aim)
        residual = aim.y - basis @ (basis.T @ aim.y)
        if not np.linalg.norm(residual) > _EXACT * total:
            break
        expr, column = _next(
            single, library, basis, residual, start if step == 0 else 0, search, screened
        )
        if expr is None:
            break
        chosen.append(expr)
        picked.append(column)
        _swap(single, library, chosen, picked, aim, search, screened)
        models += _models(chosen, picked, aim)
    return models


def _swap(
    single: Features,
    library: Features,
    chosen: list[Expr],
    picked: list[Floats],
    aim: _Aim,
    search: _SparseSearch,
    screened: dict[Expr, Floats],
) -> None:
    """Exchange a chosen term for a better one, given the others, while that helps."""
    near = replace(search, depth=2)
    for k in range(len(chosen) - 1):
        others = [column for i, column in enumerate(picked) if i != k]
        basis = _basis(others, aim)
        residual = aim.y - basis @ (basis.T @ aim.y)
        expr, column = _next(single, library, basis, residual, 0, near, screened)
        if expr is None or expr in chosen:
            continue
        now, then = (_left(columns, aim) for columns in (picked, [*others, column]))
        if then < 0.7 * now:
            chosen[k], picked[k] = expr, column


def _left(picked: list[Floats], aim: _Aim) -> float:
    basis = _basis(picked, aim)
    return float(np.linalg.norm(aim.y - basis @ (basis.T @ aim.y)))


def _basis(picked: list[Floats], aim: _Aim) -> Floats:
    """An orthonormal basis of the constant and the columns."""
    columns = np.stack([aim.weights, *picked], axis=1)
    return np.asarray(np.linalg.qr(columns / np.linalg.norm(columns, axis=0))[0])


def _next(
    single: Features,
    library: Features,
    basis: Floats,
    residual: Floats,
    rank: int,
    search: _SparseSearch,
    screened: dict[Expr, Floats],
) -> tuple[Expr | None, Floats]:
    """The feature that explains most of the residual, products of many factors included."""
    best: list[tuple[float, Expr, Floats]] = []
    level = library
    for depth in range(2, search.depth + 1):
        score = _scores(level, basis, residual)
        order = smallest(-score, search.beam).tolist()
        for k in order[:4]:
            best.append((float(score[k]), level.exprs[k], level.columns[:, k]))
        for k in order[:_SCREENED]:
            if len(screened) < _MOST_SCREENED:
                screened.setdefault(level.exprs[k], level.columns[:, k])
        if depth == search.depth or not order or score[order[0]] > 1 - 1e-9:
            break
        level = together([products(level.take(order), single)])
    best = [one for one in best if one[0] > 0]
    best.sort(key=lambda one: -one[0])
    if rank >= len(best):
        return None, residual
    return best[rank][1], best[rank][2]


def _scores(level: Features, basis: Floats, residual: Floats) -> Floats:
    """Correlation of each feature's new part with the residual, less a price for size."""
    if level.columns.shape[1] == 0:
        return np.zeros(0)
    unit = level.unit
    inside = basis.T @ unit
    left = 1 - (inside**2).sum(axis=0)
    along = residual @ unit / np.linalg.norm(residual)
    with np.errstate(all="ignore"):
        score = np.abs(along) / np.sqrt(left) - _SIZE_PRICE * level.sizes
    score[~(left > _SPANNED)] = 0
    rounded: Floats = np.round(score, _DECIMALS)
    return rounded


def _models(chosen: list[Expr], picked: list[Floats], aim: _Aim) -> list[Expr]:
    """Least squares on the chosen terms, and on those that matter."""
    design = np.stack([*picked, aim.weights], axis=1)
    scale = np.linalg.norm(design, axis=0)
    result = []
    keep = list(range(len(scale)))
    while keep:
        solution = np.linalg.lstsq(design[:, keep] / scale[keep], aim.y, rcond=None)[0]
        parts: list[Expr] = [
            Call("mul", (Const(float(value / scale[k])), chosen[k]))
            if k < len(chosen)
            else Const(float(value / scale[k]))
            for k, value in zip(keep, solution, strict=True)
        ]
        result.append(parts[0] if len(parts) == 1 else Call("add", tuple(parts)))
        small = np.abs(solution) < 1e-3 * np.abs(solution).max()
        if not small.any() or len(result) > 1:
            break
        keep = [k for k, drop in zip(keep, small, strict=True) if not drop]
    return result
