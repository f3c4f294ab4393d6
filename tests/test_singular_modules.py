"""Blocks with poles, lengths that nobody named, and errors that other networks or labels tell."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from surrogate_models import Around, Wave, batches
from torch import nn

import deepdistill as dd
from deepdistill.formula.symbolic.losses import RowErrors
from deepdistill.modules.blocks import fingerprint
from deepdistill.surrogates.central import central_outputs
from deepdistill.surrogates.radius import DerivedLength, known_lengths, lengths
from deepdistill.surrogates.weighing import answer_costs, is_singular, relative


def columns(rows: int = 400, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    dx, dy = rng.normal(size=(2, rows))
    return {
        "dx": dx,
        "dy": dy,
        "q": rng.choice([-1.0, 1.0], rows),
        "m": np.exp(rng.normal(size=rows)),
    }


def force(table: dict[str, Any]) -> Any:
    r = np.hypot(table["dx"], table["dy"])
    rng = np.random.default_rng(1)
    return table["q"] * table["dx"] / r**3 * (1 + 0.03 * rng.normal(size=len(r)))


def test_a_length_that_an_output_depends_on_is_seen() -> None:
    table = columns()
    names = tuple(table)
    pair = ("dx", "dy")
    assert lengths(table, names, force(table)[:, None], ()) == [DerivedLength("r", pair)]
    assert lengths(table, names, force(table)[:, None], ("r",)) == [DerivedLength("r_dx_dy", pair)]
    known = {**table, "far": np.hypot(table["dx"], table["dy"])}
    assert lengths(known, names, force(table)[:, None], ()) == []
    assert known_lengths(known, tuple(known)) == [DerivedLength("far", pair)]
    assert DerivedLength("r", (*pair, "q")).text == "sqrt(dx ** 2 + dy ** 2 + q ** 2)"


@pytest.mark.parametrize("kind", ["product", "polynomial", "one"])
def test_no_length_is_seen_where_there_is_none(kind: str) -> None:
    table = columns()
    dx, dy, m = table["dx"], table["dy"], table["m"]
    y = {"product": np.exp(dx * dy), "polynomial": dx**2 + dy**2, "one": np.tanh(3 * dx - dy) * m}
    assert lengths(table, tuple(table), y[kind][:, None], ()) == []


def test_a_pole_is_seen_and_its_rows_count_by_their_share() -> None:
    table = columns(2000)
    y = force(table)
    assert is_singular(y)
    assert not any(map(is_singular, (table["dx"], table["q"], np.maximum(table["dx"], 0))))
    cost = answer_costs(y, "auto", None, table, tuple(table))
    assert cost.singular and cost.loss == "mae" and cost.weights is not None
    top = int(np.abs(y).argmax())
    assert cost.weights[top] * y[top] ** 2 == pytest.approx(np.median(np.abs(y)) ** 2, rel=0.01)
    plain = answer_costs(y, "mse", None, table, tuple(table))
    assert plain.weights is None and not plain.singular
    told = answer_costs(y, "huber", "m ** 2", table, tuple(table))
    assert told.weights == pytest.approx(table["m"] ** 2)


def test_the_spread_is_what_the_best_number_costs() -> None:
    y = np.random.default_rng(0).standard_cauchy(301)
    tries = np.linspace(-3, 3, 601)
    for errors in (RowErrors("mae"), RowErrors("mse", relative(np.abs(y)))):
        least = min(errors.of(y - one) for one in tries)
        assert errors.spread(y) == pytest.approx(least, rel=1e-3)
    assert RowErrors().spread(y) == float(np.var(y))


class Pair(nn.Module):
    """A force of which a pole is smoothed, as networks do."""

    def forward(self, edges: torch.Tensor) -> torch.Tensor:
        dx, dy = edges.unbind(-1)
        r = torch.hypot(dx, dy)
        return (dx / r**3 * torch.tanh((r / 0.05) ** 3))[..., None]


def test_a_smoothed_pole_is_told_by_its_law() -> None:
    given = [torch.tensor(np.random.default_rng(k).normal(size=(100, 2))) for k in range(8)]
    d = dd.distill_module(
        Pair(), "", given, names=["dx", "dy"], backend="sparse", budget=0.1, n_jobs=1
    )
    assert d.derived == {"r": "hypot(dx, dy)"}
    assert d.formulas == ("y = dx / r ** 3",), d.table()
    assert any("r = hypot(dx, dy) was derived" in note for note in d.source.notes)
    assert any("orders of magnitude" in note for note in d.source.notes)


class Turned(nn.Module):
    """Messages: an image of a force, smoothed near its pole, off by two per cent, and moved."""

    def __init__(self, across: float, width: int = 2) -> None:
        super().__init__()
        self.across, self.width = across, width
        draw = torch.Generator().manual_seed(2)
        self.image = torch.eye(width) + 0.7 * torch.randn(width, width, generator=draw)
        self.slopes = torch.randn(width + 1, width, generator=draw)

    def forward(self, edges: torch.Tensor) -> torch.Tensor:
        part, mass = edges[..., : self.width], edges[..., [self.width]]
        r = part.norm(dim=-1, keepdim=True)
        sent = mass / r**3 * part * torch.tanh((r / 0.1) ** 3)
        turned = sent + self.across * sent.flip(-1) * r
        wrong = 0.02 * sent.norm(dim=-1, keepdim=True) * torch.sin(3 * edges @ self.slopes)
        return (turned + wrong) @ self.image + 0.5


def drawn_edges(width: int) -> list[torch.Tensor]:
    rng = np.random.default_rng(5)
    parts = rng.normal(size=(8, 100, width)), np.exp(rng.normal(size=(8, 100, 1)))
    return list(torch.tensor(np.concatenate(parts, axis=-1), dtype=torch.float32))


@pytest.mark.parametrize("width", [2, 3])
def test_an_image_of_a_force_is_told_by_one_strength(width: int) -> None:
    names = ["dx", "dy", "dz"][:width]
    d = dd.distill_module(
        Turned(0.0, width), "", drawn_edges(width), names=[*names, "mass"], outputs="rotate",
        backend="sparse", budget=0.1, n_jobs=1,
    )  # fmt: skip
    assert any("one strength" in note for note in d.source.notes)
    for one, name in zip(d.formulas, names, strict=True):
        assert re.fullmatch(rf"m\d = -?[\d.]+ \* {name} \* mass / r \*\* 3", one), d.table()
    far = [row for batch in drawn_edges(width) for row in batch.double().tolist()]
    found = np.array([d.solve(*row) for row in far])
    expected = Turned(0.0, width)(torch.tensor(far, dtype=torch.float32)).numpy()
    middle = np.abs(found - expected) / (1 + np.abs(expected))
    assert np.median(middle) < 0.03


def test_outputs_that_are_no_vector_are_not_told_by_a_strength() -> None:
    rows = np.concatenate(drawn_edges(2)).astype(float)
    table = {"dx": rows[:, 0], "dy": rows[:, 1], "mass": rows[:, 2]}
    table["r"] = np.hypot(table["dx"], table["dy"])
    fitted = np.ones(len(rows), dtype=bool)
    known = DerivedLength("r", ("dx", "dy"))
    for across, is_vector in ((0.0, True), (1.5, False)):
        y = Turned(across)(torch.tensor(rows, dtype=torch.float32)).numpy().astype(float)
        assert (central_outputs(y, table, known, fitted) is not None) == is_vector
    noise = np.random.default_rng(0).normal(size=(len(rows), 2))
    assert central_outputs(noise, table, known, fitted) is None


def test_a_number_of_any_stride_has_a_fingerprint() -> None:
    part = nn.Module()
    part.register_buffer("low", torch.zeros(1, 2, dtype=torch.float64).T[0])
    other = nn.Module()
    other.register_buffer("low", torch.zeros(1, dtype=torch.float64))
    assert fingerprint(part) == fingerprint(other) != ""


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "loss": ({"loss": "l1"}, "there is no loss 'l1': use one of auto, mse, mae, huber"),
    "code": ({"weights": "__import__('os')"}, "the weights cannot be read"),
    "number": ({"weights": 3}, "the weights cannot be read"),
    "negative": ({"weights": "x0"}, "are not numbers from 0"),
    "part": ({"teacher_error": Wave()}, "speaks of the whole model"),
    "word": ({"teacher_error": "much"}, "teacher_error is 'much'"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_told(name: str) -> None:
    more, words = BAD[name]
    with pytest.raises(dd.InputError, match=words):
        dd.distill_module(Around(Wave()).double(), "block", batches(), **more)


def noisy(seed: int) -> Any:
    slopes = np.random.default_rng(seed).normal(size=2)
    return lambda x: 3 * x[:, 0] * x[:, 1] + 1e-3 * np.sin(4 * x @ slopes + seed)


def test_other_networks_and_labels_tell_the_error() -> None:
    given = [np.random.default_rng(k).normal(size=(40, 2)) for k in range(6)]
    truth = [3 * one[:, 0] * one[:, 1] for one in given]
    for more in ({"teacher_error": [noisy(1), noisy(2)]}, {"teacher_error": "labels"}):
        d = dd.distill_module(
            noisy(0), "", given, labels=truth, backend="sparse", budget=0.1, n_jobs=1, **more
        )
        error = d.outputs[0].teacher_error
        assert error is not None and 3e-4 < error < 1.5e-3
        assert d.formulas == ("y = 3 * x0 * x1",), d.table()
    with pytest.raises(dd.InputError, match="give labels"):
        dd.distill_module(noisy(0), "", given, teacher_error="labels")
