"""Whether held-out rows bear the probabilities: rows that neither learning nor choice has seen."""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt
from typing import Any

from ...verify.evidence import percent
from .network import RuleNetwork

_FEWEST = 20  # rows of which anything is said
_UNLIKELY = 0.01


@dataclass(frozen=True, slots=True)
class Calibration:
    """How many of the ``rows`` held out have the likeliest label, and how many were ``expected``.

    ``spread`` is the standard deviation of that number where all probabilities are right, and
    ``chance`` how often it is then as far off (by the normal distribution, both sides).
    """

    rows: int
    right: int
    expected: float
    spread: float
    chance: float

    @property
    def borne_out(self) -> bool:
        return self.chance >= _UNLIKELY

    @property
    def sentence(self) -> str:
        text = (
            f"of {self.rows:,} rows held out {self.right:,} have the likeliest label, where the "
            f"probabilities expect {self.expected:.3g} ± {self.spread:.2g}"
        )
        if self.borne_out:
            return text
        which = "surer" if self.right < self.expected else "less sure"
        return f"{text}: they are {which} than these rows bear ({percent(self.chance)} by chance)"

    def as_json(self) -> dict[str, Any]:
        """The fields as they stand in the certificate."""
        return {
            "rows": self.rows,
            "right": self.right,
            "expected": round(self.expected, 3),
            "spread": round(self.spread, 3),
            "chance": round(self.chance, 4),
        }


def calibration(network: RuleNetwork) -> Calibration | None:
    """What the rows held out say of the probabilities.

    Nothing of few, of balanced classes, or of rules that follow a model.
    """
    few = network.rows.untouched < _FEWEST
    if few or network.rows.balanced or network.teacher is not None:
        return None
    expected = variance = 0.0
    rows = right = 0
    for shares, support in zip(network.probabilities, network.supports, strict=True):
        place = max(range(len(shares)), key=lambda k: shares[k])
        count = sum(support.untouched)
        rows, right = rows + count, right + support.untouched[place]
        expected += count * shares[place]
        variance += count * shares[place] * (1 - shares[place])
    spread = sqrt(variance)
    return Calibration(
        rows, right, expected, spread, erfc(abs(right - expected) / (spread * sqrt(2)))
    )
