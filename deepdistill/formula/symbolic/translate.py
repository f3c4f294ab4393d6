"""sympy and the IR: read PySR's equations, print and compare formulas."""

from __future__ import annotations

import ast
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
    try:
        tree = ast.parse(text.replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"not an equation: {text!r:.80}") from None
    return _parsed(tree, names)


def _parsed(node: ast.expr, names: Mapping[str, str]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return sympy.Integer(value) if isinstance(value, int) else sympy.Float(value)
        case ast.Name(id=name) if name in names:
            return symbol(name)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_parsed(inner, names)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_parsed(left, names), _parsed(right, names))
        case ast.Call(func=ast.Name(id="square"), args=[inner]):
            return _parsed(inner, names) ** 2
        case ast.Call(func=ast.Name(id=name), args=args) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*[_parsed(arg, names) for arg in args])
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


def from_sympy(found: Any, names: Mapping[str, str]) -> Expr | None:
    """A sympy expression as a formula of ``names[symbol]``; None where it holds anything else."""
    if isinstance(found, sympy.Symbol):
        return Var(names[found.name]) if found.name in names else None
    if found is sympy.pi:
        return Call("pi", ())
    if found is sympy.E:
        return Call("e", ())
    if isinstance(found, sympy.Integer):
        return Const(int(found))
    if isinstance(found, sympy.Rational):
        return Call("div", (Const(int(found.p)), Const(int(found.q))))
    if isinstance(found, sympy.Float):
        return Const(float(found))
    parts = [from_sympy(arg, names) for arg in found.args]
    if not parts or any(part is None for part in parts):
        return None
    args = tuple([part for part in parts if part is not None])
    if isinstance(found, sympy.Add):
        return Call("add", args)
    if isinstance(found, sympy.Mul):
        return Call("mul", args)
    if isinstance(found, sympy.Pow):
        return _power(args[0], args[1])
    if isinstance(found, sympy.Max | sympy.Min):
        return Call("max" if isinstance(found, sympy.Max) else "min", args)
    op = _BACK.get(found.func)
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
