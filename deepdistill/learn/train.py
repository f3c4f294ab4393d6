"""Train threshold units by gradient descent with straight-through steps (PyTorch).

Weights are multiples of 2^-12 and the loss is a hinge, so that the arithmetic is exact, see
:mod:`deepdistill.learn.straight_through`.

Hinge loss for binarised networks: Hubara et al. 2016.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ..data.running import Check, endless
from ..units.groups import FloatArray, IntArray, UnitGroup
from .straight_through import Adam, on_grid, stepped

GRID = 4096.0  # weights are multiples of 1 / GRID
_CHECK_EVERY = 10


@dataclass(frozen=True, slots=True, eq=False)
class TrainedUnits:
    """The best of some restarts: its groups and how many training rows it gets wrong."""

    groups: tuple[UnitGroup, ...]
    wrong: int


def train(
    x: FloatArray,
    label: IntArray,
    classes: int,
    units: int,
    restarts: int,
    steps: int,
    seed: int,
    check: Check = endless,
) -> TrainedUnits:
    """Fit rows (rows × taps) to class indices; stop at the first restart without a wrong row.

    ``units`` threshold units feed the output; with 0 the output reads the taps directly. Two
    classes are told apart by one step unit, more by an argmax over one sum each. ``check`` is
    called every few steps and may raise.
    """
    torch.set_num_threads(1)  # small matrices: threads cost more than they give
    draw = torch.Generator().manual_seed(seed)
    rows, taps = x.shape
    binary = classes == 2
    outputs = 1 if binary else classes
    inner = units or taps

    def uniform(*shape: int) -> torch.Tensor:
        weights = torch.rand(*shape, generator=draw, dtype=torch.float64) * 2 - 1
        return weights.requires_grad_()

    readout = [uniform(restarts, outputs, inner), uniform(restarts, outputs, 1)]
    hidden = [uniform(restarts * units, taps), uniform(restarts * units, 1)] if units else []
    parameters = readout + hidden
    data = torch.from_numpy(np.ascontiguousarray(x.T))
    if units:  # each unit's threshold starts at a row drawn at random, where there is data to split
        at = torch.randint(rows, (restarts * units,), generator=draw)
        with torch.no_grad():
            hidden[1] -= (torch.round(hidden[0] * GRID) / GRID * data[:, at].T).sum(1, keepdim=True)
    truth = torch.from_numpy(label)
    one_hot = torch.nn.functional.one_hot(truth, classes).T.to(torch.float64)
    sign = (2 * one_hot - 1)[-outputs:]
    optimiser = Adam(parameters)
    best = TrainedUnits((), rows + 1)
    for step in range(steps + 1):
        if units:
            fired = stepped(on_grid(hidden[0], GRID) @ data + on_grid(hidden[1], GRID))
            fired = fired.reshape(restarts, units, rows)
        else:
            fired = data.expand(restarts, taps, rows)
        total = torch.matmul(on_grid(readout[0], GRID), fired) + on_grid(readout[1], GRID)
        if step % _CHECK_EVERY == 0 or step == steps:
            check()
            with torch.no_grad():
                guess = (total[:, 0] >= 0).long() if binary else total.argmax(dim=1)
                wrong = (guess != truth).sum(dim=1)
            k = int(wrong.argmin())
            if int(wrong[k]) < best.wrong:
                best = TrainedUnits(_groups(hidden, readout, k, units, binary), int(wrong[k]))
            if best.wrong == 0:
                break
        loss = torch.clamp(1 - sign * total, min=0).sum()
        optimiser.step(torch.autograd.grad(loss, parameters), rows)
    return best


def _groups(
    hidden: list[torch.Tensor], readout: list[torch.Tensor], k: int, units: int, binary: bool
) -> tuple[UnitGroup, ...]:
    """The unit groups of restart ``k``, its weights on the grid."""

    def array(tensor: torch.Tensor) -> FloatArray:
        return (torch.round(tensor.detach() * GRID) / GRID).numpy().copy()

    last = UnitGroup(
        array(readout[0][k]), array(readout[1][k])[:, 0], "step" if binary else "argmax"
    )
    if not units:
        return (last,)
    mine = slice(k * units, (k + 1) * units)
    return (UnitGroup(array(hidden[0][mine]), array(hidden[1][mine])[:, 0], "step"), last)
