"""Layers whose numbers are read without running them, and numbers as they were meant."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..ir.errors import InputError
from .affine import AffineValue, Tensor, composed, of_operation

_DIGITS = {torch.float32: 6, torch.float16: 3}


def decimal(value: Tensor) -> Tensor:
    """Numbers as float64; those that were short decimal numbers are these again."""
    digits = _DIGITS.get(value.dtype)
    exact = value.detach().cpu().double()
    if digits is None:
        return exact
    array = exact.numpy()
    short = np.array([float(f"{x:.{digits}g}") for x in array.ravel().tolist()]).reshape(
        array.shape
    )
    again = torch.from_numpy(short).to(value.dtype).double().numpy()
    return torch.from_numpy(np.where(again == array, short, array))


def layer(part: torch.nn.Module, value: Any) -> AffineValue | None:
    """The layers whose numbers are known without running them."""
    numbers = {name: decimal(one) for name, one in part.named_buffers() if is_float(one)}
    if isinstance(part, torch.nn.Linear) and type(part).forward is torch.nn.Linear.forward:
        return linear(
            value, decimal(part.weight), None if part.bias is None else decimal(part.bias)
        )
    if isinstance(part, torch.nn.modules.batchnorm._BatchNorm) and "running_mean" in numbers:
        ones = torch.ones_like(numbers["running_mean"])
        weight = ones if part.weight is None else decimal(part.weight)
        bias = 0 * ones if part.bias is None else decimal(part.bias)
        gain = weight / torch.sqrt(numbers["running_var"] + part.eps)
        wide = [-1, *(1 for _ in value.shape[1:])]
        centred = of_operation(lambda x: x - numbers["running_mean"].reshape(wide), [value])
        assert centred is not None
        scaled = of_operation(lambda x: x * gain.reshape(wide), [centred])
        assert scaled is not None
        return of_operation(lambda x: x + bias.reshape(wide), [scaled])
    return None


def linear(input: Any, weight: Any, bias: Any = None) -> AffineValue | None:
    """A linear layer of one list of numbers; None for anything else."""
    if (
        not isinstance(input, AffineValue)
        or len(input.shape) != 1
        or isinstance(weight, AffineValue)
    ):
        return None
    table = weight.double().T
    if len(table) != input.shape[0] or isinstance(bias, AffineValue):
        return None
    base = torch.zeros(table.shape[1], dtype=torch.float64) if bias is None else bias.double()
    return composed(input, table, base, (table.shape[1],))


def is_float(value: Any) -> bool:
    """Whether it is a tensor of floats."""
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def not_finite(module: torch.nn.Module) -> None:
    """Raise :class:`InputError` where a weight of a module is not finite."""
    for name, one in [*module.named_parameters(), *module.named_buffers()]:
        if is_float(one) and not bool(one.isfinite().all()):
            where = (~one.isfinite()).nonzero()[0].tolist()
            raise InputError(
                f"{name.removeprefix('module.')}{where or ''} of the module is "
                f"{float(one[tuple(where)])}, which is not finite: no network has such a weight"
            )
