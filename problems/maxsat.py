"""MAX-SAT: which polarity of a variable belongs to an assignment that satisfies most clauses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepdistill.data.problem import Axis, InputError, Integers, Port, Problem

IntArray = NDArray[np.int64]

_VARIABLES, _CLAUSES = 8, 30  # of the tiny formulas to learn from
_MOST_VARIABLES = 16  # whose assignments are all tried
_LENGTHS = 5


def _clauses(rng: np.random.Generator, variables: int, lengths: IntArray) -> IntArray:
    """Uniform clauses of the given lengths, over different variables each."""
    formula = np.zeros((variables, len(lengths)), dtype=np.int64)
    for clause, length in enumerate(lengths):
        chosen = rng.permutation(variables)[:length]
        formula[chosen, clause] = 2 * rng.integers(0, 2, size=len(chosen)) - 1
    return formula


def _decided(rng: np.random.Generator, formula: IntArray) -> IntArray:
    """The formula that is left when one to four variables have been decided."""
    count = int(rng.integers(1, 5))
    values = 2 * rng.integers(0, 2, size=count) - 1
    satisfied = (formula[:count] * values[:, None] > 0).any(axis=0)
    left = formula[count:][:, ~satisfied]
    return left[:, left.any(axis=0)]


def _formula(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[IntArray, ...]:
    """A formula of at most that shape, padded with variables and clauses that hold nothing.

    Uniform 3-SAT from sparse to well above the threshold, clauses of one to five literals, or a
    dense formula of which some variables have been decided. Shapes larger than those to learn from
    are filled, half of them with 3-SAT.
    """
    most_variables, most_clauses = shape
    kind = int(rng.integers(3))
    if most_variables > _VARIABLES:
        lengths = np.full(most_clauses, 3) if kind else 1 + rng.integers(0, _LENGTHS, most_clauses)
        return (_clauses(rng, most_variables, lengths),)
    variables = int(rng.integers(min(4, most_variables), most_variables + 1))
    count = int(rng.integers(min(2 * variables, most_clauses), most_clauses + 1))
    if kind == 0:
        drawn = _clauses(rng, variables, np.full(count, 3))
    elif kind == 1:
        drawn = _clauses(rng, variables, 1 + rng.integers(0, min(_LENGTHS, variables), count))
    else:
        drawn = _decided(rng, _clauses(rng, most_variables, np.full(most_clauses, 3)))
    formula = np.zeros(shape, dtype=np.int64)
    formula[: drawn.shape[0], : drawn.shape[1]] = drawn
    return (formula,)


def satisfied_counts(formula: IntArray) -> tuple[IntArray, IntArray]:
    """All assignments (rows of -1 and 1) and how many clauses each satisfies."""
    variables = len(formula)
    if variables > _MOST_VARIABLES:
        raise InputError(f"exact optima are known for at most {_MOST_VARIABLES} variables")
    bits = np.arange(2**variables)[:, None] >> np.arange(variables)[None, :] & 1
    assignments = 2 * bits - 1
    literals = np.concatenate([formula == 1, formula == -1]).astype(np.float32)
    true = np.concatenate([assignments == 1, assignments == -1], axis=1).astype(np.float32)
    return assignments, ((true @ literals) > 0).sum(axis=1)


def _optimal(formula: IntArray) -> IntArray:
    """1 where some optimal assignment takes that polarity: shape (variables, 2)."""
    assignments, counts = satisfied_counts(formula)
    best = assignments[counts == counts.max()]
    return np.stack([(best == 1).any(axis=0), (best == -1).any(axis=0)], axis=1).astype(np.int64)


def johnson(formula: Any) -> IntArray:
    """Johnson's rule of 1974 with the most decided variable first: the values, 1 or 0.

    A clause of k open literals pulls each of them with 2**-k. The plain rule that the solver has to
    match; nothing is learned from it.
    """
    open_ = np.asarray(formula, dtype=np.int64).copy()
    values = np.full(len(open_), -1, dtype=np.int64)
    for _ in range(len(open_)):
        pull = np.ldexp(1.0, -np.abs(open_).sum(axis=0))
        lean = open_ @ pull
        k = int(np.argmax(np.where(values < 0, np.abs(lean), -1.0)))
        values[k] = int(lean[k] >= 0)
        satisfied = open_[k] == 2 * values[k] - 1
        open_[k] = 0
        open_[:, satisfied] = 0
    return values


NAMES: tuple[str, ...] = ("maxsat",)
PATTERNS: dict[str, str] = {}


def find(name: str) -> Problem | None:
    """The problem of that name, or None where this family has none."""
    if name not in NAMES:
        return None
    return Problem(
        name=name,
        inputs=(Port("formula", (Axis("set"), Axis("set")), Integers(-1, 1)),),
        output=Port("score", (Axis("set"), Axis("fixed", size=2)), Integers(0, 1)),
        training_shapes=((_VARIABLES, _CLAUSES),),
        check_shapes=((10, 100), (50, 250), (50, 500), (200, 2000)),
        training_count=3000,
        sampler=_formula,
        oracle=_optimal,
        baseline=johnson,
        driver="maxsat",
        summary="Which literals to choose so that as many clauses as possible hold.",
    )
