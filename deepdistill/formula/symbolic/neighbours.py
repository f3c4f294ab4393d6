"""Formulas one step away: parts left out or made one, functions taken off, constants let in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...ir.expr import Call, Const, Expr, Var, rebuild
from .angles import one_angle
from .arrays import Columns, values

_SMALL = 1e-3  # where a constant that is let in starts from
_BENT = ("exp", "sin", "cos", "tan", "tanh", "log", "sqrt")


def smaller(expr: Expr, columns: Columns) -> Iterator[Expr]:
    """Formulas with a part left out, or with two parts made one."""
    for path, node in paths(expr):
        for other in _less(node, columns):
            yield at(expr, path, other)


def larger(expr: Expr, names: tuple[str, ...]) -> Iterator[Expr]:
    """Formulas with a new free constant, power or variable."""
    for path, node in paths(expr):
        for other in _more(node, names, path == ()):
            yield at(expr, path, other)


def freed(expr: Expr) -> Expr:
    """The formula with factors of 1 or -1 inside its functions as constants that can be fitted.

    Features have only some rates: ``exp(x - t)`` stands for what grows and falls alike fast.
    """
    match expr:
        case Call(op, (inner,)) if op in _BENT:
            return Call(op, (_freed_sum(inner),))
        case Call(_, args):
            return rebuild(expr, tuple(map(freed, args)))
        case _:
            return expr


def _freed_sum(expr: Expr) -> Expr:
    """An argument of a function: each of its terms times a constant, the first one too."""
    match expr:
        case Call("add", args):
            return rebuild(expr, tuple(map(_freed_sum, args)))
        case Call("sub", args):
            return rebuild(expr, tuple(map(_freed_sum, args)))
        case Call("mul", (Const(float()), *_)) | Const():
            return expr
        case Call("mul", (Const(int() as sign), *rest)):
            return Call("mul", (Const(sign * (1 + _SMALL)), *map(freed, rest)))
        case _:
            return Call("mul", (Const(1 + _SMALL), freed(expr)))


def paths(expr: Expr, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Expr]]:
    """Every node with the way to it, the outermost first."""
    yield path, expr
    match expr:
        case Call(_, args):
            for k, arg in enumerate(args):
                yield from paths(arg, (*path, k))


def at(expr: Expr, path: tuple[int, ...], other: Expr) -> Expr:
    """The formula with the node at a path replaced."""
    if not path:
        return other
    match expr:
        case Call(_, args):
            k, *rest = path
            return rebuild(expr, (*args[:k], at(args[k], tuple(rest), other), *args[k + 1 :]))
        case _:
            raise KeyError(path)


def _less(node: Expr, columns: Columns) -> Iterator[Expr]:
    match node:
        case Call(("add" | "mul") as op, args):
            if op == "add":
                yield from one_angle(args)
            for k in range(len(args)):
                rest = (*args[:k], *args[k + 1 :])
                yield rest[0] if len(rest) == 1 else Call(op, rest)
        case Call("div", (a, b)):
            yield a
            yield Call("div", (Const(1.0), b))
        case Call("pow", (a, Const(int() as power))):
            yield a
            if abs(power) > 2:
                yield Call("pow", (a, Const(power - 1)))
        case Call(_, (a, *_)):
            yield a
    if isinstance(node, Call) and node.args:
        column = values(node, columns)
        middle = float(np.median(column)) if np.isfinite(column).all() else 1.0
        yield Const(middle)


def _more(node: Expr, names: tuple[str, ...], root: bool) -> Iterator[Expr]:
    match node:
        case Var():
            yield Call("add", (node, Const(_SMALL)))
            yield Call("pow", (node, Const(2)))
            yield Call("pow", (node, Const(1.1)))
        case Call("pow", (base, Const(int() as power))) if power > 1:
            yield Call("pow", (base, Const(power + 1)))
            yield Call("add", (node, Const(_SMALL)))
        case Call("exp" | "sin" | "cos" | "log" | "sqrt" | "abs" | "mul" | "div"):
            yield Call("add", (node, Const(_SMALL)))
        case Call("add"):
            yield Call("add", (node, Const(_SMALL)))
        case _:
            return
    if isinstance(node, Call):
        for name in names:
            yield Call("mul", (node, Var(name)))
            yield Call("div", (node, Var(name)))
            if root or node.op in ("add", "exp", "sqrt"):
                yield Call("add", (node, Call("mul", (Const(_SMALL), Var(name)))))
