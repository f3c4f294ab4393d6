"""Texts as Python has them: ``text[::-1]`` in place of a list of characters that is joined again.

A solver walks over characters, and most of what it does to a list of them it may do to the text
itself. Where it does nothing else, the text stays one; what is joined is written as a text.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import reduce
from typing import TypeVar

from .python import built

_TAKES_ANY = frozenset(
    ["len", "set", "sorted", "zip", "enumerate", "min", "max", "reversed", "list", "tuple"]
)
_LIBRARY = frozenset(["itertools", "collections", "dict"])
_METHODS = frozenset(["count", "index"])

Node = TypeVar("Node", bound=ast.stmt)


def as_texts(
    statements: Sequence[Node], ports: Collection[str]
) -> tuple[list[Node], frozenset[str]]:
    """The statements, which are changed, and those of the ``ports`` that can stay texts in them."""
    texts = _texts(statements, ports)
    writer = _Joined(texts)
    return [writer.visit(one) for one in statements], texts & frozenset(ports)


def as_text(tree: ast.expr) -> ast.expr:
    """An expression for readers, to whom what has a name is a text already."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    joined: ast.expr = _Joined(names).visit(tree)
    return joined


def _texts(statements: Sequence[ast.stmt], ports: Collection[str]) -> frozenset[str]:
    """Names of texts that nothing is done to but what a text takes as a list of characters does."""
    every = [node for one in statements for node in ast.walk(one)]
    stored = Counter(name for node in every for name in _bound(node))
    names = frozenset(ports) - set(stored)
    pairs = [(node, up) for up in every for node in _parts(up)]
    while True:
        given = {name: node for node, up in pairs for name in _assigned(node, up, names)}
        texts = names | {name for name in given if stored[name] == 1}
        wrong = [
            node
            for node, up in pairs
            if is_text(node, texts) and not is_text(up, texts) and not _is_safe(node, up, texts)
        ]
        if not wrong:
            return texts
        while wrong:  # what a name was made of is no text either
            sources = {one.id for one in ast.walk(wrong.pop()) if isinstance(one, ast.Name)}
            names -= sources
            wrong += [given.pop(name) for name in sources & set(given)]


