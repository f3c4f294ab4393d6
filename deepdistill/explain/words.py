"""Expressions as a reader writes them, with the numbers of this one input where places are meant.

Unlike the renderer, whose text must run, and :mod:`deepdistill.ir.text`, which leaves nothing to
precedence, this text is only read: an index is the number that it is here, ``cells[2, 3]``.
"""

from __future__ import annotations

import ast
from collections.abc import Set
from typing import assert_never

from ..ir.evaluate import Scope, evaluate_expr
from ..ir.expr import (
    Call,
    Const,
    Expr,
    First,
    If,
    Inside,
    Read,
    Size,
    Sum,
    Total,
    Var,
    children,
    is_truth,
)
from ..ir.notation import template
from ..ir.ops import OPERATIONS
from ..target.lower import signed_terms
from ..target.python import built, written


def as_condition(body: Expr) -> Expr:
    """The condition that a number 0 or 1 stands for, as where truths are counted; else itself."""
    match body:
        case Call("int", (inner,)) if is_truth(inner):
            return inner
        case _:
            return body


class Words:
    """Writes expressions; ``places`` are the variables that stand for an index here."""

    def __init__(self, scope: Scope, places: Set[str]) -> None:
        self.scope = scope
        self.places = places

    def text(self, expr: Expr) -> str:
        return written(self.tree(expr))

    def tree(self, expr: Expr) -> ast.expr:
        """The tree of the text; what Python cannot say is a name in it."""
        match expr:
            case Const(value):
                return built(repr(value))
            case Var(name):
                return built(str(self.scope.names[name]) if name in self.places else name)
            case Read(port, index):
                return ast.Name(f"{port}[{self._index(port, index)}]")
            case Inside(port, index):
                return ast.Name(f"inside({port}[{self._index(port, index)}])")
            case Call():
                return self._call(expr)
            case If(condition, then, otherwise):
                parts = map(self.tree, (then, condition, otherwise))
                return built("{} if {} else {}", *parts)
            case Sum(names, points, body):
                over = f"{', '.join(names)} over {len(points)} places"
                return ast.Name(f"sum({self._inner(body, names)} for {over})")
            case Total(name, start, stop, body):
                word = "sum" if body == as_condition(body) else "count"
                span = self._span(name, start, stop)
                return ast.Name(f"{word}({self._inner(as_condition(body), (name,))} for {span})")
            case Size(port, axis):
                return built(f"len({port}{'[0]' * axis})")
            case First(name, start, stop, condition, value):
                span = self._span(name, start, stop)
                found, wanted = (self._inner(part, (name,)) for part in (value, condition))
                return ast.Name(f"first({found} for {span} with {wanted})")
            case _:
                assert_never(expr)

    def _inner(self, expr: Expr, names: tuple[str, ...]) -> str:
        """An expression that is meant at many places."""
        return Words(self.scope, self.places - {*names}).text(expr)

    def _span(self, name: str, start: Expr, stop: Expr) -> str:
        first, beyond = self._number(start), self._number(stop)
        if first is None or beyond is None:
            return f"{name} from {self.text(start)} before {self.text(stop)}"
        return f"{name} = {first} to {beyond - 1}" if beyond > first else f"no {name}"

    def _number(self, expr: Expr) -> int | None:
        """The value of an expression of places and sizes alone, None for any other."""
        if not self._is_place(expr):
            return None
        value = evaluate_expr(expr, self.scope)
        return value if isinstance(value, int) else None

    def _is_place(self, expr: Expr) -> bool:
        match expr:
            case Const(value):
                return isinstance(value, int)
            case Var(name):
                return name in self.places
            case Size():
                return True
            case Call("add" | "sub" | "mul" | "mod" | "floordiv" | "max" | "min"):
                return all(map(self._is_place, children(expr)))
            case _:
                return False

    def _index(self, port: str, index: tuple[Expr, ...]) -> str:
        """Numbers where they are known, brought onto a wrapping axis; else expressions."""
        numbers = [self._number(k) for k in index]
        if port in self.scope.ports and None not in numbers:
            found = self.scope.locate(port, tuple(k for k in numbers if k is not None))
            numbers = numbers if found is None else list(found)
        return ", ".join(
            self.text(k) if number is None else str(number)
            for k, number in zip(index, numbers, strict=True)
        )

    def _call(self, expr: Call) -> ast.expr:
        op, args = expr.op, expr.args
        if op in ("add", "sub"):
            tree = self.tree(args[0])
            for minus, term in signed_terms(op, args[1:]):
                tree = built("{} - {}" if minus else "{} + {}", tree, self.tree(term))
            return tree
        trees = [self.tree(arg) for arg in args]
        if op == "prefix" and (stop := self._number(args[1])) is not None:
            trees[1] = built(str(stop))
        row = OPERATIONS[op]
        return built(template(row.words or row.python, len(args)), *trees)
