"""Pairs of any lengths as a problem of arrays: one group of examples for each size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..ir.alphabet import alphabet, coded, written
from ..ir.errors import InputError
from ..ir.types import Axis, Integers, Port
from .examples import LARGEST, Examples, Shape
from .pairs import ExamplePair, PairProblem
from .problem import Problem
from .sequences import CHECKED

SMALLEST_GRID = 5  # cells along an axis; smaller ones show no neighbourhood
STATES = 16
"""Of more different values nobody knows that they are no numbers."""

_WIDEST_STATES = 256


def numbers_of(value: Any) -> Iterator[int]:
    """The numbers of a value one by one."""
    if isinstance(value, list):
        for part in value:
            yield from numbers_of(part)
    else:
        yield value


def size_of(value: Any) -> Shape:
    """The size of a value along each of its axes: none for a number."""
    if not isinstance(value, list):
        return ()
    if value and isinstance(value[0], list):
        return (len(value), len(value[0]))
    return (len(value),)


def keeps_size(pair: ExamplePair) -> bool:
    """Whether the answer has the size of every input."""
    return all(size_of(value) == size_of(pair.output) for value in pair.inputs)


def by_sizes(problem: PairProblem, axes: Sequence[Axis]) -> Problem:
    """The problem of arrays with these axes for each input, and for the answer where it has any.

    Pairs of nothing are left out, and of grids those that are too small for a neighbourhood.
    Raises :class:`InputError` where too little is left.
    """
    parts = (problem.given, *problem.reserved)
    pairs = [pair for part in parts for pair in part]
    columns = [[pair.inputs[k] for pair in pairs] for k in range(len(problem.inputs))]
    grids = axes[0].kind == "grid"
    changed = grids and bool(problem.output.axes)
    symbols: list[tuple[int, ...]] = [()] * (len(columns) + 1)
    if changed:
        symbols = _alphabets([*columns, [pair.output for pair in pairs]])
    inputs = tuple(
        _port(replace(port, axes=tuple(axes), domain=_with_near(axes, port, column)), own)
        for port, column, own in zip(problem.inputs, columns, symbols, strict=False)
    )
    output = _port(_output(problem.output, axes), symbols[-1])
    states = (*inputs, output) if changed else inputs * grids
    if any(len(port.domain) > _WIDEST_STATES for port in states):
        raise InputError(f"states may span at most {_WIDEST_STATES} integers")
    least = SMALLEST_GRID if changed else 1
    given, *reserved = (_groups(part, inputs, (problem.output, output), least) for part in parts)
    kept = sum(map(len, given))
    if not kept or 2 * kept < len(problem.given):
        raise InputError(f"most of the inputs have less than {least} cells along an axis")
    shapes = tuple(examples.shape for examples in given)
    largest = tuple(map(max, zip(*shapes, strict=True)))
    times = CHECKED if axes[0].kind == "sequence" else (10,)
    return Problem(
        name=problem.name,
        inputs=inputs,
        output=output,
        training_shapes=shapes,
        check_shapes=tuple(tuple(k * size for size in largest) for k in times),
        given=given,
        reserved=(reserved[0], reserved[1]),
    )


def _with_bits(axes: Sequence[Axis], domain: Integers) -> Integers:
    """What cells may hold: but for sequences 0 and 1 in any case."""
    if axes[0].kind == "sequence":
        return domain
    return Integers(min(0, domain.low), max(1, domain.high))


def _with_near(axes: Sequence[Axis], port: Port, column: Sequence[Any]) -> Integers:
    """What an input may hold: numbers, which are no states, also a little beyond those shown."""
    low, high = port.domain.low, port.domain.high
    if axes[0].kind != "grid" and len({n for value in column for n in numbers_of(value)}) > STATES:
        beyond = (high - low) // 4
        least = low - beyond if low < 0 else max(0, low - beyond)
        low, high = max(-LARGEST, least), min(LARGEST, high + beyond)
    return _with_bits(axes, Integers(low, high))


def _output(port: Port, axes: Sequence[Axis]) -> Port:
    own = tuple(axes) if port.axes else ()
    if port.symbols and not own:  # truths and names of classes are answered whatever the axes are
        return port
    domain = _with_bits(axes, port.domain)
    if (not own or axes[0].kind == "set") and not domain.is_bits:  # elsewhere others may come
        domain = Integers(0 if domain.low == 0 else -LARGEST, LARGEST)
    return Port(port.name, own, domain)


def _alphabets(columns: Sequence[Sequence[Any]]) -> list[tuple[int, ...]]:
    """What stands for the states 0, 1, … in each grid and last in the answers, where others do."""
    values = [sorted({n for value in column for n in numbers_of(value)}) for column in columns]
    alphabets = [alphabet(own) if own else () for own in values]
    if set(values[-1]) <= set(values[0]):  # then an answer can be an input again
        alphabets[-1] = alphabets[0]
    return alphabets


def _port(port: Port, symbols: tuple[int, ...]) -> Port:
    if not symbols:
        return port
    return replace(port, domain=Integers(0, len(symbols) - 1), symbols=symbols)


def _groups(
    pairs: Iterable[ExamplePair], inputs: Sequence[Port], outputs: tuple[Port, Port], least: int
) -> tuple[Examples, ...]:
    """The pairs as arrays, one group a size, in the order in which the sizes come first.

    The ``outputs`` are the port of the pairs and that of the arrays.
    """
    theirs, output = outputs
    sizes: dict[Shape, list[ExamplePair]] = {}
    for pair in pairs:
        size = size_of(pair.inputs[0])
        if len(size) == len(inputs[0].axes) and min(size) >= least:
            sizes.setdefault(size, []).append(pair)
    groups = []
    for group in sizes.values():
        columns = tuple(
            np.array([coded(port, pair.inputs[k]) for pair in group], dtype=np.int64)
            for k, port in enumerate(inputs)
        )
        values = [coded(output, written(theirs, pair.output)) for pair in group]
        answers = np.array(values, dtype=np.int64)
        numbers = [pair.group for pair in group]
        own = None if None in numbers else np.array(numbers, dtype=np.int64)
        groups.append(Examples(columns, answers, group=own))
    return tuple(groups)
