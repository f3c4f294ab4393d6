"""A formula's structure with constants from some of the rows, to be asked about the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...ir.expr import Expr
from .arrays import Floats, values
from .constants import refit


def refitted(
    expr: Expr, names: Sequence[str]
) -> Callable[[Floats, Floats], Callable[[Floats], Floats]]:
    """Takes rows (rows, columns) and answers, gives the refitted formula as a function of rows."""

    def fit(x: Floats, y: Floats) -> Callable[[Floats], Floats]:
        fitted, _ = refit(expr, _columns(x, names), y)
        return lambda rows: np.broadcast_to(values(fitted, _columns(rows, names)), (len(rows),))

    return fit


def _columns(x: Floats, names: Sequence[str]) -> dict[str, Floats]:
    return {name: x[:, k] for k, name in enumerate(names)}
