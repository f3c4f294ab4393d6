"""The constants of formulas trained where they stand: in the whole model, everything else fixed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral, Real
from typing import Any

import torch

from ..ir.errors import InputError
from .blocks import called_with
from .capture import unchanged
from .surrogate_module import SurrogateModule

_WITHOUT = "the loss does not depend on the constants of the formulas"


def refined(
    model: torch.nn.Module,
    surrogates: Sequence[SurrogateModule[Any]],
    loss: Callable[[Any, Any], Any],
    loader: Any,
    epochs: int,
    rate: float,
    falling: bool = False,
    judging: Any = None,
) -> list[list[float]]:
    """The constants of each with the least mean loss of an epoch, or on the pairs of ``judging``;
    all ``surrogates`` stand in ``model`` and are trained together.

    A constant moves in steps of a share ``rate`` of its scale (Adam); a ``falling`` rate ends at
    zero. The model runs in evaluation mode and is left as it was. Raises :class:`InputError` where
    the loss is no number, or where it does not depend on the constants.
    """
    _refuse_unusable(epochs, rate, loss, loader, judging)
    free = [one.constants for one in surrogates]
    starts = [one.detach().clone() for one in free]
    if not all(map(len, starts)):
        raise InputError("the formulas have no constants to refine")
    if isinstance(loader, Iterator):  # it can be run through once
        loader = list(loader)
    if isinstance(judging, Iterator):
        judging = list(judging)
    scales = [one.scale() for one in surrogates]
    moved = [torch.zeros_like(start, requires_grad=True) for start in starts]
    steps = torch.optim.Adam(moved, lr=rate)

    def here() -> list[torch.Tensor]:
        parts = zip(starts, scales, moved, strict=True)
        return [start + scale * one.detach() for start, scale, one in parts]

    def put(constants: Sequence[torch.Tensor]) -> None:
        with torch.no_grad():
            for one, value in zip(free, constants, strict=True):
                one.copy_(value)
                one.grad = None

    best, kept = math.inf, starts
    try:
        with _fixed(model, surrogates), unchanged(model), torch.enable_grad():
            for epoch in range(epochs + 1):
                if falling:
                    turn = (1 + math.cos(math.pi * epoch / epochs)) / 2
                    steps.param_groups[0]["lr"] = rate * turn
                total, count, first = 0.0, 0, here()
                if judging is not None:
                    put(first)
                    score = _judged(model, loss, judging)
                    if score < best:
                        best, kept = score, first
                    if epoch == epochs:
                        break
                for batch, labels in _pairs(loader):
                    put(here())
                    value = _loss(model, loss, batch, labels)
                    value.backward()  # type: ignore[no-untyped-call]
                    for one, scale, aim in zip(free, scales, moved, strict=True):
                        if one.grad is None:
                            raise InputError(_WITHOUT)
                        aim.grad = torch.nan_to_num(one.grad) * scale
                    steps.step()
                    total, count = total + float(value.detach()), count + 1
                if not count:
                    raise InputError("the loader gave no batch: give pairs (inputs, labels)")
                if judging is None and math.isfinite(total) and total / count < best:
                    best, kept = total / count, first
    finally:
        put(starts)
    if not best < math.inf:
        raise InputError("the loss is no finite number: the constants stay as they are")
    return [one.double().cpu().tolist() for one in kept]


def _refuse_unusable(epochs: Any, rate: Any, loss: Any, loader: Any, judging: Any) -> None:
    if not isinstance(epochs, Integral) or epochs < 1:
        raise InputError(f"epochs is {_written(epochs)}: give a whole number from 1 on")
    if not isinstance(rate, Real) or not 0 < float(rate) < math.inf:
        raise InputError(f"rate is {_written(rate)}: give a number above 0")
    if not callable(loss):
        raise InputError(f"loss is {_written(loss)}: give a function of outputs and labels")
    for name, pairs in (("loader", loader), ("judging", judging)):
        iterable = hasattr(pairs, "__iter__") or hasattr(pairs, "__getitem__")
        if not iterable and (pairs is not None or name == "loader"):
            raise InputError(
                f"{name} is {_written(pairs)}: give an iterable of pairs (inputs, labels)"
            )


def _written(value: Any) -> str:
    """A number or text as it is given, anything else by its type."""
    plain = value is None or isinstance(value, int | float | str)
    return f"{value!r:.40}" if plain else f"a value of the type {type(value).__name__}"


def _judged(model: Any, loss: Callable[[Any, Any], Any], judging: Any) -> float:
    """The mean loss of pairs that nothing is trained on, infinite where it is no number."""
    values = [float(_loss(model, loss, *pair).detach()) for pair in _pairs(judging)]
    if not values:
        raise InputError("judging gave no batch: give pairs (inputs, labels)")
    mean = sum(values) / len(values)
    return mean if math.isfinite(mean) else math.inf


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
def _fixed(model: torch.nn.Module, surrogates: Sequence[torch.nn.Module]) -> Iterator[None]:
    """Nothing but the constants has a slope; afterwards all is as it was."""
    free = {id(one.constants) for one in surrogates}
    everything = [*model.parameters(), *(p for one in surrogates for p in one.parameters())]
    before = [one.requires_grad for one in everything]
    for one in everything:
        one.requires_grad_(id(one) in free)
    try:
        yield
    finally:
        for one, needed in zip(everything, before, strict=True):
            one.requires_grad_(needed)
