"""How many rows of each class have which values of the columns: all that a report keeps of them."""

from __future__ import annotations

from math import ceil, log

import numpy as np

from ...ir.types import Scalar
from .network import ColumnCounts, Floats, Places, RuleNetwork, Scale

_BINS = 24
_FAR = 30.0  # times the least number, where most rows are near that


def column_counts(network: RuleNetwork, x: Floats, y: Places) -> tuple[ColumnCounts, ...]:
    """The counts of each input for rows (rows, inputs) of these classes."""
    classes = len(network.output.levels)
    return tuple(_counts(scalar, x[:, k], y, classes) for k, scalar in enumerate(network.inputs))


def place_of(value: float, scalar: Scalar, scale: Scale, count: int) -> float:
    """Where a number lies among so many bins: 0 at the begin of the first one, 1 behind the last.

    A limit between two whole numbers lies between their bins.
    """
    low, high = scalar.domain.low, scalar.domain.high
    if not low < high:
        return 0.5
    match scale:
        case "geometric":
            place = log(max(value, low) / low) / log(high / low)
        case "whole":
            place = (ceil(value) - low) / (count * ceil((high - low + 1) / count))
        case "even":
            place = (value / 2 - low / 2) / (high / 2 - low / 2)  # a distance may overflow
    return min(1.0, max(0.0, place))


def number_at(place: float, scalar: Scalar, scale: Scale, count: int) -> float:
    """The number that lies there among so many bins."""
    low, high = scalar.domain.low, scalar.domain.high
    match scale:
        case "geometric":
            return float(low * (high / low) ** place)
        case "whole":
            step = ceil((high - low + 1) / count)
            return min(high, low + step * int(place * count) + (step - 1) // 2)
        case "even":
            return low * (1 - place) + high * place


def _counts(scalar: Scalar, values: Floats, y: Places, classes: int) -> ColumnCounts:
    there = ~np.isnan(values)
    missing = np.bincount(y[~there], minlength=classes)
    known, labels = values[there], y[there]
    scale: Scale = "even"
    if scalar.levels:
        count, places = len(scalar.levels), known.astype(np.int64)
    else:
        scale, count = _scale(scalar, known)
        positions = [place_of(value, scalar, scale, count) for value in known.tolist()]
        places = np.minimum((np.array(positions) * count + 1e-9).astype(np.int64), count - 1)
    bins = np.zeros((count, classes), dtype=np.int64)
    np.add.at(bins, (places, labels), 1)
    return ColumnCounts(tuple(map(tuple, bins.tolist())), tuple(missing.tolist()), scale)


def _scale(scalar: Scalar, known: Floats) -> tuple[Scale, int]:
    """Bins of one ratio where most numbers are near the least of many, else of one width."""
    low, high = scalar.domain.low, scalar.domain.high
    if not low < high:
        return "even", 1
    near = float(np.mean(known < low / 2 + high / 2 - (high / 4 - low / 4)))
    if low > 0 and high > _FAR * low and near > 0.75:
        return "geometric", _BINS
    if (known == np.round(known)).all() and high - low < 2**53:
        numbers = round(high - low) + 1
        return "whole", ceil(numbers / ceil(numbers / _BINS))
    return "even", _BINS
