"""The check of inputs of any lengths: numbers, lists, pictures, texts and names of classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

EMPTY = True  # pictures may be


def _number(name: str, value: Any, low: int, high: int) -> int:
    """The integer that is given; ValueError where it is none from `low` to `high`."""
    if hasattr(value, "tolist"):  # a NumPy array
        value = value.tolist()
    whole = isinstance(value, (int, float)) and low <= value <= high and value == int(value)
    if not whole:
        raise ValueError(f"{name} holds {value!r:.40}, not an integer from {low} to {high}")
    return int(value)


def _numbers(name: str, value: Any, low: int, high: int) -> list[int]:
    """The list of integers that is given, of any length."""
    fast = type(value) is list and set(map(type, value)) == {int}
    if fast and low <= min(value) and max(value) <= high:
        return list(value)
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{name} is {value!r:.40} in place of a list")
    return [_number(name, number, low, high) for number in value]


def _picture(name: str, value: Any, low: int, high: int) -> list[list[int]]:
    """The rows of integers that are given, of any size."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{name} is {value!r:.40} in place of a list of rows")
    rows = [_numbers(name, row, low, high) for row in value]
    if len(set(map(len, rows))) > 1:
        raise ValueError(f"{name} has rows that differ in length")
    if not EMPTY and not (rows and rows[0]):
        raise ValueError(f"{name} is empty")
    return rows


def _letters(name: str, value: Any, alphabet: str) -> str:
    """The text that is given."""
    if not isinstance(value, str):
        raise ValueError(f"{name} is {value!r:.40} in place of a text")
    if other := set(value) - set(alphabet):
        raise ValueError(f"{name} holds {min(other)!r}, which is none of {alphabet!r:.200}")
    return value


def _text(name: str, value: Any) -> str:
    """The text that is given, whatever its characters are."""
    if not isinstance(value, str):
        raise ValueError(f"{name} is {value!r:.40} in place of a text")
    return value


def _symbol(name: str, value: Any, symbols: Sequence[Any]) -> Any:
    """The symbol that is given; ValueError where it is none."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, (bool, int, float, str)) or value not in symbols:
        raise ValueError(f"{name} holds {value!r:.40}, not one of {', '.join(map(str, symbols))}")
    return symbols[symbols.index(value)]


def _symbols(name: str, value: Any, symbols: Sequence[Any]) -> list[Any]:
    """The list of symbols that is given, of any length."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{name} is {value!r:.40} in place of a list")
    return [_symbol(name, symbol, symbols) for symbol in value]


def _cells(name: str, value: Any, symbols: Sequence[Any]) -> list[list[Any]]:
    """The rows of symbols that are given, of any size."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{name} is {value!r:.40} in place of a list of rows")
    rows = [_symbols(name, row, symbols) for row in value]
    if len(set(map(len, rows))) > 1:
        raise ValueError(f"{name} has rows that differ in length")
    if not EMPTY and not (rows and rows[0]):
        raise ValueError(f"{name} is empty")
    return rows
