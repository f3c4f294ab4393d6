"""Plain rivals of a formula: lines and piecewise constants, compared on folds of the rows.

On rows with noise a line that holds up on folds is chosen before a formula that does not do better
by more than chance, and a formula with sines, exponentials or the like must do better than a line
and a piecewise constant of its own size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ir.expr import Call, Const, Expr, Var, walk
from .arrays import Floats, complexity, significant, values
from .backend import Fit
from .constants import refit_by
from .data import FitRows
from .losses import RowErrors
from .polish import finished, is_exact
from .repair import believed

_PARTS = 10
_FEWEST = 20  # rows
_STEPS = 30  # of a fit on a fold
_BETTER = 1.0  # standard errors by which a formula must beat a plainer one
_CLEARLY = 2.0  # by which a line must beat a constant, and a sine in a score what has none
_DIGITS = 9  # of what is compared: roundings must not decide
_MOST_COLUMNS = 60
_MOST_ROWS = 2000
_LEAST_ROWS = 3  # in each piece
_TRIES = 2  # formulas with sines and the like that are looked at; then none is
_CURVED = ("sin", "cos", "tan", "tanh", "exp")
_TERM, _PIECE = 4, 5  # operations and leaves of one term of a line, of one more piece
_NEWTON, _FARTHEST = 12, 3.0  # steps to the likeliest line, and how far one goes
_FAR, _LEAST_BEND, _RIDGE = 30.0, 1e-4, 1e-6
_SNAPPED = 12  # longer lines keep their digits

_Predict: TypeAlias = Callable[[Floats], Floats]
_Learner: TypeAlias = Callable[[Floats, Floats, RowErrors], _Predict]
Places: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Folds:
    """All rows of a table as a matrix (rows, columns), and the errors of learners on its folds."""

    names: tuple[str, ...]
    x: Floats
    y: Floats
    cost: RowErrors

    @staticmethod
    def of(table: FitRows) -> _Folds:
        columns, y = table.every
        names = tuple(columns)
        matrix = np.stack([columns[name] for name in names], axis=1)
        some = np.random.default_rng(47).permutation(len(y))[:_MOST_ROWS]
        return _Folds(names, matrix[some], y[some], table.every_errors.taken(some))

    def errors(self, learner: _Learner) -> Floats:
        """What errors (rows,) cost, each row told by what the other folds learned."""
        order = np.random.default_rng(43).permutation(len(self.y))
        result = np.empty(len(self.y))
        for fold in np.array_split(order, _PARTS):
            rest = np.setdiff1d(order, fold)
            with np.errstate(all="ignore"):
                known = learner(self.x[rest], self.y[rest], self.cost.taken(rest))
                result[fold] = known(self.x[fold]) - self.y[fold]
        with np.errstate(all="ignore"):
            result = self.cost.each(result)
        worst = float(np.ptp(self.y)) ** (1 if self.cost.loss == "mae" else 2)
        return np.where(np.isfinite(result), result, 1e6 * worst)


# ---- lines


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """Slopes (columns,), 0 for those that left, and an intercept."""

    slopes: Floats
    start: float

    def __call__(self, x: Floats) -> Floats:
        return np.asarray(x @ self.slopes + self.start)


def _lines(x: Floats, y: Floats, cost: RowErrors) -> list[_Line]:
    """Lines of all columns down to none: backward elimination by what each is worth."""
    rows = len(y)
    centre, spread, middle = x.mean(axis=0), x.std(axis=0), y.mean()
    roots: Floats = np.ones((1, 1))
    if cost.weights is not None:
        centre = np.average(x, axis=0, weights=cost.weights)
        middle, roots = np.average(y, weights=cost.weights), np.sqrt(cost.weights)[:, None]
    aim = (y - middle) * np.ravel(roots)
    keep = [k for k in range(x.shape[1]) if spread[k] > 0]
    result = []
    while True:
        unit = (x[:, keep] - centre[keep]) / spread[keep] * roots
        if len(keep) < rows - 1:
            solution, _, rank, _ = np.linalg.lstsq(unit, aim, rcond=1e-10)
            slopes = np.zeros(x.shape[1])
            slopes[keep] = solution / spread[keep]
            result.append(_Line(slopes, float(middle - centre @ slopes)))
            worth = np.abs(solution)
            if rank == len(keep) and keep:
                inverse = np.linalg.inv(unit.T @ unit)
                worth = worth / np.sqrt(np.diag(inverse))
        else:
            worth = np.abs(unit.T @ aim)
        if not keep:
            return result
        order = np.argsort(significant(worth, _DIGITS), kind="stable")
        keep = [k for i, k in enumerate(keep) if i != int(order[0])]


def _line_of(terms: int) -> _Learner:
    """The line of at most so many columns."""

    def learner(x: Floats, y: Floats, cost: RowErrors) -> _Predict:
        chosen = next(one for one in _lines(x, y, cost) if np.count_nonzero(one.slopes) <= terms)
        return chosen if cost.chances is None else _likeliest(chosen, x, cost)

    return learner


def _likeliest(near: _Line, x: Floats, cost: RowErrors) -> _Line:
    """The line of the same columns with the largest likelihood (Newton's method)."""
    assert cost.chances is not None
    keep = np.flatnonzero(near.slopes)
    centre, spread = x[:, keep].mean(axis=0), x[:, keep].std(axis=0)
    spread[spread == 0] = 1.0  # in a fold
    design = np.column_stack([(x[:, keep] - centre) / spread, np.ones(len(x))])
    weights = np.ones(len(x)) if cost.weights is None else cost.weights
    theta = np.zeros(design.shape[1])
    theta[-1] = cost.constant(cost.chances)
    for _ in range(_NEWTON):
        chance = 1 / (1 + np.exp(-np.clip(design @ theta, -_FAR, _FAR)))
        bend = weights * np.maximum(chance * (1 - chance), _LEAST_BEND)
        square = (design * bend[:, None]).T @ design + _RIDGE * np.eye(len(theta))
        slope = design.T @ (weights * (cost.chances - chance))
        theta = theta + np.clip(np.linalg.solve(square, slope), -_FARTHEST, _FARTHEST)
    slopes = np.zeros(x.shape[1])
    slopes[keep] = theta[:-1] / spread
    return _Line(slopes, float(theta[-1] - centre @ slopes[keep]))


def line(table: FitRows) -> Fit | None:
    """The line that predicts best on folds, refitted on the fitted rows; None for few rows."""
    rows = _Folds.of(table)
    count = len(rows.names)
    if len(rows.y) < _FEWEST or count > _MOST_COLUMNS or table.variance == 0:
        return None
    sizes = range(1, count + 1)
    errors = [_rounded(float(rows.errors(_line_of(k)).mean())) for k in sizes]
    best = sizes[int(np.argmin(errors))]
    matrix = np.stack([table.columns[name] for name in rows.names], axis=1)
    fitted = _line_of(best)(matrix, table.y, table.errors)
    assert isinstance(fitted, _Line)
    terms: list[Expr] = [
        Call("mul", (Const(float(slope)), Var(name)))
        for name, slope in zip(rows.names, fitted.slopes.tolist(), strict=True)
        if slope
    ]
    if not terms:
        return None
    expr = Call("add", (*terms, Const(fitted.start)))
    fit = Fit(expr, table.loss(expr), complexity(expr), "linear")
    return finished(fit, table) if len(terms) <= _SNAPPED else fit


# ---- piecewise constants


def _pieces_of(pieces: int) -> _Learner:
    """A regression tree of so many leaves, the split that saves most first (CART)."""

    def learner(x: Floats, y: Floats, cost: RowErrors) -> _Predict:
        leaves: list[Places] = [np.arange(len(y))]
        splits: list[tuple[int, int, float]] = []  # leaf, column, threshold; the new leaf is last
        while len(leaves) < pieces:
            options = [
                (gain, leaf, column, place)
                for leaf, rows in enumerate(leaves)
                if (best := _split(x[rows], y[rows])) is not None
                for gain, column, place in [best]
            ]
            if not options:
                break
            _, leaf, column, place = max(options, key=lambda one: (one[0], -one[1]))
            rows = leaves[leaf]
            under = x[rows, column] <= place
            leaves[leaf] = rows[under]
            leaves.append(rows[~under])
            splits.append((leaf, column, place))
        means = np.array([cost.taken(rows).constant(y[rows]) for rows in leaves])

        def predict(points: Floats) -> Floats:
            where = np.zeros(len(points), dtype=np.int64)
            for k, (leaf, column, place) in enumerate(splits):
                where[(where == leaf) & (points[:, column] > place)] = k + 1
            return np.asarray(means[where])

        return predict

    return learner


def _split(x: Floats, y: Floats) -> tuple[float, int, float] | None:
    """What the best split saves, its column and threshold."""
    best: tuple[float, int, float] | None = None
    count = len(y)
    for column in range(x.shape[1]):
        order = np.argsort(x[:, column], kind="stable")
        places, answers = x[order, column], y[order] - y.mean()
        under = np.arange(1, count)
        sums = np.cumsum(answers)[:-1]
        gain = sums**2 * (1 / under + 1 / (count - under))
        gain[places[1:] == places[:-1]] = -1.0
        gain[: _LEAST_ROWS - 1] = gain[count - _LEAST_ROWS :] = -1.0
        if not len(gain):
            continue
        k = int(np.argmax(significant(np.maximum(gain, 1e-300), _DIGITS)))
        saved = _rounded(float(gain[k]))
        if saved > 0 and (best is None or saved > best[0]):
            best = saved, column, float(places[k] / 2 + places[k + 1] / 2)
    return best


# ---- who is better


def _formula(expr: Expr, names: Sequence[str]) -> _Learner:
    def learner(x: Floats, y: Floats, cost: RowErrors) -> _Predict:
        columns = {name: x[:, k] for k, name in enumerate(names)}
        fitted, _ = refit_by(expr, columns, y, cost, _STEPS)
        return lambda points: values(fitted, {name: points[:, k] for k, name in enumerate(names)})

    return learner


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")


def _advantage(of: Floats, over: Floats) -> float:
    """By how many standard errors the first squared errors (rows,) are smaller than the others."""
    saved = over - of
    error = float(saved.std(ddof=1)) / len(saved) ** 0.5
    return _rounded(float(saved.mean()) / error) if error > 0 else 0.0


def is_curved(expr: Expr) -> bool:
    return any(map(_bends, walk(expr)))


def _bends(node: Expr) -> bool:
    match node:
        case Call("pow", (_, exponent)):
            return any(isinstance(part, Var) for part in walk(exponent))
        case Call(op):
            return op in _CURVED
        case _:
            return False


def is_line(expr: Expr) -> bool:
    """Whether a formula is a sum of numbers and multiples of columns."""
    match expr:
        case Const() | Var():
            return True
        case Call("add" | "sub", args):
            return all(map(is_line, args))
        case Call("mul", args):
            return sum(not isinstance(arg, Const) for arg in args) <= 1 and all(map(is_line, args))
        case Call("div", (above, Const())):
            return is_line(above)
        case _:
            return False


def pays(fit: Fit, table: FitRows) -> bool:
    """Whether a formula with sines and the like beats a line and pieces of its own size."""
    rows = _Folds.of(table)
    if is_exact(fit, table) or not is_curved(fit.expr):
        return True
    if len(rows.y) < _PARTS:
        return False
    own = rows.errors(_formula(fit.expr, rows.names))
    terms = max(1, (fit.complexity - 1) // _TERM)
    pieces = max(2, (fit.complexity - 1) // _PIECE + 1)
    rivals = [_pieces_of(pieces)]
    if len(rows.names) <= _MOST_COLUMNS:
        rivals.append(_line_of(min(terms, len(rows.names))))
    return all(_advantage(own, rows.errors(rival)) > _BETTER for rival in rivals)


def paying(pool: Sequence[Fit], table: FitRows) -> tuple[Fit | None, list[Fit]]:
    """The best formula that can be believed and whose sines and the like pay, and what is left.

    None where no formula is left.
    """
    left = list(pool)
    for _ in range(_TRIES):
        best = believed(left, table)
        if best is None or (_tells_classes(best, left, table) and pays(best, table)):
            return best, left
        left = [fit for fit in left if fit.expr != best.expr]
    left = [fit for fit in pool if not is_curved(fit.expr)]
    return believed(left, table), left


def _tells_classes(fit: Fit, pool: Sequence[Fit], table: FitRows) -> bool:
    """Whether a score with sines and the like beats the best one without; no law stands behind."""
    if table.errors.chances is None or not is_curved(fit.expr):
        return True
    rival = believed([one for one in pool if not is_curved(one.expr)], table)
    if rival is None:
        return True
    rows = _Folds.of(table)
    own, other = (rows.errors(_formula(one.expr, rows.names)) for one in (fit, rival))
    return _advantage(own, other) > _CLEARLY


def plainer(fit: Fit, rival: Fit, table: FitRows) -> bool:
    """Whether a line is to be chosen before a formula: folds do not speak for the formula."""
    rows = _Folds.of(table)
    if is_exact(fit, table) or fit.expr == rival.expr:
        return False
    own, other = (rows.errors(_formula(one.expr, rows.names)) for one in (fit, rival))
    if isinstance(fit.expr, Const):
        return _advantage(other, own) > _CLEARLY
    if is_line(fit.expr):
        return _advantage(other, own) > _BETTER
    return not _advantage(own, other) > _BETTER
