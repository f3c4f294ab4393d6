"""Expression → text that is only read: as Python writes it, without what only Python needs.

An operation is told by the column ``words`` of its row in :data:`ops.OPERATIONS`. Places on a
wrapping axis are taken modulo its size, and beyond a border everything is 0, without a word here.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ...ir.expr import Const, Expr, If, Read, Sum
from ...ir.notation import Notation
from ...ir.ops import OPERATIONS
from ...ir.program import Program
from ..lower import Lowering
from ..neighbours import sum_tree
from ..python import built


class Words(Lowering):
    """Lowers to what a reader is told; a name in a tree may be a text that Python cannot say."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.looks_beyond = False  # whether a place was told that may lie beyond a border

    def notation(self, op: str) -> Notation:
        row = OPERATIONS[op]
        return row.words or row.python

    def condition(self, expr: Expr) -> str:
        """The text of a condition that stands after ``if``."""
        text = self.test(expr)
        return f"({text})" if isinstance(expr, If) else text

    def tree(self, expr: Expr, truth: bool = False) -> ast.expr:
        match expr:
            case Sum() if expr not in self.known:
                return sum_tree(self, expr, slices=False)
            case _:
                return super().tree(expr, truth)

    def table(self, expr: Expr, name: str) -> ast.expr:
        return self.tree(expr)

    def read(self, read: Read, truth: bool) -> ast.expr:
        conditions = self.conditions(read.port, read.index)
        self.looks_beyond |= bool(conditions)
        return built("0") if conditions is None else self.element(read)

    def wrapped(self, array: str, axis: int, expr: Expr) -> ast.expr:
        return self.place(expr, self.length(array, axis))


def listed(words: Sequence[str], last: str = "and") -> str:
    """``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def values_listed(value: Const) -> str:
    """``1``, or ``1, 2 or 3`` of a set of values."""
    values = value.value if isinstance(value.value, tuple) else (value.value,)
    return listed([str(one) for one in values], "or")
