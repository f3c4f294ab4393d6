"""Sums of points that no row can have: none of those that rows have is lost."""

from __future__ import annotations

import numpy as np
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.learn.rules.probabilities import possible_sums
from deepdistill.learn.rules.reach import reachable_sums
from deepdistill.units.rules import (
    Among,
    AtLeast,
    Below,
    Leaf,
    Missing,
    RuleModel,
    RuleUnit,
    Split,
    SumBelow,
    Tree,
)

COLUMNS = 3  # two of numbers, one of levels
VALUES = (0.0, 1.0, 2.0, 3.0, np.nan)
ROWS = np.array([(a, b, c) for a in VALUES for b in VALUES for c in (-1.0, 0.0, 1.0, 2.0, np.nan)])

plain = st.one_of(
    st.builds(Below, st.integers(0, 1), st.sampled_from((0.5, 1.5, 2.5))),
    st.builds(lambda own: Among(2, tuple(sorted(own))), st.sets(st.integers(0, 2), min_size=1)),
    st.builds(Missing, st.integers(0, 2)),
)


@st.composite
def models(draw: st.DrawFn) -> RuleModel:
    units: list[RuleUnit] = draw(st.lists(plain, min_size=2, max_size=5))
    if draw(st.booleans()):
        units.append(SumBelow(((0, 1), (1, 2)), 3.5))
    if draw(st.booleans()):
        units.append(AtLeast(((0, draw(st.booleans())), (1, True)), draw(st.integers(1, 2))))
    leaf = st.builds(Leaf, st.integers(0, 4))

    def tree(depth: int) -> Tree:
        if not depth or draw(st.integers(0, 2)) == 0:
            return draw(leaf)
        return Split(draw(st.integers(0, len(units) - 1)), tree(depth - 1), tree(depth - 1))

    trees = tuple(tree(2) for _ in range(draw(st.integers(1, 3))))
    return RuleModel(tuple(units), trees, (3,))


@settings(max_examples=tries(100))
@given(models())
def test_all_sums_that_rows_have_are_among_them(model: RuleModel) -> None:
    found = set(reachable_sums(model))
    assert found <= set(possible_sums(model.trees))
    had = set(model.sums(ROWS).tolist())
    assert had <= found
    if not any(isinstance(unit, SumBelow) for unit in model.units):
        assert had == found


def test_two_thresholds_of_one_column_do_not_hold_in_all_ways() -> None:
    units = (Below(0, 3.0), Below(0, 2.0), Missing(1))
    trees = (
        Split(0, Leaf(2), Leaf(0)),
        Split(1, Leaf(3), Leaf(0)),
        Split(2, Leaf(10), Leaf(0)),
    )
    assert reachable_sums(RuleModel(units, trees, (4,))) == (0, 2, 5, 10, 12, 15)
