"""The affine change of latents that makes a polynomial vector field sparsest.

From many starts an invertible map is turned until most coefficients are small beside the rest (a
Cauchy loss of falling width); then the dense field is fitted by sparse ones seen through such a
map, in the metric of the data, and the term that costs least is dropped while the description gets
shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares as minimise

from .changes import NOTHING, Changes, sheared
from .library import Library
from .series import Floats
from .sparse import SparseFit
from .weak import Projected

_WIDE = (1.0, 0.3, 0.1, 0.03, 0.01)
_NARROW = (0.1, 0.03, 0.01)  # ends nearer to where it started: others than the wide ones
_STARTS = (4, 8)  # wide ones, narrow ones
_FLAT_STARTS = (4, 24)  # of two latents, where they cost little
_TIMES = (1, 3)  # what terms that are not linear count while a map is turned
_TRIED = 3  # of the sparsest ends
_DROPPED = 4  # of the smallest terms, when one is to go
_CALM = 1e-4  # share of the left side that a field without noise leaves at most
_FAINT = 0.03  # of the largest coefficient, all latents of deviation 1
_EXACT = 1e-5  # share of the left side that a residual cannot be told from nothing
_SOUGHT = 10  # starts for fixed points
_RIVALS = 4.0  # about one term: of fields so much longer one may lose it where latents begin


@dataclass(frozen=True, slots=True, eq=False)
class AffineChange:
    """``z = matrix @ w + shift``."""

    matrix: Floats
    shift: Floats

    def apply(self, w: Floats) -> Floats:
        """Latents (..., latents) of components."""
        return np.asarray(w @ self.matrix.T + self.shift)

    @property
    def inverse(self) -> AffineChange:
        """The way back."""
        back: Floats = np.asarray(np.linalg.inv(self.matrix), dtype=np.float64)
        return AffineChange(back, -back @ self.shift)


@dataclass(frozen=True, slots=True, eq=False)
class SparseField:
    """A field in other latents, and the length of its description, smaller is better."""

    change: AffineChange
    coefficients: Floats
    length: float

    @property
    def terms(self) -> int:
        return int(np.count_nonzero(self.coefficients))


def sparsest(
    rows: Projected,
    dense: SparseFit,
    library: Library,
    independent: float,
    flow: bool,
    seed: int,
    blur: float = 1.0,
) -> list[SparseField]:
    """The field of the shortest description among affine changes of whitened latents.

    A second one has fewer terms and is hardly longer, where there is one: the series decides.

    ``blur`` is how many times as far from the dense field it may be as the rows tell, where the
    latents themselves are not sure.
    """
    latents = len(dense.coefficients)
    changes = Changes(library, latents, flow)
    draw = np.random.default_rng(seed)
    metric = _Metric(rows, dense, independent, blur)
    fields: list[SparseField] = []
    for times in _TIMES:
        ends = [
            end
            for start, widths in _starts(latents, draw)
            if (end := _turned(changes, dense.coefficients, start, widths, times)) is not None
        ]
        ends.sort(key=lambda end: round(end[0], 6))
        for _, change in _different(ends)[:_TRIED]:
            fields.append(_shortened(changes, metric, dense.coefficients, change))
    most = min(one.length for one in fields) + _RIVALS * np.log(metric.rows)
    rivals = [one for one in fields if one.length <= most]
    moved = [_counted_elsewhere(changes, metric, dense.coefficients, one) for one in rivals]
    moved += [_with_shear(changes, metric, dense.coefficients, one) for one in moved]
    best = min(moved, key=lambda one: round(one.length, 6))
    fewer = [one for one in moved if one.terms < best.terms]
    return [best, *sorted(fewer, key=lambda one: (one.terms, round(one.length, 6)))[:1]]


def _counted_elsewhere(
    changes: Changes, metric: _Metric, dense: Floats, best: SparseField
) -> SparseField:
    """The field with latents counted from a fixed point, where it has no constant terms, if that
    is shorter: fewer terms, or more of them each latent's own.
    """
    candidates = [best]
    for point in _fixed_points(changes, best.coefficients):
        change = AffineChange(best.change.matrix, best.change.shift - point)
        field = changes.pushed(best.coefficients, np.eye(changes.latents), -point)
        kept = np.abs(field) > NOTHING * np.max(np.abs(field))
        if changes.cost(kept) < changes.cost(best.coefficients != 0):
            candidates.append(_fitted(changes, metric, dense, change, field, kept))
    return min(candidates, key=lambda one: round(one.length, 6))


def _with_shear(
    changes: Changes, metric: _Metric, dense: Floats, field: SparseField
) -> SparseField:
    """The field with a share of one latent added to another, where that is shorter."""
    shorter = sheared(changes, field.coefficients)
    if shorter is None:
        return field
    shear, pushed = shorter
    change = AffineChange(shear @ field.change.matrix, shear @ field.change.shift)
    return _fitted(changes, metric, dense, change, pushed, pushed != 0)


def _fixed_points(changes: Changes, field: Floats) -> list[Floats]:
    """Where a field stands still, in reach of the series; found from the middle and around it."""

    def constants(shifts: Floats) -> Floats:
        return changes.pushed(field, np.eye(changes.latents), -shifts)[..., changes.constant]

    draw = np.random.default_rng(0)
    starts = 1.5 * draw.normal(size=(_SOUGHT, changes.latents))
    points: list[Floats] = []
    for start in (np.zeros(changes.latents), *starts):
        end = minimise(
            constants, start, _slopes(constants), max_nfev=60, ftol=1e-15, xtol=1e-15, gtol=1e-15
        )
        near = [point for point in points if np.max(np.abs(point - end.x)) < 1e-4]
        if end.cost < 1e-16 * np.sum(field**2) and not near:
            points.append(end.x)
    return points


def _different(ends: list[tuple[float, AffineChange]]) -> list[tuple[float, AffineChange]]:
    """One of several ends that are as sparse as each other, up to rounding."""
    return [end for k, end in enumerate(ends) if not k or end[0] > ends[k - 1][0] + 1e-3]


def _starts(latents: int, draw: np.random.Generator) -> Iterator[tuple[Floats, tuple[float, ...]]]:
    """Matrices to start from, and the widths of the loss for each."""
    wide, narrow = _STARTS if latents > 2 else _FLAT_STARTS
    yield np.eye(latents), _WIDE
    for k in range(wide - 1 + narrow):
        turn = np.linalg.qr(draw.normal(size=(latents, latents)))[0]
        yield turn, _WIDE if k < wide - 1 else _NARROW


def _slopes(function: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    """The Jacobian of an analytic function of stacks of parameters, by complex steps."""

    def jacobian(parameters: Floats) -> Floats:
        steps = parameters + 1e-30j * np.eye(len(parameters))
        return np.asarray(function(steps).imag.T / 1e-30)

    return jacobian


def _turned(
    changes: Changes, dense: Floats, start: Floats, widths: tuple[float, ...], times: int
) -> tuple[float, AffineChange] | None:
    """Where a start ends, and how many coefficients stand out there, softly counted.

    Those of terms that are not linear count ``times`` as much.
    """
    latents = changes.latents
    square = latents * latents
    size = np.sqrt(np.mean(dense**2))
    curved = np.array([term.degree > 1 for term in changes.library])

    def unit(parameters: Floats) -> tuple[Floats, Floats]:
        matrix = parameters[..., :square].reshape(*parameters.shape[:-1], latents, latents)
        length = np.sqrt(np.sum(matrix * matrix, axis=-1, keepdims=True))
        return matrix / length, parameters[..., square:]

    def scaled(parameters: Floats) -> Floats:
        pushed = changes.pushed(dense, *unit(parameters)) / size
        counted = [pushed, *[pushed[..., curved]] * (times - 1)]
        return np.concatenate(
            [part.reshape(*parameters.shape[:-1], -1) for part in counted], axis=-1
        )

    parameters = np.concatenate([start.ravel(), np.zeros(latents)])
    try:
        for width in widths:
            parameters = minimise(
                scaled,
                parameters,
                _slopes(scaled),
                loss="cauchy",
                f_scale=width,
                max_nfev=40,
                ftol=1e-5,
                xtol=1e-6,
            ).x
        entries = scaled(parameters)
    except (np.linalg.LinAlgError, ValueError):  # it has run into a map without an inverse
        return None
    return float(np.sum(entries**2 / (entries**2 + _FAINT**2))), AffineChange(*unit(parameters))


class _Metric:
    """How far a field is from the dense one, in what the rows can tell."""

    def __init__(
        self, rows: Projected, dense: SparseFit, independent: float, blur: float = 1.0
    ) -> None:
        self.rows = max(2.0, independent * len(rows.left))
        residual = rows.left - rows.right @ dense.coefficients.T
        floor = _EXACT**2 * np.mean(rows.left**2, axis=0)
        spread = blur**2 * residual.T @ residual / len(residual) + np.diag(floor)
        power = np.mean(rows.left**2, axis=0)
        exact = np.all(np.mean(residual**2, axis=0) < _CALM**2 * power)
        self.faint = _FAINT / 10 if exact else _FAINT
        self.outer = np.linalg.inv(np.linalg.cholesky(spread))
        _, right = np.linalg.qr(rows.right / np.sqrt(len(rows.right)))
        self.inner = right.T * np.sqrt(self.rows)

    def __call__(self, difference: Floats) -> Floats:
        product = self.outer @ difference @ self.inner
        return np.asarray(product.reshape(*product.shape[:-2], -1))


def _shortened(
    changes: Changes, metric: _Metric, dense: Floats, change: AffineChange
) -> SparseField:
    """Terms dropped from where a search ended, while the description gets shorter."""
    coefficients = changes.pushed(dense, change.matrix, change.shift)
    kept = np.abs(coefficients) > metric.faint * np.max(np.abs(coefficients))
    best = _fitted(changes, metric, dense, change, coefficients, kept)
    while True:
        order = np.argsort(np.abs(np.where(kept, best.coefficients, np.inf)), axis=None)
        for place in order[: min(int(kept.sum()), _DROPPED)]:
            fewer = kept.copy()
            fewer.flat[place] = False
            tried = _fitted(changes, metric, dense, best.change, best.coefficients, fewer)
            if tried.length < best.length:
                kept, best = fewer, tried
                break
        else:
            return best


def _fitted(
    changes: Changes,
    metric: _Metric,
    dense: Floats,
    change: AffineChange,
    coefficients: Floats,
    kept: NDArray[np.bool_],
) -> SparseField:
    """The field with these terms, and the change through which it is seen, nearest to the dense."""
    latents = changes.latents
    square = latents * latents

    def parts(parameters: Floats) -> tuple[Floats, Floats, Floats]:
        stack = parameters.shape[:-1]
        field = np.zeros((*stack, *dense.shape), dtype=parameters.dtype)
        field[..., kept] = parameters[..., square + latents :]
        matrix = parameters[..., :square].reshape(*stack, latents, latents)
        return field, matrix, parameters[..., square : square + latents]

    def misfit(parameters: Floats) -> Floats:
        return metric(changes.pulled(*parts(parameters)) - dense)

    start = np.concatenate([change.matrix.ravel(), change.shift, coefficients[kept]])
    try:
        minimum = minimise(misfit, start, _slopes(misfit), max_nfev=30, x_scale="jac", ftol=1e-6)
    except (np.linalg.LinAlgError, ValueError):
        return SparseField(change, coefficients, np.inf)
    field, matrix, shift = parts(minimum.x)
    size = np.linalg.norm(matrix, axis=1)
    field = field / size[:, None] * np.exp(changes.powers @ np.log(size))
    length = 2 * minimum.cost + np.log(metric.rows) * changes.cost(kept)
    return SparseField(AffineChange(matrix / size[:, None], shift / size), field, float(length))
