"""A network of threshold units over sums of columns, trained straight-through (PyTorch).

A layer of units, each a threshold of a weighted sum of standardized columns, and votes of theirs
that a logistic curve takes: what no search of one column at a time sees. Several networks start at
random; the better ones are trained on, all but a few weights of each unit are cut off, and the rest
is trained once more. The loss is the log loss.

Columns, weights, votes and slopes of the loss are multiples of powers of two, the curve is a table:
all sums are exact, so that the order in which a machine adds does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ...data.running import Check
from ...units.rules import Floats, Truths
from ..straight_through import Adam, on_grid, stepped

_UNITS = 4
_STARTS, _BEST, _LAST = 12, 3, 2  # networks by stage
_STEPS = (100, 100, 40)  # of each stage
_COLUMNS = 3  # that a unit may sum
_SMALLEST = 0.3  # of the largest weight of a unit that is kept
_SPARSE = 0.003  # nats a row that a weight of one costs

_DATA, _WEIGHTS, _VOTES, _SLOPES = 16.0, 128.0, 64.0, 256.0  # grids
_FARTHEST = 4.0  # standard deviations
_HEAVIEST = 16.0  # weight of a row
_STEEP = 2.0  # of the curve over votes
_FINE, _REACH = 32, 8  # points of the table of the curve for one of the score, and its ends


@dataclass(frozen=True, slots=True, eq=False)
class NetworkUnit:
    """Weights of the standardized columns, (columns,), where the unit fires, (rows,), its vote."""

    weights: Floats
    fires: Truths
    vote: float


class _Curve:
    """Chances and losses of scores in a table of exact numbers."""

    def __init__(self) -> None:
        scores = np.arange(-_FINE * _REACH, _FINE * _REACH + 1) / _FINE
        chance = 1 / (1 + np.exp(-_STEEP * scores))
        self.chances = _exact(chance, _SLOPES)
        self.if_not = _exact(-np.log(1 - chance), _SLOPES)  # the loss where the answer is 0
        self.if_so = _exact(-np.log(chance), _SLOPES)

    def places(self, scores: torch.Tensor) -> torch.Tensor:
        scaled = torch.clamp(torch.round(scores * _FINE), -_FINE * _REACH, _FINE * _REACH)
        return scaled.long() + _FINE * _REACH


class _Networks:
    """Some networks side by side: weights (networks · units, columns), biases, votes, constants."""

    def __init__(self, columns: int, rows: torch.Tensor, seed: int) -> None:
        draw = torch.Generator().manual_seed(seed)
        self.count = _STARTS
        shape = (self.count * _UNITS, columns)
        weights = (torch.rand(*shape, generator=draw, dtype=torch.float64) * 2 - 1) * 1.25
        # each threshold starts at a row
        at = torch.randint(rows.shape[1], (shape[0],), generator=draw)
        coarse = torch.round(weights * _WEIGHTS) / _WEIGHTS
        biases = -(coarse * rows[:, at].T).sum(1, keepdim=True)
        votes = torch.rand(self.count, 1, _UNITS, generator=draw, dtype=torch.float64) * 2 - 1
        constants = torch.zeros(self.count, 1, dtype=torch.float64)
        self.parameters = [weights, biases, votes, constants]
        self.mask = torch.ones_like(weights)

    def fires(self, rows: torch.Tensor) -> torch.Tensor:
        """1 where a unit fires, (networks, units, rows)."""
        weights, biases = self.parameters[:2]
        sums = on_grid(weights * self.mask, _WEIGHTS) @ rows + on_grid(biases, _WEIGHTS * _DATA)
        return stepped(sums).reshape(self.count, _UNITS, rows.shape[1])

    def scores(self, fired: torch.Tensor) -> torch.Tensor:
        """(networks, rows)."""
        votes, constants = self.parameters[2:]
        votes = on_grid(votes, _VOTES)
        middle = on_grid(constants, _VOTES)[:, None] - votes.sum(2, keepdim=True) / 2
        return (votes @ fired + middle)[:, 0]

    def keep(self, best: torch.Tensor) -> None:
        """Go on with some of the networks."""
        every = torch.arange(self.count * _UNITS).reshape(self.count, _UNITS)[best].reshape(-1)
        weights, biases, votes, constants = (p.detach() for p in self.parameters)
        self.parameters = [weights[every], biases[every], votes[best], constants[best]]
        self.mask = self.mask[every]
        self.count = len(best)

    def cut(self) -> None:
        """Leave each unit its largest weights."""
        size = (self.parameters[0].detach() * self.mask).abs()
        order = torch.argsort(-size, dim=1, stable=True)
        rank = torch.argsort(order, dim=1, stable=True)
        large = size > _SMALLEST * size.max(dim=1, keepdim=True).values
        self.mask = (large & (rank < _COLUMNS)).to(torch.float64)


def trained_units(
    x: Floats, target: Floats, weights: Floats, seed: int, check: Check
) -> list[NetworkUnit]:
    """The units of the network with the least loss; ``x`` (rows, columns) is standardized.

    ``target`` (rows,) is from 0 to 1. ``check`` is called now and then and may raise.
    """
    torch.set_num_threads(1)  # small matrices: threads cost more than they give
    bounded = np.clip(np.rint(x.T * _DATA) / _DATA, -_FARTHEST, _FARTHEST)
    rows = torch.from_numpy(np.ascontiguousarray(bounded))
    wanted = torch.from_numpy(np.rint(target * _SLOPES) / _SLOPES)
    mean = float(np.rint(weights.mean() * _SLOPES) / _SLOPES) or 1.0
    share = torch.from_numpy(
        np.minimum(np.rint(weights / mean * _SLOPES / 16) * 16 / _SLOPES, _HEAVIEST)
    )
    curve = _Curve()
    networks = _Networks(len(rows), rows, seed)
    for stage, steps in enumerate(_STEPS):
        if stage == 2:
            networks.cut()
        losses = _trained(networks, rows, wanted, share, curve, steps, stage < 2, check)
        order = torch.argsort(losses, stable=True)
        networks.keep(order[: (_BEST, _LAST, 1)[stage]])
    with torch.no_grad():
        fired = networks.fires(rows)[0].numpy() > 0
        masked = (networks.parameters[0] * networks.mask).numpy()
        votes = networks.parameters[2][0, 0].numpy()
    return [NetworkUnit(masked[k].copy(), fired[k].copy(), float(votes[k])) for k in range(_UNITS)]


def _trained(
    networks: _Networks,
    rows: torch.Tensor,
    wanted: torch.Tensor,
    share: torch.Tensor,
    curve: _Curve,
    steps: int,
    sparse: bool,
    check: Check,
) -> torch.Tensor:
    """Train all networks; the loss of each at the end, (networks,)."""
    for parameter in networks.parameters:
        parameter.requires_grad_()
    optimiser = Adam(networks.parameters)
    count = rows.shape[1]
    for step in range(steps):
        if step % 20 == 0:
            check()
        scores = networks.scores(networks.fires(rows))
        with torch.no_grad():
            slopes = share * (curve.chances[curve.places(scores)] - wanted)
        loss = (scores * slopes).sum()
        gradients = list(torch.autograd.grad(loss, networks.parameters))
        if sparse:
            gradients[0] = gradients[0] + torch.sign(networks.parameters[0]) * (_SPARSE * count)
        optimiser.step(tuple(gradients), count)
    with torch.no_grad():
        places = curve.places(networks.scores(networks.fires(rows)))
        each = wanted * curve.if_so[places] + (1 - wanted) * curve.if_not[places]
        return (each * share).sum(1)


def _exact(values: Floats, grid: float) -> torch.Tensor:
    return torch.from_numpy(np.rint(values * grid) / grid)
