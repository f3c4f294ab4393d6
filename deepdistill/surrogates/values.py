"""Values of formulas on whole columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..ir.expr import Expr
from ..ir.formulas import Formulas
from ..ir.vector import evaluate_rows

Floats: TypeAlias = NDArray[np.float64]


def values_of(expr: Expr, columns: Mapping[str, Floats], rows: int) -> Floats:
    """An expression's values (rows,); NaN or infinite where it has none."""
    with np.errstate(all="ignore"):
        values = np.asarray(evaluate_rows(expr, columns), dtype=np.float64)
    return np.broadcast_to(values, (rows,)) if values.shape != (rows,) else values


def answers_of(formulas: Formulas, x: Floats) -> Floats:
    """The values of formulas (rows, outputs) at rows (rows, inputs); NaN where there is none."""
    columns = {s.name: column for s, column in zip(formulas.inputs, x.T, strict=True)}
    for let in formulas.lets:
        columns[let.name] = values_of(let.value, columns, len(x))
    values = np.stack([values_of(value, columns, len(x)) for value in formulas.values], axis=1)
    return np.where(np.isfinite(values), values, np.nan)
