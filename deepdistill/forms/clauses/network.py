"""Networks over the two set axes of a formula: variables and clauses, each literal a unit.

Two layers of messages, made of the same unit groups. A clause unit tells each of its literals how
much it weighs: a curve of the *hope* that the clause has in its other open literals. A literal unit
adds up what its clauses tell it, and compares the sum with that of the opposite literal: two
threshold units say whether it leans true, leans false or neither, and with that how much hope it
gives. In the first round every literal gives the same hope, so that the curve is one of the
clause's length. Nothing depends on the number of variables or clauses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...ir.types import Port
from ...units.groups import IntArray


@dataclass(frozen=True, slots=True)
class Lean:
    """The threshold units of a literal: which hope it gives, by the scores of both polarities.

    It leans true where ``under * own > over * opposite``, false where the opposite literal does;
    ``over`` is at least ``under``, so that not both do.
    """

    over: int
    under: int
    leans_false: int
    undecided: int
    leans_true: int

    def hope(self, scores: NDArray[Any]) -> IntArray:
        """The hope of each literal; shape (..., variables, 2) in and out."""
        opposite = scores[..., ::-1]
        true = self.under * scores > self.over * opposite
        false = self.under * opposite > self.over * scores
        hope = np.full(scores.shape, self.undecided, dtype=np.int64)
        hope[true], hope[false] = self.leans_true, self.leans_false
        return hope


@dataclass(frozen=True, slots=True, eq=False)
class ClauseNetwork:
    """Literal and clause units over a formula (variables x clauses, entries -1, 0 and 1).

    ``curve[h]`` is the weight of a clause whose other open literals give hope ``h``; 0 beyond. The
    answer is the score of each literal, shape (variables, 2), the positive literal first.
    """

    inputs: tuple[Port, ...]
    output: Port
    lean: Lean
    curve: tuple[int, ...]

    @property
    def weight_count(self) -> int:
        """How many numbers the network holds."""
        return 5 + len(self.curve)

    def run(self, inputs: Any) -> IntArray:
        """The scores for ``{port name: array}``."""
        literals = literal_units(np.asarray(inputs[self.inputs[0].name], dtype=np.int64))
        curve = np.array(self.curve, dtype=np.int64)
        hope = np.full(literals.shape[:2], self.lean.undecided, dtype=np.int64)
        hope = self.lean.hope(scores_of(literals, hope, curve))
        return scores_of(literals, hope, curve)


def literal_units(formula: IntArray) -> IntArray:
    """1 where a clause holds a literal: shape (..., variables, 2, clauses)."""
    return np.stack([formula == 1, formula == -1], axis=-2).astype(np.int64)


def hopes_left(literals: IntArray, hope: IntArray) -> IntArray:
    """The hope that each clause has in its literals other than this one, shape of ``literals``."""
    total = (literals * hope[..., None]).sum(axis=(-3, -2), keepdims=True)
    result: IntArray = total - hope[..., None]
    return result


def scores_of(literals: IntArray, hope: IntArray, curve: IntArray) -> IntArray:
    """One round of messages: what the clauses of each literal weigh together."""
    left = hopes_left(literals, hope)
    inside = (literals == 1) & (left < len(curve))
    scores: IntArray = (curve[np.where(inside, left, 0)] * inside).sum(axis=-1)
    return scores
