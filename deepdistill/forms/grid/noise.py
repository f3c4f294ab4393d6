"""Local rules behind wrong labels: which structure tells rule and exceptions in the fewest bits.

Where the answers of one reading differ, most of them are right. A structure that looks further
explains single exceptions by reading more, which proves nothing: what it explains is counted by
leaving each cell out and asking the others that read the same. Only what is explained so counts
against the exceptions that a narrower structure leaves (minimum description length, Rissanen 1978).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log, log2

import numpy as np
from numpy.typing import NDArray

from ...data.examples import MOST_NOISE, Examples
from ...ir.code_length import integer_bits
from ...ir.types import Port
from ...learn.orbits import Rows, Structure, orbit_sums
from ...units.groups import IntArray, UnitGroup
from ...verify.evidence import as_often_by_chance

_RISK = 0.01
_DOUBT = 0.05  # expected wrong answers among those of readings that are taken for known
_WORTH = 0.5  # a structure that looks further has to explain more of the exceptions than this
FURTHER = 0.75
"""A structure that leaves more of the exceptions is not trained."""

LEAST_BITS = 12.0
"""No network takes fewer."""


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """The readings of a structure and how often each answer was shown there.

    ``counts`` is (readings, states); ``row`` and ``own`` say for each cell which reading and which
    answer it has.
    """

    structure: Structure
    rows: Rows
    counts: IntArray
    row: IntArray
    own: IntArray

    @property
    def missed(self) -> NDArray[np.bool_]:
        """The cells that do not answer as most of those that read the same."""
        usual = self.counts.argmax(axis=1)[self.row]
        missed: NDArray[np.bool_] = self.own != usual
        return missed

    def unexplained(self, otherwise: NDArray[np.bool_]) -> int:
        """How many cells the others that read the same answer otherwise.

        Where there are no others it is what a narrower structure says: ``otherwise``.
        """
        others = self.counts[self.row].copy()
        others[np.arange(len(self.row)), self.own] -= 1
        alone = others.sum(axis=1) == 0
        refuted = others[np.arange(len(self.row)), self.own] < others.max(axis=1)
        return int(np.where(alone, otherwise, refuted).sum())

    def known(self, sure: bool) -> Rows:
        """The readings with their answers: those shown often enough, or all without a tie."""
        chosen = self._ahead() >= (self._lead() if sure else 1)
        return Rows(self.rows.x[chosen], self.rows.y[chosen], 0)

    def as_rare(self, missed: NDArray[np.bool_]) -> bool:
        """Whether cells of rare readings are missed no more often than others, but for chance.

        Rare are those that no vote makes sure; that others are unsure shows that one is wrong.
        """
        rare = (self.counts.sum(axis=1) < self._lead())[self.row]
        share = (int(missed[~rare].sum()) + 1) / (int((~rare).sum()) + 2)
        return as_often_by_chance(int(missed[rare].sum()), int(rare.sum()), share) >= _RISK

    def _ahead(self) -> IntArray:
        """By how many votes the answer that is shown most often leads."""
        ordered = np.sort(self.counts, axis=1)
        return ordered[:, -1] - (ordered[:, -2] if ordered.shape[1] > 1 else 0)

    def _lead(self) -> int:
        """By how many votes an answer must lead, so that hardly one of all is a wrong one."""
        share = (int(self.missed.sum()) + 1) / (len(self.own) + 2)
        kinds = max(2, self.counts.shape[1])
        odds = log((1 - share) * (kinds - 1) / share)
        return max(1, ceil(log(len(self.rows) / _DOUBT) / odds))


def votes(
    ports: Sequence[Port], structure: Structure, examples: Sequence[Examples], states: IntArray
) -> Votes:
    """The readings of a structure at all cells, and the answers that were shown."""
    x = np.concatenate([orbit_sums(ports, structure.orbits, e.inputs) for e in examples])
    own = np.searchsorted(states, np.concatenate([e.output.ravel() for e in examples]))
    readings, row = np.unique(x, axis=0, return_inverse=True)
    row = row.reshape(-1)
    counts = np.bincount(row * len(states) + own, minlength=len(readings) * len(states))
    counts = counts.reshape(len(readings), len(states))
    rows = Rows(readings, states[counts.argmax(axis=1)], 0)
    return Votes(structure, rows, counts, row, own)


def noisy(structures: Sequence[Votes], finest: Votes | None) -> Sequence[Votes]:
    """The structures whose exceptions may be wrong labels; none where it is better to look further.

    ``finest`` is the one whose readings contradict no example.
    """
    likely = [one for one in structures if one.missed.mean() <= MOST_NOISE]
    if not likely:
        return ()
    plain = likely[0].missed
    left = [one.unexplained(plain) for one in likely]
    base = int(np.argmin(left))
    if finest is not None and finest.unexplained(likely[base].missed) < _WORTH * left[base]:
        return ()
    return likely


def network_bits(groups: Sequence[UnitGroup]) -> float:
    """What a network costs: each weight that is not 0 by its place and its number."""
    bits = 0.0
    for group in groups:
        for weights, bias in zip(group.weights, group.bias, strict=True):
            used = weights[weights != 0]
            bits += integer_bits(len(used)) + len(used) * log2(max(2, len(weights)))
            bits += sum(integer_bits(round(float(number))) for number in (*used, bias))
    return bits
