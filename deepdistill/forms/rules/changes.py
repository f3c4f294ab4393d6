"""What changes a label when one value changes: typical rows, and the nearest other values.

A typical row is made from counts: the middle of the bin of the median, the commonest level.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, isnan, nan, nextafter

import numpy as np

from ...ir.types import Scalar
from ...units.rules import Below, SumBelow, used_units
from .counts import number_at
from .network import ColumnCounts, RuleNetwork
from .support import labels_of

_MOST_ROWS = 3
_LEVEL = 1.0  # how far another level is, and a missing value: as far as the ends of a range


@dataclass(frozen=True, slots=True)
class Change:
    """One value of a row by another one, and the label that it then gets."""

    name: str
    before: str
    after: str
    label: str
    distance: float


def changed_labels(
    network: RuleNetwork,
) -> Iterator[tuple[str, list[tuple[str, str]], list[Change]]]:
    """For typical rows, of all and of the common classes: label, values, changes nearest first."""
    columns = network.rows.columns
    if not columns:
        return
    counts = network.rows.labels
    common = sorted(np.flatnonzero(counts).tolist(), key=lambda c: -counts[c])[:_MOST_ROWS]
    seen: set[str] = set()
    for chosen in ([*range(len(counts))], *([c] for c in common)):
        row = [_typical(*pair, chosen) for pair in zip(network.inputs, columns, strict=True)]
        label = labels_of(network)[_answer(network, row)]
        values = [(_name(s), _text(s, v)) for s, v in zip(network.inputs, row, strict=True)]
        if label in seen or len(seen) == _MOST_ROWS:
            continue
        seen.add(label)
        changes = [
            change
            for place, scalar in enumerate(network.inputs)
            for change in _changes(network, row, place, scalar)
        ]
        yield label, values, sorted(changes, key=lambda one: one.distance)


def _typical(scalar: Scalar, counts: ColumnCounts, classes: Sequence[int]) -> float:
    """The commonest level, or a number near the median, of rows of some classes."""
    rows = np.array(counts.bins, dtype=np.int64)[:, classes].sum(axis=1)
    if not rows.any():
        return nan if scalar.optional else scalar.domain.low
    if scalar.levels:
        return float(rows.argmax())
    place = int(np.searchsorted(np.cumsum(rows), (rows.sum() + 1) // 2))
    value = number_at((place + 0.5) / len(rows), scalar, counts.scale, len(rows))
    return _short(value, scalar) if counts.scale != "whole" else value


def _short(value: float, scalar: Scalar) -> float:
    """The number in two digits of the column's range; a number of the range all the same."""
    for digits in (2, 3, 4, 6):
        short = float(f"{value:.{digits}g}")
        if scalar.domain.low <= short <= scalar.domain.high:
            return short
    return value


def _changes(
    network: RuleNetwork, row: Sequence[float], place: int, scalar: Scalar
) -> Iterator[Change]:
    """The nearest other value, up and down, of each other label."""
    before, own = _text(scalar, row[place]), _answer(network, row)
    names, reached = labels_of(network), set[int]()

    def change(value: float, after: str, distance: float) -> Iterator[Change]:
        moved = [*row]
        moved[place] = value
        label = _answer(network, moved)
        if label != own and label not in reached:
            reached.add(label)
            yield Change(_name(scalar), before, after, names[label], distance)

    if scalar.levels:
        by_label: dict[int, list[str]] = {}
        for level, word in enumerate(scalar.levels):
            label = _answer(network, [*row[:place], float(level), *row[place + 1 :]])
            if label != own:
                by_label.setdefault(label, []).append(str(word))
        for label, words in by_label.items():
            yield Change(before=before, after=_or(words), label=names[label], distance=_LEVEL,
                         name=_name(scalar))  # fmt: skip
    elif not isnan(row[place]):
        limits = sorted(set(_limits(network, row, place, scalar)))
        wide = scalar.domain.high / 2 - scalar.domain.low / 2 or 1.0
        ways = (1, limits, ("at least", "more than")), (-1, limits[::-1], ("at most", "less than"))
        for sign, steps, (at, beyond) in ways:
            reached.clear()
            for limit in steps:
                away = sign * (limit / 2 - row[place] / 2) / wide
                if away >= 0:
                    yield from change(limit, f"{at} {limit:.6g}", away)
                    behind = nextafter(limit, sign * inf)
                    yield from change(behind, f"{beyond} {limit:.6g}", away)
    if scalar.optional and not isnan(row[place]):
        reached.clear()
        yield from change(nan, "no value", _LEVEL)


def _limits(
    network: RuleNetwork, row: Sequence[float], place: int, scalar: Scalar
) -> Iterator[float]:
    """Where a unit changes along one column, the other values as they are."""
    fired = network.model.fired(np.array([row], dtype=np.float64))[0]
    for unit in used_units(network.model):
        limit = nan
        match unit:
            case Below(column, at) if column == place:
                limit = at
            case SumBelow():
                limit = unit.number_at(place, row, fired)
        if scalar.domain.low <= limit <= scalar.domain.high:
            yield limit
    if network.model.scores is not None:
        sums = network.model.class_sums(np.array([row], dtype=np.float64))[0].tolist()
        for limit in network.model.scores.crossings(place, row, sums):
            if scalar.domain.low <= limit <= scalar.domain.high:
                yield limit


def _answer(network: RuleNetwork, row: Sequence[float]) -> int:
    return int(network.run(np.array([row], dtype=np.float64))[0])


def _name(scalar: Scalar) -> str:
    return scalar.title or scalar.name


def _text(scalar: Scalar, value: float) -> str:
    written = scalar.written(value)
    if written is None:
        return "no value"
    return f"{written:.6g}" if isinstance(written, float) else str(written)


def _or(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
