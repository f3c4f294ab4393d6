"""What the files of all networks have in common: the archive, ports, checked values."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..ir.errors import InputError
from ..ir.names import identifier
from ..ir.types import Integers, Port, parse_axes

FORMAT = 1
LARGEST_FILE = 64 * 2**20
LARGEST_INTEGER = 2**31
WIDEST_DOMAIN = 256
WIDEST_NUMBERS = 2 * LARGEST_INTEGER + 1
FARTHEST_OFFSET = 1000
LARGEST_WEIGHT = 1e100
_MOST_PORTS = 64


def archive(
    spec: dict[str, Any],
    pairs: list[tuple[NDArray[Any], NDArray[Any]]],
    kept: Callable[[NDArray[Any]], NDArray[Any]],
) -> bytes:
    """The same bytes for the same network."""
    text = json.dumps(spec, ensure_ascii=True, separators=(",", ":")).encode()
    arrays: dict[str, NDArray[Any]] = {"network.json": np.frombuffer(text, dtype=np.uint8)}
    for k, (weights, bias) in enumerate(pairs):
        arrays[f"weights_{k}"] = kept(weights)
        arrays[f"bias_{k}"] = kept(bias)
    return _with_arrays(b"", arrays)


def with_text(data: bytes, name: str, text: str) -> bytes:
    """An archive with one more member, a text; the same bytes for the same two."""
    return _with_arrays(data, {name: np.frombuffer(text.encode(), dtype=np.uint8)})


def _with_arrays(data: bytes, arrays: dict[str, NDArray[Any]]) -> bytes:
    """An archive with more arrays; the empty one is no bytes."""
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a" if data else "w", zipfile.ZIP_STORED) as file:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3  # the same on every system
            member.external_attr = 0o644 << 16
            content = io.BytesIO()
            plain = np.ascontiguousarray(array)
            np.lib.format.write_array(content, plain, (1, 0), allow_pickle=False)
            file.writestr(member, content.getvalue())
    return buffer.getvalue()


def stored(values: NDArray[Any]) -> NDArray[Any]:
    array = np.asarray(values, dtype=np.float64)
    whole = np.isfinite(array).all() and (array == np.round(array)).all()
    exact = whole and (array.size == 0 or np.abs(array).max() < 2**53)
    return array.astype("<i8") if exact else array.astype("<f8")


def smallest(values: NDArray[Any]) -> NDArray[Any]:
    """As few bytes a number as its integers need, else 8."""
    whole = stored(values)
    if whole.dtype.kind == "i" and whole.size:
        for kind in ("<i1", "<i2", "<i4"):
            if np.abs(whole).max() <= np.iinfo(kind).max:
                return whole.astype(kind)
    return whole


def port_json(port: Port) -> dict[str, Any]:
    axes = " ".join(map(str, port.axes))
    plain = {"name": port.name, "axes": axes, "low": port.domain.low, "high": port.domain.high}
    return {**plain, "symbols": list(port.symbols)} if port.symbols else plain


def listed(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"its {what} are not a list")
    return value


def integer(value: Any) -> int:
    if type(value) is not int or abs(value) > LARGEST_INTEGER:
        raise InputError("it holds a value that is not a small integer")
    return value


def integers(value: Any, what: str) -> tuple[int, ...]:
    return tuple(map(integer, listed(value, what)))


def one_format(spec: Any, keys: set[str]) -> None:
    """Refuse a description with other keys or of another format."""
    if not isinstance(spec, dict) or set(spec) != keys:
        raise InputError("its description has other keys")
    if spec["format"] != FORMAT or type(spec["format"]) is not int:
        raise InputError("it was written in another format")


def ports(value: Any, widest: int = WIDEST_DOMAIN) -> tuple[Port, ...]:
    """The input ports of a network."""
    if len(listed(value, "inputs")) > _MOST_PORTS:
        raise InputError(f"it has more than {_MOST_PORTS} inputs")
    return tuple([port(one, widest) for one in value])


def port(value: Any, widest: int = WIDEST_DOMAIN, number: bool = False) -> Port:
    """A port; with ``number`` it may have no axes."""
    if not isinstance(value, dict) or set(value) - {"symbols"} != {"name", "axes", "low", "high"}:
        raise InputError("a port has other keys")
    name, axes = value["name"], value["axes"]
    if not isinstance(name, str) or identifier(name) != name:
        raise InputError("a port's name is not a plain identifier")
    if not isinstance(axes, str) or len(axes) > 200:
        raise InputError("a port's axes are not a short text")
    try:
        parsed = () if number and not axes else parse_axes(axes)
    except ValueError:
        raise InputError("a port has unknown axes") from None
    if any(axis.kind == "fixed" and not 1 <= (axis.size or 0) <= 10**6 for axis in parsed):
        raise InputError("a fixed axis has no usable size")
    low, high = integer(value["low"]), integer(value["high"])
    if not 0 <= high - low < widest:
        raise InputError("a port's domain is empty or too wide")
    symbols = _symbols(value.get("symbols", []))
    in_order = (0, high, list(symbols)) == (low, len(symbols) - 1, sorted(set(symbols)))
    if "symbols" in value and not in_order:
        raise InputError("a port's symbols are not one for each of its values, in order")
    return Port(name, parsed, Integers(low, high), symbols)


def _symbols(data: Any) -> tuple[int, ...]:
    """The symbols of a port: False and True, or integers."""
    if isinstance(data, list) and list(map(type, data)) == [bool, bool]:
        return tuple(data)
    return integers(data, "symbols")
