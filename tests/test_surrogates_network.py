"""A network that learned a law with an error of its own: labels, or its error, lead to the law."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import deepdistill as dd
from tests.surrogate_models import state

QUICK: dict[str, Any] = {"n_jobs": 1, "budget": 0.1, "backend": "sparse"}
LAW = "y = 2.5 * sin(x1) + x0"


@pytest.fixture(scope="module")
def learned() -> tuple[nn.Module, list[torch.Tensor], list[torch.Tensor]]:
    """The network, its inputs and their labels."""
    torch.manual_seed(0)
    layers = [nn.Linear(2, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1)]
    model = nn.Sequential(nn.Sequential(*layers), nn.Flatten(0))
    inputs = [4 * torch.rand(100, 2) - 2 for _ in range(20)]
    labels = [2.5 * torch.sin(x[:, 1]) + x[:, 0] for x in inputs]
    steps = torch.optim.Adam(model.parameters(), 0.01)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(steps, 30)
    for _ in range(30):
        for x, y in zip(inputs, labels, strict=True):
            steps.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            steps.step()
        rate.step()
    return model, inputs, labels


def error_of(model: nn.Module, inputs: list[torch.Tensor], labels: list[torch.Tensor]) -> float:
    with torch.no_grad():
        found = torch.cat([model(x) for x in inputs])
    error: float = nn.functional.mse_loss(found, torch.cat(labels)).item() ** 0.5
    return error


def test_labels_tell_the_error_of_the_network(learned: Any) -> None:
    model, inputs, labels = learned
    before = state(model)
    d = dd.distill_module(model, "0", inputs, labels=labels, **QUICK)
    assert d.formulas == (LAW,) and state(model) == before
    error = error_of(model, inputs, labels)
    assert d.certificate.teacher_error == pytest.approx(error, rel=0.2)
    accuracy = d.certificate.accuracy
    assert accuracy is not None and 1 - accuracy.after < 1e-6 < 1 - accuracy.before
    assert 0.99 < d.certificate.outputs[0].r2 < 1


def test_a_formula_within_the_error_of_the_network_is_enough(learned: Any) -> None:
    model, inputs, labels = learned
    error = error_of(model, inputs, labels)
    d = dd.distill_module(model, "0", inputs, teacher_error=error, **QUICK)
    assert d.formulas == (LAW,)
    assert d.certificate.correct.status == "no oracle" and d.certificate.teacher_error == error
    for wrong in (-1.0, [0.1, 0.1], "known", float("nan")):
        with pytest.raises(dd.InputError, match="teacher_error|standard errors"):
            dd.distill_module(model, "0", inputs, teacher_error=wrong, **QUICK)


def test_where_nothing_is_known_the_knee_of_the_front_tells(learned: Any) -> None:
    model, inputs, labels = learned
    d = dd.distill_module(model, "0", inputs, **QUICK)
    assert d.formulas == (LAW,)
    assert d.certificate.teacher_error == pytest.approx(error_of(model, inputs, labels), rel=0.2)


def test_classes_are_judged_by_their_share(learned: Any) -> None:
    model, inputs, labels = learned
    head = nn.Linear(1, 2)
    with torch.no_grad():
        for number, value in zip(head.parameters(), ([[-1.0], [1.0]], [0.0, 0.0]), strict=True):
            number.copy_(torch.tensor(value))
    scores = nn.Sequential(model, nn.Unflatten(0, (-1, 1)), head)
    sides = [(y > 0).long() for y in labels]
    d = dd.distill_module(
        scores, "0.0", inputs, labels=torch.cat(sides), teacher_error=0.03, **QUICK
    )
    accuracy = d.certificate.accuracy
    assert accuracy is not None and accuracy.measure == "accuracy" and accuracy.examples == 500
    assert accuracy.after == 1.0 >= accuracy.before > 0.95 and accuracy.chance < 0.7
    assert d.choose(complexity=1).certificate.correct.status == "failed"
