"""How an operation is written in Python: between its operands, as a function, or in a pattern."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import TypeAlias, assert_never


class Level(IntEnum):
    """How tightly an operator binds; ``or`` binds tighter than ``if``, and so on."""

    IF = 1
    OR = 2
    AND = 3
    NOT = 4
    COMPARE = 5
    BITOR = 6
    BITXOR = 7
    BITAND = 8
    ADD = 9
    MUL = 10
    UNARY = 11
    ATOM = 12


@dataclass(frozen=True, slots=True)
class Infix:
    """``a + b + c``: a symbol between the operands."""

    symbol: str
    level: Level

    @property
    def operand(self) -> Level:
        """How tightly the first operand has to bind."""
        match self.level:
            case Level.COMPARE:  # Python chains them: an operand that compares needs parentheses
                return Level.BITOR
            case Level.UNARY:  # a power: -2 ** x is -(2 ** x)
                return Level.ATOM
            case level:
                return level

    @property
    def later(self) -> Level:
        """How tightly the operands after the first have to bind: ``a * (b * c)``."""
        return Level.UNARY if self.level == Level.MUL else self.operand


@dataclass(frozen=True, slots=True)
class Function:
    """``max(a, b)``, ``[a, b]``: the operands in brackets."""

    name: str
    brackets: str = "()"

    @property
    def level(self) -> Level:
        return Level.ATOM


@dataclass(frozen=True, slots=True)
class Pattern:
    """``{}.count({})``: a text in which each operand stands once, in order.

    ``operands`` tells how tightly each of them has to bind there.
    """

    text: str
    operands: tuple[Level, ...]
    level: Level = Level.ATOM


Notation: TypeAlias = Infix | Function | Pattern


def operand_levels(notation: Notation, count: int) -> tuple[Level, ...]:
    """How tightly each of so many operands has to bind."""
    match notation:
        case Infix():
            return (notation.operand, *[notation.later] * (count - 1))[:count]
        case Function():
            return (Level.IF,) * count
        case Pattern(_, operands):
            return operands
        case _:
            assert_never(notation)


def written(notation: Notation, operands: Sequence[str]) -> str:
    """The text around operands that bind tightly enough."""
    match notation:
        case Infix(symbol):
            return f" {symbol} ".join(operands)
        case Function(name, brackets):
            return f"{name}{brackets[0]}{', '.join(operands)}{brackets[1]}"
        case Pattern(text):
            return text.format(*operands)
        case _:
            assert_never(notation)


def template(notation: Notation, count: int) -> str:
    """The text around so many operands, each of which is a ``{}``."""
    return written(notation, ["{}"] * count)


@lru_cache(maxsize=1000)
def nodes(notation: Notation, count: int) -> int:
    """How many nodes Python's ``ast`` has for the text, those of its operands left out."""
    tree = ast.parse(written(notation, ["x"] * count), mode="eval")
    return sum(1 for _ in ast.walk(tree)) - 1 - 2 * count  # a name has two: itself, its context
