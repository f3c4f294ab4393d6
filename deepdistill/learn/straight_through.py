"""What trainers of threshold units share: a step with a gradient, weights on a grid, Adam.

The arithmetic is exact on purpose. Weights enter the forward pass rounded to multiples of a power
of two and the surrogate of the step's derivative is a triangle, so that with such data and slopes
of the loss every product and sum is a dyadic number that float64 holds exactly: the order in which
a machine adds does not matter, and the same seed gives the same weights everywhere.

Straight-through estimator: Bengio, Léonard and Courville 2013; Adam: Kingma and Ba 2015.
"""

from __future__ import annotations

from typing import Any

import torch

_RATE = 0.05
_MEAN_DECAY, _SQUARE_DECAY = 0.9, 0.99
_WIDTH = 1.0  # the triangle's half width


class _StraightThrough(torch.autograd.Function):
    """1 where z >= 0, else 0; the gradient passes as if the step were a ramp of width 2·_WIDTH."""

    @staticmethod
    def forward(ctx: Any, z: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(z)
        return (z >= 0).to(z.dtype)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        (z,) = ctx.saved_tensors
        return grad * torch.clamp(1 - z.abs() / _WIDTH, min=0) / _WIDTH


def stepped(z: torch.Tensor) -> torch.Tensor:
    """1 where z >= 0, else 0, with a gradient."""
    fired: torch.Tensor = _StraightThrough.apply(z)  # type: ignore[no-untyped-call]
    return fired


def on_grid(w: torch.Tensor, grid: float) -> torch.Tensor:
    """The nearest multiples of 1 / ``grid``, with the gradient of ``w``."""
    return w + (torch.round(w * grid) / grid - w).detach()


class Adam:
    """Adam from single IEEE operations only: torch's own fuses some, which rounds differently."""

    def __init__(self, parameters: list[torch.Tensor]) -> None:
        self.parameters = parameters
        self.mean = [torch.zeros_like(p) for p in parameters]
        self.square = [torch.zeros_like(p) for p in parameters]
        self.mean_weight = self.square_weight = 1.0

    def step(self, gradients: tuple[torch.Tensor, ...], scale: float) -> None:
        """One step against gradients that are sums over so many rows."""
        self.mean_weight *= _MEAN_DECAY
        self.square_weight *= _SQUARE_DECAY
        for k, (p, gradient) in enumerate(zip(self.parameters, gradients, strict=True)):
            gradient = gradient / scale
            self.mean[k] = self.mean[k] * _MEAN_DECAY + gradient * (1 - _MEAN_DECAY)
            squared = gradient * gradient
            self.square[k] = self.square[k] * _SQUARE_DECAY + squared * (1 - _SQUARE_DECAY)
            mean = self.mean[k] / (1 - self.mean_weight)
            root = torch.sqrt(self.square[k] / (1 - self.square_weight)) + 1e-8
            p.data = p.data - mean / root * _RATE
