"""Formulas on whole columns: NumPy values of IR expressions, with their free constants exposed.

A convention of this room: integer constants belong to the structure of a formula, floats are free
and may be fitted. Fractions and named numbers are calls on integers, so they are structure too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ir.constants import with_constants
from ...ir.expr import Call, Const, Expr, If, Var, children
from ...ir.ops import OPERATIONS

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]
Columns: TypeAlias = Mapping[str, Floats]

_SLOPES: dict[str, Callable[[Any, Any], Any]] = {  # of the argument and the value
    "exp": lambda a, v: v,
    "log": lambda a, v: 1 / a,
    "sqrt": lambda a, v: 0.5 / v,
    "sin": lambda a, v: np.cos(a),
    "cos": lambda a, v: -np.sin(a),
    "tan": lambda a, v: 1 + v * v,
    "tanh": lambda a, v: 1 - v * v,
    "abs": lambda a, v: np.sign(a),
}
_CHAINED = ("add", "sub", "mul", "div", "pow", "max", "min")
_TRUTHS = {
    op
    for op, row in OPERATIONS.items()
    if row.truth and row.columns is not None and not row.arrays and row.arity in (2, None)
}
_NAMED = {op: row.function() for op, row in OPERATIONS.items() if row.arity == 0}


@dataclass(frozen=True, slots=True)
class _Operations:
    """One operation on the values of earlier steps, or a leaf."""

    op: str
    args: tuple[int, ...] = ()
    leaf: str | float | int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Parametric:
    """A formula as a function of columns and of a vector of its free constants."""

    expr: Expr
    start: Floats
    steps: tuple[_Operations, ...]

    def __call__(self, columns: Columns, constants: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.asarray(self.forward(columns, constants)[-1], dtype=np.float64)

    def forward(self, columns: Columns, constants: Floats) -> list[Any]:
        parts: list[Any] = []
        for step in self.steps:
            args = step.args
            match step.op:
                case "constant":
                    parts.append(constants[step.leaf])  # type: ignore[index]
                case "number":
                    parts.append(step.leaf)
                case "column":
                    parts.append(columns[step.leaf])  # type: ignore[index]
                case "square":
                    parts.append(np.square(parts[args[0]]))
                case "if":
                    parts.append(np.where(parts[args[0]] != 0, parts[args[1]], parts[args[2]]))
                case op:
                    meaning = OPERATIONS[op].columns
                    assert meaning is not None, op
                    value = meaning(np, *(parts[arg] for arg in args))
                    parts.append(value.astype(np.float64) if op in _TRUTHS else value)
        return parts

    def guarded(self, columns: Columns) -> Floats:
        """Values with the starting constants, NaN where a part that is needed has none."""
        with np.errstate(all="ignore"):
            parts = self.forward(columns, self.start)
        good: list[Any] = []
        for step, value in zip(self.steps, parts, strict=True):
            finite = np.isfinite(value)
            match step.op, step.args:
                case "if", (condition, then, otherwise):
                    chosen = np.where(parts[condition] != 0, good[then], good[otherwise])
                    good.append(finite & good[condition] & chosen)
                case _, args:
                    for arg in args:
                        finite = finite & good[arg]
                    good.append(finite)
        return np.where(good[-1], np.asarray(parts[-1], dtype=np.float64), np.nan)

    def jacobian(self, columns: Columns, constants: Floats, rows: int) -> tuple[Floats, Floats]:
        """Values (rows,) and derivatives (rows, constants)."""
        with np.errstate(all="ignore"):
            return self.slopes(self.forward(columns, constants), rows)

    def slopes(self, parts: list[Any], rows: int) -> tuple[Floats, Floats]:
        """The same where the value of each step is known, by reverse accumulation.

        Rows are independent and each constant stands in one place, so one pass gives all columns.
        """
        with np.errstate(all="ignore"):
            slopes: list[Any] = [None] * len(parts)
            slopes[-1] = np.ones(rows)
            result = np.empty((rows, len(self.start)))
            for k in range(len(parts) - 1, -1, -1):
                step, slope = self.steps[k], slopes[k]
                if step.op == "constant":
                    result[:, step.leaf] = slope  # type: ignore[index]
                elif step.args:
                    below = [parts[arg] for arg in step.args]
                    for arg, part in zip(
                        step.args, _backward(step.op, below, parts[k], slope), strict=True
                    ):
                        slopes[arg] = part
        return np.broadcast_to(np.asarray(parts[-1], dtype=np.float64), (rows,)), result

    def filled(self, constants: Floats) -> Expr:
        """The formula with these constants."""
        return with_constants(self.expr, iter(constants.tolist()))


def _backward(op: str, args: list[Any], value: Any, slope: Any) -> tuple[Any, ...]:
    """The derivative by each argument, times the slope."""
    match op, args:
        case "add", _:
            return slope, slope
        case "sub", _:
            return slope, -slope
        case "mul", [a, b]:
            return slope * b, slope * a
        case "div", [a, b]:
            return slope / b, -slope * value / b
        case "square", [a]:
            return (2 * slope * a,)
        case "pow", [a, b]:
            return slope * b * np.power(a, b - 1.0), slope * value * np.log(np.abs(a))
        case (("max" | "min"), [a, _]):
            first = value == a
            return np.where(first, slope, 0.0), np.where(first, 0.0, slope)
        case "if", [condition, _, _]:
            return 0.0, np.where(condition != 0, slope, 0.0), np.where(condition != 0, 0.0, slope)
        case _, [_, _] if op in _TRUTHS:
            return 0.0, 0.0
        case _, [a]:
            return (slope * _SLOPES[op](a, value),)
        case _:
            raise KeyError(op)


def parametric(expr: Expr) -> Parametric:
    """Compile a formula made of the operations of this room; ``KeyError`` for others."""
    steps: list[_Operations] = []
    start: list[float] = []
    _compiled(expr, steps, start)
    return Parametric(expr, np.array(start, dtype=np.float64), tuple(steps))


def values(expr: Expr, columns: Columns) -> Floats:
    """The formula's value in each row; NaN or infinite where it is not defined.

    As in a program, a row has no value where a part has none, though in floats 1 / inf is 0.
    """
    function = parametric(expr)
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            last = function.forward(columns, function.start)[-1]
        result = np.asarray(last, dtype=np.float64)
    except FloatingPointError:
        result = function.guarded(columns)
    rows = len(next(iter(columns.values()))) if columns else 1
    return np.broadcast_to(result, (rows,)) if result.ndim == 0 else result


def smallest(keys: NDArray[np.floating[Any]], count: int) -> Places:
    """The places of the smallest keys, those of equal ones in order: as a stable sort has them."""
    if 4 * count > len(keys):
        return np.argsort(keys, kind="stable")[:count]
    last = np.partition(keys, count - 1)[count - 1]
    if np.isnan(last):
        return np.argsort(keys, kind="stable")[:count]
    few = np.flatnonzero(keys <= last)
    return few[np.argsort(keys[few], kind="stable")[:count]]


def significant(numbers: Floats, digits: int) -> Floats:
    """Positive numbers to so many digits: what roundings made different is equal again."""
    with np.errstate(all="ignore"):
        unit = 10.0 ** (digits - 1 - np.floor(np.log10(numbers)))
        rounded = np.round(numbers * unit) / unit
    return np.where(np.isfinite(rounded), rounded, numbers)


def _compiled(expr: Expr, steps: list[_Operations], start: list[float]) -> int:
    """Append the steps of an expression; the place of its value."""
    match expr:
        case Const(float() as value):
            steps.append(_Operations("constant", (), len(start)))
            start.append(value)
        case Const(int() as whole):
            steps.append(_Operations("number", (), float(whole)))
        case Var(name):
            steps.append(_Operations("column", (), name))
        case Call(("pi" | "e") as op, ()):
            steps.append(_Operations("number", (), _NAMED[op]))
        case Call("power", parts):  # whole powers of a finished formula
            return _compiled(Call("pow", parts), steps, start)
        case Call("pow", (base, Const(int() as power))) if power == 2:
            steps.append(_Operations("square", (_compiled(base, steps, start),)))
        case Call(op, (arg,)) if op in _SLOPES:
            steps.append(_Operations(op, (_compiled(arg, steps, start),)))
        case Call(op, (first, *rest)) if op in _CHAINED or op in _TRUTHS:
            left = _compiled(first, steps, start)
            for arg in rest:
                steps.append(_Operations(op, (left, _compiled(arg, steps, start))))
                left = len(steps) - 1
        case If(condition, then, otherwise):
            parts = (condition, then, otherwise)
            steps.append(
                _Operations("if", tuple([_compiled(part, steps, start) for part in parts]))
            )
        case _:
            raise KeyError(f"no formula of numbers: {expr}")
    return len(steps) - 1


def operations(expr: Expr) -> int:
    """How many operations a formula has; a sum of three terms has two."""
    inner = sum(operations(child) for child in children(expr))
    match expr:
        case Call(_, args):
            return inner + max(len(args) - 1, 1 if args else 0)
        case If():
            return inner + 1
        case _:
            return inner


def complexity(expr: Expr) -> int:
    """Operations and leaves."""
    leaf = not children(expr)
    inner = sum(complexity(child) for child in children(expr))
    match expr:
        case Call(_, args) if args:
            return inner + max(len(args) - 1, 1)
        case _:
            return inner + int(leaf or isinstance(expr, If))
