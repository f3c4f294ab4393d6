"""The few outputs of a block that matter: others fall silent, at once or while it learns."""

from __future__ import annotations

import math
from typing import Any, Literal, TypeAlias, get_args

import torch

from ..ir.errors import InputError
from .blocks import answered, batches_of, block_at, is_module
from .capture import unchanged

Schedule: TypeAlias = Literal["linear", "cosine", "exponential"]
SCHEDULES: tuple[Schedule, ...] = get_args(Schedule)

_MEMORY = 0.9  # of what was seen before, at each call


class OutputPruning:
    """Outputs of a block that fall silent: all but the few that vary most are 0.

    ``active`` are the places of those that speak. Call ``step`` after each step of training, and
    ``remove`` to let all outputs speak again. Made by :func:`deepdistill.prune_outputs`.
    """

    def __init__(
        self, block: torch.nn.Module, target: int, steps: int, schedule: Schedule, start: int
    ) -> None:
        self.target, self.steps, self.schedule, self.start = target, steps, schedule, start
        self.done = 0
        self.width: int | None = None
        self.active: tuple[int, ...] = ()
        self.spread: torch.Tensor | None = None
        self._handle: Any = block.register_forward_hook(self._silenced)

    def _silenced(self, block: Any, args: Any, answer: Any) -> torch.Tensor:
        """The answer with 0 for the outputs that are silent."""
        if not isinstance(answer, torch.Tensor) or not answer.dim():
            raise InputError(
                f"the block answers with a {type(answer).__name__}: only outputs of one tensor, "
                "the last axis, can be pruned"
            )
        self._seen(answer.detach())
        if len(self.active) == self.width:
            return answer
        speaks = torch.zeros(answer.shape[-1], dtype=answer.dtype, device=answer.device)
        speaks[list(self.active)] = 1
        return answer * speaks

    def _seen(self, answer: torch.Tensor) -> None:
        width = answer.shape[-1]
        if self.width is None:
            if self.target > width:
                raise InputError(f"the block has {width} outputs: keep at most that many")
            self.width, self.active = width, tuple(range(width))
        elif width != self.width:
            raise InputError(f"the block had {self.width} outputs and now has {width}")
        flat = answer.reshape(-1, width).double()
        if len(flat) < 2 or not bool(torch.isfinite(flat).all()):
            return
        now = flat.var(dim=0).cpu()
        past = self.spread
        self.spread = now if past is None else _MEMORY * past + (1 - _MEMORY) * now

    @property
    def count(self) -> int:
        """How many outputs the schedule lets speak after so many steps."""
        width = self.width or self.target
        share = min(1.0, max(0, self.done - self.start) / self.steps)
        match self.schedule:
            case "linear":
                now = width - (width - self.target) * share
            case "cosine":
                now = self.target + (width - self.target) * (1 + math.cos(math.pi * share)) / 2
            case "exponential":
                now = width * (self.target / width) ** share
        return max(self.target, math.ceil(now - 1e-9))

    def step(self) -> tuple[int, ...]:
        """One step of training is done: the outputs that vary least fall silent, as scheduled.

        What is silent stays so. The places of those that speak are returned. Raises
        :class:`InputError` where the block has not been called yet.
        """
        self.done += 1
        if self.spread is None:
            raise InputError("the block has not been called yet: run the model before each step")
        spread = self.spread.tolist()
        order = sorted(self.active, key=lambda place: (-spread[place], place))
        self.active = tuple(sorted(order[: self.count]))
        return self.active

    def remove(self) -> None:
        """All outputs speak again."""
        self._handle.remove()

    def __enter__(self) -> OutputPruning:
        return self

    def __exit__(self, *error: Any) -> None:
        self.remove()

    def __repr__(self) -> str:
        return f"<{len(self.active)} of {self.width} outputs speak: {list(self.active)}>"


def prune_outputs(
    model: Any,
    target: int = 2,
    path: str = "",
    *,
    inputs: Any = None,
    steps: int | None = None,
    start: int = 0,
    schedule: str = "cosine",
) -> OutputPruning:
    """Silence all but the ``target`` outputs of a block that vary most.

    ``path`` is the place of the block in ``model``, ``""`` the whole of it. With ``inputs`` (as for
    :func:`deepdistill.distill_module`) it is done at once, by how the outputs vary there. With
    ``steps`` it is done while the model learns: call ``step()`` of what is returned after each of
    its steps; after ``start`` of them outputs fall silent along the ``schedule`` (``linear``,
    ``cosine`` or ``exponential``), so that the others take over. Silent outputs are 0; the module
    keeps its parameters. Raises :class:`InputError` for unusable input.
    """
    block = block_at(model, path)
    if not is_module(block):
        raise InputError("only outputs of a module of torch can be pruned")
    if isinstance(target, bool) or not isinstance(target, int) or target < 1:
        raise InputError(f"the target is {target!r:.40}: keep at least 1 output")
    known = [one for one in SCHEDULES if one == schedule]
    if not known:
        raise InputError(f"there is no schedule {schedule!r:.40}: use {', '.join(SCHEDULES)}")
    if (inputs is None) == (steps is None):
        raise InputError(
            "give either inputs, to prune at once, or steps, to prune while the model learns"
        )
    if steps is not None and (steps < 1 or start < 0):
        raise InputError(f"steps is {steps!r:.20} and start {start!r:.20}: give at least 1 and 0")
    pruning = OutputPruning(block, target, steps or 1, known[0], start if steps else 0)
    if inputs is None:
        return pruning
    try:
        with unchanged(model):
            for batch in batches_of(inputs):
                answered(model, batch)
        pruning.step()
    except BaseException:
        pruning.remove()
        raise
    return pruning
