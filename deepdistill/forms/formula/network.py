"""What a result of a table holds in place of a network: its formula and the held-out rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ir.program import Formula

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TableFormula:
    """A formula, and the rows (rows, columns) with answers (rows,) that it was not fitted to."""

    formula: Formula
    rows: tuple[Floats, Floats]
