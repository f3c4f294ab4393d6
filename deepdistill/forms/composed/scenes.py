"""A composed program at work: a few inputs and the answers to them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...drawing.parts import Part, PartTable
from ...ir.alphabet import written
from ...units.composed import ComposedNetwork
from ..subject import Subject
from .draws import drawn

_ROWS, _TRIES, _LONGEST, _SIDE = 8, 60, 12, 4


def scenes(subject: Subject) -> list[Part]:
    """A table of inputs, drawn, and answers, as different ones as there are."""
    network: ComposedNetwork = subject.network
    rng = np.random.default_rng([subject.seed, 61])
    pairs: list[tuple[list[str], str]] = []
    for k in range(_TRIES):
        arguments = []
        for port, longest in zip(network.inputs, network.longest, strict=True):
            most = [min(n, _LONGEST if len(longest) == 1 else _SIDE) for n in longest]
            size = [int(rng.integers(min(1, n), n + 1)) for n in most]
            arguments.append(drawn(rng, port, size, k))
        try:
            answer = subject.solve(*arguments)
        except ValueError:  # no answer
            continue
        texts = [_in_words(written(p, a)) for p, a in zip(network.inputs, arguments, strict=True)]
        pairs.append((texts, _in_words(written(network.output, answer))))
    first = [p for k, p in enumerate(pairs) if p[1] not in [other[1] for other in pairs[:k]]]
    rows = [*first, *(pair for pair in pairs if pair not in first)][:_ROWS]
    head = (*(port.name for port in network.inputs), "answer")
    table = tuple((*texts, answer) for texts, answer in rows)
    return [PartTable("A few inputs and the answers to them", head, table)] if rows else []


def _in_words(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
