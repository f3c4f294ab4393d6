"""Formulas as people write them, in Python's arithmetic: read into the IR, nothing is evaluated."""

from __future__ import annotations

import ast
from collections.abc import Callable, Container
from typing import TypeAlias

from .expr import Call, Const, Expr, Var

LONGEST_TEXT = 1000
_DEEPEST = 60
_LARGEST_POWER = 64

_Make: TypeAlias = Callable[..., Expr]


def _of_one(op: str) -> tuple[int, _Make]:
    return 1, lambda a: Call(op, (a,))


def _square(a: Expr) -> Expr:
    return Call("power", (a, Const(2)))


def _length(a: Expr, b: Expr) -> Expr:
    return Call("sqrt", (Call("add", (_square(a), _square(b))),))


_ONE = ("sin", "cos", "tan", "tanh", "exp", "log", "sqrt", "abs")
_FUNCTIONS: dict[str, tuple[int, _Make]] = {
    **{op: _of_one(op) for op in _ONE},
    "square": (1, _square),
    "hypot": (2, _length),
    "max": (2, lambda a, b: Call("max", (a, b))),
    "min": (2, lambda a, b: Call("min", (a, b))),
}
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
}
_NAMED = ("pi", "e")

WORDS = tuple(sorted(_FUNCTIONS))
"""The functions that a text may call."""


def parse_infix(text: str, names: Container[str]) -> tuple[Expr, tuple[str, ...]]:
    """The expression of a text such as ``"hypot(dx, dy) / 2"``, and the variables in it, in order.

    Variables are ``names`` alone. Raises ``ValueError`` with a sentence for anything else: the
    text is never run.
    """
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
        raise ValueError(f"{text!r:.60} is no formula: write one in at most {LONGEST_TEXT} letters")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{text!r:.60} is no formula of Python's arithmetic") from None
    used: dict[str, None] = {}
    return _read(tree, names, used, 0), tuple(used)


def _read(node: ast.expr, names: Container[str], used: dict[str, None], depth: int) -> Expr:
    def inner(part: ast.expr) -> Expr:
        return _read(part, names, used, depth + 1)

    if depth > _DEEPEST:
        raise ValueError("the formula is nested too deeply")
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            if not abs(value) < 1e300:
                raise ValueError(f"{value!r:.40} is too large a number")
            return Const(value)
        case ast.Name(id=name) if name in names:
            used[name] = None
            return Var(name)
        case ast.Name(id=name) if name in _NAMED:
            return Call(name, ())
        case ast.Name(id=name):
            raise ValueError(f"there is no column {name!r:.40}")
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return inner(operand)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            term = inner(operand)
            match term:
                case Const(int() | float() as value):
                    return Const(-value)
                case _:
                    return Call("mul", (Const(-1), term))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _raised(inner(left), inner(right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return Call(_OPERATORS[type(op)], (inner(left), inner(right)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            count, make = _FUNCTIONS[name]
            if len(args) != count or any(isinstance(arg, ast.Starred) for arg in args):
                several = "one number" if count == 1 else f"{count} numbers"
                raise ValueError(f"{name} takes {several}")
            return make(*map(inner, args))
        case ast.Call(func=ast.Name(id=name)):
            raise ValueError(f"there is no function {name!r:.40}: use {', '.join(WORDS)}")
        case _:
            raise ValueError(f"{ast.unparse(node)!r:.60} is no arithmetic of columns")


def _raised(base: Expr, exponent: Expr) -> Expr:
    match exponent:
        case Const(int() as whole) if 0 < whole <= _LARGEST_POWER:
            return Call("power", (base, exponent))
        case Const(int() as whole) if -_LARGEST_POWER <= whole < 0:
            return Call("div", (Const(1), _raised(base, Const(-whole))))
        case _:
            return Call("pow", (base, exponent))
