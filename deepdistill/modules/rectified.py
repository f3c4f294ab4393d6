"""Modules of affine layers and rectified linear units, one after another: their own numbers.

What is read is the record of what the module does, not the list of its children; whoever reads it
has to run the module itself and compare.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import fx

from ..ir.errors import InputError
from .capture import precision, unchanged
from .trace import traced

Floats = NDArray[np.float64]
Affine: TypeAlias = tuple[Floats, Floats]
"""Weights (outputs, inputs) and biases (outputs,)."""

_SAME = ("Dropout", "Identity", "Flatten")
_ENDS = {"Softmax": "softmax", "LogSoftmax": "softmax", "Sigmoid": "sigmoid"}
_END_NAMES = {"softmax": "softmax", "log_softmax": "softmax", "sigmoid": "sigmoid"}


@dataclass(frozen=True, slots=True, eq=False)
class RectifiedModule:
    """What is affine by layers, one map or several in a row each; all but the last are rectified.

    ``end`` names what is done to the scores in the end, which keeps their order; ``unit`` is how
    much of a number one rounding of the module's precision may be.
    """

    maps: tuple[tuple[Affine, ...], ...]
    end: str
    unit: float

    @property
    def layers(self) -> tuple[Affine, ...]:
        """Each layer as one map, but for what float64 rounds away."""
        return tuple(reduce(_after, maps) for maps in self.maps)


def _after(first: Affine, then: Affine) -> Affine:
    """One affine map after another, as one."""
    return then[0] @ first[0], then[0] @ first[1] + then[1]


def rectified(module: torch.nn.Module) -> RectifiedModule:
    """The layers of a module; :class:`InputError` with the reason where it is no such chain."""
    with unchanged(module):
        root, graph = traced(module)
        kind = precision(root)
        parts, end, open_ = dict(root.named_modules()), "", False
        layers: list[list[Affine]] = []
        last: fx.Node | None = None
        for node in graph.nodes:
            if node.op == "placeholder" and last is None:
                last = node
                continue
            given = list(node.all_input_nodes)
            if given != [last] or (node.op != "output" and len(node.users) != 1):
                raise InputError("it is no chain of layers")
            if node.op == "output":
                break
            part = parts[str(node.target)] if node.op == "call_module" else None
            name = type(part).__name__ if part is not None else _name(node.target)
            last = node
            if part is not None and type(part).__name__ in _SAME and _of_torch(part):
                continue
            if end:
                raise InputError(f"it does more after its scores: {name}")
            if type(part) is torch.nn.Linear:
                bias = torch.zeros(part.out_features) if part.bias is None else part.bias
                if open_ or not layers:
                    layers.append([])
                layers[-1].append((_numbers(part.weight), _numbers(bias)))
                open_ = False
            elif (type(part) is torch.nn.ReLU or (part is None and name in ("relu", "relu_"))) and (
                layers and not open_
            ):
                open_ = True
            elif part is not None and name in _ENDS and _of_torch(part):
                end = _ENDS[name]
            elif part is None and name in _END_NAMES:
                end = _END_NAMES[name]
            else:
                raise InputError(f"it has a step that is no affine layer and no ReLU: {name}")
    if not layers or open_:
        raise InputError("its last layer is not affine")
    return RectifiedModule(tuple(map(tuple, layers)), end, float(torch.finfo(kind).eps) / 2)


def scores_of(module: torch.nn.Module) -> Callable[[Any], Floats]:
    """A function from rows (rows, columns) to what the module gives, in its own precision."""

    def run(rows: Any) -> Floats:
        with unchanged(module):
            given = torch.tensor(np.asarray(rows, dtype=np.float64), dtype=precision(module))
            scores = module(given)
        if not isinstance(scores, torch.Tensor) or len(scores) != len(rows) or scores.ndim > 2:
            raise InputError("the module must give one list of scores for each row")
        return np.asarray(scores.detach().cpu().double().reshape(len(rows), -1).numpy())

    return run


def _numbers(values: torch.Tensor) -> Floats:
    return np.asarray(values.detach().cpu().double().numpy())


def _of_torch(part: Any) -> bool:
    return type(part).__module__.startswith("torch.nn.")


def _name(target: Any) -> str:
    return str(getattr(target, "__name__", target))
