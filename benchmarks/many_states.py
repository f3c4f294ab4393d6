"""Automata of many states and of rare patterns: is the exact rule found, and in what time.

    python -m benchmarks.many_states [NAME ...]

Each rule shows random grids with what follows, and nothing else is handed over. It is *exact* where
15 fresh grids of the same kind, and 5 of twice the sides, are answered as the rule does. Seconds
are processor time of the whole run, from pairs to certificate.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import deepdistill as dd

Grid = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Automaton:
    """A rule of grids of so many states; ``shape`` has the number of grids first."""

    name: str
    states: int
    shape: tuple[int, ...]
    rule: Callable[[Grid], Grid]
    wrap: bool = True

    @property
    def axes(self) -> str:
        kind = "grid(wrap)" if self.wrap else "grid(bounded)"
        return " ".join([kind] * (len(self.shape) - 1))


def line(x: Grid) -> Grid:
    """Before, itself, after, on a ring."""
    return np.stack([np.roll(x, 1, 1), x, np.roll(x, -1, 1)])


def beside(x: Grid, corners: bool = False, wrap: bool = True) -> Iterator[Grid]:
    """The grids moved by one cell, to four sides or all eight."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)), mode="wrap" if wrap else "constant")
    rows, columns = x.shape[1:]
    for i in (0, 1, 2):
        for j in (0, 1, 2):
            if (i, j) != (1, 1) and (corners or 1 in (i, j)):
                yield padded[:, i : i + rows, j : j + columns]


def sandpile(wrap: bool) -> Callable[[Grid], Grid]:
    def rule(x: Grid) -> Grid:
        falls = (x >= 4).astype(np.int64)
        return np.asarray(x - 4 * falls + sum(beside(falls, wrap=wrap)))

    return rule


def cyclic(states: int, least: int = 1, corners: bool = False) -> Callable[[Grid], Grid]:
    """A cell takes the next state where so many neighbours have it."""

    def rule(x: Grid) -> Grid:
        after = (x + 1) % states
        around = beside(x, corners) if x.ndim > 2 else line(x)[::2]
        return np.where(sum((one == after).astype(int) for one in around) >= least, after, x)

    return rule


def excitable(x: Grid) -> Grid:
    """Greenberg and Hastings: excited by an excited neighbour, then seven states of rest."""
    excited = sum((one == 1).astype(int) for one in beside(x)) > 0
    return np.where(x == 0, excited.astype(np.int64), (x + 1) % 8)


def rare(x: Grid) -> Grid:
    """A cell flips after three that stand and before one that does not."""
    before = np.roll(x, 1, 1) & np.roll(x, 2, 1) & np.roll(x, 3, 1)
    return x ^ (before & (1 - np.roll(x, -1, 1)))


AUTOMATA = (
    Automaton("largest of three", 10, (60, 20), lambda x: line(x).max(axis=0)),
    Automaton("median of three", 10, (60, 20), lambda x: np.sort(line(x), axis=0)[1]),
    Automaton("sum divided by three", 10, (60, 20), lambda x: line(x).sum(axis=0) // 3),
    Automaton("sum modulo seven", 7, (60, 20), lambda x: line(x).sum(axis=0) % 7),
    Automaton("distance of both sides", 10, (60, 20), lambda x: abs(line(x)[0] - line(x)[2])),
    Automaton(
        "sum of sides in bounds",
        10,
        (60, 20),
        lambda x: np.clip(x + line(x)[0] - line(x)[2], 0, 9),
    ),
    Automaton("sandpile", 8, (20, 12, 12), sandpile(True)),
    Automaton("sandpile with borders", 8, (20, 12, 12), sandpile(False), wrap=False),
    Automaton("cyclic, a line of 8", 8, (60, 30), cyclic(8)),
    Automaton("cyclic, 8 and four sides", 8, (30, 12, 12), cyclic(8)),
    Automaton("cyclic, 8 and eight sides", 8, (30, 12, 12), cyclic(8, corners=True)),
    Automaton("cyclic, 14 and four sides", 14, (30, 12, 12), cyclic(14)),
    Automaton("cyclic, 9, two of eight", 9, (30, 12, 12), cyclic(9, 2, corners=True)),
    Automaton("excitable, 8", 8, (40, 12, 12), excitable),
    Automaton("a rare pattern", 2, (100, 40), rare),
)


def measured(one: Automaton) -> tuple[str, float, str]:
    """Whether the rule came out exact, the seconds, and how the certificate stands."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, one.states, one.shape)
    start = time.process_time()
    problem = dd.Problem.from_arrays(x, one.rule(x), axes=one.axes, name="automaton")
    result = dd.distill(problem, seed=0)
    seconds = time.process_time() - start
    wrong = 0
    for count, larger in ((15, 1), (5, 2)):
        fresh = rng.integers(0, one.states, (count, *(larger * n for n in one.shape[1:])))
        for given, wanted in zip(fresh, one.rule(fresh), strict=True):
            try:
                wrong += result.solve(given.tolist()) != wanted.tolist()
            except ValueError:  # a number that no example showed
                wrong += 1
    word = "exact" if not wrong else f"wrong on {wrong} of 20"
    return word, seconds, result.certificate.correct.status


def main(names: Sequence[str]) -> None:
    print("| rule | states | outcome | seconds | status |\n|---|---|---|---|---|", flush=True)
    for one in AUTOMATA:
        if not names or one.name in names:
            word, seconds, status = measured(one)
            print(f"| {one.name} | {one.states} | {word} | {seconds:.1f} | {status} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
