"""Expressions as a reader writes them, with the numbers of this one input where places are meant.

Unlike the renderer, whose text must run, and :mod:`deepdistill.ir.text`, which leaves nothing to
precedence, this text is only read: an index is the number that it is here, ``cells[2, 3]``.
"""

from __future__ import annotations

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
from ..ir.notation import Infix, Level, written
from ..ir.ops import OPERATIONS
from ..target.precedence import MIXED, Text, joined


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
        return self._text(expr).source

    def _text(self, expr: Expr) -> Text:
        match expr:
            case Const(int() | float() as value):
                return Text(str(value), Level.ATOM if value >= 0 else Level.UNARY)
            case Const(value):
                return Text(str(value))
            case Var(name):
                return Text(str(self.scope.names[name]) if name in self.places else name)
            case Read(port, index):
                return Text(f"{port}[{self._index(port, index)}]")
            case Inside(port, index):
                return Text(f"inside({port}[{self._index(port, index)}])")
            case Call():
                return self._call(expr)
            case If(condition, then, otherwise):
                parts = (self._text(part).at(Level.OR) for part in (then, condition, otherwise))
                return Text("{} if {} else {}".format(*parts), Level.IF)
            case Sum(names, points, body):
                over = f"{', '.join(names)} over {len(points)} places"
                return Text(f"sum({self._inner(body, names)} for {over})")
            case Total(name, start, stop, body):
                word = "sum" if body == as_condition(body) else "count"
                span = self._span(name, start, stop)
                return Text(f"{word}({self._inner(as_condition(body), (name,))} for {span})")
            case Size(port, axis):
                return Text(f"len({port}{'[0]' * axis})")
            case First(name, start, stop, condition, value):
                span = self._span(name, start, stop)
                found, wanted = (self._inner(part, (name,)) for part in (value, condition))
                return Text(f"first({found} for {span} with {wanted})")
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

    def _call(self, expr: Call) -> Text:
        op, args = expr.op, expr.args
        if op in ("add", "sub"):
            return self._added(op, args)
        notation = OPERATIONS[op].words or OPERATIONS[op].python
        parts = [self._text(arg) for arg in args]
        match op, notation:
            case "prefix", _:
                stop = self._number(args[1])
                beyond = parts[1].source if stop is None else str(stop)
                return Text(f"{parts[0].at(Level.ATOM)}[:{beyond}]")
            case _, Infix(_, level) if level not in (Level.COMPARE, Level.UNARY):
                inner = [
                    part.at(Level.ATOM if part.level in MIXED.get(level, ()) else tight)
                    for part, tight in zip(parts, _tightness(op, level, len(args)), strict=True)
                ]
                return Text(written(notation, inner), level)
        return joined(notation, parts)

    def _added(self, op: str, args: tuple[Expr, ...]) -> Text:
        source = self._text(args[0]).at(Level.ADD)
        for arg in args[1:]:
            minus = op == "sub"
            match arg:
                case Const(int() | float() as value) if value < 0:
                    arg, minus = Const(-value), not minus
                case Call("mul", (Const(int() | float() as value), *rest)) if value < 0:
                    arg, minus = Call("mul", (Const(-value), *rest)), not minus
            part = self._text(arg).at(Level.MUL if minus else Level.ADD)
            source += f" {'-' if minus else '+'} {part}"
        return Text(source, Level.ADD)


def _tightness(op: str, level: Level, count: int) -> list[Level]:
    """How tightly each operand has to bind: the later ones of a division more so."""
    if op in ("and", "or", "bitand", "bitor", "bitxor"):
        return [Level(level + 1)] * count
    return [level, *[Level(level + 1)] * (count - 1)]
