"""Trained torch modules as functions of plain arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


def module_function(module: torch.nn.Module) -> Callable[[Floats], Floats]:
    """The module on rows (rows, columns), in evaluation mode and its own precision."""
    first = next(module.parameters(), None)
    kind, place = (torch.float32, None) if first is None else (first.dtype, first.device)

    def answers(x: Floats) -> Floats:
        was = module.training
        module.eval()
        with torch.no_grad():
            found: Any = module(torch.as_tensor(x).to(dtype=kind, device=place))
        module.train(was)
        return np.asarray(found.detach().cpu().double().numpy())

    return answers
