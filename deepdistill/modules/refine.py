"""The constants of formulas trained where they stand: in the whole model, everything else fixed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from ..ir.errors import InputError
from .blocks import called_with
from .capture import unchanged
from .formula_module import FormulaModule

_SMALLEST = 1e-3
_WITHOUT = "the loss does not depend on the constants of the formulas"


def refined(
    model: torch.nn.Module,
    formulas: FormulaModule,
    loss: Callable[[Any, Any], Any],
    loader: Any,
    epochs: int,
    rate: float,
) -> list[float]:
    """The constants with the least mean loss of an epoch; ``formulas`` stand in ``model``.

    A constant moves in steps of a share ``rate`` of its size (Adam). The model runs in evaluation
    mode and is left as it was. Raises :class:`InputError` where the loss is no number, or where it
    does not depend on the constants.
    """
    if epochs < 1 or not 0 < rate < math.inf:
        raise InputError(f"epochs is {epochs!r:.20} and rate {rate!r:.20}: give numbers above 0")
    start = formulas.constants.detach().clone()
    if not len(start):
        raise InputError("the formulas have no constants to refine")
    if isinstance(loader, Iterator):  # it can be run through once
        loader = list(loader)
    scale = start.abs().clamp(min=_SMALLEST)
    moved = torch.zeros_like(start, requires_grad=True)
    steps = torch.optim.Adam([moved], lr=rate)
    best, kept = math.inf, start.clone()
    try:
        with _fixed(model, formulas), unchanged(model), torch.enable_grad():
            for _ in range(epochs + 1):
                total, count = 0.0, 0
                here = (start + scale * moved.detach()).clone()
                for batch, labels in _pairs(loader):
                    with torch.no_grad():
                        formulas.constants.copy_(start + scale * moved)
                    formulas.constants.grad = None
                    value = _loss(model, loss, batch, labels)
                    value.backward()  # type: ignore[no-untyped-call]
                    slope = formulas.constants.grad
                    if slope is None:
                        raise InputError(_WITHOUT)
                    moved.grad = torch.nan_to_num(slope) * scale
                    steps.step()
                    total, count = total + float(value.detach()), count + 1
                if not count:
                    raise InputError("the loader gave no batch: give pairs (inputs, labels)")
                if math.isfinite(total) and total / count < best:
                    best, kept = total / count, here
    finally:
        with torch.no_grad():
            formulas.constants.copy_(start)
        formulas.constants.grad = None
    if not best < math.inf:
        raise InputError("the loss is no finite number: the constants stay as they are")
    return [float(one) for one in kept.double().cpu()]


def _loss(model: Any, loss: Callable[[Any, Any], Any], batch: Any, labels: Any) -> torch.Tensor:
    """The loss of a batch; :class:`InputError` where it is no scalar with a slope."""
    args, kwargs = called_with(batch)
    try:
        value = loss(model(*args, **kwargs), labels)
    except InputError:
        raise
    except Exception as error:  # whatever somebody's model or loss may raise
        lines = str(error).strip().splitlines() or [""]
        raise InputError(
            f"the loss cannot be computed: {type(error).__name__}: {lines[0][:200]}"
        ) from error
    if not isinstance(value, torch.Tensor) or value.numel() != 1:
        raise InputError("the loss must be one number, a tensor of torch")
    if not value.requires_grad:
        raise InputError(_WITHOUT)
    return value.reshape(())


def _pairs(loader: Any) -> Iterator[tuple[Any, Any]]:
    for pair in loader:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise InputError("the loader must give pairs (inputs, labels)")
        yield pair[0], pair[1]


@contextmanager
def _fixed(model: torch.nn.Module, formulas: FormulaModule) -> Iterator[None]:
    """Nothing but the constants has a slope; afterwards all is as it was."""
    everything = [*model.parameters(), *formulas.parameters()]
    before = [one.requires_grad for one in everything]
    for one in everything:
        one.requires_grad_(one is formulas.constants)
    try:
        yield
    finally:
        for one, needed in zip(everything, before, strict=True):
            one.requires_grad_(needed)
