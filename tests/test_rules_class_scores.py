"""Learning a sum for each class: few weights, the likeliest ones, integers that stand for them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from test_rules_learn import learned, rows_of, settings_of

from deepdistill.data.running import CutOff
from deepdistill.learn.rules.bins import binned, part
from deepdistill.learn.rules.class_scores import class_scores
from deepdistill.learn.rules.finish import conditions, fitted
from deepdistill.learn.rules.learn import chosen
from deepdistill.learn.rules.multinomial import Weighed, constants_of, softmax, sparse_fits
from deepdistill.learn.rules.probabilities import SHRINKS, chances
from deepdistill.learn.rules.rows import RuleRows
from deepdistill.units.rules import Missing, RuleModel


def drawn(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three classes by sums of three of five columns."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 5)).round(2)
    sums = np.stack([3 * x[:, 0], 2 * x[:, 1] - 1, 3 * x[:, 2] + x[:, 0]], axis=1)
    return x, (sums + rng.gumbel(size=sums.shape)).argmax(axis=1)


def models_of(rows: RuleRows, ridge: float = 0.3) -> list[RuleModel]:
    every = part(binned(rows), rows, np.arange(len(rows.y)))
    return class_scores(every, rows.x, ridge)


def test_with_all_weights_the_fit_is_that_of_logistic_regression() -> None:
    x, y = drawn(400)
    fits = list(sparse_fits(Weighed(x, y, np.ones(len(y)), 3), 1.0, range(1, 16)))
    losses = [fit.loss for fit in fits]
    assert losses == sorted(losses, reverse=True) and fits[0].pairs == fits[-1].pairs[:1]
    known = LogisticRegression(C=1.0, tol=1e-8, max_iter=5000).fit(x, y).predict_proba(x)
    # some weights gain next to nothing, and are left out
    assert np.abs(fits[-1].chances - known).mean() < 0.01 < np.abs(fits[3].chances - known).mean()


def test_weights_of_rows_are_so_many_rows() -> None:
    x, y = drawn(120)
    often = 1 + np.arange(len(y)) % 3
    weighed = Weighed(x, y, often.astype(float), 3)
    again = Weighed(np.repeat(x, often, axis=0), np.repeat(y, often), np.ones(often.sum()), 3)
    first, second = (next(iter(sparse_fits(one, 1.0, (4,)))) for one in (weighed, again))
    assert first.pairs == second.pairs and np.allclose(first.weights, second.weights, atol=1e-4)


def test_constants_make_each_class_as_likely_as_it_is() -> None:
    x, y = drawn(300)
    sums = np.stack([4000 + x[:, 0], 500 * np.ones(len(y)), -x[:, 1]], axis=1)
    rows = Weighed(x, y, np.ones(len(y)), 3)
    found = softmax(sums + constants_of(sums, rows)).mean(axis=0)
    assert np.allclose(found, np.bincount(y) / len(y), atol=1e-3)


def test_the_rule_behind_rows_is_found() -> None:
    x, y = drawn(1500)
    rows = rows_of(x, y)
    models = learned(rows)
    best = models[chosen(models, rows)]
    assert best.model.scores is not None and best.source == "scores of classes"
    assert best.model.scores.columns == (0, 1, 2)
    fresh, wanted = drawn(4000, 1)
    own = -np.log(chances(best, fresh)[np.arange(4000), wanted]).mean()
    sums = np.stack([3 * fresh[:, 0], 2 * fresh[:, 1] - 1, 3 * fresh[:, 2] + fresh[:, 0]], axis=1)
    truth = -np.log(softmax(sums)[np.arange(4000), wanted]).mean()
    assert own < truth + 0.02
    assert models == learned(rows)


def test_one_constant_is_none_and_the_chances_are_those_of_the_classes() -> None:
    x, y = drawn(200)
    rows = rows_of(x, y)
    for model in models_of(rows):
        assert model.scores is not None
        constants = [one.constant for one in model.scores.classes]
        assert 0.0 in constants
        mean = model.scores.chances(model.class_sums(x)).mean(axis=0)
        assert np.allclose(mean, np.bincount(y) / len(y), atol=0.02)


def test_a_missing_number_counts_as_its_mean_unless_that_tells_a_class() -> None:
    x, y = drawn(600)
    gone = np.random.default_rng(2).random(600) < 0.3
    x[gone, 0] = np.nan
    model = models_of(rows_of(x, y))[-1]
    assert model.scores is not None
    mean = np.nanmean(x[:, 0])
    for one in model.scores.classes:
        for column, weight, usual in one.weights:
            if column == 0:
                assert abs(usual - weight * mean) < 0.6 / model.scores.worth
    y[gone] = 2
    units = {unit for model in models_of(rows_of(x, y)) for unit in model.units}
    lost = [
        usual - weight * mean
        for model in models_of(rows_of(x, y))
        if model.scores is not None
        for column, weight, usual in model.scores.classes[2].weights
        if column == 0
    ]
    assert Missing(0) in units or max(lost, default=0) > 0


@pytest.mark.parametrize("classes", [2, 21])
def test_two_classes_and_too_many_have_no_sums(classes: int) -> None:
    x, _ = drawn(90)
    rows = rows_of(x, np.arange(90) % classes)
    assert models_of(rows) == []


def test_columns_that_say_nothing_have_none() -> None:
    rows = rows_of(np.ones((30, 2)), np.arange(30) % 3)
    assert models_of(rows) == []


def test_sums_obey_limits_and_no_order() -> None:
    x, y = drawn(300)
    rows = rows_of(x, y)
    model = models_of(rows)[2]
    assert conditions(model) == len(model.scores.columns)  # type: ignore[union-attr]
    shrink = SHRINKS[2]
    assert fitted(model, rows, settings_of(rows), shrink, "it") is not None
    assert fitted(model, rows, settings_of(rows, max_complexity=9), shrink, "it") is None
    assert fitted(model, rows, settings_of(rows, max_conditions=1), shrink, "it") is None
    falling = rows_of(x, y, monotone=(1, 0, 0, 0, 0))
    assert fitted(model, falling, settings_of(rows), shrink, "it") is None


def test_the_shrinks_change_chances_and_no_label() -> None:
    x, y = drawn(300)
    rows = rows_of(x, y)
    fits = [
        fitted(models_of(rows)[-1], rows, settings_of(rows), shrink, "it") for shrink in SHRINKS
    ]
    labels = [fit.model.run(x).tolist() for fit in fits if fit is not None]
    sure = [chances(fit, x).max(axis=1).mean() for fit in fits if fit is not None]
    assert len(labels) == len(SHRINKS) and all(one == labels[0] for one in labels)
    assert sure == sorted(sure, reverse=True) and sure[0] > sure[-1]


def test_the_time_is_looked_at() -> None:
    x, y = drawn(300)
    rows = rows_of(x, y)

    def over() -> None:
        raise CutOff

    every = part(binned(rows), rows, np.arange(len(y)), over)
    with pytest.raises(CutOff):
        class_scores(every, rows.x, 0.3)
