"""Rows held out that repeat rows learned from: they say little of new ones, and that is told."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import NDArray

_SHARE = 1 / 2  # of what is held out


def copies_described(
    held: Iterable[Hashable], seen: Iterable[Hashable], name: str
) -> tuple[str, ...]:
    """A sentence on examples of that name, where most that were held out are among those seen."""
    known, every = set(seen), list(held)
    count = sum(one in known for one in every)
    if not every or count <= _SHARE * len(every):
        return ()
    return (
        f"what new {name}s get: {count:,} of the {len(every):,} held out repeat one that was "
        "learned from",
    )


def copied_rows(
    x: NDArray[np.float64],
    y: NDArray[np.generic],
    held: NDArray[np.int64],
    seen: NDArray[np.int64],
) -> tuple[str, ...]:
    """The same for rows (rows, columns) with their answers (rows,), and the places of both."""
    rows = np.column_stack([x, np.asarray(y, dtype=np.float64)])
    keys = [row.tobytes() for row in rows]
    return copies_described((keys[k] for k in held), (keys[k] for k in seen), "row")
