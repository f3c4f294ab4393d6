"""The learner of rules: fronts, planted structures, snapped thresholds, sizes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from sklearn.datasets import load_iris

from deepdistill.data.running import Run
from deepdistill.learn.rules.learn import chosen, learn_rules
from deepdistill.learn.rules.rows import RuleFit, RuleRows, RuleSettings
from deepdistill.units.rules import Below, leaves


def rows_of(x: np.ndarray, y: np.ndarray, classes: int = 2) -> RuleRows:
    return RuleRows(x, (0,) * x.shape[1], y.astype(np.int64), classes, np.ones(len(y)))


def iris() -> RuleRows:
    data = load_iris()
    return rows_of(data.data, data.target, 3)


def best(rows: RuleRows, **settings: int) -> RuleFit:
    models = learn_rules(rows, RuleSettings(**settings), Run())
    return models[chosen(models, rows)]


def test_the_front_improves_with_size() -> None:
    rows = iris()
    models = learn_rules(rows, RuleSettings(), Run())
    assert models[0].model.units == ()
    for smaller, larger in pairwise(models):
        assert smaller.size < larger.size and smaller.loss > larger.loss
    best = models[chosen(models, rows)]
    assert Below(2, 2.0) in best.model.units
    assert (best.model.run(rows.x) == rows.y).mean() > 0.94
    assert len(best.probabilities) == sum(1 for _ in leaves(best.model.trees[0]))
    assert np.allclose(np.sum(best.probabilities, axis=1), 1, atol=1e-6)


def test_limits_on_size_and_conditions_hold() -> None:
    rows = iris()
    assert all(fit.size <= 20 for fit in learn_rules(rows, RuleSettings(max_complexity=20), Run()))
    fit = best(rows, max_conditions=1)
    assert len(fit.model.units) == 1
