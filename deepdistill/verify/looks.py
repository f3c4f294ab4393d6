"""What can be read in whole inputs: where they look alike, labels may be missed alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from ..ir.alphabet import written
from ..ir.types import Port
from .arrays import IntArray
from .noise import BEYOND, Context

_FEW_VALUES = 32  # of a port, each of which is counted
_FEW_PLACES = 64  # whose values are looked at one by one
_FEW_PAIRS = 8  # places that are compared with one another

_COUNTS: Mapping[str, Callable[[IntArray], int]] = {
    "the size": len,
    "the sum": lambda flat: int(flat.sum()),
    "how many differ": lambda flat: len(np.unique(flat)),
    "how many repeat others": lambda flat: len(flat) - len(np.unique(flat)),
    "how many are as the one before": lambda flat: int((flat[1:] == flat[:-1]).sum()),
    "the ascents": lambda flat: int((flat[1:] > flat[:-1]).sum()),
}
"""What is looked at in an input, flattened."""

_VALUES: Mapping[str, Callable[[IntArray], int]] = {
    "the first": lambda flat: int(flat[0]),
    "the last": lambda flat: int(flat[-1]),
    "the least": lambda flat: int(flat.min()),
    "the greatest": lambda flat: int(flat.max()),
    "the place of the greatest": lambda flat: int(flat.argmax()),
}
"""The same of inputs that have any numbers."""


def answer_looks(output: Port, rows: Sequence[IntArray]) -> Iterator[Context]:
    """What the answers of a program are like, which are not those given where they disagree."""
    return looks(replace(output, name=f"the program's {output.name}"), rows)


def looks(port: Port, rows: Sequence[IntArray]) -> Iterator[Context]:
    """What the values of a port are like in each input, (size,), of sizes that may differ."""
    if rows and all(len(row) == 1 for row in rows):
        yield port.name, np.concatenate(rows)
        return
    for words, read in (*_COUNTS.items(), *_VALUES.items()):
        values = [read(row) if len(row) or words in _COUNTS else BEYOND for row in rows]
        yield f"{words} of {port.name}", np.array(values, dtype=np.int64)
    distinct = np.unique(np.concatenate(rows)) if rows else ()
    for value in distinct if 2 < len(distinct) <= _FEW_VALUES else ():
        words = f"how often {written(port, int(value))} occurs in {port.name}"
        yield words, np.array([(row == value).sum() for row in rows], dtype=np.int64)
    if len({len(row) for row in rows}) == 1 and len(rows[0]) <= _FEW_PLACES:
        yield from _placed(port.name, np.stack(rows))


def _placed(name: str, table: IntArray) -> Iterator[Context]:
    """What stands at each place of inputs of one size, and which of two places has more."""
    places = table.shape[1]
    for i in range(places):
        yield f"{name}[{i}]", table[:, i]
    for i, j in combinations(range(places if places <= _FEW_PAIRS else 0), 2):
        yield f"the sign of {name}[{i}] - {name}[{j}]", np.sign(table[:, i] - table[:, j])
