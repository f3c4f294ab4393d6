"""Sums of two exponentials of one variable: cables and fins, two decays, reciprocals of solitons.

And oscillations, damped and not: those of two complex rates. No library has both rates at once, and
with one of them wrong the other tells little. So all pairs of a grid are solved for their factors
(variable projection: Golub, Pereyra 1973), the best refined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import atan2, hypot, pi
from typing import TypeAlias

import numpy as np

from ...ir.expr import Call, Const, Expr, Var
from .arrays import Columns, Floats, significant
from .constants import refit

_RATES = (0.3, 0.6, 1.0, 1.5, 2.2, 3.2, 4.5, 6.5, 9.0)  # over half of the range
_FREQUENCIES = tuple(0.7 * k for k in range(1, 25))  # over half of the range: up to five waves
_DAMPINGS = (0.0, -0.6, 0.6, -1.5, 1.5, -3.2, 3.2)
_REFINED = 3
_STEPS = 60
_DIGITS = 9  # of what is compared: roundings must not decide
_NOTHING = 1e-14  # of the squares, what roundings leave

_Rates: TypeAlias = tuple[float, ...]


@np.errstate(over="ignore", invalid="ignore")  # what overflows is left out below
def exponential_sums(
    columns: Columns,
    names: Sequence[str],
    operators: Sequence[str],
    y: Floats,
    weights: Floats,
) -> list[Expr]:
    """The best exponential and sums of two, with a constant and without, for answers (rows,).

    ``weights`` (rows,) multiply the errors. None of several variables, and none that overflows:
    about a middle far from 0 the factors would be beyond any float.
    """
    if "exp" not in operators or (axis := _Axis.of(columns, names, y, weights)) is None:
        return []
    rates = [sign * rate for rate in _RATES for sign in (1, -1)]
    grown = {rate: axis.grown(rate) for rate in rates}
    rates = [rate for rate in rates if np.isfinite(grown[rate]).all()]

    def tried(count: int) -> list[_Rates]:
        return axis.closest({some: [grown[k] for k in some] for some in combinations(rates, count)})

    pairs = tried(2)
    opposite = [some for some in pairs if sum(some) == 0]
    sums: list[list[Expr]] = []
    for some in dict.fromkeys([*tried(1)[:1], *pairs[:_REFINED], *opposite[:1]]):
        start, *factors = axis.factors([grown[rate] for rate in some])
        terms = [axis.term(f, rate) for f, rate in zip(factors, some, strict=True)]
        sums += [[*terms, Const(start)]] if len(some) == 1 else [terms, [*terms, Const(start)]]
    return axis.refined(sums)


@np.errstate(over="ignore", invalid="ignore")
def oscillations(
    columns: Columns,
    names: Sequence[str],
    operators: Sequence[str],
    y: Floats,
    weights: Floats,
) -> list[Expr]:
    """The best oscillations, damped and not, with a constant and without, for answers (rows,).

    The phase is free, and a multiple of a right angle. ``weights`` (rows,) multiply the errors.
    None of several variables.
    """
    if not {"sin", "cos"} <= {*operators}:
        return []
    if (axis := _Axis.of(columns, names, y, weights)) is None:
        return []
    waves: dict[_Rates, list[Floats]] = {}
    for damping, frequency in product(_DAMPINGS if "exp" in operators else (0.0,), _FREQUENCIES):
        grown, angle = axis.grown(damping), frequency * axis.places
        if np.isfinite(grown).all():
            waves[damping, frequency] = [grown * np.sin(angle), grown * np.cos(angle)]
    closest = axis.closest(waves)
    plain = [some for some in closest if some[0] == 0]
    sums: list[list[Expr]] = []
    for damping, frequency in dict.fromkeys([*plain[:1], *closest[:_REFINED]]):
        start, sine, cosine = axis.factors(waves[damping, frequency])
        rate = frequency / axis.half
        inner = Call("mul", (Const(rate), Var(axis.name)))
        phase = atan2(cosine, sine) - rate * axis.middle
        quarter = round(phase / (pi / 2))
        size = hypot(sine, cosine)
        for factor, wave in (
            (
                size,
                Call("sin", (Call("add", (inner, Const(phase - pi / 2 * (quarter // 4 * 4)))),)),
            ),
            (-size if quarter % 4 > 1 else size, Call("cos" if quarter % 2 else "sin", (inner,))),
        ):
            term = axis.term(factor, damping, wave)
            sums += [[term], [term, Const(start)]]
    return axis.refined(sums)


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """One variable, about its middle, and the answers (rows,) with their weights."""

    name: str
    x: Floats
    middle: float
    half: float
    y: Floats
    weights: Floats

    @staticmethod
    def of(columns: Columns, names: Sequence[str], y: Floats, weights: Floats) -> _Axis | None:
        """Of the only variable; None where there are more or its range is of no use."""
        if len(names) != 1:
            return None
        x = columns[names[0]]
        half = float(np.ptp(x)) / 2
        if (
            not 0 < half < np.inf
            or not max(_squares(y * weights), _FREQUENCIES[-1] / half) < np.inf
        ):
            return None
        return _Axis(names[0], x, float(x.min()) + half, half, y, weights)

    @property
    def places(self) -> Floats:
        """From -1 to 1."""
        return (self.x - self.middle) / self.half

    def grown(self, rate: float) -> Floats:
        """An exponential with its weights."""
        return np.asarray(np.exp(rate * (self.x - self.middle) / self.half) * self.weights)

    def closest(self, tried: Mapping[_Rates, Sequence[Floats]]) -> list[_Rates]:
        """Those first whose columns and a constant leave least."""
        target = self.y * self.weights
        size = _squares(target)
        shares = []
        for some, waves in tried.items():
            basis = np.linalg.qr(np.stack([self.weights, *waves], axis=1))[0]
            left = target - basis @ (basis.T @ target)
            share = left @ left / size + _NOTHING
            shares.append((float(significant(np.array([share]), _DIGITS)[0]), some))
        return [some for _, some in sorted(shares)]

    def factors(self, waves: Sequence[Floats]) -> list[float]:
        """The constant and the factors of the columns by least squares."""
        design = np.stack([self.weights, *waves], axis=1)
        factors: list[float] = np.linalg.lstsq(design, self.y * self.weights, rcond=None)[
            0
        ].tolist()
        return factors

    def term(self, factor: float, rate: float, wave: Expr | None = None) -> Expr:
        """``factor * exp(rate * (x - middle))``, the middle put into the factor, times a wave."""
        waves = () if wave is None else (wave,)
        if rate == 0:
            return Call("mul", (Const(factor), *waves))
        slope = rate / self.half
        inner = Call("mul", (Const(slope), Var(self.name)))
        factor *= float(np.exp(-slope * self.middle))
        return Call("mul", (Const(factor), Call("exp", (inner,)), *waves))

    def refined(self, sums: Sequence[Sequence[Expr]]) -> list[Expr]:
        """The sums with all their constants fitted."""
        result: dict[Expr, None] = {}
        for terms in sums:
            expr = terms[0] if len(terms) == 1 else Call("add", tuple(terms))
            expr, loss = refit(expr, {self.name: self.x}, self.y, _STEPS, self.weights)
            if loss < np.inf:
                result[expr] = None
        return list(result)


def _squares(column: Floats) -> float:
    return float(column @ column) or 1.0
