"""A mix of outputs that is simpler: what a network spreads over its outputs, put together again.

A linear mix of outputs equals a simple function of the inputs where that function is a sum of the
outputs. So one or two features of the inputs are compared with all mixes at once, by their largest
canonical correlation with the outputs (Hotelling 1936); the features that some mix tells best give
the mixes, each as far from those before it as it has to be to be another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_RANK = 1e-5  # of the largest spread, what counts as none
_WIDE = 8  # columns, of which all pairs are looked at
_ROWS = 2000
_INDEPENDENT = 200  # rows: errors of a network are smooth, so more of them say little more
_LEAST = 1e-7  # of the variance of a feature, what may be left of it
_TERM = 6.0  # nats
_APART = 0.3  # of a direction of length 1, what is new in it
_TRIED = 4000
_ALIKE = 1 - 1e-6
_SMALL = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Mixing:
    """Mixes of outputs, and the way back.

    ``forward`` (outputs, mixes) gives mixes as sums of outputs, ``back`` (mixes, outputs) and
    ``offset`` (outputs,) outputs as sums of mixes.
    """

    forward: Floats
    back: Floats
    offset: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """What the mixes are called."""
        return tuple(f"m{k}" for k in range(self.forward.shape[1]))


def simpler_mix(
    y: Floats, table: Mapping[str, Floats], spoken: Sequence[str], weights: Floats | None = None
) -> Mixing:
    """The mixes of outputs (rows, outputs) that few features of the columns tell best.

    ``weights`` (rows,) say how much each row counts.
    """
    y, known = y[:_ROWS], {name: table[name][:_ROWS] for name in spoken}
    counts = np.ones(len(y)) if weights is None else weights[:_ROWS] / weights[:_ROWS].mean()
    centred = _centred(y, counts)
    left, spreads, right = np.linalg.svd(centred, full_matrices=False)
    rank = max(1, int((spreads > _RANK * spreads[0]).sum()))
    left, spreads, right = left[:, :rank], spreads[:rank], right[:rank]
    features, norms = _standard(list(_features(known)), counts)
    directions: list[tuple[Floats, float]] = []
    for direction, scale in _candidates(left, features, norms):
        old = np.array([known for known, _ in directions]).reshape(-1, rank)
        new = direction - old.T @ np.linalg.lstsq(old.T, direction, rcond=None)[0]
        if np.linalg.norm(new) > _APART:
            directions.append((direction, scale))
        if len(directions) == rank:
            break
    for unit in np.eye(rank):  # nothing simple was found for these
        old = np.array([known for known, _ in directions]).reshape(-1, rank)
        new = unit - old.T @ np.linalg.lstsq(old.T, unit, rcond=None)[0] if len(old) else unit
        if len(directions) < rank and np.linalg.norm(new) > _APART / rank:
            directions.append((new / np.linalg.norm(new), len(y) ** 0.5))
    mixes = np.stack([direction * scale for direction, scale in directions], axis=1)
    forward = right.T @ (mixes / spreads[:, None])
    design = np.concatenate([y @ forward, np.ones((len(y), 1))], axis=1)
    solution = np.linalg.lstsq(design, y, rcond=None)[0]
    back, offset = solution[:-1], solution[-1]
    widest = float(y.std(axis=0).max())
    offset = np.where(np.abs(offset) < _SMALL * widest, 0.0, offset)
    return Mixing(forward, back, offset)


def _features(columns: Mapping[str, Floats]) -> Iterator[Floats]:
    """Columns, and products of two of them with small powers, where they have values."""
    if len(columns) > _WIDE:
        yield from columns.values()
        return
    safe = {name for name, column in columns.items() if (column > 0).all() or (column < 0).all()}
    for name, column in columns.items():
        yield from (column, column**2)
        if name in safe:
            yield from (1 / column, 1 / column**2, np.log(np.abs(column)))
    for one, other in permutations(columns, 2):
        if one < other:
            yield columns[one] * columns[other]
        yield columns[one] * columns[other] ** 2
        if other in safe:
            for power in (1, 2, 3):
                yield columns[one] / columns[other] ** power


def _centred(values: Floats, weights: Floats) -> Floats:
    """Values (rows, ...) less their mean, as much as each row counts."""
    roots = np.sqrt(weights).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray((values - np.average(values, axis=0, weights=weights)) * roots)


def _standard(features: Sequence[Floats], weights: Floats) -> tuple[Floats, Floats]:
    """Features (rows, features) of mean 0 and length 1, each once, and their lengths."""
    kept: list[Floats] = []
    lengths: list[float] = []
    for feature in features:
        centred = _centred(feature, weights)
        length = float(np.linalg.norm(centred))
        if not np.isfinite(length) or length <= _SMALL * float(np.abs(feature).max(initial=0.0)):
            continue
        unit = centred / length
        if not any(abs(float(unit @ other)) > _ALIKE for other in kept):
            kept.append(unit)
            lengths.append(length)
    return np.array(kept).T, np.array(lengths)


def _candidates(left: Floats, features: Floats, norms: Floats) -> Iterator[tuple[Floats, float]]:
    """Directions of the whitened outputs, the simplest and best told first, with their scales."""
    if not features.size:
        return
    shares = left.T @ features  # of each feature in each output
    gram, inner = shares.T @ shares, features.T @ features
    single = np.diag(gram)
    first, second = np.triu_indices(len(single), 1)
    both = inner[first, second]
    room = np.maximum(1 - both**2, _SMALL)
    trace = (single[first] + single[second] - 2 * both * gram[first, second]) / room
    product = (single[first] * single[second] - gram[first, second] ** 2) / room
    pair = trace / 2 + np.sqrt(np.maximum(trace**2 / 4 - product, 0))
    pair = np.where(np.abs(both) > 1 - 1e-4, 0.0, pair)
    rows = min(_INDEPENDENT, len(features)) / 2

    def length(explained: Floats, terms: int) -> Floats:
        return np.asarray(rows * np.log(np.maximum(1 - explained, _LEAST)) + _TERM * terms)

    lengths = np.concatenate([length(single, 1), length(pair, 2)])
    for place in np.argsort(lengths, kind="stable")[:_TRIED].tolist():
        if place < len(single):
            direction, scale = shares[:, place], norms[place]
        else:
            k = place - len(single)
            picked = [first[k], second[k]]
            values, vectors = np.linalg.eig(
                np.linalg.solve(inner[np.ix_(picked, picked)], gram[np.ix_(picked, picked)])
            )
            weights = vectors[:, int(values.real.argmax())].real
            direction = shares[:, picked] @ weights
            main = int(np.abs(weights).argmax())
            direction, scale = direction / weights[main], norms[picked[main]]
        size = float(np.linalg.norm(direction))
        if size > _SMALL:
            yield direction / size, float(scale) * size
