"""Python's own syntax trees: built from templates, written with ``ast.unparse``.

A tree knows no parentheses; :func:`written` sets them where Python or a reader wants them. What
``ast.unparse`` writes differently from one Python to the next, or worse than a person would, is
handed to it as a name that is the text wanted: operands of ``and`` and ``or``, the lone generator
of a call, pairs on either side of ``=``.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

Part: TypeAlias = ast.expr | str | int | list[ast.stmt]
"""What is put into a template: a tree, Python's text of an expression, or the lines of a block."""

_SHORT = 200  # characters of a template that is parsed but once

# Operators that follow one another without parentheses.
_SAME = (
    (ast.Add, ast.Sub),
    (ast.Mult, ast.Div, ast.FloorDiv, ast.Mod),
    (ast.BitOr,),
    (ast.BitXor,),
    (ast.BitAnd,),
)
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
    text = template.format(*texts)
    return [*_filled(_parsed(text) if len(text) < _SHORT else ast.parse(text).body, parts)]


@lru_cache(maxsize=4096)
def _parsed(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


def _filled(node: Any, parts: Sequence[Part]) -> Any:
    """Parts in place of the names ``_0``, ``_1``, …, which no program has.

    A part is put there itself, not a copy; what holds none is the template's own, and not to be
    changed.
    """
    match node:
        case ast.Name(id=name):
            return parts[int(name[1:])] if name[0] == "_" and name[1:].isdigit() else node
        case list():
            made: list[Any] = []
            for one in node:
                filled = _filled(one, parts)
                made += filled if isinstance(filled, list) else [filled]
            return made
        case ast.AST():
            fields = [getattr(node, name, None) for name in node._fields]
            replaced = [_filled(one, parts) for one in fields]
            if isinstance(node, ast.Expr) and isinstance(replaced[0], list):
                return replaced[0]
            return node if replaced == fields else type(node)(*replaced)
        case _:
            return node


def generator(
    element: ast.expr, loops: Sequence[tuple[str, ast.expr]], where: ast.expr | None = None
) -> ast.expr:
    """``element for target in iterable … if where``."""
    parts = [element, *(part for loop in loops for part in loop), *([where] if where else [])]
    return built("({}" + " for {} in {}" * len(loops) + (" if {})" if where else ")"), *parts)


def listed(
    element: ast.expr, loops: Sequence[tuple[str, ast.expr]], where: ast.expr | None = None
) -> ast.expr:
    """``[element for target in iterable … if where]``."""
    made = generator(element, loops, where)
    assert isinstance(made, ast.GeneratorExp)
    return ast.ListComp(made.elt, made.generators)


def every(conditions: Sequence[ast.expr]) -> ast.expr:
    """``a and b and c`` of one or more conditions."""
    return built(" and ".join(["{}"] * len(conditions)), *conditions)


def names_in(*trees: ast.AST) -> set[str]:
    """Every name in some trees."""
    walked = ([tree] if isinstance(tree, ast.Name) else ast.walk(tree) for tree in trees)
    return {e.id for nodes in walked for e in nodes if isinstance(e, ast.Name)}


def written(tree: ast.AST) -> str:
    """The text of an expression or of a statement."""
    return ast.unparse(_plain(tree))


def nodes(text: str) -> int:
    """The size of an expression: nodes of Python's ``ast``, counted as ``ast.walk`` does."""
    return sum(1 for _ in ast.walk(ast.parse(text, mode="eval").body))


def lines(statements: Sequence[ast.stmt]) -> list[str]:
    """The lines of a block."""
    return written(ast.Module(list(statements), [])).splitlines()


def statement_nodes(statements: Sequence[ast.stmt]) -> int:
    """The size of a block: its nodes of Python's ``ast``, written and read again."""
    return sum(1 for _ in ast.walk(ast.parse("\n".join(lines(statements))))) - 1


def _plain(node: Any) -> Any:
    """A copy with names of the text wanted where ``ast.unparse`` would write something else."""
    match node:
        case list():
            return [_plain(part) for part in node]
        case ast.BoolOp(op, values):
            return ast.BoolOp(op, [_operand(value, ast.BoolOp | ast.IfExp) for value in values])
        case ast.BinOp():
            return _chain(node)
        case ast.IfExp():
            return _choices(node)
        case ast.Call(function, [ast.GeneratorExp() as only], []):
            return ast.Name(written(function) + written(only))
        case ast.Assign(targets, value):
            return ast.Assign([_bare(target) for target in targets], _bare(value), lineno=0)
        case ast.AST(_fields=[_, *_]):
            line = {"lineno": 0} if isinstance(node, ast.stmt) else {}  # unparse looks for it
            return type(node)(*[_plain(getattr(node, name, None)) for name in node._fields], **line)
        case _:
            return node


def _operand(tree: ast.expr, loose: Any) -> ast.expr:
    text = written(tree)
    return ast.Name(f"({text})" if isinstance(tree, loose) else text)


def _chain(node: ast.BinOp) -> ast.expr:
    """``a + b - c``, written from the left: a sum of hundreds of terms is a deep tree."""
    same = next((group for group in _SAME if isinstance(node.op, group)), ())
    steps = [node]
    while isinstance(steps[-1].left, ast.BinOp) and isinstance(steps[-1].left.op, same):
        steps.append(steps[-1].left)
    left = _side(steps[-1].left, node.op)
    for step in reversed(steps):
        left = ast.BinOp(left, step.op, _side(step.right, step.op))
        left = left if step is node else ast.Name(ast.unparse(left))
    return left


def _side(tree: ast.expr, op: ast.operator) -> ast.expr:
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, _MIXED.get(type(op), ())):
        return _operand(tree, ast.BinOp)
    plain: ast.expr = _plain(tree)
    return plain


def _choices(node: ast.IfExp) -> ast.expr:
    """``a if b else c if d else e``, written from the right."""
    steps = [node]
    while isinstance(steps[-1].orelse, ast.IfExp):
        steps.append(steps[-1].orelse)
    rest: ast.expr = _plain(steps[-1].orelse)
    for step in reversed(steps):
        rest = ast.IfExp(_plain(step.test), _plain(step.body), rest)
        rest = rest if step is node else ast.Name(ast.unparse(rest))
    return rest


def _bare(tree: ast.expr) -> ast.expr:
    if not isinstance(tree, ast.Tuple) or len(tree.elts) < 2:
        plain: ast.expr = _plain(tree)
        return plain
    return ast.Name(", ".join(map(written, tree.elts)))
