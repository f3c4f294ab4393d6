"""Text columns as numbers: one indicator for a level, 1 where the column has it and 0 elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .problem import InputError

MOST_LEVELS = 12
_ROWS_A_LEVEL = 2  # a column with fewer rows for each of its texts names the rows


@dataclass(frozen=True, slots=True)
class Category:
    """A text column: its title and its levels in order.

    Of two levels the second one gets an indicator, of more every one.
    """

    title: str
    levels: tuple[str, ...]

    @property
    def described(self) -> tuple[str, ...]:
        """The levels that have an indicator."""
        return self.levels if len(self.levels) > 2 else self.levels[1:]

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles of the indicators."""
        return tuple(f"{self.title} is {level}" for level in self.described)

    def indicators(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """0 and 1, (rows, indicators); :class:`InputError` for a text that is no level."""
        known = set(self.levels)
        for text in texts:
            if text not in known:
                raise InputError(
                    f"the column {self.title!r:.60} has {text!r:.40}, which did not occur when "
                    "the formula was fitted"
                )
        result = np.empty((len(texts), len(self.described)))
        for k, level in enumerate(self.described):
            result[:, k] = [text == level for text in texts]
        return result

    def sentence(self, names: Sequence[str]) -> str:
        """What the indicators of these names mean."""
        described = ", ".join(
            f"{level!r:.40} where {name} is 1"
            for name, level in zip(names, self.described, strict=True)
        )
        rest = f", else {self.levels[0]!r:.40}" if len(self.described) == 1 else ""
        return f"the column {self.title!r:.60} is {described}{rest}"


def category(title: str, texts: Sequence[str]) -> Category:
    """The levels of a text column; :class:`InputError` where they are too many for indicators."""
    levels = tuple(sorted(set(texts)))
    if len(levels) > MOST_LEVELS:
        raise InputError(
            f"the column {title!r:.60} has {len(levels)} different texts: group them into at most "
            f"{MOST_LEVELS}, write numbers, or leave the column out"
        )
    if len(levels) > 1 and len(texts) < _ROWS_A_LEVEL * len(levels):
        raise InputError(
            f"the column {title!r:.60} has {len(levels)} different texts in {len(texts)} rows: "
            "write numbers or leave the column out"
        )
    return Category(title, levels)
