"""Python's operators: how tightly they bind, and where a reader wants parentheses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


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


BINARY = {
    "add": Level.ADD,
    "sub": Level.ADD,
    "mul": Level.MUL,
    "div": Level.MUL,
    "floordiv": Level.MUL,
    "mod": Level.MUL,
    "bitand": Level.BITAND,
    "bitor": Level.BITOR,
    "bitxor": Level.BITXOR,
    "and": Level.AND,
    "or": Level.OR,
}
# Operators that sit on one another only in parentheses, though Python needs none.
MIXED = {
    Level.OR: {Level.AND},
    Level.BITOR: {Level.BITXOR, Level.BITAND},
    Level.BITXOR: {Level.BITAND},
}


@dataclass(frozen=True, slots=True)
class Text:
    """Python source of an expression and how tightly its outermost operator binds."""

    source: str
    level: Level = Level.ATOM

    def at(self, level: Level) -> str:
        """The source, in parentheses if it binds less tightly than ``level``."""
        return self.source if self.level >= level else f"({self.source})"
