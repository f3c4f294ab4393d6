"""Searches on y and its reciprocal, logarithm, power, square and root: often one of them is simple.

Where the law has symmetries, the same is tried in fewer variables (:mod:`.symmetry`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...ir.expr import Call, Const, Expr, Var
from ...ir.rounding import simplest_number
from .arrays import Floats
from .frame import POOR, Frame, Places, best_scale
from .symmetry import frames
from .terms import product_of

_NEAR = 0.3  # a slope may be that far from a whole number at most
_SLIGHT = 0.01
_STEEPEST = 3
_FAINT = 1e-2  # where some answers are negative, logarithms are taken of those above this share
_MOSTLY = 0.6
_DOUBTFUL = 0.05  # noise up to that share of the spread does no harm
_LARGEST_POWER = 20.0
_BENDS = 0.3  # over a smaller range an exponential is a line
_BEYOND = 0.02  # of the answers' range, where they may level off
_LEAST = 1e-6
_MOST_EXPONENTS = 3  # variables of which each may be an exponent
_SMALL = 0.05  # of its largest value: a root by less tells noise
_CLEAR = 0.4  # share of the rows that stays whatever the noise


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A transformed target on some of the rows, its variables, and the way back for formulas.

    ``x`` is (rows chosen, variables), ``values`` (rows chosen,). ``weights`` say how far each of
    these can be trusted; ``clear`` are the places of those that noise hardly touches.
    """

    name: str
    x: Floats
    names: tuple[str, ...]
    values: Floats
    rows: Places
    back: Callable[[Expr], Expr]
    weights: Floats
    clear: Places


def targets(frames: Sequence[Frame], y: Floats) -> list[Target]:
    """The transforms that are defined, of each frame in turn."""
    best = best_scale(frames[0], y)
    doubt = 0.0  # of one answer, as far as the stand-in tells
    if best is not None and best.error < POOR and not best.scale.logarithmic:
        doubt = float(np.sqrt(best.error * best.scale.spread()))
    few = [frame for frame in frames if 1 < len(frame.names) <= _MOST_EXPONENTS]
    plain = [one for frame in frames for one in transforms(frame, y, doubt)]
    return [*plain, *(one for frame in few for one in transforms(frame, y, doubt, roots=True))]


def views(x: Floats, y: Floats, names: Sequence[str]) -> list[Frame]:
    """Frames of fewer variables or with a factor, as far as there are any, and the columns."""
    return [*(frames(x, y, names) or separated(x, y, names)), Frame.of(x, names)]


def transforms(frame: Frame, y: Floats, doubt: float, roots: bool = False) -> list[Target]:
    """Transforms of the answer without its factor, on the rows where noise drowns the least.

    ``doubt`` is the standard error of an answer, 0 for none. With ``roots`` they are the answer's
    roots by each of the variables, alone.
    """
    with np.errstate(all="ignore"):
        rest = y / frame.size
    name = "y" if frame.factor is None else "y/..."
    if not np.isfinite(rest).all():
        rest = np.where(np.isfinite(rest), rest, 0.0)
    size = np.abs(rest)
    largest = float(size.max())
    sign = 1 if np.sum(rest > 0) >= np.sum(rest < 0) else -1
    every = np.arange(len(y))
    positive = np.flatnonzero(sign * rest > 1e-250 * largest)
    if len(positive) < len(y):
        positive = np.flatnonzero(sign * rest > _FAINT * largest)
    away = every if size.min() > 1e-6 * largest else np.flatnonzero(size > _FAINT * largest)
    back: Callable[[Expr], Expr] = frame.back
    result = []

    def offer(name: str, values: Floats, slope: Floats, rows: Places, outer: str) -> None:
        values = values[rows]
        noise = np.nan_to_num(doubt * np.abs(slope[rows] / frame.size[rows]), posinf=1e150)
        usual = _DOUBTFUL * float(np.std(values))
        clear = noise <= max(usual, float(np.quantile(noise, _CLEAR)))
        least = max(float(np.quantile(noise, _CLEAR)), 1e-3 * usual)
        result.append(
            Target(
                name,
                frame.x[rows],
                frame.names,
                values,
                rows,
                back if outer == "" else _then(back, sign, outer),
                1 / np.hypot(1.0, noise / least) if doubt > 0 else np.ones(len(rows)),
                np.flatnonzero(clear),
            )
        )

    def usable() -> list[Target]:
        return [one for one in result if len(one.clear) > 2 and np.isfinite(one.values).all()]

    with np.errstate(all="ignore"):
        if roots:
            for variable, column in zip(frame.names, frame.x.T, strict=True):
                rows = positive[np.abs(column[positive]) > _SMALL * np.abs(column).max()]
                if sign > 0 and len(rows) > _MOSTLY * len(y):
                    root = size ** (1 / column)
                    back = _raised(frame.back, variable)
                    offer(f"{name}^(1/{variable})", root, root / column / rest, rows, "")
            return usable()
        offer(name, rest, np.ones(len(y)), every, "")
        if len(positive) > _MOSTLY * len(y):
            offer(f"log {name}", np.log(size), 1 / rest, positive, "exp")
        if len(away) > _MOSTLY * len(y):
            offer(f"1/{name}", 1 / rest, 1 / rest**2, away, "inverse")
        if (sign * rest >= 0).mean() > 0.95:
            offer(f"{name}^2", rest * rest, 2 * rest, every, "sqrt")
            if size.min() > 1e-3 * largest:
                offer(f"1/{name}^2", 1 / rest**2, 2 / rest**3, every, "rsqrt")
            root = np.sqrt(size)
            offer(f"sqrt {name}", root, 1 / root, np.flatnonzero(sign * rest >= 0), "square")
            if size.min() > 1e-3 * largest:
                offer(f"1/sqrt {name}", 1 / root, 0.5 / root**3, every, "inverse square")
        few = frame.x.shape[1] == 1  # there it is quickly tried
        if largest < _LARGEST_POWER and np.ptp(rest) > (_BENDS if few else 1):
            offer(f"exp {name}", np.exp(rest), np.exp(rest), every, "log")
            if few:
                offer(f"1/exp {name}", np.exp(-rest), np.exp(-rest), every, "minus log")
        if (middle_height := _saturated(rest)) is not None:
            middle, height = middle_height
            share = (rest - middle) / height
            back = _tanh(frame.back, middle, height)
            offer(f"atanh {name}", np.arctanh(share), 1 / height / (1 - share**2), every, "")
    return usable()


