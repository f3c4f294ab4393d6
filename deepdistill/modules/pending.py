"""What no unit computes by itself, but what may stand at the end or before a step that jumps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch

from .affine import AffineValue, Tensor

ReadHead = Literal["scores", "softmax", "argmax", "monotone"]

_MONOTONE = ("log_softmax", "logsoftmax", "sigmoid", "logsigmoid", "tanh", "softplus")


class NotRead(Exception):
    """An operation that is not known here; what it names is at fault, or else the operation."""


@dataclass(frozen=True, slots=True, eq=False)
class Pending:
    """What was made of an affine value, ``title`` being what to call it in a sentence.

    ``head`` says what it is at the very end, None where it cannot stand there. ``function`` is
    what it does to each number, where it does it to each alone: what follows may jump.
    """

    value: AffineValue
    head: ReadHead | None
    title: str
    function: Callable[[Tensor], Any] | None = None


def head_of(
    name: str, args: Any, named: Any, value: AffineValue, part: torch.nn.Module | None
) -> ReadHead | None:
    """What a step makes of the outputs at the end, over the classes of each sample."""
    if len(value.shape) != 1 or name not in ("softmax", "argmax", *_MONOTONE):
        return None
    if name in ("softmax", "argmax", "log_softmax", "logsoftmax"):
        dims = [*args[1:2], *([named["dim"]] if "dim" in named else [])]
        dims += [part.dim] if part is not None and hasattr(part, "dim") else []
        if any(dim not in (1, -1) for dim in dims if dim is not None) or (
            name == "argmax" and not dims
        ):
            return None
    head: Any = name if name in ("softmax", "argmax") else "monotone"
    return head  # type: ignore[no-any-return]
