"""A block of a network exchanged for formulas, for a while or for good, and put back as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias, get_args

import torch

from ..ir.errors import InputError
from .blocks import block_at, is_module
from .face import BlockFace, leading
from .surrogate_module import SurrogateModule

Outside: TypeAlias = Literal["formula", "network"]
OUTSIDE: tuple[Outside, ...] = get_args(Outside)

_MISSING = object()


def called_by_itself(block: Any, given: Any) -> None:
    """A hook that does nothing but be there.

    Layers of torch that reckon with the weights of their parts, and do not call them, as encoder
    layers of transformers do in evaluation mode, call parts that have hooks.
    """


class SwappedBlock(torch.nn.Module):
    """Formulas in the place of a block, which is kept.

    What a model asks of the block's own attributes is told by the block, so that those of this
    module have names that a block hardly has. Where ``outside`` is ``network`` the block answers
    for rows outside the ranges that were captured, and where a formula has no value; outputs that
    have no formula are always its own.
    """

    captured_low: torch.Tensor
    captured_high: torch.Tensor

    def __init__(
        self,
        formulas: SurrogateModule[Any],
        block: torch.nn.Module,
        outside: Outside,
        ends: tuple[Sequence[float], Sequence[float]],
        places: Sequence[int],
    ) -> None:
        super().__init__()
        self.formula, self.who_outside, self.output_places = formulas, outside, tuple(places)
        self.answering: tuple[Callable[..., Any]] = (block,)
        self.network_needed = outside == "network" or not formulas.whole
        for name, end in zip(("captured_low", "captured_high"), ends, strict=True):
            numbers = torch.tensor(list(end), dtype=torch.float64)
            self.register_buffer(name, numbers, persistent=False)
        self.kept_block = (block,)  # in a tuple it is no part of this module
        self.training = self.was_training = block.training
        self.register_forward_pre_hook(called_by_itself)

    def __getattr__(self, name: str) -> Any:
        """What is asked of the block besides its answers it tells itself, as before."""
        try:
            return super().__getattr__(name)
        except AttributeError:
            kept = self.__dict__.get("kept_block")
            if kept is None or name.startswith("__"):
                raise
            return getattr(kept[0], name)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        face: BlockFace = self.formula.face
        tensors = face.tensors(args, kwargs)
        numbers = self.formula.numbers(tensors)
        if not self.network_needed:
            return face.built(numbers)
        inside = torch.ones_like(numbers[..., :1], dtype=torch.bool)
        if self.who_outside == "network":
            inside = self._inside(tensors) & torch.isfinite(numbers).all(dim=-1, keepdim=True)
            quick = self.formula.whole and not torch.compiler.is_compiling()
            if quick and bool(inside.all()):
                return face.built(numbers)
        answer = self.answering[0](*args, **kwargs)
        theirs = torch.cat(face.split(answer), dim=-1)
        columns = list(theirs.unbind(-1))
        for k, place in enumerate(self.output_places):
            columns[place] = torch.where(inside[..., 0], numbers[..., k], columns[place])
        return face.built(torch.stack(columns, dim=-1))

    def keep_network(self) -> None:
        """Make the block a part of this module, so that it moves and is saved with the model."""
        if self.network_needed:
            self.network = self.kept_block[0]

    def _inside(self, tensors: Sequence[torch.Tensor]) -> torch.Tensor:
        """Which rows (..., 1) lie in the ranges, their ends included."""
        lead = leading(tensors)
        good = torch.ones((*lead, 1), dtype=torch.bool, device=tensors[0].device)
        start = 0
        for one in tensors:
            end = start + one.shape[-1]
            low, high = (
                ends[start:end].to(one.device) for ends in (self.captured_low, self.captured_high)
            )
            fits = (one >= low.to(one.dtype)) & (one <= high.to(one.dtype))
            good = good & fits.all(dim=-1, keepdim=True)
            start = end
        return good


def checked_outside(outside: str) -> Outside:
    """The word for who answers outside the ranges; :class:`InputError` for any other."""
    for known in OUTSIDE:
        if outside == known:
            return known
    raise InputError(f"outside is {outside!r:.40}: use {' or '.join(map(repr, OUTSIDE))}")


def block_to_swap(model: Any, path: str) -> torch.nn.Module:
    """The block that is going to be exchanged; :class:`InputError` where none can be."""
    if not is_module(model):
        raise InputError(
            "only a block of a module of torch can be exchanged: of a function take d.module()"
        )
    block = block_at(model, path)
    if isinstance(block, SwappedBlock):
        raise InputError("there are formulas in this place already: restore the model first")
    assert isinstance(block, torch.nn.Module)
    return block


def at_home(block: SwappedBlock) -> SwappedBlock:
    """The block on the device of the one that it replaces."""
    kept = block.kept_block[0]
    for one in (*kept.parameters(), *kept.buffers()):
        if one.device.type == "mps":  # has no float64
            block.formula.float()
            block.float()
        block.to(one.device)
        break
    return block


@contextmanager
def in_place(model: torch.nn.Module, path: str, swapped: SwappedBlock) -> Iterator[None]:
    """The block answers by its formulas; afterwards it is as it was, in any case.

    Its ``forward`` is exchanged, so that hooks, names and parameters stay where they are.
    """
    block = block_to_swap(model, path)
    own = block.__dict__.get("forward", _MISSING)
    theirs = block.forward

    def answer(*args: Any, **kwargs: Any) -> Any:
        return swapped(*args, **kwargs)

    swapped.answering = (theirs,)  # the block itself would ask the formulas again
    block.__dict__["forward"] = answer
    hook = block.register_forward_pre_hook(called_by_itself)
    try:
        yield
    finally:
        hook.remove()
        if own is _MISSING:
            del block.__dict__["forward"]
        else:
            block.__dict__["forward"] = own


def put(model: torch.nn.Module, path: str, swapped: SwappedBlock) -> torch.nn.Module:
    """The model with the formulas in all places of the block; itself another one for ``""``."""
    block = block_to_swap(model, path)
    swapped.keep_network()
    if block is model:
        return swapped
    _exchanged(model, block, swapped)
    return model


def put_back(model: Any) -> torch.nn.Module:
    """The model with its own blocks where formulas stood.

    Raises :class:`InputError` where there are none.
    """
    if not is_module(model):
        raise InputError(f"{type(model).__name__} is no module of torch: there is nothing in it")
    if isinstance(model, SwappedBlock):
        return _awake(model)
    swapped = [one for one in model.modules() if isinstance(one, SwappedBlock)]
    if not swapped:
        raise InputError("there are no formulas in this model: nothing was exchanged")
    for one in swapped:
        _exchanged(model, one, _awake(one))
    return model  # type: ignore[no-any-return]


def _awake(swapped: SwappedBlock) -> torch.nn.Module:
    """The block, in training or evaluation mode as the model meanwhile became."""
    block = swapped.kept_block[0]
    if swapped.training != swapped.was_training and not swapped.network_needed:
        block.train(swapped.training)
    return block


def _exchanged(model: torch.nn.Module, old: torch.nn.Module, new: torch.nn.Module) -> None:
    for parent in list(model.modules()):
        if parent is new or parent is old:
            continue
        for name, child in list(parent._modules.items()):
            if child is old:
                parent._modules[name] = new


@contextmanager
def own_blocks(model: Any) -> Iterator[None]:
    """The model with its own blocks, where formulas stand in it, for a while."""
    swapped = swapped_in(model)
    for one in swapped:
        _exchanged(model, one, one.kept_block[0])
    try:
        yield
    finally:
        for one in swapped:
            _exchanged(model, one.kept_block[0], one)


def swapped_in(model: Any) -> list[SwappedBlock]:
    """The blocks of a model in whose place formulas stand."""
    if not is_module(model):
        return []
    return [one for one in model.modules() if isinstance(one, SwappedBlock)]
