"""Directions whose products tell a block's answers best, learned from the rows of its calls.

The factors are learned by Adam from standardised rows, all outputs at once, and the weights are
then solved for. A product of two sums with constants holds a linear part, so there is no other.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

Floats: TypeAlias = NDArray[np.float64]

_BATCH = 512
_RATE = 0.01
_RIDGE = 1e-6  # of the mean square of a column
_CONSTANT, _TINY = 1e-9, 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class ProductFit:
    """The matrices of sums of products, for inputs with a 1 behind them.

    ``left`` and ``right`` (products, inputs + 1), ``weights`` (outputs, products), ``affine``
    (outputs, inputs + 1 or 1).
    """

    left: Floats
    right: Floats
    weights: Floats
    affine: Floats


def fitted_products(
    x: Floats, y: Floats, products: int, steps: int, seed: int, check: Callable[[], None]
) -> ProductFit:
    """So many products fitted to rows x (rows, inputs) and y (rows, outputs); 0: an affine map.

    ``check`` is called now and then and may end it by raising.
    """
    middle, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.where(spread > _CONSTANT * max(_TINY, float(spread.max())), spread, np.inf)
    unit = (x - middle) / spread
    if not products:
        none = np.zeros((0, x.shape[1] + 1))
        slopes, offsets = _solved(unit, y)
        slopes = slopes.T / spread
        affine = np.concatenate([slopes, (offsets - slopes @ middle)[:, None]], axis=1)
        return ProductFit(none, none, np.zeros((y.shape[1], 0)), affine)
    factors = _learned(unit, y, products, steps, seed, check)
    left, right = (_moved(factors[part], middle, spread) for part in (0, 1))
    weights, offsets = _solved(_behind(x) @ left.T * (_behind(x) @ right.T), y)
    return ProductFit(left, right, weights.T, offsets[:, None])


def _moved(factor: Floats, middle: Floats, spread: Floats) -> Floats:
    """Sums (products, inputs + 1) of standardised inputs as those of the inputs."""
    slopes = factor[:, :-1] / spread
    return np.concatenate([slopes, factor[:, -1:] - (slopes @ middle)[:, None]], axis=1)


def _learned(
    x: Floats, y: Floats, products: int, steps: int, seed: int, check: Callable[[], None]
) -> Floats:
    """The factors (2, products, inputs + 1) of standardised rows."""
    draw = torch.Generator().manual_seed(seed)
    size = float(y.std()) or 1.0
    aims = (y - y.mean(axis=0)) / size
    start = torch.randn(2 * products, x.shape[1] + 1, generator=draw, dtype=torch.float64)
    start[:, :-1] /= math.sqrt(x.shape[1])
    left, right = np.split(_behind(x) @ start.numpy().T, 2, axis=1)
    solved, offset = _solved(left * right, aims)
    free = [one.float().requires_grad_(True) for one in (start, _tensor(solved), _tensor(offset))]
    factors, weights, offsets = free
    rows, wanted = _tensor(x).float(), _tensor(aims).float()
    optimizer = torch.optim.Adam(free, _RATE, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        check()
        picked = torch.randint(len(rows), (min(_BATCH, len(rows)),), generator=draw)
        one, other = functional.linear(rows[picked], factors[:, :-1], factors[:, -1]).chunk(2, 1)
        optimizer.zero_grad()
        error = torch.addmm(offsets, one * other, weights) - wanted[picked]
        error.square().mean().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    final = factors.detach().double() if bool(factors.isfinite().all()) else start
    return np.asarray(final.numpy()).reshape(2, products, -1)


def _tensor(numbers: Floats) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(numbers))


def _solved(design: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Weights (columns, outputs) and offsets (outputs,) by least squares with a little ridge."""
    middle, height = design.mean(axis=0), y.mean(axis=0)
    centred = design - middle
    gram = centred.T @ centred
    gram[np.diag_indices_from(gram)] += _RIDGE * max(_TINY, float(np.diag(gram).mean()))
    weights = np.linalg.solve(gram, centred.T @ (y - height))
    return weights, height - middle @ weights


def _behind(x: Floats) -> Floats:
    """Rows with a 1 behind them."""
    return np.concatenate([x, np.ones((len(x), 1))], axis=1)
