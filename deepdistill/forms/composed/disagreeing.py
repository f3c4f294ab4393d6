"""Given answers beside those of a program: which disagree, and what their inputs look like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...ir.alphabet import coded
from ...ir.types import Port
from ...verify.arrays import IntArray
from ...verify.inputs import Known
from ...verify.looks import answer_looks, looks
from ...verify.noise import PATTERN, Compared, Context, Disagreement
from .values import numbers_in, same_answers

_FAR = 2**48  # numbers beyond it are alike: what a program answers may have any size


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
    disagreements = tuple(
        Disagreement(one.number, (), one.answer, got)
        for one, got, wrong in zip(known, answers, missed, strict=True)
        if wrong
    )
    untouched = np.arange(len(known)) >= learned
    around = [*_contexts(ports, known), *answer_looks(output, _flat(output, answers))]
    return Compared(labels, given, untouched, disagreements, around)


def _contexts(ports: Sequence[Port], known: Sequence[Known]) -> Iterator[Context]:
    """What can be read in each input."""
    cases: dict[str, int] = {}
    yield (
        PATTERN,
        np.array([cases.setdefault(repr(dict(one.case)), len(cases)) for one in known]),
    )
    for port in ports:
        yield from looks(port, _flat(port, [one.case[port.name] for one in known]))


def _flat(port: Port, values: Sequence[Any]) -> list[IntArray]:
    """The numbers of each value of a port, in a row; none of what is no value, but a refusal."""
    return [np.array(_numbers(port, value), dtype=np.int64) for value in values]


def _numbers(port: Port, value: Any) -> list[int]:
    try:
        return [max(-_FAR, min(int(n), _FAR)) for n in numbers_in(coded(port, value), None)]
    except (TypeError, ValueError):
        return []
