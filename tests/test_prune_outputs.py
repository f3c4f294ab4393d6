"""All but the outputs that vary most fall silent: at once, or along a schedule."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import deepdistill as dd
from tests.surrogate_models import batches, state


class Wide(nn.Module):
    """Five outputs of which two vary."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weak = 1e-3 * x[..., :1]
        return torch.cat([weak, x[..., 1:] * 2, weak + 1, x[..., :1] * 3, weak], dim=-1)


def test_at_once_and_distilled() -> None:
    model = nn.Sequential(Wide(), nn.Linear(5, 1)).double()
    before = state(model)
    x = batches(5)
    plain = model[0](x[0])
    pruning = dd.prune_outputs(model, 2, "0", inputs=x)
    assert pruning.active == (1, 3)
    silent = model[0](x[0])
    assert torch.equal(silent[:, [1, 3]], plain[:, [1, 3]])
    assert not silent[:, [0, 2, 4]].any()
    d = dd.distill_module(
        model, "0", x, outputs=pruning.active, n_jobs=1, budget=0, backend="sparse"
    )
    assert [text.split(" = ")[0] for text in d.formulas] == ["y1", "y3"]
    assert d.certificate.ok and d.module()(x[0]).shape == (40, 2)
    with d.swapped(model):
        torch.testing.assert_close(model[0](x[0]), silent)
    pruning.remove()
    assert state(model) == before


@pytest.mark.parametrize("schedule", ["linear", "cosine", "exponential"])
def test_along_a_schedule(schedule: str) -> None:
    torch.manual_seed(0)
    block = nn.Linear(2, 6)
    head = nn.Linear(6, 1)
    optimizer = torch.optim.Adam([*block.parameters(), *head.parameters()], lr=0.02)
    draw = torch.Generator().manual_seed(0)
    counts, losses = [], []
    with dd.prune_outputs(block, 1, steps=150, start=30, schedule=schedule) as pruning:
        for _ in range(300):
            x = torch.randn(64, 2, generator=draw)
            loss = ((head(block(x))[:, 0] - x[:, 0] + x[:, 1]) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            counts.append(len(pruning.step()))
            losses.append(float(loss.detach()))
        assert "1 of 6 outputs speak" in repr(pruning)
    assert counts[29] == 6 and counts == sorted(counts, reverse=True) and counts[180] == 1
    assert losses[-1] < 1e-3  # the one that is left has taken over
    assert not block._forward_hooks


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"target": 0, "steps": 3}, "at least 1 output"),
        ({"target": 9, "inputs": batches(2)}, "the block has 5 outputs"),
        ({"steps": 3, "schedule": "steep"}, "no schedule"),
        ({}, "either inputs"),
        ({"steps": 3, "inputs": batches(2)}, "either inputs"),
        ({"steps": 0}, "at least 1 and 0"),
        ({"steps": 3, "path": "blok"}, "no part"),
    ],
)
def test_what_cannot_be_pruned(more: dict[str, object], words: str) -> None:
    model = Wide()
    with pytest.raises(dd.InputError, match=words):
        dd.prune_outputs(model, **{"target": 2, **more})  # type: ignore[arg-type]
    assert not model._forward_hooks
