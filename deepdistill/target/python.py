"""Python's own syntax trees: built from templates, written with ``ast.unparse``.

A tree knows no parentheses; :func:`written` sets them where Python or a reader wants them. What
``ast.unparse`` writes differently from one Python to the next, or worse than a person would, is
handed to it as a name that is the text wanted: operands of ``and`` and ``or``, the lone generator
of a call, pairs on either side of ``=``.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, TypeAlias

Part: TypeAlias = ast.expr | str | int | list[ast.stmt]
"""What is put into a template: a tree, Python's text of an expression, or the lines of a block."""

# Operators that sit on one another only in parentheses, though Python needs none.
_MIXED: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.BitOr: (ast.BitXor, ast.BitAnd),
    ast.BitXor: (ast.BitAnd,),
}


def built(template: str, *parts: Part) -> ast.expr:
    """The expression that a template gives with these parts for its ``{}``."""
    (statement,) = block(template, *parts)
    assert isinstance(statement, ast.Expr)
    return statement.value


def block(template: str, *parts: Part) -> list[ast.stmt]:
    """The statements of a template; a list of statements stands for a line ``{}`` of it."""
    texts = [
        f"({part})" if isinstance(part, str | int) else f"_{k}" for k, part in enumerate(parts)
    ]
    module: ast.Module = _Filled(parts).visit(ast.parse(template.format(*texts)))
    return module.body


class _Filled(ast.NodeTransformer):
    """Puts parts in place of the names ``_0``, ``_1``, …, which no program has."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts

    def visit_Name(self, node: ast.Name) -> Any:
        return self.parts[int(node.id[1:])] if node.id[1:].isdigit() and node.id[0] == "_" else node

    def visit_Expr(self, node: ast.Expr) -> Any:
        self.generic_visit(node)
        return node.value if isinstance(node.value, list) else node


def generator(
    element: ast.expr, loops: Sequence[tuple[str, ast.expr]], where: ast.expr | None = None
) -> ast.expr:
    """``element for target in iterable … if where``."""
    parts = [element, *(part for loop in loops for part in loop), *([where] if where else [])]
    return built("({}" + " for {} in {}" * len(loops) + (" if {})" if where else ")"), *parts)


def every(conditions: Sequence[ast.expr]) -> ast.expr:
    """``a and b and c`` of one or more conditions."""
    return built(" and ".join(["{}"] * len(conditions)), *conditions)


def names_in(*trees: ast.AST) -> set[str]:
    """Every name in some trees."""
    return {e.id for tree in trees for e in ast.walk(tree) if isinstance(e, ast.Name)}


def written(tree: ast.AST) -> str:
    """The text of an expression or of a statement."""
    return ast.unparse(_Plain().visit(deepcopy(tree)))


def lines(statements: Sequence[ast.stmt]) -> list[str]:
    """The lines of a block."""
    return written(ast.Module(list(statements), [])).splitlines()


class _Plain(ast.NodeTransformer):
    """Puts names with the text wanted in place of what ``ast.unparse`` would write otherwise."""

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        node.values = [_operand(value, ast.BoolOp | ast.IfExp) for value in node.values]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        mixed = _MIXED.get(type(node.op), ())
        for side in ("left", "right"):
            part = getattr(node, side)
            if isinstance(part, ast.BinOp) and isinstance(part.op, mixed):
                setattr(node, side, _operand(part, ast.BinOp))
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(_, [ast.GeneratorExp() as only], []):
                return ast.Name(ast.unparse(node.func) + ast.unparse(only))
            case _:
                return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        self.generic_visit(node)
        node.targets = [_bare(target) for target in node.targets]
        node.value = _bare(node.value)
        return node


def _operand(tree: ast.expr, loose: Any) -> ast.expr:
    text = ast.unparse(tree)
    return ast.Name(f"({text})" if isinstance(tree, loose) else text)


def _bare(tree: ast.expr) -> ast.expr:
    if not isinstance(tree, ast.Tuple) or len(tree.elts) < 2:
        return tree
    return ast.Name(", ".join(map(ast.unparse, tree.elts)))
