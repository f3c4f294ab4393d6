"""Blocks of a network: found by their paths, run on batches as users give them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np
import torch

from ..ir.errors import InputError
from .capture import precision

_MOST_SHOWN = 6


def is_module(model: Any) -> bool:
    """Whether this is a module of torch."""
    return isinstance(model, torch.nn.Module)


def block_at(model: Any, path: str) -> Any:
    """The submodule at a dotted path, the model itself for ``""``; a function as it is.

    Raises :class:`InputError` where there is none, with the names that are near.
    """
    if not isinstance(path, str):
        raise InputError(
            f"the path is {path!r:.40}: give the dotted name of a submodule as text, or '' for the "
            "whole model"
        )
    if not is_module(model):
        if path:
            raise InputError(
                f"{type(model).__name__} is no module of torch, so it has no part {path!r:.40}: "
                "leave the path empty"
            )
        if callable(model) or hasattr(model, "predict"):
            return model
        raise InputError(
            f"a model is a module of torch, a function of a batch or a fitted estimator, not "
            f"{model!r:.40}"
        )
    _refuse_wrapped(model)
    known = dict(model.named_modules(remove_duplicate=False))
    if path in known:
        _refuse_wrapped(known[path])
        return known[path]
    names = [name for name in known if name]
    near = get_close_matches(path, names, n=3, cutoff=0.5)
    if not near:
        near = [name for name in names if name.split(".")[-1] == path.split(".")[-1]][:3]
    if near:
        more = f"did you mean {' or '.join(map(repr, near))}?"
    elif names:
        listed = ", ".join(map(repr, names[:_MOST_SHOWN]))
        more = f"it has {listed}{' and more' if len(names) > _MOST_SHOWN else ''}"
    else:
        more = "it has no parts, '' is the whole model"
    raise InputError(f"the model has no part {path!r:.80}: {more}")


def _refuse_wrapped(module: torch.nn.Module) -> None:
    if "_orig_mod" in module._modules:
        raise InputError(
            "a compiled module keeps its code whatever is put in place: give the one that it was "
            "made from, and compile it after swapping"
        )
    if isinstance(module, torch.nn.DataParallel | torch.nn.parallel.DistributedDataParallel):
        raise InputError("a module for parallel training is a wrapper: give its .module")
    if isinstance(module, torch.jit.ScriptModule):
        raise InputError("a scripted module cannot be read: give the module that it was made from")
    if any(torch.nn.parameter.is_lazy(p) for p in [*module.parameters(), *module.buffers()]):
        raise InputError("the module has layers of no size yet: run it once on an input")


def places_of(model: torch.nn.Module, block: torch.nn.Module) -> list[str]:
    """All the paths of a block: more than one where it is shared."""
    return [name for name, one in model.named_modules(remove_duplicate=False) if one is block]


def forward_of(model: Any) -> Callable[..., Any]:
    """What is called: the function, the estimator's ``predict`` or a module's ``forward``."""
    if is_module(model):
        return model.forward  # type: ignore[no-any-return]
    return model.predict if hasattr(model, "predict") else model  # type: ignore[no-any-return]


def batches_of(inputs: Any) -> Iterator[Any]:
    """The batches that a user gave: one, or an iterable of them."""
    if isinstance(inputs, str | bytes) or inputs is None:
        raise InputError(f"the inputs are {inputs!r:.40}: give a tensor, or batches of them")
    if _is_batch(inputs):
        yield inputs
        return
    if isinstance(inputs, list) and _is_numbers(inputs):
        yield np.asarray(inputs, dtype=np.float64)
        return
    try:
        parts = iter(inputs)
    except TypeError:
        raise InputError(
            f"the inputs are of the type {type(inputs).__name__}: give a tensor, a tuple or "
            "mapping of them, or batches of these"
        ) from None
    yield from parts


def _is_batch(one: Any) -> bool:
    return isinstance(one, torch.Tensor | tuple | Mapping) or hasattr(one, "__array__")


def _is_numbers(one: list[Any]) -> bool:
    """Nested lists of numbers."""
    if not one or any(_is_batch(part) for part in one):
        return False
    try:
        return np.asarray(one).dtype.kind in "fiub"
    except (ValueError, RuntimeError, TypeError):
        return False


def called_with(batch: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments that a batch stands for, tensors copied: a model may change its input."""
    copied = _copied(batch)
    if isinstance(batch, Mapping):
        return (), dict(copied)
    if isinstance(batch, tuple | list):
        return tuple(copied), {}
    return (copied,), {}


