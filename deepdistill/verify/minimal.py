"""The last step of every reduction: the smallest size on which two functions differ, then values.

Sizes are tried from one cell up: all inputs of a size where they are few, else windows of the
input at hand. Values then go to the simplest ones, one after another and again, until none does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product
from math import prod

import numpy as np

from ..ir.types import Integers, Port
from .equivalence import Difference, Function, Inputs, compare
from .windows import all_inputs, input_count

Shape = tuple[int, ...]
Allowed = Callable[[Inputs], bool]

_EVERY = 300  # inputs of one size, all of which are tried
_WINDOWS = 40
_TRIALS = 1500
_LARGEST = 400  # cells of an input that is worth this search


def minimal(
    subject: Function,
    reference: Function,
    wrong: Difference,
    ports: Sequence[Port],
    allowed: Allowed = lambda case: True,
) -> Difference:
    """A difference of the smallest size and with the simplest values that bounded search finds."""
    if wrong.cells > _LARGEST:
        return wrong
    left = _TRIALS

    def first(cases: Iterator[Inputs]) -> Difference | None:
        nonlocal left
        for case in cases:
            if left <= 0:
                return None
            left -= 1
            if allowed(case) and (found := compare(subject, reference, case)) is not None:
                return found
        return None

    for shape in _smaller_shapes(wrong.inputs, ports):
        found = first(_cases(wrong.inputs, ports, shape))
        if found is not None:
            wrong = found
            break
    while (found := first(_simpler(wrong.inputs, ports))) is not None:
        wrong = found
    return wrong


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


def _cases(inputs: Inputs, ports: Sequence[Port], shape: Shape) -> Iterator[Inputs]:
    """All inputs of a shape where they are few, else windows of the input at hand."""
    if input_count(ports, shape) <= _EVERY:
        yield from all_inputs(ports, shape)
        return
    free = [port for port in ports if not port.is_fixed]
    lengths = inputs[free[0].name].shape
    starts = product(*(range(n - k + 1) for n, k in zip(lengths, shape, strict=True)))
    for start in islice(starts, _WINDOWS):
        cut = tuple(slice(s, s + k) for s, k in zip(start, shape, strict=True))
        yield {**inputs, **{port.name: inputs[port.name][cut] for port in free}}


def _simpler(inputs: Inputs, ports: Sequence[Port]) -> Iterator[Inputs]:
    """The input with one value replaced by a simpler one."""
    for port in ports:
        array = inputs[port.name]
        for place in np.ndindex(*array.shape):
            for value in simpler_values(int(array[place]), port.domain):
                changed = array.copy()
                changed[place] = value
                yield {**inputs, port.name: changed}


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


def simplest_row(
    row: tuple[float, ...],
    ranges: Sequence[tuple[float, float]],
    differs: Callable[[tuple[float, ...]], bool],
) -> tuple[float, ...]:
    """Arguments of a formula on which two functions still differ: whole, or of few digits."""
    changed = True
    while changed:
        changed = False
        for k, (low, high) in enumerate(ranges):
            short = [0.0, 1.0, -1.0, *(float(round(row[k], digits)) for digits in range(7))]
            for value in (v for v in short if low <= v <= high):
                if value == row[k]:
                    break
                moved = (*row[:k], value, *row[k + 1 :])
                if differs(moved):
                    row, changed = moved, True
                    break
    return row
