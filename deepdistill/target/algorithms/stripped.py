"""Lists and pictures without the zeros around them."""

from __future__ import annotations

from typing import Any


def _stripped(items: list[Any]) -> list[Any]:
    """Without the zeros at both ends; of rows those that hold nothing else."""
    held = [k for k, item in enumerate(items) if (any(item) if isinstance(item, list) else item)]
    return items[held[0] : held[-1] + 1] if held else []