def _copied(one: Any) -> Any:
    if isinstance(one, torch.Tensor):
        return one.detach().clone()
    if isinstance(one, np.ndarray):
        return one.copy()
    if isinstance(one, Mapping):
        return {key: _copied(part) for key, part in one.items()}
    if isinstance(one, tuple) and hasattr(one, "_fields"):
        return type(one)(*map(_copied, one))
    if isinstance(one, tuple | list):
        return type(one)(map(_copied, one))
    return one


def answered(model: Any, batch: Any) -> Any:
    """What a model answers to a batch; :class:`InputError` where it does not run on it."""
    args, kwargs = called_with(batch)
    if is_module(model):
        kind = precision(model)
        args = tuple(_tensor(one, kind) for one in args)
        kwargs = {name: _tensor(one, kind) for name, one in kwargs.items()}
    call = model if is_module(model) else forward_of(model)
    _refuse_elsewhere(model, args, kwargs)
    try:
        return call(*args, **kwargs)
    except InputError:
        raise
    except Exception as error:  # whatever somebody's model may raise
        lines = str(error).strip().splitlines() or [""]
        raise InputError(
            f"the model does not run on these inputs: {type(error).__name__}: {lines[0][:200]}"
        ) from error


def _tensor(one: Any, kind: torch.dtype) -> Any:
    """An array as a tensor; floats in the precision of the model."""
    if isinstance(one, torch.Tensor) or not hasattr(one, "__array__"):
        return one
    array = np.asarray(one)
    if array.dtype.kind not in "fiub":
        return one
    tensor = torch.as_tensor(np.array(array))
    return tensor.to(kind) if tensor.is_floating_point() else tensor


def _refuse_elsewhere(model: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Raise :class:`InputError` where inputs and model lie on different devices."""
    if not is_module(model):
        return
    homes = {one.device for one in (*model.parameters(), *model.buffers())}
    given = {one.device for one in _tensors((args, dict(kwargs)))}
    if len(homes) == 1 and given and not given <= homes:
        here = next(iter(homes))
        there = next(one for one in sorted(given, key=str) if one != here)
        raise InputError(
            f"the model lies on the device {here} and its inputs on {there}: move one of them"
        )


def _tensors(one: Any) -> Iterator[torch.Tensor]:
    if isinstance(one, torch.Tensor):
        yield one
    elif isinstance(one, Mapping):
        for part in one.values():
            yield from _tensors(part)
    elif isinstance(one, tuple | list):
        for part in one:
            yield from _tensors(part)


def bytes_of(batch: Any) -> int:
    """How much memory a batch takes."""
    if isinstance(batch, np.ndarray):
        return batch.nbytes
    return sum(one.numel() * one.element_size() for one in _tensors(batch))


def fingerprint(block: Any) -> str:
    """A digest of a module's numbers; empty for a function, of which nothing is known."""
    if not is_module(block):
        return ""
    digest = hashlib.sha256()
    for name, one in sorted(block.state_dict().items()):
        if isinstance(one, torch.Tensor) and not one.is_meta:
            digest.update(name.encode())
            flat = one.detach().cpu().reshape(-1)
            flat = flat.clone(memory_format=torch.contiguous_format)  # one number has any stride
            digest.update(flat.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
