"""Pairs of any lengths from files: lines of JSON, a JSON list, a task of puzzles, ragged arrays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..ir.errors import InputError
from .files import LARGEST_DATA, parse_json, read_arrays, read_bytes
from .from_pairs import MOST_PAIRS, pairs_from_examples
from .pairs import PairProblem

_ARCHIVE = b"PK\x03\x04"
_MOST_DIMENSIONS = 2
_LINE_END = re.compile(r"\r\n|\n|\r")  # texts of JSON may hold what else parts lines


def read_examples(path: Path, axes: str | None = None, name: str = "mine") -> PairProblem:
    """The problem of the pairs in a file.

    - Lines of JSON, ``{"input": ..., "output": ...}`` each, or ``[input, output]``; a JSON list of
      such does, too. Several inputs go by name under ``"input"``.
    - A task of grid puzzles, ``{"train": [...], "test": [...]}``: those to test on are held out
      where they have an output, and left out where not.
    - An NPZ file without objects: all values behind one another in ``x_values`` and ``y_values``,
      the sizes of each sample in ``x_shapes`` and ``y_shapes`` (samples, dimensions), or (samples,)
      for lists; where all have one size, plain ``x`` or ``y``, sample axis first.

    Raises :class:`InputError` with a sentence that names the line, or the pair, from 0.
    """
    data = read_bytes(path, LARGEST_DATA)
    if data.startswith((_ARCHIVE, b"PK\x05\x06", b"\x93NUMPY")):
        arrays = read_arrays(data, str(path), LARGEST_DATA)
        return pairs_from_examples(_ragged_pairs(arrays, str(path)), axes, name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(
            f"{path} is no UTF-8 text and no .npz file: give lines of "
            '{"input": ..., "output": ...}'
        ) from None
    lines = [(k, line) for k, line in enumerate(_LINE_END.split(text), 1) if line.strip()]
    if not lines:
        raise InputError(f'{path} is empty: give lines of {{"input": ..., "output": ...}}')
    if len(lines) > MOST_PAIRS:
        raise InputError(f"{path} holds more than {MOST_PAIRS:,} lines: give fewer")
    if len(lines) > 1 and any(_is_whole(lines[end][1]) for end in (0, -1)):
        pairs = [parse_json(line, f"line {k} of {path}") for k, line in lines]
        numbers = [k for k, _ in lines]
        return pairs_from_examples(
            pairs, axes, name, place=lambda k: f"line {numbers[k]} of {path}"
        )
    value = parse_json(text, str(path))
    if isinstance(value, Mapping) and "train" in value:
        return _puzzle(value, path, axes, name)
    if isinstance(value, Mapping) and {"input", "output"} <= set(value):
        value = [value]
    if not isinstance(value, list):
        raise InputError(
            f'{path} holds no pairs: give lines of {{"input": ..., "output": ...}}, a list of such '
            'or {"train": [...], "test": [...]}'
        )
    return pairs_from_examples(value, axes, name, place=lambda k: f"pair {k} of {path}")


def _is_whole(line: str) -> bool:
    """Whether a line is JSON by itself; the first or last one of several is not of one value."""
    try:
        parse_json(line, "")
    except InputError as error:
        return "is corrupted" not in str(error)
    return True


def _puzzle(task: Mapping[str, Any], path: Path, axes: str | None, name: str) -> PairProblem:
    other = [key for key in task if key not in ("train", "test")]
    if other:
        raise InputError(
            f'{path} has the unknown key {other[0]!r:.40}: a task has "train" and "test"'
        )
    train, test = task["train"], task.get("test", [])
    if not isinstance(train, list) or not isinstance(test, list):
        raise InputError(f'{path} must hold lists of pairs under "train" and "test"')
    for k, pair in enumerate(test):
        if not isinstance(pair, Mapping) or "input" not in pair:
            raise InputError(f'test pair {k} of {path} must be a mapping with an "input"')
    answered = [(k, pair) for k, pair in enumerate(test) if pair.get("output") is not None]

    def place(k: int) -> str:
        if k < len(train):
            return f"train pair {k} of {path}"
        return f"test pair {answered[k - len(train)][0]} of {path}"

    held_out = [pair for _, pair in answered]
    return pairs_from_examples(train, axes, name, held_out=held_out, place=place)


def _ragged_pairs(arrays: Mapping[str, NDArray[Any]], what: str) -> list[tuple[Any, Any]]:
    """The pairs in arrays of values behind one another and of the sizes of each sample."""
    known = [f"{side}{end}" for side in "xy" for end in ("", "_values", "_shapes")]
    unknown = sorted(set(arrays) - set(known))
    if unknown:
        raise InputError(
            f"{what} has the unknown array {unknown[0]!r:.40}: it takes x_values and x_shapes (or "
            "x), y_values and y_shapes (or y)"
        )
    x, y = (_samples(arrays, side, what) for side in "xy")
    if len(x) != len(y):
        raise InputError(f"{what} has {len(x)} inputs but {len(y)} answers: give pairs")
    return list(zip(x, y, strict=True))


def _samples(arrays: Mapping[str, NDArray[Any]], side: str, what: str) -> Sequence[Any]:
    """The values of one side, sample by sample."""
    plain, values, shapes = side, f"{side}_values", f"{side}_shapes"
    if plain in arrays and values not in arrays and shapes not in arrays:
        array = arrays[plain]
        if not 1 <= array.ndim <= 1 + _MOST_DIMENSIONS:
            raise InputError(
                f"{plain} of {what} has the shape {array.shape}: samples first, then lists or rows"
            )
        return [sample.tolist() for sample in array]
    for key in (values, shapes):
        if key not in arrays or plain in arrays:
            raise InputError(
                f"{what} needs {values} with {shapes}, or {plain} alone where all have one size"
            )
    flat, sizes = arrays[values], arrays[shapes]
    if flat.ndim != 1:
        raise InputError(f"{values} of {what} has the shape {flat.shape}: give one long row")
    if sizes.dtype.kind not in "iu" or sizes.ndim not in (1, 2):
        raise InputError(f"{shapes} of {what} must hold integers, (samples, dimensions)")
    if sizes.ndim == 1:
        sizes = sizes[:, None]
    if sizes.shape[1] > _MOST_DIMENSIONS:
        raise InputError(
            f"{shapes} of {what} has {sizes.shape[1]} dimensions: lists have one, pictures two"
        )
    if len(sizes) and int(sizes.min(initial=0)) < 0:
        raise InputError(f"{shapes} of {what} has a size below 0")
    if len(sizes) and int(sizes.max(initial=0)) > len(flat):
        raise InputError(f"{shapes} of {what} has a size beyond its {len(flat)} values")
    counts = sizes.astype(np.int64).prod(axis=1)
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    if total != len(flat):
        raise InputError(
            f"{shapes} of {what} tells of {total} values, and {values} has {len(flat)}"
        )
    return [
        flat[end - count : end].reshape(own).tolist()
        for end, count, own in zip(ends, counts, sizes.tolist(), strict=True)
    ]
