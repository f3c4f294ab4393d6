"""Reduce a case on which two functions differ: one search, driven by the candidates of a form.

A step yields candidates and is sent back, for each, the smaller difference or None; it goes on
from there. The steps of arrays are here: crops, fewer places, smaller sizes, simpler values.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from math import prod
from typing import Any, TypeAlias

import numpy as np

from ..ir.types import Integers, Port
from .arrays import all_inputs, input_count
from .equivalence import DESCRIBED_CELLS, Difference, Inputs

Shape = tuple[int, ...]
Candidates: TypeAlias = Generator[Any, Any, None]

_EVERY = 300  # inputs of one size, all of which are tried
_WINDOWS = 40
_PREFIX = 12


@dataclass(frozen=True, slots=True, eq=False)
class Reduction:
    """Candidates from a difference on, and how many of them are tried."""

    candidates: Callable[[Any], Candidates]
    trials: int = 1500


def reduced(wrong: Any, differs: Callable[[Any], Any], steps: Iterable[Reduction]) -> Any:
    """The last difference that the steps lead to; ``differs`` gives that of a case, or None."""
    for step in steps:
        candidates = step.candidates(wrong)
        smaller = None
        for _ in range(step.trials):
            try:
                case = candidates.send(smaller)
            except StopIteration:
                break
            smaller = differs(case)
            wrong = wrong if smaller is None else smaller
        candidates.close()
    return wrong


def within(step: Reduction, allowed: Callable[[Any], bool]) -> Reduction:
    """The same candidates without those that are not allowed."""

    def candidates(wrong: Any) -> Candidates:
        inner, smaller = step.candidates(wrong), None
        while True:
            try:
                case = inner.send(smaller)
            except StopIteration:
                return
            smaller = (yield case) if allowed(case) else None

    return Reduction(candidates, step.trials)


def again(cases: Callable[[Difference], Iterator[Inputs]]) -> Callable[[Difference], Candidates]:
    """Candidates that start anew from each smaller difference, until there is none."""

    def candidates(wrong: Difference) -> Candidates:
        smaller: Difference | None = wrong
        while smaller is not None:
            wrong, smaller = smaller, None
            for case in cases(wrong):
                smaller = yield case
                if smaller is not None:
                    break

    return candidates


def crops(ports: Sequence[Port], spans: Sequence[int]) -> Reduction:
    """Crops around the wrong cell, or corners where a whole answer is missing; the smallest first.

    ``spans`` is the size of the receptive field as far as it is known; larger crops follow.
    """

    def candidates(wrong: Difference) -> Candidates:
        cut = _corners(wrong, ports) if wrong.cell is None else _around(wrong, ports, spans)
        for case in cut:
            if _cells(case) < wrong.cells and (yield case) is not None:
                return

    return Reduction(candidates)


def _cells(case: Inputs) -> int:
    return sum(array.size for array in case.values())


def _around(wrong: Difference, ports: Sequence[Port], spans: Sequence[int]) -> Iterator[Inputs]:
    longest = max(max(array.shape) for array in wrong.inputs.values())
    for growth in (0, *(2**k for k in range(longest.bit_length()))):
        yield _crop(wrong, ports, [span + 2 * growth for span in spans])


def _crop(wrong: Difference, ports: Sequence[Port], sides: Sequence[int]) -> Inputs:
    """The inputs around the wrong cell, at most as long as given along each axis."""
    assert wrong.cell is not None
    result = dict(wrong.inputs)
    for port in ports:
        if port.is_fixed:
            continue
        array = result[port.name]
        for dim, (axis, cell, side) in enumerate(zip(port.axes, wrong.cell, sides, strict=True)):
            length = array.shape[dim]
            if axis.size is not None or side >= length:
                continue
            around = np.arange(cell - side // 2, cell - side // 2 + side)
            if not axis.wrap:
                around = around[(around >= 0) & (around < length)]
            array = array.take(around, axis=dim, mode="wrap")
        result[port.name] = array
    return result


def _corners(wrong: Difference, ports: Sequence[Port]) -> Iterator[Inputs]:
    """The first corner of the inputs, one size after another."""
    for side in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256):
        case = dict(wrong.inputs)
        for port in ports:
            if not port.is_fixed:
                cut = tuple(slice(None) if a.size is not None else slice(side) for a in port.axes)
                case[port.name] = case[port.name][cut]
        yield case


def fewer_places(ports: Sequence[Port]) -> Reduction:
    """The first few places, then all without a block along one axis, large blocks first.

    Blocks are halved again and again (delta debugging).
    """
    free = [port for port in ports if not port.is_fixed]

    def cases(wrong: Difference) -> Iterator[Inputs]:
        inputs = wrong.inputs
        if not free:
            return
        sizes = [
            length
            for axis, length in zip(free[0].axes, inputs[free[0].name].shape, strict=True)
            if axis.kind != "fixed"
        ]  # the axes before those of channels
        if max(sizes) > _PREFIX:
            for length in range(1, _PREFIX + 1):
                corner = (slice(length),) * len(sizes)
                yield {**inputs, **{port.name: inputs[port.name][corner] for port in free}}
        for axis, length in enumerate(sizes):
            block = length // 2
            while block:
                for start in range(0, length, max(1, block // 2)):
                    left = [k for k in range(length) if not start <= k < start + block]
                    if left:
                        taken = {p.name: inputs[p.name].take(left, axis=axis) for p in free}
                        yield {**inputs, **taken}
                block //= 2

    return Reduction(again(cases), 500)


def ranks(ports: Sequence[Port]) -> Reduction:
    """The ranks of the numbers in place of the numbers."""

    def cases(wrong: Difference) -> Iterator[Inputs]:
        for port in ports:
            array = wrong.inputs[port.name]
            base = min(max(0, port.domain.low), port.domain.high)
            _, places = np.unique(array, return_inverse=True)
            ranked = places.reshape(array.shape).astype(np.int64) + base
            if ranked.max() <= port.domain.high and np.abs(ranked).sum() < np.abs(array).sum():
                yield {**wrong.inputs, port.name: ranked}

    return Reduction(again(cases))


def smaller_sizes(ports: Sequence[Port]) -> Reduction:
    """Sizes from one cell up: all inputs of one where they are few, else windows of this input."""

    def candidates(wrong: Difference) -> Candidates:
        if wrong.cells > DESCRIBED_CELLS:
            return
        for shape in _smaller_shapes(wrong.inputs, ports):
            for case in _of_size(wrong.inputs, ports, shape):
                if (yield case) is not None:
                    return

    return Reduction(candidates)


def _smaller_shapes(inputs: Inputs, ports: Sequence[Port]) -> list[Shape]:
    """The shapes of fewer cells that fit inside the input, the smallest first."""
    free = next((port for port in ports if not port.is_fixed), None)
    if free is None:
        return []
    now = inputs[free.name].shape
    sides = [
        (length,) if axis.kind == "fixed" else range(1, length + 1)
        for axis, length in zip(free.axes, now, strict=True)
    ]
    return sorted(
        (shape for shape in product(*sides) if prod(shape) < prod(now)),
        key=lambda shape: (prod(shape), max(shape), shape),
    )


def _of_size(inputs: Inputs, ports: Sequence[Port], shape: Shape) -> Iterator[Inputs]:
    if input_count(ports, shape) <= _EVERY:
        yield from all_inputs(ports, shape)
        return
    free = [port for port in ports if not port.is_fixed]
    lengths = inputs[free[0].name].shape
    starts = product(*(range(n - k + 1) for n, k in zip(lengths, shape, strict=True)))
    for start in islice(starts, _WINDOWS):
        cut = tuple(slice(s, s + k) for s, k in zip(start, shape, strict=True))
        yield {**inputs, **{port.name: inputs[port.name][cut] for port in free}}


def simpler(ports: Sequence[Port]) -> Reduction:
    """One value after another replaced by the simplest that serves, again until none changes."""

    def candidates(wrong: Difference) -> Candidates:
        changed = wrong.cells <= DESCRIBED_CELLS
        while changed:
            changed = False
            for port in ports:
                for place in np.ndindex(*wrong.inputs[port.name].shape):
                    current = int(wrong.inputs[port.name][place])
                    for value in simpler_values(current, port.domain):
                        array = wrong.inputs[port.name].copy()
                        array[place] = value
                        smaller = yield {**wrong.inputs, port.name: array}
                        if smaller is not None:
                            wrong, changed = smaller, True
                            break

    return Reduction(candidates)


def simpler_values(current: int, domain: Integers) -> list[int]:
    """Values of a domain nearer to 0 (then: positive), the simplest first."""
    if len(domain) <= 8:
        candidates = list(domain.values)
    else:
        candidates = [0, 1, -1, domain.low, current // 2, current - 1, current + 1]
        candidates = [value for value in candidates if domain.low <= value <= domain.high]
    return sorted(
        {value for value in candidates if (abs(value), value < 0) < (abs(current), current < 0)},
        key=lambda value: (abs(value), value < 0),
    )
