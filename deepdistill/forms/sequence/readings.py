"""What a loop reads at each step: its window, or its state with the element that comes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import product
from typing import Any

from ...verify.readings import Readings
from .network import PrefixNetwork, RecurrentNetwork

_MOST = 4096  # readings that are few enough to be counted

Row = tuple[int, ...]


def sequence_readings(
    network: RecurrentNetwork | PrefixNetwork, sequences: Iterable[Sequence[Row]]
) -> Readings | None:
    """The windows that occur, or the pairs of state and window; None where they may be endless."""
    if isinstance(network, PrefixNetwork):
        return None
    reach = network.window
    counts: Counter[Hashable] = Counter()
    states: set[Row] = set()
    elements: set[Row] = set()
    for rows in sequences:
        elements.update(rows)
        for t, (state, _) in enumerate(network.steps([*rows, rows[-1]])):
            states.add(state)  # the one behind the last step, too, from which no step was shown
            if t < len(rows):
                counts[(state, tuple(rows[max(0, t - reach) : t + 1]))] += 1
        if len(counts) > _MOST:
            return None
    windows = sum(len(elements) ** n for n in range(1, reach + 2))  # shorter ones at the start
    possible = len(states) * windows
    if possible > _MOST:
        return None
    what = "transitions (state and input)" if network.updates else "windows that the rule can read"
    missing = next(
        (
            _described(state, window)
            for state in sorted(states)
            for n in range(1, reach + 2)
            for window in product(sorted(elements), repeat=n)
            if (state, window) not in counts
        ),
        "",
    )
    return Readings.of(what, counts, possible, missing)


def windows_left_out(sequences: Iterable[Sequence[Row]], length: int) -> Readings:
    """The shortest windows of inputs, at least that long, of which not all were shown."""
    known = [list(rows) for rows in sequences]
    elements = sorted({row for rows in known for row in rows})
    while True:
        counts: Counter[Hashable] = Counter(
            tuple(rows[t : t + length]) for rows in known for t in range(len(rows) - length + 1)
        )
        possible = len(elements) ** length
        if len(counts) < possible:
            window = next(w for w in product(elements, repeat=length) if w not in counts)
            what = f"windows of {length} inputs"
            return Readings.of(what, counts, possible, _described((), window))
        length += 1


def _described(state: Row, window: Sequence[Row]) -> str:
    seen = ", ".join(str(_plain(row)) for row in window)
    return f"state {_plain(state)} with input {seen}" if state else f"input {seen}"


def _plain(row: Row) -> Any:
    return row[0] if len(row) == 1 else row
