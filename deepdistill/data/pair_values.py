"""Single values as people write them: a number, a text, a list or a picture, read strictly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from ..ir.errors import InputError
from .examples import LARGEST

MOST_VALUES = 2**24
"""In all pairs together."""

Kind: TypeAlias = Literal["number", "text", "list", "picture"]
_WORDS = {
    "number": "a number",
    "text": "a text",
    "list": "a list",
    "picture": "a list of rows",
    "empty": "an empty list",
}


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A value and its kind; ``empty`` is a list of nothing, which may be a picture as well.

    A ``truth`` is a number, 0 or 1, that was written True or False.
    """

    kind: Literal["number", "text", "list", "picture", "empty"]
    content: Any
    truth: bool = False

    @property
    def count(self) -> int:
        """How many numbers or characters it holds."""
        match self.kind:
            case "number":
                return 1
            case "picture":
                return len(self.content) * (1 + len(self.content[0]))
            case _:
                return len(self.content)

    def numbers(self) -> Iterator[int]:
        """Its numbers one by one."""
        match self.kind:
            case "number":
                yield self.content
            case "picture":
                for row in self.content:
                    yield from row
            case "list":
                yield from self.content
            case _:
                return


def kind_of_all(values: Sequence[Value], what: str, place: Callable[[int], str]) -> Kind:
    """The kind that all values have; :class:`InputError` naming two that differ."""
    first, kind = 0, values[0].kind
    for k, value in enumerate(values):
        if kind == "empty" and value.kind in ("list", "picture"):
            first, kind = k, value.kind
        fits = value.kind == kind or (value.kind == "empty" and kind in ("list", "picture"))
        if not fits:
            raise InputError(
                f"{what} is {_WORDS[value.kind]} in {place(k)} and {_WORDS[kind]} in "
                f"{place(first)}: give one kind in all pairs"
            )
    return "list" if kind == "empty" else kind


def read_value(value: Any, what: str) -> Value:
    """A value as plain integers or text; :class:`InputError` with a sentence otherwise.

    Arrays of any library with ``tolist`` are taken, truths are 0 and 1, floats must be whole.
    """
    if isinstance(value, np.ndarray) and value.dtype.kind not in "biufUO":
        raise InputError(f"{what} is an array of {value.dtype}: give integers or texts")
    if not isinstance(value, list | tuple | str) and callable(getattr(value, "tolist", None)):
        value = value.tolist()
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise InputError(
                f"{what} is a text with half a character in it: write it anew"
            ) from None
        return Value("text", value)
    if not _is_list(value):
        return Value("number", _integer(value, what), isinstance(value, bool | np.bool_))
    items = [item.tolist() if isinstance(item, np.ndarray) else item for item in value]
    if not items:
        return Value("empty", [])
    if not any(map(_is_list, items)):
        return Value("list", _integers(items, what))
    if not all(map(_is_list, items)):
        raise InputError(f"{what} has both numbers and lists in it: give a list or rows of numbers")
    if len({len(row) for row in items}) > 1:
        short, long = sorted({len(row) for row in items})[0], max(len(row) for row in items)
        raise InputError(
            f"{what} is ragged: its rows have {short} to {long} numbers, and a picture has rows "
            "of one length"
        )
    return Value("picture", [_integers(list(row), what) for row in items])


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence | np.ndarray) and not isinstance(value, str | bytes)


def _integers(items: list[Any], what: str) -> list[int]:
    if all(type(item) is int for item in items):
        if max(map(abs, items), default=0) > LARGEST:
            raise InputError(f"{what} contains values beyond 2^31: give smaller integers")
        return items
    if all(isinstance(item, str) for item in items):
        letters = all(len(item) == 1 for item in items)
        remedy = f"give one text, {''.join(items)!r:.40}" if letters else "give numbers for them"
        raise InputError(f"{what} is a list of texts: {remedy}")
    if any(map(_is_list, items)):
        raise InputError(f"{what} is nested more deeply than rows of numbers: give rows at most")
    return [_integer(item, what) for item in items]


def _integer(value: Any, what: str) -> int:
    """One number, which has to be whole."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None:
        raise InputError(f"{what} is missing or holds nothing: give a number, a text or a list")
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise InputError(f"{what} contains NaN or infinity: give integers")
        if value != int(value):
            raise InputError(
                f"{what} contains {value!r:.30}, which is not whole: give integers, scaled and "
                "rounded, or a table to `deepdistill fit`"
            )
    elif not isinstance(value, int):
        raise InputError(
            f"{what} holds an object of {type(value).__name__}: give numbers, texts, lists or rows "
            "of integers"
        )
    if abs(value) > LARGEST:
        raise InputError(f"{what} contains values beyond 2^31: give smaller integers")
    return int(value)
