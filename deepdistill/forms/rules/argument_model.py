"""What a model that rules were read from computes, as a term: from its own arrays alone.

Trees are walked one after another, and the sums of their leaves are added up as the model adds
them, so that what floats round away is part of the term. What a column's value becomes never falls
where the column grows: the last float64 that passes a threshold, and the next one that does not,
are looked at by running the model's own steps, and between these two there is no float64. Rectified
units are taken in exact arithmetic, and labels count as the same where scores differ by no more
than the model's own precision loses.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import TypeAlias

import numpy as np
import z3

from ...units.teachers import ReluLayers, VotingTrees
from ...verify.proof.encode import NotEncoded, Term
from .column_terms import ColumnTerm, real

_MOST_NODES, _MOST_STEPS = 20_000, 500_000
_Key: TypeAlias = tuple[int, float, bool]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a column on a path: numbers in (low, high], or levels; missing or not."""

    low: float = -math.inf
    high: float = math.inf
    levels: frozenset[int] | None = None
    gone: bool = False

    @property
    def there(self) -> bool:
        return bool(self.levels) if self.levels is not None else self.low < self.high

    @property
    def possible(self) -> bool:
        return self.there or self.gone


class VotesTerm:
    """The label of a model of trees; ``given`` is what holds of all float64."""

    def __init__(
        self, model: VotingTrees, columns: Sequence[ColumnTerm], levels: Sequence[int],
        optional: Sequence[bool],
    ) -> None:  # fmt: skip
        self.model, self.columns = model, columns
        self.given: list[Term] = []
        self.nodes = self.steps = 0
        self.tests: dict[_Key, tuple[Term, float | frozenset[int], bool]] = {}
        known = {
            k: _Known(levels=frozenset(range(count)) if count else None, gone=gone)
            for k, (count, gone) in enumerate(zip(levels, optional, strict=True))
        }
        try:
            self.label = self._walk(0, 0, tuple(model.start), known)
        except RecursionError:
            raise NotEncoded("trees that are so deep") from None

    def _walk(
        self, tree: int, node: int, sums: tuple[float, ...], known: Mapping[int, _Known]
    ) -> Term:
        if tree == len(self.model.trees):
            return z3.IntVal(int(self.model.decided(np.array([sums]))[0]))
        arrays = self.model.trees[tree]
        if arrays.left[node] < 0:
            added = tuple(a + b for a, b in zip(sums, arrays.values[node], strict=True))
            return self._walk(tree + 1, 0, added, known)
        self.steps += 1
        if self.steps > _MOST_STEPS or self.nodes > _MOST_NODES:
            raise NotEncoded("so many combinations of leaves")
        key = (arrays.feature[node], arrays.threshold[node], arrays.missing_left[node])
        if key not in self.tests:
            self.tests[key] = self._test(*key)
        test, end, gone_left = self.tests[key]
        column = self.model.features[key[0]].column
        yes, no = _parted(known[column], end, gone_left)
        if not no.possible:
            return self._walk(tree, arrays.left[node], sums, {**known, column: yes})
        if not yes.possible:
            return self._walk(tree, arrays.right[node], sums, {**known, column: no})
        self.nodes += 1
        left = self._walk(tree, arrays.left[node], sums, {**known, column: yes})
        right = self._walk(tree, arrays.right[node], sums, {**known, column: no})
        return left if left.eq(right) else z3.If(test, left, right)

    def _test(
        self, place: int, threshold: float, missing_left: bool
    ) -> tuple[Term, float | frozenset[int], bool]:
        """Whether a row goes left; where the column ends that does, and whether missing ones do."""
        feature = self.model.features[place]
        column = self.columns[feature.column]
        gone_left = missing_left
        if feature.fill is not None:
            gone_left = feature.passes(math.nan, threshold)
        if feature.levels:
            passing = frozenset(
                k for k in range(len(feature.levels)) if feature.passes(float(k), threshold)
            )
            there = z3.Or([column.value == k for k in sorted(passing)])
            return self._with_missing(column, there, gone_left), passing, gone_left
        last = feature.last(threshold)
        if math.isinf(last):
            return self._with_missing(column, z3.BoolVal(last > 0), gone_left), last, gone_left
        after = math.nextafter(last, math.inf)
        if not feature.passes(last, threshold) or feature.passes(after, threshold):
            raise NotEncoded("a column that falls where it grows")
        self.given.append(z3.Not(z3.And(column.value > real(last), column.value < real(after))))
        return self._with_missing(column, column.value <= real(last), gone_left), last, gone_left

    def _with_missing(self, column: ColumnTerm, there: Term, gone_left: bool) -> Term:
        if gone_left:
            return z3.Or(column.gone, there)
        return z3.And(z3.Not(column.gone), there)


def _parted(known: _Known, end: float | frozenset[int], gone_left: bool) -> tuple[_Known, _Known]:
    """What is known of a column on both sides of a split."""
    if isinstance(end, frozenset):
        assert known.levels is not None, "levels are compared with levels"
        yes, no = (
            replace(known, levels=known.levels & end),
            replace(known, levels=known.levels - end),
        )
    else:
        yes = replace(known, high=min(known.high, end))
        no = replace(known, low=max(known.low, end))
    return replace(yes, gone=known.gone and gone_left), replace(
        no, gone=known.gone and not gone_left
    )


def scores_terms(model: ReluLayers, columns: Sequence[ColumnTerm]) -> list[Term]:
    """The scores of all classes in exact arithmetic; of one score, 0 and that."""
    values: list[Term] = [columns[k].value for k in model.columns]
    for k, layer in enumerate(model.layers):
        sums = [
            reduce(lambda a, b: a + b, [_exact(w) * v for w, v in zip(row, values, strict=True)
                                        if w], _exact(bias))
            for row, bias in zip(layer.weights, layer.biases, strict=True)
        ]  # fmt: skip
        inner = k < len(model.layers) - 1
        values = [z3.If(one > 0, one, z3.RealVal(0)) for one in sums] if inner else sums
    return [z3.RealVal(0), *values] if len(values) == 1 else values


def nearly_largest(model: ReluLayers, columns: Sequence[ColumnTerm], label: Term) -> Term:
    """Whether a label's score is the largest one, but for what the model's precision loses."""
    scores, slack = scores_terms(model, columns), _exact(model.slack)
    cases = []
    for place, score in zip(model.labels, scores, strict=True):
        largest = z3.And([score + slack >= other for other in scores])
        cases.append(z3.Implies(label == place, largest))
    known = z3.Or([label == place for place in model.labels if place >= 0])
    return z3.And(known, *cases)


def _exact(value: float) -> Term:
    number = Fraction(value)
    return z3.RealVal(f"{number.numerator}/{number.denominator}")
