"""Searches on y, 1/y, log y, the square and the root of y: a law is often simple in one of them.

Where y looks proportional to powers of some variables, the same is tried after division by them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..ir.expr import Call, Const, Expr, Var
from .arrays import Floats

Places: TypeAlias = NDArray[np.int64]

_NEAR = 0.3  # a slope may be that far from a whole number at most
_SLIGHT = 0.01
_STEEPEST = 3
_FAINT = 1e-2  # where some answers are negative, logarithms are taken of those above this share
_MOSTLY = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A transformed target on some of the rows, and the way back for formulas."""

    name: str
    values: Floats
    rows: Places
    back: Callable[[Expr], Expr]


def targets(x: Floats, y: Floats, names: Sequence[str]) -> list[Target]:
    """The transforms that are defined; those of y without its proportional factors come first."""
    found = separated(x, y, names)
    if found is None:
        return _transforms(y, "y", lambda expr: expr)
    factor, size = found
    with np.errstate(all="ignore"):
        quotient = y / size
    if not np.isfinite(quotient).all():
        return _transforms(y, "y", lambda expr: expr)
    inner = _transforms(quotient, "y/...", lambda expr: Call("mul", (expr, factor)))
    return [*inner, *_transforms(y, "y", lambda expr: expr)]


def _transforms(y: Floats, name: str, back: Callable[[Expr], Expr]) -> list[Target]:
    every = np.arange(len(y))
    result = [Target(name, y, every, back)]
    size = np.abs(y)
    largest = float(size.max())
    sign = 1 if np.sum(y > 0) >= np.sum(y < 0) else -1
    if (sign * y > 1e-250 * largest).all():
        rows = every
    else:
        rows = np.flatnonzero(sign * y > _FAINT * largest)
    if len(rows) > _MOSTLY * len(y):
        result.append(Target(f"log {name}", np.log(size[rows]), rows, _then(back, sign, "exp")))
    rows = every if size.min() > 1e-6 * largest else np.flatnonzero(size > _FAINT * largest)
    if len(rows) > _MOSTLY * len(y):
        result.append(
            Target(f"1/{name}", 1 / y[rows], rows, lambda e: back(Call("div", (Const(1), e))))
        )
    if (sign * y >= 0).mean() > 0.95:
        rows = np.flatnonzero(sign * y >= 0)
        result.append(Target(f"{name}^2", y * y, every, _then(back, sign, "sqrt")))
        if size.min() > 1e-3 * largest:
            result.append(Target(f"1/{name}^2", 1 / (y * y), every, _then(back, sign, "rsqrt")))
        squared = _then(back, sign, "square")
        result.append(Target(f"sqrt {name}", np.sqrt(size[rows]), rows, squared))
    return result


def _then(back: Callable[[Expr], Expr], sign: int, op: str) -> Callable[[Expr], Expr]:
    def outer(expr: Expr) -> Expr:
        match op:
            case "square":
                found = Call("pow", (expr, Const(2)))
            case "rsqrt":
                found = Call("div", (Const(1), Call("sqrt", (expr,))))
            case _:
                found = Call(op, (expr,))
        return back(found if sign > 0 else Call("mul", (Const(-1), found)))

    return outer


def separated(x: Floats, y: Floats, names: Sequence[str]) -> tuple[Expr, Floats] | None:
    """A product of whole powers of positive variables that y looks proportional to.

    Read off a regression of log|y| on logarithms, their squares and products: the slope of a
    proportional variable is whole, and it has no part in the rest. A guess, which the search with
    and without it settles.
    """
    usable = [k for k in range(len(names)) if (x[:, k] > 0).all()]
    rows = np.flatnonzero(np.abs(y) > 1e-3 * np.abs(y).max())
    if not usable or len(rows) < 4 * (len(usable) + 2) ** 2 / 2:
        return None
    logs = np.log(x[rows][:, usable])
    spread = logs.std(axis=0)
    if not (spread > 0).all():
        return None
    logs = (logs - logs.mean(axis=0)) / spread
    count = len(usable)
    crossed = [logs[:, i] * logs[:, k] for i in range(count) for k in range(i, count)]
    design = np.stack([*logs.T, *crossed, np.ones(len(rows))], axis=1)
    logged = np.log(np.abs(y[rows]))
    inverse = np.linalg.pinv(design)
    solution = inverse @ logged
    left = logged - design @ solution
    sigma = float(np.sqrt(left @ left / (len(rows) - design.shape[1])))
    errors = 3 * sigma * np.linalg.norm(inverse, axis=1) + _SLIGHT
    slopes, doubts = solution[:count] / spread, errors[:count] / spread
    pairs = [(i, k) for i in range(count) for k in range(i, count)]
    bent = {
        j
        for pair, value, error in zip(pairs, solution[count:-1], errors[count:-1], strict=True)
        if abs(value) > error
        for j in pair
    }
    factors: list[Expr] = []
    size = np.ones(len(y))
    for j, (k, slope) in enumerate(zip(usable, slopes.tolist(), strict=True)):
        power = round(slope)
        if j in bent:
            continue
        if power == 0 or abs(power) > _STEEPEST or abs(slope - power) > min(_NEAR, doubts[j]):
            continue
        var: Expr = Var(names[k])
        base = var if abs(power) == 1 else Call("pow", (var, Const(abs(power))))
        factors.append(base if power > 0 else Call("div", (Const(1), base)))
        size = size * x[:, k] ** power
    if not factors or len(factors) == len(names):
        return None
    return (factors[0] if len(factors) == 1 else Call("mul", tuple(factors))), size
