"""Given answers beside those of a program: which disagree, and what their inputs look like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...ir.alphabet import coded
from ...ir.types import Port
from ...verify.inputs import Known
from ...verify.noise import PATTERN, Compared, Context, Disagreement
from .values import numbers_in, same_answers

_LOOKS: Mapping[str, Callable[[list[int]], int]] = {
    "the number of places": len,
    "the first": lambda numbers: numbers[0] if numbers else -1,
    "the last": lambda numbers: numbers[-1] if numbers else -1,
    "the least": lambda numbers: min(numbers, default=-1),
    "the greatest": lambda numbers: max(numbers, default=-1),
    "the sum": sum,
    "the number of different ones": lambda numbers: len(set(numbers)),
}
"""What is looked at in an input, its numbers in a row."""


def compared_answers(
    ports: Sequence[Port],
    output: Port,
    known: Sequence[Known],
    answers: Sequence[Any],
    learned: int,
) -> Compared | None:
    """All given answers beside a program's; the first ``learned`` were learned from.

    None where no two disagree.
    """
    missed = [not same_answers(one.answer, a) for one, a in zip(known, answers, strict=True)]
    if not any(missed):
        return None
    symbols = output.symbols if not output.axes else ()
    places = {repr(symbol): k for k, symbol in enumerate(symbols)}
    labels, given = (
        np.array([places.setdefault(repr(one), len(places)) for one in column], dtype=np.int64)
        for column in ([one.answer for one in known], answers)
    )
    found = tuple(
        Disagreement(one.number, (), one.answer, got)
        for one, got, wrong in zip(known, answers, missed, strict=True)
        if wrong
    )
    untouched = np.arange(len(known)) >= learned
    return Compared(labels, given, untouched, found, [*_contexts(ports, known)])


def _contexts(ports: Sequence[Port], known: Sequence[Known]) -> Iterator[Context]:
    """What can be read in each input."""
    cases: dict[str, int] = {}
    yield (
        PATTERN,
        np.array([cases.setdefault(repr(dict(one.case)), len(cases)) for one in known]),
    )
    for port in ports:
        rows = [list(numbers_in(coded(port, one.case[port.name]), None)) for one in known]
        for words, read in _LOOKS.items():
            yield f"{words} of {port.name}", np.array(list(map(read, rows)), dtype=np.int64)
