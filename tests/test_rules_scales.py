"""Columns of any size in sums, and plain scores beside what was searched for among many."""

from __future__ import annotations

import numpy as np
import pytest

from deepdistill.forms.rules.lift import DecisionSize
from deepdistill.learn.rules.bins import binned, part
from deepdistill.learn.rules.columns import adds_up, whole_weights
from deepdistill.learn.rules.finish import fitted
from deepdistill.learn.rules.front import EVEN, HeldOut, chosen, front
from deepdistill.learn.rules.ladder import scores
from deepdistill.learn.rules.rows import RuleRows, RuleSettings
from deepdistill.units.rules import Below, Leaf, RuleModel, Split, SumBelow

ROWS = 150


def _rows(scale: float = 1.0) -> RuleRows:
    rng = np.random.default_rng(5)
    x = np.stack([rng.normal(size=ROWS).round(2) * scale, rng.integers(0, 50, ROWS)], axis=1)
    y = (x[:, 0] / scale + 0.05 * x[:, 1] + 0.3 * rng.normal(size=ROWS) > 1.2).astype(np.int64)
    return RuleRows(x, (0, 0), y, 2, np.ones(ROWS))


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_a_sum_is_found_whatever_the_sizes_of_its_columns(scale: float) -> None:
    rows = _rows(scale)
    found = scores(part(binned(rows), rows, np.arange(ROWS)), rows.x)[1]
    assert found is not None
    (_, first), (_, second) = found.total.weights
    assert first * scale / second == pytest.approx(20, rel=0.2)


@pytest.mark.parametrize("scale", [1e15, 1e200, 1e-200])
def test_no_sum_of_columns_that_are_too_far_apart(scale: float) -> None:
    rows = _rows(scale)
    for one in scores(part(binned(rows), rows, np.arange(ROWS)), rows.x):
        assert one is None or len(one.total.weights) == 1


def test_weights_that_are_too_far_apart_have_no_integers() -> None:
    assert whole_weights(np.array([1.0, 1e-13]), np.eye(2)) is None
    found = whole_weights(np.array([2.0, 1e-9]), np.diag([1e4, 1e22]))
    assert found is not None and found[0].tolist() == [2 * 10**9, 1]
    assert adds_up(np.array([1e9, np.nan])) and not adds_up(np.array([1e150, 1.0]))
    assert not adds_up(np.zeros(3))


def _judged(model: RuleModel, source: str, loss: float, rows: RuleRows) -> HeldOut:
    size = DecisionSize(rows.levels, (False, False))
    fit = fitted(model, rows, RuleSettings(size), 0.3, source)
    assert fit is not None
    return HeldOut(fit, np.full(5, loss), 0.3, source)


@pytest.mark.parametrize(("ahead", "taken"), [(0.01, EVEN), (0.2, "tree")])
def test_a_plain_score_stands_beside_what_is_better_by_chance(ahead: float, taken: str) -> None:
    rows = _rows()
    tree = RuleModel((Below(0, 0.0),), (Split(0, Leaf(0), Leaf(1)),))
    total = ((0, 20), (1, 1))
    score = RuleModel((SumBelow(total, 24.5),), (Split(0, Leaf(0), Leaf(1)),), (1,))
    judged = [_judged(score, EVEN, 0.5, rows), _judged(tree, "tree", 0.5 - ahead, rows)]
    kept = [one.fit for one in front(judged, rows)]
    assert kept[0].source == "tree"  # it is the smaller one
    assert kept[chosen(kept, rows)].source == taken
