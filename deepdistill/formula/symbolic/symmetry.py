"""Fewer variables where a law is symmetric: x and y only as x - y, or only as x y / z.

A law that does not change when some variables grow together, x_k -> x_k s^c_k (up to a power of s
outside), is a power product times a function of power products that do not change: dimensional
analysis without the units (Buckingham 1914), read off the gradients of a smooth stand-in. Sums and
differences are tried one pair at a time (Udrescu, Tegmark: AI Feynman, Science Advances 2020).
A proposal is kept where the polynomial in the new variables predicts left-out rows as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations, product
from math import gcd

import numpy as np

from ...ir.expr import Call, Const, Expr
from ...ir.rounding import simplest_number
from .arrays import Floats
from .frame import POOR, Frame, Judged, best_scale, judged, kept, logged
from .surrogate import polynomial
from .terms import product_of

_CENTRAL = 0.7  # share of rows whose gradients are trusted
_FLAT = 0.05  # an eigenvalue above it is no symmetry
_HALF = 0.15  # how far a weight of the answer may be from a multiple of one half
_STEEPEST = 6.0
_STEADY = 1e-3  # of the slopes' variance along a direction, what may be left across it
_BENT = 1e-3  # of the slopes' squares, what at least changes: else the law is a line
_SLIGHT = 0.02
_CLOSE = 1e-7  # of the variance, what a wave's stand-in may leave: networks are off by more
_MOST_VECTORS = 20_000


def frames(x: Floats, y: Floats, names: Sequence[str]) -> list[Frame]:
    """Frames of fewer variables or with a factor, the strongest reduction first; maybe none."""
    plain = Frame.of(x, names)
    signed = _signed(plain, y)
    result: list[Frame] = []
    for ops in (("sub", "add"), ()):
        paired = _paired(signed, y, ops)
        for frame in (_scaled(paired, y), paired):
            if frame is not plain and not any(_alike(frame, other) for other in result):
                result.append(frame)
    return result


def _alike(a: Frame, b: Frame) -> bool:
    return a.exprs == b.exprs and a.factor == b.factor


def _signed(frame: Frame, y: Floats) -> Frame:
    """Variables that the answer changes its sign with become factors."""
    mixed = [k for k in range(frame.x.shape[1]) if (frame.x[:, k] < 0).any()]
    clear = np.abs(y) > 0.05 * np.abs(y).max()
    if not mixed or (y[clear] > 0).all() or (y[clear] < 0).all():
        return frame
    for count in (1, 2, 3):
        for chosen in combinations(mixed, count):
            sign = np.sign(np.prod(frame.x[:, chosen], axis=1)) * np.sign(y)
            if abs(float(sign[clear].mean())) == 1:
                parts = [frame.exprs[k] for k in chosen]
                size = np.asarray(np.prod(frame.x[:, chosen], axis=1))
                return replace(frame, factor=product_of(parts), size=size)
    return frame


def _paired(frame: Frame, y: Floats, ops: Sequence[str]) -> Frame:
    """Without the variables that do not matter; pairs that occur as a sum or so become one.

    Products and quotients are tried too where the stand-in is too poor for its gradients to mean
    anything.
    """
    now = best_scale(frame, y)
    while now is not None:
        others = _smaller(frame, (*ops, "mul", "div") if now.error > POOR else ops)
        waves = _waves(now) if ops and now.error <= POOR else ()
        tried = [one for other in others if kept(now, one := judged(other, now.scale)) and one]
        for other in waves:
            one = judged(other, now.scale)
            if one is not None and (kept(now, one) or one.error < _CLOSE):
                tried.append(one)
        if not tried:
            return frame
        now = min(tried, key=lambda one: one.error)
        frame = now.frame
    return frame


def _smaller(frame: Frame, ops: Sequence[str]) -> Iterator[Frame]:
    """Frames with a variable less: one left out, or two made one."""
    count = frame.x.shape[1]
    for k in range(count):
        rest = [j for j in range(count) if j != k]
        yield replace(frame, exprs=tuple(frame.exprs[j] for j in rest), x=frame.x[:, rest])
    for i, k in combinations(range(count), 2):
        a, b = frame.x[:, i], frame.x[:, k]
        rest = [j for j in range(count) if j not in (i, k)]
        for op in ops:
            with np.errstate(all="ignore"):
                column = {"sub": a - b, "add": a + b, "mul": a * b, "div": a / b}[op]
            if not np.isfinite(column).all() or not np.ptp(column) > 0:
                continue
            yield replace(
                frame,
                exprs=(Call(op, (frame.exprs[i], frame.exprs[k])), *(frame.exprs[j] for j in rest)),
                x=np.column_stack([column, frame.x[:, rest]]),
            )


def _waves(now: Judged) -> Iterator[Frame]:
    """Frames in which two variables occur as one sum alone, with a factor: waves as x - 2 t.

    Slopes by the two are then proportional to one another; of a line they are so without a reason.
    """
    frame, rows = now.frame, now.scale.rows
    if frame.x.shape[1] < 2:
        return
    central = np.argsort(now.fitted.leverage, kind="stable")[: int(_CENTRAL * len(rows))]
    at = now.coordinates[central]
    slopes = now.fitted.gradients(at)
    plain = frame.x[rows][central]
    slopes = np.divide(slopes, plain, out=slopes.copy(), where=at != plain)
    slopes *= now.scale.weights[central, None]
    spread = frame.x.std(axis=0)
    for i, k in combinations(range(frame.x.shape[1]), 2):
        both = slopes[:, [i, k]] * spread[[i, k]]
        gram = both.T @ both
        sizes, ways = np.linalg.eigh(gram)
        bent = float(np.var(both @ ways[:, 1]) * len(both))
        if not sizes[0] <= _STEADY * bent or not bent > _BENT * sizes[1]:
            continue
        first, second = ways[:, 1] / spread[[i, k]]
        if first == 0 or second == 0 or abs(abs(second / first) - 1) < _SLIGHT:
            continue
        exact = float(second / first)
        doubt = abs(exact) * float(np.sqrt(max(float(sizes[0]), 0.0) / bent)) / 10
        rate = simplest_number(exact - doubt, exact + doubt)
        column = frame.x[:, i] + rate * frame.x[:, k]
        rest = [j for j in range(frame.x.shape[1]) if j not in (i, k)]
        moved = Call("add", (frame.exprs[i], Call("mul", (Const(rate), frame.exprs[k]))))
        yield replace(
            frame,
            exprs=(moved, *(frame.exprs[j] for j in rest)),
            x=np.column_stack([column, frame.x[:, rest]]),
        )


def _scaled(frame: Frame, y: Floats) -> Frame:
    """Power products in place of the positive variables, as few as the law permits.

    Fewer variables have a better stand-in, which may show the next symmetry.
    """
    while True:
        scaled = _once_scaled(frame, y)
        if scaled is None:
            return frame
        frame = scaled


def _once_scaled(frame: Frame, y: Floats) -> Frame | None:
    now = best_scale(frame, y)
    positive = [k for k in range(frame.x.shape[1]) if (frame.x[:, k] > 0).all()]
    if now is None or not positive or now.error > POOR:
        return None
    slopes, along = _slopes(now, positive)
    size = np.sqrt((slopes * slopes).mean(axis=0))
    if not (size > 0).all() or not along @ along > 0:
        return None
    outer = along @ slopes / (along @ along)  # the answer's weight for each variable's
    rest = slopes - np.outer(along, outer)
    spread = rest.T @ rest / len(along)
    flat = np.linalg.eigvalsh(spread / np.outer(size, size))
    vectors = _vectors(len(positive))
    share = np.einsum("vi,ij,vj->v", vectors, spread, vectors) / ((vectors * size) ** 2).sum(axis=1)
    length = np.abs(vectors).sum(axis=1)
    for count in range(len(positive), 0, -1):
        if flat[count - 1] > _FLAT:
            continue
        near = np.flatnonzero(share <= max(4 * float(flat[count - 1]), 1e-12))
        order = near[np.lexsort((share[near], length[near]))]
        chosen = _independent(vectors[order], count)
        symmetric = vectors[order][chosen]
        weight = np.round(2 * symmetric @ outer) / 2
        if len(chosen) < count or np.abs(weight - symmetric @ outer).max() > _HALF:
            continue
        other = _reduced(frame, positive, symmetric, weight, vectors)
        if other is not None and kept(now, judged(other, now.scale)):
            return other
    return None


def _slopes(now: Judged, positive: list[int]) -> tuple[Floats, Floats]:
    """By logarithms of variables: slopes of the stand-in, and of what grows with the answer."""
    frame, scale = now.frame, now.scale
    x = logged(frame.x[scale.rows])
    target, weights = scale.aim(frame)
    fitted = polynomial(x, target, weights, rough=now.fitted.rough)
    if fitted is None:
        return np.zeros((1, len(positive))), np.ones(1)
    central = np.argsort(fitted.leverage, kind="stable")[: int(_CENTRAL * len(x))]
    slopes = fitted.gradients(x[central])[:, positive]
    if not scale.logarithmic:
        return slopes, fitted(x[central])
    return slopes * weights[central][:, None], weights[central]


def _reduced(
    frame: Frame, positive: list[int], symmetric: Floats, weight: Floats, vectors: Floats
) -> Frame | None:
    """The frame of the power products that the symmetries leave as they are."""
    count = len(positive)
    powers = _outer_powers(symmetric, weight)
    if powers is None:
        return None
    still = vectors[(np.abs(vectors @ symmetric.T) < 1e-9).all(axis=1)]
    still = np.where((still > 0).sum(axis=1) < (still < 0).sum(axis=1), -still.T, still.T).T
    still = still[np.lexsort((-(still > 0).sum(axis=1), np.abs(still).sum(axis=1)))]
    kept = _independent(still, count - len(symmetric))
    others = [k for k in range(frame.x.shape[1]) if k not in positive]
    if len(kept) < count - len(symmetric) or not (any(powers) or len(kept) < count):
        return None
    logs = np.log(frame.x[:, positive])
    bases = [frame.exprs[k] for k in positive]
    columns = [np.exp(logs @ still[k]) for k in kept]
    exprs = [_power_product(bases, still[k].tolist()) for k in kept]
    factor = frame.factor
    if any(powers):
        outer = _power_product(bases, powers)
        factor = outer if factor is None else Call("mul", (factor, outer))
    return Frame(
        (*exprs, *(frame.exprs[k] for k in others)),
        np.column_stack([*columns, frame.x[:, others]]),
        factor,
        frame.size * np.exp(logs @ np.array(powers)),
    )


def _outer_powers(symmetric: Floats, weight: Floats) -> list[float] | None:
    """Powers a with C a = weight, as few and as small as possible."""
    count, columns = symmetric.shape
    best: tuple[float, list[float]] | None = None
    for chosen in combinations(range(columns), count):
        part = symmetric[:, chosen]
        if abs(np.linalg.det(part)) < 1e-9:
            continue
        solved = np.linalg.solve(part, weight)
        halves = np.round(2 * solved) / 2
        if np.abs(solved - halves).max(initial=0.0) > 1e-6 or np.abs(halves).max() > _STEEPEST:
            continue
        powers = np.zeros(columns)
        powers[list(chosen)] = halves
        price = float(np.abs(powers).sum() + (powers % 1 != 0).sum())
        if best is None or price < best[0] - 1e-9:
            best = price, powers.tolist()
    return None if best is None else best[1]


@lru_cache(maxsize=16)
def _vectors(count: int) -> Floats:
    """Small whole vectors without a common divisor, each up to its sign."""
    largest = 3 if 7**count < _MOST_VECTORS else 2 if 5**count < _MOST_VECTORS else 1
    vectors: list[tuple[int, ...]] = []
    if 3**count <= _MOST_VECTORS:
        for vector in product(range(-largest, largest + 1), repeat=count):
            first = next((value for value in vector if value), 0)
            if first > 0 and gcd(*vector) == 1:
                vectors.append(vector)
    else:
        for i in range(count):
            vectors.append(tuple(int(k == i) for k in range(count)))
            for j in range(i + 1, count):
                for sign in (1, -1):
                    vectors.append(tuple(int(k == i) + sign * int(k == j) for k in range(count)))
    return np.array(vectors, dtype=np.float64)


def _independent(vectors: Floats, most: int) -> list[int]:
    """Places of the first vectors that no earlier ones span."""
    chosen: list[int] = []
    basis = np.empty((0, vectors.shape[1]))
    for k, vector in enumerate(vectors):
        if len(chosen) == most:
            break
        rest = vector - basis.T @ (basis @ vector)
        size = float(np.linalg.norm(rest))
        if size > 1e-6 * float(np.linalg.norm(vector)):
            chosen.append(k)
            basis = np.vstack([basis, rest / size])
    return chosen


def _power_product(bases: Sequence[Expr], powers: Sequence[float]) -> Expr:
    over = [_power(base, power) for base, power in zip(bases, powers, strict=True) if power > 0]
    under = [_power(base, -power) for base, power in zip(bases, powers, strict=True) if power < 0]
    top = product_of(over) if over else Const(1)
    return Call("div", (top, product_of(under))) if under else top


def _power(base: Expr, power: float) -> Expr:
    if power == 1:
        return base
    if power == int(power):
        return Call("pow", (base, Const(int(power))))
    root = Call("sqrt", (base,))
    return root if power == 0.5 else Call("pow", (root, Const(int(2 * power))))
