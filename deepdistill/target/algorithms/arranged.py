"""A list in the order of as many keys."""

from __future__ import annotations

from typing import Any


def _arranged(items: list[Any], keys: list[int]) -> list[Any]:
    """The items in the order of their keys, those of equal ones as they stand."""
    places = sorted(range(len(items)), key=keys.__getitem__)
    return [items[place] for place in places]
