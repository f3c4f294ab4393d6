"""Reduce an input on which two functions differ: fewer places first, then simpler values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..ir.types import Port
from .equivalence import Difference, Function, Inputs, compare

IntArray = NDArray[np.int64]

_MOST_TRIALS = 500
_PREFIX = 12
_SIMPLIFIED_CELLS = 100


def reduce_whole(
    subject: Function,
    reference: Function,
    wrong: Difference,
    ports: Sequence[Port],
    allowed: Callable[[Inputs], bool],
) -> Difference:
    """A smaller difference where one is found in bounded time, among inputs that are allowed.

    The first few places are tried, then blocks of places are left out along each axis, halved
    again and again (delta debugging); then values are replaced by their ranks and one after
    another by simpler ones.
    """
    trials = 0

    def still(case: Inputs) -> Difference | None:
        nonlocal trials
        trials += 1
        return compare(subject, reference, case) if allowed(case) else None

    for steps in (_shorter, _simpler):
        found = True
        while found and trials < _MOST_TRIALS:
            found = False
            for case in steps(wrong.inputs, ports):
                smaller = still(case)
                if smaller is not None:
                    wrong, found = smaller, True
                    break
                if trials >= _MOST_TRIALS:
                    break
    return wrong


def _shorter(inputs: Inputs, ports: Sequence[Port]) -> Iterator[Inputs]:
    """The first few places, then all without a block along one axis, large blocks first."""
    free = [port for port in ports if not port.is_fixed]
    if not free:
        return
    sizes = [
        length
        for axis, length in zip(free[0].axes, inputs[free[0].name].shape, strict=True)
        if axis.kind != "fixed"
    ]  # the axes before those of channels
    longest = max(sizes)
    if longest > _PREFIX:
        for length in range(1, _PREFIX + 1):
            corner = (slice(length),) * len(sizes)
            yield {**inputs, **{port.name: inputs[port.name][corner] for port in free}}
    for axis, length in enumerate(sizes):
        block = length // 2
        while block:
            for start in range(0, length, max(1, block // 2)):
                left = [k for k in range(length) if not start <= k < start + block]
                if left:
                    yield {
                        **inputs,
                        **{port.name: inputs[port.name].take(left, axis=axis) for port in free},
                    }
            block //= 2


def _simpler(inputs: Inputs, ports: Sequence[Port]) -> Iterator[Inputs]:
    """The inputs with simpler values: ranks instead of numbers, then one nearer to 0."""
    for port in ports:
        array = inputs[port.name]
        base = min(max(0, port.domain.low), port.domain.high)
        _, ranks = np.unique(array, return_inverse=True)
        ranked = ranks.reshape(array.shape).astype(np.int64) + base
        if ranked.max() <= port.domain.high and np.abs(ranked).sum() < np.abs(array).sum():
            yield {**inputs, port.name: ranked}
        if array.size > _SIMPLIFIED_CELLS:
            continue
        for place in np.ndindex(*array.shape):
            current = int(array[place])
            for value in dict.fromkeys((0, 1, -1, current // 2, current - 1)):
                if (abs(value), value < 0) < (abs(current), current < 0) and (
                    port.domain.low <= value <= port.domain.high
                ):
                    changed = array.copy()
                    changed[place] = value
                    yield {**inputs, port.name: changed}
