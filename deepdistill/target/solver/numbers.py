"""Operations that Python has no name for."""

from __future__ import annotations

import math
from collections.abc import Sequence


def _sign(number: float) -> int:
    """-1, 0 or 1."""
    return (number > 0) - (number < 0)


def _largest(scores: Sequence[float]) -> int:
    """Where the largest score stands, the first one on a tie."""
    return scores.index(max(scores))


def _softmax(scores: Sequence[float]) -> list[float]:
    """Shares of 1 that grow with the scores."""
    largest = max(scores)
    raised = [math.exp(score - largest) for score in scores]
    total = math.fsum(raised)
    return [value / total for value in raised]
