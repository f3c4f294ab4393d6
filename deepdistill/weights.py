"""Networks on disk: one ``.npz`` file without pickled objects, the same bytes for the same network.

``network.json.npy`` holds ports, taps and activations as JSON text in bytes; ``weights_K.npy`` and
``bias_K.npy`` the numbers of unit group K, as int64 where all of them are integers.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dense_files import dense_network
from .files import parse_json, read_arrays, read_bytes, write_bytes
from .ir.types import Integers, Port, parse_axes
from .names import identifier
from .network.dense import DenseNetwork
from .network.network import Network, Tap, UnitGroup
from .problem import InputError

FORMAT = 1

_LARGEST_FILE = 64 * 2**20
_LARGEST_INTEGER = 2**31
_WIDEST_DOMAIN = 256
_FARTHEST_OFFSET = 1000


def save_network(path: Path | str, network: Network) -> None:
    """Write a network to a file."""
    write_bytes(Path(path), network_bytes(network))


def network_bytes(network: Network) -> bytes:
    """The file of a network; :class:`InputError` where it could not be read back."""
    spec = {
        "format": FORMAT,
        "inputs": [_port_json(port) for port in network.inputs],
        "output": _port_json(network.output),
        "taps": [[tap.port, list(tap.offset), tap.reading, tap.value] for tap in network.taps],
        "activations": [group.activation for group in network.groups],
        "states": list(network.states),
    }
    result = _archive(spec, [(group.weights, group.bias) for group in network.groups], _stored)
    read_network(result, "the network")
    return result


def _archive(
    spec: dict[str, Any],
    pairs: list[tuple[NDArray[Any], NDArray[Any]]],
    stored: Callable[[NDArray[Any]], NDArray[Any]],
) -> bytes:
    """The same bytes for the same network."""
    text = json.dumps(spec, ensure_ascii=True, separators=(",", ":")).encode()
    arrays: dict[str, NDArray[Any]] = {"network.json": np.frombuffer(text, dtype=np.uint8)}
    for k, (weights, bias) in enumerate(pairs):
        arrays[f"weights_{k}"] = stored(weights)
        arrays[f"bias_{k}"] = stored(bias)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3  # the same on every system
            member.external_attr = 0o644 << 16
            data = io.BytesIO()
            np.lib.format.write_array(data, np.ascontiguousarray(array), (1, 0), allow_pickle=False)
            archive.writestr(member, data.getvalue())
    return buffer.getvalue()


def _stored(values: NDArray[Any]) -> NDArray[Any]:
    array = np.asarray(values, dtype=np.float64)
    whole = np.isfinite(array).all() and (array == np.round(array)).all()
    exact = whole and (array.size == 0 or np.abs(array).max() < 2**53)
    return array.astype("<i8") if exact else array.astype("<f8")


def _port_json(port: Port) -> dict[str, Any]:
    axes = " ".join(map(str, port.axes))
    return {"name": port.name, "axes": axes, "low": port.domain.low, "high": port.domain.high}


def dense_bytes(network: DenseNetwork) -> bytes:
    """The file of a dense network, whole weights as small integers."""
    spec = {
        "format": FORMAT,
        "kind": "dense",
        "shape": list(network.shape),
        "low": network.domain.low,
        "high": network.domain.high,
        "activations": [layer.activation for layer in network.layers],
    }
    pairs = [(layer.weights, layer.bias) for layer in network.layers]
    result = _archive(spec, pairs, _smallest)
    read_network(result, "the network")
    return result


def _smallest(values: NDArray[Any]) -> NDArray[Any]:
    """As few bytes a number as its integers need, else 8."""
    stored = _stored(values)
    if stored.dtype.kind == "i" and stored.size:
        for kind in ("<i1", "<i2", "<i4"):
            if np.abs(stored).max() <= np.iinfo(kind).max:
                return stored.astype(kind)
    return stored


def load_network(path: Path | str) -> Network | DenseNetwork:
    """Read a network from a file; :class:`InputError` with a sentence where it is not one."""
    path = Path(path)
    return read_network(read_bytes(path, _LARGEST_FILE), str(path))


def read_network(data: bytes, what: str) -> Network | DenseNetwork:
    """A network from the contents of its file."""
    arrays = read_arrays(data, what, _LARGEST_FILE)
    text = arrays.pop("network.json", None)
    if text is None or text.dtype != np.uint8 or text.ndim != 1:
        raise InputError(f"{what} is not a network of deepdistill: it has no network.json")
    spec = parse_json(text.tobytes(), what)
    try:
        if isinstance(spec, dict) and spec.get("kind") == "dense":
            return _dense(spec, arrays)
        return _network(spec, arrays)
    except InputError as error:
        raise InputError(f"{what} is not a network of deepdistill: {error}") from None


def _network(spec: Any, arrays: dict[str, NDArray[Any]]) -> Network:
    keys = {"format", "inputs", "output", "taps", "activations", "states"}
    if not isinstance(spec, dict) or set(spec) != keys:
        raise InputError("its description has other keys")
    if spec["format"] != FORMAT or type(spec["format"]) is not int:
        raise InputError("it was written in another format")
    inputs = tuple(_port(value) for value in _list(spec["inputs"], "inputs"))
    if not inputs or len({port.name for port in inputs}) < len(inputs):
        raise InputError("its inputs need names that differ")
    free = [port for port in inputs if not port.is_fixed]
    if inputs[0].is_fixed or any(port.axes != inputs[0].axes for port in free):
        raise InputError("its first input must be a grid, and all grids alike")
    taps = tuple(_tap(value, inputs) for value in _list(spec["taps"], "taps"))
    states = tuple(_integer(value) for value in _list(spec["states"], "states"))
    activations = _list(spec["activations"], "activations")
    groups: list[UnitGroup] = []
    width = len(taps)
    for k, activation in enumerate(activations):
        group = _group(activation, arrays.pop(f"weights_{k}", None), arrays.pop(f"bias_{k}", None))
        if group.weights.shape[1] != width:
            raise InputError(f"unit group {k} does not fit what it reads")
        width = 1 if activation == "argmax" else len(group.bias)
        groups.append(group)
    if arrays:
        raise InputError("it holds arrays that belong to no unit group")
    if not groups or width != 1:
        raise InputError("its last unit group does not have one output")
    if len(states) < (len(groups[-1].bias) if groups[-1].activation == "argmax" else 2):
        raise InputError("it has fewer states than outputs")
    return Network(inputs, _port(spec["output"]), taps, tuple(groups), states)


def _dense(spec: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> DenseNetwork:
    if set(spec) != {"format", "kind", "shape", "low", "high", "activations"}:
        raise InputError("its description has other keys")
    if spec["format"] != FORMAT or type(spec["format"]) is not int:
        raise InputError("it was written in another format")
    activations = _list(spec["activations"], "activations")
    low, high = _integer(spec["low"]), _integer(spec["high"])
    if low >= high:
        raise InputError("its inputs have no values")
    pairs = []
    for k in range(len(activations)):
        weights, bias = arrays.pop(f"weights_{k}", None), arrays.pop(f"bias_{k}", None)
        if weights is None or bias is None or np.uint8 in (weights.dtype, bias.dtype):
            raise InputError("a layer has no table of weights or no list of biases")
        pairs.append((weights, bias))
    if arrays:
        raise InputError("it holds arrays that belong to no layer")
    if not activations or not all(isinstance(name, str) for name in activations):
        raise InputError("its activations are not names")
    shape = [_integer(n) for n in _list(spec["shape"], "sizes")]
    return dense_network(pairs, shape, activations[:-1], activations[-1], Integers(low, high))


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"its {what} are not a list")
    return value


def _integer(value: Any) -> int:
    if type(value) is not int or abs(value) > _LARGEST_INTEGER:
        raise InputError("it holds a value that is not a small integer")
    return value


def _port(value: Any) -> Port:
    if not isinstance(value, dict) or set(value) != {"name", "axes", "low", "high"}:
        raise InputError("a port has other keys")
    name, axes = value["name"], value["axes"]
    if not isinstance(name, str) or identifier(name) != name:
        raise InputError("a port's name is not a plain identifier")
    if not isinstance(axes, str) or len(axes) > 200:
        raise InputError("a port's axes are not a short text")
    try:
        parsed = parse_axes(axes)
    except ValueError:
        raise InputError("a port has unknown axes") from None
    if any(axis.kind == "fixed" and not 1 <= (axis.size or 0) <= 10**6 for axis in parsed):
        raise InputError("a fixed axis has no usable size")
    low, high = _integer(value["low"]), _integer(value["high"])
    if not 0 <= high - low < _WIDEST_DOMAIN:
        raise InputError("a port's domain is empty or too wide")
    return Port(name, parsed, Integers(low, high))


def _tap(value: Any, inputs: tuple[Port, ...]) -> Tap:
    if not isinstance(value, list) or len(value) != 4:
        raise InputError("a tap is not a list of four")
    name, offset, reading, state = value
    port = next((port for port in inputs if port.name == name), None)
    if port is None:
        raise InputError("a tap reads a port that does not exist")
    place = tuple(_integer(k) for k in _list(offset, "offsets"))
    if len(place) != len(port.axes):
        raise InputError("a tap's offset has another number of axes than its port")
    for k, axis in zip(place, port.axes, strict=True):
        fits = 0 <= k < (axis.size or 0) if port.is_fixed else abs(k) <= _FARTHEST_OFFSET
        if not fits:
            raise InputError("a tap reads outside its port")
    if reading not in ("number", "indicator", "inside"):
        raise InputError("a tap has an unknown reading")
    return Tap(port.name, place, reading, _integer(state))


def _group(activation: Any, weights: Any, bias: Any) -> UnitGroup:
    if activation not in ("step", "argmax"):
        raise InputError("a unit group has an unknown activation")
    if weights is None or bias is None or weights.ndim != 2 or bias.ndim != 1:
        raise InputError("a unit group has no table of weights or no list of biases")
    if np.uint8 in (weights.dtype, bias.dtype) or len(weights) != len(bias):
        raise InputError("a unit group's weights do not fit its biases")
    if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
        raise InputError("a unit group has weights that are not finite")
    if activation == "argmax" and not len(bias):
        raise InputError("a unit group chooses among no units")
    return UnitGroup(weights.astype(np.float64), bias.astype(np.float64), activation)
