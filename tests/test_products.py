"""A wide block compressed: few products of sums of its inputs, shared by all outputs."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import deepdistill as dd
from deepdistill.surrogates.products import DistilledProducts
from tests.surrogate_models import Around, batches, state

WIDTH = 5


class Quadratic(nn.Module):
    """Two products of sums of the inputs, seen by all outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = nn.Linear(WIDTH, 2), nn.Linear(WIDTH, 2)
        self.out = nn.Linear(2, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.out(self.left(x) * self.right(x))
        return found


@pytest.fixture(scope="module")
def model() -> Around:
    torch.manual_seed(1)
    return Around(Quadratic(), WIDTH).double().eval()


@pytest.fixture(scope="module")
def labels(model: Around) -> list[torch.Tensor]:
    with torch.no_grad():
        return [model(x) for x in batches(8, 20, 4, width=WIDTH)]


@pytest.fixture(scope="module")
def once(model: Around, labels: list[torch.Tensor]) -> DistilledProducts:
    found = dd.distill_module(
        model, "block", batches(8, 20, 4, width=WIDTH), labels=labels, family="products",
        products=(0, 1, 2, 3), budget=0.3,
    )  # fmt: skip
    assert isinstance(found, DistilledProducts)
    return found


@pytest.fixture
def d(once: DistilledProducts) -> DistilledProducts:
    found = copy.copy(once)
    found.at_hand = once.at_hand
    return found


def test_as_many_products_as_there_are(d: DistilledProducts) -> None:
    assert len(d.products) == 2 and len(d.formulas) == WIDTH and d.certificate.ok
    assert "compressed" in str(d.certificate) and "over all outputs" in d.certificate.faithful.note
    assert min(one.r2 for one in d.certificate.outputs) > 0.999
    accuracy = d.certificate.accuracy
    assert accuracy is not None and accuracy.held_out and accuracy.after > 0.999
    sizes = [row["complexity"] for row in d.table()]
    assert sizes == [22, 30, 39, 56] and [row["chosen"] for row in d.table()].index(True) == 2


def test_another_size_is_certified_anew(d: DistilledProducts) -> None:
    before = d.certificate.faithful.note
    assert d.choose(complexity=38) is d and len(d.products) < 2
    assert d.certificate.faithful.note != before
    assert d.certificate.accuracy is not None and d.certificate.accuracy.after < 0.99


def test_module_texts_and_solver_agree(d: DistilledProducts) -> None:
    x = batches(1, 5, 3, width=WIDTH)[0]
    found = d.module()(x).detach().numpy().reshape(-1, WIDTH)
    rows = x.numpy().reshape(-1, WIDTH)
    np.testing.assert_allclose(found, [d.solve(*row) for row in rows.tolist()], rtol=1e-12)
    names = {f"x{k}": row for k, row in enumerate(rows.T)}
    known = {name: eval(text, {}, names) for name, text in (one.split(" = ") for one in d.products)}
    texts = [eval(one.split(" = ")[1], {}, {**names, **known}) for one in d.formulas]
    np.testing.assert_allclose(found, np.stack(texts, axis=1), atol=1e-4)
    assert d.module()(x.float()).dtype == torch.float32


def test_in_place_and_refined_together(model: Around) -> None:
    pair = nn.Sequential(copy.deepcopy(model.block), copy.deepcopy(model.block)).double()
    inputs = batches(8, 40, width=WIDTH)
    first, second = (
        dd.distill_module(pair, path, inputs, family="products", products=1, budget=0.1)
        for path in ("0", "1")
    )
    with torch.no_grad():
        pairs = [(x, pair(x)) for x in inputs]
    before = state(pair)

    def loss(answers: torch.Tensor, aims: torch.Tensor) -> torch.Tensor:
        return ((answers - aims) ** 2).mean()

    def reached() -> float:
        with torch.no_grad(), first.swapped(pair), second.swapped(pair):
            return float(torch.stack([loss(pair(x), aim) for x, aim in pairs]).mean())

    start, constants = reached(), (first.program.constants(), second.program.constants())
    refined = first.refine(pair, loss, pairs, epochs=10, falling=True, together=[second])
    assert refined is first and state(pair) == before
    assert reached() < 0.9 * start
    assert first.program.constants() != constants[0] and second.program.constants() != constants[1]
    known = first.program.constants()
    other = [(x, -10 * aim) for x, aim in pairs]  # what is learned there does harm here
    first.refine(pair, loss, other, epochs=2, rate=0.5, judging=[(x, pair(x)) for x in inputs[:1]])
    assert first.program.constants() == known
    with pytest.raises(dd.InputError, match="judging gave no batch"):
        first.refine(pair, loss, pairs, judging=[])
    with pytest.raises(dd.InputError, match="different blocks"):
        first.refine(pair, loss, pairs, together=[first])


def test_saved_and_read(d: DistilledProducts, tmp_path: Path) -> None:
    found = dd.load(d.save(tmp_path))
    assert isinstance(found, DistilledProducts)
    assert found.program == d.program and found.formulas == d.formulas and found.code == d.code
    assert found.table() == d.table() and found.certificate.claims == d.certificate.claims
    assert "<h1>" in found.report


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"family": "spline"}, "'formulas' or 'products'"),
        ({"family": "products", "products": -1}, "number of products"),
        ({"family": "products", "products": []}, "number of products"),
        ({"family": "products", "derive": {"r": "x0 + x1"}}, "derive= belongs to formulas"),
        ({"family": "products", "outputs": "rotate"}, "outputs= belongs to formulas"),
        ({"products": 3}, "family"),
    ],
)
def test_what_cannot_be_meant_is_refused(model: Around, given: dict[str, object], why: str) -> None:
    with pytest.raises(dd.InputError, match=why):
        dd.distill_module(model, "block", batches(4, width=WIDTH), **given)  # type: ignore[arg-type]
