"""Rules that are a small network of rectified units, region by region in a box."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import deepdistill as dd
from deepdistill.forms.rules.argument import same_rules
from deepdistill.forms.rules.teachers.conditions import ModelColumn
from deepdistill.forms.rules.teachers.networks import (
    condensed_layers,
    module_answers,
    read_layers,
)
from deepdistill.forms.rules.teachers.reading import NotExact
from deepdistill.recheck import check_again

RNG = np.random.default_rng(1)
X = RNG.uniform(-2, 2, (120, 2)).round(2)


def layer(weights: Any, biases: Any) -> nn.Linear:
    found = nn.Linear(len(weights[0]), len(weights))
    with torch.no_grad():
        found.weight.copy_(torch.tensor(weights))
        found.bias.copy_(torch.tensor(biases))
    return found


def tent(*end: nn.Module) -> nn.Sequential:
    """Positive where ``|a| + 0.5 b < 1``: two units of one column, and one that is always on."""
    first = layer([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]], [0.0, 0.0, 3.0])
    return nn.Sequential(first, nn.ReLU(), layer([[-1.0, -1.0, -0.5]], [2.5]), *end)


def far_from_borders(model: nn.Module, rows: Any, slack: float) -> Any:
    scores = model(torch.tensor(rows, dtype=torch.float32)).detach().double().numpy()
    if scores.shape[1] == 1:
        return rows[np.abs(scores[:, 0]) > slack], scores
    best = np.sort(scores, axis=1)
    return rows[best[:, -1] - best[:, -2] > slack], scores


def test_a_network_of_three_units_is_two_conditions() -> None:
    result = dd.distill_rules(tent(), X, columns=["a", "b"], classes=["out", "in"])
    faithful = result.certificate.faithful
    assert faithful.status == "proved" and "wherever its scores differ" in faithful.note
    assert "total_2 = 2 * a + b" in result.text and "if total_2 < 2:" in result.text
    for a, b in RNG.uniform(-1.9, 1.9, (300, 2)).tolist():
        if abs(abs(a) + 0.5 * b - 1) > 1e-4:
            assert result.solve(a, b) == ("in" if abs(a) + 0.5 * b < 1 else "out")
    with pytest.raises(ValueError):
        result.solve(3.0, 0.0)


def test_a_sigmoid_keeps_what_a_score_says() -> None:
    plain = dd.distill_rules(tent(), X, columns=["a", "b"])
    other = dd.distill_rules(tent(nn.Sigmoid()), X, columns=["a", "b"])
    assert other.text == plain.text and other.certificate.faithful.status == "proved"


def test_affine_layers_in_a_row_are_one() -> None:
    """The tent with columns mixed and unmixed before, and its score made of two in the end."""
    mixed = layer([[1.0, 1.0], [1.0, -1.0]], [0.0, 1.0])
    first = layer([[0.5, 0.5], [-0.5, -0.5], [0.5, -0.5]], [-0.5, 0.5, 3.5])
    ends = (layer([[-1.0, -1.0, -0.5], [0.0, 0.0, 1.0]], [2.5, 0.0]), layer([[1.0, 0.0]], [0.0]))
    model = nn.Sequential(mixed, first, nn.ReLU(), nn.Dropout(), *ends).eval()
    result = dd.distill_rules(model, X, columns=["a", "b"])
    plain = dd.distill_rules(tent(), X, columns=["a", "b"])
    assert result.text == plain.text and result.certificate.faithful.status == "proved"
    slack = result.network.teacher.model.slack
    assert plain.network.teacher.model.slack < slack < 1e-4
    rows, scores = far_from_borders(model, RNG.uniform(-1.9, 1.9, (500, 2)), slack)
    assert [result.solve(*row) for row in rows.tolist()] == [
        int(score > 0) for score in scores[np.abs(scores[:, 0]) > slack, 0]
    ]


@pytest.mark.parametrize("widths", [(3, 3), (3, 3, 2)])
def test_networks_with_drawn_weights(widths: tuple[int, ...]) -> None:
    torch.manual_seed(3)
    parts: list[nn.Module] = []
    for before, after in zip((2, *widths[:-1]), widths, strict=True):
        parts += [nn.Linear(before, after), nn.ReLU()]
    model = nn.Sequential(*parts[:-1])
    with torch.no_grad():
        parts[-2].bias -= model(torch.tensor(X, dtype=torch.float32)).mean(0)  # type: ignore
    result = dd.distill_rules(model, X, bounds=[(-3, 3), (-3, 3)])
    assert result.certificate.faithful.status == "proved"
    slack = 2 * result.network.teacher.model.slack
    assert 0 < slack < 1e-4
    rows, _ = far_from_borders(model, RNG.uniform(-3, 3, (2000, 2)), slack)
    wanted = model(torch.tensor(rows, dtype=torch.float32)).argmax(1).tolist()
    places = [int(scalar.title[1:]) for scalar in result.network.inputs]
    assert [result.solve(*(row[k] for k in places)) for row in rows.tolist()] == wanted


def test_another_network_is_refuted_and_what_is_saved_is_proved_again(tmp_path: Path) -> None:
    result = dd.distill_rules(tent(), X, columns=["a", "b"])
    assert check_again(result.save(tmp_path)).certificate.faithful.status == "proved"
    teacher = result.network.teacher
    last = teacher.model.layers[-1]
    other = replace(teacher.model, layers=(teacher.model.layers[0], replace(last, biases=(2.4,))))
    network = replace(result.network, teacher=replace(teacher, model=other))
    assert same_rules(network, result.program).status == "refuted"


def test_what_is_no_chain_of_layers_is_followed() -> None:
    class Skipping(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Sequential(nn.Linear(2, 2), nn.ReLU())

        def forward(self, x: Any) -> Any:
            return torch.cat([self.inner(x)[:, :1] + x[:, :1], x[:, 1:]], dim=1)

    torch.manual_seed(0)
    result = dd.distill_rules(Skipping(), X[:60], max_conditions=1)
    assert result.certificate.faithful.status == "evidence"
    assert "it has a step that is no affine layer and no ReLU: getitem" in result.notes[0]


@pytest.mark.parametrize(
    "options, words",
    [
        ({"bounds": [(-1, 1), (-3, 3)]}, "lie outside the bounds"),
        ({"bounds": [(-3, 3)]}, "give 2 bounds"),
        ({"classes": ["one"]}, "give 2 classes"),
    ],
)
def test_unusable_options_are_refused(options: Any, words: str) -> None:
    with pytest.raises(dd.InputError, match=words):
        dd.distill_rules(tent(), X, **options)


def test_a_network_of_many_regions_is_not_divided() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 20), nn.ReLU(), nn.Linear(20, 2))
    box = [(-4.0, 4.0)] * 5
    columns = [ModelColumn(0, False, low, high) for low, high in box]
    layers = read_layers(model, columns, box)
    with pytest.raises(NotExact, match="its classes border on one another in more than 64"):
        condensed_layers(layers, columns, box, module_answers(model, None))
