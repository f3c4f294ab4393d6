"""The last thresholds of rules: they move as they moved in the folds, or stay where they were."""

from __future__ import annotations

import numpy as np
import pytest

from deepdistill.forms.rules.lift import DecisionSize
from deepdistill.learn.rules.finish import finished, fitted
from deepdistill.learn.rules.front import HeldOut
from deepdistill.learn.rules.rows import RuleRows, RuleSettings
from deepdistill.units.rules import Below, Leaf, RuleModel, Split

ROWS = 400
SETTINGS = RuleSettings(DecisionSize((0, 0), (False, False)))


def _rows() -> RuleRows:
    """The class is told by a number below 0.8; the second column tells nothing."""
    rng = np.random.default_rng(0)
    x = np.round(rng.random((ROWS, 2)), 4)
    return RuleRows(x, (0, 0), (x[:, 0] >= 0.8).astype(np.int64), 2, np.ones(ROWS))


def _ended(limit: float, key: str) -> float:
    rows = _rows()
    model = RuleModel((Below(0, limit),), (Split(0, Leaf(0), Leaf(1)),), (1,))
    fit = fitted(model, rows, SETTINGS, 0.3, "points")
    assert fit is not None
    (end,) = finished(HeldOut(fit, np.zeros(5), 0.3, key), rows, rows, SETTINGS).fit.model.units
    assert isinstance(end, Below) and end.column == 0
    return end.limit


@pytest.mark.parametrize("key", ["points/1", "sums of trees/"])
@pytest.mark.parametrize("limit", [0.2, 0.9])
def test_a_threshold_that_no_fold_polished_stays_where_it_was(key: str, limit: float) -> None:
    assert _ended(limit, key) == pytest.approx(limit, abs=0.02)


def test_a_threshold_that_every_fold_polished_is_chosen_anew() -> None:
    assert _ended(0.2, "tree/") == pytest.approx(0.8, abs=0.01)


def test_a_threshold_gets_the_simplest_number_of_its_two_bins() -> None:
    assert _ended(0.7987, "points/1") == 0.8


def test_a_threshold_gets_a_shorter_number_that_the_rows_like_as_well_wherever_it_lies() -> None:
    assert _ended(0.8123, "points/1") == 0.8
