"""Whether a part stands anywhere in a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def _contains(array: Sequence[Any], part: tuple[Any, ...]) -> bool:
    """Whether the elements of ``part`` stand one after another anywhere."""
    size = len(part)
    return any(tuple(array[k : k + size]) == part for k in range(len(array) - size + 1))
