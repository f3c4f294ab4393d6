"""Networks on disk: one ``.npz`` file without pickled objects, the same bytes for the same network.

``network.json.npy`` holds the description as JSON text in bytes; ``weights_K.npy`` and
``bias_K.npy`` the numbers of unit group or layer K, as integers where all of them are. What only
data could tell may stand beside them: see :mod:`.binding`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data.files import parse_json, read_arrays, read_bytes, write_bytes
from ..ir.errors import InputError
from ..units.archive import FORMAT, LARGEST_FILE
from . import form_of_kind, form_of_network
from .binding import MEMBER, bind, bound

if TYPE_CHECKING:
    from ..verify.certificate import Certificate

__all__ = [
    "FORMAT",
    "NETWORK",
    "certified_network",
    "load_network",
    "network_files",
    "read_network",
    "save_network",
]

NETWORK = "network.npz"


def save_network(path: Path | str, network: Any) -> None:
    """Write a network to an NPZ file, the same bytes for the same network.

    Raises :class:`InputError` where the file cannot be written.
    """
    write_bytes(Path(path), network_bytes(network))


def network_files(network: Any) -> dict[str, bytes]:
    """The files of a network by name; :class:`InputError` where they could not be read back."""
    files = form_of_network(network).encode(network)
    for name, data in files.items():
        read_network(data, f"the network in {name}")
    return files


def certified_network(task: Any, network: Any, certificate: Certificate) -> dict[str, bytes]:
    """The files of a network, with what its certificate says of answers that data alone knew."""
    files = network_files(network)
    form = form_of_network(network)
    return bind(files, certificate) if bound(form, task, network, certificate) else files


def network_bytes(network: Any) -> bytes:
    """The file of a network; :class:`InputError` where it could not be read back."""
    return network_files(network)[NETWORK]


def load_network(path: Path | str) -> Any:
    """Read a network from a file; :class:`InputError` with a sentence where it is not one."""
    path = Path(path)
    return read_network(read_bytes(path, LARGEST_FILE), str(path))


def read_network(data: bytes, what: str) -> Any:
    """A network from the contents of its file."""
    arrays = read_arrays(data, what, LARGEST_FILE)
    text = arrays.pop("network.json", None)
    if text is None or text.dtype != np.uint8 or text.ndim != 1:
        raise InputError(f"{what} is not a network of deepdistill: it has no network.json")
    arrays.pop(MEMBER, None)
    spec = parse_json(text.tobytes(), what)
    kind = spec.get("kind") if isinstance(spec, dict) else None
    form = form_of_kind(kind) if kind is None or isinstance(kind, str) else None
    if form is None:
        raise InputError(f"{what} is not a network of deepdistill: no form has such a kind")
    try:
        return form.decode(spec, arrays)
    except InputError as error:
        raise InputError(f"{what} is not a network of deepdistill: {error}") from None
    except RecursionError:
        raise InputError(f"{what} is nested too deeply") from None
