"""Programs behind wrong labels: few pairs that by luck are right show the program.

Proposers ask for programs that give every answer. Where none does, they are asked again about draws
of the pairs, each with a counted share of the work that they took before; what they propose is
weighed by all pairs (Fischler and Bolles 1981).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...data.examples import FEW_SAMPLES
from ...data.pairs import PairProblem
from ...data.running import Run

_PARTS = (2, 2, 4, 4, 8, 8, 8, 8)  # of which each draw is one
_FEW_QUESTIONS = 1500  # by a quick search: about a second
_LEAST = 12  # pairs of a draw
_MOST_KINDS = 12  # answers that are drawn equally often


class CountedRun:
    """How often searches asked whether to go on, so that later ones get a share of that."""

    def __init__(self, whole: Run) -> None:
        self.whole, self.asked = whole, 0

    def run(self) -> Run:
        """A run for a search that is counted."""

        def over() -> bool:
            self.asked += 1
            self.whole.check()
            return False

        return replace(self.whole, cancelled=over, best=None)

    def share(self, quick: bool = False) -> Run:
        """A run for the search of one draw: all draws may ask twice as often as was asked.

        One that is ``quick`` and did not ask often may come to its end in each draw.
        """
        whole = quick and self.asked <= _FEW_QUESTIONS
        return self.part(1 + (self.asked if whole else 2 * self.asked // len(_PARTS)))

    def part(self, most: int) -> Run:
        """A run that ends after it was asked so often."""
        left = most

        def over() -> bool:
            nonlocal left
            self.whole.check()
            left -= 1
            return left < 0

        return replace(self.whole, cancelled=over, best=None)


def draws(task: PairProblem, seed: int) -> Iterator[PairProblem]:
    """Draws of the pairs, larger ones first; none of few pairs.

    In every second one each kind of answer stands as often as the others: a rare one is not left
    out, but most of a rare one may be wrong labels.
    """
    count = len(task.given)
    if count <= FEW_SAMPLES:
        return
    rng = np.random.default_rng([seed, 19])
    names = [repr(pair.output) for pair in task.given]
    kinds = {name: k for k, name in enumerate(dict.fromkeys(names))}
    kind = np.array([kinds[name] if len(kinds) <= _MOST_KINDS else 0 for name in names])
    for k, part in enumerate(_PARTS):
        size = max(_LEAST, count // part)
        order = rng.permutation(count)
        turn = np.zeros(count, dtype=np.int64)
        alike = np.zeros_like(kind) if k % 2 else kind
        for value in np.unique(alike):
            own = order[alike[order] == value]
            turn[own] = np.arange(len(own))
        chosen = sorted(order[np.argsort(turn[order], kind="stable")][:size].tolist())
        yield replace(task, given=tuple(task.given[place] for place in chosen))
