"""Whether a block's answer to a row depends on the other rows of its call, as attention's does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from .face import BlockFace, leading

_SAME = 1e-3  # of the largest answer: kernels add up otherwise where rows are fewer


def mixes_rows(block: Any, face: BlockFace, args: Any, kwargs: Mapping[str, Any]) -> bool:
    """Whether half of the rows of a call, along its first or its last axis, are answered otherwise.

    False where the block does not run on fewer rows, or where its inputs do not stand side by side.
    """
    tensors = face.tensors(args, kwargs)
    lead = leading(tensors)
    if not lead or any(one.shape[:-1] != lead for one in tensors):
        return False
    whole = block(*args, **kwargs)
    for axis in {0, len(lead) - 1}:
        few = lead[axis] // 2
        if not few:
            continue

        def cut(one: Any, axis: int = axis, few: int = few) -> Any:
            if isinstance(one, torch.Tensor):
                fits = one.shape[: len(lead)] == lead
                return one.narrow(axis, 0, few) if fits else one
            if isinstance(one, Mapping):
                return {key: cut(part) for key, part in one.items()}
            if isinstance(one, tuple | list) and not hasattr(one, "_fields"):
                return type(one)(map(cut, one))
            return one

        try:
            part = block(*cut(tuple(args)), **cut(dict(kwargs)))
        except Exception:  # whatever somebody's block does with fewer rows
            continue
        for one, other in zip(face.split(whole), face.split(part), strict=True):
            ours = one.narrow(axis, 0, few)
            if ours.shape != other.shape:  # as weights of attention, one for each other row
                return True
            if float((ours - other).abs().max()) > _SAME * float(one.abs().max()):
                return True
    return False
