"""Damaged and malicious files, made from good ones: what ``benchmarks/fuzz.py`` feeds to readers.

Every maker takes a good file and a random number generator and gives another file. The same
generator gives the same bytes.
"""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import numpy as np

Maker = Callable[[bytes, Random], bytes]

_CHUNKS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b"[" * 3000, b"{" * 500,
    b'{"a":' * 1200, b"9" * 5000, b"1e999", b"NaN", b"-Infinity", b"\r", b"\n\n", b'"', b",", b"'",
    b"../../x", b"__import__('os')", b"PK\x05\x06", b"\x93NUMPY\x01\x00", b"\x00" * 300, b"-0",
)  # fmt: skip
_VALUES = (
    "null", "true", "false", "0", "1", "-1", "2", "1.0", "0.5", "1e999", "-1e400", "NaN",
    "Infinity", "2147483648", "-2147483649", "9223372036854775808", "9" * 400, "9" * 5000, '""',
    '"\\ud800"', '"\\u0000"', '"' + "x" * 5000 + '"', '"../../x"', '"class"', '"fixed(9)"', "[]",
    "{}", "[[]]", "[" * 500 + "]" * 500, "[" * 2000 + "]" * 2000, "[0,1]", "[-1,-1]", '["product"]',
    '{"kind":"items"}',
)  # fmt: skip
_WORDS = (
    "", "0", "1", "-1", "nan", "inf", "1e400", "1e-400", "9" * 30, "9" * 5000, "0x10", "1_000",
    "--1", "+1", "١", "½", "\x00", "\ufeff", "p", "h", "c", "cnf", "%", "y", "1,5", "1.234,5", "é",
    "5000001", "a" * 400, "1" * 200 + "x", '"', "'", "1 0", "\u2028", "=cmd()", "\x1b[31m",
)  # fmt: skip
_TYPES = ("<i8", ">i8", "<f8", "|b1", "|u1", "<f2", "<f4", "|O", "<U4", "<c16", "<M8[s]", "V8")
_SHAPES = (
    "()", "(0,)", "(1,)", "(-1,)", "(2, 2)", "(1000000000000,)", "(0, 99999999999)", "(3, 0)",
    "(" + "1, " * 40 + ")", "(2.0,)", "(True,)", "((2,),)", "[2]", "(999999999999999,) * 9", "",
)  # fmt: skip
_NAMES = (
    "../x.npy",
    "/etc/x.npy",
    "x",
    "x.npy",
    "weights_0.npy",
    "bias_9.npy",
    "C:\\x.npy",
    ".npy",
)


class _Trap:
    """Loading its pickle would show."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (SystemExit, ("a pickle was loaded",))


def scarred(good: bytes, random: Random) -> bytes:
    """A few bytes cut off, changed, doubled, left out or put in."""
    data = bytearray(good)
    for _ in range(random.choice((1, 1, 2, 5))):
        at = random.randrange(len(data) + 1)
        end = min(len(data), at + random.choice((1, 2, 8, 64)))
        match random.randrange(7):
            case 0:
                del data[at:]
            case 1:
                data[at : at + 1] = bytes([random.randrange(256)])
            case 2:
                del data[at:end]
            case 3:
                data[at:at] = data[at:end]
            case 4:
                data[at:at] = random.choice(_CHUNKS)
            case 5:
                data[at:end] = random.randbytes(end - at)
            case _:
                data[at : at + 4] = random.choice((b"\xff" * 4, b"\0" * 4, b"\xff\xff\xff\x7f"))
    return bytes(data)


def worded(good: bytes, random: Random) -> bytes:
    """A text with other words, more or fewer of them, or other ends of lines."""
    text = good.decode("utf-8", "replace")
    mark = "," if "," in text else " "
    lines = [line.split(mark) for line in text.split("\n")]
    for _ in range(random.choice((1, 1, 2, 4))):
        line = random.choice(lines)
        at = random.randrange(len(line) + 1)
        match random.randrange(5):
            case 0 | 1:
                line[at : at + 1] = [random.choice(_WORDS)]
            case 2:
                line.insert(at, random.choice(_WORDS))
            case 3:
                del line[at:]
            case _:
                lines.insert(random.randrange(len(lines) + 1), line * random.choice((1, 2, 500)))
    end = random.choice(("\n", "\n", "\n", "\r\n", "\r", "\x00\n"))
    text = end.join(mark.join(line) for line in lines)
    return text.encode(random.choice(("utf-8",) * 6 + ("utf-16", "utf-8-sig")), "replace")


def described(good: bytes, random: Random) -> bytes:
    """JSON in which values are others, are missing, or have their key twice."""
    try:
        value = json.loads(good)
    except ValueError:
        return scarred(good, random)
    marks: list[str] = []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        value = _other(value, random, marks)
    text = json.dumps(value)
    for k, mark in enumerate(marks):
        text = text.replace(f'"\\u0001{k}"', mark)
    if random.random() < 0.1 and text.startswith("{"):
        key = random.choice(list(json.loads(good)))
        text = f"{{{json.dumps(key)}: 0, {text[1:]}"
    return text.encode()


def _other(value: Any, random: Random, marks: list[str]) -> Any:
    """The value with one of its parts replaced; ``marks`` are texts that JSON may not be."""
    if isinstance(value, dict | list) and value and random.random() < 0.85:
        keys = list(value) if isinstance(value, dict) else range(len(value))
        key = random.choice(keys)
        part = _other(value[key], random, marks)
        result = dict(value) if isinstance(value, dict) else list(value)
        match random.randrange(12):
            case 0:
                del result[key]
            case 1 if isinstance(result, list):
                result.insert(key, part)
            case 2 if isinstance(result, dict):
                result[random.choice(("kind", "more", "\ud800", "format", ""))] = part
            case _:
                result[key] = part
        return result
    if type(value) is int and random.random() < 0.5:
        return random.choice((value + 1, value - 1, 2 * value, -value, value + 1000))
    if type(value) is bool and random.random() < 0.5:
        return not value
    marks.append(random.choice(_VALUES))
    return f"\x01{len(marks) - 1}"


def archived(good: bytes, random: Random) -> bytes:
    """An NPZ archive with other members, headers, numbers or descriptions, or packed in other ways.

    Bombs among them: a member that declares, or unpacks to, far more than the file is long.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(good)) as archive:
            members = [(name, archive.read(name)) for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError):
        return scarred(good, random)
    at = random.randrange(len(members))
    name, content = members[at]
    match random.randrange(8):
        case 0:
            members[at] = (random.choice(_NAMES), content)
        case 1:
            members.append(members[at])
        case 2:
            del members[at]
        case 3:
            members[at] = (name, header(random.choice(_TYPES), random.choice(_SHAPES)) + content)
        case 4:
            members[at] = (name, _renumbered(content, random))
        case 5:
            members[at] = (name, scarred(content, random))
        case 6:
            members[at] = (name, pickle.dumps(_Trap()))
        case _:
            members.reverse()
    data = packed(members, random.choice((zipfile.ZIP_STORED,) * 5 + (zipfile.ZIP_DEFLATED,)))
    return _repacked(data, random) if random.random() < 0.1 else data


