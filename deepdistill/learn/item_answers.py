"""Networks over items beside labelled examples: which samples have an answer, which are wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..data.problem import Examples
from ..ir.expr import NoAnswer
from ..units.groups import IntArray
from ..units.items import ItemNetwork


def where_answered(examples: tuple[Examples, ...]) -> NDArray[np.bool_]:
    """Whether there is a right answer, for each element of the outputs."""
    parts = []
    for e in examples:
        given = np.ones(len(e), dtype=bool) if e.answered is None else e.answered
        parts.append(np.repeat(given, e.output.size // max(1, len(e))))
    return np.concatenate(parts)


def scalars(examples: tuple[Examples, ...]) -> IntArray:
    return np.concatenate([e.output.ravel() for e in examples]).astype(np.int64)


def wrong_samples(network: ItemNetwork, examples: tuple[Examples, ...]) -> int:
    """On how many samples the network, run as it is, gives another answer."""
    return sum(int(missed.sum()) for missed in missed_samples(network, examples))


def missed_samples(
    network: ItemNetwork, examples: tuple[Examples, ...]
) -> tuple[NDArray[np.bool_], ...]:
    """On which samples of each group it does, (samples,)."""
    name = network.inputs[0].name
    groups = []
    for batch in examples:
        if not len(batch):  # what is left where all samples of a size were taken for wrong ones
            groups.append(np.zeros(0, dtype=bool))
            continue
        has_answer = where_answered((batch,)).reshape(len(batch), -1)[:, 0]
        missed = np.zeros(len(batch), dtype=bool)
        pairs = zip(batch.inputs[0], batch.output, has_answer, strict=True)
        for k, (array, label, some) in enumerate(pairs):
            try:
                answer = network.run({name: array})
                missed[k] = not (some and np.array_equal(answer, label))
            except NoAnswer:
                missed[k] = bool(some)
        groups.append(missed)
    return tuple(groups)


def described(network: ItemNetwork) -> str:
    kinds: dict[tuple[int, ...], str] = {(): "the whole", (0, 1): "cells"}
    items = kinds.get(network.axes, "rows" if network.axes == (0,) else "columns")
    if len(network.inputs[0].axes) == 1 and network.axes:
        items = "numbers"
    return f"{items}, {type(network.head).__name__.lower()}, {len(network.features)} features"
