"""Dense networks in files of others: CSV tables and NPZ archives."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from decimal import Decimal
from math import inf, prod
from numbers import Integral
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ...data.files import LARGEST_DATA, MOST_NUMBERS, read_arrays, read_bytes
from ...data.problem import InputError
from ...ir.types import Integers
from .layouts import layers_of_mapping
from .network import DenseActivation, DenseLayer, DenseNetwork

HIDDEN = ("sign", "step")
HEADS = ("argmax", "softmax", "linear")

_LONGEST_SHAPE = 4
_MOST_INPUTS = 10**6
_TORCH_OLD = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19"  # as torch.save wrote before 1.6
_OTHERS = (
    (b"\x93NUMPY", "an .npy file of a single array"),
    (b"\x89HDF\r\n", "an HDF5 file"),
    *((bytes([0x80, version]), "a pickle of Python's objects") for version in range(2, 6)),
)
_EXACT = 2**53  # up to it every whole number is a float
_WHOLE = re.compile(r"[+-]?[0-9]+(\.0*)?")
_LONGEST_NUMBER = 1000  # characters; every float can be written in fewer


def parse_shape(text: str) -> tuple[int, ...]:
    """``28x28`` as (28, 28); :class:`InputError` otherwise."""
    if not re.fullmatch(r"[0-9]+(x[0-9]+)*", text):
        raise InputError(f"cannot read the shape {text!r}: write it like 28x28")
    return check_shape(tuple(int(word[:12]) for word in text.split("x")))


def check_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """The shape, if arrays can have it."""
    if isinstance(shape, str) or not _are_integers(shape):
        raise InputError(f"the shape {shape!r:.60} is not a list of sizes, like (28, 28)")
    sizes = tuple(int(n) for n in shape)
    if not 1 <= len(sizes) <= _LONGEST_SHAPE or not all(1 <= n <= _MOST_INPUTS for n in sizes):
        raise InputError(f"the shape {tuple(shape)} has no usable sizes: give one to four of them")
    if prod(sizes) > _MOST_INPUTS:
        raise InputError(f"the shape {sizes} has more than {_MOST_INPUTS:,} cells")
    return sizes


def check_values(values: Sequence[int]) -> Integers:
    """The smallest and the largest integer of an input as a domain."""
    if not _are_integers(values) or len(values) != 2 or not values[0] < values[1]:
        raise InputError(
            f"the values {values!r:.60} are not the smallest and the largest integer, like (0, 1)"
        )
    return Integers(int(values[0]), int(values[1]))


def _are_integers(values: Any) -> bool:
    return isinstance(values, list | tuple | np.ndarray) and all(
        isinstance(n, int | np.integer) for n in values
    )


def parse_values(text: str) -> Integers:
    """``0:1`` as the integers from 0 to 1."""
    if not re.fullmatch(r"-?[0-9]{1,9}:-?[0-9]{1,9}", text):
        raise InputError(f"cannot read the values {text!r}: write the smallest and largest, 0:1")
    low, high = map(int, text.split(":"))
    if low >= high:
        raise InputError(f"the values {text!r} are empty: write the smallest first")
    return Integers(low, high)


def read_dense(
    paths: Sequence[Path], shape: tuple[int, ...], hidden: str, head: str, domain: Integers
) -> tuple[DenseNetwork, str]:
    """The network in CSV files, one a layer, or in one NPZ file, and how it was read in words."""
    note = ""
    if not paths:
        raise InputError("name the files of the layers, the first layer first")
    if any(path.suffix.lower() == ".npz" for path in paths):
        if len(paths) > 1:
            raise InputError("give one .npz file, or a .csv file for each layer")
        arrays = read_arrays(_contents(paths[0]), str(paths[0]), LARGEST_DATA)
        if any(array.dtype == np.uint8 for array in arrays.values()):
            raise InputError(f"{paths[0]} holds other arrays than weights and biases")
        pairs, note = layers_of_mapping(arrays, str(paths[0]))
    else:
        pairs = [_csv_pair(path) for path in paths]
    names = [str(path) for path in paths] if len(paths) == len(pairs) else [str(paths[0])]
    return dense_network(pairs, shape, hidden, head, domain, names), note


def dense_network(
    pairs: Sequence[tuple[Any, Any]],
    shape: Sequence[int],
    hidden: str | Sequence[str],
    head: str,
    domain: Integers,
    names: Sequence[str] = (),
) -> DenseNetwork:
    """A network from pairs of weights (units × inputs) and biases (units)."""
    sizes = check_shape(shape)
    if not pairs:
        raise InputError("a network needs at least one layer")
    before = [hidden] * (len(pairs) - 1) if isinstance(hidden, str) else list(hidden)
    if len(before) != len(pairs) - 1 or any(kind not in HIDDEN for kind in before):
        raise InputError(f"hidden layers must be one of {', '.join(HIDDEN)}")
    if head not in HEADS:
        raise InputError(f"the last layer must be one of {', '.join(HEADS)}, not {head!r:.60}")
    activations = [*before, head]
    layers: list[DenseLayer] = []
    width, source = prod(sizes), f"the shape {'x'.join(map(str, sizes))}"
    for k, ((weights, bias), activation) in enumerate(zip(pairs, activations, strict=True)):
        where = names[k] if len(names) == len(pairs) else f"layer {k + 1}"
        w, b = _numbers(weights, 2, where), _numbers(bias, 1, where)
        if not len(b) or not w.size:
            raise InputError(f"{where} has no units")
        if w.shape != (len(b), width):
            turned = w.shape == (width, len(b))
            raise InputError(
                f"{where} has weights for {w.shape[1]} inputs and {w.shape[0]} units with "
                f"{len(b)} biases, but {source} gives {width} inputs: "
                + (
                    "a row is an input and a column a unit, so transpose the weights (weights.T)"
                    if turned
                    else "a row of the weights is an input, a column a unit"
                )
            )
        layers.append(DenseLayer(np.ascontiguousarray(w), b, _activation(activation)))
        width, source = len(b), where
    if width == 1 and head in ("argmax", "softmax"):
        raise InputError(
            f"the network has one output, and its {head} is the same for every input: give "
            "head='linear', whose answer is the sum itself"
        )
    return DenseNetwork(sizes, tuple(layers), domain)


def _activation(name: str) -> DenseActivation:
    assert name in get_args(DenseActivation)
    return name  # type: ignore[return-value]


def _numbers(values: Any, dimensions: int, where: str) -> NDArray[np.float64]:
    try:
        if np.iscomplexobj(values):
            raise TypeError
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{where} holds something that is not a number") from None
    if array.ndim != dimensions:
        raise InputError(
            f"{where} has weights of shape {array.shape}, not a table: give two dimensions, a row "
            "for each input and a column for each unit"
            if dimensions == 2
            else f"{where} has biases of shape {array.shape}, not a list: give one number for each "
            "unit (bias.ravel())"
        )
    if not np.isfinite(array).all():
        raise InputError(f"{where} holds a weight that is not finite")
    if np.abs(array).max(initial=0) > 1e100:
        raise InputError(f"{where} holds a weight that is too large to compute with")
    large = np.abs(array) >= _EXACT  # the first that is not exact rounds to that
    if large.any():
        for given, value in zip(np.asarray(values, object)[large], array[large], strict=True):
            _refuse_inexact(given, value, where)
    return array


def _refuse_inexact(given: Any, value: float, where: str) -> None:
    """:class:`InputError` for a whole number, be it in text, that is another one as a float."""
    text = str(given).strip()
    is_whole = isinstance(given, Integral | Decimal | str) and _WHOLE.fullmatch(text)
    if is_whole and int(text.partition(".")[0]) != int(value):
        raise InputError(
            f"{where} holds {text[:40]}, which no float equals: up to 2**53 every whole number is "
            "exact, so divide what a unit adds up by a common factor"
        )


def _contents(path: Path) -> bytes:
    """The bytes of a CSV or NPZ file; what others write weights to is refused by its name."""
    data = read_bytes(path, LARGEST_DATA)
    if data.startswith(_TORCH_OLD) or (data.startswith(b"PK") and b"/data.pkl" in data[:512]):
        raise InputError(
            f"{path} was written by torch.save: save its weights as an .npz file, "
            "np.savez('weights.npz', **{k: v.numpy() for k, v in module.state_dict().items()}), "
            "or give the module to dd.condense_network"
        )
    for mark, kind in _OTHERS:
        if data.startswith(mark):
            raise InputError(
                f"{path} is {kind}: save its weights and biases as an .npz file (np.savez), or "
                "one .csv file for each layer"
            )
    return data


def _csv_pair(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The weights (units × inputs) and biases in a table: a column a unit, biases last."""
    data = _contents(path)
    rows: list[NDArray[np.float64]] = []
    left = MOST_NUMBERS
    try:
        for number, line in enumerate(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig"), 1):
            if not line.strip():
                continue
            entries = line.count(",") + 1
            left -= entries
            if entries > _MOST_INPUTS or left < 0:
                raise InputError(f"{path} holds too many numbers to be a layer")
            rows.append(_csv_row(line.split(","), f"{path} line {number}"))
            if entries != len(rows[0]):
                raise InputError(
                    f"{path} line {number} has {entries} entries where the first has {len(rows[0])}"
                )
    except UnicodeDecodeError:
        raise InputError(f"{path} is not a CSV file: it is not text") from None
    if not rows:
        raise InputError(f"{path} is empty")
    if len(rows) < 2:
        raise InputError(f"{path} has a single row: give one for each input and one of biases")
    table = np.stack(rows)
    if not np.isfinite(table).all():
        raise InputError(f"{path} holds a weight that is not finite")
    return table[:-1].T, table[-1]


def _csv_row(words: Sequence[str], where: str) -> NDArray[np.float64]:
    row = np.empty(len(words))
    for k, word in enumerate(words):
        try:
            if "_" in word or len(word) > _LONGEST_NUMBER:  # Python alone reads 1_000 as a number
                raise ValueError
            row[k] = float(word)
        except ValueError:
            wrong = word.strip()[:40]
            raise InputError(f"{where} holds {wrong!r}, which is not a number") from None
        if _EXACT <= abs(row[k]) < inf:
            _refuse_inexact(word, row[k], where)
    return row
