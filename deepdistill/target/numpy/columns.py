"""Columns of NumPy: what a formula takes, refusals of a row, and choices of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

PART = 10_000  # rows
STRICT = True  # numbers outside the ranges are refused

NAMES: Sequence[str] = ()
LEVELS: Mapping[str, Sequence[Any]] = {}
RANGES: Sequence[tuple[float, float]] = ()


def _formula(*columns: Any) -> Any:
    """What a formula gives for columns."""
    raise NotImplementedError


def _chosen(
    condition: Any, then: Callable[..., Any], otherwise: Callable[..., Any], *columns: Any
) -> Any:
    """`then` of the rows where the condition holds, `otherwise` of the others."""
    answers = np.empty(len(condition))
    for rows, branch in ((condition, then), (~condition, otherwise)):
        answers[rows] = branch(*(column[rows] for column in columns))
    return answers


def _finite(answers: Any, numbers: Any) -> Any:
    """Whether none of both is missing or infinite, which would show in their product."""
    total = 0.0
    for k in range(0, len(answers), PART):
        total += answers[k : k + PART].dot(numbers[k : k + PART])
    return abs(total) < np.inf


def _refuse(row: Any, where: str) -> None:
    """Raise ValueError with a sentence if this row has no answer."""
    if STRICT:
        for name, (value,), (low, high) in zip(NAMES, row, RANGES):
            if not np.isfinite(value):
                raise ValueError(f"{name} is {value}, not a finite number{where}")
            if not low <= value <= high:
                message = f"{name} is {value:g}, outside the range from {low:g} to {high:g}"
                raise ValueError(message + where)
    else:
        for name, (value,) in zip(NAMES, row):
            if not np.isfinite(value):
                raise ValueError(f"{name} is {value}, not a finite number{where}")
    fine: Any
    try:
        fine = np.isfinite(_formula(*row)).all()
    except FloatingPointError:
        fine = False
    if not fine:
        raise ValueError(f"the formula has no value for these numbers{where}")


def _places(name: str, value: Any) -> Any:
    """An array of the places that levels have; raise ValueError for what is no level."""
    place: Any
    known: dict[Any, Any] = {}
    for place, level in enumerate(LEVELS[name]):
        known.setdefault(level, place)
        known.setdefault(str(level), place)
    places: list[float]
    array, places = np.asarray(value), []
    for cell in array.ravel().tolist():
        text = str(cell).strip() if isinstance(cell, (str, int)) else None
        plain = isinstance(cell, (str, int, float))
        place = known.get(cell, known.get(text)) if plain else None
        if place is None:
            levels = ", ".join(map(repr, LEVELS[name]))
            raise ValueError(f"{name} is {cell!r:.40}, not one of {levels}")
        places.append(float(place))
    return np.array(places, float).reshape(array.shape)


def _numbers(name: str, value: Any) -> Any:
    """An array of floats; raise ValueError if it holds what is no number."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} is ragged: its rows differ in length") from None
    if array.dtype.kind == "O":
        wrong = [v for v in array.flat if not isinstance(v, (int, float)) or isinstance(v, bool)]
    else:
        wrong = [] if array.dtype.kind in "iuf" else array.ravel().tolist()[:1]
    if wrong or np.ma.is_masked(value):
        raise ValueError(f"{name} is {(wrong or [value])[0]!r:.40}, not a number")
    try:
        return array.astype(float, copy=False)
    except OverflowError:
        raise ValueError(f"{name} is too large") from None
