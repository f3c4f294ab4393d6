"""What takes the place of a network where a table is told by a formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ir.program import Formula

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TableFormula:
    """A formula, and the held-out ``rows`` that judge it: (rows, columns) and answers (rows,)."""

    formula: Formula
    rows: tuple[Floats, Floats]
