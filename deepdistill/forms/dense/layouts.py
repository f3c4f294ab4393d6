"""How tables of weights lie: rows are inputs and columns units, but for names of torch.

A shape is never guessed. Entries called ``weight`` and ``bias``, as in a ``state_dict``, are laid
out as torch does it, rows being units, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np

from ...data.problem import InputError

Pairs = list[tuple[Any, Any]]

TORCH_LAYOUT = "weights read as torch lays them out (rows are units), as their names say"

_TORCH = re.compile(r"(|.*\.)(weight|bias)")


def layers_of_pairs(network: Any) -> Pairs:
    """Pairs of weights (inputs, units) and biases (units), the weights turned to units × inputs."""
    if isinstance(network, str | PathLike):
        raise InputError(
            f"{str(network)!r:.100} is the name of a file: `deepdistill condense FILE --shape ...` "
            "reads .npz and .csv files; here, give what it holds (np.load)"
        )
    if not isinstance(network, list | tuple) or not all(
        isinstance(pair, list | tuple) and len(pair) == 2 for pair in network
    ):
        raise InputError(
            "give the network as a DenseNetwork, a list of pairs (weights, biases), a state_dict "
            "or a module of torch"
        )
    return [(_turned(weights), bias) for weights, bias in network]


def layers_of_mapping(arrays: Mapping[str, Any], where: str) -> tuple[Pairs, str]:
    """Layers of named arrays, weights as units × inputs, and in words how they were read.

    Names of torch keep their order, or that of their numbers where these alone differ; a layer
    without a bias has none. Otherwise tables and lists are taken in turn, in the order of the
    numbers in their names or of the archive.
    """
    named = {str(name): _array(one) for name, one in arrays.items()}
    own = [name for name in named if _TORCH.fullmatch(name)]
    if own and len(own) < len(named):
        other = next(name for name in named if name not in own)
        raise InputError(
            f"{where} holds {other!r} beside names of torch: leave in it only the weight and bias "
            "of linear layers, or give the module itself"
        )
    if own:
        return _of_torch(named, where), TORCH_LAYOUT
    tables = [one for _, one in sorted(named.items(), key=_by_number) if np.ndim(one) == 2]
    lists = [one for _, one in sorted(named.items(), key=_by_number) if np.ndim(one) == 1]
    if len(tables) != len(lists) or len(tables) + len(lists) < len(named) or not tables:
        shapes = ", ".join(f"{name} {np.shape(one)}" for name, one in [*named.items()][:4])
        raise InputError(
            f"{where} needs a table of weights and a list of biases for each layer, in order"
            + (f"; it holds {shapes}{', ...' if len(named) > 4 else ''}" if named else "")
        )
    return [(_turned(w), b) for w, b in zip(tables, lists, strict=True)], ""


def _of_torch(named: Mapping[str, Any], where: str) -> Pairs:
    weights = [name for name in named if name.endswith("weight")]
    if len({re.sub("[0-9]+", "0", name) for name in weights}) == 1:
        weights.sort(key=lambda name: [int(n[:9]) for n in re.findall("[0-9]+", name)])
    pairs = []
    for name in weights:
        weight = named[name]
        if np.ndim(weight) != 2:
            raise InputError(
                f"{where} holds {name!r} of shape {np.shape(weight)}, which is not the weight of a "
                "linear layer: give the module itself"
            )
        bias = named.get(name.removesuffix("weight") + "bias")
        pairs.append((weight, np.zeros(len(weight)) if bias is None else bias))
    stray = {name.removesuffix("bias") + "weight" for name in named if name.endswith("bias")}
    if lost := sorted(stray - set(weights)):
        raise InputError(f"{where} has a bias but no {lost[0]!r}")
    return pairs


def _array(value: Any) -> Any:
    """A tensor as an array; anything else as it is."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        return (value.double() if value.is_floating_point() else value).numpy()
    return value


def _turned(weights: Any) -> Any:
    """The transpose of a table; what is none is told later."""
    try:
        table = np.asarray(_array(weights))
    except (TypeError, ValueError):
        return weights
    return table.T if table.ndim == 2 else weights


def _by_number(item: tuple[str, Any]) -> int:
    numbers = re.findall(r"[0-9]+", item[0])
    return int(numbers[-1][:9]) if numbers else 0
