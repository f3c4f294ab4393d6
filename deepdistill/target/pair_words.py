"""Lowering and words for programs of inputs of any lengths, each of which has its own."""

from __future__ import annotations

import ast

from ..ir.expr import Call, Expr, If, Var
from ..ir.ops import OPERATIONS
from .lower import Lowering
from .python import built
from .spelt import is_literal
from .surroundings import Surroundings
from .words.nouns import Nouns

_TRUE, _FALSE = Var("True"), Var("False")


class OwnSizes(Surroundings):
    """The surroundings in a program whose inputs have sizes of their own, and symbols."""

    own_sizes = True

    def is_literal(self, name: str) -> bool:
        return is_literal(name)


class PairLowering(OwnSizes, Lowering):
    """Lowers the expressions of one such program."""

    def tree(self, expr: Expr, truth: bool = False) -> ast.expr:
        match expr:
            case Call("int", (arg,)) if not self.may_be_bool(arg) and expr not in self.known:
                return built("int({})", self.tree(arg))  # of a digit, of which each is true
            case If(condition, then, otherwise) if (then, otherwise) == (_TRUE, _FALSE):
                tree = self.tree(condition, truth=True)
                return tree if _is_bool(condition) else built("bool({})", tree)
            case _:
                return super().tree(expr, truth)


class PairNouns(OwnSizes, Nouns):
    """Tells the expressions of one such program."""


def _is_bool(expr: Expr) -> bool:
    """Whether Python gives True or False for certain."""
    match expr:
        case Call("and" | "or", args):
            return all(map(_is_bool, args))
        case Call(op):
            return OPERATIONS[op].truth
        case _:
            return False
