"""Groups of threshold units, and the taps that say where a unit reads relative to its position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..ir.types import Port

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Activation = Literal["step", "argmax"]
Reading = Literal["number", "indicator", "inside"]


@dataclass(frozen=True, slots=True)
class Tap:
    """One thing that a unit can read: a port at an offset (on fixed axes, at a position).

    ``reading`` says what is read there: the ``number`` itself, the ``indicator`` that it equals
    ``value``, or whether the place is ``inside`` a bounded grid. All of them are 0 outside.
    """

    port: str
    offset: tuple[int, ...]
    reading: Reading = "number"
    value: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class UnitGroup:
    """Units of one layer: ``weights`` (units × taps of the layer before) and ``bias`` (units).

    A ``step`` unit is 1 where its weighted sum plus bias is at least 0, else 0 (a tie fires).
    An ``argmax`` group has one value: the index of its largest sum, the first one on a tie.
    """

    weights: FloatArray
    bias: FloatArray
    activation: Activation

    def fire(self, x: FloatArray) -> FloatArray:
        """Outputs for rows of inputs: (rows, units), or (rows, 1) for ``argmax``."""
        total = x @ self.weights.T + self.bias
        if self.activation == "argmax":
            first: FloatArray = np.argmax(total, axis=1)[:, None].astype(np.float64)
            return first
        fired: FloatArray = (total >= 0).astype(np.float64)
        return fired


def read_taps(ports: Sequence[Port], taps: Sequence[Tap], arrays: Sequence[IntArray]) -> FloatArray:
    """What the taps read at every position of every sample: (samples · positions) × taps.

    ``arrays`` holds one array per port, sample axis first; the first port's shape says which
    positions there are.
    """
    by_name = {port.name: (port, array) for port, array in zip(ports, arrays, strict=True)}
    shape = arrays[0].shape
    columns = np.empty((int(np.prod(shape)), len(taps)))
    for k, tap in enumerate(taps):
        port, array = by_name[tap.port]
        if port.is_fixed:
            place: tuple[Any, ...] = (slice(None), *tap.offset)
            values: IntArray = array[place]
            inside = np.ones_like(values)
            spread = (len(values), *(1,) * (len(shape) - 1))
            values, inside = values.reshape(spread), inside.reshape(spread)
        else:
            values, inside = array, np.ones_like(array)
            for dim, (axis, offset) in enumerate(zip(port.axes, tap.offset, strict=True), 1):
                values = _shifted(values, dim, offset, axis.wrap)
                inside = _shifted(inside, dim, offset, axis.wrap)
        match tap.reading:
            case "number":
                read = values * inside
            case "indicator":
                read = (values == tap.value) & (inside == 1)
            case "inside":
                read = inside
        columns[:, k] = np.broadcast_to(read, shape).ravel()
    return columns


def _shifted(array: IntArray, dim: int, offset: int, wrap: bool) -> IntArray:
    """``result[.., i, ..] = array[.., i + offset, ..]`` with 0 beyond a bounded border."""
    rolled = np.roll(array, -offset, axis=dim)
    if wrap or offset == 0:
        return rolled
    size = array.shape[dim]
    beyond = np.arange(size) + offset
    keep = (beyond >= 0) & (beyond < size)
    kept: IntArray = rolled * keep.reshape([-1 if d == dim else 1 for d in range(array.ndim)])
    return kept
