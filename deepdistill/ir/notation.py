"""How an operation is written in Python: between its operands, as a function, or in a pattern.

Parentheses are no concern of a notation: what is written is read as a tree.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias, assert_never


@dataclass(frozen=True, slots=True)
class Infix:
    """``a + b + c``: a symbol between the operands."""

    symbol: str


@dataclass(frozen=True, slots=True)
class Function:
    """``max(a, b)``, ``[a, b]``: the operands in brackets."""

    name: str
    brackets: str = "()"


@dataclass(frozen=True, slots=True)
class Pattern:
    """``{}.count({})``: a text in which each operand stands once, in order."""

    text: str


Notation: TypeAlias = Infix | Function | Pattern


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
