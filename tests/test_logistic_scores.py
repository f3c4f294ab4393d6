"""Formulas for log odds of classes: the loss, its fit, the classifier, the certificate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import deepdistill as dd
from deepdistill.data.tables import NumberTable
from deepdistill.formula.symbolic.constants import refit_by
from deepdistill.formula.symbolic.losses import RowErrors, nats
from deepdistill.formula.symbolic.plain import is_curved
from deepdistill.ir.expr import Call, Const, Var
from deepdistill.run import fit_table

LINE = Call("add", (Call("mul", (Const(0.5), Var("x"))), Const(0.1)))


def _classes(rows: int = 400, slope: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Numbers, and classes 1 and -1 whose log odds are ``slope`` times these."""
    rng = np.random.default_rng(3)
    x = np.round(rng.normal(size=rows), 3)
    return x, np.where(rng.random(rows) < 1 / (1 + np.exp(-slope * x)), 1.0, -1.0)


@given(st.lists(st.floats(-40, 40), min_size=4, max_size=4))
def test_roots_of_the_deviance_are_the_likelihood(scores: list[float]) -> None:
    y = np.array([1.0, -1.0, 1.0, 1.0])
    errors = RowErrors.of_loss("logistic", None, y)
    score = np.array(scores)
    assert errors.chances is not None
    roots, slopes = errors.deviance(score)
    aimed = np.log(errors.chances / (1 - errors.chances))
    over = nats(errors.of(score - y)) - nats(errors.of(aimed - y))
    assert np.mean(roots**2) / 2 == pytest.approx(over, abs=1e-9)
    step = 1e-5
    steps = (errors.deviance(score + step)[0] - errors.deviance(score - step)[0]) / (2 * step)
    assert slopes == pytest.approx(steps, abs=1e-4)


def test_a_constant_tells_how_frequent_the_classes_are() -> None:
    y = np.array([1.0] * 6 + [-1.0] * 2)
    errors = RowErrors.of_loss("logistic", None, y)
    near = [errors.of(errors.constant(y) + step - y) for step in (-0.01, 0.0, 0.01)]
    assert near[1] == min(near) == errors.spread(y)
    # Platt's chances are 7/8 for six rows and 1/4 for two
    assert errors.constant(y) == pytest.approx(np.log(5.75 / 2.25))


def test_constants_are_the_likeliest_ones() -> None:
    x, y = _classes()
    errors = RowErrors.of_loss("logistic", None, y)
    found, loss = refit_by(LINE, {"x": x}, y, errors)
    assert loss < errors.spread(y)
    assert isinstance(found, Call) and errors.chances is not None
    slope, start = [node.value for node in (found.args[0].args[0], found.args[1])]  # type: ignore[union-attr]
    left = errors.chances - 1 / (1 + np.exp(-(slope * x + start)))
    assert abs(left.sum()) < 0.05
    assert abs(left @ x) < 0.05


def test_classes_apart_ask_for_no_infinite_score() -> None:
    x = np.linspace(-1, 1, 40)
    y = np.sign(x)
    errors = RowErrors.of_loss("logistic", None, y)
    found, loss = refit_by(LINE, {"x": x}, y, errors)
    assert isinstance(found, Call)
    assert errors.least < loss < errors.spread(y) / 2
    slope = found.args[0].args[0].value  # type: ignore[union-attr]
    assert 1 < slope < 100


def test_a_classifier_gives_the_log_odds() -> None:
    x, y = _classes()
    model = dd.DistilledClassifier(form="formula", budget=0.0, random_state=0)
    model.fit(x[:, None], np.where(y > 0, "yes", "no"))
    assert not is_curved(model.fitted_[0].program.value)
    points = np.array([[-1.0], [0.0], [1.0]])
    assert model.decision_function(points) == pytest.approx([-2, 0, 2], abs=0.6)
    chances = model.predict_proba(points)
    assert chances.sum(axis=1) == pytest.approx([1, 1, 1])
    assert chances[:, 1] == pytest.approx([0.12, 0.5, 0.88], abs=0.08)
    assert model.predict(points[[0, 2]]).tolist() == ["no", "yes"]


def test_a_class_that_counts_more_is_answered_more_often() -> None:
    x, y = _classes()
    options = {"form": "formula", "budget": 0.0, "random_state": 0}
    ones = [
        float((dd.DistilledClassifier(class_weight=weight, **options).fit(x[:, None], y)
               .predict(x[:, None]) > 0).mean())
        for weight in ({-1: 10, 1: 1}, {-1: 1, 1: 10})
    ]  # fmt: skip
    assert ones[0] < 0.35 and ones[1] > 0.65


@pytest.mark.parametrize("weights", [[1.0], [-1.0] * 40, [0.0] * 40, [np.nan] * 40])
def test_weights_that_are_none_are_refused(weights: list[float]) -> None:
    x, y = _classes(40)
    with pytest.raises(dd.InputError, match="the weights of rows"):
        fit_table(_table(y, x), loss="logistic", weights=weights)


def _table(y: np.ndarray, x: np.ndarray) -> NumberTable:
    return NumberTable(("x",), x[:, None], "y", y)


def test_the_certificate_counts_rows_of_the_other_class(tmp_path: Path) -> None:
    x, y = _classes()
    result = fit_table(_table(y, x), budget=0.0, loss="logistic", regimes=False)
    claim = result.certificate.correct
    assert claim.status == "evidence"
    evidence = claim.evidence
    assert evidence is not None and evidence.tolerance is None
    assert f"{evidence.wrong} of {evidence.seen} held-out rows are of the other class" in claim.note
    assert "log loss" in claim.note
    assert 0 < evidence.wrong < evidence.seen / 2
    again = dd.load(result.save(tmp_path))
    assert again.certificate.correct == claim
    assert again.network.fitted.classes


def test_noise_is_no_evidence() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=80), rng.choice([-1.0, 1.0], 80)
    result = fit_table(_table(y, x), budget=0.0, loss="logistic", regimes=False)
    assert result.certificate.correct.status == "failed"
    assert "is not shown" in result.certificate.correct.note


def test_other_answers_are_refused() -> None:
    x, y = _classes(40)
    with pytest.raises(dd.InputError, match="answers that are 1 or -1"):
        fit_table(_table(y + 1, x), loss="logistic")