def _parts(node: ast.AST) -> Iterator[ast.expr]:
    return (one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr))


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that are bound there."""
    match node:
        case ast.Assign(targets):
            yield from (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
        case ast.For(target) | ast.comprehension(target) | ast.AugAssign(target):
            yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))
        case ast.NamedExpr(ast.Name(name), _):
            yield name


def _assigned(node: ast.expr, up: ast.AST, names: frozenset[str]) -> Iterator[str]:
    """The name that a text is given."""
    match up:
        case ast.Assign([ast.Name(name)], value) if value is node and is_text(node, names):
            yield name


def is_text(node: ast.AST, names: Collection[str]) -> bool:
    """Whether it is a text, where these names are texts."""
    match node:
        case ast.Name(name):
            return name in names
        case ast.Subscript(value, ast.Slice()):
            return is_text(value, names)
        case ast.BinOp(ast.List(parts), ast.Add(), rest) | ast.BinOp(
            rest, ast.Add(), ast.List(parts)
        ):
            return is_text(rest, names) and all(is_plain(part, names) for part in parts)
        case ast.BinOp(left, ast.Add(), right) | ast.IfExp(_, left, right):
            return is_text(left, names) and is_text(right, names)
        case _:
            return False


def is_plain(part: ast.expr, names: Collection[str]) -> bool:
    """Whether it is one character, or a text of which each is one."""
    match part:
        case ast.Starred(value):
            return is_text(value, names)
        case ast.Name() | ast.Constant(str()) | ast.Subscript():
            return True
        case _:
            return False


def _is_known(node: ast.expr) -> bool:
    """Whether it is a list of characters that are known."""
    return isinstance(node, ast.List) and all(
        isinstance(part, ast.Constant) and isinstance(part.value, str) for part in node.elts
    )


def _is_safe(node: ast.expr, up: ast.AST, names: Collection[str]) -> bool:
    """Whether a text does there what a list of its characters does."""
    match up:
        case ast.comprehension() | ast.For() | ast.Starred() | ast.If():
            return True
        case ast.UnaryOp(ast.Not(), _):
            return True
        case ast.IfExp(test, _, _):
            return test is node
        case ast.Assign([ast.Name(name)], _):
            return name in names
        case ast.Subscript(_, index):
            return not isinstance(index, ast.Slice)
        case ast.Attribute(_, name):
            return name in _METHODS
        case ast.Call(ast.Name(name), _):
            return name in _TAKES_ANY
        case ast.Call(ast.Attribute(ast.Name(module), _), _):
            return module in _LIBRARY
        case ast.Call(ast.Attribute(ast.Constant(), "join"), _):
            return True
        case ast.Compare(left, [ast.Eq() | ast.NotEq()], [right]):
            return all(is_text(x, names) or _is_known(x) for x in (left, right))
        case ast.Compare(_, [ast.In() | ast.NotIn()], [right]):
            return right is node
        case _:
            return False


class _Joined(ast.NodeTransformer):
    """Writes what is joined as a text."""

    def __init__(self, texts: Collection[str]) -> None:
        self.texts = texts

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(ast.Attribute(ast.Constant(""), "join"), [characters], []):
                made = self.text(characters)
                return self.generic_visit(made) if isinstance(made, ast.Call) else self.visit(made)
            case ast.Call(
                ast.Name("next"),
                [
                    ast.GeneratorExp(
                        ast.Name(k),
                        [
                            ast.comprehension(
                                ast.Tuple([ast.Name(place), ast.Name(x)]),
                                ast.Call(ast.Name("enumerate"), [text]),
                                [
                                    ast.Compare(
                                        ast.Name(one), [ast.Eq()], [ast.Constant(str()) as c]
                                    )
                                ],
                            )
                        ],
                    ),
                    ast.UnaryOp(ast.USub(), ast.Constant(1)) | ast.Constant(-1),
                ],
            ) if k == place and x == one and is_text(text, self.texts):
                return built("{}.find({})", text, c)
            case _:
                return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if is_text(node, self.texts):
            both = (node.left, node.right)
            left, right = (_added(x.elts) if isinstance(x, ast.List) else x for x in both)
            node = ast.BinOp(left, node.op, right)
        return self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        match node:
            case ast.Compare(left, [ast.Eq() | ast.NotEq()], [right]):
                sides = [left, right]
                if any(is_text(one, self.texts) for one in sides):
                    joined = [_added(x.elts) if isinstance(x, ast.List) else x for x in sides]
                    node = ast.Compare(joined[0], node.ops, joined[1:])
        return self.generic_visit(node)

    def text(self, characters: ast.expr) -> ast.expr:
        """The text of these characters."""
        if is_text(characters, self.texts):
            return characters
        match characters:
            case ast.IfExp(test, then, otherwise):
                return ast.IfExp(test, self.text(then), self.text(otherwise))
            case ast.List(parts) | ast.Tuple(parts) if self.are_plain(parts):
                return _added(parts)
            case ast.GeneratorExp(
                ast.Name(part), [*outer, ast.comprehension(ast.Name(name), pieces, [], 0)]
            ) if part == name and outer and self.are_pieces(pieces):
                return built('"".join({})', ast.GeneratorExp(self.text(pieces), outer))
            case ast.Call(ast.Name("list"), [inner], []):
                return built('"".join({})', inner)
            case _:
                return built('"".join({})', characters)

    def are_pieces(self, pieces: ast.expr) -> bool:
        match pieces:
            case ast.IfExp(_, then, otherwise):
                return self.are_pieces(then) and self.are_pieces(otherwise)
            case ast.List(parts) | ast.Tuple(parts):
                return self.are_plain(parts)
            case _:
                return False

    def are_plain(self, parts: Sequence[ast.expr]) -> bool:
        return all(is_plain(part, self.texts) for part in parts)


def _added(parts: Sequence[ast.expr]) -> ast.expr:
    """``a + "bc"``: characters that are known stand together."""
    joined: list[ast.expr] = []
    for part in parts:
        part = part.value if isinstance(part, ast.Starred) else part
        match (joined[-1:], part):
            case ([ast.Constant(str(left))], ast.Constant(str(right))):
                joined[-1] = ast.Constant(left + right)
            case _:
                joined.append(part)
    if not joined:
        return ast.Constant("")
    return reduce(lambda a, b: ast.BinOp(a, ast.Add(), b), joined)