def redescribed(good: bytes, random: Random) -> bytes:
    """The archive of a network whose description has one part that is another."""
    members = []
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "network.json.npy":
                text = np.load(io.BytesIO(content), allow_pickle=False).tobytes()
                content = npy(np.frombuffer(described(text, random), np.uint8))
            members.append((name, content))
    return packed(members)


def header(kind: str, shape: str) -> bytes:
    """The beginning of an NPY file, with whatever type and shape."""
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def packed(members: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    """A ZIP archive of members, of which several may have one name."""
    import warnings

    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def npy(array: Any) -> bytes:
    """An array as an NPY file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def bomb(name: str, size: int) -> bytes:
    """An archive of a member of so many zeros, which takes a thousandth of them."""
    return packed([(name, header("|u1", f"({size},)") + bytes(size))], zipfile.ZIP_DEFLATED)


def _renumbered(content: bytes, random: Random) -> bytes:
    """An array of other numbers, of another type or shape."""
    try:
        array = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError):
        return content
    with np.errstate(all="ignore"):
        array = array.astype(random.choice(("<f8", "<i8", ">i4", "|b1", "|u1", "<f4", "<c16")))
        if array.size and random.random() < 0.7:
            worst = (np.nan, np.inf, 1e308, -1e308, 1e18, 2.0**63, 0, -1, 300)
            spot = tuple(random.randrange(n) for n in array.shape)
            array[spot] = np.array(random.choice(worst)).astype(array.dtype)
    match random.randrange(5):
        case 0:
            array = array.reshape(-1)
        case 1:
            array = array[..., None]
        case 2:
            array = array[:0] if array.ndim else array
        case 3:
            array = np.asfortranarray(array)
    return npy(array)


def _repacked(data: bytes, random: Random) -> bytes:
    """Fields of the archive's own records changed: sizes, methods, encryption, the directory."""
    at = data.rfind(b"PK\x01\x02")
    changed = bytearray(data)
    match random.randrange(6):
        case 0:  # encrypted
            changed[at + 8] |= 1
        case 1:  # another method
            changed[at + 10] = random.choice((8, 12, 14, 99))
        case 2:  # another size
            changed[at + 24 : at + 28] = random.choice((b"\xff\xff\xff\x0f", b"\0" * 4))
        case 3:  # a comment behind it
            changed[-2:] = b"\x03\x00abc"
        case 4:  # the record of a large archive before the end
            changed[-22:-22] = b"PK\x06\x07" + bytes(16)
        case _:  # more members than there are
            changed[-12:-10] = b"\xff\xff"
    return bytes(changed)
