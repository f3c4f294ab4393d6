"""Small networks for the tests of surrogates: each with a block that a formula tells exactly."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

ROWS = 40


class Wave(nn.Module):
    """2.5 sin(x1) + x0, and x0 x1."""

    def __init__(self) -> None:
        super().__init__()
        self.height = nn.Parameter(torch.tensor(2.5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first, second = x[..., 0], x[..., 1]
        return torch.stack([self.height * torch.sin(second) + first, first * second], dim=-1)


class Around(nn.Module):
    """A block with a head after it, called as often as there are steps."""

    def __init__(self, block: nn.Module, width: int = 2, steps: int = 1) -> None:
        super().__init__()
        self.block, self.head, self.steps = block, nn.Linear(width, 1), steps
        self.drop = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        answer = self.block(x)
        for _ in range(self.steps - 1):
            answer = self.block(answer)
        found: torch.Tensor = self.head(self.drop(answer))
        return found


class Edge(nn.Module):
    """Takes a tuple and a keyword, gives a mapping; its answer has no axis of features."""

    def forward(self, pair: Any, *, charge: torch.Tensor, scale: float = 2.0) -> Any:
        here, there = pair
        force = scale * charge[..., 0] * (here - there)[..., 0]
        return {"force": force, "none": None}


class Edges(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.edge = Edge()

    def forward(self, here: torch.Tensor, there: torch.Tensor, charge: torch.Tensor) -> Any:
        return self.edge((here, there), charge=charge, scale=2.0)["force"].sum(dim=-1)


def batches(count: int = 8, *shape: int, seed: int = 0, width: int = 2) -> list[torch.Tensor]:
    """Batches of the given leading axes, float64."""
    draw = torch.Generator().manual_seed(seed)
    lead = shape or (ROWS,)
    return [torch.randn(*lead, width, generator=draw, dtype=torch.float64) for _ in range(count)]


def state(model: nn.Module) -> dict[str, Any]:
    """All that must be as it was: numbers, modes, hooks, what hangs on the parts."""
    found: dict[str, Any] = {}
    for name, part in model.named_modules(remove_duplicate=False):
        found[f"{name} mode"] = part.training
        found[f"{name} keys"] = tuple(sorted(part.__dict__))
        for kind in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks"):
            found[f"{name} {kind}"] = dict(getattr(part, kind))
        found[f"{name} parts"] = tuple(map(id, part._modules.values()))
    for name, one in [*model.named_parameters(), *model.named_buffers()]:
        found[f"{name} number"] = (one.dtype, tuple(one.shape), one.requires_grad, one.grad)
        if not one.is_meta:
            found[f"{name} bytes"] = one.detach().cpu().contiguous().numpy().tobytes()
    return found
