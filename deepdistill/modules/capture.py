"""Modules at work: run as they are, in their own precision, and left as they were."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from ..ir.errors import InputError

Floats: TypeAlias = NDArray[np.float64]

_AT_ONCE = 4096  # rows that are handed to a module together
_CALLS, _FEW = 128, 8  # how often a module is asked the same few rows
_HOLDERS = (list, dict, set, deque, np.ndarray)
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
    own = [
        value
        for part in module.modules()
        for name, value in part.__dict__.items()
        if name not in _KINDS
    ]
    tensors = [*module.parameters(), *module.buffers()]
    tensors += [one for one in own if isinstance(one, torch.Tensor) and _is_plain(one)]
    numbers = [(one, one.detach().clone()) for one in tensors if not one.is_meta]
    holders = [(one, copy(one)) for one in own if type(one) in _HOLDERS and _is_writable(one)]
    module.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            yield
    finally:
        with torch.no_grad():
            for one, before in numbers:
                if not torch.equal(one, before):
                    one.copy_(before)
        for holder, before in holders:
            _refill(holder, before)
        for part, state, held in parts:
            part.__dict__.clear()
            part.__dict__.update(state)
            for kind, entries in held.items():
                part.__dict__[kind].clear()
                part.__dict__[kind].update(entries)


def _is_plain(one: torch.Tensor) -> bool:
    return one.layout == torch.strided and not one.is_quantized and not one.is_meta


def _is_writable(one: Any) -> bool:
    return not isinstance(one, np.ndarray) or bool(one.flags.writeable)


def _refill(holder: Any, before: Any) -> None:
    """What a list, set, dict or array held before, in the same place."""
    if isinstance(holder, np.ndarray):
        holder[...] = before
        return
    holder.clear()
    match holder:
        case list() | deque():
            holder.extend(before)
        case _:
            holder.update(before)


def precision(module: torch.nn.Module) -> torch.dtype:
    """The kind of float that the module takes."""
    for one in [*module.parameters(), *module.buffers()]:
        if one.is_floating_point():
            return one.dtype
    return torch.get_default_dtype()


def module_function(module: torch.nn.Module) -> Callable[[Floats], Floats]:
    """The module on arrays (samples, ...), in evaluation mode, its own precision, no memory."""

    def answers(x: Floats) -> Floats:
        with unchanged(module):
            return module_answers(module, x)

    return answers


def module_answers(module: torch.nn.Module, x: Floats) -> Floats:
    """What a module answers to ``x`` (samples, ...), as it stands; to be called in ``unchanged``.

    What it keeps from call to call is kept: only so can one see that it answers otherwise later.
    """
    place, kind, answers = _device(module), precision(module), []
    for start in range(0, max(1, len(x)), _AT_ONCE):
        part = torch.as_tensor(np.array(x[start : start + _AT_ONCE]))
        answer: Any = module(part.to(dtype=kind, device=place))
        if not isinstance(answer, torch.Tensor):
            raise InputError("the module must return one tensor")
        answers.append(answer.detach().cpu().double().numpy())
    return np.concatenate(answers)


def refuse_otherwise(first: Floats, again: Floats) -> None:
    """Raise :class:`InputError` where the same inputs were answered otherwise when asked again."""
    if not np.array_equal(first, again, equal_nan=True):
        raise InputError(
            "the module answers the same inputs otherwise when asked again, by chance or "
            "memory, even in evaluation mode: it is no function of its input"
        )


def refuse_unsteady(module: torch.nn.Module, x: Floats) -> str:
    """Raise :class:`InputError` where a module answers the same inputs otherwise when asked again.

    Chance and memory show where it is asked in one go, often; ``x`` are inputs (samples, ...). What
    it goes on counting without another answer is said in words.
    """
    with unchanged(module):
        few = x[:_FEW]
        first = module_answers(module, few)
        for _ in range(_CALLS):
            before = _counted(module)
            refuse_otherwise(first, module_answers(module, few))
        after = _counted(module)
        refuse_otherwise(module_answers(module, x), module_answers(module, x))
    names = [name for name, value in after.items() if before.get(name, value) != value]
    if not names:
        return ""
    return (
        f"the module changes {', '.join(names[:4])} whenever it is called, and answered the same "
        f"inputs alike in {_CALLS} calls"
    )


def _counted(module: torch.nn.Module) -> dict[str, object]:
    """The numbers and words that a module keeps, and how long its lists are, by name."""
    state: dict[str, object] = {}
    for path, part in module.named_modules():
        for name, value in [*part.__dict__.items(), *part.named_buffers(recurse=False)]:
            key = f"{path}.{name}".lstrip(".")
            match value:
                case int() | float() | str():
                    state[key] = value
                case list() | dict() | set() | deque():
                    state[key] = len(value)
                case torch.Tensor() if value.numel() == 1:
                    state[key] = value.item()
                case _:
                    pass
    return state


def _device(module: torch.nn.Module) -> torch.device | None:
    first = next(module.parameters(), None)
    return None if first is None else first.device
