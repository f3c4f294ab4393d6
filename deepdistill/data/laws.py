"""Laws: problems whose inputs and answer are real numbers, one row an example."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .tables import NumberTable

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Column:
    """A real input and the range it is drawn from, uniformly."""

    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """A formula to be found again: its columns, the name of its answer and its oracle.

    ``oracle(*columns)`` takes whole columns and gives NaN where there is no answer.
    ``operations`` is the size of the known formula. A law with ``regimes`` is one formula for each
    part of the domain.
    """

    name: str
    columns: tuple[Column, ...]
    target: str
    oracle: Callable[..., Floats]
    operations: int
    summary: str = ""
    rows: int = 500
    regimes: bool = False

    def table(self, seed: int) -> NumberTable:
        """Sampled rows as a table."""
        x, y = self.sample(seed)
        return NumberTable(tuple(column.name for column in self.columns), x, self.target, y)

    def sample(
        self, seed: int, rows: int | None = None, beyond: float = 0.0
    ) -> tuple[Floats, Floats]:
        """Rows of inputs (rows, columns) with answers (rows,); the same seed gives the same ones.

        ``beyond`` widens each range upwards by that share of it, and only rows outside the usual
        ranges are drawn then. Rows without a finite answer are drawn again.
        """
        rows = self.rows if rows is None else rows
        rng = np.random.default_rng([seed, 7, int(beyond > 0)])
        low = np.array([column.low for column in self.columns])
        high = np.array([column.high for column in self.columns])
        top = high + beyond * (high - low)
        x = np.empty((0, len(low)))
        y = np.empty(0)
        for _ in range(1000):
            # rng.uniform would round once where a compiler joins its product and sum, else twice
            drawn = low + (top - low) * rng.random((rows, len(low)))
            if beyond:
                drawn = drawn[(drawn > high).any(axis=1)]
            with np.errstate(all="ignore"):
                answers = np.asarray(self.oracle(*drawn.T), dtype=np.float64)
            good = np.isfinite(answers)
            x = np.concatenate([x, drawn[good]])
            y = np.concatenate([y, answers[good]])
            if len(y) >= rows:
                return x[:rows], y[:rows]
        raise ValueError(f"the law {self.name} has hardly any answers in its ranges")
