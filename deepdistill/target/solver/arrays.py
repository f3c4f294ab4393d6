"""The check of arrays of integers: quick where they are plain lists, careful for all else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain as _chain
from typing import Any

NESTED = True  # lists of lists
BY_ROWS = True  # whose rows are long and looked at one after another
ANY_FIXED = True  # some axis has a size of its own
SHAPED = True  # rows have to agree in length
TUPLES = True  # come as often as lists
EMPTY = True  # lists are taken, too
SPELT = True  # numbers stand for states: `values`, in place of `low` and `high`
BYTES = True  # are what all numbers are
FEW = True  # numbers there are to choose from
WIDE = True  # is the range of numbers


def _integers(
    name: str, value: Any, sizes: Sequence[int | None], low: int, high: int, values: Sequence[int]
) -> Any:
    if SPELT:
        """Nested lists of the places of symbols; None in `sizes` stands for any size."""
    else:
        """Nested lists of integers from `low` to `high`; None in `sizes` stands for any size."""
    plain = value.tolist() if hasattr(value, "tolist") else value  # a NumPy array
    if SPELT:
        if not _is_plain(plain, sizes, low, high, values):
            return _converted(name, value, sizes, low, high, values)
        if isinstance(values, range):
            return plain
        return _replaced(plain, {symbol: place for place, symbol in enumerate(values)})
    else:
        if _is_plain(plain, sizes, low, high, values):
            return plain
        return _converted(name, value, sizes, low, high, values)


def _replaced(nested: Any, table: Mapping[int, int] | Sequence[int]) -> Any:
    """Nested lists of what a table has for each number."""
    if not isinstance(nested, list):
        return table[nested]
    if nested and isinstance(nested[0], list):
        return [_replaced(part, table) for part in nested]
    return [table[number] for number in nested]


def _is_plain(
    value: Any, sizes: Sequence[int | None], low: int, high: int, values: Sequence[int]
) -> Any:
    """Whether `value` can stay as it is, lists with nothing but int in them; told quickly."""
    numbers: Any
    if NESTED:
        parts: Any = [value]
        for size in sizes:
            rows = list(parts)
            lengths = (
                set(map(len, rows))
                if (
                    set(map(type, rows)) <= {list, tuple}
                    if TUPLES
                    else set(map(type, rows)) == {list}
                )
                else ()
            )
            if len(lengths) != 1 or (ANY_FIXED and size not in (None, *lengths)):
                return False
            parts = _chain.from_iterable(rows)
        if not BY_ROWS:
            numbers = list(parts)
    else:
        numbers = value if (type(value) in (list, tuple) if TUPLES else type(value) is list) else ()
        if ANY_FIXED and sizes[0] not in (None, len(numbers)):
            return False
    types = list(map(type, parts if NESTED and BY_ROWS else numbers))
    if not 0 < len(types) == types.count(int):
        return False
    if SPELT:
        return all(
            number in values
            for number in (set().union(*rows) if NESTED and BY_ROWS else set(numbers))
        )
    elif BYTES:
        try:
            found: Any = b"".join(map(bytes, rows)) if NESTED and BY_ROWS else bytes(numbers)
            return not found.translate(None, bytes(range(low, high + 1)))
        except ValueError:  # a number that is no byte
            return False
    elif FEW:
        found = set().union(*rows) if NESTED and BY_ROWS else set(numbers)
        return low <= min(found) and max(found) <= high
    elif NESTED and BY_ROWS:
        return low <= min(map(min, rows)) and max(map(max, rows)) <= high
    else:
        return low <= min(numbers) and max(numbers) <= high


def _converted(
    name: str, value: Any, sizes: Sequence[int | None], low: int, high: int, values: Sequence[int]
) -> Any:
    """The same of whatever is as good as lists of integers; ValueError tells what is not."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not sizes:
        if SPELT:
            if not isinstance(value, (int, float)) or value not in values:
                allowed = ", ".join(map(str, values))
                raise ValueError(f"{name} holds {value!r:.40}, not one of {allowed}")
            return int(value) if isinstance(values, range) else values.index(value)
        else:
            if WIDE:
                number = isinstance(value, (int, float)) and low <= value <= high
            if (
                not number or value != int(value)
                if WIDE
                else not isinstance(value, (int, float)) or value not in range(low, high + 1)
            ):
                message = f"{name} holds {value!r:.40}, not an integer from {low} to {high}"
                raise ValueError(message)
            return int(value)
    if not isinstance(value, (list, tuple)) or (not EMPTY and not value):
        if EMPTY:
            raise ValueError(f"{name} holds {value!r:.40} in place of a list")
        else:
            raise ValueError(f"{name} holds {value!r:.40} in place of a non-empty list")
    if ANY_FIXED and sizes[0] not in (None, len(value)):
        raise ValueError(f"{name} has {len(value)} entries where {sizes[0]} are needed")
    if SHAPED:
        parts = [_converted(name, part, sizes[1:], low, high, values) for part in value]
        if sizes[1:] and any(_shape(part) != _shape(parts[0]) for part in parts):
            raise ValueError(f"{name} is ragged: its rows differ in length")
        return parts
    else:
        return [_converted(name, part, sizes[1:], low, high, values) for part in value]


def _shape(nested: Any) -> tuple[int, ...]:
    """The sizes of nested lists, outermost first."""
    return (len(nested), *_shape(nested[0])) if isinstance(nested, list) else ()
