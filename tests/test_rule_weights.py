"""Weights of rows that are counts of copies, and those that are not."""

import numpy as np
import pytest

import deepdistill as dd
from deepdistill.forms.rules.rows import each_once


@pytest.mark.parametrize("scale", [1e-3, 10.0, 812.5])
def test_a_factor_of_all_weights_changes_nothing(scale: float) -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(80, 2)).round(2)
    y = (x[:, 0] + rng.normal(0, 0.5, 80) > 0).astype(int)
    plain = dd.DistilledClassifier(random_state=0).fit(x, y)
    weighted = dd.DistilledClassifier(random_state=0).fit(x, y, sample_weight=np.full(80, scale))
    assert weighted.code_ == plain.code_


@pytest.mark.parametrize(
    ("weights", "parts", "total"),
    [
        ([1, 1, 1, 10, 10, 10], [1] * 6, 6),  # of classes
        ([1, 2.5, 3.1, 1, 2, 2.2], [1] * 6, 6),
        ([5, 5, 5, 5, 5, 5], [1] * 6, 6),
        ([1, 2, 3, 1, 1, 2], [1, 2, 3, 1, 1, 2], 10),
        ([2, 4, 6, 2, 2, 4], [1, 2, 3, 1, 1, 2], 6),
        ([0, 2, 3, 1, 1, 2], [1, 2, 3, 1, 1, 2], 9),
    ],
)
def test_only_counts_are_copies(weights: list[float], parts: list[int], total: float) -> None:
    x, y = np.arange(6.0)[:, None], np.array([0, 0, 0, 1, 1, 1])
    own, _, given, _ = each_once(x, y, np.array(weights, float), None, y)
    assert np.bincount(own[:, 0].astype(int)).tolist() == parts
    assert given.sum() == pytest.approx(total)
