"""A module that was read, as layers: each unit at its depth, and what skips a layer carried on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...data.problem import InputError
from ...ir.types import Integers
from .network import DenseActivation, DenseLayer, DenseNetwork

if TYPE_CHECKING:
    from ...modules.read import ReadModule

Floats: TypeAlias = NDArray[np.float64]

_MOST_CARRIED = 4096  # units that do nothing but carry a value on


@dataclass(frozen=True, slots=True, eq=False)
class Margins:
    """How far the floats of a layer may be from its sums: ``share`` of what was added up.

    That is ``sizes`` (units × inputs) for inputs of size 1, and ``base`` (units) besides; ``share``
    (units) is 0 where the floats round nothing.
    """

    sizes: Floats
    base: Floats
    share: Floats

    def bounds(self, x: Floats) -> Floats:
        """The bounds for a batch of inputs (samples, inputs): (samples, units)."""
        limits: Floats = self.share * (np.abs(x) @ self.sizes.T + self.base)
        return limits


def own_margins(layer: DenseLayer, largest: float) -> Margins:
    """Those of a layer that is computed as it is, in float64, on inputs up to ``largest``."""
    epsilon = float(np.finfo(np.float64).eps)
    sizes, base = np.abs(layer.weights), np.abs(layer.bias)
    terms = (layer.weights != 0).sum(axis=1) + (layer.bias != 0)
    rows = np.concatenate([layer.weights, layer.bias[:, None]], axis=1)
    most = np.append(np.full(sizes.shape[1], largest), 1.0)
    return Margins(sizes, base, _shares(rows, np.abs(rows), terms, most, epsilon))


def layered(
    read: ReadModule, shape: tuple[int, ...], domain: Integers, head: DenseActivation
) -> tuple[DenseNetwork, tuple[Margins, ...]]:
    """The network of a module, and how far its floats may be from it.

    Raises :class:`InputError` where too much skips a layer.
    """
    return _Layers(read, shape, domain).network(head)


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """A unit in the making: weights over the terms that the layer before gives."""

    weights: Floats
    bias: float
    sizes: Floats
    base: float
    share: float


class _Layers:
    def __init__(self, read: ReadModule, shape: tuple[int, ...], domain: Integers) -> None:
        self.read, self.shape, self.domain = read, shape, domain
        self.cells = int(np.prod(shape))
        self.count = read.outputs.shape[1]
        self.low = [1, *([domain.low] * self.cells)]
        self.high = [1, *([domain.high] * self.cells)]
        self.depth = [0] * (1 + self.cells)
        for unit in read.units:
            self.low.append(-1 if unit.kind == "sign" else 0)
            self.high.append(1)
            read_by = np.flatnonzero(unit.row)
            self.depth.append(1 + max((self.depth[k] for k in read_by), default=0))
        most = np.maximum(np.abs(self.low), np.abs(self.high)).astype(float)
        self.most, self.needed = most, self._needed()

    def _needed(self) -> set[int]:
        """The terms that the outputs need."""
        needed = set(np.flatnonzero(self.read.outputs.any(axis=0)).tolist())
        for place in reversed(range(1 + self.cells, self.count)):
            if place in needed:
                needed |= set(np.flatnonzero(self.read.units[place - 1 - self.cells].row).tolist())
        return needed - {0}

    def network(self, head: DenseActivation) -> tuple[DenseNetwork, tuple[Margins, ...]]:
        # what each term is, over 1 and what the layer before gives
        known = {0: np.eye(1 + self.cells)[0]}
        known |= {1 + k: np.eye(1 + self.cells)[1 + k] for k in range(self.cells)}
        layers: list[DenseLayer] = []
        margins: list[Margins] = []
        for level in range(1, 1 + max((self.depth[k] for k in self.needed), default=0)):
            kind, rows, known = self._level(level, known)
            _add(layers, margins, rows, kind)
        outputs = [
            self._row(row, size, int(steps), known)
            for row, size, steps in zip(
                self.read.outputs, self.read.sizes, self.read.steps, strict=True
            )
        ]
        _add(layers, margins, outputs, head)
        return DenseNetwork(self.shape, tuple(layers), self.domain), tuple(margins)

    def _level(
        self, level: int, known: dict[int, Floats]
    ) -> tuple[DenseActivation, list[_Row], dict[int, Floats]]:
        """The units of one depth, and those that carry on what is needed later."""
        first = 1 + self.cells
        own = [k for k in sorted(self.needed) if k >= first and self.depth[k] == level]
        signs = all(self.read.units[k - first].kind == "sign" for k in own)
        rows: list[_Row] = []
        terms: dict[int, list[tuple[int, float]]] = {0: []}
        base = {0: 1.0}
        for k in own:
            unit = self.read.units[k - first]
            row = self._row(unit.row, unit.sizes, unit.steps, known)
            terms[k], base[k] = [(len(rows), 1.0)], 0.0
            rows.append(row)
            if unit.kind == "sign" and not signs:  # sign(t) = step(t) - step(-t)
                terms[k].append((len(rows), -1.0))
                rows.append(_Row(-row.weights, -row.bias, row.sizes, row.base, row.share))
        carried = self._later(level)
        if sum(self.high[k] - self.low[k] for k in carried) > _MOST_CARRIED:
            raise InputError(
                "too many values skip a layer of the module to be carried on by threshold units: "
                "leave the skip connection out, or distill it from its answers "
                "(dd.distill_teacher)"
            )
        for k in carried:
            value = known[k]
            if signs and self.low[k] >= -1 and self.high[k] <= 1:
                terms[k], base[k] = [(len(rows), 1.0)], 0.0
                rows.append(_exact_row(value, 0.0))
                continue
            share = 0.5 if signs else 1.0
            terms[k], base[k] = [], self.low[k] + (self.high[k] - self.low[k]) * (1 - share)
            for limit in range(self.low[k] + 1, self.high[k] + 1):
                terms[k].append((len(rows), share))
                rows.append(_exact_row(value, 0.5 - limit))
        after: dict[int, Floats] = {}
        for k, parts in terms.items():
            after[k] = np.zeros(1 + len(rows))
            after[k][0] = base[k]
            for place, factor in parts:
                after[k][1 + place] = factor
        return ("sign" if signs else "step"), rows, after

    def _later(self, level: int) -> list[int]:
        """The terms known before a level that the outputs or deeper units read."""
        first = 1 + self.cells
        deeper = [self.read.units[k - first].row for k in self.needed if self.depth[k] > level]
        used = set(np.flatnonzero(self.read.outputs.any(axis=0)).tolist())
        for row in deeper:
            used |= set(np.flatnonzero(row).tolist())
        return sorted(k for k in used if k and self.depth[k] < level)

    def _row(self, row: Floats, sizes: Floats, steps: int, known: dict[int, Floats]) -> _Row:
        used = np.flatnonzero(row)
        width = len(known[0])
        weights = sum((row[k] * known[k] for k in used.tolist()), np.zeros(width))
        size = sum((sizes[k] * np.abs(known[k]) for k in used.tolist()), np.zeros(width))
        # what has cancelled, but was added up on the way
        gone = float(sizes @ self.most[: len(sizes)] - sizes[used] @ self.most[used])
        share = _shares(
            row[None], sizes[None], np.array([steps]), self.most[: len(row)], self.read.epsilon
        )
        return _Row(weights[1:], weights[0], size[1:], size[0] + gone, float(share[0]))


def _exact_row(value: Floats, shift: float) -> _Row:
    weights = value[1:]
    return _Row(weights, value[0] + shift, np.abs(weights), abs(value[0] + shift), 0.0)


def _add(
    layers: list[DenseLayer], margins: list[Margins], rows: Sequence[_Row], kind: DenseActivation
) -> None:
    weights = np.stack([row.weights for row in rows]) + 0.0
    layers.append(DenseLayer(weights, np.array([row.bias for row in rows]) + 0.0, kind))
    margins.append(
        Margins(
            np.stack([row.sizes for row in rows]),
            np.array([row.base for row in rows]),
            np.array([row.share for row in rows]),
        )
    )


def _shares(
    rows: Floats, sizes: Floats, steps: NDArray[np.int64], most: Floats, epsilon: float
) -> Floats:
    """The share of what is added up that rounding may take: 0 where every sum is a float.

    That is so where all are multiples of one power of two and together less than what the floats
    of that precision hold (the total is rounded itself: one more may look like just as much).
    """
    least = np.minimum(_lowest_bits(rows), _lowest_bits(sizes))
    total = sizes @ most
    with np.errstate(over="ignore"):
        exact = total < np.exp2(np.minimum(least + 1 - log2(epsilon), 1000.0))
    return np.where(exact, 0.0, np.maximum(steps, 1) * epsilon)


def _lowest_bits(rows: Floats) -> Floats:
    """For each row the exponent of the largest power of two that all numbers are multiples of."""
    mantissas, exponents = np.frexp(rows)
    whole = np.abs(mantissas * 2.0**53).astype(np.int64)
    low = np.log2(np.maximum(whole & -whole, 1).astype(float)) + exponents - 53
    lowest: Floats = np.where(rows == 0, np.inf, low).min(axis=1, initial=np.inf)
    return lowest
