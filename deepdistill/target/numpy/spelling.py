"""How NumPy spells an operation: its meaning for columns, run on pieces of text.

A row of the operations says what an operation means for NumPy by calling NumPy. Here it is handed
texts in place of columns, and something that writes in place of NumPy: what comes back is the text.
Every text is closed by parentheses; those that are not needed go when the whole line is known.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...ir.ops import OPERATIONS
from ..registry import NotWritten

_OPERATORS = {
    "add": "+", "subtract": "-", "multiply": "*", "floor_divide": "//", "divide": "/", "mod": "%",
    "bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^", "power": "**",
    "logical_and": "&", "logical_or": "|",
    "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=",
    "greater": ">", "greater_equal": ">=",
}  # fmt: skip
"""Functions that have an operator, which on truths is that of bits."""


@dataclass(frozen=True, slots=True, eq=False)
class ColumnText:
    """The text of an expression, on which Python's operators make longer ones."""

    text: str

    def __le__(self, other: ColumnText) -> ColumnText:
        return ColumnText(f"({self.text} <= {other.text})")

    def __and__(self, other: ColumnText) -> ColumnText:
        return ColumnText(f"({self.text} & {other.text})")

    def __invert__(self) -> ColumnText:
        return ColumnText(f"(~{self.text})")

    def __getitem__(self, place: ColumnText) -> ColumnText:
        return ColumnText(f"{self.text}[{place.text}]")

    def __call__(self, *args: ColumnText) -> ColumnText:
        """Of a name of NumPy's: its operator between the arguments, or a call."""
        name = self.text.removeprefix("np.")
        if name == "logical_not":
            return ~args[0]
        if name in _OPERATORS:
            return ColumnText(f"({f' {_OPERATORS[name]} '.join(arg.text for arg in args)})")
        return ColumnText(f"{self.text}({', '.join(arg.text for arg in args)})")


class _Writing:
    """Stands for NumPy: each of its names is a text."""

    def __getattr__(self, name: str) -> ColumnText:
        return ColumnText(f"np.{name}")


def spelt(op: str, args: Sequence[str]) -> str:
    """The text of an operation on columns; :class:`NotWritten` where it has no such meaning."""
    meaning = OPERATIONS[op].columns
    if meaning is None:
        raise NotWritten(f"NumPy has no words for the operation {op!r} of this program")
    column: Any = meaning(_Writing(), *map(ColumnText, args))
    if not isinstance(column, ColumnText):  # a comparison of the text with itself
        raise NotWritten("NumPy has no words for numbers that may be missing")
    return column.text


def plain(text: str) -> str:
    """The text without parentheses that are not needed, and with ``a - b`` for ``a + -b``."""
    return ast.unparse(_Differences().visit(ast.parse(text, mode="eval")))


class _Differences(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.BinOp:
        self.generic_visit(node)
        match node:
            case ast.BinOp(left, ast.Add(), ast.UnaryOp(ast.USub(), right)):
                return ast.BinOp(left, ast.Sub(), right)
            case ast.BinOp(
                left, ast.Add(), ast.BinOp(ast.UnaryOp(ast.USub(), factor), ast.Mult(), right)
            ):
                return ast.BinOp(left, ast.Sub(), ast.BinOp(factor, ast.Mult(), right))
            case _:
                return node


@dataclass(frozen=True, slots=True)
class ArrayText:
    """The text of a value, and the loops ``axes`` along which it varies, outermost first.

    A ``truth`` holds True and False. With ``whole`` further axes of an array follow.
    """

    text: str
    axes: tuple[str, ...] = ()
    truth: bool = False
    whole: bool = False

    def along(self, axes: Sequence[str]) -> str:
        """The text of an array that lines up with others along these axes."""
        count = len(self.axes)
        if count == 0 or tuple(axes[len(axes) - count :]) == self.axes:
            return self.text
        first = next(k for k, axis in enumerate(axes) if axis in self.axes)
        places = [":" if axis in self.axes else "None" for axis in axes[first:]]
        while places[-1:] == [":"]:
            places.pop()
        return f"{self.text}[{', '.join(places)}]"


def together(values: Sequence[ArrayText], order: Sequence[str]) -> tuple[str, ...]:
    """All axes of some values, in the order of the loops."""
    return tuple(axis for axis in order if any(axis in value.axes for value in values))
