"""Arguments and answers of any lengths: their sizes, whether two are the same, how they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ...ir.alphabet import coded, written
from ...ir.types import Port

_BEYOND = 2**21  # more than there are characters
DESCRIBED = 400
"""Cells of the largest input that a counterexample shows whole."""

Case: TypeAlias = Mapping[str, Any]
"""The arguments as users write them, by name."""


@dataclass(frozen=True, slots=True)
class PairDifference:
    """An input, by argument, on which two functions answer differently."""

    inputs: Case
    expected: Any
    got: Any

    @property
    def cells(self) -> int:
        return sum(map(cells_in, self.inputs.values()))

    def as_json(self) -> dict[str, Any]:
        """Plain data for a certificate; only the lengths where the input is long."""
        if self.cells <= DESCRIBED:
            return {"inputs": dict(self.inputs), "expected": self.expected, "got": self.got}
        return {
            "cells": {name: cells_in(value) for name, value in self.inputs.items()},
            "expected": f"{self.expected!r:.200}",
            "got": f"{self.got!r:.200}",
        }


def differ(one: Any, other: Any) -> int:
    return int(not same_answers(one, other))


def same_answers(one: Any, other: Any) -> bool:
    """Whether two answers are the same, the kinds of their numbers included."""
    if isinstance(one, str) and isinstance(other, str) and one == other:
        return not one.startswith("raised ")
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_answers, one, other))
    return type(one) is type(other) and bool(one == other)


def is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(is_plain, value))
    return type(value) in (int, bool, str)


def plain_value(value: Any) -> Any:
    """The argument of a case, which may come from a certificate as an array."""
    return value.tolist() if hasattr(value, "tolist") else value


@dataclass(frozen=True, slots=True)
class CaseCodes:
    """The numbers of one case; characters of no alphabet have ones beyond all alphabets."""

    codes: Mapping[str, Any]
    others: Mapping[int, str]

    def written(self, port: Port, value: Any) -> Any:
        """An answer as users write it."""
        if not self.others or not port.is_text:
            return written(port, value)
        if not isinstance(value, list):
            return self.others.get(value) or written(port, value)
        return "".join(self.others.get(code) or str(written(port, [code])) for code in value)


def case_codes(ports: Sequence[Port], case: Case, open_texts: Sequence[str] = ()) -> CaseCodes:
    """The numbers of a case; the characters of open texts may be any."""
    others: dict[str, int] = {}
    codes: dict[str, Any] = {}
    for port in ports:
        value = plain_value(case[port.name])
        numbers = coded(port, value)
        if port.name in open_texts and isinstance(value, str):
            for place, letter in enumerate(value):
                if numbers[place] < 0:
                    numbers[place] = others.setdefault(letter, _BEYOND + len(others))
        codes[port.name] = numbers
    return CaseCodes(codes, {code: letter for letter, code in others.items()})


def copied(value: Any) -> Any:
    return [copied(part) for part in value] if isinstance(value, list) else value


def cells_in(value: Any) -> int:
    """Numbers and characters in an argument."""
    if isinstance(value, list):
        return sum(map(cells_in, value))
    return len(value) if isinstance(value, str) else 1


def size_of(value: Any, axes: int) -> tuple[int, ...]:
    """The size of an argument along each of its axes."""
    if axes == 0:
        return ()
    return (len(value), len(value[0]) if len(value) else 0) if axes == 2 else (len(value),)


def numbers_in(value: Any, end: int | None) -> Iterator[int]:
    if not isinstance(value, list):
        yield value
        return
    for part in value:
        yield from numbers_in(part, end)
    if end is not None:
        yield end
