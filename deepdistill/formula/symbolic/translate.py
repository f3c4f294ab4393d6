"""sympy and the IR: read PySR's equations, print and compare formulas."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

import sympy

from ...ir.expr import Call, Const, Expr, Var

_FUNCTIONS = {
    "exp": sympy.exp, "log": sympy.log, "sqrt": sympy.sqrt, "sin": sympy.sin, "cos": sympy.cos,
    "tan": sympy.tan, "tanh": sympy.tanh, "abs": sympy.Abs, "max": sympy.Max, "min": sympy.Min,
}  # fmt: skip
_BACK = {
    sympy.exp: "exp", sympy.log: "log", sympy.sin: "sin", sympy.cos: "cos", sympy.tan: "tan",
    sympy.tanh: "tanh", sympy.Abs: "abs",
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}


def parse(text: str, names: Mapping[str, str]) -> sympy.Expr:
    """An equation as PySR prints it; only the given names are variables, nothing is evaluated.

    Raises ``ValueError`` for anything else. ``E``, ``I`` or ``beta`` are columns like others.
    """
    return _parsed(_tree(text), {name: symbol(name) for name in names}, {})


def parse_template(combine: str, text: str, names: Mapping[str, str]) -> sympy.Expr:
    """The equation that a template's expressions make, as PySR prints them.

    ``f = (#1 * 2.0) + #2; p = [1.5, 2]`` are an expression with its arguments by place and a vector
    of parameters; ``combine`` puts them together: ``sin(f(x0, x1)) + p[1]``. Raises ``ValueError``
    for anything else, derivatives of expressions among it.
    """
    parts: dict[str, Any] = {}
    for part in text.split(";"):
        name, equals, body = (piece.strip() for piece in part.partition("="))
        if not equals or not name.isidentifier() or name in names:
            raise ValueError(f"not an expression of a template: {part!r:.80}")
        if body.startswith("["):
            parts[name] = [_parsed(_tree(one), {}, {}) for one in body.strip("[]").split(",")]
        else:
            parts[name] = _tree(re.sub(r"#(\d+)", r"argument_\1", body))
    return _parsed(_tree(combine), {name: symbol(name) for name in names}, parts)


def _tree(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip().replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"not an equation: {text!r:.80}") from None


def _parsed(node: ast.expr, known: Mapping[str, Any], parts: Mapping[str, Any]) -> Any:
    """``known`` are the values of names, ``parts`` a template's expressions and parameters."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return sympy.Integer(value) if isinstance(value, int) else sympy.Float(value)
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_parsed(inner, known, parts)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_parsed(left, known, parts), _parsed(right, known, parts))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in parts:
            given = {f"argument_{k}": _parsed(arg, known, parts) for k, arg in enumerate(args, 1)}
            body = parts[name]
            if not isinstance(body, ast.expr):
                raise ValueError(f"{name} is no expression of the template")
            return _parsed(body, given, {})
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int() as place)) if (
            isinstance(parts.get(name), list) and 1 <= place <= len(parts[name])
        ):
            return parts[name][place - 1]
        case ast.Call(func=ast.Name(id="square"), args=[inner]):
            return _parsed(inner, known, parts) ** 2
        case ast.Call(func=ast.Name(id=name), args=args) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*[_parsed(arg, known, parts) for arg in args])
        case _:
            raise ValueError(f"not part of an equation: {ast.unparse(node)[:80]}")


def symbol(name: str) -> sympy.Symbol:
    """A real variable of that very name, whatever sympy calls so."""
    return sympy.Symbol(name, real=True)


def to_sympy(expr: Expr) -> Any:
    """The sympy expression of a formula. sympy may cancel: do not go back with it unguarded."""
    match expr:
        case Const(int() as value):
            return sympy.Integer(value)
        case Const(float() as value):
            return sympy.Float(value, 17)
        case Var(name):
            return symbol(name)
        case Call("pi", ()):
            return sympy.pi
        case Call("e", ()):
            return sympy.E
        case Call("add", args):
            return sympy.Add(*map(to_sympy, args))
        case Call("mul", args):
            return sympy.Mul(*map(to_sympy, args))
        case Call("sub", (a, b)):
            return to_sympy(a) - to_sympy(b)
        case Call("div", (a, b)):
            return to_sympy(a) / to_sympy(b)
        case Call(("pow" | "power"), (a, b)):
            return to_sympy(a) ** to_sympy(b)
        case Call(op, args):
            return _FUNCTIONS[op](*map(to_sympy, args))
        case _:
            raise ValueError(f"no formula of numbers: {expr}")


def from_sympy(node: Any, names: Mapping[str, str]) -> Expr | None:
    """A sympy expression as a formula of ``names[symbol]``; None where it holds anything else."""
    if isinstance(node, sympy.Symbol):
        return Var(names[node.name]) if node.name in names else None
    if node is sympy.pi:
        return Call("pi", ())
    if node is sympy.E:
        return Call("e", ())
    if isinstance(node, sympy.Integer):
        return Const(int(node))
    if isinstance(node, sympy.Rational):
        return Call("div", (Const(int(node.p)), Const(int(node.q))))
    if isinstance(node, sympy.Float):
        return Const(float(node))
    parts = [from_sympy(arg, names) for arg in node.args]
    if not parts or any(part is None for part in parts):
        return None
    args = tuple([part for part in parts if part is not None])
    if isinstance(node, sympy.Add):
        return Call("add", args)
    if isinstance(node, sympy.Mul):
        return Call("mul", args)
    if isinstance(node, sympy.Pow):
        return _power(args[0], args[1])
    if isinstance(node, sympy.Max | sympy.Min):
        return Call("max" if isinstance(node, sympy.Max) else "min", args)
    op = _BACK.get(node.func)
    return Call(op, args) if op is not None else None


def _power(base: Expr, exponent: Expr) -> Expr:
    match exponent:
        case Const(int() as whole) if whole < 0:
            return Call("div", (Const(1), _power(base, Const(-whole))))
        case Const(1):
            return base
        case Call("div", (Const(1), Const(2))):
            return Call("sqrt", (base,))
        case Call("div", (Const(-1), Const(2))):
            return Call("div", (Const(1), Call("sqrt", (base,))))
        case _:
            return Call("pow", (base, exponent))


def same(a: Expr, b: Expr) -> bool:
    """Whether sympy can show that two formulas are equal."""
    difference = sympy.simplify(to_sympy(a) - to_sympy(b))
    return bool(difference == 0)
