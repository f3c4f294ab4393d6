"""Sums of two exponentials of one variable: cables and fins, two decays, reciprocals of solitons.

No library has both rates at once, and with one of them wrong the other tells little. So all pairs
of a grid are solved for their factors (variable projection: Golub, Pereyra 1973), the best refined.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ...ir.expr import Call, Const, Expr, Var
from .arrays import Columns, Floats, significant
from .constants import refit

_RATES = (0.3, 0.6, 1.0, 1.5, 2.2, 3.2, 4.5, 6.5, 9.0)  # over half of the range
_REFINED = 3
_STEPS = 60
_DIGITS = 9  # of what is compared: roundings must not decide
_NOTHING = 1e-14  # of the squares, what roundings leave


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
    if len(names) != 1 or "exp" not in operators:
        return []
    name, x = names[0], columns[names[0]]
    half = float(np.ptp(x)) / 2
    middle = float(x.min()) + half
    target = y * weights
    size = float(target @ target) or 1.0
    if not 0 < half < np.inf or not max(size, _RATES[-1] / half) < np.inf:
        return []
    rates = [sign * rate for rate in _RATES for sign in (1, -1)]
    waves = {rate: np.exp(rate * (x - middle) / half) * weights for rate in rates}
    rates = [rate for rate in rates if np.isfinite(waves[rate]).all()]

    def tried(count: int) -> list[tuple[float, ...]]:
        """Rates of so many exponentials, those first that leave least."""
        shares = []
        for some in combinations(rates, count):
            basis = np.linalg.qr(np.stack([weights, *(waves[one] for one in some)], axis=1))[0]
            left = target - basis @ (basis.T @ target)
            share = left @ left / size + _NOTHING
            shares.append((float(significant(np.array([share]), _DIGITS)[0]), some))
        return [some for _, some in sorted(shares)]

    pairs = tried(2)
    opposite = [some for some in pairs if sum(some) == 0]
    result: dict[Expr, None] = {}
    for some in dict.fromkeys([*tried(1)[:1], *pairs[:_REFINED], *opposite[:1]]):
        design = np.stack([weights, *(waves[one] for one in some)], axis=1)
        start, *factors = np.linalg.lstsq(design, target, rcond=None)[0].tolist()
        terms = [
            _wave(factor, rate / half, middle, name)
            for factor, rate in zip(factors, some, strict=True)
        ]
        for parts in ([] if len(some) == 1 else terms, [*terms, Const(start)]):
            if parts:
                expr, loss = refit(Call("add", tuple(parts)), {name: x}, y, _STEPS, weights)
                if loss < np.inf:
                    result[expr] = None
    return list(result)


def _wave(factor: float, rate: float, middle: float, name: str) -> Expr:
    """``factor * exp(rate * (x - middle))``, the middle put into the factor."""
    inner = Call("mul", (Const(rate), Var(name)))
    return Call("mul", (Const(factor * float(np.exp(-rate * middle))), Call("exp", (inner,))))