def _saturated(rest: Floats) -> tuple[float, float] | None:
    """The middle and the height of a hyperbolic tangent of both signs that may be behind answers.

    Simple numbers just outside the answers: polishing moves them.
    """
    low, high = float(rest.min()), float(rest.max())
    span = high - low
    if not low < 0 < high or not span < 1e150:
        return None
    slight = _BEYOND * span
    middle = simplest_number((low + high) / 2 - slight, (low + high) / 2 + slight)
    half = max(high - middle, middle - low)
    return middle, simplest_number(half * (1 + _LEAST), half + 2 * slight)


def _tanh(back: Callable[[Expr], Expr], middle: float, height: float) -> Callable[[Expr], Expr]:
    def outer(expr: Expr) -> Expr:
        curve: Expr = Call("tanh", (expr,))
        if height != 1:
            curve = Call("mul", (Const(height), curve))
        return back(Call("add", (Const(middle), curve)) if middle else curve)

    return outer


def _raised(back: Callable[[Expr], Expr], exponent: str) -> Callable[[Expr], Expr]:
    """Formulas for what is raised to a variable, as capital grows by a rate."""

    def outer(expr: Expr) -> Expr:
        return back(Call("exp", (Call("mul", (Var(exponent), Call("log", (expr,)))),)))

    return outer


def _then(back: Callable[[Expr], Expr], sign: int, op: str) -> Callable[[Expr], Expr]:
    def outer(expr: Expr) -> Expr:
        match op:
            case "inverse":
                return back(Call("div", (Const(1), expr)))
            case "log":
                return back(Call("log", (expr,)))
            case "minus log":
                return back(Call("mul", (Const(-1), Call("log", (expr,)))))
            case "inverse square":
                inverted = Call("div", (Const(1), Call("pow", (expr, Const(2)))))
            case "square":
                inverted = Call("pow", (expr, Const(2)))
            case "rsqrt":
                inverted = Call("div", (Const(1), Call("sqrt", (expr,))))
            case _:
                inverted = Call(op, (expr,))
        return back(inverted if sign > 0 else Call("mul", (Const(-1), inverted)))

    return outer


def separated(x: Floats, y: Floats, names: Sequence[str]) -> list[Frame]:
    """A product of whole powers of positive variables that y looks proportional to.

    Read off a regression of log|y| on logarithms, their squares and products: the slope of a
    proportional variable is whole, and it has no part in the rest. A guess, which the search with
    and without it settles.
    """
    whole = Frame.of(x, names)
    usable = [k for k in range(len(names)) if (x[:, k] > 0).all()]
    rows = np.flatnonzero(np.abs(y) > 1e-3 * np.abs(y).max())
    if not usable or len(rows) < 4 * (len(usable) + 2) ** 2 / 2:
        return []
    logs = np.log(x[rows][:, usable])
    spread = logs.std(axis=0)
    if not (spread > 0).all():
        return []
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
    gone: list[int] = []
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
        gone.append(k)
    if not factors or len(factors) == len(names):
        return []
    with np.errstate(all="ignore"):
        if not np.isfinite(y / size).all():
            return []
    factor = product_of(factors)
    rest = [k for k in range(len(names)) if k not in gone]
    exprs = tuple(whole.exprs[k] for k in rest)
    return [Frame(exprs, x[:, rest], factor, size)]
