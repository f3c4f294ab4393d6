"""Read and write files defensively: whole or not at all, bounded, no pickled objects."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import struct
import tempfile
import zipfile
from collections import Counter
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .examples import OTHER_DOOR
from .problem import InputError, Problem

LARGEST_DATA = 128 * 2**20
MOST_NUMBERS = 2**24
"""In one file, all arrays together: what is computed from them takes several times 8 bytes each."""

_LARGEST_JSON = 8 * 2**20  # what is parsed takes some thirty times as much
_MOST_SAMPLES = 2**20
_MOST_MEMBERS = 129
_MOST_DIMENSIONS = 16
_LARGEST_DIRECTORY = 2**16
_END = struct.Struct("<4s4H2LH")  # the last record of a ZIP archive, without a comment
_HEADER = re.compile(r"\{([^{}]*)\}\s*", re.ASCII)
_ENTRY = re.compile(r"\s*'(\w+)'\s*:\s*('[^']*'|True|False|\([\d\s,]*\))\s*(?:,|$)", re.ASCII)
_SHAPE = re.compile(r"\(\s*(?:\d{1,15}\s*,\s*)*(?:\d{1,15}\s*)?\)", re.ASCII)
_LONGEST_HEADER = 2**12
_BINARY: int = getattr(os, "O_BINARY", 0)
_NUMPY = b"\x93NUMPY"
_DTYPE = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248])")


def read_pairs(path: Path, axes: str, name: str) -> Problem:
    """The problem in an NPZ file with the arrays ``x`` and ``y``, sample axis first."""
    data = read_bytes(path, LARGEST_DATA)
    if data.startswith(_NUMPY):
        array = _array(data, MOST_NUMBERS, str(path))
        raise InputError(
            f"{path} is one array of the shape {array.shape}: inputs and answers are needed, save "
            'both in one file, numpy.savez("pairs.npz", x=inputs, y=answers)'
        )
    arrays = read_arrays(data, str(path), LARGEST_DATA)
    if any(f"{side}_values" in arrays for side in "xy"):
        raise InputError(f"{path} holds samples of several shapes: {OTHER_DOOR}")
    missing = [key for key in ("x", "y") if key not in arrays]
    if missing:
        known = [f"{name!r:.40} {array.shape}" for name, array in sorted(arrays.items())]
        more = f" and {len(known) - 8} more" if len(known) > 8 else ""
        raise InputError(
            f"{path} has no array {missing[0]!r}: it has {', '.join(known[:8]) or 'none'}{more}, "
            "save the inputs as x and their answers as y"
        )
    if any(arrays[key].shape[:1] > (_MOST_SAMPLES,) for key in ("x", "y")):
        raise InputError(f"{path} holds more than {_MOST_SAMPLES:,} samples: give fewer")
    return Problem.from_arrays(arrays["x"], arrays["y"], axes, name)


def parse_json(text: bytes | str, what: str) -> Any:
    """Strict JSON: no duplicate keys, no NaN, no deep nests, nothing that cannot be printed.

    Texts of more than 8 MiB are refused before they are parsed. Raises :class:`InputError` with a
    sentence about ``what``.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
            raise InputError(f"{what} has the key {twice[:60]!r} twice")
        return result

    def no_constant(name: str) -> Any:
        raise InputError(f"{what} contains {name}, which is not a number of JSON")

    if len(text) > _LARGEST_JSON:
        raise InputError(f"{what} is too large to be what its name says")
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
    """The contents of a file that is not larger than expected; no devices, no pipes."""
    try:
        # Opening a pipe would wait for a writer.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
        with os.fdopen(handle, "rb") as file:
            mode = os.fstat(handle).st_mode
            if not stat.S_ISREG(mode):
                kind = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
                raise InputError(f"cannot read {path}: it is {kind}, not a file")
            data = file.read(largest + 1)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError as error:  # a name with NUL in it, or that the system cannot write
        if isinstance(error, InputError):
            raise
        raise InputError(f"cannot read {str(path)!r:.60}: no file can have this name") from None
    if len(data) > largest:
        raise InputError(f"{path} is too large to be what its name says")
    return data


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all."""
    try:
        handle, name = tempfile.mkstemp(prefix=".deepdistill-", dir=path.parent)
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
    except ValueError:
        raise InputError(f"cannot write {str(path)!r:.60}: no file can have this name") from None


def read_arrays(data: bytes, what: str, largest: int) -> dict[str, NDArray[Any]]:
    """The numeric arrays of an NPZ archive, each checked against its header before it is read.

    ``largest`` bounds the bytes of all arrays together. Raises :class:`InputError`.
    """
    corrupted = InputError(f"{what} is corrupted: it is not an .npz file")
    arrays: dict[str, NDArray[Any]] = {}
    if not _has_small_directory(data):
        raise corrupted
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS:
                raise InputError(f"{what} holds too many arrays")
            if sum(member.file_size for member in members) > largest:
                raise InputError(f"{what} declares more than {largest:,} bytes of data")
            left = MOST_NUMBERS
            for member in members:
                name = member.filename.removesuffix(".npy")
                if name == member.filename or name in arrays:
                    raise corrupted
                if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise corrupted
                with archive.open(member) as file:
                    content = file.read(member.file_size + 1)
                arrays[name] = _array(content, left, what)
                left -= arrays[name].size
    except (InputError, MemoryError):
        raise
    except Exception:  # zipfile raises many kinds for damaged files
        raise corrupted from None
    return arrays


def _has_small_directory(data: bytes) -> bool:
    """Whether an archive ends with the record of a short directory, before it is parsed.

    zipfile would parse millions of entries first. The records of archives beyond 4 GiB or 65,535
    members, which it would believe instead, are refused.
    """
    if len(data) < _END.size:
        return False
    mark, _, _, _, _, size, _, comment = _END.unpack_from(data, len(data) - _END.size)
    wide = data[-_END.size - 20 :].startswith(b"PK\x06\x07")
    return mark == b"PK\x05\x06" and size <= _LARGEST_DIRECTORY and comment == 0 and not wide


def _array(content: bytes, most: int, what: str) -> NDArray[Any]:
    """The array in an NPY file of version 1 or 2, of at most so many numbers."""
    start, shape, fortran, kind = _header(content, what)
    if kind == "|O":
        raise InputError(
            f"{what} holds an array that is not plain numbers but Python's objects, as of samples "
            f"of different shapes: give all the same shape; {OTHER_DOOR}, there as x_values and "
            "x_shapes"
        )
    if not _DTYPE.fullmatch(kind):
        raise InputError(f"{what} holds an array that is not plain numbers: {kind!r:.60}")
    dtype = np.dtype(kind)
    if len(shape) > _MOST_DIMENSIONS:
        raise InputError(f"{what} holds an array of an impossible shape")
    count = prod(shape)
    if count * dtype.itemsize != len(content) - start:
        raise InputError(f"{what} holds an array whose shape does not fit its data")
    if count > most:
        raise InputError(f"{what} holds more than {MOST_NUMBERS:,} numbers")
    if dtype.kind == "b":  # its bytes may be others than 0 and 1
        flat: NDArray[Any] = np.frombuffer(content, np.uint8, offset=start) != 0
    else:
        flat = np.frombuffer(content, dtype, offset=start)
    return flat.reshape(shape, order="F" if fortran else "C")


def _header(content: bytes, what: str) -> tuple[int, tuple[int, ...], bool, str]:
    """Where the data begin, the shape, whether columns come first, the type.

    The header is the text of a dict; NumPy's own reader evaluates it as a Python literal.
    """
    version = content[:8]
    if version not in (_NUMPY + b"\x01\x00", _NUMPY + b"\x02\x00"):
        raise InputError(f"{what} is corrupted: it holds an array of an unknown format")
    width = 2 if version[6] == 1 else 4
    start = 8 + width + int.from_bytes(content[8 : 8 + width], "little")
    damaged = InputError(f"{what} is corrupted: it holds an array whose header is damaged")
    if start > len(content) or start > _LONGEST_HEADER:
        raise damaged
    match = _HEADER.fullmatch(content[8 + width : start].decode("latin-1"))
    if match is None:
        raise damaged
    text, place, fields = match.group(1), 0, {}
    while entry := _ENTRY.match(text, place):
        place = entry.end()
        if entry.group(1) in fields:
            raise damaged
        fields[entry.group(1)] = entry.group(2)
    if text[place:].strip() or set(fields) != {"descr", "fortran_order", "shape"}:
        raise InputError(f"{what} holds an array that is not plain numbers")
    kind, order, sizes = fields["descr"], fields["fortran_order"], fields["shape"]
    if kind[0] != "'" or order not in ("True", "False") or not _SHAPE.fullmatch(sizes):
        raise damaged
    return start, tuple(map(int, re.findall(r"[0-9]+", sizes))), order == "True", kind[1:-1]
