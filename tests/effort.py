"""How much a test does: a share of it every day, all of it in the nightly run.

``HYPOTHESIS_PROFILE=nightly`` asks for all; ``python -m benchmarks.nightly`` sets it.
"""

from __future__ import annotations

import os

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "repeatable")


def tries(count: int) -> int:
    """How many examples a property is tried on where the nightly run tries so many."""
    return count if PROFILE != "repeatable" else max(5, count // 4)
