"""Expressions with what they give on the examples: equal values are one thing, said shortest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from ....ir.code_length import constant_bits, operation_bits
from ....ir.expr import Call, Const, Expr

Kind: TypeAlias = Literal["number", "list", "rows"]
Sort: TypeAlias = Literal["", "place", "element", "truth", "letter"]
"""What a number, or the numbers of a list, are: a place or a count, an element or a sum of them, a
truth, or a letter, which may be equal to others and is not added; constants and what is not known
may be any."""
Values: TypeAlias = tuple[Any, ...]
"""One an example: an integer, a tuple of them or a tuple of tuples; None where there is none."""
Numbers: TypeAlias = npt.NDArray[np.float64]

_HITS = 40

LARGEST = 2.0**50
"""Beyond this floats do not tell integers apart; such numbers are compared as they are alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Valued:
    """An expression, how many bits it takes about, and its value on each example."""

    expr: Expr
    kind: Kind
    bits: float
    values: Values
    sort: Sort = ""

    @property
    def is_everywhere(self) -> bool:
        return None not in self.values


def frozen(value: Any) -> Any:
    """A value with tuples for lists, to be compared and looked up."""
    if not isinstance(value, list | tuple):
        return value
    deep = value and isinstance(value[0], list | tuple)
    return tuple(map(frozen, value)) if deep else tuple(value)


def bits_of(op: str, args: Iterable[float]) -> float:
    """Bits of an operation with arguments of these bits."""
    own = list(args)
    return operation_bits(op, len(own)) + sum(own)


def constant(value: int, examples: int) -> Valued:
    """A number that is the same in all examples."""
    return Valued(Const(value), "number", 2 + constant_bits(value), (value,) * examples)


def alike(one: Valued, other: Valued) -> bool:
    """Whether two numbers are of one sort, as what is compared or added should be."""
    return one.sort == other.sort or not one.sort or not other.sort


def applied(op: str, kind: Kind, args: tuple[Valued, ...], values: Values) -> Valued:
    """An operation of expressions, with the values it was found to have."""
    expr = Call(op, tuple(arg.expr for arg in args))
    sort: Sort = next((arg.sort for arg in args if arg.sort), "")
    return Valued(expr, kind, bits_of(op, (arg.bits for arg in args)), values, sort)


class KnownValues:
    """The shortest expression for each value that was seen, by kind, in the order of their bits."""

    def __init__(self, kind: Kind = "number", goal: Values | None = None) -> None:
        self.hits: list[Valued] = []  # all that were the goal
        self._goal = (kind, goal)
        self._found: dict[Kind, dict[Values, Valued]] = {"number": {}, "list": {}, "rows": {}}

    def add(self, one: Valued) -> bool:
        """Whether it is new, or shorter than what had these values."""
        if (one.kind, one.values) == self._goal and len(self.hits) < _HITS:
            self.hits.append(one)
        own = self._found[one.kind]
        other = own.get(one.values)
        if other is not None and other.bits <= one.bits:
            return False
        own[one.values] = one
        return True

    def get(self, kind: Kind, values: Values) -> Valued | None:
        return self._found[kind].get(values)

    def of(self, kind: Kind) -> list[Valued]:
        return sorted(self._found[kind].values(), key=lambda one: one.bits)

    def __iter__(self) -> Iterator[Valued]:
        for own in self._found.values():
            yield from own.values()

    def __len__(self) -> int:
        return sum(map(len, self._found.values()))


def matrix(numbers: list[Valued]) -> Numbers:
    """A row for each expression, NaN where it has no value or one beyond ``LARGEST``."""
    rows = [
        [np.nan if v is None or abs(v) > LARGEST else float(v) for v in one.values]
        for one in numbers
    ]
    width = len(numbers[0].values) if numbers else 0
    return np.array(rows, dtype=np.float64).reshape(len(rows), width)


def whole(row: Numbers) -> Values:
    """The values that a row of numbers stands for."""
    return tuple(None if v != v or abs(v) > LARGEST else int(v) for v in row.tolist())
