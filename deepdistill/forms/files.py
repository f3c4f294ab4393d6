"""Networks on disk: one ``.npz`` file without pickled objects, the same bytes for the same network.

``network.json.npy`` holds the description as JSON text in bytes; ``weights_K.npy`` and
``bias_K.npy`` the numbers of unit group or layer K, as integers where all of them are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from ..data.files import parse_json, read_arrays, read_bytes, write_bytes
from ..data.problem import InputError
from ..units.archive import FORMAT, LARGEST_FILE
from ..units.items import ItemNetwork
from ..units.items_file import items_bytes, items_network
from .clauses.file import clauses_bytes, clauses_network
from .clauses.network import ClauseNetwork
from .dense.file import layers_bytes, layers_network, sized_bytes, sized_network
from .dense.network import DenseNetwork
from .dense.sized import SizedNetwork
from .grid.file import grid_bytes, grid_network
from .grid.network import GridNetwork
from .sequence.file import prefix_bytes, prefix_network, recurrent_bytes, recurrent_network
from .sequence.network import PrefixNetwork, RecurrentNetwork

__all__ = ["FORMAT", "AnyNetwork", "load_network", "network_bytes", "read_network", "save_network"]

AnyNetwork: TypeAlias = (
    GridNetwork
    | DenseNetwork
    | ItemNetwork
    | SizedNetwork
    | ClauseNetwork
    | RecurrentNetwork
    | PrefixNetwork
)


def save_network(path: Path | str, network: AnyNetwork) -> None:
    """Write a network to an NPZ file, the same bytes for the same network.

    Raises :class:`InputError` where the file cannot be written.
    """
    write_bytes(Path(path), network_bytes(network))


def network_bytes(network: AnyNetwork) -> bytes:
    """The file of a network; :class:`InputError` where it could not be read back."""
    match network:
        case GridNetwork():
            result = grid_bytes(network)
        case DenseNetwork():
            result = layers_bytes(network)
        case ItemNetwork():
            result = items_bytes(network)
        case SizedNetwork():
            result = sized_bytes(network)
        case ClauseNetwork():
            result = clauses_bytes(network)
        case RecurrentNetwork():
            result = recurrent_bytes(network)
        case PrefixNetwork():
            result = prefix_bytes(network)
        case _:
            assert_never(network)
    read_network(result, "the network")
    return result


def load_network(path: Path | str) -> AnyNetwork:
    """Read a network from a file; :class:`InputError` with a sentence where it is not one."""
    path = Path(path)
    return read_network(read_bytes(path, LARGEST_FILE), str(path))


def read_network(data: bytes, what: str) -> AnyNetwork:
    """A network from the contents of its file."""
    arrays = read_arrays(data, what, LARGEST_FILE)
    text = arrays.pop("network.json", None)
    if text is None or text.dtype != np.uint8 or text.ndim != 1:
        raise InputError(f"{what} is not a network of deepdistill: it has no network.json")
    spec = parse_json(text.tobytes(), what)
    try:
        return _read(spec, arrays)
    except InputError as error:
        raise InputError(f"{what} is not a network of deepdistill: {error}") from None
    except RecursionError:
        raise InputError(f"{what} is nested too deeply") from None


def _read(spec: Any, arrays: dict[str, NDArray[Any]]) -> AnyNetwork:
    kind = spec.get("kind") if isinstance(spec, dict) else None
    match kind:
        case "dense":
            return layers_network(spec, arrays)
        case "items":
            return items_network(spec, arrays)
        case "sized":
            return sized_network(spec, arrays)
        case "clauses":
            return clauses_network(spec, arrays)
        case "recurrent":
            return recurrent_network(spec, arrays)
        case "prefixes":
            return prefix_network(spec, arrays)
        case _:
            return grid_network(spec, arrays)
