"""What a solver of inputs of any lengths owes besides right answers: what it refuses and takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..ir.types import Port
from .command_line import Arguments
from .contract import Contract


def pair_contract(
    ports: Sequence[Port], examples: Sequence[Arguments], open_texts: Sequence[str] = ()
) -> Contract:
    """The contract of a solver that takes a number, a list, a picture or a text for each port.

    ``examples`` are a few arguments that it takes; open texts are of any characters.
    """
    plain = [tuple(_plain(port, which) for port in ports) for which in (0, -1)]
    bases = [*plain, *examples]

    def refused() -> Iterator[Arguments]:
        base = bases[0]
        for k, port in enumerate(ports):
            for value in _bad(port, port.name in open_texts):
                yield (*base[:k], value, *base[k + 1 :])
        yield (*base, base[0])

    def outcomes() -> Iterator[tuple[Arguments, str, Callable[[str], bool]]]:
        for base in _emptied(ports, bases[0]):
            promise = "an answer, or ValueError with a sentence"
            yield base, promise, lambda got: not got.startswith("raises") or "ValueError" in got

    names = tuple(port.name for port in ports)
    forms = lambda: ((base, _other_forms(ports, base)) for base in bases)  # noqa: E731
    return Contract(names, refused, forms, outcomes, bases[:3], len(ports) > 1)


def _plain(port: Port, which: int) -> Any:
    """An argument of three equal values, or rows of them."""
    one = port.written[which]
    if port.is_text and port.axes:
        return str(one) * 3
    value: Any = one
    for _ in port.axes:
        value = [value] * 3
    return value


def _emptied(ports: Sequence[Port], base: Arguments) -> Iterator[Arguments]:
    """The same with one list or text of no length."""
    for k, port in enumerate(ports):
        if len(port.axes) == 1:
            yield (*base[:k], "" if port.is_text else [], *base[k + 1 :])


def _bad(port: Port, is_open: bool) -> Iterator[Any]:
    low, high = port.written[0], port.written[-1]
    yield from (None, {}, {0: low}, b"01", 1j, [[[[low]]]])
    if port.is_text:
        other = next(c for c in "~#%@xyz0" + chr(0x2603) if c not in port.written)
        yield from (0, 1.5, [], [0], np.array([0]))
        if not is_open:
            yield str(low) + other if port.axes else other + str(low)
        return
    for value in _bad_numbers(port):
        for _ in port.axes:
            value = [value]
        yield value
    if port.axes:
        yield from (low, "01", {low}, np.array(low))
    if len(port.axes) > 1:
        yield from ([], [[]], [low], [[low], [low, low]], [[low], []])
    elif port.axes:
        yield [[low]]
    else:
        yield from ([low], "", str(high))


def _bad_numbers(port: Port) -> Iterator[Any]:
    low, high = int(port.written[0]), int(port.written[-1])
    yield from (low - 1, high + 1, low + 0.5, 10**30, -(10**400), math.nan, math.inf, -math.inf)
    yield from (None, "", str(low), b"0", {})


def _other_forms(ports: Sequence[Port], base: Arguments) -> Iterator[Arguments]:
    """The same arguments as tuples, NumPy arrays and floats."""
    numbers = [not port.is_text for port in ports]
    for change in (_as_tuple, np.array, _as_float, lambda v: np.array(v, dtype=np.float64)):
        yield tuple(
            change(value) if number else value for number, value in zip(numbers, base, strict=True)
        )


def _as_tuple(value: Any) -> Any:
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value


def _as_float(value: Any) -> Any:
    return list(map(_as_float, value)) if isinstance(value, list) else float(value)
