"""Expressions as a reader writes them, with the numbers of this one input where places are meant.

Unlike the renderer, whose text must run, and :mod:`deepdistill.ir.text`, which leaves nothing to
precedence, this text is only read: an index is the number that it is here, ``cells[2, 3]``.
"""

from __future__ import annotations

import ast
from collections.abc import Set

from ..ir.evaluate import Scope, evaluate_expr
from ..ir.expr import (
    Call,
    Const,
    Expr,
    First,
    Inside,
    Read,
    Size,
    Sum,
    Total,
    Var,
    children,
    is_truth,
)
from ..ir.program import Program
from ..ir.types import Integers, Port
from ..target.python import built
from ..target.words import Words


def as_condition(body: Expr) -> Expr:
    """The condition that a number 0 or 1 stands for, as where truths are counted; else itself."""
    match body:
        case Call("int", (inner,)) if is_truth(inner):
            return inner
        case _:
            return body


class CaseWords(Words):
    """Words for one case; ``standing`` are the variables that stand for an index here."""

    def __init__(self, scope: Scope, standing: Set[str]) -> None:
        output = Port("answer", (), Integers(0, 1))
        super().__init__(Program("explained", tuple(scope.ports.values()), output, ()))
        self.case = scope
        self.standing = standing

    def is_bit(self, expr: Expr) -> bool:
        return False  # a comparison with 0 is told as one

    def counts(self, total: Total) -> bool:
        return False  # how many there are is told, too

    def operand(self, arg: Expr, truth: bool) -> ast.expr:
        return self.tree(arg, truth)

    def tree(self, expr: Expr, truth: bool = False) -> ast.expr:
        match expr:
            case Var(name) if name in self.standing:
                return built(str(self.case.names[name]))
            case Read(port, index):
                return ast.Name(f"{port}[{self._index(port, index)}]")
            case Inside(port, index):
                return ast.Name(f"inside({port}[{self._index(port, index)}])")
            case Call("prefix", (array, stop)) if (number := self._number(stop)) is not None:
                return super().tree(Call("prefix", (array, Const(number))))
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
                answer, wanted = (self._inner(part, (name,)) for part in (value, condition))
                return ast.Name(f"first({answer} for {span} with {wanted})")
            case _:
                return super().tree(expr, truth)

    def _inner(self, expr: Expr, names: tuple[str, ...]) -> str:
        """An expression that is meant at many places."""
        outer, self.standing = self.standing, self.standing - {*names}
        text = self.source(expr)
        self.standing = outer
        return text

    def _span(self, name: str, start: Expr, stop: Expr) -> str:
        first, beyond = self._number(start), self._number(stop)
        if first is None or beyond is None:
            return f"{name} from {self.source(start)} before {self.source(stop)}"
        return f"{name} = {first} to {beyond - 1}" if beyond > first else f"no {name}"

    def _number(self, expr: Expr) -> int | None:
        """The value of an expression of places and sizes alone, None for any other."""
        if not self._is_place(expr):
            return None
        value = evaluate_expr(expr, self.case)
        return value if isinstance(value, int) else None

    def _is_place(self, expr: Expr) -> bool:
        match expr:
            case Const(value):
                return isinstance(value, int)
            case Var(name):
                return name in self.standing
            case Size():
                return True
            case Call("add" | "sub" | "mul" | "mod" | "floordiv" | "max" | "min"):
                return all(map(self._is_place, children(expr)))
            case _:
                return False

    def _index(self, port: str, index: tuple[Expr, ...]) -> str:
        """Numbers where they are known, brought onto a wrapping axis; else expressions."""
        numbers = [self._number(k) for k in index]
        if port in self.case.ports and None not in numbers:
            place = self.case.locate(port, tuple(k for k in numbers if k is not None))
            numbers = numbers if place is None else list(place)
        return ", ".join(
            self.source(k) if number is None else str(number)
            for k, number in zip(index, numbers, strict=True)
        )
