"""Modules at work: run as they are, in their own precision, and left as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from ..ir.errors import InputError

Floats: TypeAlias = NDArray[np.float64]

_AT_ONCE = 4096  # rows that are handed to a module together
_KINDS = ("_parameters", "_buffers", "_modules")


def unwrapped(module: Any) -> torch.nn.Module:
    """The module inside the wrappers of ``torch.compile`` and of data parallel training.

    Raises :class:`InputError` for what cannot be read: scripted modules and unfinished ones.
    """
    parallel = (torch.nn.DataParallel, torch.nn.parallel.DistributedDataParallel)
    while True:
        if "_orig_mod" in getattr(module, "_modules", {}):
            module = module._orig_mod
        elif isinstance(module, parallel):
            module = module.module
        else:
            break
    if isinstance(module, torch.jit.ScriptModule):
        raise InputError("a scripted module cannot be read: give the module that it was made from")
    if not isinstance(module, torch.nn.Module):
        raise InputError(f"{type(module).__name__} is not a module of torch")
    if any(torch.nn.parameter.is_lazy(p) for p in [*module.parameters(), *module.buffers()]):
        raise InputError("the module has layers of no size yet: run it once on an input")
    return module


@contextmanager
def unchanged(module: torch.nn.Module) -> Iterator[None]:
    """The module in evaluation mode, without gradients; afterwards it is as it was."""
    parts = [
        (part, dict(part.__dict__), {kind: dict(part.__dict__[kind]) for kind in _KINDS})
        for part in module.modules()
    ]
    numbers = [(one, one.detach().clone()) for one in [*module.parameters(), *module.buffers()]]
    module.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            yield
    finally:
        with torch.no_grad():
            for one, before in numbers:
                if not torch.equal(one, before):
                    one.copy_(before)
        for part, state, held in parts:
            part.__dict__.clear()
            part.__dict__.update(state)
            for kind, entries in held.items():
                part.__dict__[kind].clear()
                part.__dict__[kind].update(entries)


def precision(module: torch.nn.Module) -> torch.dtype:
    """The kind of float that the module takes."""
    for one in [*module.parameters(), *module.buffers()]:
        if one.is_floating_point():
            return one.dtype
    return torch.get_default_dtype()


def module_function(module: torch.nn.Module) -> Callable[[Floats], Floats]:
    """The module on arrays (samples, ...), in evaluation mode and its own precision."""
    place = _device(module)

    def answers(x: Floats) -> Floats:
        found = []
        with unchanged(module):
            for start in range(0, max(1, len(x)), _AT_ONCE):
                part = torch.as_tensor(np.array(x[start : start + _AT_ONCE]))
                answer: Any = module(part.to(dtype=precision(module), device=place))
                if not isinstance(answer, torch.Tensor):
                    raise InputError("the module must return one tensor")
                found.append(answer.detach().cpu().double().numpy())
        return np.concatenate(found)

    return answers


def refuse_unsteady(module: torch.nn.Module, x: Floats) -> None:
    """Raise :class:`InputError` where a module answers the same inputs otherwise when asked again.

    Chance and memory show where it is asked twice in one go; ``x`` are inputs (samples, ...).
    """
    with unchanged(module):
        given = torch.as_tensor(x).to(dtype=precision(module), device=_device(module))
        first, again = module(given.clone()), module(given.clone())
        if not torch.allclose(first.double(), again.double(), rtol=0, atol=0, equal_nan=True):
            raise InputError(
                "the module answers the same inputs otherwise when asked again, by chance or "
                "memory, even in evaluation mode: it is no function of its input"
            )


def _device(module: torch.nn.Module) -> torch.device | None:
    first = next(module.parameters(), None)
    return None if first is None else first.device
