"""Arrays of NumPy: their check, and what a solver does with them beyond NumPy's own operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

EMPTY = True  # arrays are taken, too
ANY_FIXED = True  # some axis has a size of its own


def _states(following: Any, codes: Any) -> Any:
    """The state before each step: blocks side by side, first from every state at once."""
    count, width = len(codes), int(len(codes) ** 0.5) + 1
    blocks = np.zeros((width, width), int)
    blocks.flat[:count] = codes
    after = np.tile(np.arange(len(following)), (width, 1))
    for step in range(width):
        after = following[after, blocks[:, step, None]]
    starts: list[int] = [0]
    for block in after[:-1].tolist():
        starts.append(block[starts[-1]])
    state, states = np.array(starts), np.empty((width, width), int)
    for step in range(width):
        states[:, step] = state
        state = following[state, blocks[:, step]]
    return states.ravel()[:count]


def _exact(answers: Sequence[int]) -> Any:
    """An array of integers, of Python's own where they are too large for 64 bits."""
    try:
        return np.array(answers, np.int64)
    except OverflowError:
        return np.array(answers, object)


def _places(name: str, array: Any, symbols: Sequence[int]) -> Any:
    """The place of each number among the symbols."""
    order = np.argsort(symbols)
    places = order[np.searchsorted(symbols, array, sorter=order)]
    wrong = array[np.array(symbols)[places] != array]
    if wrong.size:
        allowed = ", ".join(map(str, symbols))
        raise ValueError(f"{name} holds {wrong[0]}, not one of {allowed}")
    return places


def _at(array: Any, wraps: Sequence[bool], *index: Any) -> Any:
    """The elements at these places; on an axis that ends, 0 beyond its border."""
    inside: Any
    places: list[Any]
    inside, places = True, []
    for place, wrap, size in zip(index, wraps, array.shape):
        if not wrap:
            inside = inside & (place >= 0) & (place < size)
        places.append(place % size)
    return np.where(inside, array[tuple(places)], 0)


def _integers(name: str, value: Any, sizes: Sequence[int | None], low: int, high: int) -> Any:
    """An array of integers from `low` to `high`; None in `sizes` stands for any size."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} is ragged: its rows differ in length") from None
    if array.ndim == 0 or np.ma.is_masked(value):
        raise ValueError(f"{name} holds {value!r:.40} in place of an array of numbers")
    wrong = [] if array.dtype.kind in "biu" else array.ravel().tolist()
    if array.dtype.kind == "f":
        wrong = array[array != np.rint(array)].tolist()
    elif array.dtype.kind == "O":
        wrong = [v for v in wrong if not isinstance(v, (int, float)) or v % 1]
    if wrong:
        message = f"{name} holds {wrong[0]!r:.40}, not an integer from {low} to {high}"
        raise ValueError(message)
    if EMPTY and len(array) == 0:
        return np.zeros([size or 0 for size in sizes], np.int64)
    if array.ndim != len(sizes) or not array.size:
        raise ValueError(f"{name} has the shape {array.shape}, not {len(sizes)} axes with numbers")
    if ANY_FIXED:
        for length, needed in zip(array.shape, sizes):
            if needed not in (None, length):
                raise ValueError(f"{name} has {length} entries where {needed} are needed")
    if array.min() < low or array.max() > high:
        wrong = array[(array < low) | (array > high)][0]
        raise ValueError(f"{name} holds {wrong}, not an integer from {low} to {high}")
    return array
