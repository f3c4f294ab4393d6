"""What a rule can read, and how much of it examples have shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Readings:
    """Patterns or transitions: how many there can be, how many were shown, how often the rarest.

    ``missing`` names one that was never shown.
    """

    what: str
    possible: int
    observed: int
    rarest: int
    missing: str = ""

    @staticmethod
    def of(what: str, counts: Counter[Hashable], possible: int, missing: str = "") -> Readings:
        return Readings(what, possible, len(counts), min(counts.values(), default=0), missing)

    def as_json(self) -> dict[str, Any]:
        return {"possible": self.possible, "shown": self.observed, "rarest": self.rarest}

    @property
    def sentence(self) -> str:
        """How many were shown, in words."""
        example = f", {self.missing} for one," if self.missing else ""
        return (
            f"{self.observed:,} of {self.possible:,} {self.what} were shown; what the rule answers "
            f"to the others{example} is not known to be right"
        )
