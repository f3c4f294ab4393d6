"""Read and write files defensively: whole or not at all, bounded, no pickled objects."""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .problem import InputError, Problem

LARGEST_DATA = 512 * 2**20
_MOST_MEMBERS = 129
_MOST_DIMENSIONS = 16


def read_pairs(path: Path, axes: str, name: str) -> Problem:
    """The problem in an NPZ file with the arrays ``x`` and ``y``, sample axis first."""
    arrays = read_arrays(read_bytes(path, LARGEST_DATA), str(path), LARGEST_DATA)
    missing = [key for key in ("x", "y") if key not in arrays]
    if missing:
        raise InputError(f"{path} has no array {missing[0]!r}: save the pairs as x and y")
    return Problem.from_arrays(arrays["x"], arrays["y"], axes, name)


def parse_json(text: bytes | str, what: str) -> Any:
    """Strict JSON: no duplicate keys, no NaN, no deep nests, nothing that cannot be printed.

    Raises :class:`InputError` with a sentence about ``what``.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError(f"{what} has the key {twice[:60]!r} twice")
        return result

    def no_constant(name: str) -> Any:
        raise InputError(f"{what} contains {name}, which is not a number of JSON")

    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        value = json.loads(decoded, object_pairs_hook=unique, parse_constant=no_constant)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except InputError:
        raise
    except RecursionError:
        raise InputError(f"{what} is nested too deeply") from None
    except ValueError:  # JSONDecodeError and Unicode errors are ValueErrors
        raise InputError(f"{what} is corrupted: it is not JSON text") from None
    return value


def read_bytes(path: Path, largest: int) -> bytes:
    """The contents of a file that is not larger than expected."""
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    if len(data) > largest:
        raise InputError(f"{path} is too large to be what its name says")
    return data


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from None


def read_arrays(data: bytes, what: str, largest: int) -> dict[str, NDArray[Any]]:
    """The numeric arrays of an NPZ archive, each checked against its header before it is read.

    ``largest`` bounds the bytes of all arrays together. Raises :class:`InputError`.
    """
    corrupted = InputError(f"{what} is corrupted: it is not an .npz file")
    arrays: dict[str, NDArray[Any]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS:
                raise InputError(f"{what} holds too many arrays")
            if sum(member.file_size for member in members) > largest:
                raise InputError(f"{what} declares more than {largest:,} bytes of data")
            for member in members:
                name = member.filename.removesuffix(".npy")
                if name == member.filename or name in arrays:
                    raise corrupted
                with archive.open(member) as file:
                    content = file.read(member.file_size + 1)
                arrays[name] = _array(content, what)
    except InputError:
        raise
    except Exception:  # zipfile and the header reader raise many kinds for damaged files
        raise corrupted from None
    return arrays


def _array(content: bytes, what: str) -> NDArray[Any]:
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
    else:
        raise InputError(f"{what} holds an array of an unknown format")
    if dtype.hasobject or dtype.kind not in "biuf":
        raise InputError(f"{what} holds an array that is not plain numbers: {dtype}"[:200])
    if len(shape) > _MOST_DIMENSIONS or any(type(n) is not int or n < 0 for n in shape):
        raise InputError(f"{what} holds an array of an impossible shape")
    count = 1
    for n in shape:
        count *= n
    if count * dtype.itemsize != len(content) - stream.tell():
        raise InputError(f"{what} holds an array whose shape does not fit its data")
    flat = np.frombuffer(content, dtype, offset=stream.tell())
    return flat.reshape(shape, order="F" if fortran else "C")
