"""What a program has to give on the examples, in the shapes in which it is looked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .valued import LARGEST, Kind, Numbers, Values


@dataclass(frozen=True, slots=True, eq=False)
class Goal:
    """The answers of the examples, which all have one, and whether they are truths."""

    kind: Kind
    values: Values

    @property
    def is_truth(self) -> bool:
        return self.kind == "number" and set(self.values) <= {0, 1}

    @property
    def row(self) -> Numbers:
        """The numbers, one an example; NaN for one that floats do not tell from others."""
        return np.array([float(v) if abs(v) <= LARGEST else np.nan for v in self.values])

    @property
    def lengths(self) -> Numbers:
        """How many elements each answer has."""
        return np.array([len(v) for v in self.values], dtype=np.float64)

    @property
    def flat(self) -> Numbers:
        """The elements of all answers one after the other."""
        return np.array([one for v in self.values for one in v], dtype=np.float64)

    @property
    def width(self) -> int:
        """How many numbers each row of all answers has; 0 where they differ, or are many."""
        widths = {len(row) for answer in self.values for row in answer}
        width = widths.pop() if len(widths) == 1 else 0
        return width if width <= 4 else 0

    @property
    def columns(self) -> Numbers:
        """The rows of all answers, one number of each in a row."""
        rows = [row for answer in self.values for row in answer]
        return np.array(rows, dtype=np.float64).reshape(len(rows), -1).T

    def in_rows(self, width: int) -> Goal | None:
        """The rows of which a list is made one after the other; None where it is not."""
        several = max(map(len, self.values)) > width if self.kind == "list" else False
        if not several or any(len(v) % width for v in self.values):
            return None
        rows = tuple(tuple(v[k : k + width] for k in range(0, len(v), width)) for v in self.values)
        return Goal("rows", rows)

    def in_steps(self) -> Goal | None:
        """By how much each number of a list is more than the one before: the list is their sums."""
        if self.kind != "list" or max(map(len, self.values), default=0) < 2:
            return None
        rows = tuple(tuple(x - y for x, y in zip(v, (0, *v), strict=False)) for v in self.values)
        return Goal("list", rows)
